//! Two ends of one call that are written at once by two connections: its hour counts it once.

use domain::{
    call::{CallState, Funding},
    ledger::Hold,
};
use futures_util::future::join;
use sqlx::{Connection as _, PgConnection};

use super::{
    bank::{Bank, nano},
    stalled::{hold_rows, until},
};
use crate::hub::Database;

/// Connections that wait for what another one has not committed.
const WAITING: &str =
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// One transaction has put the end of a call there and not committed yet, when the ledger writes the end that it knows.
#[tokio::test]
async fn an_end_that_is_not_committed_yet_is_not_counted_beside_the_next() {
    let bank = Bank::open(Database::postgres().await).await;
    bank.grant(10, None).await.unwrap();
    let ledger = bank.hub.ledger();
    let ended = |row| {
        let mut row = bank.priced(row, 2);
        row.state = CallState::Succeeded;
        row
    };
    // Whose row the other transaction copies.
    let model = bank.row();
    ledger.hold(model.clone(), nano(2)).await.unwrap();
    let settled = ledger.settle(ended(model.clone()), Vec::new(), nano(2)).await.unwrap();

    // What waits for the account behind the first hold is one batch: of this call the ledger writes nothing but its end.
    let accounts = hold_rows(&bank.database).await;
    let (first, call) = (bank.row(), bank.row());
    // What its hold will say.
    let mut end = ended(call.clone());
    end.money.funding = Funding::Credit;
    end.money.held_after = Some(settled.seq);
    end.money.hold = Some(Hold {
        amount: nano(2),
        authorised_at: bank.now(),
    });
    let ledger_writes = join(ledger.hold(first.clone(), nano(1)), async {
        until("the first hold waits", async || waiting(&bank).await == 1).await;
        join(
            ledger.hold(call.clone(), nano(2)),
            ledger.settle(end, Vec::new(), nano(2)),
        )
        .await
    });
    let other_writes = async {
        let mut other = PgConnection::connect(&bank.database.url).await.unwrap();
        let statements = format!(
            "BEGIN;
             INSERT INTO call SELECT (jsonb_populate_record(one, '{{\"id\": {}, \"state\": \"failed\", \"price_id\": null,
                 \"charge\": null, \"cost\": null, \"loss\": null, \"hold_seq\": null, \"hold_amount\": null,
                 \"authorised_at\": null, \"settle_seq\": null, \"funding\": \"none\", \"input_uncached\": 0, \"drawn\": null, \"usage_source\": \"none\"}}')).*
             FROM call one WHERE id = {};
             UPDATE usage_hour SET calls = calls + 1, errors = errors + 1",
            call.id.number(),
            model.id.number(),
        );
        until("the first hold waits", async || waiting(&bank).await == 1).await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
            .execute(&mut other)
            .await
            .unwrap();
        accounts.close().await.unwrap();
        until("the first hold is written", async || {
            open(&bank, first.id.number()).await
        })
        .await;
        until("the end waits for the other", async || waiting(&bank).await == 1).await;
        sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    };
    let ((held, (begun, settled)), ()) = tokio::join!(ledger_writes, other_writes);
    held.unwrap();
    begun.unwrap();
    settled.unwrap();

    let sums = "SELECT CAST(SUM(calls) * 1000 + SUM(errors) * 100 + SUM(charge) AS BIGINT) FROM usage_hour";
    assert_eq!(
        bank.database.numbers(sums).await,
        [2_004],
        "two calls that cost two each"
    );
    ledger.release(first, Vec::new()).await.unwrap();
    assert_eq!(bank.balance().await.balance, nano(6));
    bank.is_sound().await;
}

async fn waiting(bank: &Bank) -> i64 {
    bank.database.numbers(WAITING).await[0]
}

async fn open(bank: &Bank, call: i64) -> bool {
    let count = format!("SELECT COUNT(*) FROM call WHERE id = {call} AND state = 'open'");
    bank.database.numbers(&count).await == [1]
}
