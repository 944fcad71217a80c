//! `/readyz` says no while the database does not answer, and yes again afterwards; `/healthz` says yes all along.

use tests::hub::{Hub, database};
use tests::stage::on_both;

#[tokio::test]
async fn a_hub_whose_database_does_not_answer_is_not_ready() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.serve().await;
        let status = async |path| hub.get(path).send().await.unwrap().status.as_u16();
        assert_eq!((status("/readyz").await, status("/healthz").await), (200, 200));
        database::execute(&hub.database_url, "ALTER TABLE counter RENAME TO gone").await;
        assert_eq!((status("/readyz").await, status("/healthz").await), (503, 200));
        let said = hub.get("/readyz").text().await.unwrap().1;
        for detail in ["counter", "SELECT", "no such table", "relation"] {
            assert!(!said.contains(detail), "strangers read this: {said}");
        }
        database::execute(&hub.database_url, "ALTER TABLE gone RENAME TO counter").await;
        assert_eq!((status("/readyz").await, status("/healthz").await), (200, 200));
    })
    .await;
}
