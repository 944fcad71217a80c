//! Whole answers: bytes and headers as they came, the row before the answer.

use domain::{
    call::{CallState, Dialect},
    provider::Timeouts,
    usage::UsageSource,
};

use super::{
    client::{Hub, LIMITS, SECRET, Setup, whole},
    upstream::{Step, Upstream, answer, json, send},
};

const ASK: &str = r#"{ "model":"m","messages":[{"role":"user","content":"hello"}],  "x_unknown":1.0 ,"api_base":"http://127.0.0.1:1"}"#;
const ANSWER: &str = "{ \"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}],\n\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_tokens\":4}} }";

#[tokio::test]
async fn bytes_pass_unchanged_both_ways_and_the_row_comes_first() {
    let headers = "content-type: application/json\r\nset-cookie: a=b\r\nopenai-organization: org-1\r\nopenai-processing-ms: 5\r\nx-request-id: up-7\r\n";
    let upstream = Upstream::start(vec![answer(200, headers, ANSWER)]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let (id, answer) = hub.chat(ASK).await;
    let answer = answer.unwrap();
    let mut names: Vec<&str> = answer.headers.keys().map(::http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        (answer.status.as_u16(), names),
        (200, vec!["content-type", "openai-processing-ms"])
    );
    assert!(answer.timing.upstream_first_byte.as_micros() > 0);
    assert_eq!(whole(answer), ANSWER);

    let call = hub.now(id).await;
    assert_eq!(
        (call.call.state, call.call.usage_source),
        (CallState::Succeeded, UsageSource::Provider)
    );
    assert_eq!(
        (
            call.call.usage.input_uncached,
            call.call.usage.cache_read,
            call.call.usage.output_text
        ),
        (5, 4, 2)
    );
    assert_eq!(
        (call.call.model_asked.as_str(), call.call.model_served.as_deref()),
        ("m", Some("p/m"))
    );
    assert!(call.raw_usage.unwrap().contains("cached_tokens"));
    assert_eq!(
        (
            call.call.attempt_count,
            call.attempts[0].status,
            call.attempts[0].upstream_request_id.as_deref()
        ),
        (1, Some(200), Some("up-7"))
    );

    let request = upstream.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    // A bare name is the provider's own: nothing had to be edited.
    assert_eq!(body, ASK);
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1"));
    let mut sent: Vec<String> = head
        .lines()
        .skip(1)
        .map(|line| line.split(':').next().unwrap().to_lowercase())
        .collect();
    sent.sort_unstable();
    assert_eq!(
        sent,
        [
            "accept",
            "accept-encoding",
            "authorization",
            "content-length",
            "content-type",
            "host",
            "user-agent"
        ]
    );
    assert!(head.contains(&format!("Bearer {SECRET}")) && head.contains("identity"));
}

#[tokio::test]
async fn answers_in_pieces_and_answers_that_waited_are_carried() {
    let body = format!("\n\n\n{ANSWER}");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (first, rest) = body.split_at(3);
    let upstream = Upstream::start(vec![vec![
        send(head),
        send(first),
        Step::Wait(30),
        send(&rest[..20]),
        Step::Wait(30),
        send(&rest[20..]),
    ]])
    .await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    assert_eq!(whole(hub.chat(ASK).await.1.unwrap()), body);
}

#[tokio::test]
async fn usage_that_is_missing_or_nonsense_is_estimated() {
    for usage in [
        "null",
        "{\"prompt_tokens\":-1}",
        "{\"prompt_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":4}}",
    ] {
        let body = format!(
            "{{\"choices\":[{{\"message\":{{\"content\":\"12345678\"}},\"finish_reason\":\"stop\"}}],\"usage\":{usage}}}"
        );
        let upstream = Upstream::start(vec![json(200, &body)]).await;
        let hub = Hub::with(Setup::at(&upstream.base_url)).await;
        let (id, answer) = hub.chat(ASK).await;
        assert_eq!(whole(answer.unwrap()), body);
        let call = hub.now(id).await.call;
        assert_eq!(
            (call.usage_source, call.usage.input_uncached, call.usage.output_text),
            (UsageSource::Estimated, 2, 2)
        );
    }
}

#[tokio::test]
async fn what_is_no_answer_is_the_providers_fault() {
    let cases = [
        (
            answer(200, "content-type: text/html\r\n", "<html>hello</html>"),
            "provider_answer_unreadable",
        ),
        (json(200, "{\"choices\":["), "provider_answer_unreadable"),
        (json(200, ""), "provider_answer_unreadable"),
        (
            json(200, "{\"error\":{\"message\":\"m\",\"code\":500}}"),
            "provider_failed",
        ),
        (
            vec![
                send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"),
                Step::Reset,
            ],
            "upstream_interrupted",
        ),
        (vec![Step::Reset], "provider_disconnected"),
        (vec![send("SSH-2.0-OpenSSH_9.2\r\n")], "provider_answer_unreadable"),
    ];
    for (script, code) in cases {
        let upstream = Upstream::start(vec![script]).await;
        let hub = Hub::with(Setup::at(&upstream.base_url)).await;
        let (id, answer) = hub.chat(ASK).await;
        let error = answer.unwrap_err();
        assert_eq!((&*error.code, error.status), (code, 502));
        let call = hub.now(id).await;
        assert_eq!(
            (call.call.state, call.call.status, call.attempts.len()),
            (CallState::Failed, Some(502), 1)
        );
        assert_eq!(call.call.usage_source, UsageSource::Estimated, "{code}");
        assert_eq!(upstream.requests().len(), 1, "{code} must not be tried again");
    }
}

#[tokio::test]
async fn every_limit_ends_a_call() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
    // An answer that is not streamed has all the time of the call for its first byte.
    let whole = Timeouts {
        total_ms: 300,
        gap_ms: 300,
        first_byte_ms: 100,
        connect_ms: 300,
    };
    let gap = Timeouts { gap_ms: 150, ..LIMITS };
    let cases = [
        (vec![Step::WaitForClose], whole),
        (vec![send(head), Step::WaitForClose], whole),
        (vec![send(head), send("{"), Step::WaitForClose], whole),
        (vec![send(head), send("{"), Step::WaitForClose], gap),
    ];
    for (script, timeouts) in cases {
        let upstream = Upstream::start(vec![script]).await;
        let hub = Hub::with(Setup {
            timeouts,
            ..Setup::at(&upstream.base_url)
        })
        .await;
        let error = hub.chat(ASK).await.1.unwrap_err();
        assert_eq!((&*error.code, error.status), ("provider_timeout", 504));
        upstream.closed().await;
    }
}

/// A provider may name its success as it likes. What is told anew is the hub's own answer, and no part of another.
#[tokio::test]
async fn an_odd_success_passes_and_is_told_anew_as_a_success() {
    let messages = r#"{"model":"p/m","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}"#;
    for (dialect, body, status) in [
        (Dialect::OpenaiChat, ASK, 206),
        (Dialect::AnthropicMessages, messages, 200),
    ] {
        let upstream = Upstream::start(vec![json(206, ANSWER)]).await;
        let hub = Hub::with(Setup::at(&upstream.base_url)).await;
        let answer = hub.gateway.call(hub.request(dialect, body)).await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{dialect:?}");
        assert!(whole(answer).windows(2).any(|word| word == b"hi"));
    }
}
