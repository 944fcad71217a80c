//! A provider that answers in another wire's form: that is its fault, and never a success in which nothing was said.

use bytes::Bytes;
use domain::{
    call::Dialect,
    catalog::{Quirks, Wire},
};

use super::super::{
    Kept, Speech,
    pieces::{Ending, answers, carry, end, named, speeches, streams},
};
use crate::wire::{canonical::Opening, unstreamed};

/// Those that read the same form are no strangers to each other.
fn form(wire: Wire) -> Wire {
    match wire {
        Wire::GoogleEmbed => Wire::GoogleGenerate,
        Wire::OllamaEmbed => Wire::OllamaChat,
        wire => wire,
    }
}

fn strangers(wire: Wire) -> impl Iterator<Item = Wire> {
    let wires = Wire::ALL.into_iter().filter(|other| !other.embeds());
    wires.filter(move |other| form(*other) != form(wire))
}

/// As text, of an answer that counts as a success: what a client would get of it.
fn heard(speech: Speech, body: &[u8]) -> Option<String> {
    let whole = speech.hear(body, &Quirks::default(), &Kept::Nothing).ok()?;
    if whole.defect.is_some() {
        return None;
    }
    let body = Bytes::copy_from_slice(body);
    let told = speech.tell(whole.content, body, end(), named, &Opening::default());
    Some(String::from_utf8_lossy(&told).into_owned())
}

fn chats() -> impl Iterator<Item = Speech> {
    speeches().into_iter().filter(|speech| !speech.wire.embeds())
}

#[test]
fn a_whole_answer_in_another_wires_form_is_no_success() {
    let mut met = 0;
    for speech in chats() {
        assert!(
            answers(speech.wire).iter().any(|own| heard(speech, own).is_some()),
            "{speech:?}"
        );
        for stranger in strangers(speech.wire) {
            for answer in answers(stranger) {
                let told = heard(speech, answer);
                assert_eq!(told, None, "{speech:?} takes an answer of {stranger:?}");
                met += 1;
            }
        }
    }
    assert!(met > 200, "{met}");
}

/// Nor one that came whole where a stream was asked for.
#[test]
fn a_stream_in_another_wires_form_is_no_success() {
    let succeeds = |speech: Speech, stream: &[u8]| {
        let carried = carry(speech, &[stream], 1 << 20).unwrap();
        matches!(carried.ending, Ending::Done | Ending::Silence) && carried.finish.is_some()
    };
    // Pictures come whole, and have no stream of their own.
    let streamed = |wire: &Wire| *wire != Wire::OpenaiImages;
    let mut met = 0;
    for speech in chats().filter(|speech| streamed(&speech.wire)) {
        assert!(succeeds(speech, streams(speech.wire)[0]), "{speech:?}");
        for stranger in strangers(speech.wire).filter(streamed) {
            for stream in streams(stranger) {
                assert!(!succeeds(speech, stream), "{speech:?} takes a stream of {stranger:?}");
                met += 1;
            }
            for answer in answers(stranger) {
                let Some(cut) = unstreamed::as_stream(speech.wire, answer) else {
                    continue;
                };
                assert!(
                    !succeeds(speech, &cut),
                    "{speech:?} takes an answer of {stranger:?} for a stream"
                );
                met += 1;
            }
        }
    }
    assert!(met > 500, "{met}");
}

/// A chunk that says something in both forms says it in the client's, too.
#[test]
fn who_says_it_in_both_forms_is_understood() {
    let both =
        br#"{"choices":[{"index":0,"text":"a","message":{"role":"assistant","content":"a"},"finish_reason":"stop"}]}"#;
    for dialect in [Dialect::OpenaiChat, Dialect::OpenaiCompletions] {
        let speech = speeches()
            .into_iter()
            .find(|speech| speech.dialect == dialect && speech.passes());
        assert!(heard(speech.unwrap(), both).is_some(), "{dialect:?}");
    }
}
