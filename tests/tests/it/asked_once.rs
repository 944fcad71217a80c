//! The playground without scripts: what is asked and answered is stored nowhere, not even sealed in the session.

use tests::hub::database;
use tests::stage::{Stage, on_both};

const QUESTION: &str = "a question for nobody else";

#[tokio::test]
async fn what_is_asked_without_scripts_is_never_written() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let database = &stage.hub.database_url;
        let mut console = stage.admin().await;
        let page = console.open("/playground?model=fake/gpt-4o-mini").await;
        database::execute(database, "CREATE TABLE before AS SELECT id, data FROM session").await;
        // Whoever writes a session seals it anew: the same bytes mean that nobody wrote.
        let untouched = async || {
            let query =
                "SELECT COUNT(*) FROM session JOIN before ON before.id = session.id AND before.data = session.data";
            database::numbers(database, query).await == [1]
        };
        assert!(untouched().await);

        let form = page.form("ask_once").with("message", QUESTION);
        let answered = console.send(&form).await;
        assert_eq!((answered.status.as_u16(), answered.location()), (200, None));
        let said = answered.text();
        assert!(said.contains(&format!("You said: {QUESTION}")), "{said}");
        let caching = answered.header("cache-control").unwrap_or_default();
        assert!(caching.contains("no-store"), "{caching}");
        assert!(untouched().await, "the answer went through the session");

        let failed = console.send(&form.with("model", "fake/fault-500")).await;
        assert!(failed.text().contains("The provider failed."), "{}", failed.text());
        assert!(untouched().await, "the failure went through the session");

        let later = console.open("/playground").await;
        assert!(!later.body.contains(QUESTION));
        // A message of any other form goes through the session, which shows that the look at it is not blind.
        let page = console.open("/keys/new").await;
        console.send(&page.form("create_key").with("name", "")).await;
        assert!(!untouched().await);
    })
    .await;
}
