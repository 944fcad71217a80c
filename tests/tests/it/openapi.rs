//! The OpenAPI document over HTTP and by the command line, and that it is really held against answers: whatever is changed in it
//! no longer holds.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tests::contract::Contract;
use tests::stage::{Stage, hello, on_both, streamed};

#[tokio::test]
async fn it_is_served_as_it_is_printed() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (status, served) = stage.hub.get("/openapi.json").json().await.unwrap();
        assert_eq!(status, 200);
        assert_eq!(served, stage.hub.json(&["openapi"], "").await);
        let printed = stage.hub.run(&["openapi"], "").await;
        assert_eq!(serde_json::from_str::<Value>(&printed.stdout).unwrap(), served);
        assert_eq!(served["openapi"], "3.1.0");
    })
    .await;
}

/// Whether an answer holds after something was changed in the document.
fn holds(document: &Value, change: impl FnOnce(&mut Value), path: &str, kind: &str, body: &str) -> Result<(), String> {
    let mut document = document.clone();
    change(&mut document);
    let contract: &'static Contract = Box::leak(Box::new(Contract::new(document)));
    let method = if path == "/v1/chat/completions" {
        Method::POST
    } else {
        Method::GET
    };
    let headers = http::HeaderMap::from_iter([(http::header::CONTENT_TYPE, kind.parse().unwrap())]);
    contract
        .promise(&method, path)
        .unwrap()
        .body(StatusCode::OK, &headers, body.as_bytes())
}

#[tokio::test]
async fn answers_are_held_against_it() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let document = stage.hub.json(&["openapi"], "").await;
        let (_, credits) = stage.get("/v1/credits").text().await.unwrap();
        let (_, stream) = stage.chat(&streamed(hello("gpt-4o-mini"))).text().await.unwrap();
        let json = |change: fn(&mut Value)| holds(&document, change, "/v1/credits", "application/json", &credits);
        let events = |change: fn(&mut Value)| {
            holds(
                &document,
                change,
                "/v1/chat/completions",
                "text/event-stream; charset=utf-8",
                &stream,
            )
        };
        assert_eq!(json(|_| ()), Ok(()));
        assert_eq!(events(|_| ()), Ok(()));
        // A member that is not described, one that is missing, one of another type, a status and a kind that are not there.
        let broken = [
            json(|all| {
                all["components"]["schemas"]["Credits"]["properties"]
                    .as_object_mut()
                    .unwrap()
                    .remove("held");
            }),
            json(|all| {
                let required = &mut all["components"]["schemas"]["Credits"]["required"];
                required.as_array_mut().unwrap().push("interest".into());
            }),
            json(|all| all["components"]["schemas"]["Decimal"] = json!({ "type": "number" })),
            json(|all| {
                all["paths"]["/v1/credits"]["get"]["responses"]
                    .as_object_mut()
                    .unwrap()
                    .remove("200");
            }),
            json(|all| {
                let done = &mut all["paths"]["/v1/credits"]["get"]["responses"]["200"]["content"];
                *done = json!({ "text/plain": { "schema": {} } });
            }),
            events(|all| all["components"]["schemas"]["ChatChunk"]["properties"]["object"] = json!({ "const": "chunk" })),
            events(|all| {
                let streams =
                    &mut all["paths"]["/v1/chat/completions"]["post"]["responses"]["200"]["content"]["text/event-stream"];
                streams.as_object_mut().unwrap().remove("x-last-event");
            }),
        ];
        for (number, held) in broken.iter().enumerate() {
            assert!(held.is_err(), "change {number} went unnoticed");
        }
    })
    .await;
}
