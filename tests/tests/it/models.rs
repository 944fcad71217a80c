//! Models as clients see them: the list, one of them, and names without a provider.

use serde_json::{Value, json};
use tests::stage::{Stage, call_id, hello, on_both, within_a_second};
use tests::upstream::Upstream;

#[tokio::test]
async fn models_are_listed_and_shown_in_openais_shape() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (status, list) = stage.get("/v1/models").json().await.unwrap();
        assert_eq!((status.as_u16(), &list["object"]), (200, &json!("list")));
        let models = list["data"].as_array().unwrap();
        assert!(models.len() > 8);
        for model in models {
            let id = model["id"].as_str().unwrap();
            assert!(id.starts_with("fake/"), "{id}");
            assert_eq!(
                (&model["object"], &model["owned_by"]),
                (&json!("model"), &json!("fake"))
            );
            assert!(model["created"].as_i64().unwrap() > 1_700_000_000);
            assert_eq!(model["abilities"]["input"][0], "text", "{model}");
            let usage = match id {
                "fake/text-embedding-3-small" | "fake/text-embedding-3-large" => "never",
                _ => "last-when-asked",
            };
            let streams = json!({"usage": usage, "cancel_stops_billing": usage != "never"});
            assert_eq!(model["streams"], streams, "{model}");
            assert_eq!(model.as_object().unwrap().len(), 6);
        }
        let one = models.iter().find(|model| model["id"] == "fake/gpt-4o").unwrap();
        for name in ["fake/gpt-4o", "gpt-4o", "fake%2Fgpt-4o"] {
            let (status, shown) = stage.get(&format!("/v1/models/{name}")).json().await.unwrap();
            assert_eq!((status.as_u16(), &shown), (200, one), "{name}");
        }
        for name in ["fake/gpt-9", "gpt-9", "other/gpt-4o"] {
            let (status, body) = stage.get(&format!("/v1/models/{name}")).json().await.unwrap();
            assert_eq!(
                (status.as_u16(), &body["error"]["code"]),
                (404, &json!("model_not_found")),
                "{name}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_bare_name_goes_to_the_first_provider_that_has_it() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let second = Upstream::start().await.unwrap();
        stage.hub.add_provider("second", &second.base_url(), second.key()).await;
        let bare = |model: &str| {
            let mut body = hello(model);
            body["model"] = json!(model);
            body
        };
        within_a_second(async || listed(&stage, "second/gpt-4o").await).await;
        let answer = stage.chat(&bare("gpt-4o")).send().await.unwrap();
        assert_eq!(answer.status, 200);
        let row = stage.row(&call_id(&answer)).await;
        assert_eq!(
            (&row["model_asked"], &row["model_served"]),
            (&json!("gpt-4o"), &json!("fake/gpt-4o"))
        );

        stage.hub.json(&["provider", "remove", "fake"], "").await;
        within_a_second(async || !listed(&stage, "fake/gpt-4o").await).await;
        let answer = stage.chat(&bare("gpt-4o")).send().await.unwrap();
        assert_eq!(answer.status, 200);
        let row = stage.row(&call_id(&answer)).await;
        assert_eq!(row["model_served"], "second/gpt-4o");
        assert_eq!(second.requests_to("/v1/chat/completions").len(), 1);
        // A name with a provider means that provider and no other.
        let (status, body) = stage.chat(&hello("gpt-4o")).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &body["error"]["code"]),
            (404, &json!("model_not_found"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_typed_model_can_be_called() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        stage
            .hub
            .json(&["model", "add", "--provider", "fake", "--name", "org/unlisted"], "")
            .await;
        within_a_second(async || listed(&stage, "fake/org/unlisted").await).await;
        // The provider does not have it, and says so; its words are not the caller's fault.
        let answer = stage.chat(&hello("org/unlisted")).send().await.unwrap();
        assert_eq!(answer.status, 404);
        let row = stage.row(&call_id(&answer)).await;
        assert_eq!(row["failure"]["fault"], "operator");
        assert_eq!(stage.only_request().json()["model"], "org/unlisted");
    })
    .await;
}

async fn listed(stage: &Stage, model: &str) -> bool {
    let (_, list) = stage.get("/v1/models").json().await.unwrap();
    let models = list["data"].as_array().cloned().unwrap_or_default();
    models.iter().any(|known: &Value| known["id"] == model)
}
