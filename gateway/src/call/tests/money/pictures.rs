//! Pictures: what is shown is charged, up to as many as were asked for.

use domain::{
    call::Dialect,
    id::CallId,
    price::{Dimension, Tariff},
    usage::UsageSource,
};

use super::{
    super::{client::whole, upstream::json as answered},
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

/// Some services make several of one. They go to the client, and only what was held for is charged.
#[tokio::test]
async fn pictures_beside_those_asked_for_are_delivered_and_not_charged() {
    let answer = drawn(r#"{"b64_json":"AAAA"}"#, 100, "");
    let till = by_the_piece(&answer).await;
    let (id, body) = draw(&till).await;
    assert_eq!(body, answer);
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
        let (id, _) = draw(&till).await;
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
    let (id, _) = draw(&till).await;
    let (paid, source, _) = told(&till, id).await;
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
