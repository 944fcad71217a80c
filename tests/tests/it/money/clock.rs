//! The time of day of a running server is set, far forwards, back, and back by little, while calls run and credit is about to end. What is
//! booked goes by the time that really passes: nothing expires, no running call is given up, no line is dated before the one before it.
//! The clock is set by a file that debug builds read (`server::config::set_clock`): the system's own is everybody's.

use std::time::Instant;

use serde_json::json;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, SOON, Stage, hello, saying, streamed, with};
use tests::till::{CREDIT, audit, balance, charged, grant, number, price, sell};

/// The variable that names the file.
const CLOCK_FILE: &str = "AIGNE_HUB_TEST_CLOCK_FILE";

async fn until(what: &str, mut seen: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !seen().await {
        assert!(begin.elapsed() < SOON, "it never comes: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn calls_go_on_whatever_the_clock_says(mut hub: Hub) {
    let clock = hub.data().join("clock");
    std::fs::write(&clock, "0").unwrap();
    hub.set(CLOCK_FILE, clock.to_str().unwrap());
    let mut stage = Stage::prepare_with(hub).await;
    for model in ["gpt-4o-mini", "slow-writer"] {
        price(&stage, model, "1", "2").await;
    }
    sell(&stage.hub).await;
    // This one ends in a day, and is used first.
    let ends = [
        "credits",
        "grant",
        "--user",
        ADMIN,
        "--amount",
        "1",
        "--expires",
        "1d",
        "--reason",
        "because",
    ];
    stage.hub.json(&ends, "").await;
    grant(&stage.hub, "1").await;
    stage.hub.serve().await;

    let slow = with(
        streamed(saying("slow-writer", "write 400 words")),
        json!({"max_tokens": 900}),
    );
    let mut running = stage.chat(&slow).send().await.unwrap();
    running.chunk().await.unwrap();
    let mut called = 0;
    // The last two are believed: a second back, of a clock that was ahead.
    for seconds in [2 * 86_400_i64, -3_600, 10, 9] {
        std::fs::write(&clock, seconds.to_string()).unwrap();
        until("the server's clock is set", async || {
            stage
                .hub
                .log()
                .contains(&format!("the time of day is set by {seconds} s now"))
        })
        .await;
        let (status, text) = stage.chat(&hello("gpt-4o-mini")).text().await.unwrap();
        assert_eq!(status, 200, "{seconds} s: {text}");
        called += 1;
        let (status, text) = stage.chat(&streamed(hello("gpt-4o-mini"))).text().await.unwrap();
        assert!(
            status == 200 && text.ends_with("data: [DONE]\n\n"),
            "{seconds} s: {text}"
        );
        called += 1;
        // Each of them would have booked, on its way, what the clock says has ended.
        let expired = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'expire'";
        assert_eq!(number(&stage.hub, expired).await, 0, "{seconds} s");
        let open = "SELECT COUNT(*) FROM call WHERE state = 'open' AND lost = 0";
        assert_eq!(number(&stage.hub, open).await, 1, "{seconds} s: the slow one runs on");
    }
    drop(running);
    until("the slow one is settled", async || {
        number(&stage.hub, "SELECT COUNT(*) FROM call WHERE state = 'open'").await == 0
    })
    .await;
    std::fs::write(&clock, "0").unwrap();
    let settled = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'settle'";
    assert_eq!(number(&stage.hub, settled).await, called + 1);
    let backwards = "SELECT COUNT(*) FROM ledger_transaction a JOIN ledger_transaction b
        ON b.account_id = a.account_id AND b.seq = a.seq + 1 WHERE b.booked_at < a.booked_at";
    assert_eq!(number(&stage.hub, backwards).await, 0);
    // All of it was paid by the lot that ends, which nobody believed to have ended.
    let whole = number(&stage.hub, "SELECT COUNT(*) FROM lot WHERE remaining = amount").await;
    assert_eq!(whole, 1);
    assert_eq!(balance(&stage.hub).await, (2 * CREDIT - charged(&stage.hub).await, 0));
    audit(&stage.hub).await;
}

#[tokio::test]
async fn a_clock_that_is_set_changes_nothing_on_sqlite() {
    calls_go_on_whatever_the_clock_says(Hub::new(Kind::Sqlite).await).await;
}

#[tokio::test]
async fn a_clock_that_is_set_changes_nothing_on_postgresql() {
    calls_go_on_whatever_the_clock_says(Hub::new(Kind::Postgres).await).await;
}

#[tokio::test]
async fn a_clock_that_is_set_changes_nothing_where_a_server_owns_the_ledger_on_postgresql() {
    let mut hub = Hub::new(Kind::Postgres).await;
    hub.set("HUB_LEDGER", "owned");
    calls_go_on_whatever_the_clock_says(hub).await;
}
