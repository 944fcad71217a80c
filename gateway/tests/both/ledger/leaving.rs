//! People who stop waiting while the hub reads for them: a connection never stays in what they began.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use super::bank::{Bank, nano};
use crate::hub::in_all_ways;

/// Connections of PostgreSQL that stand in a transaction and do nothing.
const STANDING: &str =
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND state LIKE 'idle in transaction%'";

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn whoever_stops_waiting_leaves_no_transaction_open() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(100, None).await.unwrap();
        let leaving = (1..400).map(|step| timeout(Duration::from_micros(7 * step), bank.balance()));
        let stayed = join_all(leaving).await.iter().filter(|seen| seen.is_ok()).count();
        assert!(stayed < 399, "nobody left early");
        if bank.database.url.starts_with("postgres") {
            let over = async {
                while bank.database.numbers(STANDING).await != [0] {
                    sleep(Duration::from_millis(10)).await;
                }
            };
            timeout(PATIENCE, over).await.expect("a transaction that nobody ends");
        }
        // Four at a time, as many as there are connections: each serves on.
        let seen = join_all((0..8).map(|_| bank.balance())).await;
        assert!(seen.iter().all(|seen| seen.balance == nano(100)));
        bank.is_sound().await;
    })
    .await;
}
