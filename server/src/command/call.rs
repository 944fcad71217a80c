//! `call list`: the newest calls of everybody.

use clap::Subcommand;
use domain::{
    access::{Role, Viewer},
    call::{Call, CallFilter, CallState},
    id::UserId,
    name::Email,
    page::{Cursor, PageSize},
};
use serde_json::json;

use super::{CommandError, Outcome, open};
use crate::config::Config;

/// What can be done with calls.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the newest calls.
    List {
        /// How many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
        /// Only calls in this state: open, succeeded, failed, cancelled, interrupted.
        #[arg(long)]
        state: Option<String>,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: &Command) -> Result<Outcome, CommandError> {
    let Command::List { limit, state } = command;
    let state = state
        .as_deref()
        .map(|word| {
            CallState::parse(word).ok_or_else(|| {
                CommandError::Argument(format!(
                    "There is no state {word:?}. Choose open, succeeded, failed, cancelled or interrupted."
                ))
            })
        })
        .transpose()?;
    let filter = CallFilter {
        state,
        ..CallFilter::default()
    };
    let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
    let viewer = command_line()?;
    open::existing(config, async |gateway| {
        let mut calls: Vec<Call> = Vec::new();
        let mut cursor = Cursor::Newest;
        while calls.len() < limit {
            let page = gateway
                .calls()
                .page(&viewer, &filter, cursor, PageSize::nearest(100))
                .await?;
            calls.extend(page.rows);
            // A page of few matches may be empty and still say where to go on.
            match page.older.and_then(|id| id.parse().ok()) {
                Some(id) => cursor = Cursor::Before(id),
                None => break,
            }
        }
        calls.truncate(limit);
        let rows: Vec<Vec<String>> = calls.iter().map(row).collect();
        Ok(Outcome::table(
            json!(calls),
            &["id", "user", "model", "state", "status", "in", "out", "ms", "charge"],
            &rows,
        ))
    })
    .await
}

/// Whoever can open the database sees every call, as an owner does.
pub fn command_line() -> Result<Viewer, CommandError> {
    let email: Email = "command-line@localhost".parse()?;
    Ok(Viewer {
        id: UserId::from_number(0),
        email,
        role: Role::Owner,
        key: None,
    })
}

/// What served, or was asked for; simulated answers say so whatever their provider is called.
fn model(call: &Call) -> String {
    let name = call.model_served.as_ref().unwrap_or(&call.model_asked);
    if call.is_simulated() {
        format!("{name} (simulated)")
    } else {
        name.clone()
    }
}

fn row(call: &Call) -> Vec<String> {
    vec![
        call.id.to_string(),
        call.user_email.clone(),
        model(call),
        call.state.as_str().to_owned(),
        call.status.map(|status| status.to_string()).unwrap_or_default(),
        call.usage.input_total().to_string(),
        call.usage.output_total().to_string(),
        call.duration
            .map(|span| (span.0 / 1000).to_string())
            .unwrap_or_default(),
        charge(call),
    ]
}

/// What was charged, or that nothing was though it was held: then what it probably cost.
fn charge(call: &Call) -> String {
    match (call.charge, call.unbilled) {
        (Some(charge), _) => charge.to_string(),
        (None, Some(unbilled)) => match unbilled.estimated_cost {
            Some(cost) => format!("unbilled, cost about {cost}"),
            None => format!("unbilled, cost at most {}", unbilled.at_most),
        },
        (None, None) => String::new(),
    }
}
