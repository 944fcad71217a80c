//! Each fault does what its name says, asked for by a rule or by a model, in streams and in plain answers.

use std::time::Duration;

use serde_json::{Value, json};
use tests::client::{Call, events};
use tests::upstream::{Fault, Outcome, Rule, Upstream};

use super::{chat, hello, hello_stream, stream};

const SOON: Duration = Duration::from_secs(5);
const A_WHILE: Duration = Duration::from_millis(100);

/// The usage objects of a stream, in order.
fn usages(text: &str) -> Vec<Value> {
    let events = events(text).unwrap();
    events
        .iter()
        .map(|event| event["usage"].clone())
        .filter(|usage| !usage.is_null())
        .collect()
}

#[tokio::test]
async fn error_statuses() {
    let upstream = Upstream::start().await.unwrap();
    for (fault, status, kind, code) in [
        (Fault::RateLimited, 429, "requests", json!("rate_limit_exceeded")),
        (Fault::RateLimitedBare, 429, "requests", json!("rate_limit_exceeded")),
        (
            Fault::QuotaSpent,
            429,
            "insufficient_quota",
            json!("insufficient_quota"),
        ),
        (Fault::PaymentRequired, 402, "insufficient_credits", Value::Null),
        (Fault::ServerError, 500, "server_error", Value::Null),
        (Fault::Overloaded, 503, "server_error", Value::Null),
        (
            Fault::Unauthorized,
            401,
            "invalid_request_error",
            json!("invalid_api_key"),
        ),
        (
            Fault::EchoCredential,
            401,
            "invalid_request_error",
            json!("invalid_api_key"),
        ),
        (
            Fault::Forbidden,
            403,
            "invalid_request_error",
            json!("unsupported_country_region_territory"),
        ),
        (
            Fault::TooLarge,
            413,
            "invalid_request_error",
            json!("request_entity_too_large"),
        ),
        (
            Fault::Unprocessable,
            422,
            "invalid_request_error",
            json!("unprocessable_entity"),
        ),
        (
            Fault::QuoteRefused,
            400,
            "invalid_request_error",
            json!("invalid_prompt"),
        ),
        (Fault::QuoteFailed, 500, "server_error", Value::Null),
    ] {
        let answer = chat(&upstream, &hello(&fault.model())).send().await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{fault:?}");
        assert_eq!(answer.headers.contains_key("retry-after"), fault == Fault::RateLimited);
        let text = answer.text().await.unwrap();
        assert_eq!(text.contains(upstream.key()), fault == Fault::EchoCredential);
        let quotes = matches!(fault, Fault::QuoteRefused | Fault::QuoteFailed);
        assert_eq!(text.contains("Hello out there"), quotes, "{fault:?}");
        let error = serde_json::from_str::<Value>(&text).unwrap()["error"].take();
        assert_eq!((&error["type"], &error["code"]), (&json!(kind), &code), "{fault:?}");
    }
    let answer = chat(&upstream, &hello("fault-wrong-type")).send().await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(
        answer.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let answer = chat(&upstream, &hello("fault-redirect")).send().await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["location"]),
        (302, &"/v1/elsewhere".parse().unwrap())
    );
}

#[tokio::test]
async fn rules_choose_calls() {
    let upstream = Upstream::start().await.unwrap();
    let status = async |model: &str| chat(&upstream, &hello(model)).send().await.unwrap().status.as_u16();
    upstream.fault_once(Fault::ServerError);
    assert_eq!((status("gpt-4o").await, status("gpt-4o").await), (500, 200));
    upstream.add_rule(Rule::new(Fault::Overloaded).model("gpt-4o").times(2));
    upstream.add_rule(Rule::new(Fault::RateLimited).key("another-key"));
    assert_eq!(status("gpt-4o-mini").await, 200);
    assert_eq!(
        (status("gpt-4o").await, status("gpt-4o").await, status("gpt-4o").await),
        (503, 503, 200)
    );
    upstream.fault(Fault::Unauthorized);
    assert_eq!((status("gpt-4o").await, status("gpt-4o").await), (401, 401));
    upstream.clear_faults();
    assert_eq!(status("gpt-4o").await, 200);
    for fault in Fault::ALL {
        assert_eq!(Fault::of_model(&fault.model()), Some(*fault));
    }
}

#[tokio::test]
async fn a_stall_before_the_first_byte_ends_by_release_or_by_leaving() {
    let upstream = Upstream::start().await.unwrap();
    let waiting = chat(&upstream, &hello("fault-stall-before")).json();
    let mut waiting = std::pin::pin!(waiting);
    assert!(tokio::time::timeout(A_WHILE, &mut waiting).await.is_err());
    upstream.release();
    assert_eq!(waiting.await.unwrap().0, 200);

    let leaving = chat(&upstream, &hello("fault-stall-before")).send();
    assert!(tokio::time::timeout(A_WHILE, leaving).await.is_err());
    let record = upstream.wait_for_disconnect(SOON).await.unwrap();
    assert_eq!(record.serial, 2);
}

#[tokio::test]
async fn a_stall_in_the_middle_shows_a_part() {
    let upstream = Upstream::start().await.unwrap();
    for body in [hello_stream("fault-stall-mid"), hello("fault-stall-mid")] {
        let mut answer = chat(&upstream, &body).send().await.unwrap();
        let mut got = Vec::new();
        while let Ok(chunk) = tokio::time::timeout(A_WHILE, answer.chunk()).await {
            got.extend_from_slice(&chunk.unwrap().unwrap());
        }
        assert!(String::from_utf8_lossy(&got).contains("chatcmpl-fake"));
        upstream.release();
        let rest = answer.text().await.unwrap();
        assert!(rest.contains("[DONE]") || rest.contains("usage"), "{rest}");
    }
}

#[tokio::test]
async fn cuts_and_resets() {
    let upstream = Upstream::start().await.unwrap();
    let mut serial = 0;
    for body in [hello, hello_stream] {
        for fault in [Fault::CutBefore, Fault::ResetBefore, Fault::CutMid, Fault::ResetMid] {
            serial += 1;
            let answer = chat(&upstream, &body(&fault.model())).send().await;
            let before = matches!(fault, Fault::CutBefore | Fault::ResetBefore);
            assert_eq!(answer.is_err(), before, "{fault:?}");
            let error = match answer {
                Err(error) => error,
                Ok(mut answer) => {
                    assert_eq!(answer.status, 200);
                    assert!(!answer.chunk().await.unwrap().unwrap().is_empty());
                    loop {
                        match answer.chunk().await {
                            Ok(chunk) => assert!(chunk.is_some(), "{fault:?} ended cleanly"),
                            Err(error) => break error,
                        }
                    }
                }
            };
            let reset = matches!(fault, Fault::ResetBefore | Fault::ResetMid);
            assert_eq!(
                format!("{error:?}").contains("ConnectionReset"),
                reset,
                "{fault:?}: {error:?}"
            );
            let record = upstream.wait_for_end(serial, SOON).await.unwrap();
            assert_eq!(record.ended.unwrap().0, Outcome::BrokenOff, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn usage_comes_oddly() {
    let upstream = Upstream::start().await.unwrap();
    let ask = async |fault: Fault| stream(&upstream, &hello_stream(&fault.model())).await;
    let good = usages(&stream(&upstream, &hello_stream("gpt-4o")).await);
    assert_eq!(good.len(), 1);
    assert!(usages(&ask(Fault::UsageMissing).await).is_empty());
    let early = ask(Fault::UsageEarly).await;
    assert!(events(&early).unwrap()[0]["usage"].is_object());
    assert_eq!(usages(&early), good);
    assert_eq!(
        usages(&ask(Fault::UsageDoubled).await),
        [good[0].clone(), good[0].clone()]
    );
    assert_eq!(usages(&ask(Fault::UsageNonsense).await)[0]["completion_tokens"], "many");
    let contradictory = &usages(&ask(Fault::UsageContradictory).await)[0];
    let tokens = |of: &str| contradictory.pointer(of).and_then(serde_json::Value::as_u64).unwrap();
    let cached = tokens("/prompt_tokens_details/cached_tokens");
    assert_eq!(cached, tokens("/prompt_tokens") + 1);
    let beside = ask(Fault::UsageWithChoice).await;
    let beside = events(&beside).unwrap();
    let last = beside.last().unwrap();
    assert_eq!(
        (&last["usage"], &last["choices"][0]["finish_reason"]),
        (&good[0], &json!("stop"))
    );

    let (_, plain) = chat(&upstream, &hello("fault-usage-missing")).json().await.unwrap();
    assert!(plain.get("usage").is_none());
    let (_, plain) = chat(&upstream, &hello("fault-usage-nonsense")).json().await.unwrap();
    assert_eq!(plain["usage"]["prompt_tokens"], -5);
}

#[tokio::test]
async fn some_servers_always_answer_in_one_way() {
    let upstream = Upstream::start().await.unwrap();
    for body in [hello, hello_stream] {
        for (fault, streams) in [(Fault::AlwaysWhole, false), (Fault::AlwaysStreams, true)] {
            let answer = chat(&upstream, &body(&fault.model())).send().await.unwrap();
            let kind = answer.headers["content-type"].to_str().unwrap().to_owned();
            assert_eq!(kind.starts_with("text/event-stream"), streams, "{fault:?}");
            assert_eq!(answer.text().await.unwrap().contains("[DONE]"), streams, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn streams_end_oddly() {
    let upstream = Upstream::start().await.unwrap();
    let ask = async |fault: Fault| stream(&upstream, &hello_stream(&fault.model())).await;
    let no_done = ask(Fault::NoDone).await;
    assert!(!no_done.contains("[DONE]") && no_done.contains("\"total_tokens\""));
    let no_blank = ask(Fault::NoFinalBlank).await;
    assert!(no_blank.ends_with("data: [DONE]\n") && !no_blank.ends_with("\n\n"));
    let early = ask(Fault::EndsEarly).await;
    assert!(early.ends_with("\n\n") && !early.contains("[DONE]") && !early.contains("\"finish_reason\":\"stop\""));
    let quoted = ask(Fault::QuoteFrame).await;
    let message = events(&quoted).unwrap().pop().unwrap()["error"]["message"].take();
    assert!(message.as_str().unwrap().contains("Hello out there"), "{quoted}");
    let error = ask(Fault::ErrorFrame).await;
    assert_eq!(events(&error).unwrap().last().unwrap()["error"]["type"], "server_error");
    let broken = ask(Fault::MalformedFrame).await;
    assert!(events(&broken).is_err() && broken.contains("[DONE]"));
    let (status, text) = chat(&upstream, &hello("fault-malformed-frame")).text().await.unwrap();
    assert_eq!(status, 200);
    assert!(serde_json::from_str::<Value>(&text).is_err());
    let (status, plain) = chat(&upstream, &hello("fault-error-frame")).json().await.unwrap();
    assert_eq!(
        (status.as_u16(), &plain["error"]["code"]),
        (200, &json!("server_error"))
    );
}

#[tokio::test]
async fn events_are_written_oddly() {
    let upstream = Upstream::start().await.unwrap();
    let ask = async |fault: Fault| stream(&upstream, &hello_stream(&fault.model())).await;
    let good = events(&stream(&upstream, &hello_stream("gpt-4o")).await).unwrap().len();
    let crlf = ask(Fault::CrLf).await;
    assert!(!crlf.replace("\r\n", "").contains(['\r', '\n']));
    assert_eq!(crlf.matches("data: ").count(), good + 1);
    let cr = ask(Fault::Cr).await;
    assert!(!cr.contains('\n'));
    assert_eq!(cr.matches("\r\r").count(), good + 1);
    let comments = ask(Fault::Comments).await;
    assert!(comments.starts_with(": keep-alive\n\n"));
    assert_eq!(events(&comments).unwrap().len(), good);
    let odd = ask(Fault::OddFields).await;
    assert!(odd.starts_with("\u{feff}retry: 3000\n") && odd.contains("data:{") && !odd.contains("data: "));
    let lines = ask(Fault::MultiLine).await;
    assert_eq!(lines.matches("data: {\ndata: ").count(), good);
    let huge = ask(Fault::HugeEvent).await;
    assert!(huge.len() > 8 << 20);
    assert_eq!(events(&huge).unwrap().len(), good);
    let drip = chat(&upstream, &hello_stream("fault-drip")).send().await.unwrap();
    let mut drip = drip;
    let mut chunks = Vec::new();
    while let Some(chunk) = drip.chunk().await.unwrap() {
        chunks.push(chunk);
    }
    assert!(chunks.iter().all(|chunk| chunk.len() == 1));
    assert_eq!(
        events(&String::from_utf8(chunks.concat()).unwrap()).unwrap().len(),
        good
    );
}

#[tokio::test]
async fn another_process_can_drive_it() {
    let upstream = Upstream::start().await.unwrap();
    let control = |path: &str, body: Value| Call::post(upstream.address(), path, &body);
    let (status, answer) = control("/control/faults", json!({"fault": "nope"}))
        .json()
        .await
        .unwrap();
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("stall-before"));
    let rule = json!({"fault": "503", "model": "gpt-4o", "times": 1});
    assert_eq!(control("/control/faults", rule).json().await.unwrap().0, 200);
    control("/control/forbid", json!({"text": "out there"}))
        .json()
        .await
        .unwrap();
    assert_eq!(chat(&upstream, &hello("gpt-4o")).send().await.unwrap().status, 503);
    assert_eq!(chat(&upstream, &hello("gpt-4o")).json().await.unwrap().0, 200);
    let get = async |path: &str| Call::get(upstream.address(), path).json().await.unwrap().1;
    let requests = get("/control/requests").await;
    assert_eq!(requests.as_array().unwrap().len(), 2);
    assert_eq!(requests[1]["path"], "/v1/chat/completions");
    assert_eq!(requests[1]["ended"]["outcome"], "answered");
    assert_eq!(get("/control/violations").await.as_array().unwrap().len(), 2);
}
