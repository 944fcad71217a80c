//! An `error` event of OpenAI's responses: clients of that dialect hear `response.failed`, which alone ends a stream for them, and what
//! the provider counts behind it is paid.

use domain::{
    call::{CallState, Dialect},
    catalog::ProviderKind,
};
use serde_json::{Value, json};

use super::{
    client::{Hub, Setup, messages},
    upstream::{Step, Upstream, chunk, end, stream_head},
};

fn event(data: &Value) -> Step {
    chunk(&format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap()))
}

/// The beginning of an answer, then these, each by itself or all in one piece.
fn stream(more: &[Value], together: bool) -> Vec<Step> {
    let response = json!({"id": "resp_up", "object": "response", "status": "in_progress", "model": "m", "output": []});
    let mut steps = vec![
        stream_head(),
        event(&json!({"type": "response.created", "sequence_number": 0, "response": response})),
        event(
            &json!({"type": "response.output_text.delta", "sequence_number": 1, "output_index": 0, "item_id": "msg_1", "content_index": 0, "delta": "Hel"}),
        ),
    ];
    match together {
        true => {
            let text = |data: &Value| format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap());
            steps.push(chunk(&more.iter().map(text).collect::<String>()));
        }
        false => steps.extend(more.iter().map(event)),
    }
    steps.push(end());
    steps
}

#[tokio::test]
async fn an_error_alone_is_told_as_response_failed_and_what_follows_it_is_counted() {
    let error =
        json!({"type": "error", "code": "server_error", "message": "It broke.", "param": null, "sequence_number": 2});
    let failed = json!({"type": "response.failed", "sequence_number": 3, "response": {
        "id": "resp_up", "status": "failed", "error": {"code": "server_error", "message": "It broke."},
        "usage": {"input_tokens": 70, "output_tokens": 9, "total_tokens": 79},
    }});
    for (more, together, counted) in [
        (vec![error.clone()], false, None),
        (vec![error.clone(), failed.clone()], false, Some((70, 9))),
        (vec![error, failed.clone()], true, Some((70, 9))),
        (vec![failed], false, Some((70, 9))),
    ] {
        let upstream = Upstream::start(vec![stream(&more, together)]).await;
        let setup = Setup {
            kind: ProviderKind::Openai,
            preset: None,
            ..Setup::at(&upstream.base_url)
        };
        let hub = Hub::with(setup).await;
        let ask = r#"{"model":"p/m","max_output_tokens":50,"stream":true,"input":"hi"}"#;
        let request = hub.request(Dialect::OpenaiResponses, ask);
        let id = request.id;
        let told = messages(hub.gateway.call(request).await.unwrap()).await.concat();
        assert_eq!(told.matches("response.failed\ndata: ").count(), 1, "{told}");
        assert!(!told.contains("event: error"), "{told}");
        let last = told.rsplit("data: ").next().unwrap();
        let last: Value = serde_json::from_str(last).unwrap();
        assert_eq!(
            (&last["response"]["id"], &last["response"]["error"]["code"]),
            (&json!("resp_up"), &json!("server_error")),
            "{told}"
        );
        let row = hub.settled(id).await.call;
        assert_eq!(row.state, CallState::Failed);
        let usage = (row.usage.input_uncached, row.usage.output_text);
        match counted {
            Some(counted) => assert_eq!(usage, counted, "{more:?}"),
            None => assert!(usage.0 < 70 && usage.1 < 9, "{usage:?}"),
        }
    }
}
