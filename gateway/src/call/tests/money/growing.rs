//! Streams without a limit: the hold grows ahead of them, and when the credit ends they do.

use domain::{call::CallState, setting::Setting};

use super::{
    super::{
        client::{messages, next, stream},
        streams::{DONE, stop, text, usage},
        upstream::{Step, chunk, end, stream_head},
    },
    till::Till,
};

const ASK: &str = r#"{"model":"p/m","stream":true,"messages":[{"role":"user","content":"12345678"}]}"#;
const INPUT: i64 = (ASK.len() as i64 + 64) * 1_000;

/// A piece of 25 tokens.
fn piece() -> Step {
    chunk(&text(&"z".repeat(100)))
}

#[tokio::test]
async fn the_hold_grows_with_the_answer() {
    let mut steps = vec![stream_head()];
    steps.extend((0..14).map(|_| piece()));
    steps.extend([Step::WaitForTest, chunk(&stop()), chunk(&usage()), chunk(DONE), end()]);
    let till = Till::with(1_000_000_000, vec![steps]).await;
    till.set(Setting::HoldOutputTokens, "50").await;
    let before = till.batches().await;
    let (id, answer) = till.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    for _ in 0..14 {
        next(&mut receiver).await;
    }
    // Eight steps were held. 350 tokens are there: more than four fifths of 400, so the next step is held, and will be written.
    till.holds(INPUT + 450 * 2_000).await;
    // Its beginning and one step: neither had to be written twice.
    assert_eq!(till.batches().await - before, 2);
    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    assert_eq!(till.paid(id).await.1.charge, Some(7 * 1_000 + 3 * 2_000));
    till.is_sound().await;
}

#[tokio::test]
async fn when_the_credit_ends_the_stream_does_and_is_charged_what_came() {
    let mut steps = vec![stream_head()];
    steps.extend((0..20).map(|_| piece()));
    steps.push(Step::WaitForClose);
    let credit = INPUT + 130 * 2_000;
    let till = Till::with(credit, vec![steps]).await;
    till.set(Setting::HoldOutputTokens, "50").await;
    let (id, answer) = till.chat(ASK).await;
    let all = messages(answer.unwrap()).await;
    till.upstream.closed().await;
    let last: serde_json::Value = serde_json::from_str(all.last().unwrap().trim_start_matches("data: ")).unwrap();
    assert_eq!(
        (&last["error"]["code"], &last["error"]["type"]),
        (&"insufficient_credits".into(), &"insufficient_quota".into())
    );
    // The provider's pieces may come joined; what passed is at most what was paid for.
    let passed = all.concat().matches('z').count() as i64 / 4;
    let (state, paid) = till.paid(id).await;
    let charge = paid.charge.unwrap();
    assert_eq!((state, paid.loss), (CallState::Failed, Some(0)));
    assert!(
        passed <= 130 && charge >= 3 * 1_000 + passed * 2_000 && charge <= credit,
        "{passed} {charge}"
    );
    assert_eq!(till.spendable().await, credit - charge);
    till.is_sound().await;
}

#[tokio::test]
async fn an_answer_without_a_price_goes_on_for_nothing() {
    use super::till::rates;
    use domain::price::{Dimension, Tariff};
    let mut steps = vec![stream_head()];
    steps.extend((0..20).map(|_| piece()));
    steps.extend([chunk(&stop()), chunk(DONE), end()]);
    let till = Till::unpriced(vec![steps]).await;
    till.publish(Tariff::flat(rates(&[
        (Dimension::Input, "0"),
        (Dimension::Output, "0"),
    ])))
    .await;
    till.set(Setting::HoldOutputTokens, "50").await;
    let (id, answer) = till.chat(ASK).await;
    assert_eq!(messages(answer.unwrap()).await.concat().matches('z').count(), 2_000);
    assert_eq!(till.paid(id).await.1.charge, Some(0));
    till.is_sound().await;
}
