//! Clients in a loop, and what they were told. They stop when the hub is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Answer, Call};
use crate::sse::Chat;
use crate::stage::{Stage, call_id, hello, saying, streamed, with};

/// A client that was turned away tries again after this.
const PAUSE: Duration = Duration::from_millis(20);
/// Every so many calls a client leaves in the middle of a stream.
const LEAVES: usize = 7;

/// Tokens as an answer told them: of the prompt, of the answer.
pub(super) type Tokens = (u64, u64);

/// What the clients saw until the kill.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Calls that came to their end, with the tokens that were told. Those that failed told none.
    pub(super) finished: BTreeMap<String, Option<Tokens>>,
    /// Streams that had begun.
    pub(super) begun: Vec<String>,
    /// Those that their client left.
    pub(super) left: BTreeSet<String>,
    /// Those that were told to have failed before their end.
    pub(super) broken: BTreeSet<String>,
    /// Calls that were refused, or cut off, because the credit had run out.
    pub(super) penniless: usize,
    /// Connections that broke before a kill was announced, and how. Nothing of the hub may do that.
    pub(super) snapped: Vec<String>,
    /// How many calls were made at most, those included whose answer never came.
    pub(super) asked: usize,
}

#[derive(Debug, Default)]
struct Shared {
    seen: Mutex<Seen>,
    asked: AtomicUsize,
    ending: AtomicBool,
    stopping: AtomicBool,
}

/// Clients under way.
#[derive(Debug)]
pub(super) struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

impl Load {
    /// Clients take the keys in turn.
    pub(super) fn begin(stage: &Stage, keys: Vec<String>, count: usize) -> Self {
        let shared = Arc::new(Shared::default());
        let mut clients = JoinSet::new();
        let address = stage.hub.address();
        let bodies = Arc::new([
            hello("gpt-4o-mini"),
            streamed(hello("gpt-4o-mini")),
            streamed(saying("gpt-4o-mini", "write 50 words")),
            hello("fault-500"),
            with(hello("gpt-4o-mini"), json!({"max_tokens": 16})),
            with(
                streamed(saying("gpt-4o-mini", "write 50 words")),
                json!({"max_tokens": 60}),
            ),
        ]);
        for (number, key) in (0..count).zip(keys.into_iter().cycle()) {
            let (shared, bodies) = (Arc::clone(&shared), Arc::clone(&bodies));
            clients.spawn(async move {
                for round in number.. {
                    if shared.stopping.load(Ordering::Relaxed) {
                        return;
                    }
                    let body = &bodies[round % bodies.len()];
                    let call = Call::post(address, "/v1/chat/completions", body)
                        .promised()
                        .bearer(&key);
                    shared.asked.fetch_add(1, Ordering::Relaxed);
                    match one(call, &shared, round % LEAVES == 0).await {
                        Ok(false) => {}
                        Ok(true) => tokio::time::sleep(PAUSE).await,
                        // Announced before the kill, so whatever that breaks is seen after the announcement.
                        Err(_) if shared.ending.load(Ordering::SeqCst) => return,
                        Err(error) => {
                            shared.seen.lock().unwrap().snapped.push(format!("{error}: {body}"));
                            tokio::time::sleep(PAUSE).await;
                        }
                    }
                }
            });
        }
        Self { shared, clients }
    }

    /// From now on a broken connection is no surprise.
    pub(super) fn kill_is_coming(&self) {
        self.shared.ending.store(true, Ordering::SeqCst);
    }

    /// How many calls have come to their end so far.
    pub(super) fn finished(&self) -> usize {
        self.shared.seen.lock().unwrap().finished.len()
    }

    /// Lets every client end the call that it has begun.
    pub(super) async fn stop(self) -> Seen {
        self.shared.stopping.store(true, Ordering::Relaxed);
        self.end().await
    }

    /// Waits until every client has noticed that the hub is gone.
    pub(super) async fn end(mut self) -> Seen {
        while let Some(client) = self.clients.join_next().await {
            client.unwrap();
        }
        let mut seen = std::mem::take(&mut *self.shared.seen.lock().unwrap());
        seen.asked = self.shared.asked.load(Ordering::Relaxed);
        seen
    }
}

/// One call; whether the credit had run out. An error when the connection broke.
async fn one(call: Call, shared: &Shared, leaves: bool) -> std::io::Result<bool> {
    let mut answer = call.send().await?;
    let id = call_id(&answer);
    let stream = is_stream(&answer);
    let mut all = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if stream && all.is_empty() {
            let mut seen = shared.seen.lock().unwrap();
            seen.begun.push(id.clone());
            if leaves {
                seen.left.insert(id);
                return Ok(false);
            }
        }
        all.extend_from_slice(&chunk);
    }
    let mut seen = shared.seen.lock().unwrap();
    let text = String::from_utf8_lossy(&all);
    let penniless = text.contains("\"insufficient_credits\"");
    seen.penniless += usize::from(penniless);
    if let Some(told) = told(stream, &all) {
        seen.finished.insert(id, told);
    } else if stream && text.contains("data: {\"error\"") {
        seen.broken.insert(id);
    }
    Ok(penniless)
}

fn is_stream(answer: &Answer) -> bool {
    let kind = answer.header("content-type");
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

/// What a whole answer tells of its tokens; `None` when this is not the end of a call.
fn told(stream: bool, bytes: &[u8]) -> Option<Option<Tokens>> {
    if stream {
        let chat = Chat::read(std::str::from_utf8(bytes).ok()?).ok()?;
        let usage = chat.chunks.iter().rev().find(|chunk| chunk["usage"].is_object());
        return chat.done.then(|| usage.and_then(|chunk| tokens(&chunk["usage"])));
    }
    let body: Value = serde_json::from_slice(bytes).ok()?;
    // A hub whose disk is too slow refuses calls before they begin, because it could not list them.
    let code = body["error"]["code"].as_str().unwrap_or_default();
    (!["journal_behind", "ledger_behind"].contains(&code)).then(|| tokens(&body["usage"]))
}

fn tokens(usage: &Value) -> Option<Tokens> {
    Some((usage["prompt_tokens"].as_u64()?, usage["completion_tokens"].as_u64()?))
}
