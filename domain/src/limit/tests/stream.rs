//! One random stream of calls against a few limits, beside a plain list of the calls that knows nothing of buckets.

use std::sync::Arc;

use super::super::*;
use crate::time::Timestamp;

const SECOND: i64 = 1_000_000;

/// A limit on a calendar of its own: each day has another length, as days have where clocks are changed.
#[derive(Debug)]
pub struct Rule(pub Limit);

impl Ruled for Rule {
    fn limit(&self) -> &Limit {
        &self.0
    }

    fn edges(&self, span: Span, at: Timestamp) -> (Timestamp, Timestamp) {
        let length = span.length().0;
        let number = at.0.div_euclid(length);
        // Each border but those of minutes moves by up to a twenty-fourth of the span.
        let shift = if span == Span::Minute { 0 } else { length / 24 };
        let border = |number: i64| Timestamp(number * length + shift * number.rem_euclid(3));
        let around = |number| (border(number), border(number + 1));
        match around(number) {
            (from, _) if at < from => around(number - 1),
            found => found,
        }
    }
}

/// What may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// The first limits are taken though a later one refuses.
    FirstStays,
    /// What was reserved and not used does not come back.
    UnusedStays,
    /// The end counts where the call ended.
    CountsAtEnd,
    /// The growth of a call is not reserved.
    GrowthIsFree,
    /// A call that never was stays a request.
    FreedStays,
    /// A call is settled twice.
    SettledTwice,
    /// A limit is looked at as if only what was used counted.
    ReservedIsFree,
}

impl Bug {
    pub const ALL: [Self; 7] = [
        Self::FirstStays,
        Self::UnusedStays,
        Self::CountsAtEnd,
        Self::GrowthIsFree,
        Self::FreedStays,
        Self::SettledTwice,
        Self::ReservedIsFree,
    ];
}

/// How much happened.
#[derive(Debug, Default)]
pub struct Seen {
    pub admitted: u32,
    pub refused: u32,
    pub grown: u32,
}

/// A call as the list knows it.
struct Call {
    at: Timestamp,
    takings: Vec<Taking>,
    /// What counts of it, running or ended.
    granted: Granted,
    spent: Option<Spent>,
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}

fn limits(chance: &mut Chance) -> Vec<Arc<Rule>> {
    let spans = |chance: &mut Chance, of: &[Span]| of[usize::try_from(chance.below(of.len() as i64)).unwrap()];
    (1..=1 + chance.below(4))
        .map(|number| {
            let measure = Measure::ALL[usize::try_from(chance.below(4)).unwrap()];
            let (spans, most) = match measure {
                Measure::Concurrent => (Span::Day, 1 + chance.below(5)),
                Measure::Requests => (
                    spans(chance, &[Span::Minute, Span::Hour, Span::Day]),
                    1 + chance.below(8),
                ),
                Measure::Tokens => (
                    spans(chance, &[Span::Minute, Span::Hour, Span::Day]),
                    50 + chance.below(400),
                ),
                Measure::Spend => (
                    spans(chance, &[Span::Day, Span::Week, Span::Month]),
                    20 + chance.below(300),
                ),
            };
            let window = match (measure, chance.below(5)) {
                (Measure::Concurrent, _) => Window::Running,
                (Measure::Spend, 0) => Window::Ever,
                (_, 1 | 2) => Window::Calendar(spans),
                _ => Window::Rolling(spans),
            };
            super::rule(number, measure, window, most)
        })
        .collect()
}

/// What a call counts for a limit by the list.
fn counts(call: &Call, measure: Measure) -> i64 {
    match (call.spent, measure) {
        (None, Measure::Requests | Measure::Concurrent) => 1,
        (None, Measure::Tokens) => call.granted.tokens,
        (None, Measure::Spend) => call.granted.spend,
        (Some(spent), measure) => spent.counts(measure),
    }
}

/// Runs a stream; an error is a sentence about what was found.
pub fn run(seed: u64, bug: Option<Bug>, seen: &mut Seen) -> Result<(), String> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let limits = limits(&mut chance);
    let longest = limits
        .iter()
        .filter_map(|rule| rule.0.window.span())
        .max()
        .unwrap_or(Span::Minute);
    let mut counters = Counters::default();
    let mut calls: Vec<Call> = Vec::new();
    let mut now = Timestamp(1_000 * 86_400 * SECOND);
    for _ in 0..40 {
        now = Timestamp(now.0 + chance.below(longest.length().0 / 12));
        let running: Vec<usize> = (0..calls.len()).filter(|one| calls[*one].spent.is_none()).collect();
        let some = (!running.is_empty()).then(|| running[usize::try_from(chance.below(running.len() as i64)).unwrap()]);
        match (chance.below(10), some) {
            (0..=5, _) | (_, None) => {
                // At times several at once.
                for _ in 0..=chance.below(3) {
                    begin(&limits, &mut counters, &mut calls, now, (&mut chance, bug, seen))?;
                }
            }
            (6, Some(one)) => grow(&limits, &mut counters, &mut calls[one], now, (&mut chance, bug, seen)),
            (7, Some(one)) => {
                let call = calls.remove(one);
                match bug {
                    Some(Bug::FreedStays) => settle(&mut counters, &call.takings, Spent::default()),
                    _ => free(&mut counters, &call.takings),
                }
            }
            (_, Some(one)) => end(&mut counters, &mut calls[one], now, &limits, &mut chance, bug),
        }
        for rule in &limits {
            check(rule, &counters, &calls, now)?;
        }
    }
    Ok(())
}

type With<'a> = (&'a mut Chance, Option<Bug>, &'a mut Seen);

fn begin(
    limits: &[Arc<Rule>],
    counters: &mut Counters,
    calls: &mut Vec<Call>,
    now: Timestamp,
    (chance, bug, seen): With<'_>,
) -> Result<(), String> {
    let wanted = |chance: &mut Chance, most: i64| {
        let least = chance.below(most);
        Wanted {
            most: least + chance.below(most),
            least,
        }
    };
    let ask = Ask {
        begins: true,
        tokens: wanted(chance, 60),
        spend: wanted(chance, 40),
    };
    let looked_at = match bug {
        Some(Bug::ReservedIsFree) => {
            let mut only_used = counters.clone();
            only_used.retain(|_, counter| {
                let mut used = Counter::default();
                for (start, bucket) in counter.buckets(Timestamp(i64::MIN), Timestamp(i64::MAX)) {
                    used.load(start, Bucket { reserved: 0, ..bucket });
                }
                *counter = used;
                true
            });
            only_used
        }
        _ => counters.clone(),
    };
    let mut takings = Vec::new();
    match offer(limits, &looked_at, &ask, now, now) {
        Ok(granted) => {
            seen.admitted += 1;
            if granted.tokens < ask.tokens.least || granted.spend < ask.spend.least {
                return Err(format!("{granted:?} is less than {ask:?} needs"));
            }
            take(limits, counters, &ask, granted, now, &mut takings);
            calls.push(Call {
                at: now,
                takings,
                granted,
                spent: None,
            });
        }
        Err(over) => {
            seen.refused += 1;
            if let Some(Bug::FirstStays) = bug {
                let first = &limits[..1];
                take(
                    first,
                    counters,
                    &ask,
                    Granted { tokens: 1, spend: 1 },
                    now,
                    &mut takings,
                );
            }
            refused_rightly(limits, &looked_at, calls, &ask, &over, now)?;
        }
    }
    Ok(())
}

/// There is no room, there is by the moment that was told, and not before.
fn refused_rightly(
    limits: &[Arc<Rule>],
    counters: &Counters,
    calls: &[Call],
    ask: &Ask,
    over: &OverLimit,
    now: Timestamp,
) -> Result<(), String> {
    let rule = limits
        .iter()
        .find(|rule| rule.0.id == over.limit.id)
        .ok_or("no such limit")?;
    let there = fullest(rule, calls, now, true);
    if there + over.needed <= rule.0.most {
        return Err(format!("refused by {:?} with {there} of it taken", rule.0));
    }
    let alone = std::slice::from_ref(rule);
    match over.frees_at {
        Some(at) if offer(alone, counters, ask, at, at).is_err() => Err(format!("{over:?}: no room then")),
        Some(at) if offer(alone, counters, ask, Timestamp(at.0 - 1), now).is_ok() => {
            Err(format!("{over:?}: room before"))
        }
        None if rule.0.window.span().is_some() && over.needed <= rule.0.most => Err(format!("{over:?}: room some day")),
        _ => Ok(()),
    }
}

fn grow(limits: &[Arc<Rule>], counters: &mut Counters, call: &mut Call, now: Timestamp, (chance, bug, seen): With<'_>) {
    let step = Wanted {
        most: 1 + chance.below(20),
        least: 1,
    };
    let ask = Ask {
        begins: false,
        tokens: step,
        spend: step,
    };
    if let Ok(granted) = offer(limits, counters, &ask, call.at, now) {
        seen.grown += 1;
        if bug != Some(Bug::GrowthIsFree) {
            take(limits, counters, &ask, granted, call.at, &mut call.takings);
        }
        call.granted.tokens += granted.tokens;
        call.granted.spend += granted.spend;
    }
}

fn end(
    counters: &mut Counters,
    call: &mut Call,
    now: Timestamp,
    limits: &[Arc<Rule>],
    chance: &mut Chance,
    bug: Option<Bug>,
) {
    let spent = Spent {
        tokens: chance.below(call.granted.tokens + 1),
        charge: chance.below(call.granted.spend + 1),
    };
    match bug {
        Some(Bug::UnusedStays) => {
            let all = Spent {
                tokens: call.granted.tokens,
                charge: call.granted.spend,
            };
            settle(counters, &call.takings, all);
        }
        Some(Bug::CountsAtEnd) => {
            free(counters, &call.takings);
            let mut moved = Vec::new();
            let ask = Ask {
                begins: true,
                ..Ask::default()
            };
            take(limits, counters, &ask, Granted::default(), now, &mut moved);
            settle(counters, &moved, spent);
        }
        Some(Bug::SettledTwice) => {
            settle(counters, &call.takings, spent);
            settle(counters, &call.takings, spent);
        }
        _ => settle(counters, &call.takings, spent),
    }
    call.spent = Some(spent);
}

/// The most that any window holds which `at` lies in, by the list: of exactly the span, or of one step more.
fn fullest(rule: &Rule, calls: &[Call], at: Timestamp, wide: bool) -> i64 {
    let measure = rule.0.measure;
    let sum = |within: &dyn Fn(Timestamp) -> bool| -> i64 {
        let those = calls.iter().filter(|call| within(call.at));
        those.map(|call| counts(call, measure)).sum()
    };
    match rule.0.window {
        Window::Running | Window::Ever => sum(&|_| true),
        Window::Calendar(span) => {
            let (from, until) = rule.edges(span, at);
            sum(&|moment| moment >= from && moment < until)
        }
        Window::Rolling(span) => {
            let reach = span.length().0 + if wide { span.length().0 / STEPS } else { 0 };
            sum(&|moment| moment.0 > at.0 - reach && moment <= at)
        }
    }
}

fn check(rule: &Rule, counters: &Counters, calls: &[Call], now: Timestamp) -> Result<(), String> {
    let (limit, counter) = (&rule.0, counters.get(rule.0.id));
    // Nothing is lost, and nothing is left.
    let (from, until) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
    let total: i64 = counter
        .buckets(from, until)
        .map(|(_, bucket)| bucket.used + bucket.reserved)
        .sum();
    let by_list: i64 = calls.iter().map(|call| counts(call, limit.measure)).sum();
    if total != by_list {
        return Err(format!("{limit:?}: all windows hold {total}, all calls {by_list}"));
    }
    let reserved: i64 = counter.buckets(from, until).map(|(_, bucket)| bucket.reserved).sum();
    let running = calls.iter().filter(|call| call.spent.is_none());
    let by_list: i64 = running.map(|call| counts(call, limit.measure)).sum();
    if reserved != by_list {
        return Err(format!(
            "{limit:?}: {reserved} are reserved, running calls have {by_list}"
        ));
    }
    // No window holds more than the limit, at any moment at which a call counts.
    for moment in calls.iter().map(|call| call.at).chain([now]) {
        let there = fullest(rule, calls, moment, false);
        if there > limit.most {
            return Err(format!("{limit:?}: a window holds {there}"));
        }
        let standing = standing(rule, counters, moment);
        if matches!(limit.window, Window::Calendar(_)) && standing.used + standing.reserved != there {
            return Err(format!("{limit:?} stands at {standing:?}, the list at {there}"));
        }
    }
    Ok(())
}
