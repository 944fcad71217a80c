//! What providers refuse does not reach them.

use super::*;
use crate::wire::refused::Refused;

#[test]
fn providers_that_refuse_fields_do_not_get_them() {
    let cases = [
        (r#"{"model":"x","stream":true}"#, r#"{"model":"slug","stream":true}"#),
        (
            r#"{"model":"x","max_completion_tokens":5}"#,
            r#"{"model":"slug","max_tokens":5}"#,
        ),
        (
            r#"{"model":"x","max_tokens":4,"max_completion_tokens":5}"#,
            r#"{"model":"slug","max_tokens":4}"#,
        ),
        (
            r#"{"stream_options":{"include_usage":true} , "max_completion_tokens":5,"max_tokens":3,"model":"x","stream":true}"#,
            r#"{ "max_tokens":3,"model":"slug","stream":true}"#,
        ),
        (
            r#"{"model":"x","stream_options":null,"max_tokens":3,"max_completion_tokens":5}"#,
            r#"{"model":"slug","max_tokens":3}"#,
        ),
    ];
    for (body, wanted) in cases {
        let result = rewritten(body, &mistral());
        assert_eq!(result.replace("{  ", "{ "), wanted);
        assert!(serde_json::from_str::<Json>(&result).is_ok());
    }
}

#[test]
fn forbidden_fields_are_taken_away_within_messages_too() {
    let cases = [
        (
            r#"{"store":true,"model":"x","messages":[{"role":"user","name":"bob","content":"hi"}],"store":false}"#,
            r#"{"model":"slug","messages":[{"role":"user","content":"hi"}]}"#,
        ),
        (
            r#"{"messages":[{"name":"a","reasoning_content":"b","role":"assistant"},{"name":"a"},7,{}] , "store" : null , "model":"x"}"#,
            r#"{"messages":[{"role":"assistant"},{},7,{}] ,  "model":"slug"}"#,
        ),
        (
            "\u{feff}{\"model\":\"x\",\"messages\":[ { \"role\" : \"u\" , \"n\\u0061me\" : {\"name\":1} , \"content\":\"name\" } ],\"stream\":true,\"store\":1,\"stream_options\":{},\"max_completion_tokens\":2}",
            r#"{"model":"slug","messages":[ { "role" : "u"  , "content":"name" } ],"stream":true,"max_tokens":2}"#,
        ),
        // Elsewhere the names are somebody else's.
        (
            r#"{"model":"x","tools":[{"name":"store"}],"metadata":{"store":1}}"#,
            r#"{"model":"slug","tools":[{"name":"store"}],"metadata":{"store":1}}"#,
        ),
    ];
    for (body, wanted) in cases {
        assert_eq!(rewritten(body, &mistral()), wanted);
    }
}

/// And named, but for those that say nothing.
#[test]
fn forbidden_fields_are_named() {
    let body = r#"{"store":true,"model":"x","user":null,"messages":[{"role":"user","n\u0061me":"bob"},7,{"role":"user","name":"ann","store":1}]}"#;
    let scanned = chat(body).unwrap();
    let told = scanned.left_out(body.as_bytes(), &mistral(), Refused::NOTHING);
    let told: Vec<&str> = told.iter().map(|dropped| dropped.0.as_str()).collect();
    assert_eq!(told, ["messages[].name", "store"]);
    assert!(
        scanned
            .left_out(body.as_bytes(), &Quirks::default(), Refused::NOTHING)
            .is_empty()
    );
}

proptest! {
    /// Whichever members go, in whatever order they stand, exactly they are gone.
    #[test]
    fn exactly_the_forbidden_fields_are_gone(
        outer in prop::collection::vec(prop::sample::select(vec!["store", "a", "seed", "max_completion_tokens", "stream_options"]), 0..5),
        order in any::<prop::sample::Index>(),
        inner in prop::collection::vec(prop::collection::vec(prop::sample::select(vec!["name", "role", "reasoning_content", "z"]), 0..5), 0..4),
        pretty in any::<bool>(),
    ) {
        let gap = if pretty { "\n " } else { "" };
        let object = |names: &[String]| {
            let members: Vec<String> = names.iter().map(|name| format!("{gap}{name}{gap}")).collect();
            format!("{{{}}}", members.join(","))
        };
        let messages: Vec<String> = inner
            .iter()
            .map(|names| object(&names.iter().map(|name| format!("\"{name}\":{{\"name\":\"}},\"}}")).collect::<Vec<_>>()))
            .collect();
        let mut names: Vec<&str> = outer.clone();
        names.sort_unstable();
        names.dedup();
        let mut members: Vec<String> = names.iter().map(|name| format!("\"{name}\":{}", if *name == "stream_options" { "{}" } else { "1" })).collect();
        members.push(format!("\"messages\":[{}]", messages.join(",")));
        members.insert(order.index(members.len() + 1), "\"model\":\"x\"".to_owned());
        let body = object(&members);
        let mut wanted: serde_json::Map<String, Json> = serde_json::from_str(&body).unwrap();
        let after: serde_json::Map<String, Json> = serde_json::from_str(&rewritten(&body, &mistral())).unwrap();
        wanted.insert("model".into(), "slug".into());
        wanted.retain(|name, _| !["store", "seed", "stream_options"].contains(&name.as_str()));
        if let Some(limit) = wanted.remove("max_completion_tokens") {
            wanted.insert("max_tokens".into(), limit);
        }
        for message in wanted["messages"].as_array_mut().unwrap() {
            message.as_object_mut().unwrap().retain(|name, _| name != "name" && name != "reasoning_content");
        }
        prop_assert_eq!(after, wanted);
    }
}
