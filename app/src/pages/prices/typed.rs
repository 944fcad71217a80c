//! What the form for a price begins with: what was typed before it was refused or previewed, else the version that it
//! changes.

use domain::{
    catalog::{Abilities, picture_kinds},
    price::{ModelPrice, PriceVersion},
    time::{Micros, Timestamp},
};
use serde::{Deserialize, Serialize};

use super::actions::PublishPrice;
use crate::{flash, form, islands::price::fields::PriceFields};

/// The name under which a previewed form goes to its page.
pub const PREVIEW: &str = "price";
/// The name of the field that says whose price it is.
pub const MODEL: &str = "model";

/// What the form says about a version beside its numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// `true` is a yes to selling below cost.
    pub below_cost_ok: String,
    /// From when, in UTC; empty for now.
    pub from: String,
    /// Why.
    pub reason: String,
    /// Where the numbers come from.
    pub source: String,
}

/// Everything that was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// Whose price: what was typed for one model is never shown on the page of another.
    pub model: String,
    /// Costs, prices, margin, tiers.
    pub fields: PriceFields,
    /// From when, as the browser writes it.
    pub from: String,
    /// Why.
    pub reason: String,
    /// Where the numbers come from.
    pub source: String,
    /// The newest version that the form was drawn from; empty for none.
    pub base: String,
    /// Yes to selling below cost.
    pub confirmed: bool,
    /// What it comes to was shown already, or is shown now.
    #[serde(skip)]
    pub seen: bool,
    /// It was sent to be looked at, and nothing was published.
    #[serde(skip)]
    pub preview: bool,
}

impl Typed {
    /// What the form of this page shows.
    pub fn current(entry: &ModelPrice) -> Self {
        let ours = entry.model.id.to_string();
        let preview = flash::once(PREVIEW).and_then(|json| serde_json::from_str::<Self>(&json).ok());
        if let Some(typed) = preview.filter(|typed| typed.model == ours) {
            return Self {
                seen: true,
                preview: true,
                ..typed
            };
        }
        if let Some(problem) = flash::take().problem.filter(|problem| {
            problem.action == form::action::<PublishPrice>() && problem.typed.get(MODEL) == Some(&ours)
        }) {
            let mut typed = problem.typed;
            let mut take = |name: &str| typed.remove(name).unwrap_or_default();
            let (from, reason, source, confirmed) = (
                take("from"),
                take("reason"),
                take("source"),
                take("below_cost_ok") == "true",
            );
            let fields = typed.into_iter().filter_map(|(name, text)| {
                let name = name.strip_prefix("fields[")?.strip_suffix(']')?;
                Some((name.to_owned(), text))
            });
            return Self {
                model: ours,
                fields: PriceFields::from_texts(fields.collect()),
                from,
                reason,
                source,
                // Who is told that there is a newer version goes on from that one.
                base: newest(entry),
                confirmed,
                // A refused form is shown with what it comes to.
                seen: true,
                preview: false,
            };
        }
        let drawn_from = drawn_from(entry);
        let fields = drawn_from.map_or_else(PriceFields::empty, |version| PriceFields::of(&version.sheet));
        let (kind, slug) = (entry.model.kind, entry.model.slug.as_str());
        Self {
            fields: match Abilities::of(kind, slug).draws() {
                true => fields.offering(picture_kinds(slug)),
                false => fields,
            },
            source: drawn_from.map(|version| version.source.clone()).unwrap_or_default(),
            model: ours,
            base: newest(entry),
            ..Self::default()
        }
    }
}

fn newest(entry: &ModelPrice) -> String {
    entry.newest.map(|id| id.to_string()).unwrap_or_default()
}

/// The end of the moments within which a version that was published just now takes effect.
pub fn soon() -> Option<Timestamp> {
    let gateway = crate::context::gateway().ok()?;
    Some(gateway.now().plus(Micros::from_seconds(10)))
}

/// The version whose numbers the form begins with: the one in force, unless another takes its place within moments.
fn drawn_from(entry: &ModelPrice) -> Option<&PriceVersion> {
    let soon = soon()?;
    let next = entry.next.as_ref();
    next.filter(|next| next.effective_from <= soon || entry.current.is_none())
        .or(entry.current.as_ref())
}
