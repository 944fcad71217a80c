//! Windows of time, and the buckets that they are counted in.
//!
//! A calendar window is one bucket, named by its beginning. A rolling window is counted in steps of a sixtieth of its span: a
//! moment's window is the step that it lies in and the sixty before. So never is more let through than the limit within any
//! stretch as long as the span, and what was used comes free at most one step later than it could.

use serde::{Deserialize, Serialize};

use super::{Counter, counter::Sums};
use crate::time::{Micros, Timestamp};

/// The steps of a rolling window.
pub const STEPS: i64 = 60;

/// How long a window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// Sixty seconds.
    Minute,
    /// Sixty minutes.
    Hour,
    /// From midnight to midnight; rolling, 24 hours.
    Day,
    /// From Monday on; rolling, seven times 24 hours.
    Week,
    /// A month of the calendar; rolling, thirty times 24 hours.
    Month,
}

impl Span {
    /// Every span, the shortest first.
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word in storage and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The span that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.as_str() == text)
    }

    /// How long it is where it rolls.
    #[must_use]
    pub const fn length(self) -> Micros {
        match self {
            Self::Minute => Micros::from_seconds(60),
            Self::Hour => Micros::from_seconds(3_600),
            Self::Day => Micros::from_days(1),
            Self::Week => Micros::from_days(7),
            Self::Month => Micros::from_days(30),
        }
    }

    /// Nothing that is older counts in any window of this span, whatever the time zone.
    #[must_use]
    pub const fn forgotten_after(self) -> Micros {
        Micros(self.length().0 * 2 + Micros::from_days(2).0)
    }

    const fn step(self) -> i64 {
        self.length().0 / STEPS
    }
}

/// Within which time something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "span", rename_all = "lowercase")]
pub enum Window {
    /// While it runs.
    Running,
    /// From one beginning of a day, week, month… to the next, in the account's time zone.
    Calendar(Span),
    /// So long before each moment.
    Rolling(Span),
    /// Without end.
    Ever,
}

impl Window {
    /// The words in storage: the kind, and the span or nothing.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Running => ("running", ""),
            Self::Calendar(span) => ("calendar", span.as_str()),
            Self::Rolling(span) => ("rolling", span.as_str()),
            Self::Ever => ("ever", ""),
        }
    }

    /// The window that these words name.
    #[must_use]
    pub fn parse(kind: &str, span: &str) -> Option<Self> {
        match kind {
            "running" => Some(Self::Running),
            "ever" => Some(Self::Ever),
            "calendar" => Span::parse(span).map(Self::Calendar),
            "rolling" => Span::parse(span).map(Self::Rolling),
            _ => None,
        }
    }

    /// How long it is, where it ends.
    #[must_use]
    pub const fn span(self) -> Option<Span> {
        match self {
            Self::Calendar(span) | Self::Rolling(span) => Some(span),
            Self::Running | Self::Ever => None,
        }
    }
}

/// Begins and ends of calendar windows: half-open, with `at` within.
pub(super) type Edges = (Timestamp, Timestamp);

/// The place of a moment in a window: the bucket that it counts in, and what else counts with it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// One bucket without end.
    One,
    /// One stretch of the calendar, and where the one before begins. What lies strictly between was counted by another time zone,
    /// which may have held a part of this stretch: it counts here too, so that no change of the zone gives a limit anew.
    Calendar { before: Timestamp, edges: Edges },
    /// The step with this beginning.
    Rolling { step: i64, bucket: Timestamp },
}

impl Place {
    pub fn of(window: Window, at: Timestamp, edges: impl Fn(Span, Timestamp) -> Edges) -> Self {
        match window {
            Window::Running | Window::Ever => Self::One,
            Window::Calendar(span) => {
                let here = edges(span, at);
                let (before, _) = edges(span, Timestamp(here.0.0.saturating_sub(1)));
                Self::Calendar { before, edges: here }
            }
            Window::Rolling(span) => {
                let step = span.step();
                let bucket = Timestamp(at.0.div_euclid(step) * step);
                Self::Rolling { step, bucket }
            }
        }
    }

    pub const fn bucket(self) -> Timestamp {
        match self {
            Self::One => Timestamp(0),
            Self::Calendar { edges: (from, _), .. } => from,
            Self::Rolling { bucket, .. } => bucket,
        }
    }

    /// What counts together with what is taken here: of all windows that hold this place, the fullest.
    pub fn fullest(self, counter: &Counter) -> Sums {
        match self {
            Self::One => counter.sum(Timestamp(i64::MIN), Timestamp(i64::MAX)),
            Self::Calendar {
                before,
                edges: (_, until),
            } => counter.sum(Timestamp(before.0.saturating_add(1)), until),
            Self::Rolling { step, bucket } => {
                let reach = step * STEPS;
                let last = Timestamp(bucket.0 + reach);
                // A window that ends between two buckets holds no more than the one that ends at the first of them.
                let ends = counter.buckets(bucket, Timestamp(last.0 + 1)).map(|(end, _)| end);
                std::iter::once(bucket)
                    .chain(ends)
                    .map(|end| counter.sum(Timestamp(end.0 - reach), Timestamp(end.0 + 1)))
                    .max_by_key(Sums::total)
                    .unwrap_or_default()
            }
        }
    }

    /// When so much less than now counts, at the earliest, if nothing is taken meanwhile. None: never by itself.
    pub fn frees_at(self, counter: &Counter, enough: impl Fn(i64) -> bool) -> Option<Timestamp> {
        match self {
            Self::One => None,
            Self::Calendar { edges: (_, until), .. } => enough(0).then_some(until),
            Self::Rolling { step, bucket } => {
                let reach = step * STEPS;
                let from = Timestamp(bucket.0 - reach);
                let mut left = counter.sum(from, Timestamp(i64::MAX)).total();
                for (start, count) in counter.buckets(from, Timestamp(i64::MAX)) {
                    left = left.saturating_sub(count.used.saturating_add(count.reserved));
                    if enough(left) {
                        return Some(Timestamp(start.0 + reach + step));
                    }
                }
                None
            }
        }
    }

    /// When nothing of what counts here counts any more.
    pub fn resets_at(self, counter: &Counter, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::One => None,
            Self::Calendar { edges: (_, until), .. } => Some(until),
            Self::Rolling { step, bucket } => {
                let reach = step * STEPS;
                let last = counter.buckets(Timestamp(bucket.0 - reach), Timestamp(i64::MAX)).last();
                Some(last.map_or(now, |(start, _)| Timestamp(start.0 + reach + step)))
            }
        }
    }
}
