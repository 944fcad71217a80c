//! What a scan reads, and what its edits leave alone.

use domain::catalog::Quirks;

use super::*;

fn responses(body: &str) -> Result<Scanned, RequestProblem> {
    scan(body.as_bytes())
}

/// As scanned, and where credit counts.
fn counted(body: &[u8], counts: bool) -> Scanned {
    let mut scanned = scan(body).unwrap();
    if counts {
        scanned.counts();
    }
    scanned
}

fn rewritten(body: &str, cap: Option<u64>) -> String {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let edited = counted(&body, cap.is_some()).rewrite(&body, "slug", &domain::catalog::Quirks::default(), cap);
    String::from_utf8(edited.to_vec()).unwrap()
}

#[test]
fn only_model_and_limit_change() {
    let cases = [
        (
            r#"{ "model" : "a/b", "x":[1.50e+2] }"#,
            None,
            r#"{ "model" : "slug", "x":[1.50e+2] }"#,
        ),
        (
            r#"{"input":"hi","max_output_tokens":9,"model":"slug"}"#,
            Some(9),
            r#"{"input":"hi","max_output_tokens":9,"model":"slug"}"#,
        ),
        (
            "\u{feff}{\"input\":\"hi\",\"max_output_tokens\":99,\"model\":\"x\"}",
            Some(7),
            r#"{"input":"hi","max_output_tokens":7,"model":"slug"}"#,
        ),
        (r#"{"model":"x"}"#, Some(7), r#"{"max_output_tokens":7,"model":"slug"}"#),
        (
            r#"{"model":"x","max_output_tokens":null}"#,
            Some(7),
            r#"{"model":"slug","max_output_tokens":7}"#,
        ),
    ];
    for (body, cap, wanted) in cases {
        assert_eq!(rewritten(body, cap), wanted, "{body}");
    }
}

#[test]
fn figures_are_those_that_holds_need() {
    let scanned = responses(
        r#"{"model":"m","stream":true,"max_output_tokens":12,"tools":[{"type":"function"}],"input":[
            {"role":"user","content":[{"type":"input_text","text":"1234"},
                {"type":"input_image","image_url":"data:image/png;base64,AAAA"},
                {"type":"input_image","image_url":"https://example.com/a.png"},
                {"type":"input_file","file_data":"BBBB"}]},
            {"type":"function_call_output","output":[{"type":"input_image","image_url":"data:image/svg+xml;base64,CC"}]}]}"#,
    )
    .unwrap();
    assert!(scanned.stream && scanned.tools && scanned.chat);
    assert_eq!(scanned.output_limit, Some(12));
    let (embedded, vectors) = ("data:image/png;base64,AAAA".len(), "data:image/svg+xml;base64,CC".len());
    assert_eq!(scanned.files.count, 4);
    assert_eq!(scanned.files.image_bytes, embedded as u64);
    assert_eq!(scanned.files.bytes, (embedded + vectors + 4) as u64);
    assert_eq!(scanned.files.unmeasured, None);
}

#[test]
fn what_only_begins_like_a_picture_is_text() {
    let words = "word ".repeat(1_000);
    for url in [
        format!("data:image/png;{words}"),
        format!("data:image/png;base64 {words}"),
    ] {
        let body = format!(
            r#"{{"model":"m","input":[{{"role":"user","content":[{{"type":"input_image","image_url":"{url}"}}]}}]}}"#
        );
        let scanned = responses(&body).unwrap();
        assert_eq!((scanned.files.count, scanned.files.bytes), (1, 0), "{url:.40}");
        assert_eq!(scanned.bytes, body.len() as u64, "{url:.40}");
        assert!(scanned.prompt_bytes >= url.len() as u64, "{url:.40}");
    }
}

#[test]
fn what_is_only_named_has_no_size() {
    for (body, named) in [
        (
            r#"{"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]}"#,
            "file_id",
        ),
        (
            r#"{"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_url":"https://x"}]}]}"#,
            "file_url",
        ),
    ] {
        assert_eq!(
            responses(body).unwrap().files.unmeasured.as_deref(),
            Some(named),
            "{body}"
        );
    }
    for (body, member) in [
        (r#"{"model":"m","max_output_tokens":"9"}"#, "max_output_tokens"),
        (r#"{"model":"m","max_output_tokens":0}"#, "max_output_tokens"),
    ] {
        assert_eq!(responses(body).unwrap().unlimited, Some(member), "{body}");
    }
}

/// The provider would answer 200 at once with nothing in it, and nobody could ever fetch the rest here.
#[test]
fn nothing_is_answered_in_the_background() {
    for body in [
        r#"{"model":"m","input":"x","background":true}"#,
        r#"{"background":true,"model":"m","input":"x","background":false,"stream":true}"#,
        r#"{"model":"m","input":"x","back\u0067round":true,"store":true}"#,
        r#"{"model":"m","input":"x","background":1}"#,
        r#"{"model":"m","input":"x","background":"true"}"#,
        r#"{"model":"m","input":"x","background":{}}"#,
    ] {
        let problem = responses(body).unwrap_err();
        let told = (problem.param.as_deref(), problem.code);
        assert_eq!(told, (Some("background"), "unsupported_parameter"), "{body}");
        assert!(
            problem.message.contains("leave 'background' out"),
            "{}",
            problem.message
        );
    }
    for body in [
        r#"{"model":"m","background":false}"#,
        r#"{"model":"m","background":null}"#,
    ] {
        assert_eq!(responses(body).unwrap().unlimited, None, "{body}");
    }
}

#[test]
fn what_may_be_somebody_elses_is_refused() {
    for body in [
        r#"{"model":"m","input":[{"type":"item_reference","id":"msg_1"}]}"#,
        r#"{"model":"m","input":[{"role":"user","content":"x"},{"id":"msg_1"}]}"#,
        r#"{"model":"m","input":[{"type":null,"id":"msg_1"}]}"#,
        r#"{"model":"m","conversation":"conv_1"}"#,
        r#"{"model":"m","tools":[{"type":"code_interpreter","container":"cntr_1"}]}"#,
        r#"{"model":"m","background":true,"conversation":{"id":"conv_1"}}"#,
        r#"{"model":"m","prompt":{"id":"pmpt_1","variables":{}}}"#,
        r#"{"model":"m","tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]}"#,
        r#"{"model":"m","tools":[{"type":"function","name":"f"},{"type":"file_search","vector\u005fstore_ids":["vs_1"]}]}"#,
        r#"{"model":"m","tools":[{"type":"file_search","vector_store_ids":[],"vector_store_ids":["vs_1"]}]}"#,
        r#"{"model":"m","tools":[{"vector_store_ids":["vs_1"]}]}"#,
        r#"{"model":"m","tools":[{"type":"image_generation","input_image_mask":{"file_id":"file-1"}}]}"#,
        r#"{"model":"m","tools":[{"type":"shell","environment":{"type":"container_reference","container_id":"cntr_1"}}]}"#,
        r#"{"model":"m","tools":[{"type":"shell","environment":{"type":"container_auto","skills":[{"skill_id":"skill_1"}]}}]}"#,
        r#"{"model":"m","input":[{"type":"additional_tools","tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]}]}"#,
        r#"{"model":"m","input":[{"type":"image_generation_call","id":"ig_1"}]}"#,
    ] {
        assert_eq!(responses(body).unwrap_err().code, "unknown_reference", "{body}");
    }
    for body in [
        r#"{"model":"m","conversation":null,"input":[{"role":"assistant","id":"msg_1","content":"x"}]}"#,
        r#"{"model":"m","tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":[]}}]}"#,
        r#"{"model":"m","input":[{"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"{}"}]}"#,
        r#"{"model":"m","prompt":null,"tools":[{"type":"web_search","filters":{"allowed_domains":["a.example"]}}]}"#,
        r#"{"model":"m","tools":[{"type":"mcp","server_label":"s","connector_id":"connector_gmail","headers":{"x_id":"1"}}]}"#,
        // Words of the client's own tools are the client's.
        r#"{"model":"m","tools":[{"type":"function","name":"f","parameters":{"properties":{"file_id":{"type":"string"}}}}]}"#,
        r#"{"model":"m","input":[{"type":"mcp_list_tools","tools":[{"name":"t","input_schema":{"properties":{"file_id":{}}}}]}]}"#,
        r#"{"model":"m","input":[{"type":"image_generation_call","id":"ig_1","result":"AAAA"}]}"#,
        r#"{"model":"m","tools":[{"type":"file_search","vector_store_ids":[]}]}"#,
    ] {
        assert!(responses(body).is_ok(), "{body}");
    }
}

#[test]
fn what_is_kept_is_found_wherever_it_is_named() {
    let input = |item: &str| format!(r#"{{"model":"m","input":[{item}]}}"#);
    let part = |part: &str| input(&format!(r#"{{"role":"user","content":[{part}]}}"#));
    let tools = |tool: &str| format!(r#"{{"model":"m","tools":[{tool}]}}"#);
    for (body, named) in [
        (
            part(r#"{"type":"input_file","file_data":"AAAA","file_id":"file-1"}"#),
            "file_id",
        ),
        (
            part(r#"{"type":"input_image","image_url":"data:,","file_id":"file-1"}"#),
            "file_id",
        ),
        (
            part(r#"{"type":"of_tomorrow","source":{"file_id":"file-1"}}"#),
            "file_id",
        ),
        (
            input(
                r#"{"type":"computer_call_output","call_id":"c","output":{"type":"computer_screenshot","file_id":"f"}}"#,
            ),
            "file_id",
        ),
        (
            input(r#"{"type":"code_interpreter_call","id":"ci_1","code":"1","container_id":"cntr_1"}"#),
            "container_id",
        ),
    ] {
        assert_eq!(responses(&body).unwrap().files.kept.as_deref(), Some(named), "{body}");
    }
    for body in [
        part(r#"{"type":"input_text","text":"\"file_id\":\"x\""}"#),
        part(r#"{"type":"input_file","file_id":null,"file_data":"AAAA"}"#),
        input(
            r#"{"role":"assistant","id":"msg_1","content":[{"type":"output_text","text":"x","annotations":[{"type":"file_citation","file_id":"f"}]}]}"#,
        ),
        tools(
            r#"{"type":"function","name":"f","parameters":{"properties":{"file_id":{"type":"string"}},"required":["file_id"]}}"#,
        ),
        tools(r#"{"type":"code_interpreter","container":{"type":"auto","file_ids":[]}}"#),
    ] {
        assert_eq!(responses(&body).unwrap().files.kept, None, "{body}");
    }
}

#[test]
fn what_has_two_types_is_refused() {
    for body in [
        r#"{"model":"m","input":[{"type":"item_reference","type":"message","role":"user","content":"x","id":"msg_1"}]}"#,
        r#"{"model":"m","input":[{"role":"user","content":[{"type":"input_file","t\u0079pe":"input_text","text":"x"}]}]}"#,
        r#"{"model":"m","tools":[{"type":"web_search","type":"function","name":"f"}]}"#,
    ] {
        assert_eq!(responses(body).unwrap_err().code, "duplicate_field", "{body}");
    }
}

/// Only where bytes pass: other wires are told what an item says, and look for nothing.
#[test]
fn an_item_without_words_is_refused_where_its_provider_would_look_for_it() {
    use crate::wire::speech::Speech;
    use domain::{call::Dialect, catalog::ProviderKind};

    let prepared = |kind, item: &str| {
        let body = format!(r#"{{"model":"m","input":[{{"role":"user","content":"x"}},{item}]}}"#);
        let mut scanned = responses(&body).unwrap();
        let speech = Speech::between(Dialect::OpenaiResponses, kind, "gpt-5");
        speech
            .prepare(&mut scanned, body.as_bytes(), "m")
            .map_err(|problem| problem.code)
    };
    for item in [
        r#"{"type":"compaction","id":"cmp_1"}"#,
        r#"{"type":"message","role":"assistant","id":"msg_1","content":[]}"#,
        r#"{"type":"web_search_call","id":"ws_1","status":"completed"}"#,
    ] {
        assert_eq!(prepared(ProviderKind::Openai, item), Err("unknown_reference"), "{item}");
    }
    for item in [
        r#"{"type":"reasoning","id":"rs_1","summary":[]}"#,
        r#"{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"x"}],"encrypted_content":null}"#,
        r#"{"type":"reasoning","id":"rs_1","summary":[],"content":null,"encrypted_content":"x"}"#,
        r#"{"type":"reasoning","summary":[{"type":"summary_text","text":"x"}]}"#,
        r#"{"type":"compaction","id":"cmp_1","encrypted_content":"x"}"#,
        r#"{"type":"image_generation_call","id":"ig_1","result":"AAAA"}"#,
        r#"{"type":"custom_tool_call","id":"ctc_1","call_id":"c","name":"f","input":"x"}"#,
        r#"{"type":"custom_tool_call_output","call_id":"c","output":"x"}"#,
        r#"{"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"{}"}"#,
        r#"{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"x"}}"#,
        r#"{"type":"local_shell_call","id":"lsh_1","call_id":"c","action":{"type":"exec","command":["ls"]}}"#,
    ] {
        assert_eq!(prepared(ProviderKind::Openai, item), Ok(()), "{item}");
    }
    let thought =
        r#"{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"x"}],"encrypted_content":null}"#;
    assert_eq!(prepared(ProviderKind::Anthropic, thought), Ok(()));
}

#[test]
fn what_no_price_counts_is_named() {
    for (body, named) in [
        (r#"{"model":"m","inference_geo":"us"}"#, Some("inference_geo")),
        (r#"{"model":"m","container":{"skills":[1]}}"#, Some("container")),
        (r#"{"model":"m","service_tier":"priority"}"#, Some("service_tier")),
        (r#"{"model":"m","service_tier":"auto"}"#, None),
        (
            r#"{"model":"m","input":[{"type":"additional_tools","tools":[{"type":"web_search"}]}]}"#,
            Some("input.tools"),
        ),
        (
            r#"{"model":"m","input":[{"type":"additional_tools","tools":[{"type":"function","name":"f"}]}]}"#,
            None,
        ),
        (
            r#"{"model":"m","input":[{"type":"additional_tools","tools":{"type":"web_search"}}]}"#,
            Some("input.tools"),
        ),
        // There is no list of which one could be left out.
        (r#"{"model":"m","tools":{"type":"web_search"}}"#, Some("tools")),
        (r#"{"model":"m","tools":"web_search"}"#, Some("tools")),
        (r#"{"model":"m","tools":null}"#, None),
        (r#"{"model":"m","tools":[]}"#, None),
        // Left out, not refused.
        (r#"{"model":"m","tools":[{"type":"web_search"}]}"#, None),
    ] {
        assert_eq!(responses(body).unwrap().unpriced, named, "{body}");
    }
}

#[test]
fn what_decides_must_be_readable() {
    for (body, param, code) in [
        ("[]", None, "invalid_json"),
        ("{\"model\":\"\u{1}\"}", None, "invalid_json"),
        ("{}", Some("model"), "missing_model"),
        (r#"{"model":7}"#, Some("model"), "invalid_type"),
        (r#"{"model":"m","stream":"yes"}"#, Some("stream"), "invalid_type"),
        (r#"{"model":"m","mod\u0065l":"n"}"#, Some("model"), "duplicate_field"),
        (
            r#"{"model":"m","max_output_tokens":1,"max_output_tokens":2}"#,
            Some("max_output_tokens"),
            "duplicate_field",
        ),
    ] {
        let problem = responses(body).unwrap_err();
        assert_eq!((problem.param.as_deref(), problem.code), (param, code), "{body}");
    }
}

#[test]
fn tools_that_run_at_the_provider_are_left_out_where_credit_counts() {
    let f = r#"{"type":"function","name":"f"}"#;
    let search = r#"{"type":"web_search","external_web_access":false}"#;
    let run = r#"{"type":"code_interpreter"}"#;
    let with = |tools: &[&str]| {
        format!(
            r#"{{"tools":[ {} ],"model":"slug","max_output_tokens":5}}"#,
            tools.join(" , ")
        )
    };
    for tools in [
        vec![search, f, run],
        vec![f, search, run],
        vec![search, run, f],
        vec![search, run],
        vec![f],
    ] {
        let body = with(&tools);
        assert_eq!(rewritten(&body, None), body);
        let edited: serde_json::Value = serde_json::from_str(&rewritten(&body, Some(5))).unwrap();
        let wanted: serde_json::Value = match tools.contains(&f) {
            true => serde_json::from_str(&format!("[{f}]")).unwrap(),
            false => serde_json::json!([]),
        };
        assert_eq!(edited["tools"], wanted, "{body}");
        let left: Vec<String> = counted(body.as_bytes(), true)
            .left_out(body.as_bytes(), &Quirks::default(), Refused::NOTHING)
            .into_iter()
            .map(|left| left.0)
            .collect();
        assert_eq!(left.len(), tools.len() - usize::from(tools.contains(&f)), "{left:?}");
        let free = responses(&body).unwrap();
        let left = free.left_out(body.as_bytes(), &Quirks::default(), Refused::NOTHING);
        assert!(left.is_empty());
    }
}

#[test]
fn a_tool_in_an_unclear_shape_is_left_out_as_one_that_runs_at_the_provider() {
    let f = r#"{"type":"function","name":"f"}"#;
    let own = format!(r#"{{"type":"namespace","name":"n","tools":[{f}]}}"#);
    for (tool, stays) in [
        (r#"{"google_search":{}}"#, false),
        (r#"{"type":1}"#, false),
        (r#"[{"type":"web_search"}]"#, false),
        (r#"{"type":"function","name":"g","Type":"web_search"}"#, false),
        (
            r#"{"type":"namespace","name":"n","tools":[{"type":"web_search"}]}"#,
            false,
        ),
        (
            r#"{"type":"namespace","name":"n","tools":{"type":"web_search"}}"#,
            false,
        ),
        (
            r#"{"type":"namespace","name":"n","tools":[{"type":"namespace","tools":[{"type":"web_search"}]}]}"#,
            false,
        ),
        (&own, true),
        (r#"{"type":"namespace","name":"n"}"#, true),
    ] {
        let body = format!(r#"{{"model":"slug","max_output_tokens":5,"tools":[{tool},{f}]}}"#);
        assert_eq!(rewritten(&body, None), body);
        let edited: serde_json::Value = serde_json::from_str(&rewritten(&body, Some(5))).unwrap();
        let left = edited["tools"].as_array().unwrap().len();
        assert_eq!(left, 1 + usize::from(stays), "{tool}");
    }
}

#[test]
fn a_choice_goes_with_the_tools_that_it_chose_among() {
    let (f, search) = (r#"{"type":"function","name":"f"}"#, r#"{"type":"web_search"}"#);
    let edited = |body: &str| -> serde_json::Value { serde_json::from_str(&rewritten(body, Some(5))).unwrap() };
    let allowed = format!(r#"{{"type":"allowed_tools","mode":"required","tools":[{search},{f}]}}"#);
    let only_search = format!(r#"{{"type":"allowed_tools","mode":"required","tools":[{search}]}}"#);
    for (tools, choice, left) in [
        (vec![search], r#""required""#, None),
        (vec![search], r#""auto""#, None),
        (vec![search, f], r#""required""#, Some(r#""required""#.to_owned())),
        (vec![search, f], search, None),
        (vec![search, f], r#"{"type":"mcp","server_label":"x"}"#, None),
        (vec![search, f], f, Some(f.to_owned())),
        (
            vec![search, f],
            &allowed,
            Some(format!(r#"{{"type":"allowed_tools","mode":"required","tools":[{f}]}}"#)),
        ),
        (vec![search, f], &only_search, None),
        // Nothing is left out.
        (vec![f], r#""required""#, Some(r#""required""#.to_owned())),
    ] {
        let tools = tools.join(",");
        for body in [
            format!(r#"{{"tool_choice" : {choice} , "model":"slug","tools":[{tools}]}}"#),
            format!(r#"{{"model":"slug","tools":[{tools}] , "tool_choice": {choice}}}"#),
            format!(r#"{{"tools":[{tools}],"tool_choice":{choice},"model":"slug","x":[1,2]}}"#),
        ] {
            let wanted: Option<serde_json::Value> = left.as_ref().map(|left| serde_json::from_str(left).unwrap());
            assert_eq!(edited(&body).get("tool_choice").cloned(), wanted, "{body}");
            assert_eq!(edited(&body)["max_output_tokens"], 5);
            assert_eq!(rewritten(&body, None), body);
            let told = counted(body.as_bytes(), true);
            let told = told.left_out(body.as_bytes(), &Quirks::default(), Refused::NOTHING);
            let told = told.iter().any(|left| left.0 == "tool_choice");
            assert_eq!(told, left.as_deref() != Some(choice), "{body}");
        }
    }
}

#[test]
fn what_is_priced_apart_and_what_goes_on_is_noticed() {
    for (member, unpriced, continues) in [
        (r#""service_tier":"priority""#, Some("service_tier"), false),
        (r#""service_tier":"auto""#, None, false),
        (r#""previous_response_id":"resp_1""#, None, true),
        (r#""previous_response_id":null"#, None, false),
    ] {
        let scanned = responses(&format!(r#"{{"model":"m",{member}}}"#)).unwrap();
        assert_eq!((scanned.unpriced, scanned.continues), (unpriced, continues), "{member}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = scan(&body);
    }
}
