use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::wire::{
    canonical::{Frame, StreamReader},
    openai::listen::Reader,
    sse::Framer,
};

/// What a client gets of a stream that arrives in these pieces, and the listener that heard it.
fn heard<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, include_usage: bool) -> (String, Vec<Verdict>, Listener) {
    let (mut framer, mut listener) = (Framer::new(1 << 20), Listener::new(include_usage));
    let (mut passed, mut verdicts) = (Vec::new(), Vec::new());
    let mut batches: Vec<_> = pieces
        .into_iter()
        .map(|piece| framer.push(Bytes::copy_from_slice(piece)).unwrap())
        .collect();
    batches.push(framer.finish());
    for batch in batches {
        for event in batch.events() {
            let verdict = listener.hear(&event);
            if verdict == Verdict::Pass {
                passed.extend_from_slice(&batch.bytes[event.span.clone()]);
            }
            verdicts.push(verdict);
        }
    }
    (String::from_utf8_lossy(&passed).into_owned(), verdicts, listener)
}

const FIXTURES: [(&str, &[u8]); 5] = [
    (
        "openai",
        include_bytes!("../../../../fixtures/openai/stream-openai.sse"),
    ),
    (
        "openrouter",
        include_bytes!("../../../../fixtures/openai/stream-openrouter.sse"),
    ),
    ("groq", include_bytes!("../../../../fixtures/openai/stream-groq.sse")),
    (
        "deepseek",
        include_bytes!("../../../../fixtures/openai/stream-deepseek.sse"),
    ),
    (
        "mistral",
        include_bytes!("../../../../fixtures/openai/stream-mistral.sse"),
    ),
];

fn fixture(name: &str) -> &'static [u8] {
    FIXTURES.iter().find(|(known, _)| *known == name).unwrap().1
}

/// A service that counts while it writes, and says no last word, has counted a part.
#[test]
fn a_count_from_the_beginning_of_a_long_answer_is_not_believed_of_all_of_it() {
    let stream = |first: &str, last: &str| {
        let chunk = |text: &str, finish: &str, usage: &str| {
            format!(
                "data: {{\"id\":\"c\",\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":{finish}}}]{usage}}}\n\n"
            )
        };
        let count = |tokens: &str| format!(",\"usage\":{{\"prompt_tokens\":3,\"completion_tokens\":{tokens}}}");
        let last = if last.is_empty() { String::new() } else { count(last) };
        let long = "word ".repeat(4_000);
        let pieces = [
            chunk("a", "null", &count(first)),
            chunk(&long, "null", ""),
            chunk("", "\"stop\"", &last),
        ];
        pieces.concat() + "data: [DONE]\n\n"
    };
    for (first, last, wanted) in [
        ("1", "", Counted::UpTo(1)),
        ("4001", "", Counted::UpTo(1)),
        ("1", "1", Counted::All),
        ("1", "4001", Counted::All),
        // Counts do not fall.
        ("4001", "1", Counted::UpTo(1)),
    ] {
        let stream = stream(first, last);
        let (_, _, listener) = heard([stream.as_bytes()], true);
        assert_eq!(listener.counted(), wanted, "{first} {last}");
        let at_end = wanted.at_end(listener.report(), listener.text_bytes);
        assert_eq!(at_end == Counted::All, (first, last) != ("1", ""), "{first} {last}");
        let mut reader = Reader::new(Quirks::default());
        for data in stream.lines().filter_map(|line| line.strip_prefix("data: ")) {
            let frame = Frame {
                name: None,
                data: data.as_bytes(),
            };
            reader.read(frame, &mut Vec::new()).unwrap();
        }
        assert_eq!(reader.counted(), wanted, "{first} {last}");
        assert_eq!(reader.report().as_ref(), listener.report());
    }
}

#[test]
fn every_service_ends_complete_with_usage() {
    for (name, stream) in FIXTURES {
        let (_, verdicts, listener) = heard([stream], false);
        assert_eq!(verdicts.last(), Some(&Verdict::Done), "{name}");
        assert!(listener.complete(), "{name}");
        assert!(
            listener.finish_reason.is_some() && listener.counted() == Counted::All && listener.text_bytes > 0,
            "{name}"
        );
        assert!(!verdicts.contains(&Verdict::Malformed), "{name}");
    }
}

#[test]
fn usage_alone_reaches_only_those_who_asked() {
    let (without, _, _) = heard([fixture("openai")], false);
    let (with, _, _) = heard([fixture("openai")], true);
    assert!(!without.contains("\"total_tokens\"") && with.contains("\"total_tokens\""));
    // OpenRouter's usage chunk repeats a choice that has ended.
    let (without, _, listener) = heard([fixture("openrouter")], false);
    assert!(!without.contains("total_tokens") && without.contains("\"finish_reason\":\"stop\""));
    assert!(listener.report().is_some() && heard([fixture("openrouter")], true).0.contains("total_tokens"));
    // Groq's and Mistral's rides on the last words of the answer, which are for everybody.
    for name in ["groq", "mistral"] {
        assert!(heard([fixture(name)], false).0.contains("total_tokens"), "{name}");
    }
}

#[test]
fn comments_pass_and_empty_events_do_not() {
    let (passed, _, _) = heard([&b": keep-alive\n\ndata:\n\nevent: ping\n\nid: 4\n\n\n\n"[..]], false);
    assert_eq!(passed, ": keep-alive\n\n");
}

#[test]
fn the_last_report_counts_and_reports_are_not_summed() {
    let stream = b"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":9}}\n\ndata: {\"choices\":[],\"usage\":null}\n\n";
    let (_, _, listener) = heard([&stream[..]], true);
    assert_eq!(
        listener.report().map(|report| &*report.raw),
        Some(&b"{\"prompt_tokens\":9}"[..])
    );
}

/// vLLM tells with each chunk what its own choice has come to, where it is asked to (`continuous_usage_stats`), and at the end the sum.
#[test]
fn a_report_beside_one_of_several_choices_is_not_that_of_the_answer() {
    let chunk = |index: u64, finish: &str, tokens: u64| {
        format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":\"word\"}},\"finish_reason\":{finish}}}],\"usage\":{{\"prompt_tokens\":3,\"completion_tokens\":{tokens}}}}}\n\n"
        )
    };
    let (first, sum) = (
        chunk(0, "\"stop\"", 1),
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n",
    );
    let (goes_on, ends) = (chunk(1, "null", 2), chunk(1, "\"stop\"", 3));
    let counted = |pieces: &[&str]| {
        let (_, _, listener) = heard(pieces.iter().map(|piece| piece.as_bytes()), true);
        (listener.counted(), listener.complete())
    };
    assert_eq!(counted(&[&first]), (Counted::All, true));
    assert_eq!(counted(&[&first, &goes_on]), (Counted::Part, false));
    // The sum may follow, so that is waited for.
    assert_eq!(counted(&[&first, &goes_on, &ends]), (Counted::UpTo(12), true));
    assert_eq!(counted(&[&first, &goes_on, &ends, sum]), (Counted::All, true));
    // Where it does not end properly it counts what came so far.
    assert_eq!(counted(&[&first, &goes_on, sum]), (Counted::UpTo(8), false));
}

#[test]
fn a_stream_is_complete_when_every_choice_is() {
    let one = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":null}]}\n\n";
    let other = "data: {\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    assert!(!heard([one.as_bytes()], false).2.complete());
    assert!(!heard([one.as_bytes(), other.as_bytes()], false).2.complete());
    assert!(
        heard([one.as_bytes(), other.as_bytes(), end.as_bytes()], false)
            .2
            .complete()
    );
    assert!(!heard([&b""[..]], false).2.complete());
}

#[test]
fn errors_and_broken_frames_are_recognised() {
    let verdict = |stream: &'static str| heard([stream.as_bytes()], false).1.remove(0);
    let failed = |verdict| matches!(verdict, Verdict::Error(said) if said.message == "m");
    assert!(failed(verdict(
        "data: {\"error\":{\"message\":\"m\",\"code\":502},\"choices\":[{\"finish_reason\":\"error\"}]}\n\n"
    )));
    assert!(failed(verdict("event: error\ndata: {\"message\":\"m\"}\n\n")));
    assert!(failed(verdict("data: {\"error\":\"m\"}\n\n")));
    for broken in [
        "data: {\"a\":\n\n",
        "data: hello\n\n",
        "data: []\n\n",
        "data: {} {}\n\n",
        "data: {\"a\":\"\u{1}\"}\n\n",
    ] {
        assert_eq!(verdict(broken), Verdict::Malformed, "{broken}");
    }
    assert_eq!(
        heard([&b"data: {\"a\":\"\xff\"}\n\n"[..]], false).1,
        [Verdict::Malformed]
    );
}

#[test]
fn a_cut_at_any_byte_changes_neither_answer_nor_usage() {
    let mut cuts = 0;
    for (name, stream) in FIXTURES {
        let whole = heard([stream], false);
        for cut in 0..=stream.len() {
            let (before, after) = stream.split_at(cut);
            let parts = heard([before, after], false);
            assert_eq!(
                (&parts.0, parts.2.report(), parts.2.text_bytes),
                (&whole.0, whole.2.report(), whole.2.text_bytes),
                "{name} at {cut}"
            );
            cuts += 1;
        }
    }
    assert!(cuts > 3000, "only {cuts} cuts were tried");
}

proptest! {
    #[test]
    fn no_stream_makes_it_panic(stream in prop::collection::vec(any::<u8>(), 0..300)) {
        heard([stream.as_slice()], true);
    }
}
