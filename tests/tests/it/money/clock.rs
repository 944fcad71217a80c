//! The time of day of a running server is set, far forwards, back, and back by little, while calls run and credit is about to end. What is
//! booked goes by the time that really passes: nothing expires, no running call is given up, no line is dated before the one before it.
//! The books are proved by a command that goes by the clock as it was set. The clock is set by a file that debug builds read
//! (`server::config::set_clock`): the system's own is everybody's.

use std::time::Instant;

use serde_json::json;
use tests::hub::{Hub, Kind, database};
use tests::stage::{ADMIN, SOON, Stage, call_id, hello, saying, streamed, with};
use tests::till::{CREDIT, audit, balance, charged, grant, nano, number, price, sell};

use crate::admin_api::client::{Api, text};

/// The variable that names the file.
pub const CLOCK_FILE: &str = "AIGNE_HUB_TEST_CLOCK_FILE";

pub async fn until(what: &str, mut seen: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !seen().await {
        assert!(begin.elapsed() < SOON, "it never comes: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// The server says that it has run, and has looked for what is left, for an hour.
async fn has_run_for_an_hour(hub: &Hub) {
    let began = "UPDATE process SET started_at = started_at - 3600000000 WHERE kind = 'serve'";
    database::execute(&hub.database_url, began).await;
}

/// Credit that ends in a day.
async fn grant_for_a_day(hub: &Hub) {
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
    hub.json(&ends, "").await;
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
    // This one is used first.
    grant_for_a_day(&stage.hub).await;
    grant(&stage.hub, "1").await;
    stage.hub.serve().await;
    has_run_for_an_hour(&stage.hub).await;

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
        audit(&stage.hub).await;
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

/// A machine that began an hour slow is put right. What is done from then on counts at once, by the hub's own time: nobody is told of credit that
/// cannot be spent, or of a price that does not hold.
async fn what_is_done_by_a_clock_that_was_set_counts(mut hub: Hub) {
    let clock = hub.data().join("clock");
    std::fs::write(&clock, "0").unwrap();
    hub.set(CLOCK_FILE, clock.to_str().unwrap());
    let mut stage = Stage::prepare_with(hub).await;
    sell(&stage.hub).await;
    stage.hub.serve().await;
    let api = Api::of(&stage.hub, ADMIN).await;
    let user = api.user(ADMIN).await;
    let models = api.get("/models?q=fake/gpt-4o-mini").await.expect(200);
    let model = text(&models["data"][0]["id"]).to_owned();
    std::fs::write(&clock, "3600").unwrap();
    until("the server's clock is set", async || {
        stage.hub.log().contains("the time of day is set by 3600 s now")
    })
    .await;

    let given = json!({ "amount": "1", "reason": "because" });
    api.post(&format!("/users/{user}/credits/grants"), &given)
        .await
        .expect(201);
    let versions = format!("/models/{model}/price/versions");
    for (input, output) in [("1", "2"), ("100", "200")] {
        let price = json!({ "cost": { "input": input, "output": output }, "margin_percent": "0", "reason": "because" });
        api.post(&versions, &price).await.expect(201);
        // The first holds at once, one that replaces it within seconds.
        let (mut asked, dear) = (0, output == "200");
        until("calls are charged by the new price", async || {
            asked += 1;
            let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
            let (status, id) = (answer.status, call_id(&answer));
            assert_eq!(status, 200, "{}", answer.text().await.unwrap());
            let charge = nano(&stage.row(&id).await["charge"]);
            charge > 0 && (charge > 100_000) == dear
        })
        .await;
        assert!(dear || asked == 1, "the first price did not hold at once");
    }
    let (_, credits) = stage.get("/v1/credits").json().await.unwrap();
    let left = CREDIT - charged(&stage.hub).await;
    assert_eq!(nano(&credits["spendable"]), left);
    audit(&stage.hub).await;
    std::fs::write(&clock, "0").unwrap();
    audit(&stage.hub).await;
}

/// A hub is killed while a call runs, and is down for two days: what nobody could see to meanwhile is none of its faults. The next start does.
async fn what_a_killed_hub_leaves_is_sound(mut hub: Hub) {
    let clock = hub.data().join("clock");
    std::fs::write(&clock, "0").unwrap();
    hub.set(CLOCK_FILE, clock.to_str().unwrap());
    let mut stage = Stage::prepare_with(hub).await;
    price(&stage, "slow-writer", "1", "2").await;
    sell(&stage.hub).await;
    grant_for_a_day(&stage.hub).await;
    grant(&stage.hub, "1").await;
    stage.hub.serve().await;
    has_run_for_an_hour(&stage.hub).await;
    let slow = with(
        streamed(saying("slow-writer", "write 400 words")),
        json!({"max_tokens": 900}),
    );
    let mut running = stage.chat(&slow).send().await.unwrap();
    running.chunk().await.unwrap();
    stage.hub.take_process().kill().await;
    drop(running);
    std::fs::write(&clock, (2 * 86_400).to_string()).unwrap();
    audit(&stage.hub).await;
    stage.hub.serve().await;
    until("what was left is seen to", async || {
        let left =
            "SELECT (SELECT COUNT(*) FROM call WHERE state = 'open') + (SELECT COUNT(*) FROM lot WHERE spent = 0)";
        number(&stage.hub, left).await == 1
    })
    .await;
    audit(&stage.hub).await;
}

#[tokio::test]
async fn what_a_killed_hub_leaves_is_sound_on_sqlite() {
    what_a_killed_hub_leaves_is_sound(Hub::new(Kind::Sqlite).await).await;
}

#[tokio::test]
async fn what_a_killed_hub_leaves_is_sound_on_postgresql() {
    what_a_killed_hub_leaves_is_sound(Hub::new(Kind::Postgres).await).await;
}

/// Which clock was wrong nobody can know, so a person is told.
#[tokio::test]
async fn books_that_lie_ahead_of_the_clock_are_told_at_the_start() {
    let mut hub = Hub::new(Kind::Sqlite).await;
    let clock = hub.data().join("clock");
    std::fs::write(&clock, "7200").unwrap();
    hub.set(CLOCK_FILE, clock.to_str().unwrap());
    let mut stage = Stage::prepare_with(hub).await;
    grant(&stage.hub, "1").await;
    stage.hub.serve().await;
    assert!(!stage.hub.log().contains("the books lie ahead"));
    std::fs::write(&clock, "0").unwrap();
    stage.hub.kill_and_restart().await;
    assert!(stage.hub.log().contains("the books lie ahead"), "{}", stage.hub.log());
    audit(&stage.hub).await;
}

/// Commands and servers of other machines, on one database: nobody can know who is right.
#[tokio::test]
async fn another_time_than_that_of_a_server_that_runs_is_told() {
    const TOLD: &str = "wrote down another time just now";
    let mut stage = Stage::prepare(Kind::Postgres).await;
    stage.hub.serve().await;
    let mut twin = stage.hub.twin();
    let master = std::fs::read_to_string(stage.hub.data().join("master.key")).unwrap();
    twin.set("HUB_MASTER_KEY", master.trim());
    let clock = twin.data().join("clock");
    twin.set(CLOCK_FILE, clock.to_str().unwrap());
    for (seconds, told) in [(0, false), (240, false), (3_600, true), (-3_600, true)] {
        std::fs::write(&clock, seconds.to_string()).unwrap();
        let ran = twin.run(&["credits", "balance", "--user", ADMIN], "").await;
        assert_eq!(
            (ran.code, ran.stderr.contains(TOLD)),
            (Some(0), told),
            "{seconds} s: {}",
            ran.stderr
        );
    }
    twin.serve().await;
    assert!(twin.log().contains(TOLD), "{}", twin.log());
    assert!(!stage.hub.log().contains(TOLD), "{}", stage.hub.log());
}

#[tokio::test]
async fn what_is_done_by_a_clock_that_was_set_counts_on_sqlite() {
    what_is_done_by_a_clock_that_was_set_counts(Hub::new(Kind::Sqlite).await).await;
}

#[tokio::test]
async fn what_is_done_by_a_clock_that_was_set_counts_on_postgresql() {
    what_is_done_by_a_clock_that_was_set_counts(Hub::new(Kind::Postgres).await).await;
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
