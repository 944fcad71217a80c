use domain::call::Dialect;
use serde_json::json;

use super::*;
use crate::wire::{speech::pieces, unstreamed::as_stream};

const LIMIT: usize = 1 << 20;

fn told(speech: Speech, whole: Whole) -> Value {
    let answer = speech.tell(
        whole.content,
        Bytes::new(),
        pieces::end(),
        pieces::named,
        &crate::wire::canonical::Opening::default(),
    );
    serde_json::from_slice(&answer).unwrap()
}

/// An answer that is streamed and gathered again is told as the same one.
#[test]
fn what_was_streamed_is_told_as_a_whole() {
    let mut met = 0;
    for speech in pieces::speeches() {
        if speech.wire.embeds() || speech.passes() || speech.wire == Wire::OpenaiCompletions {
            continue;
        }
        for body in pieces::answers(speech.wire) {
            // A line's end between the words of JSON is as good as a space, and within an event there is none.
            let body: Vec<u8> = body
                .iter()
                .map(|byte| if *byte == b'\n' { b' ' } else { *byte })
                .collect();
            let Ok(heard) = speech.hear(&body, &Quirks::default(), &Kept::Nothing) else {
                continue;
            };
            let stream = Bytes::from(as_stream(speech.wire, &body).unwrap());
            let gathered = speech.gather(&stream, &Quirks::default(), &Kept::Nothing, LIMIT);
            let Ok(gathered) = gathered else { panic!("{speech:?}") };
            assert_eq!(gathered.finish_reason, heard.finish_reason, "{speech:?}");
            assert_eq!(gathered.defect, heard.defect, "{speech:?}");
            let usage = |whole: &Whole| whole.report.as_ref().map(|report| report.usage.clone());
            assert_eq!(usage(&gathered), usage(&heard), "{speech:?}");
            assert_eq!(told(speech, gathered), told(speech, heard), "{speech:?}");
            met += 1;
        }
    }
    assert!(met > 20, "{met}");
}

#[test]
fn where_both_speak_the_same_the_client_gets_its_own_shape() {
    let speech = |dialect, wire| Speech {
        dialect,
        kind: pieces::kind(wire),
        wire,
    };
    let gathered = |speech: Speech, stream: Vec<u8>| {
        let whole = speech.gather(&stream.into(), &Quirks::default(), &Kept::Nothing, LIMIT);
        whole.ok().map(|whole| told(speech, whole))
    };
    let responses = speech(Dialect::OpenaiResponses, Wire::OpenaiResponses);
    for body in pieces::answers(Wire::OpenaiResponses) {
        let whole: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(
            gathered(responses, as_stream(responses.wire, body).unwrap()),
            Some(whole)
        );
    }
    let completions = speech(Dialect::OpenaiCompletions, Wire::OpenaiCompletions);
    let body = json!({"id": "c", "object": "text_completion", "choices": [
        {"index": 0, "text": "ab", "finish_reason": "stop"}, {"index": 1, "text": "c", "finish_reason": "length"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}});
    let stream = as_stream(completions.wire, body.to_string().as_bytes()).unwrap();
    assert_eq!(gathered(completions, stream), Some(body));
    let chat = speech(Dialect::OpenaiChat, Wire::OpenaiChat);
    let answer = gathered(chat, as_stream(chat.wire, pieces::answers(chat.wire)[0]).unwrap()).unwrap();
    assert_eq!(
        (&answer["object"], &answer["choices"][0]["index"]),
        (&json!("chat.completion"), &json!(0))
    );
    let messages = speech(Dialect::AnthropicMessages, Wire::AnthropicMessages);
    let answer = gathered(
        messages,
        as_stream(messages.wire, pieces::answers(messages.wire)[0]).unwrap(),
    )
    .unwrap();
    assert_eq!(answer["type"], "message");
}

/// Each piece looks for its choice among all: there are as many as may be asked for.
#[test]
fn a_choice_that_cannot_have_been_asked_for_is_no_answer() {
    for (index, answers) in [
        (json!(127), true),
        (json!(128), false),
        (json!(-1), false),
        (json!("a"), false),
    ] {
        let piece = json!({ "choices": [{ "index": index, "text": "a", "finish_reason": "stop" }] });
        let stream = format!("data: {piece}\n\ndata: [DONE]\n\n");
        let completions = Speech {
            dialect: Dialect::OpenaiCompletions,
            kind: pieces::kind(Wire::OpenaiCompletions),
            wire: Wire::OpenaiCompletions,
        };
        let heard = completions.gather(&stream.into(), &Quirks::default(), &Kept::Nothing, LIMIT);
        assert_eq!(heard.is_ok(), answers, "{index}");
    }
}

#[test]
fn a_stream_that_breaks_off_is_no_answer() {
    for speech in pieces::speeches() {
        if speech.wire.embeds() {
            continue;
        }
        let stream = pieces::streams(speech.wire)[0];
        let half = Bytes::copy_from_slice(&stream[..stream.len() / 2]);
        assert!(
            speech.gather(&half, &Quirks::default(), &Kept::Nothing, LIMIT).is_err(),
            "{speech:?}"
        );
    }
}
