//! Content parts: text, images, and where they may stand.

use serde_json::{Value, json};

use super::{all_refused, said, user, with};

#[tokio::test]
async fn bad_content_parts() {
    let image =
        |image: Value| user(json!([{"type": "text", "text": "see"}, {"type": "image_url", "image_url": image}]));
    let system =
        json!([{"role": "system", "content": [{"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}]}]);
    all_refused(vec![
        (
            "empty",
            user(json!([])),
            "empty array",
            Some("messages[0].content"),
            Some("empty_array"),
        ),
        (
            "no type",
            user(json!([{"text": "x"}])),
            "Missing required parameter",
            Some("messages[0].content[0].type"),
            Some("missing_required_parameter"),
        ),
        (
            "strange type",
            user(json!([{"type": "image", "source": {}}])),
            "Invalid value: 'image'",
            Some("messages[0].content[0].type"),
            Some("invalid_value"),
        ),
        (
            "image for the system",
            said(system),
            "Invalid value: 'image_url'. Supported values are: 'text'.",
            Some("messages[0].content[0].type"),
            Some("invalid_value"),
        ),
        (
            "text as number",
            user(json!([{"type": "text", "text": 5}])),
            "expected a string",
            Some("messages[0].content[0].text"),
            Some("invalid_type"),
        ),
        (
            "image as text",
            image(json!("https://x.test/a.png")),
            "expected an object, but got a string",
            Some("messages[0].content[1].image_url"),
            Some("invalid_type"),
        ),
        (
            "image without url",
            image(json!({})),
            "Missing required parameter",
            Some("messages[0].content[1].image_url.url"),
            Some("missing_required_parameter"),
        ),
        (
            "image at a strange address",
            image(json!({"url": "ftp://x.test/a.png"})),
            "Invalid image_url",
            Some("messages[0].content[1].image_url.url"),
            Some("invalid_image_url"),
        ),
        (
            "a pdf",
            image(json!({"url": "data:application/pdf;base64,AAAA"})),
            "Only image types are supported",
            Some("messages[0].content[1].image_url.url"),
            Some("invalid_image_format"),
        ),
        (
            "broken base64",
            image(json!({"url": "data:image/png;base64,A*A"})),
            "Invalid base64",
            Some("messages[0].content[1].image_url.url"),
            Some("invalid_base64"),
        ),
        (
            "strange detail",
            image(json!({"url": "https://x.test/a.png", "detail": "best"})),
            "Invalid value: 'best'",
            Some("messages[0].content[1].image_url.detail"),
            Some("invalid_value"),
        ),
        (
            "a text among the parts",
            user(json!(["hi"])),
            "expected an object, but got a string",
            Some("messages[0].content[0]"),
            Some("invalid_type"),
        ),
        (
            "type as number",
            user(json!([{"type": 1, "text": "x"}])),
            "expected a string, but got an integer",
            Some("messages[0].content[0].type"),
            Some("invalid_type"),
        ),
        (
            "text without text",
            user(json!([{"type": "text"}])),
            "Missing required parameter",
            Some("messages[0].content[0].text"),
            Some("missing_required_parameter"),
        ),
        (
            "url as number",
            image(json!({"url": 1})),
            "expected a string, but got an integer",
            Some("messages[0].content[1].image_url.url"),
            Some("invalid_type"),
        ),
        (
            "image for the assistant",
            said(json!([{"role": "assistant", "content": [{"type": "image_url", "image_url": {}}]}])),
            "Supported values are: 'text' and 'refusal'",
            Some("messages[0].content[0].type"),
            Some("invalid_value"),
        ),
        (
            "image for a model that sees none",
            with(
                image(json!({"url": "https://x.test/a.png"})),
                json!({"model": "gpt-3.5-turbo"}),
            ),
            "Invalid content type. image_url is only supported by certain models.",
            Some("messages.[0].content.[1].type"),
            None,
        ),
    ])
    .await;
}
