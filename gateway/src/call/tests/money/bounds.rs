//! No way around the hold: requests that ask for more than they seem to.

use domain::{
    call::{CallState, Dialect, Fault},
    setting::Setting,
    usage::UsageSource,
};

use super::{
    super::{
        PANICS,
        client::{messages, whole},
        streams::{DONE, stop, text, usage},
        upstream::{Step, chunk, end, json, stream_head},
    },
    till::Till,
};

use crate::call::CallRequest;

const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;

#[tokio::test]
async fn a_text_that_begins_like_a_file_needs_credit_for_each_of_its_bytes() {
    let till = Till::with(20_000_000, vec![json(200, ANSWER)]).await;
    let words = "please read all of this ".repeat(2_000);
    let ask = format!(r#"{{"model":"p/m","max_tokens":10,"messages":[{{"role":"user","content":"data: {words}"}}]}}"#);
    let error = till.chat(&ask).await.1.unwrap_err();
    assert_eq!((error.status, &*error.code), (402, "insufficient_credits"));
    let short = error.credit.unwrap();
    assert_eq!(short.needed.nano(), (ask.len() as i64 + 64) * 1_000 + 10 * 2_000);
    assert_eq!(short.missing.nano(), short.needed.nano() - 20_000_000);
    assert!(till.upstream.requests().is_empty());
    till.is_sound().await;
}

#[tokio::test]
async fn an_image_is_held_for_alike_wherever_it_comes_from() {
    let till = Till::with(1_000_000_000, vec![json(200, ANSWER)]).await;
    let ask = |url: &str| {
        format!(
            r#"{{"model":"p/m","max_tokens":10,"messages":[{{"role":"user","content":[{{"image_url":{{"url":"{url}"}}}}]}}]}}"#
        )
    };
    let image = format!("data:image/png;base64,{}", "A".repeat(100_000));
    for (url, read) in [(image.as_str(), 0), ("https://example.com/a.png", 25)] {
        let around = ask("").len() as i64;
        let (id, answer) = till.chat(&ask(url)).await;
        answer.unwrap();
        let held = (around + read + 64 + 50_000) * 1_000 + 10 * 2_000;
        assert_eq!(till.paid(id).await.1.held, Some(held));
    }
    let file =
        r#"{"model":"p/m","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]}"#;
    let document = file.replace(r#""file_id":"file-1""#, r#""file_data":"https://example.com/a.pdf""#);
    let error = till.chat(&document).await.1.unwrap_err();
    assert_eq!(
        (error.status, &*error.code, error.param.as_deref()),
        (400, "unmeasured_content", Some("messages"))
    );
    // Where no credit is held the size of it does not concern the hub, but whose it is.
    let kept = (400, "unknown_reference", Some("file_id"));
    let error = till.chat(file).await.1.unwrap_err();
    assert_eq!((error.status, &*error.code, error.param.as_deref()), kept);
    till.set(Setting::Mode, "enterprise").await;
    assert!(till.chat(&document).await.1.is_ok());
    let error = till.chat(file).await.1.unwrap_err();
    assert_eq!((error.status, &*error.code, error.param.as_deref()), kept);
    till.is_sound().await;
}

#[tokio::test]
async fn a_limit_that_cannot_be_read_is_refused() {
    let till = Till::with(1_000_000_000, vec![json(200, ANSWER)]).await;
    for member in [
        r#""max_tokens":"100000""#,
        r#""max_tokens":-1"#,
        r#""max_completion_tokens":1.5"#,
        r#""n":"4""#,
        r#""max_tokens":10,"n_predict":-1"#,
    ] {
        let ask = format!(r#"{{"model":"p/m","messages":[],{member}}}"#);
        let error = till.chat(&ask).await.1.unwrap_err();
        assert_eq!((error.status, error.fault), (400, Fault::Caller), "{member}");
        assert!(error.param.is_some_and(|param| member.contains(&param)));
    }
    assert!(till.upstream.requests().is_empty());
    // One that is read is held for.
    let (id, answer) = till.chat(r#"{"model":"p/m","messages":[],"max_tokens":1e5}"#).await;
    answer.unwrap();
    assert_eq!(till.paid(id).await.1.held, Some((46 + 64) * 1_000 + 100_000 * 2_000));
    till.is_sound().await;
}

#[tokio::test]
async fn without_a_limit_the_provider_is_told_what_is_held() {
    let thinks = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":400,"completion_tokens_details":{"reasoning_tokens":399}}}"#;
    let ask = r#"{"model":"p/m","messages":[{"role":"user","content":"x"}]}"#;
    let input = (ask.len() as i64 + 64) * 1_000;
    for (credit, limit) in [(1_000_000_000, 400), (input + 100 * 2_000 + 1_999, 100)] {
        let till = Till::with(credit, vec![json(200, thinks)]).await;
        till.set(Setting::HoldOutputTokens, "50").await;
        let (id, answer) = till.chat(ask).await;
        let answer = answer.unwrap();
        assert_eq!(answer.max_tokens, Some(limit));
        assert_eq!(whole(answer), thinks);
        let sent = till.upstream.requests().remove(0);
        assert!(sent.contains(&format!(r#""max_completion_tokens":{limit},"#)), "{sent}");
        let (_, paid) = till.paid(id).await;
        assert_eq!(
            paid.held,
            Some((input + limit as i64 * 2_000).max(credit.min(input + 800_000)))
        );
        // Where it says 400 though it was told 100, and two letters came, it is not believed.
        let source = till.hub.now(id).await.call.usage_source;
        assert_eq!(source == UsageSource::Provider, limit == 400);
        assert_eq!(paid.loss, Some(0));
        till.is_sound().await;
    }
}

#[tokio::test]
async fn thinking_that_is_counted_apart_is_held_for() {
    let answer = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"length"}],"usage":{"prompt_tokens":9,"completion_tokens":100,"total_tokens":209,"completion_tokens_details":{"reasoning_tokens":100}}}"#;
    let till = Till::preset("xai", vec![json(200, answer)]).await;
    let ask = r#"{"model":"p/m","messages":[{"role":"user","content":"x"}],"max_tokens":100}"#;
    let (id, answer) = till.chat(ask).await;
    answer.unwrap();
    let (_, paid) = till.paid(id).await;
    assert_eq!(paid.held, Some((ask.len() as i64 + 64) * 1_000 + 200 * 2_000));
    assert_eq!(paid.charge, Some(9 * 1_000 + 200 * 2_000));
    till.is_sound().await;
}

#[tokio::test]
async fn an_answer_without_a_report_costs_at_most_what_is_held() {
    let said = "x".repeat(4_000);
    let answer = format!(r#"{{"choices":[{{"message":{{"content":"{said}"}},"finish_reason":"stop"}}]}}"#);
    let till = Till::with(1_000_000_000, vec![json(200, &answer)]).await;
    // 1,000 tokens by its bytes, and the provider was allowed 100.
    for (limit, tokens) in [(100, 100), (5_000, 1_000)] {
        let ask =
            format!(r#"{{"model":"p/m","messages":[{{"role":"user","content":"12345678"}}],"max_tokens":{limit}}}"#);
        let (id, answer) = till.chat(&ask).await;
        answer.unwrap();
        let (_, paid) = till.paid(id).await;
        assert_eq!(till.hub.now(id).await.call.usage_source, UsageSource::Estimated);
        assert_eq!(paid.charge, Some(3 * 1_000 + tokens * 2_000));
        assert!(paid.charge <= paid.held);
    }
    till.is_sound().await;
}

#[tokio::test]
async fn of_a_stream_that_is_cut_an_early_report_counts_the_prompt_exactly() {
    let early = r#"data: {"choices":[],"usage":{"prompt_tokens":70,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":20}}}"#;
    let steps = vec![
        stream_head(),
        chunk(&format!("{early}\n\n")),
        chunk(&text("12345678")),
        Step::Reset,
    ];
    let till = Till::with(1_000_000_000, vec![steps]).await;
    let ask = r#"{"model":"p/m","stream":true,"messages":[{"role":"user","content":"12345678"}],"max_tokens":100}"#;
    let (id, answer) = till.chat(ask).await;
    messages(answer.unwrap()).await;
    let (_, paid) = till.paid(id).await;
    let call = till.hub.now(id).await.call;
    assert_eq!(call.usage_source, UsageSource::Mixed);
    assert_eq!(
        (call.usage.cache_read, call.usage.input_uncached, call.usage.output_text),
        (20, 50, 2)
    );
    assert_eq!(paid.charge, Some(70 * 1_000 + 2 * 2_000));
    till.is_sound().await;
}

#[tokio::test]
async fn a_panic_where_the_end_is_written_leaves_no_hold() {
    let stream = vec![
        stream_head(),
        chunk(&text("one")),
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let till = Till::with(1_000_000_000, vec![json(200, ANSWER), stream]).await;
    let ask = r#"{"model":"p/m","messages":[],"max_tokens":10}"#;
    // Nobody got the whole answer; of the stream all but its end was delivered.
    for (ask, charge) in [
        (ask.to_owned(), None),
        (
            ask.replace("\"max", "\"stream\":true,\"max"),
            Some(7 * 1_000 + 3 * 2_000),
        ),
    ] {
        let request = CallRequest {
            agent: Some(PANICS.to_owned()),
            ..till.request(Dialect::OpenaiChat, &ask)
        };
        let id = request.id;
        match till.hub.gateway.call(request).await {
            Ok(answer) => assert!(messages(answer).await.concat().contains("internal_error")),
            Err(error) => assert_eq!(&*error.code, "internal_error"),
        }
        let (state, paid) = till.paid(id).await;
        assert_eq!((state, paid.ended, paid.charge), (CallState::Failed, true, charge));
        till.is_sound().await;
    }
}
