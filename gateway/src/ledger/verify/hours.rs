//! The hourly sums of one account against its calls.

use std::collections::BTreeMap;

use domain::{
    time::{Micros, Timestamp},
    usage::UsageSource,
};

use crate::store::{
    ledger::verify::{CallRow, HourRow},
    usage::{COUNTED_LATELY, SUMS, Sums, images},
};

/// Microseconds.
const HOUR: i64 = Micros::from_seconds(3600).0;
/// Calls and errors, which come first.
const COUNTS: usize = 2;

/// Of which hour, project, key, model and provider.
type Place = (i64, i64, i64, String, i64);

/// What the calls come to.
#[derive(Default)]
pub(super) struct Hours {
    /// What calls come to whose end was written by who ran them, a shutdown among those, and how many were closed for a dead process: each of
    /// those counts as a call and an error.
    sure: BTreeMap<Place, [i128; SUMS]>,
    /// The rest of what the rows of those tell: what they used was not counted.
    perhaps: BTreeMap<Place, [i128; SUMS]>,
}

impl Hours {
    /// Adds a call that has ended.
    pub fn add(&mut self, call: &CallRow) {
        let place = (
            call.started_at.div_euclid(HOUR) * HOUR,
            call.project_id,
            call.key_id.unwrap_or_default(),
            call.model_served.clone().unwrap_or_default(),
            call.provider_id.unwrap_or_default(),
        );
        if call.state == "open" {
            return;
        }
        let sure = if call.ended_with_its_process() { COUNTS } else { SUMS };
        if sure < SUMS {
            add(
                &mut self.perhaps,
                place.clone(),
                of_call(call).into_iter().enumerate().skip(sure),
            );
        }
        add(&mut self.sure, place, of_call(call).into_iter().enumerate().take(sure));
    }

    /// Compares with what stands. Only hours that lie within what was looked at. In those that began before `counted_less_until`, pictures and
    /// estimates may be more than were counted.
    pub fn compare(
        mut self,
        stored: Vec<HourRow>,
        since: Option<Timestamp>,
        counted_less_until: Option<Timestamp>,
        mut find: impl FnMut(String),
    ) {
        let within = |hour: i64| since.is_none_or(|since| hour >= since.microseconds());
        let counted_less = |hour: i64| counted_less_until.is_some_and(|until| hour <= until.microseconds());
        for row in stored.into_iter().filter(|row| within(row.hour)) {
            let place = (row.hour, row.project_id, row.key_id, row.model.clone(), row.provider_id);
            let least = self.sure.remove(&place).unwrap_or([0; SUMS]);
            let more = self.perhaps.remove(&place).unwrap_or([0; SUMS]);
            let hour = row.hour;
            let sums = row.sums.listed().into_iter().zip(least).zip(more).enumerate();
            let mut fits = sums.map(|(place, ((stored, least), more))| {
                let lowest = match counted_less(hour) && COUNTED_LATELY.contains(&place) {
                    true => 0,
                    false => least,
                };
                (lowest..=least + more).contains(&i128::from(stored))
            });
            if !fits.all(|fits| fits) {
                find(format!(
                    "The sums of {} in the hour {} are not those of its calls.",
                    row.model,
                    told(hour)
                ));
            }
        }
        for ((hour, _, _, model, _), _) in self.sure.into_iter().filter(|((hour, ..), _)| within(*hour)) {
            find(format!("The sums of {model} in the hour {} are missing.", told(hour)));
        }
    }
}

/// As RFC 3339 has it.
fn told(hour: i64) -> String {
    jiff::Timestamp::from_microsecond(hour).map_or_else(|_| hour.to_string(), |moment| moment.to_string())
}

fn add(sums: &mut BTreeMap<Place, [i128; SUMS]>, place: Place, more: impl Iterator<Item = (usize, i64)>) {
    let sums = sums.entry(place).or_insert([0; SUMS]);
    for (place, more) in more {
        if let Some(sum) = sums.get_mut(place) {
            *sum += i128::from(more);
        }
    }
}

fn of_call(call: &CallRow) -> [i64; SUMS] {
    let failed = matches!(call.state.as_str(), "failed" | "interrupted");
    let sums = Sums {
        calls: 1,
        errors: i64::from(failed),
        usage: call.usage,
        charge: call.charge.unwrap_or_default(),
        cost: call.cost.unwrap_or_default(),
        duration_us: call.duration_us.unwrap_or_default(),
        first_byte_us: call.first_byte_us.unwrap_or_default(),
        overhead_us: call.overhead_us.unwrap_or_default(),
        ..Sums::default()
    };
    let is_estimate = call.usage_source == UsageSource::Estimated.as_str();
    sums.told(images(call.drawn.as_deref()), is_estimate).listed()
}
