//! Whole answers of providers, read and written again for a client: `fixtures/openai/answer`. `NAME.events.txt` is what was
//! understood, `NAME.out.json` what the client gets.

use domain::{catalog::Quirks, usage::Usage};
use proptest::prelude::*;

use super::*;
use crate::wire::{
    canonical::{Citation, Event, File, FileKind, Finish, ReadProblem, Source},
    golden,
    openai::decode,
};

fn ids() -> Ids {
    Ids {
        call: "call_7".into(),
        model: "p/m".into(),
        created: 1_700_000_000,
    }
}

fn end(finish: Finish) -> End {
    End {
        finish,
        usage: Usage::default(),
        charge: None,
    }
}

#[test]
fn every_answer_is_understood_and_written_again() {
    golden::each("openai/answer", 7, |case| {
        let (events, report) = decode::answer(&case.input, &Quirks::default()).unwrap();
        let usage = report.map(|report| report.usage.unwrap()).unwrap_or_default();
        case.check("events.txt", &format!("{events:#?}\n{usage:?}"));
        let gathered = Answer::gather(events);
        let finish = gathered.finish.clone();
        let written = answer(&gathered, &End { usage, ..end(finish) }, &ids(), false);
        case.check_json("out.json", &written);
    });
}

#[test]
fn errors_and_what_is_no_answer_are_told_apart() {
    let read = |body: &str| decode::answer(body.as_bytes(), &Quirks::default()).map(|_| ());
    for body in ["", "[]", "null", "{}", "{\"choices\":{}}", "<html>"] {
        assert_eq!(read(body), Err(ReadProblem::Malformed), "{body}");
    }
    let reported = ReadProblem::Reported {
        message: "m".into(),
        code: "c".into(),
    };
    assert_eq!(read(r#"{"error":{"message":"m","code":"c"}}"#), Err(reported));
    assert_eq!(read(r#"{"choices":[]}"#), Ok(()));
}

/// How these events end, with this reason.
fn finish_of(events: Vec<Event>, finish: Finish) -> String {
    let written = answer(&Answer::gather(events), &end(finish), &ids(), false);
    let written: Value = serde_json::from_slice(&written).unwrap();
    written["choices"][0]["finish_reason"].as_str().unwrap().to_owned()
}

/// Its client knows it by another name and wants its text, not JSON.
#[test]
fn a_call_of_a_tool_of_free_text_comes_back_as_one() {
    let call = |name: &str, json: &str| {
        let start = ToolStart {
            index: 0,
            id: "c1".into(),
            name: name.into(),
            signature: None,
        };
        let arguments = Event::Arguments {
            index: 0,
            json: json.into(),
        };
        let gathered = Answer::gather(vec![Event::ToolCall(start), arguments]);
        let written = answer(&gathered, &end(Finish::ToolCalls), &ids(), false);
        let mut written: Value = serde_json::from_slice(&written).unwrap();
        written["choices"][0]["message"]["tool_calls"][0].take()
    };
    for (json, input) in [
        (r#"{"input":"*** Begin"}"#, "*** Begin"),
        (r#"{"patch":"x"}"#, r#"{"patch":"x"}"#),
    ] {
        assert_eq!(
            call("patch\u{1e}", json),
            json!({ "id": "c1", "type": "custom", "custom": { "name": "patch", "input": input } })
        );
    }
    // A function of the client's own stays one, whatever it is called.
    for name in ["patch", "patch-free-text"] {
        assert_eq!(call(name, "{}")["function"]["name"], name);
    }
}

#[test]
fn every_reason_has_a_word_that_clients_know() {
    let tool = || {
        Event::ToolCall(ToolStart {
            index: 0,
            id: "a".into(),
            name: "f".into(),
            signature: None,
        })
    };
    let cases = [
        (vec![], Finish::Stop, "stop"),
        (vec![], Finish::StopSequence(Some("x".into())), "stop"),
        (vec![], Finish::Length, "length"),
        (vec![], Finish::ContextFull, "length"),
        (vec![tool()], Finish::ToolCalls, "tool_calls"),
        (vec![tool()], Finish::Stop, "tool_calls"),
        (vec![tool()], Finish::Length, "length"),
        (vec![], Finish::ContentFilter, "content_filter"),
        (vec![], Finish::Refusal, "content_filter"),
        (vec![Event::Refusal("No.".into())], Finish::Refusal, "stop"),
        (vec![], Finish::Pause, "length"),
        (vec![], Finish::Other("odd".into()), "stop"),
    ];
    for (events, finish, wanted) in cases {
        assert_eq!(finish_of(events, finish.clone()), wanted, "{finish:?}");
    }
}

#[test]
fn sources_name_the_characters_that_they_stand_for() {
    let source = |url: Option<&str>| {
        Event::Citation(Citation {
            url: url.map(str::to_owned),
            title: Some("T".into()),
            quoted: Some("q".into()),
            raw: Value::Null,
        })
    };
    let picture = Event::File(File {
        kind: FileKind::Image,
        source: Source::Url("https://example.com/a.png".into()),
        name: None,
        detail: None,
        cache: None,
    });
    let events = vec![
        Event::Text("Über.".into()),
        picture,
        Event::Text("Wasser".into()),
        source(Some("https://example.com")),
        source(None),
    ];
    let written = answer(&Answer::gather(events), &end(Finish::Stop), &ids(), false);
    let written: Value = serde_json::from_slice(&written).unwrap();
    let annotations = &written["choices"][0]["message"]["annotations"];
    assert_eq!(
        annotations,
        &json!([
            { "type": "url_citation", "url_citation": { "url": "https://example.com", "title": "T", "start_index": 5, "end_index": 11, "content": "q" } },
            { "type": "file_citation", "file_citation": { "title": "T", "start_index": 5, "end_index": 11, "content": "q" } },
        ])
    );
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode::answer(&body, &Quirks::default());
    }
}

#[test]
fn who_speaks_of_functions_gets_one_call_of_one() {
    let start = |index, name: &str| {
        Event::ToolCall(ToolStart {
            index,
            id: format!("c{index}"),
            name: name.into(),
            signature: None,
        })
    };
    let events = vec![
        start(0, "f"),
        Event::Arguments {
            index: 0,
            json: "{\"a\":1}".into(),
        },
        start(1, "g"),
    ];
    let written = answer(&Answer::gather(events), &end(Finish::ToolCalls), &ids(), true);
    let choice = &serde_json::from_slice::<Value>(&written).unwrap()["choices"][0];
    assert_eq!(choice["finish_reason"], "function_call");
    assert_eq!(
        choice["message"]["function_call"],
        json!({"name": "f", "arguments": "{\"a\":1}"})
    );
    assert_eq!(
        (choice["message"].get("tool_calls"), &choice["message"]["content"]),
        (None, &Value::Null)
    );
    let said = answer(
        &Answer::gather(vec![Event::Text("hi".into())]),
        &end(Finish::Stop),
        &ids(),
        true,
    );
    let choice = &serde_json::from_slice::<Value>(&said).unwrap()["choices"][0];
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["content"]),
        (&json!("stop"), &json!("hi"))
    );
}
