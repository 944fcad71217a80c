//! Who is let in, for how much, and what others are told.

use bytes::Bytes;
use domain::{
    call::{CallState, Dialect, Fault},
    setting::Setting,
};

use super::{
    super::{
        client::{messages, next, stream, whole},
        streams::{DONE, stop, text, usage},
        upstream::{Step, chunk, end, json, stream_head},
    },
    till::{Paid, Till, rates},
};
use crate::call::{Caller, Passing, Room};
use domain::price::{Dimension, Tariff};

const ASK: &str = r#"{"model":"p/m","messages":[{"role":"user","content":"hello"}],"max_tokens":100}"#;
const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;
/// Of the request above: its bytes and what the wire adds, and 100 tokens of answer.
const HOLD: i64 = (ASK.len() as i64 + 64) * 1_000 + 100 * 2_000;

#[tokio::test]
async fn a_call_holds_its_bound_and_is_charged_what_it_used() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let till = Till::with(1_000_000_000, vec![json(200, ANSWER), steps]).await;
    let (id, answer) = till.chat(ASK).await;
    assert_eq!(whole(answer.unwrap()), ANSWER);
    let charge = 9 * 1_000 + 2 * 2_000;
    let paid = Paid {
        funding: "credit".to_owned(),
        held: Some(HOLD),
        charge: Some(charge),
        cost: Some(charge),
        loss: Some(0),
        ended: true,
    };
    // Without waiting: the answer came after the books.
    assert_eq!(till.paid(id).await, (CallState::Succeeded, paid));
    assert_eq!(till.spendable().await, 1_000_000_000 - charge);

    let streamed = ASK.replace("\"max", "\"stream\":true,\"max");
    let (id, answer) = till.chat(&streamed).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    // The hold stands in the row before the first byte.
    assert_eq!(till.balance().await.held.nano(), HOLD + 14 * 1_000);
    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    let second = 7 * 1_000 + 3 * 2_000;
    assert_eq!(till.paid(id).await.1.charge, Some(second));
    assert_eq!(till.spendable().await, 1_000_000_000 - charge - second);
    assert_eq!(till.sums().await, (2, 0, 16, 5, charge + second, charge + second));
    till.is_sound().await;
}

#[tokio::test]
async fn without_credit_nothing_is_asked_of_the_provider_and_the_caller_is_told_the_facts() {
    let till = Till::with(0, vec![json(200, ANSWER)]).await;
    let (id, answer) = till.chat(ASK).await;
    let error = answer.unwrap_err();
    assert_eq!(
        (error.status, error.fault, &*error.code, error.retry_after),
        (402, Fault::Credit, "insufficient_credits", None)
    );
    let body: serde_json::Value = serde_json::from_slice(&error.body(domain::call::Dialect::OpenaiChat, None)).unwrap();
    let least = (ASK.len() as i64 + 64) * 1_000 + 16 * 2_000;
    let needed = domain::money::Amount::from_nano(least).unwrap().to_string();
    assert_eq!(
        body["error"]["credit"],
        serde_json::json!({"spendable": "0.00", "needed": needed, "debt": "0.00", "missing": needed, "held": "0.00", "waiting_helps": false, "url": "http://127.0.0.1:1/credits"})
    );
    assert_eq!(body["error"]["type"], "insufficient_quota");
    assert!(
        error.message.contains("http://127.0.0.1:1/credits"),
        "{}",
        error.message
    );
    assert_eq!(
        till.paid(id).await,
        (
            CallState::Failed,
            Paid {
                funding: "none".to_owned(),
                ..Paid::default()
            }
        )
    );
    assert!(till.upstream.requests().is_empty());
    assert_eq!(till.sums().await, (1, 1, 0, 0, 0, 0));
    till.is_sound().await;
}

#[tokio::test]
async fn while_another_call_holds_the_credit_waiting_helps() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let till = Till::with(HOLD + 50_000, vec![steps, json(200, ANSWER)]).await;
    let streamed = ASK.replace("\"max", "\"stream\":true,\"max");
    let (first, answer) = till.chat(&streamed).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    let error = till.chat(ASK).await.1.unwrap_err();
    assert_eq!((error.status, error.retry_after.is_some()), (402, true));
    assert!(error.credit.unwrap().waiting_helps);
    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    till.paid(first).await;
    assert!(till.chat(ASK).await.1.is_ok());
    till.is_sound().await;
}

#[tokio::test]
async fn a_limit_beyond_the_credit_is_lowered_in_whichever_field_it_stands() {
    for field in ["max_tokens", "max_completion_tokens"] {
        let ask = ASK.replace("\"max_tokens\":100", &format!("\"{field}\":100000"));
        let till = Till::with(
            (ask.len() as i64 + 64) * 1_000 + 50 * 2_000 + 1_999,
            vec![json(200, ANSWER)],
        )
        .await;
        let (_, answer) = till.chat(&ask).await;
        assert_eq!(answer.unwrap().max_tokens, Some(50));
        let sent = till.upstream.requests().remove(0);
        assert!(sent.ends_with(&format!("\"{field}\":50}}")), "{sent}");
        till.is_sound().await;
    }
    // As far as the credit reaches nothing is edited.
    let till = Till::with(HOLD, vec![json(200, ANSWER)]).await;
    assert_eq!(till.chat(ASK).await.1.unwrap().max_tokens, None);
    assert!(till.upstream.requests()[0].ends_with("\"max_tokens\":100}"));
}

#[tokio::test]
async fn each_of_several_answers_has_its_part_of_what_is_held() {
    let ask = ASK.replace("\"max_tokens\":100", "\"n\":4,\"max_tokens\":100");
    let till = Till::with((ask.len() as i64 + 64) * 1_000 + 400 * 2_000, vec![json(200, ANSWER)]).await;
    let (id, _) = till.chat(&ask).await;
    assert_eq!(
        till.paid(id).await.1.held,
        Some((ask.len() as i64 + 64) * 1_000 + 400 * 2_000)
    );
    till.chat(&ask).await.1.unwrap();
    assert!(
        till.upstream.requests()[1].contains("\"max_tokens\":98"),
        "{:?}",
        till.upstream.requests()
    );
    till.is_sound().await;
}

#[tokio::test]
async fn a_price_of_zero_needs_no_credit_and_a_blocked_account_admits_nothing() {
    let till = Till::unpriced(vec![json(200, ANSWER)]).await;
    till.publish(Tariff::flat(rates(&[
        (Dimension::Input, "0"),
        (Dimension::Output, "0"),
    ])))
    .await;
    let (id, answer) = till.chat(ASK).await;
    answer.unwrap();
    let (_, paid) = till.paid(id).await;
    assert_eq!((paid.held, paid.charge, paid.ended), (Some(0), Some(0), true));
    till.block().await;
    let error = till.chat(ASK).await.1.unwrap_err();
    assert_eq!((error.status, &*error.code), (403, "account_blocked"));
    // Nor where nobody needs credit.
    till.set(Setting::Mode, "enterprise").await;
    let error = till.chat(ASK).await.1.unwrap_err();
    assert_eq!((error.status, &*error.code), (403, "account_blocked"));
    // Not even what a call would come to is asked of the provider.
    let caller = Caller::of_person(till.user);
    let count = Bytes::from_static(br#"{"model":"p/m","messages":[]}"#);
    let counted = till
        .hub
        .gateway
        .count_tokens(caller, (count, Room::default()), &Passing::default())
        .await;
    assert_eq!(&*counted.unwrap_err().code, "account_blocked");
    assert_eq!(till.upstream.requests().len(), 1);
    till.is_sound().await;
}

#[tokio::test]
async fn an_unpriced_model_cannot_be_called_where_credit_counts() {
    let till = Till::unpriced(vec![json(200, ANSWER)]).await;
    till.grant(1_000_000_000, None).await;
    let error = till.chat(ASK).await.1.unwrap_err();
    assert_eq!(
        (error.status, error.fault, &*error.code),
        (404, Fault::Operator, "model_unpriced")
    );
    // A price that says nothing of answers is none for a chat.
    till.publish(Tariff::flat(rates(&[(Dimension::Input, "1")]))).await;
    let error = till.chat(ASK).await.1.unwrap_err();
    assert_eq!(&*error.code, "model_unpriced");
    assert!(error.message.contains("has none for `output`"), "{}", error.message);
    assert!(till.upstream.requests().is_empty());
    till.set(Setting::Mode, "enterprise").await;
    till.chat(ASK).await.1.unwrap();
    till.is_sound().await;
}

/// What costs more than the tokens of the named model is refused before anything is sent, and only where credit counts.
#[tokio::test]
async fn what_no_price_counts_is_refused_where_credit_counts() {
    let till = Till::with(1_000_000_000, vec![json(200, ANSWER)]).await;
    let with = |member: &str| ASK.replace("\"max_tokens\"", &format!("{member},\"max_tokens\""));
    let paid_apart = [
        (r#""service_tier":"priority""#, "service_tier"),
        (r#""service_tier":"flex""#, "service_tier"),
        (r#""service\u005ftier":"priority""#, "service_tier"),
        (r#""service_tier":"default","service_tier":"priority""#, "service_tier"),
        (r#""web_search_options":{}"#, "web_search_options"),
        (
            r#""web_search_options":{"search_context_size":"high"}"#,
            "web_search_options",
        ),
        (r#""search_parameters":{"mode":"on"}"#, "search_parameters"),
        (r#""plugins":[{"id":"web"}]"#, "plugins"),
        (r#""enable_search":true"#, "enable_search"),
        (r#""models":["openai/o1-pro"]"#, "models"),
        (r#""provider":{"order":["x"]}"#, "provider"),
        (
            r#""tools":[{"type":"function","function":{"name":"f"}},{"type":"web_search"}]"#,
            "tools",
        ),
        (r#""tools":[{"google_search":{}}]"#, "tools"),
        (r#""tools":[{"type":1}]"#, "tools"),
        (r#""tools":[{"type":null}]"#, "tools"),
        (r#""tools":{"type":"web_search"}"#, "tools"),
        (r#""tools":{}"#, "tools"),
        (r#""tools":[[{"type":"web_search"}]]"#, "tools"),
        (r#""tools":["web_search"]"#, "tools"),
        (r#""tools":[{"type":"function","Type":"web_search"}]"#, "tools"),
        (r#""tools":[{"type":"web_search","type":"function"}]"#, "tools"),
        (r#""search_settings":{}"#, "search_settings"),
        (r#""connectors":[{"id":"web-search"}]"#, "connectors"),
        (r#""builtin_tools":["browser"]"#, "builtin_tools"),
        (r#""search":"auto""#, "search"),
        (r#""use_search":true"#, "use_search"),
        (r#""deferred":true"#, "deferred"),
        (r#""background":true"#, "background"),
        (r#""enhancements":{"ocr":{"enabled":true}}"#, "enhancements"),
        (r#""safety_model":"x""#, "safety_model"),
        (r#""enable_code_interpreter":true"#, "enable_code_interpreter"),
        (r#""guardrails":["x"]"#, "guardrails"),
        (r#""web_fetch":{"a":1}"#, "web_fetch"),
        (r#""cached_content":"x""#, "cached_content"),
        (r#""cachedContent":"x""#, "cached_content"),
    ];
    for (member, name) in paid_apart {
        let error = till.chat(&with(member)).await.1.unwrap_err();
        assert_eq!(
            (error.status, error.fault, &*error.code, error.param.as_deref()),
            (400, Fault::Caller, "unpriced_option", Some(name)),
            "{member}"
        );
    }
    for (member, name) in [
        (r#""generation_config":{"max_new_tokens":9}"#, "generation_config"),
        (r#""num_return_sequences":4"#, "num_return_sequences"),
    ] {
        let error = till.chat(&with(member)).await.1.unwrap_err();
        let told = (error.status, &*error.code, error.param.as_deref());
        assert_eq!(told, (400, "unsupported_limit", Some(name)), "{member}");
    }
    assert!(till.upstream.requests().is_empty());
    let harmless = [
        r#""service_tier":"auto""#,
        r#""service_tier":null"#,
        r#""plugins":[]"#,
        r#""web_search_options":null"#,
        r#""provider":{}"#,
        r#""enable_search":false"#,
        r#""use_search":false"#,
        r#""deferred":false"#,
        r#""background":null"#,
        r#""guardrails":[]"#,
        r#""vector_store_ids":[]"#,
        r#""prompt_id":null"#,
        r#""search":null"#,
        r#""connectors":[]"#,
        r#""generation_config":{}"#,
        r#""generation_config":null"#,
        r#""tools":null"#,
        r#""tools":[]"#,
        r#""tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"g"}}]"#,
    ];
    for member in harmless {
        till.chat(&with(member))
            .await
            .1
            .unwrap_or_else(|error| panic!("{member}: {}", error.message));
    }
    till.set(Setting::Mode, "enterprise").await;
    for (member, _) in paid_apart {
        till.chat(&with(member)).await.1.unwrap();
    }
    till.is_sound().await;
}

#[tokio::test]
async fn a_change_of_mode_concerns_calls_that_begin_later() {
    let steps = || {
        vec![
            stream_head(),
            chunk(&text("one")),
            Step::WaitForTest,
            chunk(&stop()),
            chunk(&usage()),
            chunk(DONE),
            end(),
        ]
    };
    let till = Till::with(1_000_000_000, vec![steps(), steps(), json(200, ANSWER)]).await;
    let ask = ASK.replace("\"max", "\"stream\":true,\"max");
    let charge = 7 * 1_000 + 3 * 2_000;
    for (now, later, funding) in [
        ("service-provider", "enterprise", "credit"),
        ("enterprise", "service-provider", "allocated"),
    ] {
        till.set(Setting::Mode, now).await;
        let (id, answer) = till.chat(&ask).await;
        let mut receiver = stream(answer.unwrap());
        next(&mut receiver).await;
        till.set(Setting::Mode, later).await;
        till.upstream.go();
        while next(&mut receiver).await.is_some() {}
        let (_, paid) = till.paid(id).await;
        assert_eq!(
            (paid.funding.as_str(), paid.charge, paid.ended),
            (funding, Some(charge), true)
        );
    }
    // Only the first was paid from credit.
    assert_eq!(till.spendable().await, 1_000_000_000 - charge);
    till.is_sound().await;
}

#[tokio::test]
async fn embeddings_hold_and_are_charged_their_input() {
    let answer = r#"{"data":[{"embedding":[1]}],"usage":{"prompt_tokens":5,"total_tokens":5}}"#;
    let till = Till::with(1_000_000_000, vec![json(200, answer), json(500, "{}")]).await;
    let ask = r#"{"model":"p/m","input":[1,2,3,4,5]}"#;
    let request = till.request(Dialect::OpenaiEmbeddings, ask);
    let id = request.id;
    till.hub.gateway.call(request).await.unwrap();
    let (_, paid) = till.paid(id).await;
    assert_eq!(
        (paid.held, paid.charge),
        (Some((ask.len() as i64 + 64) * 1_000), Some(5_000))
    );
    let request = till.request(Dialect::OpenaiEmbeddings, ask);
    let id = request.id;
    till.hub.gateway.call(request).await.unwrap_err();
    assert_eq!(till.paid(id).await.1.charge, None);
    till.is_sound().await;
}

#[tokio::test]
async fn streams_to_the_end_use_the_same_sums() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let till = Till::with(1_000_000_000, vec![steps]).await;
    let ask = ASK.replace("\"max", "\"stream\":true,\"max");
    let all = messages(till.chat(&ask).await.1.unwrap()).await;
    assert_eq!(all.last().map(String::as_str), Some(DONE));
    till.is_sound().await;
}
