//! Requests of chat clients written for this wire: `fixtures/openai/request/*.responses.json`.

use super::*;
use crate::wire::{
    canonical::{File, FileKind, Message, Part, Reasoning, Role, Source, Thought},
    golden, openai,
};

fn written(request: &Request) -> (Value, Vec<String>) {
    let target = Target {
        slug: "slug",
        cap: Some(50),
    };
    let (body, dropped) = Encoder.write(request, &target).unwrap();
    let dropped = dropped.into_iter().map(|one| one.0).collect();
    (serde_json::from_slice(&body).unwrap(), dropped)
}

#[test]
fn every_request_of_a_chat_client_can_be_written() {
    golden::each("openai/request", 9, |case| {
        let request = openai::read::read(&case.input).unwrap();
        let (body, dropped) = written(&request);
        let written = json!({ "dropped": dropped, "body": body });
        case.check_json("responses.json", written.to_string().as_bytes());
    });
}

fn hello() -> Vec<Message> {
    vec![Message {
        role: Role::User,
        parts: vec![Part::text("Hello.")],
        name: None,
    }]
}

fn thinking(thoughts: Vec<Thought>) -> Request {
    Request {
        messages: vec![Message {
            role: Role::Assistant,
            parts: thoughts
                .into_iter()
                .map(Part::Thought)
                .chain([Part::text("So.")])
                .collect(),
            name: None,
        }],
        reasoning: Some(Reasoning {
            budget: Some(30_000),
            shown: true,
            ..Reasoning::default()
        }),
        ..Request::default()
    }
}

#[test]
fn openais_own_cipher_goes_back_with_its_name_and_summary_and_no_other_does() {
    let summary = Thought {
        text: "Hm.".into(),
        ..Thought::default()
    };
    let own = Thought {
        sealed: Some("rs_1.gAAAAB".into()),
        ..Thought::default()
    };
    let foreign = Thought {
        text: "Oh.".into(),
        signature: Some("c2lnbmVk".into()),
        ..Thought::default()
    };
    let (body, dropped) = written(&thinking(vec![summary, own]));
    assert_eq!(
        body["input"][0],
        json!({
            "type": "reasoning", "id": "rs_1", "summary": [{ "type": "summary_text", "text": "Hm." }], "encrypted_content": "gAAAAB",
        })
    );
    assert_eq!(dropped, Vec::<String>::new());
    assert_eq!(body["reasoning"], json!({ "effort": "high", "summary": "auto" }));
    assert_eq!(body["include"], json!(["reasoning.encrypted_content"]));
    assert_eq!(body["max_output_tokens"], 50);
    let (body, dropped) = written(&thinking(vec![foreign]));
    assert_eq!(body["input"][0]["type"], "message");
    assert_eq!(dropped, ["messages[].reasoning"]);
}

#[test]
fn the_title_of_a_document_is_said_above_it_or_named() {
    let of = |source| {
        let file = File {
            kind: FileKind::Document,
            source,
            name: Some("Report".into()),
            detail: None,
            cache: None,
        };
        let said = Message {
            role: Role::User,
            parts: vec![Part::File(file)],
            name: None,
        };
        let request = Request {
            messages: vec![said],
            ..Request::default()
        };
        let (mut body, dropped) = written(&request);
        (body["input"][0]["content"][0].take(), dropped)
    };
    let (text, dropped) = of(Source::Text("It rains.".into()));
    assert_eq!(text, json!({ "type": "input_text", "text": "Report\n\nIt rains." }));
    assert!(dropped.is_empty());
    for source in [
        Source::Url("https://example.com/a.pdf".into()),
        Source::Id("file-1".into()),
    ] {
        assert_eq!(of(source).1, ["messages[].filename"]);
    }
}

#[test]
fn not_thinking_is_a_word_where_the_model_knows_it_and_nothing_goes_with_it() {
    let request = Request {
        messages: hello(),
        reasoning: Some(Reasoning {
            off: true,
            shown: true,
            ..Reasoning::default()
        }),
        ..Request::default()
    };
    let told = |slug| {
        let (body, dropped) = Encoder.write(&request, &Target { slug, cap: None }).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        (body["reasoning"].clone(), body.get("include").is_some(), dropped.len())
    };
    assert_eq!(told("gpt-5.2"), (json!({"effort": "none"}), false, 0));
    assert_eq!(told("somebody-new"), (Value::Null, false, 1));
}

#[test]
fn a_function_says_that_its_arguments_are_an_object() {
    let tool = |schema: Value, strict| Tool {
        name: "f".to_owned(),
        description: None,
        schema,
        strict,
        cache: None,
    };
    let request = Request {
        messages: hello(),
        tools: vec![
            tool(json!({"properties": {"a": {"type": "string"}}}), None),
            tool(json!({}), Some(true)),
            tool(
                json!({"type": "object", "properties": {"a": {"type": "string"}}}),
                Some(true),
            ),
        ],
        ..Request::default()
    };
    let (body, dropped) = written(&request);
    let said = |at: usize| {
        (
            body["tools"][at]["parameters"].clone(),
            body["tools"][at]["strict"].clone(),
        )
    };
    assert_eq!(
        said(0),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
            json!(false)
        )
    );
    assert_eq!(said(1), (Value::Null, json!(true)));
    assert_eq!(said(2).1, json!(false));
    assert_eq!(dropped, ["tools.strict"]);
}
