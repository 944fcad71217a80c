//! Limits of the answer: which are read, and where a cap stands.

use super::*;

#[test]
fn limits_reach_those_that_ignore_the_newer_name() {
    for preset in ["deepseek", "ollama"] {
        let quirks = find_preset(preset).unwrap().quirks();
        assert_eq!(
            rewritten(r#"{"model":"x","max_completion_tokens":5}"#, &quirks),
            r#"{"model":"slug","max_tokens":5}"#,
            "{preset}"
        );
    }
}

#[test]
fn limits_are_read_or_told() {
    let read = |members: &str| {
        let scanned = chat(&format!(r#"{{"model":"x",{members}}}"#)).unwrap();
        (scanned.output_limit, scanned.choices, scanned.unlimited)
    };
    for (members, wanted) in [
        (r#""max_tokens":5"#, (Some(5), 1, None)),
        (r#""max_tokens":1e5"#, (Some(100_000), 1, None)),
        (
            r#""max_tokens":null,"max_completion_tokens":2.0,"n":3"#,
            (Some(2), 3, None),
        ),
        (
            r#""max_tokens":null,"max_completion_tokens":null,"n":null"#,
            (None, 1, None),
        ),
        (r#""max_tokens":7,"max_completion_tokens":5"#, (Some(7), 1, None)),
        (r#""max_tokens":"100000""#, (None, 1, Some("max_tokens"))),
        (r#""max_tokens":-1"#, (None, 1, Some("max_tokens"))),
        (r#""max_tokens":0"#, (None, 1, Some("max_tokens"))),
        (
            r#""max_tokens":1.5,"max_completion_tokens":5"#,
            (Some(5), 1, Some("max_tokens")),
        ),
        (
            r#""max_completion_tokens":[1]"#,
            (None, 1, Some("max_completion_tokens")),
        ),
        (
            r#""max_completion_tokens":99999999999999999999"#,
            (None, 1, Some("max_completion_tokens")),
        ),
        (r#""n":"4""#, (None, 1, Some("n"))),
        (r#""n":1000"#, (None, 128, Some("n"))),
        (r#""max_tokens":5,"n_predict":-1"#, (Some(5), 1, Some("n_predict"))),
        (r#""best_of":null"#, (None, 1, None)),
    ] {
        assert_eq!(read(members), wanted, "{members}");
    }
    assert!(chat(r#"{"model":"x","max_tokens":null,"max_tokens":null}"#).is_err());
}

#[test]
fn a_cap_stands_in_the_field_that_the_provider_reads() {
    let capped = |body: &str, quirks: &Quirks| {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let result = scan(Endpoint::Chat, &body)
            .unwrap()
            .rewrite(&body, "x", quirks, Some(9));
        String::from_utf8(result.to_vec()).unwrap()
    };
    let old = Quirks {
        max_tokens_only: true,
        ..Quirks::default()
    };
    for (body, newer, older) in [
        (
            r#"{"model":"x"}"#,
            r#"{"max_completion_tokens":9,"model":"x"}"#,
            r#"{"max_tokens":9,"model":"x"}"#,
        ),
        (
            r#"{"model":"x","max_tokens":8}"#,
            r#"{"model":"x","max_tokens":8}"#,
            r#"{"model":"x","max_tokens":8}"#,
        ),
        (
            r#"{"model":"x","max_tokens":1e5}"#,
            r#"{"model":"x","max_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_completion_tokens":10}"#,
            r#"{"model":"x","max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_tokens":null}"#,
            r#"{"max_completion_tokens":9,"model":"x","max_tokens":null}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_completion_tokens":null}"#,
            r#"{"model":"x","max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":5}"#,
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":5}"#,
            r#"{"model":"x","max_tokens":5}"#,
        ),
        (
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":50}"#,
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":null}"#,
            r#"{"model":"x","max_tokens":null,"max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
        (
            r#"{"model":"x","max_tokens":20,"max_completion_tokens":10}"#,
            r#"{"model":"x","max_tokens":9,"max_completion_tokens":9}"#,
            r#"{"model":"x","max_tokens":9}"#,
        ),
    ] {
        assert_eq!(capped(body, &Quirks::default()), newer);
        assert_eq!(capped(body, &old), older);
    }
    assert_eq!(
        capped("\u{feff} {\"stream\":true,\"model\":\"x\"}", &Quirks::default()),
        " {\"stream_options\":{\"include_usage\":true},\"max_completion_tokens\":9,\"stream\":true,\"model\":\"x\"}"
    );
}
