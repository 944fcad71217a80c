//! A PostgreSQL that is slow, or in which somebody else's transaction is in the way for a moment: calls wait for it and are
//! served, by one server that owns the ledger and by two that share it, also where all of them are paid by one account with limits.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tests::client::Call;
use tests::hub::{Hub, Kind, database};
use tests::stage::{Stage, hello, with};
use tests::till::{audit, grant, number, price, sell};
use tokio::task::JoinSet;

/// Clients that ask at the same time, and how often each does.
const CLIENTS: usize = 32;
const CALLS: usize = 2;

/// One server that owns the ledger, or two that share it, with a model that costs, and limits on the key.
async fn shop(ledger: &str) -> (Stage, Vec<Hub>) {
    let mut stage = Stage::prepare(Kind::Postgres).await;
    stage.hub.set("HUB_LEDGER", ledger);
    price(&stage, "gpt-4o-mini", "1000", "10000").await;
    sell(&stage.hub).await;
    grant(&stage.hub, "1000").await;
    for limit in [["--spend", "900"], ["--requests", "100000"]] {
        let set = [
            "limit",
            "set",
            "--key",
            &stage.key_id,
            limit[0],
            limit[1],
            "--per",
            "day",
        ];
        stage.hub.json(&set, "").await;
    }
    stage.hub.serve().await;
    let mut twins = Vec::new();
    if ledger == "shared" {
        let mut twin = stage.hub.twin();
        let master = std::fs::read_to_string(stage.hub.data().join("master.key")).unwrap();
        twin.set("HUB_MASTER_KEY", master.trim());
        twin.serve().await;
        twins.push(twin);
    }
    (stage, twins)
}

/// Every client asks one server or the other; what was told to those that were not served.
async fn rush(stage: &Stage, twins: &[Hub]) -> Vec<Value> {
    let body = Arc::new(with(hello("gpt-4o-mini"), json!({"max_tokens": 10})));
    let addresses: Vec<_> = std::iter::once(&stage.hub).chain(twins).map(Hub::address).collect();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (address, key, body) = (
            addresses[client % addresses.len()],
            stage.key.clone(),
            Arc::clone(&body),
        );
        clients.spawn(async move {
            let mut refused = Vec::new();
            for _ in 0..CALLS {
                let call = Call::post(address, "/v1/chat/completions", &body).promised();
                let answer = call.bearer(&key).send().await.unwrap();
                let (status, again) = (answer.status, answer.header("retry-after").is_some());
                let text = answer.text().await.unwrap();
                if status != 200 {
                    assert!(status == 503 && again, "{status}: {text}");
                    refused.push(serde_json::from_str(&text).unwrap());
                }
            }
            refused
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

/// On a machine that has no time for anything a few may be told to come again; before, nearly all were.
async fn nearly_all_are_served(stage: &Stage, twins: &[Hub], what: &str) {
    let before = served(stage).await;
    let refused = rush(stage, twins).await;
    let asked = CLIENTS * CALLS;
    assert!(
        refused.len() <= asked / 8,
        "{what}: {} are refused: {:?}",
        refused.len(),
        refused.first()
    );
    let now = served(stage).await;
    assert_eq!(now - before, i64::try_from(asked - refused.len()).unwrap(), "{what}");
}

async fn served(stage: &Stage) -> i64 {
    number(
        &stage.hub,
        "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'settle'",
    )
    .await
}

async fn a_slow_database_is_waited_for(ledger: &str) {
    let (stage, twins) = shop(ledger).await;
    nearly_all_are_served(&stage, &twins, "as it is").await;

    // Somebody has the row of the account for more than a second.
    let mut connection = PgConnection::connect(&stage.hub.database_url).await.unwrap();
    let held = "BEGIN; SELECT id FROM account FOR UPDATE";
    sqlx::raw_sql(held).execute(&mut connection).await.unwrap();
    let free = async {
        tokio::time::sleep(Duration::from_millis(1200)).await;
        connection.close().await.unwrap();
    };
    tokio::join!(nearly_all_are_served(&stage, &twins, "a lock"), free);

    // Each batch takes half a second, and those of two servers wait for each other.
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
        CREATE TRIGGER slow AFTER INSERT ON call FOR EACH STATEMENT EXECUTE FUNCTION slow()";
    database::execute(&stage.hub.database_url, slow).await;
    nearly_all_are_served(&stage, &twins, "a slow table").await;
    database::execute(&stage.hub.database_url, "DROP TRIGGER slow ON call").await;
    audit(&stage.hub).await;
}

#[tokio::test]
async fn one_server_waits_for_a_slow_database() {
    a_slow_database_is_waited_for("owned").await;
}

#[tokio::test]
async fn two_servers_wait_for_a_slow_database_and_for_each_other() {
    a_slow_database_is_waited_for("shared").await;
}
