//! The time limits of a provider's attempts, as they are told and as they are changed.

use domain::provider::Timeouts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::admin::body::given;

/// The time limits of an attempt, in milliseconds, each 100 to 3,600,000 and none beyond the total.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
#[schemars(rename = "Timeouts")]
pub struct TimeoutsEntry {
    connect_ms: u32,
    /// From the request's last byte to the first of a streamed answer.
    first_byte_ms: u32,
    /// Between two pieces of an answer.
    gap_ms: u32,
    total_ms: u32,
}

impl From<Timeouts> for TimeoutsEntry {
    fn from(timeouts: Timeouts) -> Self {
        Self {
            connect_ms: timeouts.connect_ms,
            first_byte_ms: timeouts.first_byte_ms,
            gap_ms: timeouts.gap_ms,
            total_ms: timeouts.total_ms,
        }
    }
}

/// Time limits to change, in milliseconds. What is absent stays.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeoutsChange {
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "u32")]
    connect_ms: Option<u32>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "u32")]
    first_byte_ms: Option<u32>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "u32")]
    gap_ms: Option<u32>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "u32")]
    total_ms: Option<u32>,
}

impl TimeoutsChange {
    /// What they are then.
    pub fn of(self, before: Timeouts) -> Timeouts {
        Timeouts {
            connect_ms: self.connect_ms.unwrap_or(before.connect_ms),
            first_byte_ms: self.first_byte_ms.unwrap_or(before.first_byte_ms),
            gap_ms: self.gap_ms.unwrap_or(before.gap_ms),
            total_ms: self.total_ms.unwrap_or(before.total_ms),
        }
    }
}
