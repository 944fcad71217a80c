//! The pages before the console: the first admin's set-up, and signing in.

pub mod providers;
pub mod setup;
pub mod sign_in;
