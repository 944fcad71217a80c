//! Two servers on one PostgreSQL, and one credit.

use sqlx::Connection as _;
use tests::client::Call;
use tests::hub::Kind;
use tests::stage::{Stage, hello, streamed, with};
use tests::till::{CREDIT, audit, balance, charged, grant, number, price, sell};

#[tokio::test]
async fn two_servers_that_race_for_the_last_credit_never_give_more_than_there_is() {
    let mut stage = Stage::prepare(Kind::Postgres).await;
    price(&stage, "gpt-4o-mini", "1000", "10000").await;
    sell(&stage.hub).await;
    grant(&stage.hub, "1").await;
    let mut twin = stage.hub.twin();
    twin.set(
        "HUB_MASTER_KEY",
        std::fs::read_to_string(stage.hub.data().join("master.key"))
            .unwrap()
            .trim(),
    );
    stage.hub.serve().await;
    twin.serve().await;
    let body = with(hello("gpt-4o-mini"), serde_json::json!({"max_tokens": 10}));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..16 {
        let address = if number % 2 == 0 {
            stage.hub.address()
        } else {
            twin.address()
        };
        let call = Call::post(address, "/v1/chat/completions", &body).promised();
        let (call, key) = (call, stage.key.clone());
        let body = body.clone();
        clients.spawn(async move {
            let mut call = call;
            let mut served = 0;
            loop {
                let answer = call.bearer(&key).send().await.unwrap();
                match answer.status.as_u16() {
                    200 => served += 1,
                    402 if answer.header("retry-after").is_some() => {
                        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                    }
                    402 => return served,
                    other => panic!("{other}: {}", answer.text().await.unwrap()),
                }
                call = Call::post(address, "/v1/chat/completions", &body).promised();
            }
        });
    }
    let served: i64 = clients.join_all().await.into_iter().sum();
    assert!(served > 0);
    let settled = number(
        &stage.hub,
        "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'settle'",
    )
    .await;
    assert_eq!(settled, served);
    let (spendable, held) = balance(&stage.hub).await;
    assert_eq!((charged(&stage.hub).await + spendable, held), (CREDIT, 0));
    assert_eq!(
        number(&stage.hub, "SELECT CAST(COALESCE(SUM(loss), 0) AS BIGINT) FROM call").await,
        0
    );
    audit(&stage.hub).await;
}

/// Somebody else keeps the ledger, and the server has not noticed yet: what a call would hold by its memory is put on nobody's account.
#[tokio::test]
async fn an_owner_that_was_overtaken_holds_nothing() {
    let mut stage = Stage::prepare(Kind::Postgres).await;
    stage.hub.set("HUB_LEDGER", "owned");
    price(&stage, "gpt-4o-mini", "1000", "10000").await;
    sell(&stage.hub).await;
    grant(&stage.hub, "10").await;
    stage.hub.serve().await;
    let body = with(hello("gpt-4o-mini"), serde_json::json!({"max_tokens": 10}));
    // Since then it has the account in memory.
    assert_eq!(stage.chat(&body).send().await.unwrap().status, 200);
    let mut connection = sqlx::PgConnection::connect(&stage.hub.database_url).await.unwrap();
    let overtaken = "UPDATE ledger_owner SET epoch = epoch + 1";
    sqlx::raw_sql(overtaken).execute(&mut connection).await.unwrap();
    let answer = stage.chat(&streamed(body)).send().await.unwrap();
    assert_ne!(answer.status, 200);
    let held = "SELECT COUNT(*) FROM call WHERE hold_seq IS NOT NULL AND settle_seq IS NULL";
    assert_eq!(number(&stage.hub, held).await, 0);
    audit(&stage.hub).await;
}
