//! What can be done with limits: set one, remove one. Thin doors to `gateway::Limits`.

use domain::{
    id::LimitId,
    limit::{InvalidLimit, Limit, Measure, Span, Subject, Window},
    money::Amount,
    refusal::{Invalid, Refusal, Thing},
};
use gateway::LimitDraft;
use leptos::prelude::*;

use crate::{
    components::Tone,
    context::{address, gateway, missing, viewer},
    error::AppError,
    form::{AtField, Back, Done, Refused, encode, submit},
    pages::providers::press::press,
    text::use_language,
};

/// Sets a limit, or how much one allows.
#[server]
pub async fn set_limit(
    subject: String,
    #[server(default)] measure: String,
    #[server(default)] window: String,
    #[server(default)] rolling: bool,
    #[server(default)] most: String,
    #[server(default)] part: String,
    /// The limits that the page has shown.
    #[server(default)]
    seen: String,
) -> Result<(), AppError> {
    let mut back = Back::to(back_to(&subject))
        .keeping("measure", &measure)
        .keeping("window", &window)
        .keeping("rolling", if rolling { "true" } else { "" })
        .keeping("most", &most)
        .keeping("seen", &seen);
    if !part.is_empty() {
        back = back.part(&part);
    }
    submit(back, async move {
        let (viewer, address, gateway, language) = (viewer()?, address()?, gateway()?, use_language());
        let subject = subject_of(&subject)?;
        let measure = Measure::parse(&measure).ok_or(Invalid::Choice).at("measure")?;
        let draft = LimitDraft {
            subject,
            measure,
            window: window_of(&window, rolling).at("window")?,
            most: count_of(measure, &most)?,
        };
        let limits = gateway.limits();
        let set = match limits_of(&seen) {
            Some(seen) => limits.set_seen(&viewer, address.origin(), draft, &seen).await,
            None => limits.set_by(&viewer, address.origin(), draft).await,
        };
        match set {
            // What was typed was meant for another state: the form shows the one that holds.
            Err(error) if error.refusal() == CHANGED => {
                let sentence = AppError::from(error).sentence(language);
                Ok(Done::to(page_of(subject)).noticing(Tone::Bad, sentence))
            }
            Err(error) if error.refusal() == Invalid::Limit(InvalidLimit::Most).into() => Err(error).at("most"),
            Err(error) if error.refusal() == Refusal::LimitByAdmin => Err(error).at("most"),
            Err(error) if error.refusal() == Invalid::Limit(InvalidLimit::Window).into() => Err(error).at("window"),
            Err(error) if error.refusal() == Invalid::Limit(InvalidLimit::SpendOfWhat).into() => {
                Err(error).at("measure")
            }
            set => {
                set?;
                Ok(Done::to(page_of(subject))
                    .saying(language.pick("The limit holds from the next call on.", "限额从下一次调用起生效。")))
            }
        }
    })
    .await
}

/// Removes a limit.
#[server]
pub async fn remove_limit(id: String, subject: String, #[server(default)] seen: String) -> Result<(), AppError> {
    press(back_to(&subject), async move {
        let (viewer, address, gateway, language) = (viewer()?, address()?, gateway()?, use_language());
        let id: LimitId = id.parse().map_err(|_| missing(Thing::Limit))?;
        let limits = gateway.limits();
        let limit = match limits_of(&seen) {
            Some(seen) => limits.remove_seen(&viewer, address.origin(), id, &seen).await?,
            None => limits.remove_by(&viewer, address.origin(), id).await?,
        };
        Ok(Done::to(page_of(limit.subject)).saying(language.pick(
            "The limit is removed: it refuses nothing any more.",
            "限额已移除，不再拒绝任何调用。",
        )))
    })
    .await
}

const CHANGED: Refusal = Refusal::Changed { what: Thing::Limit };

/// The limits that a page has shown, as it sends them. None where whoever asks has sent none; a text that cannot be read says that it has
/// shown none.
fn limits_of(seen: &str) -> Option<Vec<Limit>> {
    (!seen.is_empty()).then(|| serde_json::from_str(seen).unwrap_or_default())
}

fn window_of(word: &str, rolling: bool) -> Result<Window, Invalid> {
    match word {
        "running" => Ok(Window::Running),
        "ever" => Ok(Window::Ever),
        word => {
            let span = Span::parse(word).ok_or(Invalid::Choice)?;
            Ok(if rolling {
                Window::Rolling(span)
            } else {
                Window::Calendar(span)
            })
        }
    }
}

fn count_of(measure: Measure, typed: &str) -> Result<i64, Refused> {
    let wrong = Invalid::Limit(InvalidLimit::Most);
    let typed = typed.trim();
    let count = match measure {
        Measure::Spend => typed.parse::<Amount>().ok().map(Amount::nano),
        Measure::Requests | Measure::Tokens | Measure::Concurrent => typed.parse::<i64>().ok(),
    };
    count.ok_or(wrong).at("most")
}

fn subject_of(text: &str) -> Result<Subject, AppError> {
    text.parse().map_err(|_| missing(Thing::Limit))
}

fn page_of(subject: Subject) -> String {
    format!("/limits/{}/{subject}", subject.kind.as_str())
}

fn back_to(subject: &str) -> String {
    subject
        .parse()
        .map_or_else(|_| format!("/limits/key/{}", encode(subject)), page_of)
}
