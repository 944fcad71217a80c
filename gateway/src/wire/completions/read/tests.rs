use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn a_prompt_is_what_a_person_says() {
    let body = json!({
        "model": "p/m", "prompt": ["Once upon"], "max_tokens": 5, "temperature": 0.5, "top_p": 1, "stop": "\n", "seed": 3, "user": "u",
        "n": 1, "best_of": 1, "echo": false, "suffix": null, "logprobs": 2, "stream": true, "stream_options": {},
    });
    let request = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.messages.len(), 1);
    assert_eq!(request.messages[0].parts, [Part::text("Once upon")]);
    assert_eq!(
        (request.max_tokens, request.seed, request.stream),
        (Some(5), Some(3), true)
    );
    assert_eq!(request.stop, ["\n"]);
    assert_eq!(request.extra.keys().collect::<Vec<_>>(), ["logprobs"]);
    let echo = read(br#"{"model":"m","prompt":"x","echo":true}"#).unwrap();
    assert!(echo.extra.contains_key("echo"));
}

#[test]
fn what_no_other_wire_does_is_refused_with_its_place() {
    for (member, value, code) in [
        ("prompt", json!(null), "missing_required_parameter"),
        ("prompt", json!([1, 2]), "unsupported_parameter"),
        ("prompt", json!([[1, 2], [3]]), "unsupported_parameter"),
        ("prompt", json!(["a", "b"]), "unsupported_parameter"),
        ("prompt", json!([]), "invalid_type"),
        ("prompt", json!({}), "invalid_type"),
        ("n", json!(2), "unsupported_parameter"),
        ("best_of", json!(3), "unsupported_parameter"),
        ("suffix", json!("end"), "unsupported_parameter"),
        ("max_tokens", json!("5"), "invalid_type"),
    ] {
        let mut body = json!({ "model": "m", "prompt": "x" });
        body[member] = value;
        let problem = read(body.to_string().as_bytes()).expect_err(&body.to_string());
        assert_eq!((problem.param.as_deref(), problem.code), (Some(member), code), "{body}");
    }
    assert_eq!(read(b"{}").unwrap_err().param.as_deref(), Some("model"));
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&body);
    }
}
