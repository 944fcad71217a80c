//! Usage as sums: of one day and one model.

use serde::{Deserialize, Serialize};

use crate::{money::Amount, time::Timestamp, usage::Usage};

/// What calls of one model came to on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayUsage {
    /// The first moment of the day, in UTC.
    pub day: Timestamp,
    /// `provider/model`; empty for calls whose model there is not.
    pub model: String,
    /// How many calls.
    pub calls: i64,
    /// Of these, how many failed.
    pub errors: i64,
    /// What they consumed.
    pub usage: Usage,
    /// What they were charged.
    pub charge: Amount,
}
