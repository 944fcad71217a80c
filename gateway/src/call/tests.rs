//! Calls against a scripted upstream over a real database: what the client gets, what the upstream got, what the log holds.

mod before;
mod client;
mod defects;
mod dialects;
mod faults;
mod fetched;
mod golden;
mod last_words;
mod leaving;
mod listing;
mod memory;
mod money;
mod odd_shapes;
mod others;
mod room;
mod simulated;
mod streams;
mod unstreamed;
mod upstream;
mod whole;
mod withdrawn;

/// A client of this name finds a defect where the end of a call that went well is written.
pub const PANICS: &str = "panics at the end";

pub fn panic_as_asked(row: &crate::CallRow) {
    let asked = row.agent.as_deref() == Some(PANICS) && row.state == domain::call::CallState::Succeeded;
    assert!(!asked, "as a test has asked for");
}
