//! A server that stood still, as it does when its machine sleeps or is moved, goes on by what is in force now and not by what it remembers.

use futures_util::future::join_all;
use serde_json::json;
use tests::hub::database;
use tests::stage::{PROVIDER, hello, on_both, with};
use tests::till::{audit, price};

use super::{clock::until, ends::shop};

#[tokio::test]
async fn a_price_that_came_meanwhile_is_charged() {
    const ASKED: usize = 8;
    on_both(async |kind| {
        let stage = shop(kind, &["gpt-4o-mini"]).await;
        let charges = async || {
            let charges = "SELECT charge FROM call ORDER BY id";
            database::numbers(&stage.hub.database_url, charges).await
        };
        // All of them can be held for at the same time.
        let short = with(hello("gpt-4o-mini"), json!({"max_tokens": 100}));
        let ask = async || stage.chat(&short).text().await.unwrap();
        ask().await;
        let once = charges().await[0];
        stage.hub.process().signal("STOP").await;
        price(&stage, "gpt-4o-mini", "10", "20").await;
        // The system takes the connections of these, and the server what is in them as soon as it goes on.
        let goes_on = async {
            until("the price is in force", async || {
                let list = stage.hub.json(&["price", "list"], "").await;
                let name = format!("{PROVIDER}/gpt-4o-mini");
                let rows = list.as_array().unwrap();
                let row = rows.iter().find(|row| row["model"] == *name).unwrap();
                row["next"].is_null()
            })
            .await;
            stage.hub.process().signal("CONT").await;
        };
        let (answers, ()) = tokio::join!(join_all((0..ASKED).map(|_| ask())), goes_on);
        for (status, text) in answers {
            assert_eq!(status, 200, "{text}");
        }
        assert_eq!(charges().await[1..], [10 * once; ASKED]);
        audit(&stage.hub).await;
    })
    .await;
}
