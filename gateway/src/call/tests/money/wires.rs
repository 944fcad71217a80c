//! What is held where a client or a provider speaks something else than OpenAI's chat, and what is said when it is too little.

use domain::{call::Dialect, catalog::ProviderKind, setting::Setting};
use serde_json::{Value, json};

use super::{
    super::{
        client::{messages, whole},
        upstream::{Step, Upstream, answer, chunk, json as answered, stream_head},
    },
    till::Till,
};

/// A model that is told to think needs more than the least that it may think with: else its provider would refuse the limit that
/// the hub has set.
#[tokio::test]
async fn credit_for_less_than_a_model_thinks_with_is_too_little() {
    let told = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn", "stop_sequence": null, "usage": {"input_tokens": 9, "output_tokens": 2}});
    let ask = r#"{"model":"p/m","max_tokens":32000,"thinking":{"type":"enabled","budget_tokens":31999},"messages":[{"role":"user","content":"x"}]}"#;
    let input = (ask.len() as i64 + 64) * 1_000;
    let (least, step) = (1_025, 2_000);
    for (tokens, admitted) in [(least - 1, false), (least, true), (5_000, true)] {
        let scripts = vec![answered(200, &told.to_string())];
        let till = Till::of_kind(ProviderKind::Anthropic, input + tokens * step, scripts).await;
        let answer = till
            .hub
            .gateway
            .call(till.request(Dialect::AnthropicMessages, ask))
            .await;
        if !admitted {
            let error = answer.unwrap_err();
            assert_eq!((error.status, &*error.code), (402, "insufficient_credits"));
            assert_eq!(error.credit.unwrap().needed.nano(), input + least * step);
            assert!(till.upstream.requests().is_empty());
            continue;
        }
        whole(answer.unwrap());
        let asked = till.upstream.requests().remove(0);
        let asked: Value = serde_json::from_str(asked.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(
            (
                asked["max_tokens"].as_i64(),
                asked["thinking"]["budget_tokens"].as_i64()
            ),
            (Some(tokens), Some(tokens - 1))
        );
        till.is_sound().await;
    }
}

/// An answer that is kept has a size that was counted: who goes on with it holds credit for so much, and a tenth.
#[tokio::test]
async fn who_goes_on_with_an_answer_holds_credit_for_what_came_before() {
    let answer = |id: &str, usage: Value| {
        let told = json!({"id": id, "object": "response", "created_at": 1, "status": "completed", "model": "m", "output": [], "usage": usage});
        answered(200, &told.to_string())
    };
    let counted = json!({"input_tokens": 700, "output_tokens": 50, "total_tokens": 750});
    let scripts = vec![
        answer("resp_1", counted.clone()),
        answer("resp_2", Value::Null),
        answer("resp_3", counted),
    ];
    let till = Till::of_kind(ProviderKind::Openai, 1_000_000_000, scripts).await;
    let ask = async |previous: Option<&str>| {
        let previous = previous
            .map(|id| format!(r#""previous_response_id":"{id}","#))
            .unwrap_or_default();
        let body = format!(r#"{{"model":"p/m","max_output_tokens":50,{previous}"input":"hi"}}"#);
        let request = till.request(Dialect::OpenaiResponses, &body);
        (request.id, body.len() as i64, till.hub.gateway.call(request).await)
    };
    ask(None).await.2.unwrap();
    let (id, bytes, answer) = ask(Some("resp_1")).await;
    answer.unwrap();
    let held = (bytes + 64 + 750 + 75) * 1_000 + 50 * 2_000;
    assert_eq!(till.paid(id).await.1.held, Some(held));
    // Nobody has counted the second one.
    let error = ask(Some("resp_2")).await.2.unwrap_err();
    assert_eq!(
        (error.status, &*error.code, error.param.as_deref()),
        (400, "unmeasured_content", Some("previous_response_id"))
    );
    till.is_sound().await;
}

/// What credit came to stands within a stream as it stands in an answer 402, whatever the dialect.
#[tokio::test]
async fn a_stream_whose_credit_ends_says_what_it_came_to() {
    let piece = format!(
        "data: {}\n\n",
        json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "z".repeat(400)}]}, "index": 0}]})
    );
    let body = |member: &str, rest: &str| format!(r#"{{"model":"p/m","stream":true,{member}{rest}}}"#);
    let turn = r#""messages":[{"role":"user","content":"12345678"}]"#;
    for (dialect, ask, place) in [
        (Dialect::OpenaiChat, body("", turn), "/error/credit"),
        (
            Dialect::OpenaiResponses,
            body("", r#""input":"12345678""#),
            "/response/error/credit",
        ),
        (Dialect::AigneCompletions, body("", turn), "/error/credit"),
    ] {
        let mut steps = vec![stream_head()];
        steps.extend((0..20).map(|_| chunk(&piece)));
        steps.push(Step::WaitForClose);
        let credit = 400_000 + 130 * 2_000;
        let till = Till::of_kind(ProviderKind::Google, credit, vec![steps]).await;
        till.set(Setting::HoldOutputTokens, "50").await;
        let request = till.request(dialect, &ask);
        let id = request.id;
        let all = messages(till.hub.gateway.call(request).await.unwrap()).await.concat();
        let data = all
            .split("data: ")
            .filter_map(|event| serde_json::from_str::<Value>(event.split("\n\n").next()?).ok());
        let credit: Vec<Value> = data.filter_map(|told| told.pointer(place).cloned()).collect();
        let [credit] = credit.as_slice() else {
            panic!("{dialect:?}: {all}")
        };
        for fact in ["spendable", "needed", "debt", "missing", "held", "waiting_helps", "url"] {
            assert!(!credit[fact].is_null(), "{dialect:?} {fact}: {credit}");
        }
        // No other call runs: what it holds itself comes back to nobody.
        assert_eq!(
            (&credit["held"], &credit["waiting_helps"]),
            (&json!("0.00"), &json!(false)),
            "{dialect:?}"
        );
        till.paid(id).await;
        till.is_sound().await;
    }
}

/// A document at an address has no size where the provider fetches it; where the hub does, it is held for by its bytes.
#[tokio::test]
async fn a_document_that_is_fetched_is_held_for() {
    let pdf = format!("%PDF-1.7 {}", "x".repeat(3_000));
    let files = Upstream::start(vec![answer(200, "content-type: application/pdf\r\n", &pdf)]).await;
    let told = json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "ok"}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}});
    let till = Till::fetching(
        ProviderKind::Google,
        1_000_000_000,
        vec![answered(200, &told.to_string())],
    )
    .await;
    let ask = json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": [
        {"type": "document", "source": {"type": "url", "url": format!("{}/a.pdf", files.base_url)}}]}]})
    .to_string();
    let request = till.request(Dialect::AnthropicMessages, &ask);
    let id = request.id;
    till.hub.gateway.call(request).await.unwrap();
    let encoded = pdf.len().div_ceil(3) as i64 * 4;
    let held = (ask.len() as i64 + 64 + encoded + 200_000) * 1_000 + 50 * 2_000;
    assert_eq!(till.paid(id).await.1.held, Some(held));
    till.is_sound().await;
}

#[tokio::test]
async fn nothing_is_fetched_for_whoever_could_not_pay_for_the_rest() {
    let files = Upstream::start(vec![answer(200, "content-type: image/gif\r\n", "GIF89a and so on")]).await;
    // A nano-USD short of what the question alone comes to.
    let till = Till::fetching(ProviderKind::Ollama, 999, Vec::new()).await;
    let ask = json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": format!("{}/a.gif", files.base_url)}}]}]})
    .to_string();
    let (_, answer) = till.chat(&ask).await;
    let error = answer.unwrap_err();
    assert_eq!((error.status, &*error.code), (402, "insufficient_credits"));
    let short = error.credit.unwrap();
    assert!(!short.waiting_helps && short.spendable.nano() == 999 && short.needed > short.spendable);
    assert!(files.requests().is_empty() && till.upstream.requests().is_empty());
    till.is_sound().await;
}

/// The bytes of a document say nothing of its pages. What is held for it is believed; of more than that as much is charged. So it is
/// with whatever a service that speaks like OpenAI takes beside texts.
#[tokio::test]
async fn a_file_is_charged_by_its_report_as_far_as_it_was_held_for() {
    let png = "data:image/png;base64,AAAA";
    let frames = vec![png; 3];
    // Beside text: tokens that are held for, and bytes that are pixels.
    for (part, files, pixels) in [
        (
            json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}),
            200_000,
            0,
        ),
        (
            json!({"type": "document_url", "document_url": "data:application/pdf;base64,AAAA"}),
            200_000,
            0,
        ),
        (
            json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
            50_000,
            0,
        ),
        (json!({"type": "input_audio", "input_audio": "AAAA"}), 50_000, 0),
        (
            json!({"type": "image_url", "image_url": {"url": png}}),
            50_000,
            png.len(),
        ),
        (json!({"type": "video", "video": frames}), 150_000, 3 * png.len()),
    ] {
        for (told, read) in [(files - 1_000, files - 1_000), (900_000, files + 2)] {
            let answer = format!(
                r#"{{"choices":[{{"message":{{"content":"okay"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":{told},"completion_tokens":1}}}}"#
            );
            let till = Till::with(1_000_000_000, vec![answered(200, &answer)]).await;
            let ask = json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": [{"type": "text", "text": "12345678"}, part]}]});
            let ask = ask.to_string();
            let (id, done) = till.chat(&ask).await;
            done.unwrap();
            let (_, paid) = till.paid(id).await;
            let held = ((ask.len() - pixels) as i64 + 64 + files) * 1_000 + 50 * 2_000;
            assert_eq!((paid.held, paid.loss), (Some(held), Some(0)), "{part}");
            // Some tokens of names may lie between the two ways to count.
            let charge = paid.charge.unwrap() - 2_000;
            assert!(
                (read * 1_000..=(read + 20) * 1_000).contains(&charge),
                "{told}: {charge} {part}"
            );
            till.is_sound().await;
        }
    }
}

/// A sound goes to Google in other words, and counts in the same way.
#[tokio::test]
async fn a_sound_that_is_written_anew_is_charged_up_to_what_was_held_for_it() {
    let told = json!({"candidates": [{"content": {"role": "model", "parts": [{"text": "ok"}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 900_000, "candidatesTokenCount": 5, "totalTokenCount": 900_005}});
    let till = Till::fetching(
        ProviderKind::Google,
        1_000_000_000,
        vec![answered(200, &told.to_string())],
    )
    .await;
    let ask = json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": [
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]}]})
    .to_string();
    let (id, done) = till.chat(&ask).await;
    done.unwrap();
    let charge = till.paid(id).await.1.charge.unwrap();
    assert!((50_000_000..50_100_000).contains(&charge), "{charge}");
    till.is_sound().await;
}

/// Nobody is sent what nobody can judge, nor told where something of the hub's own network lies.
#[tokio::test]
async fn what_has_no_measure_is_refused_whatever_it_is_called() {
    let inside = "http://169.254.169.254/a.jpg";
    let chat = |part: Value| {
        let body = json!({"model": "p/m", "max_tokens": 50, "messages": [{"role": "user", "content": [part]}]});
        (Dialect::OpenaiChat, body)
    };
    let embeddings = |input: Value| (Dialect::OpenaiEmbeddings, json!({"model": "p/m", "input": input}));
    let till = Till::with(1_000_000_000, Vec::new()).await;
    for mode in ["service-provider", "enterprise"] {
        till.set(Setting::Mode, mode).await;
        for ((dialect, body), code) in [
            (chat(json!({"type": "video", "video": [inside]})), "address_not_allowed"),
            (embeddings(json!([{"image": inside}])), "address_not_allowed"),
            (
                chat(json!({"type": "video_url", "video_url": null, "uuid": "abc"})),
                "unknown_reference",
            ),
            (chat(json!({"type": "of_tomorrow", "thing": "x"})), "unmeasured_content"),
            (
                embeddings(json!([{"image": "https://example.com/a.png"}])),
                "unmeasured_content",
            ),
        ] {
            if mode == "enterprise" && code == "unmeasured_content" {
                continue;
            }
            let asked = till.hub.gateway.call(till.request(dialect, &body.to_string())).await;
            let error = asked.err().unwrap();
            // Without a measure nobody asks where it lies.
            let is_so = &*error.code == code || mode == "service-provider" && &*error.code == "unmeasured_content";
            assert!(error.status == 400 && is_so, "{mode} {body}: {}", error.code);
        }
    }
    assert!(till.upstream.requests().is_empty());
    till.is_sound().await;
}

/// In enterprise mode a provider may search for an answer, and reads what it has found.
#[tokio::test]
async fn what_a_provider_has_looked_up_is_allocated() {
    let told = r#"{"choices":[{"message":{"content":"okay"},"finish_reason":"stop"}],"usage":{"prompt_tokens":48000,"completion_tokens":300}}"#;
    let till = Till::with(0, vec![answered(200, told)]).await;
    till.set(Setting::Mode, "enterprise").await;
    let ask = r#"{"model":"p/m","web_search_options":{},"messages":[{"role":"user","content":"12345678"}]}"#;
    let (id, done) = till.chat(ask).await;
    done.unwrap();
    let (_, paid) = till.paid(id).await;
    assert_eq!(
        (paid.funding.as_str(), paid.charge),
        ("allocated", Some(48_000 * 1_000 + 300 * 2_000))
    );
    till.is_sound().await;
}
