//! What calls take of a server's memory keeps nobody from managing the hub.

use serde_json::json;
use tests::hub::Kind;
use tests::stage::{ADMIN, SOON, Stage, hello};
use tests::upstream::{Fault, Record};

use super::client::Api;

#[tokio::test]
async fn calls_that_fill_their_memory_keep_no_manager_out() {
    let mut stage = Stage::prepare(Kind::Sqlite).await;
    // One call.
    stage.hub.set("HUB_BODY_LIMIT", "1KB");
    stage.hub.set("HUB_BODY_MEMORY", "1KB");
    stage.hub.serve().await;
    let api = Api::of(&stage.hub, ADMIN).await;
    let hanging = stage.chat(&hello(&Fault::StallBefore.model()));
    let hanging = tokio::spawn(async move { hanging.send().await.unwrap().status });
    let chats = |record: &&Record| record.path.ends_with("/chat/completions");
    let here = |records: &[Record]| (records.iter().filter(chats).count() == 1).then_some(());
    stage.upstream.wait_for(SOON, here).await.unwrap();
    let refused = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
    assert_eq!(refused.status, 503);
    let made = api.post("/users", &json!({ "email": "bo@example.test" })).await;
    made.expect(201);
    stage.upstream.release();
    assert_eq!(hanging.await.unwrap(), 200);
}
