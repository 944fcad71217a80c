//! Large requests whose provider hangs must not fill the machine: what their bodies may take together is bounded.

use serde_json::{Value, json};
use tests::client::Call;
use tests::hub::Kind;
use tests::stage::{PASSWORD, SOON, Stage, hello, on_both};
use tests::upstream::{Fault, Record};
use tokio::{task::JoinSet, time::timeout};

/// A chat whose body takes more than half of the memory.
fn large(model: &str) -> Value {
    json!({"model": format!("fake/{model}"), "messages": [{"role": "user", "content": "word ".repeat(140_000)}]})
}

/// There is no room for it at the moment.
async fn is_refused(call: Call) {
    let refused = call.send().await.unwrap();
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (503, Some("1"))
    );
    let refused: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
    assert_eq!(refused["error"]["code"], "overloaded", "{refused}");
}

#[tokio::test]
async fn a_large_request_finds_room_when_another_has_been_answered() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        stage.hub.set("HUB_BODY_LIMIT", "1MB");
        stage.hub.set("HUB_BODY_MEMORY", "1MB");
        stage.hub.serve().await;
        let hanging = stage.chat(&large(&Fault::StallBefore.model()));
        let hanging = tokio::spawn(async move { hanging.send().await.unwrap().status });
        let chats = |records: &[Record]| {
            records
                .iter()
                .filter(|record| record.path.ends_with("/chat/completions"))
                .count()
        };
        let arrived = stage
            .upstream
            .wait_for(SOON, |records| (chats(records) == 1).then_some(()))
            .await;
        arrived.unwrap();

        is_refused(stage.chat(&large("gpt-4o-mini"))).await;
        assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);

        stage.upstream.release();
        assert_eq!(hanging.await.unwrap(), 200);
        assert_eq!(stage.chat(&large("gpt-4o-mini")).send().await.unwrap().status, 200);
        assert_eq!(chats(&stage.upstream.requests()), 3, "what was refused was not sent");
    })
    .await;
}

/// A connection of HTTP/2 carries many small ones, so they count as well.
#[tokio::test]
async fn many_small_requests_are_bounded_together() {
    let mut stage = Stage::prepare(Kind::Sqlite).await;
    stage.hub.set("HUB_BODY_LIMIT", "1MB");
    stage.hub.set("HUB_BODY_MEMORY", "1MB");
    stage.hub.serve().await;
    // 59 KB each: 17 fit.
    let small = json!({"model": format!("fake/{}", Fault::StallBefore.model()),
        "messages": [{"role": "user", "content": "word ".repeat(12_000)}]});
    let mut sent = JoinSet::new();
    for _ in 0..20 {
        let chat = stage.chat(&small);
        sent.spawn(async move { chat.send().await.unwrap().status.as_u16() });
    }
    for _ in 0..3 {
        let answered = timeout(SOON, sent.join_next()).await.unwrap();
        assert_eq!(answered.unwrap().unwrap(), 503, "the others wait for their provider");
    }
    let chats = |record: &&Record| record.path.ends_with("/chat/completions");
    let here = |records: &[Record]| (records.iter().filter(chats).count() == 17).then_some(());
    stage.upstream.wait_for(SOON, here).await.unwrap();
    stage.upstream.release();
    while let Some(answered) = sent.join_next().await {
        assert_eq!(answered.unwrap(), 200);
    }
}

/// One who sends more than there is room for keeps nobody else out.
#[tokio::test]
async fn one_person_leaves_room_to_the_others() {
    let mut stage = Stage::prepare(Kind::Sqlite).await;
    stage.hub.set("HUB_BODY_LIMIT", "1MB");
    stage.hub.set("HUB_BODY_MEMORY", "4MB");
    stage.hub.create_user("bo@example.test", "member", PASSWORD).await;
    let made = stage.hub.create_key("bo@example.test", "bo").await;
    stage.hub.serve().await;
    // 900 KB each: three of them are three quarters, nearly.
    let body = json!({"model": format!("fake/{}", Fault::StallBefore.model()),
        "messages": [{"role": "user", "content": "word ".repeat(184_000)}]});
    let mut sent = JoinSet::new();
    // One after the other: those that arrive at once may all be refused.
    for number in 1..=3 {
        let chat = stage.chat(&body);
        sent.spawn(async move { chat.send().await.unwrap().status.as_u16() });
        let chats = |record: &&Record| record.path.ends_with("/chat/completions");
        let here = |records: &[Record]| (records.iter().filter(chats).count() == number).then_some(());
        stage.upstream.wait_for(SOON, here).await.unwrap();
    }
    let fourth = timeout(SOON, stage.chat(&body).send()).await;
    assert_eq!(fourth.expect("it waits for its provider").unwrap().status, 503);
    let key = made["key"].as_str().unwrap();
    let others = stage
        .hub
        .post("/v1/chat/completions", &large("gpt-4o-mini"))
        .bearer(key);
    assert_eq!(others.send().await.unwrap().status, 200);
    stage.upstream.release();
    while let Some(answered) = sent.join_next().await {
        assert_eq!(answered.unwrap(), 200);
    }
}

/// An answer is large though its request is short, and a client that does not read keeps it here.
#[tokio::test]
async fn answers_that_nobody_reads_are_bounded_together() {
    let mut stage = Stage::prepare(Kind::Sqlite).await;
    // One person may have 30 MB, and each answer has 20.
    stage.hub.set("HUB_BODY_LIMIT", "1MB");
    stage.hub.set("HUB_BODY_MEMORY", "40MB");
    stage.hub.provider("simulated", "sim").add().await;
    stage.hub.serve().await;
    let ask = json!({"model": "sim/embed", "input": vec!["a"; 256], "dimensions": 4096});
    let unread = stage.post("/v1/embeddings", &ask).send().await.unwrap();
    assert_eq!(unread.status, 200);
    is_refused(stage.post("/v1/embeddings", &ask)).await;
    assert_eq!(stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status, 200);
    drop(unread);
    let answered = async {
        loop {
            let answer = stage.post("/v1/embeddings", &ask).send().await.unwrap();
            if answer.status == 200 {
                return answer.bytes().await.unwrap().len();
            }
        }
    };
    let length = timeout(SOON, answered).await.expect("its room was never given back");
    assert!(length > 15 << 20, "{length}");
}
