//! Whatever a provider's order, the blocks are whole and never overlap.

use proptest::prelude::*;

use super::*;

fn steps(events: Vec<Event>) -> Vec<Step> {
    let mut sequencer = Sequencer::default();
    let mut steps = Vec::new();
    for event in events {
        sequencer.take(event, &mut steps);
    }
    sequencer.close(&mut steps);
    steps
}

fn tool(index: usize) -> Event {
    Event::ToolCall(ToolStart {
        index,
        id: format!("call_{index}"),
        name: format!("tool_{index}"),
        signature: None,
    })
}

fn arguments(index: usize, json: &str) -> Event {
    Event::Arguments {
        index,
        json: json.to_owned(),
    }
}

/// Fails unless the steps obey the grammar.
fn obey(steps: &[Step]) {
    assert_eq!(left_open(steps), None, "a block stays open");
}

/// Fails unless the steps obey the grammar, but for a block at the end that stays open.
fn left_open(steps: &[Step]) -> Option<usize> {
    let mut open = None;
    let mut next = 0;
    for (place, step) in steps.iter().enumerate() {
        match step {
            Step::Start { .. } => assert_eq!(place, 0, "a second start"),
            Step::Open { index, .. } => {
                assert_eq!((open, *index), (None, next), "{step:?}");
                (open, next) = (Some(*index), next + 1);
            }
            Step::Delta { index, .. } => assert_eq!(open, Some(*index), "{step:?}"),
            Step::Close { index } => assert_eq!(open.take(), Some(*index), "{step:?}"),
            Step::Source(_) => assert!(next > 0, "a source of nothing"),
        }
    }
    open
}

fn calls(steps: &[Step]) -> Vec<(usize, String)> {
    let mut calls: Vec<(usize, String)> = Vec::new();
    for step in steps {
        match step {
            Step::Open {
                block: Block::Tool(start),
                ..
            } => calls.push((start.index, String::new())),
            Step::Delta {
                delta: Delta::Arguments(json),
                ..
            } => calls.last_mut().unwrap().1.push_str(json),
            _ => {}
        }
    }
    calls
}

#[test]
fn interleaved_calls_come_one_after_the_other() {
    let steps = steps(vec![
        tool(0),
        arguments(0, "{\"a\":"),
        tool(1),
        arguments(1, "{\"b\":"),
        arguments(0, "1}"),
        arguments(1, "2}"),
    ]);
    obey(&steps);
    assert_eq!(
        calls(&steps),
        [(0, "{\"a\":1}".to_owned()), (1, "{\"b\":2}".to_owned())]
    );
}

/// Gemini and OpenAI's chat tell sources behind the calls: no block is made for them, as it would hold an empty text.
#[test]
fn sources_behind_a_call_open_no_block() {
    let source = |title: &str| {
        Event::Citation(Citation {
            url: None,
            title: Some(title.to_owned()),
            quoted: None,
            raw: serde_json::Value::Null,
        })
    };
    let told = steps(vec![
        Event::Text("It rains.".to_owned()),
        source("within"),
        tool(0),
        arguments(0, "{"),
        source("while a call is open"),
        arguments(0, "}"),
        source("behind"),
        Event::Finish(Finish::ToolCalls),
    ]);
    obey(&told);
    let opened = told.iter().filter(|step| matches!(step, Step::Open { .. })).count();
    let late = told.iter().filter(|step| matches!(step, Step::Source(_))).count();
    assert_eq!((opened, late), (2, 2), "{told:?}");
    let (answer, _) = crate::wire::canonical::Answer::judged(vec![
        Event::Text("It rains.".to_owned()),
        tool(0),
        arguments(0, "{}"),
        source("behind"),
    ]);
    assert_eq!((answer.parts.len(), answer.citations[0].0), (2, 0));
}

/// The text that a source belongs to may wait for a call's end.
#[test]
fn a_source_of_text_that_waits_goes_with_it() {
    let events = vec![
        Event::Text("A".to_owned()),
        tool(0),
        arguments(0, "{"),
        Event::Text("B".to_owned()),
        tool(1),
        Event::Citation(Citation {
            url: None,
            title: Some("of B".to_owned()),
            quoted: None,
            raw: serde_json::Value::Null,
        }),
        arguments(0, "}"),
        arguments(1, "{}"),
        Event::Finish(Finish::ToolCalls),
    ];
    obey(&steps(events.clone()));
    let (answer, _) = crate::wire::canonical::Answer::judged(events);
    let cited: Vec<_> = answer.citations.iter().map(|(at, _)| &answer.parts[*at]).collect();
    assert_eq!(cited, [&crate::wire::canonical::Part::text("B")]);
}

/// A half call is no call, whatever the answer ended at.
#[test]
fn a_call_that_a_stop_sequence_cut_off_is_a_defect() {
    let stopped = |json: &str| {
        let finish = Finish::StopSequence(Some("x".to_owned()));
        defect(vec![tool(0), arguments(0, json), Event::Finish(finish)])
    };
    assert_eq!(stopped("{\"a\":1}"), None);
    assert_eq!(stopped("{\"a\":"), Some(Defect::Arguments));
}

/// What closing says of the answer.
fn defect(events: Vec<Event>) -> Option<Defect> {
    let mut sequencer = Sequencer::default();
    let mut steps = Vec::new();
    for event in events {
        sequencer.take(event, &mut steps);
    }
    sequencer.close(&mut steps);
    sequencer.defect()
}

#[test]
fn what_is_said_within_a_call_waits_for_its_end() {
    let steps = steps(vec![
        tool(0),
        arguments(0, "{\"a\":"),
        Event::Text("one ".into()),
        Event::Text("text".into()),
        Event::Thought("why".into()),
        Event::Signature("proof".into()),
        tool(1),
        arguments(1, "{}"),
        arguments(0, "1}"),
        Event::Text("last".into()),
    ]);
    obey(&steps);
    assert_eq!(calls(&steps), [(0, "{\"a\":1}".to_owned()), (1, "{}".to_owned())]);
    let texts: Vec<&str> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Delta {
                delta: Delta::Text(text) | Delta::Signature(text),
                ..
            } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(texts, ["one text", "why", "proof", "last"]);
}

#[test]
fn what_waits_has_a_limit() {
    let mut sequencer = Sequencer::default();
    let mut steps = Vec::new();
    let half = "x".repeat(MOST_WAITING / 2 + 1);
    for event in [tool(0), arguments(0, "{"), Event::Text(half.clone())] {
        sequencer.take(event, &mut steps);
    }
    assert!(matches!(
        steps.last(),
        Some(Step::Delta {
            delta: Delta::Arguments(_),
            ..
        })
    ));
    sequencer.take(Event::Text(half), &mut steps);
    assert!(sequencer.waiting.is_empty() && sequencer.held == 0);
    sequencer.take(Event::Finish(Finish::ToolCalls), &mut steps);
    sequencer.close(&mut steps);
    obey(&steps);
    assert_eq!(sequencer.defect(), Some(Defect::Arguments));
}

#[test]
fn only_sound_calls_are_a_success() {
    let called = |pieces: &[&str], finish: Finish| {
        let mut events = vec![tool(0)];
        events.extend(pieces.iter().map(|piece| arguments(0, piece)));
        events.push(Event::Finish(finish));
        defect(events)
    };
    for sound in [&["{\"a\"", ":1}"][..], &[], &[" "], &["{}"]] {
        assert_eq!(called(sound, Finish::ToolCalls), None, "{sound:?}");
    }
    for broken in ["{\"city\":\"Pa", "{}{}", "[1]", "\"a\"", "{a}"] {
        assert_eq!(
            called(&[broken], Finish::ToolCalls),
            Some(Defect::Arguments),
            "{broken}"
        );
        assert_eq!(called(&[broken], Finish::Stop), Some(Defect::Arguments), "{broken}");
        // Who is cut off by a limit knows it.
        assert_eq!(called(&[broken], Finish::Length), None, "{broken}");
    }
    let late = vec![
        tool(0),
        arguments(0, "{}"),
        tool(1),
        arguments(1, "{}"),
        arguments(0, "1"),
        Event::Finish(Finish::ToolCalls),
    ];
    assert_eq!(defect(late), Some(Defect::Stray));
    let mut nameless = ToolStart {
        index: 0,
        id: "c".into(),
        name: String::new(),
        signature: None,
    };
    let events = vec![Event::ToolCall(nameless.clone()), Event::Finish(Finish::Stop)];
    assert_eq!(defect(events), Some(Defect::Nameless));
    nameless.name = "f".into();
    assert_eq!(
        defect(vec![Event::ToolCall(nameless), Event::Finish(Finish::Stop)]),
        None
    );
}

#[test]
fn an_end_has_a_reason_and_something_before_it() {
    let text = || Event::Text("a".into());
    assert_eq!(defect(vec![text()]), Some(Defect::NoEnd));
    assert_eq!(defect(vec![Event::Finish(Finish::Stop)]), None);
    let broken = Finish::Broken("MALFORMED_FUNCTION_CALL".into());
    let given_up = Some(Defect::GivenUp("MALFORMED_FUNCTION_CALL".into()));
    assert_eq!(defect(vec![text(), Event::Finish(broken)]), given_up);
    let unheard = || Event::Finish(Finish::Other("a \"word\"".into()));
    assert_eq!(defect(vec![text(), unheard()]), None);
    assert_eq!(
        defect(vec![unheard()]),
        Some(Defect::GivenUp("for a reason of its own".into()))
    );
    // Of a whole answer the end is its end.
    let whole = |events: Vec<Event>| crate::wire::canonical::Answer::judged(events).1;
    assert_eq!(whole(vec![text()]), None);
    assert_eq!(whole(vec![]), Some(Defect::Empty));
    assert_eq!(whole(vec![tool(0), arguments(0, "{")]), Some(Defect::Arguments));
}

#[test]
fn who_calls_no_tool_has_not_called_any() {
    let mut sequencer = Sequencer::default();
    sequencer.take(Event::Finish(Finish::ToolCalls), &mut Vec::new());
    assert_eq!(sequencer.finish(), Some(&Finish::Stop));
    sequencer.take(tool(0), &mut Vec::new());
    assert_eq!(sequencer.finish(), Some(&Finish::ToolCalls));
}

#[test]
fn a_call_that_is_complete_does_not_hold_up_the_next() {
    let mut sequencer = Sequencer::default();
    let mut steps = Vec::new();
    for event in [tool(0), arguments(0, "{}"), tool(1), arguments(1, "{\"b\"")] {
        sequencer.take(event, &mut steps);
    }
    assert!(matches!(steps.last(), Some(Step::Delta { index: 1, .. })), "{steps:?}");
}

#[test]
fn a_second_start_and_a_repeated_call_are_none() {
    let start = || Event::Start { id: None, model: None };
    let steps = steps(vec![start(), start(), tool(0), tool(0), arguments(0, "{}")]);
    obey(&steps);
    assert_eq!(calls(&steps).len(), 1);
}

#[test]
fn each_proof_ends_its_thought() {
    let thought = |text: &str| Event::Thought(text.to_owned());
    let proof = |text: &str| Event::Signature(text.to_owned());
    let steps = steps(vec![
        thought("a"),
        thought("b"),
        proof("1"),
        proof("2"),
        thought(""),
        thought("c"),
    ]);
    obey(&steps);
    let opened = steps.iter().filter(|step| {
        matches!(
            step,
            Step::Open {
                block: Block::Thought,
                ..
            }
        )
    });
    assert_eq!(opened.count(), 3);
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Start { id: None, model: None }),
        "[a-z]{0,3}".prop_map(Event::Text),
        "[a-z]{0,3}".prop_map(Event::Thought),
        "[a-z]{1,3}".prop_map(Event::Signature),
        "[a-z]{1,3}".prop_map(Event::Sealed),
        "[a-z]{0,3}".prop_map(Event::Refusal),
        (0..4_usize).prop_map(tool),
        (
            0..4_usize,
            prop_oneof![Just("{"), Just("}"), Just("{}"), Just("\"a\":1")]
        )
            .prop_map(|(index, json)| arguments(index, json)),
        Just(Event::Finish(Finish::Stop)),
    ]
}

proptest! {
    #[test]
    fn every_order_obeys(events in proptest::collection::vec(any_event(), 0..40)) {
        let mut sequencer = Sequencer::default();
        let mut steps = Vec::new();
        for event in events {
            sequencer.take(event, &mut steps);
        }
        sequencer.close(&mut steps);
        // Only a call that makes the whole answer an error is not closed.
        prop_assert!(left_open(&steps).is_none() || sequencer.defect().is_some());
    }

    #[test]
    fn a_call_that_is_cut_off_is_closed_only_where_its_client_is_told_so(length in proptest::bool::ANY) {
        let finish = if length { Finish::Length } else { Finish::ToolCalls };
        let events = Vec::from([tool(0), arguments(0, "{\"a\":"), tool(1), arguments(1, "{}"), Event::Finish(finish)]);
        let steps = steps(events);
        prop_assert_eq!(left_open(&steps), (!length).then_some(0));
        prop_assert_eq!(calls(&steps).len(), if length { 2 } else { 1 });
    }

    #[test]
    fn no_text_is_lost(texts in proptest::collection::vec("[a-z]{0,4}", 0..20)) {
        let whole: String = texts.concat();
        let told: String = steps(texts.into_iter().map(Event::Text).collect())
            .into_iter()
            .filter_map(|step| match step {
                Step::Delta { delta: Delta::Text(text), .. } => Some(text),
                _ => None,
            })
            .collect();
        prop_assert_eq!(told, whole);
    }

    #[test]
    fn interleaved_arguments_stay_whole(order in proptest::collection::vec(0..3_usize, 0..60)) {
        let texts = ["{\"a\":[1,2,3]}", "{\"bb\":\"x\"}", "{}"];
        let mut sent = [0; 3];
        let mut events: Vec<Event> = (0..3).map(tool).collect();
        for index in order {
            if let Some(letter) = texts[index].get(sent[index]..=sent[index]) {
                events.push(arguments(index, letter));
                sent[index] += 1;
            }
        }
        let steps = steps(events);
        obey(&steps);
        let wanted: Vec<_> = (0..3).map(|index| (index, texts[index][..sent[index]].to_owned())).collect();
        prop_assert_eq!(calls(&steps), wanted);
    }

    /// Texts between the pieces of calls cost neither of them a letter.
    #[test]
    fn nothing_is_lost_between_calls_and_texts(order in proptest::collection::vec(0..4_usize, 0..80)) {
        let texts = ["{\"a\":[1,2,3]}", "{\"bb\":\"}\"}", "{}"];
        let (mut sent, mut said) = ([0; 3], String::new());
        let mut events = Vec::new();
        for index in order {
            match texts.get(index) {
                None => {
                    said.push('x');
                    events.push(Event::Text("x".into()));
                }
                Some(text) if sent[index] < text.len() => {
                    if sent[index] == 0 {
                        events.push(tool(index));
                    }
                    events.push(arguments(index, &text[sent[index]..=sent[index]]));
                    sent[index] += 1;
                }
                Some(_) => {}
            }
        }
        let steps = steps(events);
        obey(&steps);
        let mut told = calls(&steps);
        told.sort();
        let wanted: Vec<_> = (0..3).filter(|index| sent[*index] > 0).map(|index| (index, texts[index][..sent[index]].to_owned())).collect();
        prop_assert_eq!(told, wanted);
        let text: String = steps.iter().filter_map(|step| match step {
            Step::Delta { delta: Delta::Text(text), .. } => Some(text.as_str()),
            _ => None,
        }).collect();
        prop_assert_eq!(text, said);
    }
}
