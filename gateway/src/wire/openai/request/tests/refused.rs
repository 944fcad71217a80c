//! What a model refuses is left out or renamed by the table, and nothing else is touched.

use domain::{call::Dialect, catalog::ProviderKind};

use super::*;
use crate::wire::speech::{Speech, scan as scanned};

/// The body that a model of OpenAI's own is sent, and what was left out.
fn asked(dialect: Dialect, slug: &str, body: &str, cap: Option<u64>) -> (String, Vec<String>) {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let scanned = scanned(dialect, &body).unwrap();
    let speech = Speech::between(dialect, ProviderKind::Openai, slug);
    assert!(speech.passes(), "{slug}");
    let asked = speech.ask(&scanned, &body, slug, &Quirks::default(), cap).unwrap();
    let dropped = asked.dropped.into_iter().map(|dropped| dropped.0).collect();
    (String::from_utf8(asked.body.to_vec()).unwrap(), dropped)
}

#[test]
fn bytes_stay_where_nothing_of_the_table_applies() {
    let all =
        r#"{ "temperature" : 0.5,"model":"SLUG", "top_p":0.25 ,"stop":["a"],"max_tokens":5,"presence_penalty":1}"#;
    let usual = r#"{"model":"SLUG","temperature":1,"top_p": 1.0,"presence_penalty":0,"frequency_penalty":null}"#;
    let resting = r#"{"model":"SLUG","temperature":0.5,"reasoning_effort":"none"}"#;
    for (slug, body) in [
        ("gpt-4o", all),
        ("gpt-4.1-mini", all),
        ("o3", usual),
        ("gpt-5.1", resting),
    ] {
        let body = body.replace("SLUG", slug);
        assert_eq!(asked(Dialect::OpenaiChat, slug, &body, None), (body, vec![]));
    }
}

#[test]
fn what_a_thinking_model_refuses_is_left_out_and_told() {
    let cases = [
        (
            r#"{ "temperature" : 0.5, "model":"o3","x":[1.50], "top_p":0.25 ,"stop":["a"]}"#,
            r#"{  "model":"o3","x":[1.50] }"#,
            &["temperature", "top_p", "stop"][..],
        ),
        (
            r#"{"model":"gpt-5","temperature":0,"stop":["a"],"messages":[]}"#,
            r#"{"model":"gpt-5","messages":[]}"#,
            &["temperature", "stop"],
        ),
        (
            r#"{"model":"gpt-5.1","reasoning_effort":"high","temperature":0}"#,
            r#"{"model":"gpt-5.1","reasoning_effort":"high"}"#,
            &["temperature"],
        ),
        (
            "\u{feff}{\"top_p\":0,\"top_p\":0.5,\"model\":\"o3\"}",
            r#"{"model":"o3"}"#,
            &["top_p"],
        ),
    ];
    for (body, wanted, dropped) in cases {
        let slug = ["o3", "gpt-5.1", "gpt-5"]
            .into_iter()
            .find(|slug| body.contains(&format!("\"{slug}\"")))
            .unwrap();
        let (sent, told) = asked(Dialect::OpenaiChat, slug, body, None);
        assert_eq!(
            (sent.as_str(), told.as_slice()),
            (
                wanted,
                &dropped.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..]
            )
        );
    }
    let body = r#"{"temperature":0.5,"model":"o3","input":"x","top_p":1,"max_output_tokens":5}"#;
    let wanted = r#"{"model":"o3","input":"x","top_p":1,"max_output_tokens":5}"#;
    let told = vec!["temperature".to_owned()];
    assert_eq!(
        asked(Dialect::OpenaiResponses, "o3", body, None),
        (wanted.to_owned(), told)
    );
    let body = r#"{"model":"gpt-5.2","input":"x","top_p":0.5,"reasoning":{"effort":"low"}}"#;
    let wanted = r#"{"model":"gpt-5.2","input":"x","reasoning":{"effort":"low"}}"#;
    let told = vec!["top_p".to_owned()];
    assert_eq!(
        asked(Dialect::OpenaiResponses, "gpt-5.2", body, None),
        (wanted.to_owned(), told)
    );
}

#[test]
fn the_older_name_of_the_limit_becomes_the_newer_one() {
    for (body, cap, wanted, dropped) in [
        (
            r#"{"max_tokens":5,"model":"o3"}"#,
            None,
            r#"{"max_completion_tokens":5,"model":"o3"}"#,
            &[][..],
        ),
        (
            r#"{"model":"o3","max_tokens":50}"#,
            Some(9),
            r#"{"model":"o3","max_completion_tokens":9}"#,
            &[],
        ),
        (
            r#"{"model":"o3","max_tokens":5,"max_completion_tokens":7}"#,
            None,
            r#"{"model":"o3","max_completion_tokens":7}"#,
            &["max_tokens"],
        ),
        (
            r#"{"max_tokens":50,"model":"o3","max_completion_tokens":70}"#,
            Some(9),
            r#"{"model":"o3","max_completion_tokens":9}"#,
            &["max_tokens"],
        ),
        (
            r#"{"max_tokens":5,"model":"o3","max_completion_tokens":null}"#,
            None,
            r#"{"model":"o3","max_completion_tokens":5}"#,
            &[],
        ),
        (
            r#"{"model":"o3","max_tokens":null}"#,
            Some(9),
            r#"{"max_completion_tokens":9,"model":"o3","max_tokens":null}"#,
            &[],
        ),
    ] {
        let (sent, told) = asked(Dialect::OpenaiChat, "o3", body, cap);
        assert_eq!(
            (sent.as_str(), told.iter().map(String::as_str).collect::<Vec<_>>()),
            (wanted, dropped.to_vec()),
            "{body}"
        );
    }
}

proptest! {
    /// Seen by somebody who does parse: what is refused is gone, the limit has its newer name, and everything else is as it was.
    #[test]
    fn nothing_else_changes(
        members in prop::collection::hash_map(prop::sample::select(vec!["temperature", "top_p", "stop", "presence_penalty", "max_tokens", "seed", "x", "messages"]), 2..9_u64, 0..8),
        place in any::<prop::sample::Index>(),
        gap in prop::sample::select(vec!["", " ", "\n\t"]),
    ) {
        let mut list: Vec<(&str, Json)> = members.into_iter().map(|(name, value)| (name, value.into())).collect();
        list.insert(place.index(list.len() + 1), ("model", "o3".into()));
        let text: Vec<String> = list.iter().map(|(name, value)| format!("{gap}\"{name}\"{gap}:{value}{gap}")).collect();
        let body = format!("{{{}}}", text.join(","));
        let (sent, _) = asked(Dialect::OpenaiChat, "o3", &body, None);
        let sent: serde_json::Map<String, Json> = serde_json::from_str(&sent).unwrap();
        let mut wanted: serde_json::Map<String, Json> = serde_json::from_str(&body).unwrap();
        for name in ["temperature", "top_p", "stop", "presence_penalty"] {
            wanted.remove(name);
        }
        if let Some(limit) = wanted.remove("max_tokens") {
            wanted.insert("max_completion_tokens".into(), limit);
        }
        prop_assert_eq!(sent, wanted);
    }
}
