//! Files that are fetched for a call that costs money: whoever leaves meanwhile is listed and pays nothing.

use serde_json::{Value, json};
use tests::stage::{SOON, Stage, on_both, streamed, with};
use tests::till::{CREDIT, audit, balance, charged, grant, sell};
use tokio::{io::AsyncReadExt as _, net::TcpListener, sync::mpsc};

use crate::wires;

#[tokio::test]
async fn a_client_that_leaves_while_a_slow_file_is_fetched_is_listed_and_pays_nothing() {
    on_both(async |kind| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/cat.gif", listener.local_addr().unwrap());
        // Tells of each connection, and again when the hub has closed it; it never answers.
        let (tell, mut told) = mpsc::unbounded_channel();
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tell.send("asked").unwrap();
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest).await;
                tell.send("closed").unwrap();
            }
        });
        let mut stage = Stage::prepare(kind).await;
        let ollama = stage.upstream.ollama_url();
        wires::add(&stage, "ollama", &ollama, None, &["llama3.2-vision"]).await;
        wires::price(&stage, "oll/llama3.2-vision", "1", "2").await;
        sell(&stage.hub).await;
        grant(&stage.hub, "1").await;
        stage.hub.set("HUB_FETCH_ALLOW", "127.0.0.0/8");
        stage.hub.serve().await;

        let ask = json!({"model": "oll/llama3.2-vision", "messages": [{"role": "user", "content": [
            {"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": url}}]}]});
        let soon = async |told: &mut mpsc::UnboundedReceiver<&'static str>| {
            tokio::time::timeout(SOON, told.recv()).await.unwrap().unwrap()
        };
        for body in [with(ask.clone(), json!({"max_tokens": 50})), streamed(ask)] {
            let waiting = stage.chat(&body).send();
            tokio::select! {
                _ = waiting => panic!("nothing is answered while the file does not come"),
                what = soon(&mut told) => assert_eq!(what, "asked"),
            }
            assert_eq!(soon(&mut told).await, "closed");
        }
        let begin = std::time::Instant::now();
        let calls = loop {
            let calls = stage.hub.calls().await;
            if calls.len() == 2 && calls.iter().all(|call| call["state"] != "open") {
                break calls;
            }
            assert!(begin.elapsed() < SOON, "{calls:?}");
        };
        for call in &calls {
            assert_eq!(
                (
                    &call["state"],
                    &call["usage_source"],
                    &call["attempt_count"],
                    &call["failure"]
                ),
                (&json!("cancelled"), &json!("none"), &json!(0), &Value::Null),
                "{call}"
            );
            assert_eq!(call["model_served"], "oll/llama3.2-vision");
        }
        assert_eq!((charged(&stage.hub).await, balance(&stage.hub).await), (0, (CREDIT, 0)));
        assert!(
            stage
                .upstream
                .requests()
                .iter()
                .all(|record| record.path != "/api/chat")
        );
        audit(&stage.hub).await;
        serving.abort();
    })
    .await;
}
