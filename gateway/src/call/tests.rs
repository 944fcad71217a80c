//! Calls against a scripted upstream over a real database: what the client gets, what the upstream got, what the log holds.

mod client;
mod defects;
mod faults;
mod leaving;
mod memory;
mod money;
mod simulated;
mod streams;
mod upstream;
mod whole;
