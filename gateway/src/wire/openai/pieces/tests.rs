//! What providers say that nobody would.

use serde_json::json;

use super::*;

/// Each new call and each piece of one is placed without a look at all others.
#[test]
fn a_hundred_thousand_calls_are_no_square_of_work() {
    let call = |at: usize| json!({ "index": 0, "id": format!("c{at}"), "function": { "name": "f", "arguments": "{" } });
    let more = |at: usize| json!({ "index": 0, "id": format!("c{at}"), "function": { "arguments": "}" } });
    let mut pieces = Pieces::of("a".to_owned());
    let mut events = Vec::new();
    for calls in [
        (0..100_000).map(call).collect::<Vec<_>>(),
        (0..100_000).map(more).collect(),
    ] {
        let Value::Object(mut said) = json!({ "tool_calls": calls }) else {
            return;
        };
        pieces.hear(&mut said, &mut events);
    }
    assert_eq!(events.len(), 300_000);
    for (at, event) in events[200_000..].iter().enumerate() {
        let json = "}".to_owned();
        assert_eq!(*event, Event::Arguments { index: at, json });
    }
}
