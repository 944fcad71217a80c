//! A server ends at each step of a call, as a crash of its process would end it, in each way in which the ledger is kept. What comes after a new
//! start: the books are sound, nothing is held, the call stands in the log as it ended, and it is charged where its settle was
//! committed and nowhere else.

use std::time::Instant;

use serde_json::json;
use tests::hub::{Hub, Kind};
use tests::stage::{SOON, Stage, saying, streamed, with};
use tests::till::{CREDIT, audit, balance, charged, grant, nano as number_of, number, price, sell};

/// The variable that names the step at which a server ends (`server::config::last_step`).
const LAST_STEP: &str = "AIGNE_HUB_TEST_ENDS_AT_STEP";

/// What stands in the log of a call that ended at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// Nothing: it had promised nothing to anybody.
    Nothing,
    /// It stands as lost, and may not have been written.
    LostOrNothing,
    /// It stands as lost.
    Lost,
    /// It is charged, or stands as lost: its commit was under way.
    ChargedOrLost,
    /// It is charged.
    Charged,
}

/// The steps, and what is left where an owner keeps the ledger and where servers share it. Of a stream that an owner admits the row is
/// written while the provider is asked.
const STEPS: [(&str, Left, Left); 9] = [
    ("accepted", Left::Nothing, Left::Nothing),
    ("hold-queued", Left::LostOrNothing, Left::LostOrNothing),
    ("sent", Left::LostOrNothing, Left::Lost),
    ("hold-committed", Left::Lost, Left::Lost),
    ("first-byte", Left::Lost, Left::Lost),
    ("before-settle", Left::Lost, Left::Lost),
    ("settle-queued", Left::ChargedOrLost, Left::ChargedOrLost),
    ("settle-committed", Left::Charged, Left::Charged),
    ("last-byte", Left::Charged, Left::Charged),
];

async fn count(hub: &Hub, step: &str, condition: &str) -> i64 {
    number(
        hub,
        &format!("SELECT COUNT(*) FROM call WHERE agent = '{step}' AND {condition}"),
    )
    .await
}

async fn ends_at_each_step(hub: Hub, owned: bool) {
    let mut stage = Stage::prepare_with(hub).await;
    price(&stage, "gpt-4o-mini", "1", "2").await;
    sell(&stage.hub).await;
    grant(&stage.hub, "1").await;
    let body = with(
        streamed(saying("gpt-4o-mini", "write 20 words")),
        json!({"max_tokens": 30}),
    );
    for (step, ..) in STEPS {
        stage.hub.set(LAST_STEP, step);
        stage.hub.serve().await;
        let call = stage.chat(&body).header("user-agent", step);
        let heard = match call.send().await {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        assert!(!heard.contains("[DONE]"), "{step}: its last byte has left");
        let status = stage.hub.take_process().ended().await;
        assert!(!status.success(), "{step}: {status}");
    }
    stage.hub.unset(LAST_STEP);
    stage.hub.serve().await;
    // Where servers share the ledger the dead are looked for twice.
    let begin = Instant::now();
    while number(&stage.hub, "SELECT COUNT(*) FROM call WHERE state = 'open'").await > 0
        || balance(&stage.hub).await.1 > 0
    {
        assert!(begin.elapsed() < SOON, "a call is open, or holds something");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for (step, of_owner, of_many) in STEPS {
        let rows = count(&stage.hub, step, "1 = 1").await;
        let lost =
            "state = 'interrupted' AND lost = 1 AND error_code = 'hub_stopped' AND charge IS NULL AND hold_amount > 0";
        let lost = count(&stage.hub, step, lost).await;
        let paid = "state = 'succeeded' AND lost = 0 AND charge > 0 AND loss = 0 AND usage_source = 'provider'
            AND (SELECT COUNT(*) FROM ledger_transaction t WHERE t.call_id = call.id AND t.kind = 'settle') = 1";
        let paid = count(&stage.hub, step, paid).await;
        let left = if owned { of_owner } else { of_many };
        let fits = match left {
            Left::Nothing => rows == 0,
            Left::LostOrNothing => rows == lost && rows <= 1,
            Left::Lost => (rows, lost) == (1, 1),
            Left::ChargedOrLost => (rows, lost + paid) == (1, 1),
            Left::Charged => (rows, paid) == (1, 1),
        };
        assert!(
            fits,
            "{step}: {rows} rows, {lost} lost, {paid} charged, and not {left:?}"
        );
    }
    lost_calls_tell_their_cost(&stage).await;
    let charges = charged(&stage.hub).await;
    assert!(charges > 0);
    assert_eq!(balance(&stage.hub).await, (CREDIT - charges, 0));
    // It goes on.
    let (status, text) = stage.chat(&body).text().await.unwrap();
    assert!(status == 200 && text.ends_with("data: [DONE]\n\n"), "{text}");
    audit(&stage.hub).await;
}

/// The command line, its JSON and the call's own address list a lost call as unbilled, with what it probably cost:
/// four tokens of prompt at 1 USD a million, and the 30 that the answer was limited to at 2.
async fn lost_calls_tell_their_cost(stage: &Stage) {
    const COST: &str = "0.000064";
    let calls = stage.hub.calls().await;
    let (lost, others): (Vec<_>, Vec<_>) = calls.iter().partition(|call| call["state"] == "interrupted");
    assert!(lost.len() >= 3, "{calls:?}");
    assert!(others.iter().all(|call| call["unbilled"].is_null()), "{others:?}");
    for call in &lost {
        assert_eq!(call["unbilled"]["estimated_cost"], COST, "{call}");
        assert!(number_of(&call["unbilled"]["at_most"]) >= 64_000, "{call}");
        let id = call["id"].as_str().unwrap();
        assert_eq!(stage.row(id).await["unbilled"], call["unbilled"]);
    }
    let list = stage.hub.run(&["call", "list", "--state", "interrupted"], "").await;
    let told = list.stdout.matches(&format!("unbilled, cost about {COST}")).count();
    assert_eq!(told, lost.len(), "{}", list.stdout);
}

#[tokio::test]
async fn a_server_that_ends_at_any_step_of_a_call_on_sqlite_owes_nobody_anything() {
    ends_at_each_step(Hub::new(Kind::Sqlite).await, true).await;
}

#[tokio::test]
async fn a_server_that_ends_at_any_step_of_a_call_on_postgresql_owes_nobody_anything() {
    ends_at_each_step(Hub::new(Kind::Postgres).await, false).await;
}

#[tokio::test]
async fn an_owner_that_ends_at_any_step_of_a_call_on_postgresql_owes_nobody_anything() {
    let mut hub = Hub::new(Kind::Postgres).await;
    hub.set("HUB_LEDGER", "owned");
    ends_at_each_step(hub, true).await;
}
