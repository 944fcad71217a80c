//! Whole answers as clients get them.

use domain::usage::Usage;

use super::{
    super::{
        super::canonical::{Citation, Event, FileKind, Finish, ToolStart},
        decode,
    },
    *,
};
use crate::wire::golden;

fn ids() -> Ids {
    Ids {
        call: "call_42".to_owned(),
        model: "hub/some-model".to_owned(),
        created: 1_760_000_000,
    }
}

fn end(finish: Finish) -> End {
    End {
        finish,
        usage: Usage {
            input_uncached: 7,
            cache_write_1h: 2,
            output_text: 3,
            output_reasoning: 4,
            ..Usage::default()
        },
        charge: None,
    }
}

#[test]
fn every_answer_is_written_as_the_file_beside_it_says() {
    golden::each("anthropic/answers", 1, |case| {
        let (events, report) = decode::answer(&case.input).unwrap();
        let gathered = Answer::gather(events);
        let end = End {
            finish: gathered.finish.clone(),
            usage: report.unwrap().usage.unwrap(),
            charge: Some("0.0123".to_owned()),
        };
        let written = answer(&gathered, &end, &ids());
        case.check("out.json", &String::from_utf8(written).unwrap());
    });
}

#[test]
fn what_the_dialect_lacks_is_said_in_text() {
    let events = vec![
        Event::Refusal("I will not.".into()),
        Event::File(File {
            kind: FileKind::Image,
            source: Source::Url("https://a.test/i.png".into()),
            name: None,
            detail: None,
            cache: None,
        }),
        Event::ToolCall(ToolStart {
            index: 0,
            id: "call_1".into(),
            name: "t".into(),
            signature: Some("c2ln".into()),
        }),
        Event::Arguments {
            index: 0,
            json: "[1]".into(),
        },
    ];
    let written = answer(&Answer::gather(events), &end(Finish::Stop), &ids());
    let written: Value = serde_json::from_slice(&written).unwrap();
    let content = &written["content"];
    assert_eq!(content[0], json!({"type": "text", "text": "I will not."}));
    assert_eq!(content[1]["text"], "![file](https://a.test/i.png)");
    assert_eq!(content[2]["input"], json!({"arguments": "[1]"}));
    assert_eq!(
        tool_id::unwrap(content[2]["id"].as_str().unwrap()),
        ("call_1".into(), Some("c2ln".into()))
    );
    assert_eq!(written["stop_reason"], "tool_use");
    assert_eq!(written["usage"]["output_tokens"], 7);
    assert!(written["usage"].get("credits").is_none());
}

/// Sources of a hundred thousand parts, and as many that come late, are no square of work.
#[test]
fn many_sources_of_many_parts_come_to_an_end() {
    let source = |at: usize| {
        Event::Citation(Citation {
            url: Some(format!("https://a.test/{at}")),
            title: None,
            quoted: None,
            raw: Value::Null,
        })
    };
    let mut events = vec![Event::Text("first".into())];
    for at in 0..100_000 {
        events.extend([Event::Sealed("x".into()), Event::Text("y".into()), source(at)]);
    }
    events.extend((0..100_000).map(|_| Event::Sealed("x".into())));
    events.extend((0..100_000).map(source));
    let gathered = Answer::gather(events);
    assert_eq!((gathered.parts.len(), gathered.citations.len()), (300_001, 200_000));
    for (place, cited) in gathered.sources() {
        assert_eq!(
            (place % 2, cited.len()),
            (0, if place == 200_000 { 100_001 } else { 1 })
        );
    }
    let written = answer(&gathered, &end(Finish::Stop), &ids());
    assert_eq!(memchr::memmem::find_iter(&written, "https://a.test/99999\"").count(), 2);
}
