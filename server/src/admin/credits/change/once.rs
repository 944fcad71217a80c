//! The header `Idempotency-Key`: a change is booked once under it.

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::{admin::AdminError, contract::Operation, state::HubState};

/// The name under which a change is booked once.
const ONCE: &str = "Idempotency-Key";
/// Its characters at the most.
const LONGEST: usize = 100;

/// That name, where there is one.
pub struct Once(Option<String>);

impl Once {
    /// It; empty where there is none.
    pub fn name(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl FromRequestParts<HubState> for Once {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, _: &HubState) -> Result<Self, AdminError> {
        let mut given = parts.headers.get_all(ONCE).iter();
        let (first, second) = (given.next(), given.next());
        let Some(value) = first else { return Ok(Self(None)) };
        let name = value.to_str().unwrap_or_default().trim();
        if second.is_some() || !(1..=LONGEST).contains(&name.len()) {
            return Err(AdminError::invalid(
                ONCE,
                "Send one Idempotency-Key of 1 to 100 printable characters, or none.",
            ));
        }
        // Names of forms of the console begin otherwise.
        Ok(Self(Some(name.to_owned())))
    }
}

/// Says so of a route.
pub fn about(operation: Operation) -> Operation {
    operation.header(
        ONCE,
        "Books it once under this name, however often it is sent: `booked_before` tells. Up to 100 characters, yours to choose.",
    )
}
