//! Pictures: what is shown is charged, up to as many as were asked for, and no more is shown.

use domain::{
    call::Dialect,
    id::CallId,
    price::{Dimension, Tariff},
    usage::UsageSource,
};

use super::{
    super::{
        client::{Hub, Setup, whole},
        upstream::{Upstream, json as answered},
    },
    till::{Paid, Till},
};
use crate::call::PictureShape;

const CREDIT: i64 = 1_000_000_000;
const ASK: &str = r#"{"model":"p/m","prompt":"12345678"}"#;
/// What one picture is estimated as, in tokens; and eight bytes that ask for it.
const USUAL: i64 = 1_290;
const EIGHT_IN: i64 = 2;
/// In nano-USD.
const PIECE: i64 = 40_000_000;

async fn by_the_piece(answer: &str) -> Till {
    let till = Till::with(CREDIT, vec![answered(200, answer)]).await;
    let picture: Dimension = "image/auto/auto".parse().unwrap();
    let price = picture.read_price("0.04").unwrap();
    till.publish(Tariff::flat([(picture, price)].into_iter().collect()))
        .await;
    till
}

fn drawn(entry: &str, times: usize, more: &str) -> String {
    format!(r#"{{"created":1,"data":[{}]{more}}}"#, vec![entry; times].join(","))
}

async fn draw(till: &Till) -> (CallId, String) {
    let request = till.request(Dialect::OpenaiImages, ASK);
    let id = request.id;
    let body = whole(till.hub.gateway.call(request).await.unwrap());
    (id, String::from_utf8(body.to_vec()).unwrap())
}

/// The money of a call, and where its numbers come from.
async fn told(till: &Till, id: CallId) -> (Paid, UsageSource, Option<String>) {
    let (_, paid) = till.paid(id).await;
    let detail = till.hub.now(id).await;
    (paid, detail.call.usage_source, detail.raw_usage)
}

#[tokio::test]
async fn what_shows_nothing_is_not_charged() {
    for entry in [
        "null",
        "{}",
        r#"{"b64_json":""}"#,
        r#"{"url":null}"#,
        r#"{"error":{"code":"x"}}"#,
    ] {
        let answer = drawn(entry, 100, "");
        let till = by_the_piece(&answer).await;
        let (id, body) = draw(&till).await;
        assert_eq!(body, answer);
        let (paid, _, raw) = told(&till, id).await;
        assert_eq!(
            (paid.held, paid.charge, paid.cost, paid.ended, raw),
            (Some(PIECE), None, None, true, None),
            "{entry}"
        );
        assert_eq!(till.spendable().await, CREDIT);
        till.is_sound().await;
    }
}

/// Some services make several of one. Only what was held for is charged, and no more goes to the client.
#[tokio::test]
async fn pictures_beside_those_asked_for_are_neither_delivered_nor_charged() {
    let entry = r#"{"b64_json":"AAAA"}"#;
    let till = by_the_piece(&drawn(entry, 100, r#","size":"auto""#)).await;
    let (id, body) = draw(&till).await;
    assert_eq!(body, drawn(entry, 1, r#","size":"auto""#));
    let (paid, source, raw) = told(&till, id).await;
    let one = Some(PIECE);
    assert_eq!((paid.held, paid.charge, paid.cost, paid.loss), (one, one, one, Some(0)));
    // The books list it.
    assert_eq!(
        (source, raw.as_deref()),
        (UsageSource::Estimated, Some(r#"{"pictures":100}"#))
    );
    // Nothing is held for a series.
    let series = r#"{"model":"p/m","prompt":"a cat","sequential_image_generation":"auto"}"#;
    let refused = till.hub.gateway.call(till.request(Dialect::OpenaiImages, series)).await;
    assert_eq!(refused.err().unwrap().code, "unpriced_option");
    till.is_sound().await;
}

/// What has another name than `n`, `size` and `quality` is held for by nobody.
#[tokio::test]
async fn a_count_or_a_size_under_another_name_is_refused_where_it_is_paid() {
    let till = by_the_piece(&drawn(r#"{"b64_json":"AAAA"}"#, 2, "")).await;
    for (member, name, code) in [
        (r#""batch_size":4"#, "batch_size", "unpriced_option"),
        (r#""num_images":8"#, "num_images", "unpriced_option"),
        (r#""image_size":"4096x4096""#, "image_size", "unpriced_option"),
        (r#""parameters":{"n":8}"#, "parameters", "unpriced_option"),
        (r#""prompt":["a","b"]"#, "prompt", "invalid_type"),
    ] {
        let ask = format!(r#"{{"model":"p/m","prompt":"x",{member}}}"#);
        let refused = till.hub.gateway.call(till.request(Dialect::OpenaiImages, &ask)).await;
        let refused = refused.unwrap_err();
        assert_eq!(
            (refused.status, &*refused.code, refused.param.as_deref()),
            (400, code, Some(name)),
            "{member}"
        );
        assert!(refused.message.contains("`n`"), "{}", refused.message);
    }
    // AIGNE's clients are told in OpenAI's words.
    let ask = r#"{"input":{"prompt":"x","modelOptions":{"model":"p/m","batchSize":4}}}"#;
    let request = till.request(Dialect::OpenaiImages, ask);
    let refused = till
        .hub
        .gateway
        .draw_for_framework(PictureShape::Framework, request)
        .await;
    assert_eq!(refused.unwrap_err().param.as_deref(), Some("batch_size"));
    assert_eq!((till.upstream.requests().len(), till.spendable().await), (0, CREDIT));
    let plain = r#"{"model":"p/m","prompt":"x","n":2,"seed":7,"user":"u","stream":false}"#;
    let drawn = till.hub.gateway.call(till.request(Dialect::OpenaiImages, plain)).await;
    assert!(drawn.is_ok());
    till.is_sound().await;
}

/// Where a member is told to nobody, it changes no price.
#[tokio::test]
async fn what_a_provider_of_other_words_is_not_told_is_no_reason_to_refuse() {
    let answer = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1290,"totalTokenCount":1293}}"#;
    let till = Till::drawing(CREDIT, vec![answered(200, answer)]).await;
    let ask = r#"{"model":"p/gemini-2.5-flash-image","prompt":"x","aspect_ratio":"1:1","batch_size":4}"#;
    let answered = till.hub.gateway.call(till.request(Dialect::OpenaiImages, ask)).await;
    assert_eq!(answered.unwrap().dropped, ["aspect_ratio", "batch_size"]);
    assert!(!till.upstream.requests()[0].contains("batch_size"));
    till.is_sound().await;
}

/// Where nothing is counted, all passes.
#[tokio::test]
async fn where_nobody_pays_all_passes() {
    let answer = drawn(r#"{"b64_json":"AAAA"}"#, 3, "");
    let upstream = Upstream::start(vec![answered(200, &answer)]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let ask = r#"{"model":"p/m","prompt":["a","b"],"batch_size":4}"#;
    let body = whole(hub.gateway.call(hub.request(Dialect::OpenaiImages, ask)).await.unwrap());
    assert_eq!(body, answer);
    assert!(upstream.requests()[0].contains(r#""batch_size":4"#));
}

/// Without a report that is believed, each picture that was asked for and came is estimated.
#[tokio::test]
async fn tokens_that_nobody_counted_are_estimated_within_what_was_held() {
    let picture = r#"{"url":"https://a.example/b.png"}"#;
    let estimate = Some(EIGHT_IN * 1_000 + USUAL * 2_000);
    let zero = r#","usage":{"input_tokens":0,"output_tokens":0,"total_tokens":0}"#;
    let far = r#","usage":{"input_tokens":2,"output_tokens":90000,"total_tokens":90002}"#;
    for (entry, times, usage, charge, doubted) in [
        (picture, 1, "", estimate, false),
        (picture, 100, "", estimate, true),
        (picture, 1, zero, estimate, true),
        (picture, 1, far, estimate, true),
        ("null", 100, "", None, false),
        ("null", 0, "", None, false),
        ("null", 0, far, None, true),
    ] {
        let till = Till::with(CREDIT, vec![answered(200, &drawn(entry, times, usage))]).await;
        let (id, body) = draw(&till).await;
        assert_eq!(body, drawn(entry, if entry == picture { 1 } else { times }, usage));
        let (paid, source, raw) = told(&till, id).await;
        assert_eq!((paid.charge, paid.ended), (charge, true), "{entry} {times} {usage}");
        assert!(paid.charge <= paid.held);
        assert_eq!((source, raw.is_some()), (UsageSource::Estimated, doubted), "{usage}");
        assert_eq!(till.spendable().await, CREDIT - charge.unwrap_or_default());
        till.is_sound().await;
    }
}

/// What was held for is believed, however many pictures it is for.
#[tokio::test]
async fn tokens_that_were_counted_within_what_was_held_are_charged() {
    let usage = r#","usage":{"input_tokens":3,"output_tokens":2580,"total_tokens":2583}"#;
    let answer = drawn(r#"{"b64_json":"AAAA"}"#, 2, usage);
    let till = Till::with(CREDIT, vec![answered(200, &answer)]).await;
    let (id, body) = draw(&till).await;
    let (paid, source, _) = told(&till, id).await;
    assert_eq!(body, answer, "both are paid");
    assert_eq!(
        (paid.charge, source),
        (Some(3 * 1_000 + 2_580 * 2_000), UsageSource::Provider)
    );
    till.is_sound().await;
}

#[tokio::test]
async fn aignes_clients_pay_for_what_is_shown_too() {
    let ask = r#"{"input":{"prompt":"12345678","modelOptions":{"model":"p/m"}}}"#;
    for (entry, charge) in [("null", None), (r#"{"b64_json":"AAAA"}"#, Some(PIECE))] {
        let till = by_the_piece(&drawn(entry, 100, "")).await;
        let request = till.request(Dialect::OpenaiImages, ask);
        let id = request.id;
        let answer = till.hub.gateway.draw_for_framework(PictureShape::Framework, request);
        answer.await.unwrap();
        assert_eq!(till.paid(id).await.1.charge, charge, "{entry}");
        till.is_sound().await;
    }
}
