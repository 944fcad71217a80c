//! The hub as a whole: the real binary over a real database, with a fake provider behind it. Each test has a hub of its
//! own and runs on SQLite and on PostgreSQL; ARCHITECTURE.md names the exceptions. `make test-it` starts what they need.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

#[path = "it/admin_api.rs"]
mod admin_api;
#[path = "it/aigne.rs"]
mod aigne;
#[path = "it/aigne_admission.rs"]
mod aigne_admission;
#[path = "it/asked_once.rs"]
mod asked_once;
#[path = "it/audit_chain.rs"]
mod audit_chain;
#[path = "it/blank.rs"]
mod blank;
#[path = "it/body_memory.rs"]
mod body_memory;
#[path = "it/canary.rs"]
mod canary;
#[path = "it/changing.rs"]
mod changing;
#[path = "it/chat.rs"]
mod chat;
#[path = "it/command_line.rs"]
mod command_line;
#[path = "it/compression.rs"]
mod compression;
#[path = "it/connections.rs"]
mod connections;
#[path = "it/cors.rs"]
mod cors;
#[path = "it/crates.rs"]
mod crates;
#[path = "it/demo.rs"]
mod demo;
#[path = "it/developing.rs"]
mod developing;
#[path = "it/differences.rs"]
mod differences;
#[path = "it/documents.rs"]
mod documents;
#[path = "it/durability.rs"]
mod durability;
#[path = "it/edge.rs"]
mod edge;
#[path = "it/faults.rs"]
mod faults;
#[path = "it/first_start.rs"]
mod first_start;
#[path = "it/flaky.rs"]
mod flaky;
#[path = "it/forms.rs"]
mod forms;
#[path = "it/gemini.rs"]
mod gemini;
#[path = "it/guards.rs"]
mod guards;
#[path = "it/headers.rs"]
mod headers;
#[path = "it/holes.rs"]
mod holes;
#[path = "it/keys.rs"]
mod keys;
#[path = "it/lacking.rs"]
mod lacking;
#[path = "it/last_used.rs"]
mod last_used;
#[path = "it/least.rs"]
mod least;
#[path = "it/leaving.rs"]
mod leaving;
#[path = "it/ledger.rs"]
mod ledger;
#[path = "it/licenses.rs"]
mod licenses;
#[path = "it/limits.rs"]
mod limits;
#[path = "it/mail.rs"]
mod mail;
#[path = "it/manifests.rs"]
mod manifests;
#[path = "it/matrix.rs"]
mod matrix;
#[path = "it/messages.rs"]
mod messages;
#[path = "it/models.rs"]
mod models;
#[path = "it/money.rs"]
mod money;
#[path = "it/ollama.rs"]
mod ollama;
#[path = "it/openapi.rs"]
mod openapi;
#[path = "it/pages.rs"]
mod pages;
#[path = "it/passing.rs"]
mod passing;
#[path = "it/people.rs"]
mod people;
#[path = "it/pictures.rs"]
mod pictures;
#[path = "it/prices.rs"]
mod prices;
#[path = "it/provider_health.rs"]
mod provider_health;
#[path = "it/readiness.rs"]
mod readiness;
#[path = "it/refusals.rs"]
mod refusals;
#[path = "it/replicas.rs"]
mod replicas;
#[path = "it/rights.rs"]
mod rights;
#[path = "it/rotation.rs"]
mod rotation;
#[path = "it/schemas.rs"]
mod schemas;
#[path = "it/sessions.rs"]
mod sessions;
#[path = "it/sign_in.rs"]
mod sign_in;
#[path = "it/simulated.rs"]
mod simulated;
#[path = "it/slow_database.rs"]
mod slow_database;
#[path = "it/standing_still.rs"]
mod standing_still;
#[path = "it/steps.rs"]
mod steps;
#[path = "it/stopping.rs"]
mod stopping;
#[path = "it/summary.rs"]
mod summary;
#[path = "it/surroundings.rs"]
mod surroundings;
#[path = "it/unwelcome.rs"]
mod unwelcome;
#[path = "it/wires.rs"]
mod wires;
