//! Publishing a version of a price. A thin door to `gateway::Prices`.

use std::collections::BTreeMap;

use domain::{
    id::{ModelId, PriceId},
    price::{Base, PriceDraft, PriceRefusal},
    refusal::Thing,
    time::Timestamp,
};
use leptos::prelude::*;

use super::{
    model::page_of,
    typed::{About, MODEL, PREVIEW, Typed},
};
use crate::{
    components::time::moment,
    context::{address, gateway, missing, money},
    error::{AppError, PriceProblem},
    form::{AtField, Back, Done, encode, submit},
    islands::price::{
        fields::{KIND, PriceFields},
        reading::Reading,
    },
    text::{Language, use_language},
};

/// Publishes a version. Only what the person has seen is published: `seen` is the sheet that their page showed, and when it
/// is not what the fields come to (as in the first round without scripts) the page shows that first.
#[server]
pub async fn publish_price(
    /// Whose price.
    model: String,
    /// The newest version that the form's page knew; empty for none.
    #[server(default)]
    base: String,
    /// Costs, prices, margin, tiers.
    #[server(default)]
    fields: BTreeMap<String, String>,
    /// What they come to, as the page showed it.
    #[server(default)]
    seen: String,
    /// What is said about it.
    #[server(flatten)]
    about: About,
) -> Result<(), AppError> {
    let here = model
        .parse()
        .map_or_else(|_| format!("/prices/{}", encode(&model)), page_of);
    let typed = Typed {
        model: model.clone(),
        fields: PriceFields::from_form(fields),
        from: about.from,
        reason: about.reason,
        source: about.source,
        base,
        confirmed: about.below_cost_ok == "true",
        ..Typed::default()
    };
    submit(kept(Back::to(&here), &typed), async move {
        let mut typed = typed;
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let model: ModelId = model.parse().map_err(|_| missing(Thing::Model))?;
        // A text that is no id is no version that there is.
        let base = match typed.base.as_str() {
            "" => None,
            text => Some(text.parse::<PriceId>().map_err(|_| stale())?),
        };
        if !typed.fields.get(KIND).is_empty() {
            // Whoever names a kind of picture wants fields for it first.
            typed.fields.add_kind().ok_or(PriceProblem::Kind)?;
            return Ok(preview(here, &typed)?);
        }
        let reading = Reading::of(&typed.fields);
        let sheet = match reading.sheet {
            Some(sheet) => sheet,
            None if reading.problems.is_empty() => return Err(PriceProblem::Refused(PriceRefusal::Empty).into()),
            None => return Err(PriceProblem::Numbers.into()),
        };
        let effective_from = match typed.from.trim() {
            "" => None,
            text => Some(read_moment(text).ok_or(PriceProblem::Moment).at("from")?),
        };
        if serde_json::to_string(&sheet).ok().as_deref() != Some(seen.as_str()) {
            return Ok(preview(here, &typed)?);
        }
        let draft = PriceDraft {
            sheet,
            effective_from,
            reason: typed.reason.clone(),
            source: typed.source.clone(),
            base: Base::Newest(base),
            below_cost_ok: typed.confirmed,
        };
        let published = gateway.prices().publish(&money, address.origin(), model, draft).await;
        let version = match published {
            Err(gateway::Error::Price(refusal)) => {
                let problem = PriceProblem::Refused(refusal.clone());
                return match refusal {
                    PriceRefusal::Past | PriceRefusal::Fraction => Err(problem).at("from"),
                    PriceRefusal::Text => Err(problem).at("reason"),
                    _ => Err(problem.into()),
                };
            }
            published => published?,
        };
        let wait = version.effective_from.since(version.created_at);
        let sentence = match (language, wait.0) {
            (Language::En, ..=0) => "Published. The price is in force.".to_owned(),
            (Language::En, ..10_000_000) => {
                "Published. Calls that begin a few seconds from now pay the new price.".to_owned()
            }
            (Language::En, _) => format!("Published. In force from {}.", moment(version.effective_from, language)),
            (Language::Zh, ..=0) => "已发布，价格已生效。".to_owned(),
            (Language::Zh, ..10_000_000) => "已发布，几秒后开始的调用将按新价格计费。".to_owned(),
            (Language::Zh, _) => format!("已发布，自 {} 起生效。", moment(version.effective_from, language)),
        };
        // What was scheduled before takes its place then, whoever has forgotten it.
        let entry = gateway.prices().of_model(&money.reader(), model).await?;
        let until = entry.and_then(|entry| entry.replaced_after(version.effective_from));
        let until = until.map(|at| moment(at, language)).map(|at| match language {
            Language::En => format!(" It holds until {at}: another price is scheduled for then."),
            Language::Zh => format!("该价格有效至 {at}，届时另有已排期的价格生效。"),
        });
        Ok(Done::to(page_of(model)).saying(sentence + until.as_deref().unwrap_or_default()))
    })
    .await
}

/// Shows what was typed, and what it comes to.
fn preview(here: String, typed: &Typed) -> Result<Done, AppError> {
    let json = serde_json::to_string(typed).map_err(|error| AppError::Transport(error.to_string()))?;
    Ok(Done::to(here).once(PREVIEW, json))
}

fn stale() -> AppError {
    PriceProblem::Refused(PriceRefusal::Stale { newest: None }).into()
}

/// What the page shows again when the form is refused.
fn kept(back: Back, typed: &Typed) -> Back {
    let back = back
        .part(&typed.model)
        .keeping(MODEL, &typed.model)
        .keeping("from", &typed.from)
        .keeping("reason", &typed.reason)
        .keeping("source", &typed.source)
        .keeping("below_cost_ok", if typed.confirmed { "true" } else { "" });
    typed.fields.iter().fold(back, |back, (name, text)| {
        back.keeping(&format!("fields[{name}]"), text)
    })
}

/// A moment as `<input type="datetime-local">` writes it, meant in UTC.
fn read_moment(text: &str) -> Option<Timestamp> {
    let moment: jiff::civil::DateTime = text.parse().ok()?;
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp(moment.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_meant_in_utc() {
        assert_eq!(read_moment("1970-01-02T00:01"), Some(Timestamp(86_460_000_000)));
        assert_eq!(read_moment("1970-01-02T00:01:02"), Some(Timestamp(86_462_000_000)));
        for wrong in ["tomorrow", "1970-13-01T00:00", "99999-01-01T00:00", ""] {
            assert_eq!(read_moment(wrong), None, "{wrong}");
        }
    }
}
