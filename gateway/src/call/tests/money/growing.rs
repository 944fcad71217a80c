//! Streams without a limit: the hold grows ahead of them, and when the credit ends they do. And those whose provider overlooks
//! the limit of its client.

use domain::{
    call::{CallState, Dialect},
    setting::Setting,
    usage::UsageSource,
};

use super::{
    super::{
        client::{messages, next, stream},
        streams::{DONE, stop, text, usage},
        upstream::{Step, chunk, end, json, stream_head},
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

/// What a stream came to for its client: how it ended, and how much of it there is.
fn told(all: &[String]) -> (serde_json::Value, i64) {
    let last = all.last().unwrap().trim_start_matches("data: ");
    let letters = all.concat().matches('z').count();
    (serde_json::from_str(last).unwrap_or_default(), letters as i64)
}

#[tokio::test]
async fn a_provider_that_overlooks_the_limit_is_stopped_where_the_credit_ends() {
    let ask = ASK.replace("\"stream\"", "\"max_tokens\":16,\"stream\"");
    let input = (ask.len() as i64 + 64) * 1_000;
    let mut steps = vec![stream_head()];
    steps.extend((0..200).map(|_| chunk(&text(&"z".repeat(1_000)))));
    steps.push(Step::WaitForClose);
    // There is credit for 116 tokens, and 16 of them are held.
    let credit = input + 116 * 2_000;
    let till = Till::with(credit, vec![steps]).await;
    till.set(Setting::HoldOutputTokens, "50").await;
    let (id, answer) = till.chat(&ask).await;
    let all = messages(answer.unwrap()).await;
    till.upstream.closed().await;
    let (last, letters) = told(&all);
    assert_eq!(
        (&last["error"]["code"], &last["error"]["type"]),
        (&"insufficient_credits".into(), &"insufficient_quota".into())
    );
    let (state, paid) = till.paid(id).await;
    assert_eq!((state, paid.loss), (CallState::Failed, Some(0)));
    assert!(letters <= 16 * 64 + 4_096, "{letters}");
    // What was produced is charged, as far as there was credit.
    assert_eq!(paid.held, Some(credit));
    assert_eq!(paid.charge, Some(3 * 1_000 + 116 * 2_000));
    till.is_sound().await;
}

#[tokio::test]
async fn a_provider_that_overlooks_the_limit_goes_on_while_there_is_credit() {
    let ask = ASK.replace("\"stream\"", "\"max_tokens\":16,\"stream\"");
    let mut steps = vec![stream_head()];
    steps.extend((0..20).map(|_| chunk(&text(&"z".repeat(1_000)))));
    steps.extend([chunk(&stop()), chunk(DONE), end()]);
    let till = Till::with(1_000_000_000, vec![steps]).await;
    let (id, answer) = till.chat(&ask).await;
    let answer = answer.unwrap();
    assert_eq!(answer.max_tokens, None);
    assert_eq!(told(&messages(answer).await).1, 20_000);
    let (state, paid) = till.paid(id).await;
    assert_eq!((state, paid.loss), (CallState::Succeeded, Some(0)));
    assert_eq!(paid.charge, Some(3 * 1_000 + 5_000 * 2_000));
    assert!(paid.charge <= paid.held);
    till.is_sound().await;
}

#[tokio::test]
async fn a_provider_that_keeps_to_the_limit_is_never_cut_however_long_its_tokens_are() {
    let ask = ASK.replace("\"stream\"", "\"max_tokens\":100,\"stream\"");
    let input = (ask.len() as i64 + 64) * 1_000;
    // A hundred tokens of 60 bytes, and not one more is paid for.
    let mut steps = vec![stream_head()];
    steps.extend((0..100).map(|_| chunk(&text(&"z".repeat(60)))));
    let usage = r#"data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":100}}"#;
    steps.extend([chunk(&stop()), chunk(&format!("{usage}\n\n")), chunk(DONE), end()]);
    let till = Till::with(input + 100 * 2_000, vec![steps]).await;
    let (id, answer) = till.chat(&ask).await;
    assert_eq!(told(&messages(answer.unwrap()).await).1, 6_000);
    let (state, paid) = till.paid(id).await;
    assert_eq!(
        (state, paid.charge),
        (CallState::Succeeded, Some(9 * 1_000 + 100 * 2_000))
    );
    assert_eq!(paid.held, Some(input + 100 * 2_000));
    till.is_sound().await;
}

#[tokio::test]
async fn a_provider_that_keeps_to_its_limit_is_told_none_where_the_credit_goes_far() {
    let ask =
        r#"{"model":"p/text","stream":true,"messages":[{"role":"user","content":"x"}],"simulated":{"pace_ms":0}}"#;
    let input = (ask.len() as i64 + 64) * 1_000;
    // It writes 80 words. Eight steps of five tokens are held, and 32 are far.
    for (credit, max_tokens, words) in [
        (100_000_000_000, None, 80),
        (input + 160 * 2_000, None, 80),
        (input + 160 * 2_000 - 1, Some(40), 40),
    ] {
        let till = Till::writing(credit).await;
        till.set(Setting::HoldOutputTokens, "5").await;
        let (id, answer) = till.chat(ask).await;
        let answer = answer.unwrap();
        assert_eq!(answer.max_tokens, max_tokens, "{credit}");
        messages(answer).await;
        assert_eq!(till.hub.settled(id).await.call.usage.output_text, words, "{credit}");
        let (state, paid) = till.paid(id).await;
        assert_eq!((state, paid.loss), (CallState::Succeeded, Some(0)), "{credit}");
        till.is_sound().await;
    }
    let till = Till::writing(input + 20 * 2_000).await;
    till.set(Setting::HoldOutputTokens, "5").await;
    assert_eq!(till.chat(ask).await.1.unwrap().max_tokens, Some(20));
    // A whole answer does not grow, so it is told what is held.
    let till = Till::writing(100_000_000_000).await;
    till.set(Setting::HoldOutputTokens, "5").await;
    let (_, answer) = till.chat(&ask.replace("true", "false")).await;
    assert_eq!(answer.unwrap().max_tokens, Some(40));
}

/// Thoughts that nobody sees are in the report alone.
#[tokio::test]
async fn a_provider_that_was_told_no_limit_is_believed_what_it_thought() {
    let report = r#"data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":30000,"completion_tokens_details":{"reasoning_tokens":29999}}}"#;
    let till = Till::with(
        1_000_000_000,
        vec![vec![
            stream_head(),
            chunk(&text("z")),
            chunk(&stop()),
            chunk(&format!("{report}\n\n")),
            chunk(DONE),
            end(),
        ]],
    )
    .await;
    let (id, answer) = till.chat(ASK).await;
    messages(answer.unwrap()).await;
    assert!(!till.upstream.requests().remove(0).contains("tokens"));
    assert_eq!(till.hub.settled(id).await.call.usage_source, UsageSource::Provider);
    let (_, paid) = till.paid(id).await;
    assert_eq!((paid.charge, paid.loss), (Some(9 * 1_000 + 30_000 * 2_000), Some(0)));
    assert!(paid.charge > paid.held);
    till.is_sound().await;
}

/// Tools that the provider bills apart are left out although it is told no limit.
#[tokio::test]
async fn what_has_no_price_is_left_out_where_no_limit_is_told() {
    use domain::catalog::ProviderKind;
    let refused = json(400, r#"{"error":{"message":"no"}}"#);
    let till = Till::of_kind(ProviderKind::Openai, 1_000_000_000, vec![refused]).await;
    let ask =
        r#"{"model":"p/m","stream":true,"input":"x","tools":[{"type":"web_search"},{"type":"function","name":"f"}]}"#;
    let request = till.request(Dialect::OpenaiResponses, ask);
    assert_eq!(till.hub.gateway.call(request).await.unwrap_err().status, 400);
    let sent = till.upstream.requests().remove(0);
    assert!(
        !sent.contains("web_search") && !sent.contains("max_output_tokens"),
        "{sent}"
    );
    assert!(sent.contains(r#"{"type":"function","name":"f"}"#), "{sent}");
    till.is_sound().await;
}
