//! Answers in shapes that few models speak: whoever leaves in the middle of one owes what was written, whatever it is called.

use domain::{
    call::{CallState, Dialect},
    catalog::ProviderKind,
    usage::UsageSource,
};
use serde_json::{Value, json};

use super::{
    client::{Hub, Setup, next, stream},
    streams::ASK,
    upstream::{Step, Upstream, chunk, stream_head},
};

const RESPONSES: &str = r#"{"model":"p/m","stream":true,"input":"12345678"}"#;
/// What the model has written when the client leaves: 40 letters, ten tokens.
const WRITTEN: &str = "1234567890123456789012345678901234567890";

/// Asks, reads the first piece, leaves, and gives the tokens of the answer that the call owes.
async fn owed(kind: ProviderKind, dialect: Dialect, ask: &str, told: &str) -> u64 {
    let upstream = Upstream::start(vec![vec![stream_head(), chunk(told), Step::WaitForClose]]).await;
    let hub = Hub::with(Setup {
        kind,
        preset: None,
        ..Setup::at(&upstream.base_url)
    })
    .await;
    let request = hub.request(dialect, ask);
    let id = request.id;
    let mut receiver = stream(hub.gateway.call(request).await.unwrap());
    next(&mut receiver).await;
    drop(receiver);
    upstream.closed().await;
    let call = hub.settled(id).await.call;
    assert_eq!(
        (call.state, call.usage_source),
        (CallState::Cancelled, UsageSource::Estimated),
        "{told}"
    );
    assert!(call.usage.input_uncached > 0, "{told}");
    call.usage.output_text + call.usage.output_reasoning
}

#[tokio::test]
async fn who_leaves_a_chat_in_an_odd_shape_owes_what_was_written() {
    let shapes = [
        json!({ "content": WRITTEN }),
        json!({ "function_call": { "name": "", "arguments": WRITTEN } }),
        json!({ "tool_calls": [{ "index": 0, "id": "call_1", "type": "custom", "custom": { "name": "", "input": WRITTEN } }] }),
        json!({ "audio": { "id": "audio_1", "transcript": WRITTEN } }),
        json!({ "reasoning_details": [{ "type": "reasoning.text", "text": WRITTEN }] }),
        json!({ "nobody_knows_this_yet": { "deep": [{ "down": WRITTEN }] } }),
    ];
    for delta in shapes {
        let event = json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }], "usage": null });
        let told = format!("data: {event}\n\n");
        let tokens = owed(ProviderKind::OpenaiCompatible, Dialect::OpenaiChat, ASK, &told).await;
        assert_eq!(tokens, 10, "{told}");
    }
    // A picture has a weight of its own, however many letters it takes.
    let url = format!("data:image/png;base64,{}", "A".repeat(40_000));
    let event = json!({ "choices": [{ "index": 0, "delta": { "images": [{ "type": "image_url", "image_url": { "url": url } }] } }] });
    let told = format!("data: {event}\n\n");
    let tokens = owed(ProviderKind::OpenaiCompatible, Dialect::OpenaiChat, ASK, &told).await;
    assert_eq!(tokens, 1_000);
}

#[tokio::test]
async fn who_leaves_a_response_in_an_odd_shape_owes_what_was_written() {
    let begins = json!({ "type": "response.created", "sequence_number": 0,
        "response": { "id": "resp_1", "object": "response", "status": "in_progress", "output": [] } });
    let delta = |kind: &str| json!({ "type": kind, "sequence_number": 1, "output_index": 0, "item_id": "it_1", "delta": WRITTEN });
    let item = |item: Value| json!({ "type": "response.output_item.done", "sequence_number": 1, "output_index": 0, "item": item });
    let shapes = [
        delta("response.output_text.delta"),
        delta("response.custom_tool_call_input.delta"),
        delta("response.mcp_call_arguments.delta"),
        delta("response.code_interpreter_call_code.delta"),
        item(json!({ "type": "custom_tool_call", "id": "it_1", "call_id": "call_1", "input": WRITTEN })),
        item(
            json!({ "type": "apply_patch_call", "id": "it_1", "call_id": "call_1", "operation": { "type": "", "diff": WRITTEN } }),
        ),
        item(
            json!({ "type": "local_shell_call", "id": "it_1", "call_id": "call_1", "action": { "type": "exec", "command": [WRITTEN] } }),
        ),
        item(
            json!({ "type": "computer_call", "id": "it_1", "call_id": "call_1", "action": { "type": "type", "text": WRITTEN } }),
        ),
        item(json!({ "type": "nobody_knows_this_yet", "id": "it_1", "words": WRITTEN })),
    ];
    for shape in shapes {
        let told: String = [&begins, &shape]
            .map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
            .concat();
        let tokens = owed(ProviderKind::Openai, Dialect::OpenaiResponses, RESPONSES, &told).await;
        assert!((10..=12).contains(&tokens), "{tokens} for {told}");
    }
}
