//! How many tokens a request has: asked of the provider that counts, estimated for every other model.

use serde_json::{Value, json};
use tests::client::Call;
use tests::stage::{Stage, on_both, with};
use tests::upstream::{Fault, Rule};

use super::{stage, whole};

fn count(stage: &Stage, body: &Value) -> Call {
    stage
        .hub
        .post("/v1/messages/count_tokens", body)
        .header("x-api-key", &stage.key)
        .header("anthropic-version", "2023-06-01")
}

fn hello(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "Hello out there"}]})
}

/// The tokens.
async fn counted(stage: &Stage, body: &Value) -> u64 {
    let answer = count(stage, body).send().await.unwrap();
    let (status, answer) = whole(answer).await;
    assert_eq!((status, answer.as_object().unwrap().len()), (200, 1), "{answer}");
    answer["input_tokens"].as_u64().unwrap()
}

#[tokio::test]
async fn every_model_has_an_answer() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        assert_eq!(counted(&stage, &hello("claude/claude-haiku-4-5")).await, 7);
        let arrived = stage.upstream.requests_to("/v1/messages/count_tokens").pop().unwrap();
        assert_eq!(arrived.json(), hello("claude-haiku-4-5"));
        assert_eq!(stage.upstream.violations(), [""; 0]);
        // Fifteen bytes and a turn.
        assert_eq!(counted(&stage, &hello("fake/gpt-4o")).await, 8);
        assert_eq!(stage.upstream.requests_to("/v1/messages/count_tokens").len(), 1);
        // A provider that does not answer is no reason to leave the client without one.
        for fault in [
            Fault::ServerError,
            Fault::Overloaded,
            Fault::Unauthorized,
            Fault::WrongType,
            Fault::CutBefore,
        ] {
            stage.upstream.add_rule(Rule::new(fault).times(1));
            assert_eq!(counted(&stage, &hello("claude/claude-haiku-4-5")).await, 8, "{fault:?}");
        }
        // Counting is no call.
        assert_eq!(stage.hub.calls().await, [Value::Null; 0]);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let inside = json!([{"type": "image", "source": {"type": "url", "url": "http://169.254.169.254/a.png"}}]);
        let inside = json!([{"role": "user", "content": inside}]);
        for (body, status, code) in [
            // What a call may not have a provider look at, no question may.
            (
                json!({"model": "claude/claude-haiku-4-5", "messages": inside}),
                400,
                "address_not_allowed",
            ),
            (hello("claude/none"), 404, "model_not_found"),
            (json!({"messages": []}), 400, "missing_model"),
            (json!({"model": "fake/gpt-4o", "messages": 7}), 400, "invalid_request"),
        ] {
            let (found, answer) = whole(count(&stage, &body).send().await.unwrap()).await;
            assert_eq!(
                (found, &answer["error"]["details"]["error_code"]),
                (status, &json!(code)),
                "{answer}"
            );
        }
        // The provider's own words about the client's own mistake.
        let wrong = with(hello("claude/claude-haiku-4-5"), json!({"n": 2}));
        let (status, answer) = whole(count(&stage, &wrong).send().await.unwrap()).await;
        assert_eq!(
            (status, &answer["error"]["message"]),
            (400, &json!("n: Extra inputs are not permitted"))
        );
        let (status, answer) = whole(
            count(&stage, &hello("claude/claude-haiku-4-5"))
                .without("x-api-key")
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert_eq!(
            (status, &answer["error"]["type"]),
            (401, &json!("authentication_error"))
        );
    })
    .await;
}
