//! How calls end, and what is charged then.

use domain::{
    call::{CallState, Dialect},
    id::CallId,
    ledger::Hold,
    money::Amount,
    provider::DisconnectPolicy,
    time::Timestamp,
};

use super::{
    super::{
        client::{messages, next, stream},
        streams::{DONE, stop, text, usage},
        upstream::{Step, chunk, end, json, stream_head},
    },
    till::{Till, usual},
};
use crate::{
    ledger::Books,
    store::{
        calls::CallRow,
        execute, fetch_all, fetch_optional,
        ledger::journal::{self, Evidence},
    },
};

const ASK: &str = r#"{"model":"p/m","stream":true,"messages":[{"role":"user","content":"12345678"}],"max_tokens":100}"#;
const CREDIT: i64 = 1_000_000_000;
/// Eight bytes are two tokens.
const EIGHT_IN: i64 = 3 * 1_000;

#[tokio::test]
async fn what_failed_is_not_charged() {
    let failing = [
        json(500, "{}"),
        json(400, r#"{"error":{"message":"no"}}"#),
        vec![Step::Reset],
        vec![stream_head(), Step::Reset],
    ];
    let till = Till::with(CREDIT, failing.to_vec()).await;
    for _ in &failing {
        let (id, answer) = till.chat(ASK).await;
        answer.unwrap_err();
        let (state, paid) = till.paid(id).await;
        assert_eq!(
            (state, paid.charge, paid.ended),
            (CallState::Failed, None, true),
            "{paid:?}"
        );
    }
    assert_eq!(till.spendable().await, CREDIT);
    till.is_sound().await;
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_charged_for_what_came() {
    let steps = vec![stream_head(), chunk(&text("12345678")), Step::Reset];
    let till = Till::with(CREDIT, vec![steps]).await;
    let (id, answer) = till.chat(ASK).await;
    messages(answer.unwrap()).await;
    let (state, paid) = till.paid(id).await;
    assert_eq!((state, paid.charge), (CallState::Failed, Some(EIGHT_IN + 2 * 2_000)));
    till.is_sound().await;
}

#[tokio::test]
async fn a_client_that_leaves_pays_for_what_it_got() {
    let steps = vec![stream_head(), chunk(&text("12345678")), Step::WaitForClose];
    let till = Till::with(CREDIT, vec![steps, vec![Step::WaitForClose]]).await;
    let (id, answer) = till.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    drop(receiver);
    let (state, paid) = till.paid(id).await;
    let charge = EIGHT_IN + 2 * 2_000;
    assert_eq!((state, paid.charge), (CallState::Cancelled, Some(charge)));
    // At byte 0 it got nothing, and its question was asked: the provider has read it.
    let request = till.request(Dialect::OpenaiChat, ASK);
    let id = request.id;
    let call = till.hub.gateway.call(request);
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(100), call)
            .await
            .is_err()
    );
    let (state, paid) = till.paid(id).await;
    assert_eq!(
        (state, paid.charge, paid.ended),
        (CallState::Cancelled, Some(EIGHT_IN), true)
    );
    assert_eq!(till.spendable().await, CREDIT - charge - EIGHT_IN);
    till.is_sound().await;
}

/// A defect of the hub before there is an answer costs nothing; within a stream what came before it was delivered.
#[tokio::test]
async fn a_panic_is_charged_for_what_came_before_it() {
    let till = Till::panicking(CREDIT).await;
    let ask = ASK.replace("p/m", "p/panic");
    let whole = ask.replace("\"stream\":true,", "");
    let (id, answer) = till.chat(&whole).await;
    assert_eq!(&*answer.unwrap_err().code, "internal_error");
    let (state, paid) = till.paid(id).await;
    assert_eq!((state, paid.charge, paid.ended), (CallState::Failed, None, true));
    assert_eq!(till.spendable().await, CREDIT);

    let (id, answer) = till.chat(&ask).await;
    let all = messages(answer.unwrap()).await.concat();
    assert!(all.contains("12345678") && all.contains("internal_error"), "{all}");
    let (state, paid) = till.paid(id).await;
    let charge = EIGHT_IN + 2 * 2_000;
    assert_eq!(
        (state, paid.charge, paid.loss, paid.ended),
        (CallState::Failed, Some(charge), Some(0), true)
    );
    assert_eq!(till.spendable().await, CREDIT - charge);
    let kinds = "SELECT kind FROM ledger_transaction WHERE call_id IS NOT NULL ORDER BY seq";
    let booked = fetch_all!(&till.hub.gateway.0.store, (String,), kinds).unwrap();
    assert_eq!(booked, [("release".to_owned(),), ("settle".to_owned(),)]);
    till.is_sound().await;
}

/// A database that took another's place may know less than the hub. What a call would have held is not put there by its end.
#[tokio::test]
async fn what_the_books_do_not_know_to_be_held_is_held_by_no_end() {
    let steps = vec![stream_head(), chunk(&text("12345678")), Step::WaitForClose];
    let till = Till::with(CREDIT, vec![steps]).await;
    let (id, answer) = till.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    let inner = &till.hub.gateway.0;
    execute!(
        &inner.store,
        "UPDATE call SET hold_seq = NULL, hold_amount = NULL, authorised_at = NULL, funding = 'none' WHERE id = $1",
        id.number()
    )
    .unwrap();
    let Books::Owned(owned) = &inner.books else {
        panic!("an SQLite file has an owner")
    };
    owned.forget(inner, domain::id::AccountId::of_person(till.user));
    drop(receiver);
    let ended = async || {
        let ended = "SELECT COUNT(*) FROM call WHERE state = 'cancelled'";
        fetch_optional!(&inner.store, (i64,), ended).unwrap().unwrap().0
    };
    while ended().await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let held = "SELECT COUNT(*) FROM call WHERE hold_seq IS NOT NULL";
    assert_eq!(fetch_optional!(&inner.store, (i64,), held).unwrap(), Some((0,)));
    assert_eq!(till.spendable().await, CREDIT);
    till.is_sound().await;
}

/// Whoever does not know whether a hold was committed looks for that very hold: another try may have put another one there.
#[tokio::test]
async fn a_hold_is_evidence_of_itself_alone() {
    let steps = vec![stream_head(), chunk(&text("12345678")), Step::WaitForClose];
    let till = Till::with(CREDIT, vec![steps]).await;
    let (id, answer) = till.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    let store = &till.hub.gateway.0.store;
    let row = "SELECT hold_amount, authorised_at FROM call WHERE id = $1";
    let (amount, at) = fetch_optional!(store, (i64, i64), row, id.number()).unwrap().unwrap();
    for (call, amount, at, stands) in [
        (id.number(), amount, at, true),
        (id.number(), amount - 1, at, false),
        (id.number(), amount, at + 1, false),
        (id.number() + 1, amount, at, false),
    ] {
        let hold = Hold {
            amount: Amount::from_nano(amount).unwrap(),
            authorised_at: Timestamp(at),
        };
        let evidence = Evidence::Holds(vec![(CallId::from_number(call), hold)]);
        let mut tx = store.begin_read().await.unwrap();
        assert_eq!(
            journal::stands(&mut tx, &evidence).await.unwrap(),
            stands,
            "{call} {amount} {at}"
        );
    }
    drop(receiver);
    till.paid(id).await;
    till.is_sound().await;
}

#[tokio::test]
async fn after_the_last_word_the_report_counts_though_the_client_has_left() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        chunk(&stop()),
        chunk(&usage()),
        Step::WaitForClose,
    ];
    let till = Till::with(CREDIT, vec![steps]).await;
    let (id, answer) = till.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    assert!(next(&mut receiver).await.is_some() && next(&mut receiver).await.is_some());
    drop(receiver);
    assert_eq!(till.paid(id).await.1.charge, Some(7 * 1_000 + 3 * 2_000));
    till.is_sound().await;
}

/// Thoughts that nobody saw are in the report alone: who leaves between the last word and the report pays for them all the same.
#[tokio::test]
async fn who_leaves_after_the_last_word_pays_what_the_provider_reports_then() {
    let steps = |report: Vec<Step>| {
        let mut steps = vec![stream_head(), chunk(&text("one")), chunk(&stop()), Step::WaitForTest];
        steps.extend(report);
        steps
    };
    let report = r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":90,"completion_tokens_details":{"reasoning_tokens":87}}}"#;
    let told = vec![chunk(&format!("data: {report}\n\n")), Step::WaitForClose];
    let till = Till::with(CREDIT, vec![steps(told), steps(vec![Step::Reset]), steps(Vec::new())]).await;
    let leave = async |goes_on: bool| {
        let (id, answer) = till.chat(ASK).await;
        let mut receiver = stream(answer.unwrap());
        assert!(next(&mut receiver).await.is_some() && next(&mut receiver).await.is_some());
        drop(receiver);
        if goes_on {
            till.upstream.go();
        }
        till.paid(id).await
    };
    let (state, paid) = leave(true).await;
    assert_eq!(
        (state, paid.charge),
        (CallState::Cancelled, Some(7 * 1_000 + 90 * 2_000))
    );
    // A provider that breaks off, or says nothing more for two seconds, has told nothing.
    for goes_on in [true, false] {
        let (state, paid) = leave(goes_on).await;
        assert_eq!((state, paid.charge), (CallState::Cancelled, Some(EIGHT_IN)));
    }
    till.is_sound().await;
}

#[tokio::test]
async fn nonsense_in_a_report_is_estimated() {
    let reports = [
        r#"{"prompt_tokens":-5,"completion_tokens":3}"#,
        r#"{"prompt_tokens":5,"completion_tokens":1e3}"#,
        r#"{"prompt_tokens":"5","completion_tokens":3}"#,
        r#"{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807}"#,
        r#"{"prompt_tokens":5,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":6}}"#,
        r#"{"prompt_tokens":NaN,"completion_tokens":3}"#,
    ];
    let answer = |usage: &str| {
        let body =
            format!(r#"{{"choices":[{{"message":{{"content":"12345678"}},"finish_reason":"stop"}}],"usage":{usage}}}"#);
        json(200, &body)
    };
    let till = Till::with(CREDIT, reports.iter().map(|usage| answer(usage)).collect()).await;
    let ask = ASK.replace("\"stream\":true,", "");
    let mut charged = 0;
    for usage in &reports {
        let (id, _) = till.chat(&ask).await;
        let (state, paid) = till.paid(id).await;
        // What is no JSON at all is no answer, and not charged.
        let wanted = if usage.contains("NaN") {
            None
        } else {
            Some(EIGHT_IN + 2 * 2_000)
        };
        assert_eq!(
            (state == CallState::Succeeded, paid.charge),
            (wanted.is_some(), wanted),
            "{usage}"
        );
        charged += paid.charge.unwrap_or_default();
    }
    assert_eq!(till.spendable().await, CREDIT - charged);
    till.is_sound().await;
}

#[tokio::test]
async fn where_the_policy_is_to_drain_the_whole_answer_is_charged() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let till = Till::open(vec![steps], DisconnectPolicy::Drain).await;
    till.publish(usual()).await;
    till.grant(CREDIT, None).await;
    let (id, answer) = till.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    drop(receiver);
    till.upstream.go();
    let (state, paid) = till.paid(id).await;
    assert_eq!(
        (state, paid.charge),
        (CallState::Succeeded, Some(7 * 1_000 + 3 * 2_000))
    );
    till.is_sound().await;
}

/// A sweeper takes the process of a call for dead and what it holds is given back. The answer goes on and is paid all the same.
#[tokio::test]
async fn a_stream_that_was_taken_for_lost_is_charged_when_it_ends() {
    let steps = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(&usage()),
        chunk(DONE),
        end(),
    ];
    let till = Till::with(CREDIT, vec![steps]).await;
    let (id, answer) = till.chat(ASK).await;
    let mut receiver = stream(answer.unwrap());
    next(&mut receiver).await;
    let gateway = &till.hub.gateway;
    let belongs_to = async |process: i64| {
        let text = "UPDATE call SET process_id = $1 WHERE id = $2";
        execute!(&gateway.0.store, text, process, id.number()).unwrap();
    };
    belongs_to(12_345).await;
    gateway.sweep().await;
    belongs_to(gateway.0.process.number()).await;
    assert_eq!(till.spendable().await, CREDIT);
    till.upstream.go();
    while next(&mut receiver).await.is_some() {}
    let charge = 7 * 1_000 + 3 * 2_000;
    let (state, paid) = till.paid(id).await;
    assert_eq!(
        (state, paid.charge, paid.loss),
        (CallState::Succeeded, Some(charge), Some(0))
    );
    assert_eq!(till.spendable().await, CREDIT - charge);
    assert_eq!(till.sums().await, (1, 0, 7, 3, charge, charge));
    till.is_sound().await;
}

/// A sweeper took the process of a call for dead, and the call ends by itself after that.
#[tokio::test]
async fn a_call_that_ends_twice_is_summed_once() {
    let till = Till::with(CREDIT, Vec::new()).await;
    let gateway = &till.hub.gateway;
    let mut row = CallRow {
        process: gateway.0.process,
        started_at: gateway.now(),
        streamed: true,
        state: CallState::Interrupted,
        user: till.user,
        project: domain::id::ProjectId::personal_of(till.user),
        account: domain::id::AccountId::of_person(till.user),
        model_asked: "p/m".into(),
        model_served: Some("p/m".into()),
        ..CallRow::sample(gateway.new_call_id())
    };
    let recorder = &gateway.0.recorder;
    recorder.settle(row.clone(), Vec::new()).await.unwrap();
    assert_eq!(till.sums().await, (1, 1, 0, 0, 0, 0));
    (row.state, row.usage.output_text) = (CallState::Succeeded, 2);
    for _ in 0..2 {
        recorder.settle(row.clone(), Vec::new()).await.unwrap();
        assert_eq!(till.sums().await, (1, 0, 0, 2, 0, 0));
    }
    till.is_sound().await;
}
