//! How PostgreSQL finds what a batch asks for. It plans each statement once a connection, and a hub begins with empty tables.

use std::time::Duration;

use super::bank::{Bank, nano};
use crate::hub::Database;

/// Calls that end, one batch each.
const CALLS: i64 = 60;

#[tokio::test]
async fn batches_find_calls_by_their_keys() {
    let bank = Bank::open(Database::postgres().await).await;
    bank.grant(1_000_000, None).await.unwrap();
    for _ in 0..CALLS {
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
        bank.hub
            .ledger()
            .settle(bank.priced(row, 3), Vec::new(), nano(3))
            .await
            .unwrap();
    }
    bank.is_sound().await;
    // A connection tells what it did at its end at the latest.
    let Bank { hub, database, .. } = bank;
    hub.shutdown(Duration::ZERO).await;
    let told = async |column: &str| {
        let query = format!("SELECT CAST({column} AS BIGINT) FROM pg_stat_user_tables WHERE relname = 'call'");
        database.numbers(&query).await[0]
    };
    for _ in 0..500 {
        if told("idx_scan").await >= CALLS {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(told("idx_scan").await >= CALLS);
    let read = told("seq_tup_read").await;
    // All calls there are with each end would be many more.
    assert!(read < CALLS * CALLS / 8, "{read} rows were read one after the other");
}
