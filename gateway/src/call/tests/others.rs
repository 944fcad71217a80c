//! What is somebody else's, and what nobody is to blame for but who asks: with the operator's key everybody could reach what others
//! have left at a provider, and everybody's calls go through its credential.

use domain::{
    call::{Dialect, Fault},
    catalog::ProviderKind,
};
use serde_json::{Value, json};

use super::{
    client::{Hub, Setup},
    upstream::{Upstream, json as answered},
};

async fn hub(kind: ProviderKind, models: &[&str], status: u16, body: &str) -> (Hub, Upstream) {
    let upstream = Upstream::start(vec![answered(status, body)]).await;
    let openais = matches!(kind, ProviderKind::Openai | ProviderKind::OpenaiCompatible);
    let base_url = match openais {
        true => upstream.base_url.as_str(),
        false => upstream.base_url.trim_end_matches("/v1"),
    };
    let setup = Setup {
        kind,
        preset: None,
        models,
        ..Setup::at(base_url)
    };
    (Hub::with(setup).await, upstream)
}

/// A request for a chat in each dialect that has a place for members of its provider.
fn in_every_dialect(member: &str, value: &Value) -> Vec<(Dialect, Value)> {
    let turns = json!([{"role": "user", "content": "hi"}]);
    let with = |mut body: Value| {
        body["model"] = "p/m".into();
        body[member] = value.clone();
        body
    };
    let mut options = json!({"model": "p/m"});
    options[member] = value.clone();
    vec![
        (Dialect::OpenaiChat, with(json!({"messages": turns}))),
        (Dialect::OpenaiCompletions, with(json!({"prompt": "hi"}))),
        (Dialect::OpenaiResponses, with(json!({"input": "hi"}))),
        (
            Dialect::AnthropicMessages,
            with(json!({"max_tokens": 50, "messages": turns})),
        ),
        (
            Dialect::AigneChat,
            json!({"input": {"messages": turns, "modelOptions": options}}),
        ),
    ]
}

#[tokio::test]
async fn nobody_is_asked_in_somebody_elses_container() {
    for kind in [ProviderKind::Anthropic, ProviderKind::Google, ProviderKind::Ollama] {
        let (hub, upstream) = hub(kind, &["m"], 200, "{}").await;
        for container in [
            json!("container_of_somebody"),
            json!({"id": "container_of_somebody", "skills": []}),
        ] {
            for (dialect, body) in in_every_dialect("container", &container) {
                let error = hub
                    .gateway
                    .call(hub.request(dialect, &body.to_string()))
                    .await
                    .unwrap_err();
                assert_eq!(
                    (error.status, &*error.code, error.param.as_deref()),
                    (400, "unknown_reference", Some("container")),
                    "{kind:?} {dialect:?} {error:?}"
                );
            }
        }
        assert!(upstream.requests().is_empty(), "{kind:?}");
    }
    // A service may hand it on as it comes.
    let (hub, upstream) = hub(ProviderKind::OpenaiCompatible, &["m"], 200, "{}").await;
    let (dialect, body) = in_every_dialect("container", &json!("container_of_somebody")).remove(0);
    let error = hub
        .gateway
        .call(hub.request(dialect, &body.to_string()))
        .await
        .unwrap_err();
    assert_eq!((error.status, &*error.code), (400, "unknown_reference"));
    assert!(upstream.requests().is_empty());
}

/// Stores and prompts that the operator keeps at a service, by the names that services have for them.
#[tokio::test]
async fn nobody_is_told_what_the_operator_keeps() {
    for kind in [ProviderKind::OpenaiCompatible, ProviderKind::Google] {
        let (hub, upstream) = hub(kind, &["m"], 200, "{}").await;
        for (member, value) in [
            ("data_sources", json!([{"type": "azure_search", "parameters": {}}])),
            ("vector_store_ids", json!(["vs_1"])),
            ("prompt_id", json!("p")),
        ] {
            let mut bodies = in_every_dialect(member, &value);
            let pictures = json!({"model": "p/m", "prompt": "a cat", member: value});
            bodies.push((Dialect::OpenaiImages, pictures));
            bodies.push((
                Dialect::OpenaiEmbeddings,
                json!({"model": "p/m", "input": "x", member: value}),
            ));
            for (dialect, body) in bodies {
                let asked = hub.gateway.call(hub.request(dialect, &body.to_string()));
                let error = asked.await.unwrap_err();
                assert_eq!(
                    (error.status, &*error.code, error.param.as_deref()),
                    (400, "unknown_reference", Some(member)),
                    "{kind:?} {dialect:?} {error:?}"
                );
            }
        }
        assert!(upstream.requests().is_empty(), "{kind:?}");
    }
}

/// It is no member's to have the operator's credential rest: 403 is OpenAI's answer to who wants embeddings of a model that makes none.
#[tokio::test]
async fn embeddings_of_what_makes_none_rest_no_credential() {
    const REFUSAL: &str = r#"{"error":{"message":"You are not allowed to generate embeddings from this model","type":"invalid_request_error","param":null,"code":null}}"#;
    let (hub, upstream) = hub(ProviderKind::Openai, &["m", "gpt-4o"], 403, REFUSAL).await;
    let ask = |model: &str| json!({"model": model, "input": "hi"}).to_string();
    // Nobody here knows what this model is for, so it is asked, and again.
    for asked in 1..=2 {
        let error = hub
            .gateway
            .call(hub.request(Dialect::OpenaiEmbeddings, &ask("p/m")))
            .await
            .unwrap_err();
        assert_eq!((error.fault, error.status), (Fault::Caller, 400), "{error:?}");
        let told = error.body(Dialect::OpenaiEmbeddings, None);
        assert_eq!(told, REFUSAL);
        assert_eq!(upstream.requests().len(), asked);
    }
    // This one is known to make none.
    let error = hub
        .gateway
        .call(hub.request(Dialect::OpenaiEmbeddings, &ask("p/gpt-4o")))
        .await
        .unwrap_err();
    assert_eq!(
        (error.fault, error.status, error.param.as_deref()),
        (Fault::Caller, 400, Some("model"))
    );
    assert_eq!(upstream.requests().len(), 2);
}
