//! What went wrong, as AIGNE's clients read it: `{"error":{"message","type",…}}`, always an object. `type` drives the client: with
//! `NOT_ENOUGH` it shows the link to buy credit.

use bytes::Bytes;
use serde::Serialize;

use crate::{call::Facts, wire::canonical::Failing};

/// What went wrong, with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// A sentence for the caller.
    pub message: &'a str,
    /// Stable word for programs.
    pub code: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The member of the request that is wrong.
    pub param: Option<&'a str>,
    /// What the credit came to, when it is too little, or a limit.
    pub facts: Facts<'a>,
    /// When, as `2027-01-31T12:00:00.000Z`.
    pub timestamp: Option<&'a str>,
}

#[derive(Serialize)]
struct Outer<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
    /// Where credit is to be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    #[serde(flatten)]
    facts: Facts<'a>,
}

/// The `type` of an error that the hub answers with this status.
const fn kind(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 => "NOT_ENOUGH",
        403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        429 => "TOO_MANY_REQUESTS",
        400..=499 => "INVALID_REQUEST",
        _ => "UNAVAILABLE",
    }
}

impl<'a> Problem<'a> {
    /// An error within a stream that has begun.
    pub(super) const fn within(failing: &Failing<'a>) -> Self {
        Self {
            message: failing.message,
            code: failing.code,
            status: failing.status,
            param: None,
            facts: failing.facts,
            timestamp: None,
        }
    }

    fn inner(&self) -> Inner<'a> {
        Inner {
            message: self.message,
            kind: kind(self.status),
            code: self.code,
            param: self.param,
            timestamp: self.timestamp,
            link: self.facts.credit.map(|credit| credit.url.as_str()),
            facts: self.facts,
        }
    }
}

/// The body of an answer that is an error.
#[must_use]
pub fn body(problem: &Problem<'_>) -> Bytes {
    let outer = Outer { error: problem.inner() };
    // A few texts always are JSON.
    serde_json::to_vec(&outer).unwrap_or_default().into()
}

/// The last event of a framework stream.
pub(super) fn framework_event(problem: &Problem<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"event: error\n");
    super::frame(&problem.inner(), out);
}

/// The last event of an older stream.
pub(super) fn old_event(problem: &Problem<'_>, out: &mut Vec<u8>) {
    super::frame(&Outer { error: problem.inner() }, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Shortfall;

    #[test]
    fn too_little_credit_tells_where_there_is_more() {
        let amount = |nano| domain::money::Amount::from_nano(nano).unwrap();
        let credit = Shortfall {
            spendable: amount(5),
            needed: amount(7),
            debt: amount(0),
            missing: amount(2),
            held: amount(0),
            waiting_helps: false,
            url: "https://hub.example/credits".to_owned(),
        };
        let problem = Problem {
            message: "Add credit.",
            code: "insufficient_credits",
            status: 402,
            param: None,
            facts: Facts {
                credit: Some(&credit),
                limit: None,
            },
            timestamp: Some("2027-01-31T12:00:00.000Z"),
        };
        assert_eq!(
            body(&problem),
            concat!(
                r#"{"error":{"message":"Add credit.","type":"NOT_ENOUGH","code":"insufficient_credits","timestamp":"2027-01-31T12:00:00.000Z","#,
                r#""link":"https://hub.example/credits","credit":{"spendable":"0.000000005","needed":"0.000000007","debt":"0.00","#,
                r#""missing":"0.000000002","held":"0.00","waiting_helps":false,"url":"https://hub.example/credits"}}}"#
            )
        );
        let mut out = Vec::new();
        framework_event(
            &Problem {
                status: 503,
                facts: Facts::default(),
                timestamp: None,
                ..problem
            },
            &mut out,
        );
        assert_eq!(
            String::from_utf8_lossy(&out),
            "event: error\ndata: {\"message\":\"Add credit.\",\"type\":\"UNAVAILABLE\",\"code\":\"insufficient_credits\"}\n\n"
        );
    }
}
