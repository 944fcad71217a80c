//! The row of a call is durable before its last byte: after a kill under load, every call whose end a client received is in
//! the log, and those that were open stand as interrupted.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tests::client::Call;
use tests::hub::Kind;
use tests::stage::{SOON, Stage, call_id, hello, on_both, saying, streamed};
use tokio::task::JoinSet;

#[tokio::test]
async fn the_row_is_written_when_the_last_byte_arrives() {
    on_both(async |kind| {
        let mut stage = Stage::start(kind).await;
        let failing = hello("fault-500");
        for body in [
            hello("gpt-4o-mini"),
            streamed(hello("gpt-4o-mini")),
            streamed(hello("fault-cut-mid")),
            failing,
        ] {
            let answer = stage.chat(&body).send().await.unwrap();
            let id = call_id(&answer);
            answer.bytes().await.unwrap();
            // Nothing has time to be written any more.
            stage.hub.take_process().kill().await;
            let row = stage.listed(&id).await;
            let wanted = if body["model"] == "fake/gpt-4o-mini" {
                "succeeded"
            } else {
                "failed"
            };
            assert_eq!(row["state"], wanted, "{body}");
            assert_eq!(row["attempts"], 1);
            stage.hub.serve().await;
            assert_eq!(stage.row(&id).await["tries"].as_array().unwrap().len(), 1);
        }
    })
    .await;
}

/// What the clients saw until the kill.
#[derive(Debug, Default)]
struct Seen {
    /// Calls that came to their end.
    finished: Vec<String>,
    /// Streams that had begun.
    begun: Vec<String>,
}

async fn client(call: impl Fn(usize) -> Call, seen: Arc<Mutex<Seen>>, number: usize) {
    for round in 0.. {
        let Ok(mut answer) = call(number + round).send().await else {
            return;
        };
        let id = call_id(&answer);
        let stream = answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/event-stream"));
        let mut all = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => {
                    if stream && all.is_empty() {
                        seen.lock().unwrap().begun.push(id.clone());
                    }
                    all.extend_from_slice(&chunk);
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
        let whole = if stream {
            all.ends_with(b"data: [DONE]\n\n")
        } else {
            // A hub whose disk is too slow refuses calls before they begin, because it could not list them.
            serde_json::from_slice::<Value>(&all).is_ok_and(|body| body["error"]["code"] != "journal_behind")
        };
        if whole {
            seen.lock().unwrap().finished.push(id);
        }
    }
}

async fn killed_under_load(kind: Kind, load: Duration) {
    let mut stage = Stage::start(kind).await;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let mut clients = JoinSet::new();
    let (address, key) = (stage.hub.address(), stage.key.clone());
    for number in 0..24 {
        let (seen, key) = (Arc::clone(&seen), key.clone());
        let bodies = [
            hello("gpt-4o-mini"),
            streamed(hello("gpt-4o-mini")),
            streamed(saying("gpt-4o-mini", "write 50 words")),
            hello("fault-500"),
        ];
        let call =
            move |at: usize| Call::post(address, "/v1/chat/completions", &bodies[at % bodies.len()]).bearer(&key);
        clients.spawn(client(call, seen, number));
    }
    // These do not end by themselves before the kill.
    let mut open = Vec::new();
    for _ in 0..6 {
        let mut answer = stage
            .chat(&streamed(saying("slow-writer", "write 9000 words")))
            .send()
            .await
            .unwrap();
        answer.chunk().await.unwrap().unwrap();
        open.push((call_id(&answer), answer));
    }
    tokio::time::sleep(load).await;
    stage.hub.take_process().kill().await;
    while clients.join_next().await.is_some() {}
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    assert!(
        seen.finished.len() > 50,
        "only {} calls came to an end: this was no load",
        seen.finished.len()
    );

    stage.hub.serve().await;
    let begin = std::time::Instant::now();
    let calls = loop {
        let calls = stage.hub.calls().await;
        if calls.iter().all(|call| call["state"] != "open") {
            break calls;
        }
        assert!(begin.elapsed() < SOON, "calls of the dead server still stand as open");
    };
    let state = |id: &String| {
        calls
            .iter()
            .find(|call| call["id"] == json!(id))
            .map(|call| &call["state"])
    };
    for id in &seen.finished {
        let state = state(id).unwrap_or_else(|| panic!("{id} came to its end and is not in the log"));
        assert!(
            state == "succeeded" || state == "failed",
            "{id} came to its end and is {state}"
        );
    }
    for id in &seen.begun {
        assert!(state(id).is_some(), "{id} had begun and is not in the log");
    }
    for (id, _answer) in &open {
        assert_eq!(state(id), Some(&json!("interrupted")), "{id} was open at the kill");
    }
    let interrupted = calls.iter().find(|call| call["state"] == "interrupted").unwrap();
    assert_eq!(interrupted["failure"]["fault"], "hub", "{interrupted}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_under_load_loses_nothing_on_sqlite() {
    killed_under_load(Kind::Sqlite, Duration::from_secs(4)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_under_load_loses_nothing_on_postgres() {
    killed_under_load(Kind::Postgres, Duration::from_secs(4)).await;
}
