//! What things are and what is allowed: the words of AIGNE Hub as types.
//!
//! Everything here is pure. No clock, no chance, no network and no storage: those are arguments or live in `gateway`.
//! The crate compiles for servers and for browsers, so that both mean the same by the same word.

pub mod access;
pub mod account;
pub mod audit;
pub mod call;
pub mod catalog;
pub mod credit;
pub mod door;
pub mod id;
pub mod identity;
pub mod invitation;
pub mod key;
pub mod ledger;
pub mod limit;
pub mod mail;
pub mod money;
pub mod name;
pub mod network;
pub mod page;
pub mod price;
pub mod project;
pub mod provider;
pub mod reason;
pub mod refusal;
pub mod setting;
pub mod time;
pub mod usage;
