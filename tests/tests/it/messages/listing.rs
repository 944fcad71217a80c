//! Models in Anthropic's shape, for clients that name the version of its API.

use serde_json::{Value, json};
use tests::stage::{Stage, on_both};

use super::{stage, whole};

async fn get(stage: &Stage, path: &str) -> (u16, Value) {
    let call = stage.get(path).header("anthropic-version", "2023-06-01");
    whole(call.send().await.unwrap()).await
}

fn ids(page: &Value) -> Vec<&str> {
    let data = page["data"].as_array().unwrap();
    data.iter().map(|model| model["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn models_are_listed_in_pages() {
    on_both(async |kind| {
        let stage = stage(kind).await;
        let (status, all) = get(&stage, "/v1/models?limit=1000").await;
        assert_eq!((status, &all["has_more"]), (200, &json!(false)));
        let every = ids(&all);
        assert!(every.contains(&"claude/claude-opus-4-6") && every.contains(&"fake/gpt-4o"));
        assert_eq!(
            (&all["first_id"], &all["last_id"]),
            (&json!(every[0]), &json!(every[every.len() - 1]))
        );
        let models = all["data"].as_array().unwrap();
        assert!(models.iter().all(|model| model["abilities"].is_object()), "{all}");
        // Page by page, as Anthropic's SDKs turn them.
        let (mut turned, mut after) = (Vec::new(), String::new());
        loop {
            let (status, page) = get(&stage, &format!("/v1/models?limit=2{after}")).await;
            assert_eq!(status, 200);
            turned.extend(ids(&page).into_iter().map(str::to_owned));
            if page["has_more"] == false {
                break;
            }
            after = format!("&after_id={}", page["last_id"].as_str().unwrap());
        }
        assert_eq!(turned, every);
        let (status, wrong) = get(&stage, "/v1/models?limit=0").await;
        assert_eq!(
            (status, &wrong["error"]["type"]),
            (400, &json!("invalid_request_error"))
        );
        for model in all["data"].as_array().unwrap() {
            assert_eq!(
                (&model["type"], &model["display_name"]),
                (&json!("model"), &model["id"])
            );
            assert!(model["created_at"].as_str().unwrap().ends_with('Z'), "{model}");
        }
        let (_, one) = get(&stage, "/v1/models/claude/claude-opus-4-6").await;
        assert_eq!(
            (&one["type"], &one["id"]),
            (&json!("model"), &json!("claude/claude-opus-4-6"))
        );
        assert_eq!(
            get(&stage, "/v1/models/none").await.1["error"]["type"],
            "not_found_error"
        );
        // Whoever names no version is answered as ever.
        let (_, usual) = whole(stage.get("/v1/models").send().await.unwrap()).await;
        assert_eq!(usual["object"], "list");
    })
    .await;
}
