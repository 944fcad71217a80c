//! What is read of a request, and which of its bytes change.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn scanned(body: &str) -> Scanned {
    scan(body.as_bytes()).unwrap()
}

fn rewritten(body: &str, slug: &str, cap: Option<u64>) -> String {
    let bytes = Bytes::copy_from_slice(body.as_bytes());
    let out = scanned(body).rewrite(&bytes, slug, cap, crate::wire::refused::Refused::NOTHING);
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn only_the_model_changes() {
    let body = "\u{feff}{ \"new\" : [1, 2] ,\"mod\\u0065l\": \"a\\/b\", \"max_tokens\" :9,\n\"stream\":true }";
    assert_eq!(
        rewritten(body, "claude-x", None),
        "{ \"new\" : [1, 2] ,\"mod\\u0065l\": \"claude-x\", \"max_tokens\" :9,\n\"stream\":true }"
    );
    let same = rewritten(body, "a/b", Some(9));
    assert_eq!(format!("\u{feff}{same}"), body);
    let found = scanned(body);
    assert_eq!(
        (found.model.as_str(), found.stream, found.output_limit),
        ("a/b", true, Some(9))
    );
}

#[test]
fn a_cap_lowers_the_limit_and_what_is_thought_with() {
    let body = r#"{"max_tokens":32000,"thinking":{"type":"enabled","budget_tokens":31999},"model":"m","messages":[]}"#;
    assert_eq!(
        rewritten(body, "m", Some(5000)),
        r#"{"max_tokens":5000,"thinking":{"type":"enabled","budget_tokens":4999},"model":"m","messages":[]}"#
    );
    assert_eq!(rewritten(body, "m", Some(40_000)), body);
    // Credit for so little is refused before (`least_output`).
    assert_eq!(
        rewritten(body, "m", Some(500)),
        r#"{"max_tokens":500,"thinking":{"type":"enabled","budget_tokens":31999},"model":"m","messages":[]}"#
    );
    assert_eq!(
        rewritten(r#"{"model":"m"}"#, "m", Some(7)),
        r#"{"max_tokens":7,"model":"m"}"#
    );
    assert_eq!(
        rewritten(r#"{"model":"m","max_tokens":null}"#, "m", Some(7)),
        r#"{"model":"m","max_tokens":7}"#
    );
}

#[test]
fn what_costs_more_than_can_be_foreseen_is_named() {
    let with = |member: &str| scanned(&format!(r#"{{"model":"m",{member}}}"#)).unlimited;
    assert_eq!(with(r#""max_tokens":1"#), None);
    assert_eq!(with(r#""max_tokens":"many""#), Some("max_tokens"));
    assert_eq!(with(r#""speed":"fast""#), Some("speed"));
    assert_eq!(with(r#""speed":"standard""#), None);
    assert_eq!(with(r#""inference_geo":"us""#), Some("inference_geo"));
    assert_eq!(with(r#""tools":[{"name":"a"},{"type":"custom","name":"b"}]"#), None);
    assert_eq!(
        with(r#""tools":[{"type":"web_search_20260318","name":"web_search"}]"#),
        Some("tools")
    );
    for tools in [
        r#"{"type":"web_search_20260318"}"#,
        r#"[[{"type":"web_search_20260318"}]]"#,
        r#"[{"type":"custom","Type":"web_search_20260318"}]"#,
        r#"[{"type":"web_search_20260318","type":"custom"}]"#,
        r#"[{"type":1}]"#,
    ] {
        assert_eq!(with(&format!(r#""tools":{tools}"#)), Some("tools"), "{tools}");
    }
    for tools in ["null", "[]", r#"[{"type":null,"name":"a"}]"#] {
        assert_eq!(with(&format!(r#""tools":{tools}"#)), None, "{tools}");
    }
    assert_eq!(with(r#""mcp_servers":[{}]"#), Some("mcp_servers"));
    assert_eq!(
        with(r#""context_management":{"edits":[{"type":"clear_thinking_20251015"}]}"#),
        None
    );
    assert_eq!(
        with(r#""context_management":{"edits":[{"type":"compact_20260112"}]}"#),
        Some("context_management")
    );
    assert_eq!(
        with(r#""context_management":{"edits":[{"type":"clear_thinking_20251015"},{"type":"comp\u0061ct_20260112"}]}"#),
        Some("context_management")
    );
}

#[test]
fn files_are_found_where_they_may_stand() {
    let body = include_bytes!("../../../../fixtures/anthropic/requests/files.in.json");
    let files = scan(body).unwrap().files;
    // Three pictures, a document with its content, one by its address.
    assert_eq!(
        (files.count, files.images, files.unmeasured.as_deref()),
        (5, true, Some("file_id"))
    );
    assert_eq!((files.bytes, files.image_bytes), (8 + 8, 8));
    let body = include_bytes!("../../../../fixtures/anthropic/requests/tools.in.json");
    let tools = scan(body).unwrap();
    assert_eq!((tools.files.count, tools.files.image_bytes, tools.tools), (1, 12, true));
    let plain = scanned(r#"{"model":"m","system":"12","messages":[{"role":"user","content":"3456"}]}"#);
    assert_eq!((plain.files, plain.prompt_bytes), (Files::default(), 2 + 4 + 4));
}

#[test]
fn blocks_lie_in_blocks_as_deep_as_a_provider_takes_them() {
    let picture = r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}"#;
    let in_tool = |inner: &str| format!(r#"{{"type":"tool_result","tool_use_id":"t","content":[{inner}]}}"#);
    let in_document =
        |inner: &str| format!(r#"{{"type":"document","source":{{"type":"content","content":[{inner}]}}}}"#);
    let read = |member: &str, block: &str| {
        let content = match member {
            "messages" => format!(r#"[{{"role":"user","content":[{block}]}}]"#),
            _ => format!("[{block}]"),
        };
        scan(format!(r#"{{"model":"m","{member}":{content}}}"#).as_bytes())
    };
    for member in ["messages", "system"] {
        for block in [
            picture.to_owned(),
            in_tool(picture),
            in_document(picture),
            in_tool(&in_document(picture)),
        ] {
            assert_eq!(read(member, &block).unwrap().files.image_bytes, 4, "{member} {block}");
        }
        let mut deeper = in_tool(&in_document(&in_tool(picture)));
        for _ in 0..20 {
            let problem = read(member, &deeper).unwrap_err();
            let (code, param) = (problem.code, problem.param.as_deref());
            assert_eq!((code, param), ("nested_too_deeply", Some(member)), "{deeper}");
            deeper = in_tool(&in_document(&deeper));
        }
    }
}

/// A document that is told as a picture as well would count as one.
#[test]
fn a_block_says_once_what_it_is() {
    let pdf = r#"{"type":"base64","media_type":"application/pdf","data":"AAAA"}"#;
    let in_tool = |inner: &str| format!(r#"{{"type":"tool_result","tool_use_id":"t","content":[{inner}]}}"#);
    for block in [
        format!(r#"{{"type":"document","type":"image","source":{pdf}}}"#),
        format!(r#"{{"type":"image","type":"document","source":{pdf}}}"#),
        format!(r#"{{"type":"document","t\u0079pe":"image","source":{pdf}}}"#),
        format!(r#"{{"type":"image","Type":"document","source":{pdf}}}"#),
        format!(
            r#"{{"type":"document","source":{}}}"#,
            pdf.replace("64\",", "64\",\"type\":\"text\",")
        ),
    ] {
        for block in [block.clone(), in_tool(&block)] {
            for body in [
                format!(r#"{{"model":"m","messages":[{{"role":"user","content":[{block}]}}]}}"#),
                format!(r#"{{"model":"m","messages":[],"system":[{block}]}}"#),
            ] {
                let problem = scan(body.as_bytes()).unwrap_err();
                let told = (problem.code, problem.param.as_deref());
                assert_eq!(told, ("duplicate_field", Some("type")), "{body}");
            }
        }
    }
    // Of two contents each counts.
    let picture = r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}"#;
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":[{{"type":"document","source":{{"type":"content","content":[{picture}],"content":[]}}}}]}}]}}"#
    );
    assert_eq!(scanned(&body).files.count, 1);
}

#[test]
fn files_before_the_conversation_are_found_too() {
    let with = |system: &str| scanned(&format!(r#"{{"model":"m","messages":[],"system":{system}}}"#)).files;
    let kept = with(r#"[{"type":"document","source":{"type":"file","file_id":"file_1"}}]"#);
    assert_eq!(kept.kept.as_deref(), Some("file_id"));
    let twice = with(r#"[{"type":"document","source":{"type":"text","file_id":"file_1","file_id":null}}]"#);
    assert_eq!(twice.kept.as_deref(), Some("file_id"));
    let far = with(r#"[{"type":"document","source":{"type":"url","url":"https://example.com/a.pdf"}}]"#);
    assert_eq!(far.unmeasured.as_deref(), Some("url"));
    assert_eq!(with(r#"[{"type":"text","text":"x"}]"#), Files::default());
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        ("[]", "invalid_json", None),
        ("{\"model\":\"m\"", "invalid_json", None),
        ("{}", "missing_model", Some("model")),
        (r#"{"model":""}"#, "missing_model", Some("model")),
        (r#"{"model":7}"#, "invalid_type", Some("model")),
        (r#"{"model":"m","stream":1}"#, "invalid_type", Some("stream")),
        (r#"{"model":"m","model":"n"}"#, "duplicate_field", Some("model")),
        (
            r#"{"model":"m","max_tokens":1,"max_t\u006fkens":2}"#,
            "duplicate_field",
            Some("max_tokens"),
        ),
    ];
    for (body, code, param) in cases {
        let problem = scan(body.as_bytes()).unwrap_err();
        assert_eq!((problem.code, problem.param.as_deref()), (code, param), "{body}");
    }
}

proptest! {
    /// Whatever else stands in a request stays, and the edited request is JSON that says what it should.
    #[test]
    fn edits_stay_edits(max_tokens in prop::option::of(1..9_000_u64), budget in prop::option::of(1..9_000_u64), cap in prop::option::of(1..9_000_u64), before in any::<bool>()) {
        let mut body = serde_json::Map::new();
        if before { body.insert("x".into(), json!({"model": "inner", "max_tokens": 3})); }
        if let Some(budget) = budget { body.insert("thinking".into(), json!({"type": "enabled", "budget_tokens": budget})); }
        body.insert("model".into(), json!("m"));
        if let Some(max_tokens) = max_tokens { body.insert("max_tokens".into(), json!(max_tokens)); }
        let out: serde_json::Value = serde_json::from_str(&rewritten(&serde_json::to_string(&body).unwrap(), "n\"", cap)).unwrap();
        prop_assert_eq!(&out["model"], "n\"");
        let limit = match (max_tokens, cap) { (Some(a), Some(b)) => Some(a.min(b)), (a, b) => a.or(b) };
        prop_assert_eq!(out["max_tokens"].as_u64(), limit);
        prop_assert_eq!(&out["x"], body.get("x").unwrap_or(&serde_json::Value::Null));
    }

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = scan(&body);
    }
}

#[test]
fn a_model_that_is_given_so_much_to_think_with_needs_more_than_that() {
    let least = |max_tokens: &str, thinking: &str| {
        scanned(&format!(
            r#"{{"model":"m","messages":[]{max_tokens},"thinking":{thinking}}}"#
        ))
        .least_output
    };
    let enabled = r#"{"type":"enabled","budget_tokens":2000}"#;
    assert_eq!(least(r#","max_tokens":4000"#, enabled), 1_025);
    assert_eq!(least("", enabled), 1_025);
    // What is wrong with it the provider says.
    assert_eq!(least(r#","max_tokens":2000"#, enabled), 0);
    assert_eq!(least(r#","max_tokens":4000"#, r#"{"type":"adaptive"}"#), 0);
    assert_eq!(least(r#","max_tokens":4000"#, "null"), 0);
    let body = format!(r#"{{"max_tokens":4000,"thinking":{enabled},"model":"m","messages":[]}}"#);
    let capped: serde_json::Value = serde_json::from_str(&rewritten(&body, "m", Some(1_025))).unwrap();
    assert_eq!(
        (&capped["max_tokens"], &capped["thinking"]["budget_tokens"]),
        (&json!(1_025), &json!(1_024))
    );
}

#[test]
fn what_the_provider_keeps_is_noticed() {
    let kept = |content: &str, more: &str| {
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{content}}}]{more}}}"#);
        scanned(&body).files.kept
    };
    for (content, more, wanted) in [
        (
            r#"[{"type":"image","source":{"type":"file","file_id":"file_1"}}]"#,
            "",
            Some("file_id"),
        ),
        (
            r#"[{"type":"document","source":{"type":"file","file_id":"file_1"}}]"#,
            "",
            Some("file_id"),
        ),
        (
            r#"[{"type":"container_upload","file_id":"file_1"}]"#,
            "",
            Some("file_id"),
        ),
        (r#""x""#, r#","container":"container_1""#, Some("container")),
        (
            r#""x""#,
            r#","container":{"id":"container_1","skills":[]}"#,
            Some("container"),
        ),
        (r#""x""#, r#","container":{"skills":[]}"#, None),
        (
            r#"[{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]"#,
            "",
            None,
        ),
        (r#"[{"type":"text","text":"\"file_id\""}]"#, "", None),
    ] {
        assert_eq!(kept(content, more).as_deref(), wanted, "{content} {more}");
    }
}

#[test]
fn sampling_is_left_out_for_models_that_know_none() {
    let body = r#"{"temperature":0.5,"model":"m","max_tokens":5,"top_p":1,"top_k":3,"messages":[]}"#;
    let bytes = Bytes::copy_from_slice(body.as_bytes());
    let sent = |slug: &str| {
        let scanned = scanned(body);
        let refused = scanned.refused(slug);
        let told = scanned.left_out(refused).into_iter().map(|dropped| dropped.0);
        (scanned.rewrite(&bytes, slug, None, refused), told.collect::<Vec<_>>())
    };
    for slug in ["claude-opus-4-1", "claude-sonnet-4-5", "deepseek-chat"] {
        assert_eq!(
            sent(slug),
            (body.replace("\"m\"", &format!("\"{slug}\"")).into(), vec![])
        );
    }
    let wanted = r#"{"model":"claude-opus-5-5","max_tokens":5,"top_p":1,"messages":[]}"#;
    assert_eq!(
        sent("claude-opus-5-5"),
        (wanted.into(), vec!["temperature".to_owned(), "top_k".to_owned()])
    );
}
