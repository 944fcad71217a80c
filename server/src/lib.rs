//! Speaks HTTP: configuration, command line, routes, dialect handlers, sessions, telemetry. The only crate that knows
//! requests and sessions; what they lead to is decided in `gateway`, what people see in `app`.
//!
//! To add an endpoint: a file in `v1` (or in `admin`, for keys that may manage) with what the document says of it, a line in `routes`, which
//! says who may come. To add a setting: a row in `config::keys`. To add a command: a
//! file in `command`.

pub mod address;
mod admin;
mod aigne;
pub mod arrival;
mod assets;
mod authority;
pub mod command;
pub mod config;
mod console;
mod contract;
mod health;
mod routes;
mod serve;
mod session;
pub mod state;
mod telemetry;
mod v1;

pub use routes::router;
