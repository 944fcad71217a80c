//! What a scan reads, and what its edits leave alone.

use super::*;

fn responses(body: &str) -> Result<Scanned, RequestProblem> {
    scan(&RESPONSES, body.as_bytes())
}

fn rewritten(body: &str, cap: Option<u64>) -> String {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let edited = scan(&RESPONSES, &body)
        .unwrap()
        .rewrite(&body, "slug", &domain::catalog::Quirks::default(), cap);
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
fn what_is_only_named_has_no_size() {
    for (body, named) in [
        (
            r#"{"model":"m","input":[{"type":"item_reference","id":"x"}]}"#,
            "item_reference",
        ),
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
        (r#"{"model":"m","background":true}"#, "background"),
        (r#"{"model":"m","conversation":"c"}"#, "conversation"),
    ] {
        assert_eq!(responses(body).unwrap().unlimited, Some(member), "{body}");
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
fn a_request_that_was_read_is_measured_by_its_parts() {
    use crate::wire::canonical::{File, FileKind, Message, Part, Request, Role, Source};
    let file = |source| {
        Part::File(File {
            kind: FileKind::Image,
            source,
            name: None,
            detail: None,
            cache: None,
        })
    };
    let request = Request {
        model: "m".to_owned(),
        max_tokens: Some(5),
        messages: vec![Message {
            role: Role::User,
            parts: vec![
                Part::text("1234"),
                file(Source::Data {
                    mime: "image/png".to_owned(),
                    base64: "AAAA".to_owned(),
                }),
                file(Source::Url("https://example.com".to_owned())),
                file(Source::Id("f".to_owned())),
            ],
            name: None,
        }],
        ..Request::default()
    };
    let scanned = measure(request, 100);
    assert_eq!(
        (scanned.bytes, scanned.prompt_bytes, scanned.output_limit),
        (96, 4, Some(5))
    );
    assert_eq!(
        (scanned.files.count, scanned.files.unmeasured.as_deref()),
        (3, Some("file_id"))
    );
}
