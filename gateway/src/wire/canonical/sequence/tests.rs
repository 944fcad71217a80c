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
        }
    }
    assert_eq!(open, None, "a block stays open");
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
        obey(&steps(events));
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
}
