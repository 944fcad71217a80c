//! Calls that are converted against calls that pass: the same hub, the same sizes, the same upstream in several wires, whole and
//! streamed, with small and large bodies. Each dialect of a client that passes is held against the same client at another wire; those
//! for which nothing passes here (responses, AIGNE's two) against a chat that does. `load --converted` prints the table.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::hub::Hub;
use super::measure;
use super::process;
use super::run::{GATEWAY_CORE, LOAD_CORE, START_LIMIT, free_address, target};
use super::sample::median;
use super::target::Target;
use super::wire;

/// The provider that speaks chat, which every hub of the bench has.
const CHAT: &str = "fast";
/// The others, by their kinds.
const MESSAGES: &str = "fast-messages";
const GOOGLE: &str = "fast-google";
const OLLAMA: &str = "fast-ollama";
const WIRES: [(&str, &str); 3] = [("anthropic", MESSAGES), ("google", GOOGLE), ("ollama", OLLAMA)];

/// A client's dialect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Chat,
    Messages,
    Responses,
    Aigne,
    AigneOld,
}

/// Who asks whom: a call that passes, and one that is converted.
type Pair = [(Dialect, &'static str); 2];

const CLIENTS: [(&str, Pair); 7] = [
    ("chat, to Anthropic", [(Dialect::Chat, CHAT), (Dialect::Chat, MESSAGES)]),
    ("chat, to Google", [(Dialect::Chat, CHAT), (Dialect::Chat, GOOGLE)]),
    ("chat, to Ollama", [(Dialect::Chat, CHAT), (Dialect::Chat, OLLAMA)]),
    (
        "messages, to OpenAI",
        [(Dialect::Messages, MESSAGES), (Dialect::Messages, CHAT)],
    ),
    (
        "responses, to chat",
        [(Dialect::Chat, CHAT), (Dialect::Responses, CHAT)],
    ),
    ("AIGNE, to chat", [(Dialect::Chat, CHAT), (Dialect::Aigne, CHAT)]),
    (
        "AIGNE's older, to chat",
        [(Dialect::Chat, CHAT), (Dialect::AigneOld, CHAT)],
    ),
];

/// What is sent, and the model that answers it.
struct Load {
    name: &'static str,
    model: &'static str,
    /// Letters of the prompt.
    prompt: usize,
    measure: Measure,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// Processor milliseconds a call.
    Whole,
    /// Processor milliseconds a stream of a hundred pieces.
    Stream,
    /// Microseconds to the first word of a stream.
    FirstWord,
}

const LOADS: [Load; 7] = [
    whole("CPU ms per call, 1 KB", "fast", 800),
    whole("CPU ms per call, 20 KB request", "fast", 20_000),
    whole("CPU ms per call, 200 KB request", "fast", 200_000),
    whole("CPU ms per call, 200 KB answer", "fast-200k", 800),
    stream("CPU ms per 100-chunk stream, 1 KB request", 800),
    stream("CPU ms per 100-chunk stream, 200 KB request", 200_000),
    Load {
        name: "time to first token, p50, µs",
        model: "fast-stream-2-0-0",
        prompt: 800,
        measure: Measure::FirstWord,
    },
];

const fn whole(name: &'static str, model: &'static str, prompt: usize) -> Load {
    Load {
        name,
        model,
        prompt,
        measure: Measure::Whole,
    }
}

const fn stream(name: &'static str, prompt: usize) -> Load {
    Load {
        name,
        model: "fast-stream-100-5000-0",
        prompt,
        measure: Measure::Stream,
    }
}

/// Runs the comparison and gives its table as Markdown.
///
/// # Errors
/// When a process does not start or answer, with what it said.
pub async fn run(hub: &Path, programs: &Path, rounds: usize, seconds: u64) -> io::Result<String> {
    let pinned = process::can_pin().await;
    if pinned {
        process::pin_self(LOAD_CORE).await?;
    }
    let upstream = free_address().await?;
    let mut fast = process::command(&programs.join("fast-upstream"), pinned.then_some(LOAD_CORE));
    fast.arg(upstream.to_string()).stdout(std::process::Stdio::null());
    let mut direct = target("upstream", upstream, "");
    direct.process = Some(process::Process::start(fast)?);
    direct.first_answer(START_LIMIT).await?;
    let hub = Hub::prepare(hub, free_address().await?, upstream).await?;
    for (kind, name) in WIRES {
        hub.add_wire(kind, name, upstream).await?;
    }
    let mut target = target("hub", hub.address, "fast/");
    target.key.clone_from(&hub.key);
    target.process = Some(process::Process::start(hub.serve(pinned.then_some(GATEWAY_CORE)))?);
    target.first_answer(START_LIMIT).await?;

    let mut figures = vec![[Vec::new(), Vec::new()]; CLIENTS.len() * LOADS.len()];
    for round in 0..rounds {
        for (row, figure) in figures.iter_mut().enumerate() {
            let ((_, pair), load) = (CLIENTS[row / LOADS.len()], &LOADS[row % LOADS.len()]);
            // Each round begins with the other one.
            for step in 0..pair.len() {
                let side = (step + round) % pair.len();
                let (dialect, provider) = pair[side];
                figure[side].push(measured(&target, dialect, provider, load, seconds).await?);
            }
        }
    }
    for process in [target.process, direct.process].into_iter().flatten() {
        process.end().await?;
    }
    let mut text = String::from("| client | | passed | converted | converted : passed |\n|---|---|---:|---:|---:|\n");
    for (row, [passed, converted]) in figures.iter().enumerate() {
        let (client, load) = (CLIENTS[row / LOADS.len()].0, &LOADS[row % LOADS.len()]);
        let (passed, converted) = (median(passed), median(converted));
        // Writing to a string cannot fail.
        let _ = match load.measure {
            Measure::FirstWord => writeln!(
                text,
                "| {client} | {} | {passed:.0} | {converted:.0} | {:+.0} |",
                load.name,
                converted - passed
            ),
            Measure::Whole | Measure::Stream => writeln!(
                text,
                "| {client} | {} | {passed:.4} | {converted:.4} | {:.2} × |",
                load.name,
                converted / passed
            ),
        };
    }
    let _ = writeln!(text, "\n{rounds} rounds, medians.");
    Ok(text)
}

async fn measured(target: &Target, dialect: Dialect, provider: &str, load: &Load, seconds: u64) -> io::Result<f64> {
    let request = request(target, dialect, &format!("{provider}/{}", load.model), load);
    Ok(match load.measure {
        Measure::Whole => {
            measure::throughput(target, request, Duration::from_secs(seconds))
                .await?
                .cpu_ms
        }
        Measure::Stream => measure::stream_cpu(target, request, 4).await?,
        Measure::FirstWord => measure::first_token(target, &[request], 200).await?.percentile(50),
    })
}

fn request(target: &Target, dialect: Dialect, model: &str, load: &Load) -> Vec<u8> {
    let prompt = &"What is the answer? ".repeat(load.prompt / 20 + 1)[..load.prompt];
    let (path, body) = asked(dialect, model, prompt, load.measure != Measure::Whole);
    wire::request_to(target.address, &target.key, path, &body)
}

/// Where a dialect asks, and with what body.
fn asked(dialect: Dialect, model: &str, prompt: &str, streams: bool) -> (&'static str, String) {
    let turns = format!("\"messages\":[{{\"role\":\"user\",\"content\":\"{prompt}\"}}]");
    let stream = if streams { ",\"stream\":true" } else { "" };
    let counted = if streams {
        ",\"stream_options\":{\"include_usage\":true}"
    } else {
        ""
    };
    match dialect {
        Dialect::Chat => (
            "/v1/chat/completions",
            format!("{{\"model\":\"{model}\",{turns}{stream}{counted}}}"),
        ),
        Dialect::Messages => (
            "/v1/messages",
            format!("{{\"model\":\"{model}\",\"max_tokens\":4000,{turns}{stream}}}"),
        ),
        Dialect::Responses => (
            "/v1/responses",
            format!("{{\"model\":\"{model}\",\"input\":\"{prompt}\"{stream}}}"),
        ),
        Dialect::Aigne => (
            "/api/v2/chat",
            format!(
                "{{\"input\":{{{turns},\"modelOptions\":{{\"model\":\"{model}\"}}}},\"options\":{{\"streaming\":{streams}}}}}"
            ),
        ),
        Dialect::AigneOld => (
            "/api/v2/completions",
            format!("{{\"model\":\"{model}\",{turns}{stream}}}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_is_json() {
        for dialect in [
            Dialect::Chat,
            Dialect::Messages,
            Dialect::Responses,
            Dialect::Aigne,
            Dialect::AigneOld,
        ] {
            for streams in [false, true] {
                let (path, body) = asked(dialect, "fast/fast", "Hi", streams);
                let read = serde_json::from_str::<serde_json::Value>(&body);
                assert!(read.is_ok_and(|body| body.is_object()), "{path}: {body}");
            }
        }
    }
}
