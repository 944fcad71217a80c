//! Nobody sees the credential in what a provider says.

use super::*;

/// What goes back of a body with something in it that nobody may see.
fn passed(body: &str) -> (String, serde_json::Value) {
    let error = judged(422, body).error;
    let passed = error.body(domain::call::Dialect::OpenaiChat, None);
    let text = String::from_utf8(passed.to_vec()).unwrap();
    let shaped = serde_json::from_slice(&passed).unwrap();
    assert!(
        !crate::secrets::gives_away(error.message.as_bytes(), SECRET),
        "{}",
        error.message
    );
    (text, shaped)
}

#[test]
fn credentials_in_the_callers_error_are_masked_and_the_rest_stays() {
    let escaped: String = SECRET.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let other = "AIzaSyA1b2C3d4E5f6G7h8I9j0";
    for hidden in [
        SECRET,
        &SECRET[..12],
        &SECRET[SECRET.len() - 9..],
        &escaped,
        "sk-secr**********efgh",
        other,
    ] {
        for body in [
            format!(r#"{{"error":{{"message":"bad header {hidden} in 'x'","type":"t","param":"x","code":"c"}}}}"#),
            format!(
                r#"{{"error":{{"message":"bad header","type":"t","param":"x","code":"c"}},"debug":[{{"{hidden}":["{hidden}"]}}]}}"#
            ),
        ] {
            let (text, shaped) = passed(&body);
            assert!(!crate::secrets::gives_away(text.as_bytes(), SECRET), "{text}");
            assert!(
                !text.contains(other) && !text.contains("efgh") && !text.contains("u0073"),
                "{text}"
            );
            assert!(text.contains("***"), "{text}");
            let error = &shaped["error"];
            assert!(error["message"].as_str().unwrap().starts_with("bad header"), "{text}");
            assert_eq!(
                (&error["type"], &error["param"], &error["code"]),
                (&"t".into(), &"x".into(), &"c".into())
            );
        }
    }
}

#[test]
fn words_for_the_log_are_masked_and_short() {
    let verdict = judged(500, &format!("{SECRET} {}", "long ".repeat(1000)));
    assert!(!verdict.words.contains(SECRET) && verdict.words.chars().count() <= 501);
    assert!(
        !of_problem(&SendProblem::Broken(SECRET.into()), SECRET, "Acme")
            .words
            .contains(SECRET)
    );
}
