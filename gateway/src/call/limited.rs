//! The limits that a call counts against: what it claims of them, and how its caller is told of them, in headers and in errors.
//! Of a model and of a provider nobody is told figures: those are made of everybody's calls. Called by `record` and `refused`.

use domain::{
    call::{Dialect, Fault},
    limit::{Ask, Granted, Limit, Measure, OverLimit, Standing, SubjectKind, Taking},
    money::Amount,
    time::Timestamp,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use super::{CallError, Caller};
use crate::limits::{Applying, Claim, Had, moment};

/// The limits of one call, and what it has of them.
#[derive(Debug)]
pub(super) struct Limits {
    applying: Applying,
    caller: Caller,
    had: Option<Had>,
    /// All that it was granted by now.
    granted: Granted,
    /// What it had is free.
    freed: bool,
}

impl Limits {
    pub fn new(applying: Applying, caller: Caller) -> Self {
        Self {
            applying,
            caller,
            had: None,
            granted: Granted::default(),
            freed: false,
        }
    }

    /// What the call claims: when it begins, or for what it has grown to.
    pub fn claim(&self, ask: Ask) -> Claim {
        Claim::new(self.applying.clone(), ask, self.had.clone())
    }

    /// What came of a claim. Gives all that the call has reserved.
    pub fn take_over(&mut self, claim: &Claim) -> Option<Vec<Taking>> {
        let had = claim.had()?;
        self.granted.tokens = self.granted.tokens.saturating_add(had.granted.tokens);
        self.granted.spend = self.granted.spend.saturating_add(had.granted.spend);
        let takings = had.takings.clone();
        self.had = Some(had);
        Some(takings)
    }

    /// All that it was granted by now; none before it was admitted.
    pub fn granted(&self) -> Option<Granted> {
        self.had.as_ref().map(|_| self.granted)
    }

    /// What it may come to within its limits of this measure, as they stood when it was admitted: what it has of them, and what the
    /// tightest leaves. None: there are none.
    pub fn reach(&self, measure: Measure) -> Option<i64> {
        let standings = self.had.iter().flat_map(|had| &had.standings);
        let of_this = standings.filter(|one| one.limit.measure == measure);
        let left = of_this.map(Standing::remaining).min()?;
        let has = match measure {
            Measure::Tokens => self.granted.tokens,
            Measure::Spend => self.granted.spend,
            Measure::Requests | Measure::Concurrent => 0,
        };
        Some(has.saturating_add(left))
    }

    /// Once: what it had is to be freed.
    pub fn frees(&mut self) -> bool {
        self.had.is_some() && !std::mem::replace(&mut self.freed, true)
    }

    /// The headers of an answer to a call that was admitted.
    pub fn headers(&self, dialect: Dialect, now: Timestamp) -> HeaderMap {
        let standings = self.had.iter().flat_map(|had| &had.standings);
        headers(
            dialect,
            standings.filter(|one| self.caller.may_know(one.limit.subject)),
            now,
        )
    }
}

/// What a limit counts: a number, or an amount as a decimal string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Figure {
    /// Of requests, tokens or calls.
    Count(i64),
    /// Of credits.
    Amount(Amount),
}

impl Figure {
    /// A limit's count.
    #[must_use]
    pub fn of(measure: Measure, count: i64) -> Self {
        match measure {
            Measure::Spend => Self::Amount(Amount::from_nano(count.max(0)).unwrap_or(Amount::MAX)),
            Measure::Requests | Measure::Tokens | Measure::Concurrent => Self::Count(count),
        }
    }
}

/// The limit that is in the way, as its caller is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OverLimitTold {
    /// What it is on.
    pub on: SubjectKind,
    /// What it counts.
    pub measure: Measure,
    /// Within which time: `minute`, `rolling day`, `total`; absent for calls at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// Its figures, unless they are made of the calls of others.
    #[serde(flatten)]
    pub figures: Option<Figures>,
    /// When there is room by the time alone, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frees_at: Option<String>,
    /// Whether asking again may help although nobody changes the limit: never without a `retry-after`, and always beside `frees_at`.
    pub waiting_helps: bool,
    /// The headers that go with it.
    #[serde(skip)]
    pub standing: Standing,
    /// When it was refused.
    #[serde(skip)]
    pub at: Timestamp,
}

/// How a limit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// How much it allows.
    pub limit: Figure,
    /// What calls that have ended used.
    pub used: Figure,
    /// What running calls may still use.
    pub reserved: Figure,
    /// What this call needs at the least.
    pub needed: Figure,
}

/// The window of a limit, in words for programs.
#[must_use]
pub fn window(limit: &Limit) -> Option<String> {
    match limit.window.words() {
        ("running", _) => None,
        ("ever", _) => Some("total".to_owned()),
        ("rolling", span) => Some(format!("rolling {span}")),
        (_, span) => Some(span.to_owned()),
    }
}

impl OverLimitTold {
    fn of(over: &OverLimit, caller: Caller) -> Self {
        let OverLimit { limit, .. } = over;
        let figure = |count| Figure::of(limit.measure, count);
        let figures = caller.may_know(limit.subject).then(|| Figures {
            limit: figure(limit.most),
            used: figure(over.used),
            reserved: figure(over.reserved),
            needed: figure(over.needed),
        });
        Self {
            on: limit.subject.kind,
            measure: limit.measure,
            window: window(limit),
            figures,
            frees_at: over.frees_at.map(moment),
            waiting_helps: over.waiting_helps(),
            standing: Standing {
                limit: *limit,
                used: over.used,
                reserved: over.reserved,
                resets_at: over.frees_at,
            },
            at: over.at,
        }
    }

    /// The headers of an answer in this dialect.
    #[must_use]
    pub fn headers(&self, dialect: Dialect) -> HeaderMap {
        headers(dialect, self.figures.map(|_| &self.standing), self.at)
    }
}

/// The answer for whoever a limit is in the way of, also in the middle of a stream.
pub(super) fn over(over: &OverLimit, caller: Caller) -> CallError {
    let (status, code) = match over.limit.measure {
        Measure::Spend => (402, "spend_limit_reached"),
        Measure::Concurrent => (429, "too_many_concurrent_calls"),
        Measure::Requests | Measure::Tokens => (429, "rate_limit_exceeded"),
    };
    let sentence = match over.limit.subject.kind {
        kind @ (SubjectKind::Key | SubjectKind::User | SubjectKind::Project)
            if !caller.may_know(over.limit.subject) =>
        {
            makers(kind, over)
        }
        _ => over.to_string(),
    };
    CallError {
        retry_after: over.retry_after(),
        limit: Some(Box::new(OverLimitTold::of(over, caller))),
        ..CallError::new(Fault::Limit, status, code, sentence)
    }
}

/// The sentence about a limit of the key by which the caller's was made, of whose that is, or of its project. Its figures are made of the calls of
/// others.
fn makers(kind: SubjectKind, over: &OverLimit) -> String {
    let whose = match kind {
        SubjectKind::User => "the owner of ",
        SubjectKind::Project => "the project of ",
        _ => "",
    };
    let words = over.limit.words();
    let when = match over.retry_after() {
        Some(1) => "Try again in a second.".to_owned(),
        Some(seconds) => format!("Try again in {seconds} seconds."),
        None => "Ask whoever set the limit.".to_owned(),
    };
    format!("This key counts in the limits of {whose}the key by which it was made, whose {words} are used up. {when}")
}

/// A spend limit wants a price.
pub(super) fn unpriced(model: &str) -> CallError {
    let sentence = format!(
        "The model `{model}` has no price at this hub, and a limit of spend applies to this call. Ask whoever runs the hub to set a price, or use another model."
    );
    CallError {
        param: Some("model".to_owned()),
        ..CallError::new(Fault::Operator, 404, "model_unpriced", sentence)
    }
}

/// Of each measure that clients know headers for, the limit that leaves the least, of those that they may know.
fn headers<'a>(dialect: Dialect, standings: impl IntoIterator<Item = &'a Standing>, now: Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let standings: Vec<&Standing> = standings.into_iter().collect();
    for measure in [Measure::Requests, Measure::Tokens] {
        let of_this = standings.iter().filter(|standing| standing.limit.measure == measure);
        let Some(tightest) = of_this.min_by_key(|standing| standing.remaining()) else {
            continue;
        };
        let resets_at = tightest.resets_at.unwrap_or(now);
        let (kind, anthropic) = (measure.as_str(), dialect == Dialect::AnthropicMessages);
        let reset = match anthropic {
            true => moment(resets_at),
            false => span(resets_at.since(now).0),
        };
        let told = [
            ("limit", tightest.limit.most.to_string()),
            ("remaining", tightest.remaining().to_string()),
            ("reset", reset),
        ];
        for (what, value) in told {
            let name = match anthropic {
                true => format!("anthropic-ratelimit-{kind}-{what}"),
                false => format!("x-ratelimit-{what}-{kind}"),
            };
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.insert(name, value);
            }
        }
    }
    headers
}

/// Microseconds as OpenAI writes them: `6m0s`, `1h2m3s`, `250ms`.
fn span(micros: i64) -> String {
    let milliseconds = micros.max(0).saturating_add(999) / 1000;
    if milliseconds < 1000 {
        return format!("{milliseconds}ms");
    }
    let seconds = milliseconds.saturating_add(999) / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds}s"),
        (hours, minutes, seconds) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{KeyId, LimitId, ModelId, UserId},
        limit::{Span, Subject, Window},
    };

    use super::*;

    fn standing(subject: impl Into<Subject>, measure: Measure, most: i64, used: i64) -> Standing {
        let limit = Limit {
            id: LimitId::from_number(1),
            subject: subject.into(),
            measure,
            window: Window::Calendar(Span::Minute),
            most,
        };
        Standing {
            limit,
            used,
            reserved: 0,
            resets_at: Some(Timestamp(90_500_000)),
        }
    }

    #[test]
    fn headers_tell_the_tightest_limit_of_the_caller() {
        let key = KeyId::from_number(1);
        let (me, other) = (UserId::from_number(1), UserId::from_number(2));
        let standings = vec![
            standing(key, Measure::Requests, 10, 2),
            standing(key, Measure::Requests, 100, 95),
            standing(key, Measure::Tokens, 50, 70),
            standing(key, Measure::Spend, 50, 0),
            // Of everybody: not told.
            standing(ModelId::from_number(1), Measure::Requests, 10, 10),
            // Of the key that made this one, and of whose that is.
            standing(KeyId::from_number(2), Measure::Tokens, 2, 2),
            standing(other, Measure::Tokens, 3, 3),
        ];
        let caller = Caller {
            key: Some(key),
            ..Caller::of_person(me)
        };
        let mut limits = Limits::new(Vec::new().into(), caller);
        limits.had = Some(Had {
            at: Timestamp(0),
            granted: Granted::default(),
            takings: Vec::new(),
            standings,
        });
        let told = |dialect| {
            let headers = limits.headers(dialect, Timestamp(60_000_000));
            let mut told: Vec<String> = headers
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect();
            told.sort();
            told
        };
        assert_eq!(
            told(Dialect::OpenaiChat),
            [
                "x-ratelimit-limit-requests: 100",
                "x-ratelimit-limit-tokens: 50",
                "x-ratelimit-remaining-requests: 5",
                "x-ratelimit-remaining-tokens: 0",
                "x-ratelimit-reset-requests: 31s",
                "x-ratelimit-reset-tokens: 31s",
            ]
        );
        assert_eq!(
            told(Dialect::AnthropicMessages)[..3],
            [
                "anthropic-ratelimit-requests-limit: 100",
                "anthropic-ratelimit-requests-remaining: 5",
                "anthropic-ratelimit-requests-reset: 1970-01-01T00:01:30.5Z",
            ]
        );
    }

    #[test]
    fn spans_are_written_as_clients_read_them() {
        for (micros, wanted) in [
            (-5, "0ms"),
            (1, "1ms"),
            (250_000, "250ms"),
            (1_000_000, "1s"),
            (360_000_000, "6m0s"),
            (3_723_000_001, "1h2m4s"),
        ] {
            assert_eq!(span(micros), wanted);
        }
    }

    #[test]
    fn the_figures_of_others_stay_with_the_operator() {
        let Standing { limit, .. } = standing(ModelId::from_number(1), Measure::Tokens, 50, 70);
        let told = over(
            &OverLimit {
                limit,
                used: 70,
                reserved: 7,
                needed: 40,
                frees_at: Some(Timestamp(90_000_000)),
                ends_suffice: false,
                at: Timestamp(80_000_000),
            },
            Caller::of_person(UserId::from_number(1)),
        );
        assert_eq!((told.status, told.retry_after), (429, Some(10)));
        let facts = serde_json::to_value(told.limit.as_deref()).unwrap();
        assert_eq!(
            facts,
            serde_json::json!({"on": "model", "measure": "tokens", "window": "minute", "frees_at": "1970-01-01T00:01:30Z", "waiting_helps": true})
        );
        assert!(told.limit.unwrap().headers(Dialect::OpenaiChat).is_empty());
    }
}
