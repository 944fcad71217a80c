//! What is read from a request. `edit`, `forbidden`, `files` and `limits` test what their names say.

use bytes::Bytes;
use domain::catalog::{Quirks, find_preset};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

mod edit;
mod files;
mod forbidden;
mod limits;
mod refused;

fn chat(body: &str) -> Result<Scanned, RequestProblem> {
    scan(Endpoint::Chat, body.as_bytes())
}

fn rewritten(body: &str, quirks: &Quirks) -> String {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let result = scan(Endpoint::Chat, &body)
        .unwrap()
        .rewrite(&body, "slug", quirks, None);
    String::from_utf8(result.to_vec()).unwrap()
}

fn mistral() -> Quirks {
    find_preset("mistral").unwrap().quirks()
}

#[test]
fn what_cannot_be_understood_is_refused_with_the_place() {
    let cases = [
        ("", None, "invalid_json"),
        ("[]", None, "invalid_json"),
        ("{\"model\":\"x\"", None, "invalid_json"),
        ("{\"model\":\"x\"} {}", None, "invalid_json"),
        ("{\"model\":\"x\",}", None, "invalid_json"),
        ("{'model':'x'}", None, "invalid_json"),
        ("{}", Some("model"), "missing_model"),
        ("{\"model\":\"\"}", Some("model"), "missing_model"),
        ("{\"model\":7}", Some("model"), "invalid_type"),
        ("{\"model\":\"\\ud800\"}", Some("model"), "invalid_type"),
        ("{\"model\":\"x\",\"model\":\"y\"}", Some("model"), "duplicate_field"),
        (
            "{\"model\":\"x\",\"mod\\u0065l\":\"y\"}",
            Some("model"),
            "duplicate_field",
        ),
        ("{\"model\":\"x\",\"stream\":\"true\"}", Some("stream"), "invalid_type"),
        (
            "{\"model\":\"x\",\"stream\":true,\"stream\":false}",
            Some("stream"),
            "duplicate_field",
        ),
        (
            "{\"model\":\"x\",\"stream_options\":[]}",
            Some("stream_options"),
            "invalid_type",
        ),
        (
            "{\"model\":\"x\",\"stream_options\":{\"include_usage\":1}}",
            Some("stream_options.include_usage"),
            "invalid_type",
        ),
    ];
    for (body, param, code) in cases {
        let problem = chat(body).unwrap_err();
        assert_eq!((problem.param.as_deref(), problem.code), (param, code), "{body}");
    }
    assert_eq!(
        scan(Endpoint::Chat, b"{\"model\":\"\xff\"}").unwrap_err().code,
        "invalid_json"
    );
}

#[test]
fn null_counts_as_absent() {
    let scanned = chat(r#"{"model":"x","stream":null,"stream_options":{"include_usage":null}}"#).unwrap();
    assert!(!scanned.stream && !scanned.include_usage);
    assert!(chat(r#"{"model":null}"#).is_err());
}

#[test]
fn embeddings_never_stream() {
    let body = Bytes::from_static(br#"{"model":"x","input":["ab","cd"],"stream":true,"stream_options":{}}"#);
    let scanned = scan(Endpoint::Embeddings, &body).unwrap();
    assert_eq!((scanned.stream, scanned.prompt_bytes), (false, 4));
    assert_eq!(
        &scanned.rewrite(&body, "slug", &mistral(), None)[..],
        &br#"{"model":"slug","input":["ab","cd"],"stream":true,"stream_options":{}}"#[..]
    );
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = scan(Endpoint::Chat, &body);
    }
}
