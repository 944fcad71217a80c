//! The answers that the files under `fixtures/aigne` hold, and what compares with them. Requests are compared by
//! `wire::golden`.

use std::path::PathBuf;

use super::super::canonical::{Answer, End, Event, Finish, Ids, Sequencer, StreamWriter, ToolStart};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/aigne")
        .join(name)
}

/// The content of an input.
pub fn input(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).expect("the fixture is there")
}

/// Asserts that an output is as the file says. What comes instead is put into the system's folder for temporary files.
pub fn expect(name: &str, written: &[u8]) {
    let expected = std::fs::read_to_string(path(name)).unwrap_or_default();
    if written != expected.as_bytes() {
        let came = std::env::temp_dir().join("golden/aigne").join(name);
        std::fs::create_dir_all(came.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(&came, written).expect("a file can be written");
    }
    assert_eq!(String::from_utf8_lossy(written), expected, "{name}");
}

/// A call of ours.
pub fn ids() -> Ids {
    Ids {
        call: "call_7".to_owned(),
        model: "openai/gpt-5-mini".to_owned(),
        created: 1_800_000_000,
    }
}

/// How it ended.
pub fn end(finish: Finish) -> End {
    End {
        finish,
        usage: domain::usage::Usage {
            input_uncached: 8,
            cache_read: 3,
            cache_write_5m: 2,
            output_text: 5,
            output_reasoning: 4,
            ..domain::usage::Usage::default()
        },
        charge: Some("0.0000121".to_owned()),
    }
}

/// The beginning of a call of a tool.
pub fn tool(index: usize, id: &str, name: &str, signature: Option<&str>) -> Event {
    Event::ToolCall(ToolStart {
        index,
        id: id.to_owned(),
        name: name.to_owned(),
        signature: signature.map(str::to_owned),
    })
}

/// More of a call's arguments.
pub fn arguments(index: usize, json: &str) -> Event {
    Event::Arguments {
        index,
        json: json.to_owned(),
    }
}

/// An answer that thinks, speaks, and calls two tools at once.
pub fn thoughts_text_and_tools() -> Vec<Event> {
    vec![
        Event::Start {
            id: Some("up_1".to_owned()),
            model: Some("gpt-5-mini-2026".to_owned()),
        },
        Event::Thought("Two ".to_owned()),
        Event::Thought("cities.".to_owned()),
        Event::Signature("cHJvb2Y=".to_owned()),
        Event::Text("I ".to_owned()),
        Event::Text("look: \"é\".".to_owned()),
        tool(0, "c1", "weather", Some("c2ln")),
        arguments(0, "{\"city\":"),
        tool(1, "c2", "weather", None),
        arguments(1, "{\"city\":\"Bergen\"}"),
        arguments(0, "\"Oslo\"}"),
        Event::Finish(Finish::ToolCalls),
    ]
}

/// JSON in pieces.
pub fn json_in_pieces() -> Vec<Event> {
    vec![
        Event::Start { id: None, model: None },
        Event::Text("{\"name\":".to_owned()),
        Event::Text("\"Ada\",\"age\":36}".to_owned()),
        Event::Finish(Finish::Stop),
    ]
}

/// The whole of a stream.
pub fn streamed(mut writer: impl StreamWriter, events: Vec<Event>, end: &End) -> Vec<u8> {
    let (mut sequencer, mut steps, mut out) = (Sequencer::default(), Vec::new(), Vec::new());
    for event in events {
        sequencer.take(event, &mut steps);
    }
    sequencer.close(&mut steps);
    for step in &steps {
        writer.step(step, &mut out);
    }
    writer.end(end, &mut out);
    out
}

/// The whole of an answer.
pub fn whole(events: Vec<Event>) -> Answer {
    Answer::gather(events)
}
