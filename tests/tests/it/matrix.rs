//! Every dialect against every provider's wire, with everything that is asked for and every way in which a provider breaks:
//! {dialect} × {wire} × {plain, stream, tools, parallel tools, tool results, json_schema, image in, reasoning, cache writes, errors before
//! the first byte, breaks in the stream, oddities that change nothing, client leaves}.
//!
//! The client must see a grammatical answer of its own dialect (`tests::grammar`) that says what the provider said, and the
//! call's usage and charge must be the provider's own truth: what the fake counts for the very bytes that it got, read apart
//! from the hub (`truth`; `owed` for answers without an end), at prices that differ for each bucket. All cells run against one hub, side by side. What each came to is
//! written to the file that HUB_MATRIX names, for `docs/conformance.md`.

#[path = "matrix/across.rs"]
mod across;
#[path = "matrix/ask.rs"]
mod ask;
#[path = "matrix/cell.rs"]
mod cell;
#[path = "matrix/embeddings.rs"]
mod embeddings;
#[path = "matrix/feature.rs"]
mod feature;
#[path = "matrix/hall.rs"]
mod hall;
#[path = "matrix/hear.rs"]
mod hear;
#[path = "matrix/leaving.rs"]
mod leaving;
#[path = "matrix/owed.rs"]
mod owed;
#[path = "matrix/truth.rs"]
mod truth;

use std::sync::Arc;

use serde_json::{Value, json};
use tests::hub::Kind;
use tests::till;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use ask::Dialect;
use cell::Cell;
use feature::Feature;
use hall::{Hall, PROVIDERS};

/// Cells that run at the same time.
const AT_ONCE: usize = 12;

/// Every cell that there is.
fn cells(features: &[Feature]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for dialect in Dialect::ALL {
        for provider in PROVIDERS {
            for feature in features.iter().filter(|feature| feature.concerns(dialect, &provider)) {
                for stream in feature.streams() {
                    cells.push(Cell {
                        number: cells.len() + 1,
                        dialect,
                        provider,
                        feature: *feature,
                        stream: *stream,
                    });
                }
            }
        }
    }
    cells
}

/// Runs cells and gives what failed, with the reason.
async fn run(hall: &Arc<Hall>, cells: &[Cell]) -> Vec<(Cell, Option<String>)> {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for cell in cells.iter().copied() {
        let (hall, room) = (Arc::clone(hall), Arc::clone(&room));
        running.spawn(async move {
            let _place = room.acquire().await.unwrap();
            // A panic concerns its own cell.
            let ran = tokio::spawn(async move { cell.run(&hall).await }).await;
            (
                cell,
                ran.unwrap_or_else(|panic| Err(format!("it panicked: {panic}"))).err(),
            )
        });
    }
    let mut done = running.join_all().await;
    done.sort_by_key(|(cell, _)| cell.number);
    done
}

/// Writes what each cell came to, where somebody wants to know.
fn note(kind: Kind, done: &[(Cell, Option<String>)]) {
    let Some(path) = std::env::var_os("HUB_MATRIX") else {
        return;
    };
    let cells = done.iter().map(|(cell, why)| {
        json!({
            "dialect": format!("{:?}", cell.dialect), "provider": cell.provider.name, "feature": cell.feature.name(),
            "streamed": cell.stream, "passed": why.is_none(),
        })
    });
    let noted = json!({ "database": format!("{kind:?}"), "cells": cells.collect::<Vec<Value>>() });
    let mut path = std::path::PathBuf::from(path);
    path.set_extension(format!("{kind:?}.json").to_lowercase());
    std::fs::write(path, noted.to_string()).unwrap();
}

async fn check(kind: Kind, features: &[Feature]) {
    let hall = Arc::new(Hall::open(kind, features).await);
    let done = run(&hall, &cells(features)).await;
    note(kind, &done);
    let failed: Vec<String> = done
        .iter()
        .filter_map(|(cell, why)| Some(format!("{cell:?}:\n    {}", why.as_ref()?)))
        .collect();
    assert!(
        failed.is_empty(),
        "{} of {} cells:\n{}",
        failed.len(),
        done.len(),
        failed.join("\n")
    );
    assert_eq!(hall.upstream.violations(), Vec::<String>::new());
    till::audit(&hall.hub).await;
}

#[tokio::test]
async fn every_dialect_reaches_every_wire() {
    check(Kind::Sqlite, &Feature::all()).await;
}

/// How a call is written down and settled differs by the database, what is said between client and provider does not: here one
/// cell of each way in which a call can end.
#[tokio::test]
async fn calls_end_the_same_on_postgresql() {
    check(Kind::Postgres, &Feature::endings()).await;
}

/// Texts are embedded by OpenAI's clients and AIGNE's, wherever that is done.
#[tokio::test]
async fn embeddings_reach_every_wire() {
    tests::stage::on_both(embeddings::check).await;
}
