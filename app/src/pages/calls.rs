//! The log of calls: the list with its filters, a call beside the list, and a call as a page of its own.
//! Members see their own calls, admins all; the gateway decides that, not these pages.

mod attempts;
pub(super) mod brief;
mod charge;
mod detail;
mod filter_form;
mod filters;
mod list;
mod parts;
mod peek;
mod remedy;
mod rows;
mod timeline;
mod usage;
mod words;

pub use detail::CallPage;
pub use list::CallsPage;

// The overview shows its few calls in the same words.
pub(super) use rows::tokens;
// The playground tells of a refusal with the same way out.
pub(super) use remedy::remedy;
pub(super) use words::{CallStatus, ModelName, SimulatedMark, concern as concern_in_words};
