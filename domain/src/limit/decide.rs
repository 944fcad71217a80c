//! The decisions: what a call gets of all limits that apply, and what becomes of that. Deciding only reads; taking cannot fail.

use serde::{Deserialize, Serialize};

use super::{
    Counters, Limit, Measure, OverLimit, Span, Standing,
    window::{Edges, Place},
};
use crate::{id::LimitId, time::Timestamp};

/// A limit with the calendar that it goes by.
pub trait Ruled {
    /// The limit.
    fn limit(&self) -> &Limit;

    /// Begin and end of the calendar's stretch around a moment: half-open.
    fn edges(&self, span: Span, at: Timestamp) -> (Timestamp, Timestamp);
}

/// So much is wanted; between the two it is whatever there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// At the most.
    pub most: i64,
    /// Less is of no use.
    pub least: i64,
}

/// What a call asks for, of each limit by its measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// It begins: it counts as a request, and runs. A running call asks for more of the rest only.
    pub begins: bool,
    /// Tokens of prompt and answer.
    pub tokens: Wanted,
    /// Nano-USD.
    pub spend: Wanted,
}

/// What it gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// Tokens of prompt and answer.
    pub tokens: i64,
    /// Nano-USD.
    pub spend: i64,
}

/// What a running call has reserved of one limit. Stored with the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taking {
    /// Of which limit.
    #[serde(rename = "l")]
    pub limit: LimitId,
    /// What it counts.
    #[serde(rename = "m")]
    pub measure: Measure,
    /// In which bucket, for good.
    #[serde(rename = "b")]
    pub bucket: Timestamp,
    /// How much.
    #[serde(rename = "r")]
    pub reserved: i64,
}

/// What a call has used when it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Tokens of prompt and answer.
    pub tokens: i64,
    /// Nano-USD that it is charged, or that are allocated.
    pub charge: i64,
}

impl Spent {
    /// What of it counts for this measure.
    #[must_use]
    pub const fn counts(self, measure: Measure) -> i64 {
        match measure {
            Measure::Requests => 1,
            Measure::Tokens => self.tokens,
            Measure::Concurrent => 0,
            Measure::Spend => self.charge,
        }
    }
}

impl Ask {
    /// What is wanted of a limit of this measure; none: the call has nothing to do with it.
    const fn of(&self, measure: Measure) -> Option<Wanted> {
        match (measure, self.begins) {
            (Measure::Requests | Measure::Concurrent, true) => Some(Wanted { most: 1, least: 1 }),
            (Measure::Requests | Measure::Concurrent, false) => None,
            (Measure::Tokens, _) => Some(self.tokens),
            (Measure::Spend, _) => Some(self.spend),
        }
    }
}

impl Granted {
    const fn of(self, measure: Measure) -> i64 {
        match measure {
            Measure::Requests | Measure::Concurrent => 1,
            Measure::Tokens => self.tokens,
            Measure::Spend => self.spend,
        }
    }
}

fn place(ruled: &impl Ruled, at: Timestamp) -> Place {
    let edges = |span, at| -> Edges { ruled.edges(span, at) };
    Place::of(ruled.limit().window, at, edges)
}

/// What a call that was authorised `at` gets of all these limits `now`: as much as each of them has, or nothing of any.
///
/// # Errors
/// The limit that refuses; of several the one that is longest in the way.
pub fn offer<R: Ruled>(
    limits: &[impl AsRef<R>],
    counters: &Counters,
    ask: &Ask,
    at: Timestamp,
    now: Timestamp,
) -> Result<Granted, OverLimit> {
    let mut granted = Granted {
        tokens: ask.tokens.most,
        spend: ask.spend.most,
    };
    let mut refusal: Option<OverLimit> = None;
    for ruled in limits.iter().map(AsRef::as_ref) {
        let limit = ruled.limit();
        let Some(wanted) = ask.of(limit.measure) else { continue };
        let (place, counter) = (place(ruled, at), counters.get(limit.id));
        let sums = place.fullest(counter);
        // More may be used than there was to be had; what needs nothing is not refused for it.
        let room = limit.most.saturating_sub(sums.total()).max(0);
        // Of a limit of zero not even nothing is had.
        if room < wanted.least || limit.most == 0 {
            let fits = |left: i64| left.saturating_add(wanted.least) <= limit.most && limit.most > 0;
            let over = OverLimit {
                limit: *limit,
                used: sums.used,
                reserved: sums.reserved,
                needed: wanted.least,
                frees_at: place.frees_at(counter, fits),
                ends_suffice: fits(sums.used),
                at: now,
            };
            if refusal.as_ref().is_none_or(|known| over.outlasts(known)) {
                refusal = Some(over);
            }
            continue;
        }
        match limit.measure {
            Measure::Tokens => granted.tokens = granted.tokens.min(room),
            Measure::Spend => granted.spend = granted.spend.min(room),
            Measure::Requests | Measure::Concurrent => {}
        }
    }
    refusal.map_or(Ok(granted), Err)
}

/// Reserves what was offered, all of it. `takings` is what the call has already; it says afterwards what it has.
pub fn take<R: Ruled>(
    limits: &[impl AsRef<R>],
    counters: &mut Counters,
    ask: &Ask,
    granted: Granted,
    at: Timestamp,
    takings: &mut Vec<Taking>,
) {
    for ruled in limits.iter().map(AsRef::as_ref) {
        let limit = ruled.limit();
        if ask.of(limit.measure).is_none() {
            continue;
        }
        let (bucket, reserved) = (place(ruled, at).bucket(), granted.of(limit.measure));
        counters.of(limit.id).reserve(bucket, reserved);
        match takings.iter_mut().find(|taking| taking.limit == limit.id) {
            Some(taking) => taking.reserved = taking.reserved.saturating_add(reserved),
            None => takings.push(Taking {
                limit: limit.id,
                measure: limit.measure,
                bucket,
                reserved,
            }),
        }
    }
}

/// A call has ended: what it used takes the place of what it reserved.
pub fn settle(counters: &mut Counters, takings: &[Taking], spent: Spent) {
    for taking in takings {
        let used = spent.counts(taking.measure);
        counters.of(taking.limit).settle(taking.bucket, taking.reserved, used);
    }
}

/// A call never was: what it reserved comes back.
pub fn free(counters: &mut Counters, takings: &[Taking]) {
    for taking in takings {
        counters.of(taking.limit).settle(taking.bucket, taking.reserved, 0);
    }
}

/// How a limit stands.
#[must_use]
pub fn standing(ruled: &impl Ruled, counters: &Counters, at: Timestamp) -> Standing {
    let limit = *ruled.limit();
    let (place, counter) = (place(ruled, at), counters.get(limit.id));
    let sums = place.fullest(counter);
    Standing {
        limit,
        used: sums.used,
        reserved: sums.reserved,
        resets_at: place.resets_at(counter, at),
    }
}
