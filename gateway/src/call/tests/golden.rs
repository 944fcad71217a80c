//! What every client gets of what every provider answers, through a whole call: `fixtures/grid/answers/WIRE/CASE.in.json` beside
//! `CASE.to.DIALECT.json`, `grid/streams` in the same way, and `grid/refusals`, whose inputs hold the status, the head and the body of an
//! answer that is no success. The id of the call stands in them as `CALL`.

use std::sync::{Arc, atomic::AtomicI64};

use domain::{call::Dialect, catalog::ProviderKind};
use serde_json::{Value, json};

use super::{
    client::{Hub, Setup, messages, whole},
    upstream::{Step, Upstream, answer, chunk, end, json as answered, send},
};
use crate::{
    call::CallError,
    clock::Clock,
    wire::{
        golden::{self, Case, grid},
        speech,
    },
};

/// When every call begins; microseconds.
const NOW: i64 = 1_800_000_000_000_000;

/// The upstream of a hub whose one provider gives these answers, in turn.
async fn hub(provider: &grid::Provider, scripts: Vec<Vec<Step>>) -> (Hub, Upstream) {
    let upstream = Upstream::start(scripts).await;
    let base_url = match provider.kind {
        ProviderKind::Openai | ProviderKind::OpenaiCompatible => upstream.base_url.clone(),
        // Each of the others puts in its own version.
        _ => upstream.base_url.trim_end_matches("/v1").to_owned(),
    };
    let setup = Setup {
        kind: provider.kind,
        preset: None,
        models: &[provider.slug],
        ..Setup::at(&base_url)
    };
    let clock = Clock::Manual(Arc::new(AtomicI64::new(NOW)));
    (Hub::empty_at(clock).await.furnish(setup).await, upstream)
}

/// The request that a case is the answer to, about this provider's model.
fn request(dialect: Dialect, case: &str, provider: &grid::Provider, streamed: bool) -> String {
    let name = if grid::requests(dialect).contains(&case) {
        case
    } else {
        "tools"
    };
    let path = format!(
        "{}/fixtures/grid/requests/{}/{name}.in.json",
        env!("CARGO_MANIFEST_DIR"),
        grid::name(dialect)
    );
    let mut asked: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let model = json!(format!("p/{}", provider.slug));
    if dialect == Dialect::AigneChat {
        asked["input"]["modelOptions"]["model"] = model;
        asked["options"]["streaming"] = streamed.into();
    } else {
        asked["model"] = model;
        asked["stream"] = streamed.into();
    }
    if streamed && matches!(dialect, Dialect::OpenaiChat | Dialect::OpenaiCompletions) {
        asked["stream_options"] = json!({ "include_usage": true });
    } else if let Some(asked) = asked.as_object_mut() {
        asked.remove("stream_options");
    }
    asked.to_string()
}

/// Gives every client every answer of a kind; `script` is how the provider gives it, `told` what the client got of it.
async fn compare(
    what: &str,
    extension: &str,
    names: impl Fn(&grid::Provider) -> Vec<&'static str>,
    script: impl Fn(&grid::Provider, &Case) -> Vec<Step>,
    told: impl AsyncFn(&Hub, Dialect, &str) -> (String, String),
) {
    let dialects: Vec<Dialect> = grid::dialects().collect();
    let endings: Vec<String> = dialects
        .iter()
        .map(|dialect| format!("to.{}.{extension}", grid::name(*dialect)))
        .collect();
    let mut all = Vec::new();
    for provider in grid::providers() {
        let cases = golden::demanded(&format!("grid/{what}/{}", provider.name), &names(&provider), &endings);
        for case in &cases {
            let (hub, _upstream) = hub(&provider, vec![script(&provider, case)]).await;
            for (dialect, ending) in dialects.iter().zip(&endings) {
                let asked = request(*dialect, &case.name, &provider, what == "streams");
                let (id, told) = told(&hub, *dialect, &asked).await;
                let told = told.replace(&id, "CALL");
                case.check(ending, &told.replace(id.trim_start_matches("call_"), "CALL"));
            }
        }
        all.extend(cases);
    }
    golden::settle(&all);
}

fn pretty(json: &[u8]) -> String {
    let value: Value = serde_json::from_slice(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

#[tokio::test]
async fn every_answer_reaches_every_client_as_the_files_beside_it_say() {
    compare(
        "answers",
        "json",
        |provider| grid::answers(provider.wire).to_vec(),
        |_, case| answered(200, std::str::from_utf8(&case.input).unwrap()),
        async |hub, dialect, asked| {
            let request = hub.request(dialect, asked);
            let id = request.id.to_string();
            let answer = hub.gateway.call(request).await.unwrap();
            (id, pretty(&whole(answer)))
        },
    )
    .await;
}

#[tokio::test]
async fn every_stream_reaches_every_client_as_the_files_beside_it_say() {
    compare(
        "streams",
        "sse",
        |provider| [grid::answers(provider.wire), &["broken"]].concat(),
        |provider, case| {
            let kind = match provider.wire.sends_lines() {
                true => "application/x-ndjson",
                false => "text/event-stream",
            };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
            vec![send(head), chunk(std::str::from_utf8(&case.input).unwrap()), end()]
        },
        async |hub, dialect, asked| {
            let request = hub.request(dialect, asked);
            let id = request.id.to_string();
            let answer = hub.gateway.call(request).await.unwrap();
            (id, messages(answer).await.concat())
        },
    )
    .await;
}

#[tokio::test]
async fn every_refusal_reaches_every_client_as_the_files_beside_it_say() {
    compare(
        "refusals",
        "json",
        |_| vec!["limited", "overloaded", "wrong"],
        |_, case| {
            let input: Value = serde_json::from_slice(&case.input).unwrap();
            let status = u16::try_from(input["status"].as_u64().unwrap()).unwrap();
            let mut head = "content-type: application/json\r\n".to_owned();
            for (name, value) in input["head"].as_object().unwrap() {
                head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap()));
            }
            answer(status, &head, &input["body"].to_string())
        },
        async |hub, dialect, asked| {
            let request = hub.request(dialect, asked);
            let id = request.id.to_string();
            let error = hub.gateway.call(request).await.err().unwrap();
            (id, refused(dialect, &error))
        },
    )
    .await;
}

/// As `server::v1` answers with it.
fn refused(dialect: Dialect, error: &CallError) -> String {
    let body = match &error.upstream_body {
        Some(body) => body.clone(),
        None => speech::error_body(dialect, &error.problem(error.param.as_deref(), None)),
    };
    let body: Value = serde_json::from_slice(&body).unwrap();
    let told = json!({ "status": error.status, "retry-after": error.retry_after, "body": body });
    serde_json::to_string_pretty(&told).unwrap()
}
