//! Streams: bytes unchanged, nothing merged, the end after the row, and every way in which a stream can go wrong upstream.

use std::time::Duration;

use domain::{
    call::{CallState, Dialect},
    provider::Timeouts,
    usage::UsageSource,
};

use super::{
    client::{Hub, LIMITS, Setup, messages, next, stream},
    upstream::{Step, Upstream, chunk, end, send, stream_head},
};

pub const ASK: &str = r#"{"model":"p/m","stream":true,"messages":[{"role":"user","content":"12345678"}]}"#;
pub const DONE: &str = "data: [DONE]\n\n";

pub fn text(content: &str) -> String {
    format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{content}\"}},\"finish_reason\":null}}]}}\n\n"
    )
}

pub fn stop() -> String {
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n".to_owned()
}

pub fn usage() -> String {
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\n".to_owned()
}

async fn run(steps: Vec<Step>) -> (Hub, Upstream, domain::id::CallId, Vec<String>) {
    let upstream = Upstream::start(vec![steps]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let (id, answer) = hub.chat(ASK).await;
    let all = messages(answer.unwrap()).await;
    (hub, upstream, id, all)
}

#[tokio::test]
async fn each_piece_goes_on_at_once_and_the_end_after_the_row() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&text("two")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let upstream = Upstream::start(vec![steps]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let (id, answer) = hub.chat(ASK).await;
    let answer = answer.unwrap();
    assert_eq!(answer.headers["content-type"], "text/event-stream; charset=utf-8");
    let mut receiver = stream(answer);
    assert_eq!(next(&mut receiver).await, Some(text("one")));
    // The row is there before the first byte, and open.
    assert_eq!(hub.now(id).await.call.state, CallState::Open);
    upstream.go();
    assert_eq!(next(&mut receiver).await, Some(text("two")));
    upstream.go();
    assert_eq!(next(&mut receiver).await, Some(stop()));
    assert_eq!(next(&mut receiver).await.as_deref(), Some(DONE));
    // Without waiting: the last byte came after the commit. The chunk with usage alone was for us.
    let call = hub.now(id).await;
    assert_eq!(
        (call.call.state, call.call.status, call.call.usage_source),
        (CallState::Succeeded, Some(200), UsageSource::Provider)
    );
    assert_eq!((call.call.usage.input_uncached, call.call.usage.output_text), (7, 3));
    assert_eq!(
        (call.call.finish_reason.as_deref(), call.attempts.len()),
        (Some("stop"), 1)
    );
    assert_eq!(call.attempts[0].upstream_request_id.as_deref(), Some("up-1"));
    assert!(call.call.overhead.unwrap() <= call.call.first_byte.unwrap() && call.call.first_byte <= call.call.duration);
    assert_eq!(next(&mut receiver).await, None);
    let request = &upstream.requests()[0];
    assert!(
        request.contains(r#"{"stream_options":{"include_usage":true},"model":"m","stream":true,"#),
        "{request}"
    );
}

#[tokio::test]
async fn those_who_ask_get_the_usage() {
    let upstream = Upstream::start(vec![vec![stream_head(), chunk(&(stop() + &usage() + DONE)), end()]]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let ask = ASK.replace(
        "\"stream\":true",
        "\"stream\":true,\"stream_options\":{\"include_usage\":true}",
    );
    assert_eq!(
        messages(hub.chat(&ask).await.1.unwrap()).await,
        [stop() + &usage(), DONE.to_owned()]
    );
}

#[tokio::test]
async fn a_connection_is_used_again_after_a_stream() {
    let upstream = Upstream::start(vec![vec![stream_head(), chunk(&stop()), chunk(DONE), end()]]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    for _ in 0..3 {
        messages(hub.chat(ASK).await.1.unwrap()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(upstream.requests().len(), 3);
    assert!(
        tokio::time::timeout(Duration::from_millis(100), upstream.closed())
            .await
            .is_err(),
        "a connection was thrown away"
    );
}

#[tokio::test]
async fn a_forgotten_done_is_added_once() {
    let (hub, _upstream, id, all) = run(vec![stream_head(), chunk(&text("a")), chunk(&stop()), end()]).await;
    assert_eq!(all, [text("a"), stop(), DONE.to_owned()]);
    let call = hub.now(id).await.call;
    // No usage was reported: of what is no whole token nothing is counted.
    assert_eq!(
        (call.usage_source, call.usage.input_uncached, call.usage.output_text),
        (UsageSource::Estimated, 3, 0)
    );

    // A last event without its blank line, and a connection that breaks after the last word.
    let (_, _, _, all) = run(vec![stream_head(), chunk(&text("a")), chunk(stop().trim_end()), end()]).await;
    assert_eq!(all, [text("a"), stop(), DONE.to_owned()]);
    let (hub, _upstream, id, all) = run(vec![stream_head(), chunk(&stop()), chunk(DONE), Step::Reset]).await;
    assert_eq!(
        (all, hub.now(id).await.call.state),
        (vec![stop(), DONE.to_owned()], CallState::Succeeded)
    );
}

/// The last message is an error in OpenAI's shape with this code, and no `[DONE]` follows.
fn assert_error(all: &[String], code: &str) {
    let last = all.last().unwrap();
    let error: serde_json::Value = serde_json::from_str(last.strip_prefix("data: ").unwrap().trim_end()).unwrap();
    assert_eq!(error["error"]["code"], code, "{last}");
    assert!(last.ends_with("\n\n") && !all.concat().contains("[DONE]"));
}

#[tokio::test]
async fn a_broken_stream_ends_with_an_error_and_never_with_half_an_event() {
    let cut = || chunk(&text("two")[..30]);
    for steps in [
        vec![stream_head(), chunk(&text("one")), cut(), Step::Reset],
        vec![stream_head(), chunk(&text("one")), cut(), end()],
        vec![stream_head(), chunk(&text("one")), send("zz\r\n")],
    ] {
        let (hub, _upstream, id, all) = run(steps).await;
        assert_eq!(all.len(), 2);
        assert_eq!(all[0], text("one"));
        assert_error(&all, "upstream_interrupted");
        let call = hub.now(id).await.call;
        assert_eq!(
            (call.state, call.status, call.usage_source),
            (CallState::Failed, Some(200), UsageSource::Estimated)
        );
        assert_eq!(call.failure.unwrap().code, "upstream_interrupted");
    }
}

#[tokio::test]
async fn frames_that_no_client_can_read_end_the_stream() {
    let (_, _, _, all) = run(vec![
        stream_head(),
        chunk(&text("one")),
        chunk("data: {\"choices\":[{\n\n"),
        chunk(&stop()),
        end(),
    ])
    .await;
    assert_eq!(all[0], text("one"));
    assert_error(&all, "provider_answer_unreadable");
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn errors_after_200_are_recognised_and_masked() {
    let error =
        "data: {\"error\":{\"message\":\"boom sk-upstream-0123456789abcdef\",\"type\":\"t\",\"code\":\"odd\"}}\n\n";
    let (hub, _upstream, id, all) = run(vec![
        stream_head(),
        chunk(&text("one")),
        chunk(error),
        chunk(DONE),
        end(),
    ])
    .await;
    // As it came, without the credential.
    assert_error(&all, "odd");
    assert!(all[1].contains("boom") && all[1].contains("\"type\":\"t\"") && !all[1].contains("0123456789"));
    assert!(!hub.now(id).await.call.failure.unwrap().message.contains("0123456789"));

    // As the very first event it can still be an answer with a status.
    let upstream = Upstream::start(vec![vec![stream_head(), chunk(error), end()]]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let error = hub.chat(ASK).await.1.unwrap_err();
    assert_eq!((error.status, &*error.code), (502, "provider_failed"));
}

/// Where an answer is written anew its client hears of us while the provider thinks, whatever that sends to keep the connection.
#[tokio::test]
async fn a_client_hears_that_its_answer_is_on_the_way() {
    const SIGN: &str = ": keep-alive\n\n";
    let framework = r#"{"input":{"messages":[{"role":"user","content":"hi"}],"modelOptions":{"model":"p/m"}},"options":{"streaming":true}}"#;
    let anthropic = r#"{"model":"p/m","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]}"#;
    for (dialect, body) in [(Dialect::AigneChat, framework), (Dialect::AnthropicMessages, anthropic)] {
        let steps = vec![
            stream_head(),
            chunk(": OPENROUTER PROCESSING\n\n"),
            Step::WaitForTest,
            chunk(&text("one")),
            chunk(&stop()),
            chunk(DONE),
            end(),
        ];
        let upstream = Upstream::start(vec![steps]).await;
        let timeouts = Timeouts {
            connect_ms: 1_000,
            first_byte_ms: 60_000,
            gap_ms: 60_000,
            total_ms: 90_000,
        };
        let hub = Hub::with(Setup {
            timeouts,
            ..Setup::at(&upstream.base_url)
        })
        .await;
        let answer = hub.gateway.call(hub.request(dialect, body)).await.unwrap();
        let mut receiver = stream(answer);
        for _ in 0..2 {
            assert_eq!(next(&mut receiver).await.as_deref(), Some(SIGN), "{dialect:?}");
        }
        upstream.go();
        let mut said = String::new();
        while let Some(piece) = next(&mut receiver).await {
            said += &piece;
        }
        assert!(said.contains("one"), "{dialect:?}: {said}");
    }
    // Where bytes pass, nothing is put between them.
    let steps = vec![
        stream_head(),
        chunk(": OPENROUTER PROCESSING\n\n"),
        chunk(&text("one")),
        chunk(&stop()),
        chunk(DONE),
        end(),
    ];
    let all = run(steps).await.3;
    assert!(
        all[0].starts_with(": OPENROUTER") && !all.concat().contains(SIGN),
        "{all:?}"
    );
}

#[tokio::test]
async fn silence_ends_a_stream() {
    let upstream = Upstream::start(vec![vec![stream_head(), chunk(&text("one")), Step::WaitForClose]]).await;
    let hub = Hub::with(Setup {
        timeouts: Timeouts { gap_ms: 150, ..LIMITS },
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let all = messages(hub.chat(ASK).await.1.unwrap()).await;
    assert_error(&all, "provider_timeout");
    upstream.closed().await;

    let drips = [
        vec![stream_head()],
        (0..50).flat_map(|_| [chunk(&text("x")), Step::Wait(20)]).collect(),
    ]
    .concat();
    let upstream = Upstream::start(vec![drips]).await;
    let timeouts = Timeouts {
        first_byte_ms: 300,
        gap_ms: 300,
        connect_ms: 300,
        total_ms: 300,
    };
    let hub = Hub::with(Setup {
        timeouts,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let all = messages(hub.chat(ASK).await.1.unwrap()).await;
    assert_error(&all, "provider_timeout");
    assert!(all.len() < 40);
}

#[tokio::test]
async fn usage_reported_on_the_way_counts_the_prompt_and_of_an_answer_that_is_complete_all() {
    // Some services report on every chunk what it has come to so far.
    let reporting = |tokens: u32| {
        format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"12345678\"}},\"finish_reason\":null}}],\"usage\":{{\"prompt_tokens\":70,\"completion_tokens\":{tokens}}}}}\n\n"
        )
    };
    let cut = vec![stream_head(), chunk(&reporting(1)), chunk(&reporting(2)), Step::Reset];
    let (hub, _upstream, id, all) = run(cut).await;
    assert_error(&all, "upstream_interrupted");
    let call = hub.now(id).await.call;
    // Sixteen bytes of answer are more than was reported by then.
    assert_eq!(
        (call.usage_source, call.usage.input_uncached, call.usage.output_text),
        (UsageSource::Mixed, 70, 4)
    );

    let whole = vec![stream_head(), chunk(&reporting(1)), chunk(&stop()), chunk(DONE), end()];
    let (hub, _upstream, id, _) = run(whole).await;
    let call = hub.now(id).await.call;
    assert_eq!(
        (call.usage_source, call.usage.input_uncached, call.usage.output_text),
        (UsageSource::Provider, 70, 1)
    );
}
