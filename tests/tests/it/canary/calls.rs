//! The calls of the canary: with secrets where they belong, where they do not, and in the provider's mouth.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::console::Console;
use tests::hub::Hub;
use tests::stage::{SOON, call_id, streamed};
use tests::upstream::{Fault, Rule, Upstream};

use super::search::{Place, Places};
use super::{COOKIE, PROMPT, QUERY, SYSTEM, UNKNOWN_KEY};

/// Calls of every kind: good, refused, broken off, with secrets where they do not belong.
pub async fn every_kind(hub: &Hub, upstream: &Upstream, first: &str, second: &str, places: &mut Places) {
    let messages = json!([{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT}]);
    let body = |model: &str| json!({"model": format!("fake/{model}"), "messages": messages});
    for key in [first, second] {
        for body in [
            body("gpt-4o-mini"),
            streamed(body("gpt-4o-mini")),
            streamed(body("fault-cut-mid")),
        ] {
            let answer = hub
                .post("/v1/chat/completions", &body)
                .bearer(key)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status, 200);
            call_id(&answer);
            let place = if body["stream"] == true {
                Place::Streams
            } else {
                Place::Completions
            };
            // What a model wrote stands in its answer and nowhere else.
            assert!(places.answer(place, answer).await.contains("said: "));
        }
    }
    upstream.add_rule(Rule::new(Fault::EchoCredential).times(2));
    for model in [
        "gpt-4o-mini",
        "fault-500",
        "fault-wrong-type",
        "fault-malformed-frame",
        "no-such-model",
    ] {
        let call = hub
            .post(&format!("/v1/chat/completions?x={QUERY}"), &body(model))
            .bearer(first);
        let call = call.header("cookie", &format!("hub_session={COOKIE}"));
        let answer = call.send().await.unwrap();
        assert!(!answer.status.is_success(), "{model}");
        places.answer(Place::Answers, answer).await;
    }
    let unknown = hub
        .post("/v1/chat/completions", &body("gpt-4o-mini"))
        .bearer(UNKNOWN_KEY);
    places.answer(Place::Answers, unknown.send().await.unwrap()).await;
    let broken = hub
        .post("/v1/chat/completions", &json!(null))
        .bearer(first)
        .body(format!("{{\"{PROMPT}\": {SYSTEM}"));
    places.answer(Place::Answers, broken.send().await.unwrap()).await;
    let input = json!({"model": "fake/text-embedding-3-small", "input": PROMPT});
    let answer = hub.post("/v1/embeddings", &input).bearer(first).send().await.unwrap();
    assert_eq!(answer.status, 200);
    places.answer(Place::Answers, answer).await;
    let models = hub.get(&format!("/v1/models?key={QUERY}")).bearer(first);
    places.answer(Place::Answers, models.send().await.unwrap()).await;
    let mut stranger = Console::new(hub.address());
    places.page(stranger.open(&format!("/keys?x={QUERY}")).await);
}

/// Calls whose provider quotes what it was asked in its error. The caller alone may see that; what the hub keeps and shows
/// of the failure, to admins too, does without.
pub async fn quotes(hub: &Hub, key: &str, places: &mut Places) {
    let messages = json!([{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT}]);
    // The last one leaves the credential failing, with the provider's words about it.
    for fault in [Fault::QuoteRefused, Fault::QuoteFrame, Fault::QuoteFailed] {
        let body = json!({"model": format!("fake/{}", fault.model()), "messages": messages});
        for (place, body) in [(Place::Completions, body.clone()), (Place::Streams, streamed(body))] {
            let answer = hub
                .post("/v1/chat/completions", &body)
                .bearer(key)
                .send()
                .await
                .unwrap();
            let text = places.answer(place, answer).await;
            if fault == Fault::QuoteRefused {
                assert!(
                    text.contains(PROMPT),
                    "what is wrong with a request is told to its caller: {text}"
                );
            }
        }
    }
    let begin = Instant::now();
    loop {
        let providers = hub.json(&["provider", "list"], "").await;
        let credentials = providers[0]["credentials"].as_array().unwrap();
        if credentials
            .iter()
            .any(|one| one["label"] == "right" && one["health"] == "failing")
        {
            break;
        }
        assert!(begin.elapsed() < SOON, "the failure is not noted: {providers}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
