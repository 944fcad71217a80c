//! What is said: empty texts, questions without words, instructions.

use super::*;

#[test]
fn empty_texts_are_left_out_where_nothing_is_lost() {
    let call = Part::ToolCall(ToolCall {
        id: "c1".to_owned(),
        name: "f".to_owned(),
        arguments: "{}".to_owned(),
        signature: None,
    });
    let result = Part::ToolResult(ToolResult {
        id: "c1".to_owned(),
        name: None,
        parts: vec![Part::text(" \n")],
        failed: false,
        cache: None,
    });
    let marked = Part::Text {
        text: "\n".to_owned(),
        cache: Some(CacheMark::FiveMinutes),
    };
    let request = Request {
        messages: vec![
            message(Role::System, vec![Part::text("")]),
            message(Role::User, vec![Part::text("hi"), Part::text("  ")]),
            message(Role::Assistant, vec![Part::text(""), call]),
            message(Role::User, vec![result]),
            message(Role::User, vec![marked]),
        ],
        ..Request::default()
    };
    let (body, dropped) = write(&request, "claude-haiku-4-5", None);
    let wanted = json!([
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1"}]},
    ]);
    assert_eq!((&body["messages"], &body["system"]), (&wanted, &Value::Null));
    assert_eq!(dropped, ["cache_control"]);
}

#[test]
fn a_question_without_words_is_refused_and_not_another_one_asked() {
    let said = |role, text: &str| message(role, vec![Part::text(text)]);
    let conversation = |messages: Vec<Message>| {
        let request = Request {
            messages,
            ..Request::default()
        };
        let target = Target {
            slug: "claude-haiku-4-5",
            cap: None,
        };
        Encoder.write(&request, &target).map_err(|problem| problem.param)
    };
    let refused = Err("messages".to_owned());
    let (system, user, assistant) = (Role::System, Role::User, Role::Assistant);
    assert_eq!(conversation(vec![said(user, " \n\t")]), refused);
    assert_eq!(conversation(Vec::new()), refused);
    // The instructions would be taken for the question.
    assert_eq!(conversation(vec![said(system, "be brief"), said(user, "")]), refused);
    // The model would go on with its own answer.
    assert_eq!(
        conversation(vec![said(user, "hi"), said(assistant, "hello"), said(user, "")]),
        refused
    );
    for fine in [
        vec![said(system, "be brief")],
        vec![said(user, ""), said(user, "hi")],
        vec![said(user, "hi"), said(user, "")],
        vec![
            said(user, "hi"),
            said(assistant, "a"),
            said(user, ""),
            said(assistant, "b"),
        ],
    ] {
        let (body, _) = conversation(fine.clone()).unwrap();
        assert!(!String::from_utf8(body).unwrap().contains("\"text\":\"\""), "{fine:?}");
    }
}

#[test]
fn instructions_go_to_the_top_or_stay_where_the_model_takes_them() {
    let request = Request {
        messages: vec![
            message(Role::Developer, vec![Part::text("first")]),
            message(Role::User, vec![Part::text("a")]),
            message(Role::System, vec![Part::text("later")]),
            message(Role::Assistant, vec![Part::text("b  \n")]),
        ],
        ..asking("")
    };
    let (body, _) = write(&request, "claude-opus-4-6", None);
    assert_eq!(
        body["system"],
        json!([{"type": "text", "text": "first"}, {"type": "text", "text": "later"}])
    );
    // The model goes on with its own words, which must not end with white space.
    assert_eq!(body["messages"][1]["content"][0]["text"], "b");
    let (body, _) = write(&request, "claude-opus-5-5", None);
    assert_eq!(body["system"], json!([{"type": "text", "text": "first"}]));
    assert_eq!(body["messages"][1]["role"], "system");
    let alone = Request {
        messages: vec![message(Role::System, vec![Part::text("say hi")])],
        ..asking("")
    };
    let (body, _) = write(&alone, "claude-opus-4-6", None);
    assert_eq!(
        (&body["messages"][0]["role"], &body["system"]),
        (&json!("user"), &Value::Null)
    );
}
