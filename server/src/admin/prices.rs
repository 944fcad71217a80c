//! `/api/admin/prices` and `/api/admin/models/{id}/price`: what calls cost and are sold for. What a version holds stands in
//! `prices/sheet.rs`. Versions are immutable: a change is another version, upon the one that whoever asks has seen.

pub mod effect;
mod sheet;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use domain::{
    access::{Money, MoneyReader},
    id::{ModelId, PriceId},
    price::{
        Base, DamagedPrice, Dimension, ModelPrice, PriceDraft, PriceFilter, PriceRefusal, PriceState, PriceVersion,
    },
    refusal::{Refusal, Thing},
};
use gateway::PricesOf;
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::sheet::{NewPrice, SheetEntry};
use super::{ActorEntry, AdminError, Asked, At, By, Given, Listed, Moment, cursor, operation, words};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

const MISSING: Refusal = Refusal::NotFound { what: Thing::Model };

/// A published version.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "PriceVersion")]
pub struct VersionEntry {
    #[schemars(with = "String")]
    id: PriceId,
    #[schemars(with = "String")]
    model_id: ModelId,
    /// The model's name when it was published.
    model: String,
    /// From when it is in force.
    effective_from: Moment,
    created_at: Moment,
    /// Null: the version is damaged.
    by: Option<ActorEntry>,
    reason: String,
    /// Where the numbers come from.
    source: String,
    /// Null: the version is damaged.
    prices: Option<SheetEntry>,
    /// It is not as the hub has published it, and no price: somebody has changed it in the database.
    damaged: bool,
}

impl From<PriceVersion> for VersionEntry {
    fn from(version: PriceVersion) -> Self {
        Self {
            id: version.id,
            model_id: version.model_id,
            model: version.model,
            effective_from: version.effective_from.into(),
            created_at: version.created_at.into(),
            by: Some(version.actor.into()),
            reason: version.reason,
            source: version.source,
            prices: Some(SheetEntry::of(&version.sheet)),
            damaged: false,
        }
    }
}

impl From<DamagedPrice> for VersionEntry {
    fn from(damaged: DamagedPrice) -> Self {
        Self {
            id: damaged.id,
            model_id: damaged.model_id,
            model: damaged.model,
            effective_from: damaged.effective_from.into(),
            created_at: damaged.created_at.into(),
            by: None,
            reason: String::new(),
            source: String::new(),
            prices: None,
            damaged: true,
        }
    }
}

/// A model with what it costs now and next.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ModelPrice")]
pub struct PriceEntry {
    #[schemars(with = "String")]
    model_id: ModelId,
    model: String,
    /// In force now; null: it is unpriced, which is not free.
    current: Option<VersionEntry>,
    /// What should be in force is this version, which is damaged: the model has no price until another one is published.
    #[schemars(with = "Option<String>")]
    damaged: Option<PriceId>,
    /// What takes effect next.
    next: Option<VersionEntry>,
    /// The newest version of all: send it as `If-Match` with the version that is to follow it.
    #[schemars(with = "Option<String>")]
    newest: Option<PriceId>,
    /// Some of it is sold for less than it costs.
    below_cost: bool,
    /// What every call of it uses and has no price, as `output`: where credit is needed such calls are refused. Empty without any price.
    #[schemars(with = "Vec<String>")]
    lacking: Vec<Dimension>,
    /// Nobody knows what it is for, and its price is one for embeddings alone: where credit is needed each chat is refused.
    refuses_chats: bool,
    /// What is sold and has no cost, as `output`: what calls cost that use it is not known.
    #[schemars(with = "Vec<String>")]
    uncosted: Vec<Dimension>,
}

impl From<ModelPrice> for PriceEntry {
    fn from(price: ModelPrice) -> Self {
        Self {
            below_cost: !price.below_cost().is_empty(),
            lacking: price.lacking(),
            refuses_chats: price.refuses_chats(),
            uncosted: price.uncosted(),
            model_id: price.model.id,
            model: price.model.public_name(),
            current: price.current.map(VersionEntry::from),
            damaged: price.damaged,
            next: price.next.map(VersionEntry::from),
            newest: price.newest,
        }
    }
}

/// States that the list can be narrowed to.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StateWord {
    #[default]
    Any,
    Unpriced,
    BelowCost,
    Scheduled,
}

/// Which models to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceQuery {
    /// Part of `provider/model`, in any case.
    #[serde(default)]
    q: Option<String>,
    /// A provider's name.
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    #[schemars(schema_with = "words::price_state")]
    state: StateWord,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

/// Models with their prices, by name.
pub async fn list(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    Asked(asked): Asked<PriceQuery>,
) -> Result<Json<Listed<PriceEntry>>, AdminError> {
    let (place, size) = (cursor::by_name(asked.cursor.as_deref())?, cursor::size(asked.limit)?);
    let filter = PriceFilter {
        search: asked.q.map(|text| text.trim().to_owned()),
        provider: asked.provider,
        state: match asked.state {
            StateWord::Any => PriceState::Any,
            StateWord::Unpriced => PriceState::Unpriced,
            StateWord::BelowCost => PriceState::BelowCost,
            StateWord::Scheduled => PriceState::Scheduled,
        },
    };
    let listed = state.gateway().prices().list(&by.proof, &filter, &place, size).await?;
    Ok(Json(Listed::by_name(listed.page, PriceEntry::from)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Models with what they cost and are sold for")
        .asks::<PriceQuery>(book)
        .tells::<Listed<PriceEntry>>(book)
}

/// One model with its prices. Its tag is the newest version.
pub async fn show(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(id): At<ModelId>,
) -> Result<Response, AdminError> {
    let price = state.gateway().prices().of_model(&by.proof, id).await?.ok_or(MISSING)?;
    let tag = price.newest;
    Ok((tagged(tag), Json(PriceEntry::from(price))).into_response())
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("What a model costs and is sold for")
        .about("The header `ETag` names its newest version, where there is one.")
        .tells::<PriceEntry>(book)
}

fn tagged(newest: Option<PriceId>) -> HeaderMap {
    let tag = newest.and_then(|id| HeaderValue::try_from(format!("\"{id}\"")).ok());
    tag.map(|tag| (header::ETAG, tag)).into_iter().collect()
}

/// Where a page of a history begins.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

/// A model's versions, newest first, also of one that is gone.
pub async fn history(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(id): At<ModelId>,
    Asked(asked): Asked<HistoryQuery>,
) -> Result<Json<Listed<VersionEntry>>, AdminError> {
    let (place, size) = (cursor::by_id(asked.cursor.as_deref())?, cursor::size(asked.limit)?);
    let prices = state.gateway().prices();
    let page = prices.history(&by.proof, PricesOf::Model(id), place, size).await?;
    Ok(Json(Listed::by_id(page, |row| {
        row.map_or_else(VersionEntry::from, VersionEntry::from)
    })))
}

/// What is said of it.
pub fn history_described(book: &mut Book) -> Operation {
    operation("The versions of a model's price, newest first")
        .asks::<HistoryQuery>(book)
        .tells::<Listed<VersionEntry>>(book)
}

/// Upon which version another one is to be published, by `If-Match`, or that there is to be none, by `If-None-Match: *`.
pub struct Upon(Base);

impl FromRequestParts<HubState> for Upon {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, _: &HubState) -> Result<Self, AdminError> {
        let text = |name| {
            parts
                .headers
                .get(name)
                .map(|value: &HeaderValue| value.to_str().unwrap_or_default().trim())
        };
        let base = match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
            (None, None) => Base::Any,
            (None, Some("*")) => Base::Newest(None),
            (None, Some(_)) => return Err(AdminError::invalid("If-None-Match", "Say `*`, or use If-Match.")),
            (Some(_), Some(_)) => {
                return Err(AdminError::invalid("If-None-Match", "Send this or If-Match, not both."));
            }
            (Some("*"), None) => Base::Any,
            (Some(tag), None) => {
                // A tag that is no id of a price is no version that there is.
                let id: Result<PriceId, _> = tag.trim_matches('"').parse();
                Base::Newest(Some(id.map_err(|_| PriceRefusal::Stale { newest: None })?))
            }
        };
        Ok(Self(base))
    }
}

/// Publishes a version.
pub async fn publish(
    State(state): State<HubState>,
    by: By<Money>,
    At(id): At<ModelId>,
    Upon(base): Upon,
    Given(new): Given<NewPrice>,
) -> Result<Response, AdminError> {
    let draft = PriceDraft { base, ..new.draft()? };
    let prices = state.gateway().prices();
    let version = prices.publish(&by.proof, by.origin(), id, draft).await?;
    let head = tagged(Some(version.id));
    Ok((StatusCode::CREATED, head, Json(VersionEntry::from(version))).into_response())
}

/// What is said of it.
pub fn publish_described(book: &mut Book) -> Operation {
    operation("Publish a version of a model's price")
        .about(
            "A model's first version is in force at once; one that replaces another three seconds later, or when `effective_from` says. \
With `If-Match` it is published only upon the version that is named, else refused with 409 `price_stale`.",
        )
        .header("If-Match", "The newest version that you have seen, as `ETag` or `newest` names it.")
        .header("If-None-Match", "`*`: only when the model has no price yet.")
        .takes::<NewPrice>(book)
        .example(&serde_json::json!({
            "cost": { "input": "0.15", "output": "0.60", "cache_read": "0.075" },
            "margin_percent": "20",
            "reason": "price list of January",
        }))
        .makes::<VersionEntry>(book)
}
