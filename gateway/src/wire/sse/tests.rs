use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1 << 20;

/// Data and name of an event.
type Seen = (Option<Vec<u8>>, Option<Vec<u8>>);

/// What a reader makes of a stream that arrives in these pieces: data and name of every event that has any.
fn events_of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Seen> {
    let mut framer = Framer::new(LIMIT);
    let mut seen = Vec::new();
    let mut take = |batch: &Batch| {
        let blank = |content| matches!(content, Content::Blank | Content::LateLineFeed);
        for event in batch.events().filter(|event| !blank(event.content)) {
            seen.push((event.data.map(Cow::into_owned), event.name.map(<[u8]>::to_vec)));
        }
    };
    for piece in pieces {
        take(&framer.push(Bytes::copy_from_slice(piece)).unwrap());
    }
    take(&framer.finish());
    seen
}

fn data_of(stream: &[u8]) -> Vec<String> {
    events_of([stream])
        .into_iter()
        .filter_map(|(data, _)| data.map(|data| String::from_utf8(data).unwrap()))
        .collect()
}

/// The bytes that such a reader hands out.
fn bytes_of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut framer = Framer::new(LIMIT);
    let mut out = Vec::new();
    for piece in pieces {
        let batch = framer.push(Bytes::copy_from_slice(piece)).unwrap();
        // Each byte is of exactly one event.
        let spans: Vec<_> = batch.events().map(|event| event.span).collect();
        assert!(spans.windows(2).all(|pair| pair[0].end == pair[1].start), "{spans:?}");
        assert_eq!(spans.first().map_or(0, |span| span.start), 0);
        assert_eq!(spans.last().map_or(0, |span| span.end), batch.bytes.len());
        out.extend_from_slice(&batch.bytes);
    }
    out.extend_from_slice(&framer.finish().bytes);
    out
}

/// What is left of a stream without its byte order mark.
fn unmarked(stream: &[u8]) -> &[u8] {
    stream.strip_prefix(BYTE_ORDER_MARK).unwrap_or(stream)
}

/// Streams with everything that makes framing hard.
const HARD: [&str; 9] = [
    "data: {\"a\":1}\n\ndata: {\"b\":2}\n\ndata: [DONE]\n\n",
    "data: {\"a\":1}\r\n\r\ndata: zwölf 🦀 漢字\r\n\r\n: keep-alive\r\n\r\ndata: [DONE]\r\n\r\n",
    "data: one\r\rdata: two\rdata: three\r\r",
    "\u{feff}data:no space\n\n\n\nevent: error\ndata: x\nid: 7\nretry: 5\n\ndata: last without blank line",
    ": comment\n\n:\n\ndata\n\ndata:\n\ndata: a\ndata:\ndata: b\n\n",
    "data: mixed\r\n\ndata: ends\n\r\ndata: more\r\n\r\n",
    "\n\n\r\n\r\n\r\rdata: after blanks\n\n",
    "data: a\r\n\r\r\ndata: b\n\n",
    "\u{feff}: begins\r\n\r\ndata: a\r\n\n\rdata: b\r\r\n\r\n: between\r\rdata: c\n\r\ndata: d\r\n\r\n",
];

#[test]
fn fields_are_read_as_the_standard_says() {
    assert_eq!(data_of(HARD[0].as_bytes()), ["{\"a\":1}", "{\"b\":2}", "[DONE]"]);
    assert_eq!(data_of(HARD[1].as_bytes()), ["{\"a\":1}", "zwölf 🦀 漢字", "[DONE]"]);
    assert_eq!(data_of(HARD[2].as_bytes()), ["one", "two\nthree"]);
    assert_eq!(
        data_of(HARD[3].as_bytes()),
        ["no space", "x", "last without blank line"]
    );
    assert_eq!(data_of(HARD[4].as_bytes()), ["", "", "a\n\nb"]);
    assert_eq!(data_of(HARD[5].as_bytes()), ["mixed", "ends", "more"]);
    let named = events_of([HARD[3].as_bytes()]);
    assert_eq!(named[1].1.as_deref(), Some(&b"error"[..]));
}

/// The property itself, so that a broken reader can be put to the same test: how many cuts there were, and how many of
/// them changed what was read.
fn changed_by_cuts(stream: &[u8], reader: impl Fn(&[&[u8]]) -> Vec<Seen>) -> (usize, usize) {
    let whole = reader(&[stream]);
    let differs = |cut: &usize| reader(&[&stream[..*cut], &stream[*cut..]]) != whole;
    (stream.len() + 1, (0..=stream.len()).filter(differs).count())
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    for stream in HARD {
        let stream = stream.as_bytes();
        let (cuts, changed) = changed_by_cuts(stream, |pieces| events_of(pieces.iter().copied()));
        assert_eq!((cuts, changed), (stream.len() + 1, 0), "{}", stream.escape_ascii());
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(events_of(single), events_of([stream]));
    }
}

/// Nor is a byte lost or moved, between a CR and its LF neither.
#[test]
fn a_cut_at_any_byte_loses_no_byte() {
    for stream in HARD {
        let stream = stream.as_bytes();
        for cut in 0..=stream.len() {
            let (before, after) = stream.split_at(cut);
            let out = bytes_of([before, after]);
            assert_eq!(
                out.escape_ascii().to_string(),
                unmarked(stream).escape_ascii().to_string(),
                "cut at {cut}"
            );
        }
        assert_eq!(bytes_of(stream.chunks(1)), unmarked(stream));
    }
}

/// What ends in a CR is handed out at once: its LF may come late or never.
#[test]
fn an_event_does_not_wait_for_its_last_line_feed() {
    let mut framer = Framer::new(LIMIT);
    let batch = framer.push(Bytes::from_static(b"data: a\r\n\r")).unwrap();
    assert_eq!((&batch.bytes[..], batch.events().count()), (&b"data: a\r\n\r"[..], 1));
    let batch = framer.push(Bytes::from_static(b"\ndata: b\r\n\r\n")).unwrap();
    let contents: Vec<Content> = batch.events().map(|event| event.content).collect();
    assert_eq!(contents, [Content::LateLineFeed, Content::Fields]);
    assert_eq!(&batch.bytes[..], b"\ndata: b\r\n\r\n");
}

/// Proof that the property above can fail: a reader that decodes each chunk for itself, as naive ones do, is caught.
#[test]
fn the_property_catches_a_reader_that_ignores_cuts() {
    let naive = |pieces: &[&[u8]]| pieces.iter().flat_map(|piece| events_of([*piece])).collect();
    for stream in HARD {
        let (cuts, changed) = changed_by_cuts(stream.as_bytes(), naive);
        assert!(cuts > 20 && changed > 0, "{stream:?}");
    }
}

#[test]
fn whole_events_of_a_chunk_are_slices_of_it() {
    let chunk = Bytes::from_static(b"data: 1\n\ndata: 2\n\ndata: 3");
    let batch = Framer::new(LIMIT).push(chunk.clone()).unwrap();
    assert_eq!(batch.bytes.as_ptr(), chunk.as_ptr());
    assert_eq!(batch.events().count(), 2);
}

#[test]
fn endless_events_are_refused() {
    let mut framer = Framer::new(100);
    assert!(framer.push(Bytes::from_static(&[b'x'; 100])).is_ok());
    assert_eq!(
        framer.push(Bytes::from_static(b"x")).unwrap_err(),
        TooLarge { limit: 100 }
    );
    let whole = [vec![b'y'; 200], b"\n\n".to_vec()].concat();
    assert!(Framer::new(100).push(whole.into()).is_err());
}

/// Each byte is searched once, however small the chunks are: an event of many chunks must not cost their square.
#[test]
fn what_was_searched_is_not_searched_again() {
    let mut framer = Framer::new(LIMIT);
    let event = b"data: {\"delta\":\"no line end\"} and more\ndata: second line, still the same event";
    for (number, byte) in (1..).zip(event.iter().cycle().take(20_000)) {
        assert!(framer.push(Bytes::copy_from_slice(&[*byte])).unwrap().bytes.is_empty());
        assert_eq!((framer.searched, framer.partial.len()), (number, number));
    }
    let batch = framer.push(Bytes::from_static(b"\n\n")).unwrap();
    assert_eq!((batch.bytes.len(), batch.events().count()), (20_002, 1));
}

/// Lines of data are joined in place. Copying what came before for each of these lines would move 4 TB, and
/// this would never end.
#[test]
fn an_event_of_many_lines_is_joined_once() {
    let lines = 2_000_000;
    let event = [b"data:x\n".repeat(lines), b"\n".to_vec()].concat();
    let batch = Framer::new(16 << 20).push(event.into()).unwrap();
    let data: Vec<Vec<u8>> = batch
        .events()
        .filter_map(|event| Some(event.data?.into_owned()))
        .collect();
    assert_eq!(data, [b"x\n".repeat(lines)[..2 * lines - 1].to_vec()]);
}

proptest! {
    #[test]
    fn any_stream_cut_anywhere_gives_the_same_events_and_bytes(
        parts in prop::collection::vec(prop::sample::select(vec!["\u{feff}", "data: ", "data:", "é", "🦀", "\n", "\r", "\r\n", "\n\n", ": c", "event: x", "{\"a\":1}", ":"]), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let stream = parts.concat().into_bytes();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        places.extend([0, stream.len()]);
        places.sort_unstable();
        let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
        prop_assert_eq!(bytes_of(pieces.iter().copied()), unmarked(&stream));
        prop_assert_eq!(events_of(pieces), events_of([stream.as_slice()]));
    }
}
