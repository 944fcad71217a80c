//! The pages before the console: the first admin's set-up, signing in, and the ways in by a link of a mail.

mod asking;
mod behind;
mod choose;
pub mod confirm;
mod head;
pub mod invite;
pub mod providers;
pub mod register;
pub mod reset;
pub mod setup;
pub mod sign_in;
