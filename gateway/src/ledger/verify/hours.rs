//! The hourly sums of one account against its calls.

use std::collections::BTreeMap;

use domain::time::{Micros, Timestamp};

use crate::store::{
    ledger::verify::{CallRow, HourRow},
    usage::{SUMS, summed},
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
    /// What calls come to whose end was written by who ran them, and how many were interrupted: each of those counts as a call and
    /// an error, whoever has closed it.
    sure: BTreeMap<Place, [i128; SUMS]>,
    /// The rest of what calls come to that were interrupted: of some the end was written, others were closed for a dead process
    /// and what they used was not counted.
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
        let sure = match call.state.as_str() {
            "open" => return,
            "interrupted" => COUNTS,
            _ => SUMS,
        };
        if sure < SUMS {
            add(
                &mut self.perhaps,
                place.clone(),
                of_call(call).into_iter().enumerate().skip(sure),
            );
        }
        add(&mut self.sure, place, of_call(call).into_iter().enumerate().take(sure));
    }

    /// Compares with what stands. Only hours that lie within what was looked at.
    pub fn compare(mut self, stored: Vec<HourRow>, since: Option<Timestamp>, mut find: impl FnMut(String)) {
        let within = |hour: i64| since.is_none_or(|since| hour >= since.microseconds());
        for row in stored.into_iter().filter(|row| within(row.hour)) {
            let place = (row.hour, row.project_id, row.key_id, row.model.clone(), row.provider_id);
            let least = self.sure.remove(&place).unwrap_or([0; SUMS]);
            let more = self.perhaps.remove(&place).unwrap_or([0; SUMS]);
            let fits = of_hour(&row).into_iter().zip(least).zip(more);
            let fits = fits
                .map(|((stored, least), more)| (i128::from(stored) - least, more))
                .all(|(beyond, more)| (0..=more).contains(&beyond));
            if !fits {
                let hour = row.hour;
                find(format!(
                    "The sums of {} in the hour {hour} are not those of its calls.",
                    row.model
                ));
            }
        }
        for ((hour, _, _, model, _), _) in self.sure.into_iter().filter(|((hour, ..), _)| within(*hour)) {
            find(format!("The sums of {model} in the hour {hour} are missing."));
        }
    }
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
    let rest = [
        call.charge,
        call.cost,
        call.duration_us,
        call.first_byte_us,
        call.overhead_us,
    ];
    summed([1, i64::from(failed)], call.usage, rest.map(Option::unwrap_or_default))
}

fn of_hour(row: &HourRow) -> [i64; SUMS] {
    let rest = [
        row.charge,
        row.cost,
        row.duration_us,
        row.first_byte_us,
        row.overhead_us,
    ];
    summed([row.calls, row.errors], row.usage, rest)
}
