//! Limits: how much a key, a project, a person, a model or a provider may use within a window of time.
//!
//! Everything here is pure. [`offer`] says what a call gets of all limits that apply, or which refuses; [`take`] reserves that
//! on each; [`settle`] puts what was used in the place of what was reserved. `gateway` keeps the [`Counters`] in the place where
//! it decides about credit, and looks at both before it takes of either.
//!
//! A call counts in the window in which it was authorised, however late it ends: what it reserved and did not use comes back
//! there. So the sum over a window is the sum of the calls that were authorised in it, and it never exceeds the limit as long as
//! no call uses more than it has reserved.
//!
//! No limit is no [`Limit`]; one of zero refuses everything.

mod counter;
mod decide;
mod refusal;
mod window;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{InvalidId, KeyId, LimitId, ModelId, ProjectId, ProviderId, UserId},
    money::Amount,
};

pub use counter::{Bucket, Counter, Counters};
pub use decide::{Ask, Granted, Ruled, Spent, Taking, Wanted, free, offer, settle, standing, take};
pub use refusal::OverLimit;
pub use window::{STEPS, Span, Window};

/// What a limit is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// One API key.
    Key,
    /// A group of keys and people.
    Project,
    /// A person, by whatever key, and in the playground.
    User,
    /// A model, whoever calls it.
    Model,
    /// A provider, whoever calls it.
    Provider,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Key, Self::Project, Self::User, Self::Model, Self::Provider];

    /// The word in storage, in addresses and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Project => "project",
            Self::User => "user",
            Self::Model => "model",
            Self::Provider => "provider",
        }
    }

    /// The kind that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether callers may know its figures: those of a model or a provider are made of everybody's calls.
    #[must_use]
    pub const fn is_of_the_caller(self) -> bool {
        matches!(self, Self::Key | Self::Project | Self::User)
    }
}

/// The one thing that a limit is on. Written as its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// The number of its id.
    pub number: i64,
}

macro_rules! subjects {
    ($($kind:ident = $id:ident;)+) => {
        $(impl From<$id> for Subject {
            fn from(id: $id) -> Self {
                Self { kind: SubjectKind::$kind, number: id.number() }
            }
        })+

        impl fmt::Display for Subject {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.kind {
                    $(SubjectKind::$kind => $id::from_number(self.number).fmt(formatter),)+
                }
            }
        }

        impl FromStr for Subject {
            type Err = InvalidId;

            /// Any id with one of the prefixes that limits know.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                $(if text.starts_with($id::PREFIX) {
                    return text.parse::<$id>().map(Self::from);
                })+
                text.parse::<KeyId>().map(Self::from)
            }
        }
    };
}

subjects! {
    Key = KeyId;
    Project = ProjectId;
    User = UserId;
    Model = ModelId;
    Provider = ProviderId;
}

impl Serialize for Subject {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Calls that were admitted.
    Requests,
    /// Tokens of prompts and answers.
    Tokens,
    /// Calls that run at the same time.
    Concurrent,
    /// What calls are charged, in nano-USD; where no credit is needed, what is allocated.
    Spend,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 4] = [Self::Requests, Self::Tokens, Self::Concurrent, Self::Spend];

    /// The word in storage and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Concurrent => "concurrent",
            Self::Spend => "spend",
        }
    }

    /// The measure that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.as_str() == text)
    }
}

/// One limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Its id. A subject has one limit of each measure and window.
    pub id: LimitId,
    /// What it is on.
    pub subject: Subject,
    /// What it counts.
    pub measure: Measure,
    /// Within which time.
    pub window: Window,
    /// So much, in the unit of its measure. Zero refuses everything.
    pub most: i64,
}

/// A limit that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidLimit {
    /// Nobody spends a model's money.
    #[error("A limit of spend is on a key, a project or a user. Choose one of these, or another measure.")]
    SpendOfWhat,
    /// The measure has no such window.
    #[error(
        "Requests and tokens are limited per minute, hour or day, spend per day, week, month or in total, concurrent calls have no window."
    )]
    Window,
    /// Not a number from zero on.
    #[error(
        "A limit is a whole number from 0 on, or an amount such as 12.50; zero refuses everything. Leave it out for none."
    )]
    Most,
}

impl Limit {
    /// Whether there can be such a limit.
    ///
    /// # Errors
    /// What is wrong with it.
    pub const fn check(&self) -> Result<(), InvalidLimit> {
        if self.most < 0 {
            return Err(InvalidLimit::Most);
        }
        if matches!(self.measure, Measure::Spend) && !self.subject.kind.is_of_the_caller() {
            return Err(InvalidLimit::SpendOfWhat);
        }
        match (self.measure, self.window) {
            (
                Measure::Requests | Measure::Tokens,
                Window::Calendar(Span::Minute | Span::Hour | Span::Day)
                | Window::Rolling(Span::Minute | Span::Hour | Span::Day),
            )
            | (
                Measure::Spend,
                Window::Calendar(Span::Day | Span::Week | Span::Month)
                | Window::Rolling(Span::Day | Span::Week | Span::Month)
                | Window::Ever,
            )
            | (Measure::Concurrent, Window::Running) => Ok(()),
            _ => Err(InvalidLimit::Window),
        }
    }

    /// A count in words: an amount where it counts money.
    #[must_use]
    pub fn told(&self, count: i64) -> String {
        match self.measure {
            Measure::Spend => Amount::from_nano(count.max(0)).unwrap_or(Amount::MAX).to_string(),
            Measure::Requests | Measure::Tokens | Measure::Concurrent => count.to_string(),
        }
    }

    /// What it limits, as a sentence says it: `requests per minute`.
    #[must_use]
    pub fn words(&self) -> String {
        match (self.measure, self.window) {
            (Measure::Concurrent, _) => "calls at the same time".to_owned(),
            (measure, Window::Ever) => format!("{} in total", measure.as_str()),
            (measure, Window::Running) => measure.as_str().to_owned(),
            (measure, Window::Calendar(span) | Window::Rolling(span)) => {
                format!("{} per {}", measure.as_str(), span.as_str())
            }
        }
    }
}

/// A limit as it stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The limit.
    pub limit: Limit,
    /// What calls that have ended used.
    pub used: i64,
    /// What running calls may still use.
    pub reserved: i64,
    /// When nothing of that counts any more, but for what is still reserved; none for what has no window.
    pub resets_at: Option<crate::time::Timestamp>,
}

impl Standing {
    /// What is left.
    #[must_use]
    pub const fn remaining(&self) -> i64 {
        let left = self.limit.most.saturating_sub(self.used).saturating_sub(self.reserved);
        if left > 0 { left } else { 0 }
    }
}

#[cfg(test)]
mod tests;
