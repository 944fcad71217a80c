//! Refusals, retries and credentials that take turns.

use base64::Engine as _;
use domain::{
    call::{CallState, Fault},
    usage::UsageSource,
};

use super::{
    client::{Hub, SECRET, Setup, whole},
    upstream::{Upstream, answer, json},
};

const ASK: &str = r#"{"model":"p/m","messages":[{"role":"user","content":"hello"}]}"#;
const OK: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
const REFUSED: &str = r#"{"error":{"message":"Incorrect API key provided: sk-upst**cdef","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#;
const TWO: &[&str] = &["sk-first-0123456789abcdef", "sk-second-0123456789abcdef"];

#[tokio::test]
async fn requests_that_are_refused_at_the_door_have_a_row() {
    let hub = Hub::with(Setup::simulated()).await;
    for (body, code, status, param) in [
        ("nonsense", "invalid_json", 400, None),
        (r#"{"messages":[]}"#, "missing_model", 400, Some("model")),
        (r#"{"model":"p/unknown"}"#, "model_not_found", 404, Some("model")),
        (r#"{"model":"unknown"}"#, "model_not_found", 404, Some("model")),
    ] {
        let (id, answer) = hub.chat(body).await;
        let error = answer.unwrap_err();
        assert_eq!(
            (&*error.code, error.status, error.param.as_deref(), error.fault),
            (code, status, param, Fault::Caller)
        );
        let shaped: serde_json::Value =
            serde_json::from_slice(&error.body(domain::call::Dialect::OpenaiChat, None)).unwrap();
        assert_eq!(
            (shaped["error"]["type"].as_str(), shaped["error"]["code"].as_str()),
            (Some("invalid_request_error"), Some(code))
        );
        let call = hub.now(id).await.call;
        assert_eq!(
            (call.state, call.status, call.attempt_count, call.usage_source),
            (CallState::Failed, Some(status), 0, UsageSource::None)
        );
    }
    let none = Hub::empty().await.chat(ASK).await.1.unwrap_err();
    assert!(none.message.contains("no models yet"), "{}", none.message);
}

#[tokio::test]
async fn the_callers_mistake_comes_back_as_the_provider_put_it() {
    let body = r#"{"error":{"message":"'temperature' must be at most 2","type":"invalid_request_error","param":"temperature","code":null}}"#;
    let upstream = Upstream::start(vec![json(400, body)]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let (id, answer) = hub.chat(ASK).await;
    let error = answer.unwrap_err();
    assert_eq!(
        (
            error.status,
            error.fault,
            error.body(domain::call::Dialect::OpenaiChat, None)
        ),
        (400, Fault::Caller, body.into())
    );
    assert_eq!(hub.now(id).await.attempts[0].status, Some(400));
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_credential_is_the_operators_affair_and_another_one_is_tried() {
    let upstream = Upstream::start(vec![json(401, REFUSED), json(200, OK)]).await;
    let hub = Hub::with(Setup {
        secrets: TWO,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let (id, answer) = hub.chat(ASK).await;
    assert_eq!(whole(answer.unwrap()), OK);
    let call = hub.now(id).await;
    assert_eq!(call.call.attempt_count, 2);
    assert_eq!(
        call.attempts[0].failure.as_ref().map(|failure| failure.code.as_str()),
        Some("provider_credential_rejected")
    );
    assert_ne!(call.attempts[0].credential_id, call.attempts[1].credential_id);
    // The refused one rests: the next calls go to the other at once.
    for _ in 0..3 {
        hub.chat(ASK).await.1.unwrap();
    }
    let requests = upstream.requests();
    assert_eq!(requests.len(), 5);
    let credential = |request: &String| TWO.iter().position(|secret| request.contains(secret)).unwrap();
    let used: Vec<usize> = requests.iter().map(credential).collect();
    assert!(used[1..].iter().all(|index| *index != used[0]), "{used:?}");
}

#[tokio::test]
async fn the_last_refused_credential_is_never_shown_as_the_callers() {
    for (status, body, code) in [
        (401, REFUSED, "provider_credential_rejected"),
        (402, "{}", "provider_quota_exhausted"),
        (403, "{}", "provider_credential_rejected"),
    ] {
        let upstream = Upstream::start(vec![json(status, body)]).await;
        let hub = Hub::with(Setup::at(&upstream.base_url)).await;
        let error = hub.chat(ASK).await.1.unwrap_err();
        assert_eq!((error.status, error.fault, &*error.code), (502, Fault::Operator, code));
        assert!(!String::from_utf8_lossy(&error.body(domain::call::Dialect::OpenaiChat, None)).contains("cdef"));
        assert_eq!(upstream.requests().len(), 1);
    }
    let hub = Hub::with(Setup {
        secrets: &[],
        ..Setup::at("http://127.0.0.1:9/v1")
    })
    .await;
    assert_eq!(&*hub.chat(ASK).await.1.unwrap_err().code, "provider_credential_missing");
}

#[tokio::test]
async fn rate_limits_say_how_long() {
    let limited = answer(
        429,
        "content-type: application/json\r\nretry-after: 7\r\n",
        "{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}",
    );
    let upstream = Upstream::start(vec![limited]).await;
    let hub = Hub::with(Setup {
        secrets: TWO,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let error = hub.chat(ASK).await.1.unwrap_err();
    assert_eq!(
        (error.status, &*error.code, error.retry_after),
        (429, "provider_rate_limited", Some(7))
    );
    assert_eq!(upstream.requests().len(), 2, "both credentials are tried, each once");
}

#[tokio::test]
async fn an_overloaded_provider_is_asked_once_more_and_a_failed_one_is_not() {
    let upstream = Upstream::start(vec![json(503, "{}"), json(200, OK)]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let (id, answer) = hub.chat(ASK).await;
    answer.unwrap();
    assert_eq!(hub.now(id).await.call.attempt_count, 2);

    let upstream = Upstream::start(vec![json(503, "{}")]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    assert_eq!(hub.chat(ASK).await.1.unwrap_err().status, 503);
    assert_eq!(upstream.requests().len(), 2);

    let upstream = Upstream::start(vec![json(500, "{}"), json(200, OK)]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    assert_eq!(hub.chat(ASK).await.1.unwrap_err().status, 502);
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn nobody_listening_is_tried_three_times() {
    // Bound and released: nothing listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let address = format!("http://{free}/v1");
    let hub = Hub::with(Setup::at(&address)).await;
    let (id, answer) = hub.chat(ASK).await;
    let error = answer.unwrap_err();
    assert_eq!((error.status, &*error.code), (503, "provider_unreachable"));
    let call = hub.now(id).await;
    assert_eq!((call.attempts.len(), call.call.usage_source), (3, UsageSource::None));
    assert!(
        call.attempts
            .iter()
            .all(|attempt| attempt.failure.is_some() && attempt.status.is_none())
    );
}

#[tokio::test]
async fn an_address_that_answers_otherwise_is_the_operators_affair() {
    for script in [
        answer(404, "", "404 page not found"),
        answer(302, "location: http://127.0.0.1:1/\r\n", ""),
    ] {
        let upstream = Upstream::start(vec![script]).await;
        let hub = Hub::with(Setup::at(&upstream.base_url)).await;
        let error = hub.chat(ASK).await.1.unwrap_err();
        assert_eq!(
            (error.status, error.fault, &*error.code),
            (502, Fault::Operator, "provider_address_wrong")
        );
        assert_eq!(upstream.requests().len(), 1, "redirects are not followed");
    }
}

#[tokio::test]
async fn an_upstream_that_repeats_the_credential_in_the_callers_mistake_is_masked() {
    let body = format!(
        r#"{{"error":{{"message":"got 'Bearer {SECRET}' with a bad 'n'","type":"t","param":"n","code":null}}}}"#
    );
    for status in [400, 413, 422] {
        let upstream = Upstream::start(vec![json(status, &body)]).await;
        let hub = Hub::with(Setup::at(&upstream.base_url)).await;
        let (id, answer) = hub.chat(ASK).await;
        let error = answer.unwrap_err();
        let shaped: serde_json::Value =
            serde_json::from_slice(&error.body(domain::call::Dialect::OpenaiChat, None)).unwrap();
        assert_eq!((error.status, &shaped["error"]["param"]), (status, &"n".into()));
        assert_eq!(shaped["error"]["message"], "got 'Bearer ***' with a bad 'n'");
        assert!(!format!("{:?}", hub.now(id).await).contains("0123456789"));
    }
}

/// What a provider says of itself beside the answer is kept and passed on without the credential, in whatever form it has that.
#[tokio::test]
async fn a_credential_in_what_comes_with_an_answer_is_neither_kept_nor_passed_on() {
    let escaped: String = SECRET.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let base64 = base64::engine::general_purpose::STANDARD.encode(format!("user:{SECRET}"));
    for (echoed, in_json) in [
        (SECRET, SECRET),
        (&SECRET.to_uppercase(), &SECRET.to_uppercase()),
        (&base64, &base64),
        (SECRET, &escaped),
    ] {
        let headers = format!(
            "content-type: application/json\r\nx-request-id: {echoed}\r\nopenai-version: 1\r\nopenai-processing-ms: {echoed}\r\n"
        );
        let said = format!(
            r#"{{"choices":[{{"index":0,"message":{{"content":"hi"}},"delta":{{"content":"hi"}},"finish_reason":"{in_json}"}}],"usage":{{"prompt_tokens":9,"completion_tokens":2,"by":"{in_json}"}}}}"#
        );
        let streamed = format!("data: {said}\n\ndata: [DONE]\n\n");
        let upstream = Upstream::start(vec![
            answer(200, &headers, &said),
            answer(
                200,
                &headers.replace("application/json", "text/event-stream"),
                &streamed,
            ),
        ])
        .await;
        let hub = Hub::with(Setup::at(&upstream.base_url)).await;
        for ask in [ASK.to_owned(), ASK.replace("\"model\"", "\"stream\":true,\"model\"")] {
            let (id, answer) = hub.chat(&ask).await;
            let answer = answer.unwrap();
            let headers = answer.headers.clone();
            assert_eq!(headers["openai-version"], "1");
            assert!(!headers.contains_key("openai-processing-ms"), "{headers:?}");
            if let crate::call::AnswerBody::Stream(mut pieces) = answer.body {
                while pieces.recv().await.is_some() {}
            }
            let detail = hub.settled(id).await;
            assert_eq!(detail.attempts[0].upstream_request_id.as_deref(), Some("***"));
            assert_eq!(detail.call.finish_reason.as_deref(), Some("***"));
            assert_eq!(
                detail.raw_usage.as_deref(),
                Some(r#"{"prompt_tokens":9,"completion_tokens":2,"by":"***"}"#)
            );
            assert_eq!(
                (detail.call.usage.input_uncached, detail.call.usage.output_text),
                (9, 2)
            );
        }
    }
}
