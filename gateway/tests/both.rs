//! What storage must do alike on SQLite and PostgreSQL. Each test runs on both; `make test` names the PostgreSQL server in
//! `HUB_TEST_POSTGRES_URL`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may end at once"
)]

#[path = "both/access.rs"]
mod access;
#[path = "both/amid.rs"]
mod amid;
#[path = "both/audit.rs"]
mod audit;
#[path = "both/audit_all.rs"]
mod audit_all;
#[path = "both/chain.rs"]
mod chain;
#[path = "both/connections.rs"]
mod connections;
#[path = "both/hub.rs"]
mod hub;
#[path = "both/identity.rs"]
mod identity;
#[path = "both/ledger.rs"]
mod ledger;
#[path = "both/limits.rs"]
mod limits;
#[path = "both/log.rs"]
mod log;
#[path = "both/mail.rs"]
mod mail;
#[path = "both/older.rs"]
mod older;
#[path = "both/opening.rs"]
mod opening;
#[path = "both/people.rs"]
mod people;
#[path = "both/prices.rs"]
mod prices;
#[path = "both/processes.rs"]
mod processes;
#[path = "both/projects.rs"]
mod projects;
#[path = "both/providers.rs"]
mod providers;
#[path = "both/schema.rs"]
mod schema;
#[path = "both/search.rs"]
mod search;
#[path = "both/secured.rs"]
mod secured;
#[path = "both/seen.rs"]
mod seen;
#[path = "both/sessions.rs"]
mod sessions;
#[path = "both/way.rs"]
mod way;
