//! Properties of everything that reads bytes of others, for every dialect at every wire: damaged, cut anywhere or made of noise,
//! bytes never cause a panic; where a stream is cut changes nothing; no event grows beyond its limit; what is told of an answer is
//! not larger than the answer calls for. Each test counts what it met, so that none can pass by having met nothing.

use bytes::Bytes;
use domain::{
    call::Dialect,
    catalog::{Quirks, Wire},
};
use proptest::{prelude::*, test_runner::TestRunner};

use super::{
    Kept,
    pieces::{Ending, answers, carry, cut, cuts, damage, end, named, requests, speeches, streams},
    scan,
};
use crate::wire::canonical::Opening;

/// Larger than any event here.
const ROOM: usize = 1 << 20;

/// Runs a property this often.
fn often<S: Strategy>(count: u32, strategy: &S, mut holds: impl FnMut(S::Value) -> Result<(), TestCaseError>) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases: count,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let held = std::cell::RefCell::new(&mut holds);
    let ran = runner.run(strategy, |value| (held.borrow_mut())(value));
    assert!(
        ran.is_ok(),
        "{}",
        ran.err().map_or_else(String::new, |error| error.to_string())
    );
}

fn which() -> impl Strategy<Value = prop::sample::Index> {
    any::<prop::sample::Index>()
}

fn one_of(which: prop::sample::Index, all: &'static [&'static [u8]]) -> &'static [u8] {
    all[which.index(all.len())]
}

#[test]
fn where_a_stream_is_cut_changes_nothing_damaged_or_not() {
    let (mut whole, mut silent, mut broken, mut written) = (0, 0, 0, 0);
    for speech in speeches() {
        often(40, &(which(), damage(), cuts()), |(which, damage, cuts)| {
            let bytes = damage.done(one_of(which, streams(speech.wire)));
            let once = carry(speech, &[&bytes], ROOM).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let cut = carry(speech, &cut(&bytes, &cuts), ROOM);
            prop_assert_eq!(Ok(&once), cut.as_ref(), "{:?}", speech);
            // Byte by byte.
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            let single = carry(speech, &single, ROOM);
            prop_assert_eq!(Ok(&once), single.as_ref(), "{:?}", speech);
            match once.ending {
                Ending::Done => whole += 1,
                Ending::Silence => silent += 1,
                Ending::Malformed | Ending::Error => broken += 1,
            }
            written += usize::from(once.out.len() > 100);
            Ok(())
        });
    }
    let met = (whole, silent, broken, written);
    assert!(whole > 50 && silent > 10 && broken > 100 && written > 500, "{met:?}");
}

/// Whatever lines end with, and whatever stands between events: a client of the provider's own dialect gets the same bytes
/// wherever they were cut, those of the provider as far as its last word.
#[test]
fn line_ends_pass_as_they_are_wherever_they_are_cut() {
    let mut met = 0;
    for speech in speeches()
        .into_iter()
        .filter(|speech| speech.passes() && !speech.wire.sends_lines())
    {
        let plain = std::str::from_utf8(streams(speech.wire)[0]).unwrap();
        for (mark, ends) in [
            ("", &["\n"][..]),
            ("", &["\r\n"]),
            ("\u{feff}", &["\r\n"]),
            ("", &["\r"]),
            ("\u{feff}: keep-alive\r\n\r\n", &["\r\n", "\n", "\r", "\r\n", "\r\n"]),
        ] {
            let mut stream = mark.to_owned();
            for (line, end) in plain.lines().zip(ends.iter().cycle()) {
                stream += line;
                stream += end;
            }
            let once = carry(speech, &[stream.as_bytes()], ROOM).unwrap();
            let source = stream.trim_start_matches('\u{feff}').as_bytes();
            assert!(
                source.starts_with(&once.out) && once.out.len() > 100,
                "{speech:?} {ends:?}"
            );
            // Elsewhere than about line ends the properties above cut.
            let near = |cut: &usize| {
                let around = &stream.as_bytes()[cut.saturating_sub(2)..(cut + 2).min(stream.len())];
                *cut < 8 || around.iter().any(|byte| b"\r\n".contains(byte))
            };
            for cut in (0..=stream.len()).filter(near) {
                let (before, after) = stream.as_bytes().split_at(cut);
                let parts = carry(speech, &[before, after], ROOM);
                assert_eq!(Ok(&once), parts.as_ref(), "{speech:?} {ends:?} cut at {cut}");
                met += 1;
            }
        }
    }
    assert!(met > 1_000, "{met}");
}

#[test]
fn noise_never_panics_and_means_the_same_in_pieces() {
    let mut met = 0;
    let noise = prop::collection::vec(
        prop_oneof![any::<u8>(), prop::sample::select(b"data: {}[]\"\n\r".to_vec())],
        0..300,
    );
    for speech in speeches() {
        often(40, &(&noise, cuts()), |(noise, cuts)| {
            met += 1;
            let once = carry(speech, &[&noise], ROOM);
            prop_assert_eq!(once, carry(speech, &cut(&noise, &cuts), ROOM));
            let _ = speech.refusal(&noise);
            let _ = speech.hear(&noise, &Quirks::default(), &Kept::Nothing);
            Ok(())
        });
    }
    assert!(met >= 40 * speeches().len(), "{met}");
}

/// A line that never ends, whatever its pieces: it is refused before more than the limit and a piece are held.
#[test]
fn an_event_has_a_limit_however_it_comes() {
    const LIMIT: usize = 4_000;
    let mut met = 0;
    for speech in speeches() {
        for piece in [1, 7, 999, 10_000] {
            let endless = vec![b'x'; piece];
            let mut pieces: Vec<&[u8]> = vec![b"data: \""];
            pieces.resize(1 + 20_000 / piece, &endless);
            assert!(
                carry(speech, &pieces, LIMIT).is_err(),
                "{speech:?} in pieces of {piece}"
            );
            met += 1;
        }
        let first = streams(speech.wire)[0];
        let longest = first
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::len)
            .max()
            .unwrap_or_default();
        assert!(
            longest > 50 && carry(speech, &[first], longest / 2).is_err(),
            "{speech:?}"
        );
    }
    assert_eq!(met, 4 * speeches().len());
}

#[test]
fn damaged_whole_answers_are_told_or_refused() {
    let (mut told, mut refused, mut embedded) = (0, 0, 0);
    for speech in speeches() {
        let kept = match speech.wire {
            Wire::GoogleEmbed | Wire::OllamaEmbed => Kept::Embedding {
                inputs: 2,
                base64: true,
            },
            _ => Kept::Nothing,
        };
        // Embeddings are short, and few of them outlast the damage.
        let count = if speech.wire.embeds() { 400 } else { 60 };
        often(count, &(which(), damage()), |(which, damage)| {
            let body = damage.done(one_of(which, answers(speech.wire)));
            match speech.hear(&body, &Quirks::default(), &kept) {
                Err(_) => refused += 1,
                Ok(whole) => {
                    let length = body.len();
                    let again = speech.tell(whole.content, body.into(), end(), named, &Opening::default());
                    prop_assert!(
                        again.len() <= 20 * length + 10_000,
                        "{:?}: {} of {length}",
                        speech,
                        again.len()
                    );
                    told += 1;
                    embedded += usize::from(speech.wire.embeds());
                }
            }
            Ok(())
        });
    }
    assert!(embedded > 30, "{embedded} embeddings told");
    assert!(told > 100 && refused > 100, "{told} told, {refused} refused");
}

#[test]
fn damaged_requests_are_written_or_refused() {
    let (mut written, mut refused, mut unread) = (0, 0, 0);
    for speech in speeches() {
        often(
            40,
            &(which(), damage(), prop::option::of(1..5_000_u64)),
            |(which, damage, cap)| {
                let body = Bytes::from(damage.done(one_of(which, requests(speech.dialect))));
                let Ok(mut scanned) = scan(speech.dialect, &body) else {
                    unread += 1;
                    return Ok(());
                };
                if speech.prepare(&mut scanned, &body, "m").is_err() {
                    unread += 1;
                    return Ok(());
                }
                match speech.ask(&scanned, &body, "m", &Quirks::default(), cap) {
                    Ok(asked) => {
                        written += 1;
                        let value: Result<serde_json::Value, _> = serde_json::from_slice(&asked.body);
                        // What passes may hold what this reader does not take, such as a number beyond measure.
                        prop_assert!(speech.passes() || value.is_ok(), "{:?}", speech);
                        prop_assert!(asked.body.len() <= 20 * body.len() + 10_000, "{:?}", speech);
                    }
                    Err(_) => refused += 1,
                }
                Ok(())
            },
        );
    }
    assert!(
        written > 50 && unread > 50 && refused > 0,
        "{written} written, {refused} refused, {unread} unread"
    );
}

/// Twice as many calls, sources or pictures are told in about twice as many bytes, in every dialect.
#[test]
fn what_is_told_of_a_stream_grows_with_it() {
    let call = |at: usize| {
        format!(r#"{{"tool_calls":[{{"index":{at},"id":"c{at}","function":{{"name":"f","arguments":"{{}}"}}}}]}}"#)
    };
    let picture = |_: usize| {
        let bytes = "A".repeat(200);
        format!(r#"{{"images":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{bytes}"}}}}]}}"#)
    };
    let stream = |count: usize, delta: &dyn Fn(usize) -> String| {
        let chunk = |delta: String, finish: &str| {
            format!(
                "data: {{\"id\":\"a\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n"
            )
        };
        let mut text: String = (0..count).map(|at| chunk(delta(at), "null")).collect();
        text += &chunk("{}".to_owned(), "\"stop\"");
        text + "data: [DONE]\n\n"
    };
    let mut met = 0;
    for speech in speeches() {
        if speech.wire != Wire::OpenaiChat || speech.passes() {
            continue;
        }
        for delta in [&call as &dyn Fn(usize) -> String, &picture] {
            let length = |count| {
                let carried = carry(speech, &[stream(count, delta).as_bytes()], ROOM).unwrap();
                assert_eq!(carried.ending, Ending::Done, "{speech:?}");
                carried.out.len()
            };
            let (some, twice) = (length(300), length(600));
            assert!(twice <= some * 5 / 2, "{speech:?}: {some}, then {twice}");
            met += 1;
        }
    }
    assert!(met >= 8, "{met}");
}

/// The fixtures themselves are read, so that what is damaged above is worth damaging.
#[test]
fn what_is_damaged_is_sound() {
    for speech in speeches() {
        for stream in streams(speech.wire).iter().take(2) {
            let carried = carry(speech, &[stream], ROOM).unwrap();
            assert_ne!(carried.ending, Ending::Malformed, "{speech:?}");
            assert!(carried.text_bytes > 0, "{speech:?}");
        }
        for answer in answers(speech.wire).iter().filter(|_| speech.wire.embeds()) {
            let kept = Kept::Embedding {
                inputs: 2,
                base64: true,
            };
            let heard = speech.hear(
                answer,
                &Quirks::default(),
                if speech.passes() { &Kept::Nothing } else { &kept },
            );
            assert!(heard.is_ok(), "{speech:?}");
        }
        for request in requests(speech.dialect) {
            assert!(scan(speech.dialect, request).is_ok(), "{:?}", speech.dialect);
        }
    }
    // Legacy completions answer none but who asks for one, and so do pictures.
    assert_eq!(speeches().len(), 6 * 5 + 1 + 3 + 1, "{:?}", Dialect::ALL);
}
