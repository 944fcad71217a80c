//! The same answer whole and in pieces.

use domain::usage::Usage;

use super::*;
use crate::wire::{
    canonical::{Answer, Event, Finish, Sequencer, ToolStart},
    completions::write,
    grammar,
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
        usage: Usage {
            input_uncached: 3,
            output_text: 2,
            ..Usage::default()
        },
        charge: None,
    }
}

fn said() -> Vec<Event> {
    let tool = ToolStart {
        index: 0,
        id: "a".into(),
        name: "f".into(),
        signature: None,
    };
    vec![
        Event::Thought("Hm.".into()),
        Event::Text("Once ".into()),
        Event::Text("upon".into()),
        Event::ToolCall(tool),
        Event::Refusal(" no".into()),
    ]
}

fn streamed(include_usage: bool, finish: Finish) -> String {
    let opening = Opening {
        include_usage,
        ..Opening::default()
    };
    let (mut sequencer, mut writer) = (Sequencer::default(), Writer::new(ids(), &opening));
    let (mut steps, mut out) = (Vec::new(), Vec::new());
    for event in said() {
        sequencer.take(event, &mut steps);
    }
    sequencer.close(&mut steps);
    for step in &steps {
        writer.step(step, &mut out);
    }
    writer.end(&end(finish), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn pieces_are_the_text_and_usage_comes_to_who_asked() {
    for asked in [true, false] {
        let said = grammar::completions::check(&streamed(asked, Finish::Length), asked).unwrap();
        assert_eq!(
            (said.text.as_str(), said.finish.as_deref()),
            ("Once upon no", Some("length"))
        );
        assert_eq!(
            said.usage.map(|usage| usage["total_tokens"].clone()),
            asked.then(|| json!(5))
        );
    }
}

#[test]
fn a_whole_answer_says_the_same() {
    let written = write::answer(&Answer::gather(said()), &end(Finish::Stop), &ids());
    let written: Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(
        written,
        json!({
            "id": "cmpl-call_7", "object": "text_completion", "created": 1_700_000_000, "model": "p/m",
            "choices": [{ "text": "Once upon no", "index": 0, "logprobs": null, "finish_reason": "stop" }],
            "usage": usage(&end(Finish::Stop).usage),
        })
    );
}

#[test]
fn an_error_is_the_last_event() {
    let mut out = Vec::new();
    Writer::new(ids(), &Opening::default()).fail(
        &crate::wire::canonical::Failing {
            message: "It broke.",
            code: "upstream_interrupted",
            status: 502,
            facts: crate::call::Facts::default(),
        },
        &mut out,
    );
    let said = grammar::completions::check(std::str::from_utf8(&out).unwrap(), false).unwrap();
    assert_eq!(said.error.unwrap()["code"], "upstream_interrupted");
}
