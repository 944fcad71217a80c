//! An upstream that costs next to nothing: prebuilt answers written straight to the socket. It reads just enough HTTP/1.1
//! for keep-alive clients that are on our side; it is strict about nothing. The model's name says what to answer:
//! `fast` 1 KB, `fast-200k` 200 KB, `fast-wait-MICROSECONDS` 1 KB after so long, `fast-stream-CHUNKS-PACE-THINK` a stream (pace and think time in microseconds). Under
//! `/v1/messages` it answers in Anthropic's words, under `/v1beta/models` in Google's, under `/api/chat` in Ollama's.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::clock::now_nanos;

mod messages;
mod others;

use others::Words;

/// The models that it lists, and that the bench uses.
pub const MODELS: [&str; 7] = [
    "fast",
    "fast-200k",
    "fast-wait-100000",
    "fast-stream-100-5000-0",
    "fast-stream-100-2000-0",
    "fast-stream-2-0-0",
    "fast-stream-2-0-20000",
];

/// What stands before the time in a chunk: 19 digits follow.
pub const MARK: &str = "t=";

struct Prebuilt {
    small: Vec<u8>,
    large: Vec<u8>,
    small_message: Vec<u8>,
    large_message: Vec<u8>,
    /// Google's and Ollama's: a small answer and a large one.
    google: [Vec<u8>; 2],
    ollama: [Vec<u8>; 2],
    models: Vec<u8>,
}

/// Serves until an error of the listener.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let prebuilt = Arc::new(Prebuilt {
        small: completion("fast", 600),
        large: completion("fast-200k", 200_000),
        small_message: messages::message("fast", 600),
        large_message: messages::message("fast-200k", 200_000),
        google: [600, 200_000].map(|letters| Words::Google.message(letters)),
        ollama: [600, 200_000].map(|letters| Words::Ollama.message(letters)),
        models: models(),
    });
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let prebuilt = Arc::clone(&prebuilt);
        connections.spawn(async move {
            // A client that leaves is the normal end.
            let _ = converse(stream, &prebuilt).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: TcpStream, prebuilt: &Prebuilt) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(512 * 1024);
    loop {
        let Some(request) = read_request(&mut stream, &mut buffer).await? else {
            return Ok(());
        };
        let bytes = &buffer[..request];
        if bytes.starts_with(b"GET ") {
            stream.write_all(&prebuilt.models).await?;
        } else if let Some(words) = Words::of(bytes) {
            let name = words.model(bytes).unwrap_or_default();
            let [small, large] = match words {
                Words::Google => &prebuilt.google,
                Words::Ollama => &prebuilt.ollama,
            };
            if name.starts_with("fast-stream-") && words.streams(bytes) {
                words.stream_out(&mut stream, Plan::of(name)).await?;
            } else {
                stream
                    .write_all(if name == "fast-200k" { large } else { small })
                    .await?;
            }
        } else if bytes.starts_with(b"POST /v1/messages ") {
            match model(bytes) {
                Some(name) if name.starts_with("fast-stream-") => {
                    messages::stream_out(&mut stream, Plan::of(name)).await?;
                }
                Some("fast-200k") => stream.write_all(&prebuilt.large_message).await?,
                _ => stream.write_all(&prebuilt.small_message).await?,
            }
        } else {
            match model(bytes) {
                Some(name) if name.starts_with("fast-stream-") => {
                    let plan = Plan::of(name);
                    stream_out(&mut stream, plan).await?;
                }
                Some(name) if name.starts_with("fast-wait-") => {
                    let wait = name.trim_start_matches("fast-wait-").parse().unwrap_or_default();
                    tokio::time::sleep(Duration::from_micros(wait)).await;
                    stream.write_all(&prebuilt.small).await?;
                }
                Some("fast-200k") => stream.write_all(&prebuilt.large).await?,
                _ => stream.write_all(&prebuilt.small).await?,
            }
        }
        buffer.drain(..request);
    }
}

/// Reads until one whole request is in the buffer and returns its length; `None` at a clean end.
async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<usize>> {
    let mut expected = None;
    loop {
        if expected.is_none()
            && let Some(end) = memmem::find(buffer, b"\r\n\r\n")
        {
            expected = Some((end + 4, body_of(&buffer[..end])));
        }
        match expected {
            Some((head, Body::Length(length))) if buffer.len() >= head + length => {
                return Ok(Some(head + length));
            }
            // No answer comes before the end, so nothing can follow the last chunk yet.
            Some((head, Body::Chunked)) if buffer[head..].ends_with(b"0\r\n\r\n") => {
                return Ok(Some(buffer.len()));
            }
            _ => {}
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

enum Body {
    Length(usize),
    Chunked,
}

fn body_of(head: &[u8]) -> Body {
    let head = head.to_ascii_lowercase();
    if memmem::find(&head, b"transfer-encoding: chunked").is_some() {
        return Body::Chunked;
    }
    let length = memmem::find(&head, b"content-length:").and_then(|at| {
        let rest = std::str::from_utf8(&head[at + 15..]).ok()?;
        rest.lines().next()?.trim().parse().ok()
    });
    Body::Length(length.unwrap_or(0))
}

/// The model's name, wherever in the body it stands; a provider's prefix that was not taken off does not matter.
fn model(request: &[u8]) -> Option<&str> {
    let at = memmem::find(request, b"\"model\":")? + 8;
    let rest = &request[at..];
    let start = memchr::memchr(b'"', rest)? + 1;
    let end = start + memchr::memchr(b'"', &rest[start..])?;
    std::str::from_utf8(&rest[start..end]).ok()?.rsplit('/').next()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    chunks: u32,
    pace: Duration,
    think: Duration,
}

impl Plan {
    fn of(name: &str) -> Self {
        let mut numbers = name
            .trim_start_matches("fast-stream-")
            .split('-')
            .map(|text| text.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let chunks = u32::try_from(next()).unwrap_or(u32::MAX);
        Self {
            chunks,
            pace: Duration::from_micros(next()),
            think: Duration::from_micros(next()),
        }
    }
}

async fn stream_out(stream: &mut TcpStream, plan: Plan) -> io::Result<()> {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    if !plan.think.is_zero() {
        tokio::time::sleep(plan.think).await;
    }
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(HEAD);
    for number in 0..plan.chunks {
        if number > 0 && !plan.pace.is_zero() {
            tokio::time::sleep(plan.pace).await;
        }
        let time = now_nanos();
        event(
            &mut out,
            &format!(
                "{{\"id\":\"chatcmpl-fast\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"fast\",\
                 \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{MARK}{time:019}\"}},\"logprobs\":null,\
                 \"finish_reason\":null}}],\"usage\":null}}"
            ),
        );
        stream.write_all(&out).await?;
        out.clear();
    }
    event(
        &mut out,
        "{\"id\":\"chatcmpl-fast\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"fast\",\
         \"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":null}",
    );
    event(
        &mut out,
        "{\"id\":\"chatcmpl-fast\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"fast\",\
         \"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":100,\"total_tokens\":110}}",
    );
    event(&mut out, "[DONE]");
    out.extend_from_slice(b"0\r\n\r\n");
    stream.write_all(&out).await
}

/// One event as one HTTP chunk.
fn event(out: &mut Vec<u8>, data: &str) {
    let length = data.len() + 8;
    out.extend_from_slice(format!("{length:x}\r\ndata: {data}\n\n\r\n").as_bytes());
}

fn completion(model: &str, content: usize) -> Vec<u8> {
    let text = "lorem ipsum dolor ".repeat(content / 18 + 1);
    let body = format!(
        "{{\"id\":\"chatcmpl-fast\",\"object\":\"chat.completion\",\"created\":1760000000,\"model\":\"{model}\",\
         \"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{}\",\"refusal\":null}},\
         \"logprobs\":null,\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":10,\"completion_tokens\":100,\
         \"total_tokens\":110,\"prompt_tokens_details\":{{\"cached_tokens\":0}},\"completion_tokens_details\":\
         {{\"reasoning_tokens\":0}}}},\"system_fingerprint\":\"fp_fast\"}}",
        &text[..content]
    );
    whole(&body)
}

fn models() -> Vec<u8> {
    let items: Vec<String> = MODELS
        .iter()
        .map(|id| format!("{{\"id\":\"{id}\",\"object\":\"model\",\"created\":1760000000,\"owned_by\":\"fast\"}}"))
        .collect();
    whole(&format!("{{\"object\":\"list\",\"data\":[{}]}}", items.join(",")))
}

fn whole(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}
