//! Compares what a conversion makes with the file that stands beside its input. Used by the tests of this folder.

use std::{fs, path::PathBuf};

use super::super::{
    canonical::{Event, Frame, ReadProblem, StreamReader},
    sse::Framer,
};

/// The folder of one kind of fixture.
fn folder(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/anthropic")
        .join(kind)
}

/// The cases of a kind, by name: the bytes of `NAME.in.ENDING`.
pub(super) fn cases(kind: &str, ending: &str) -> Vec<(String, Vec<u8>)> {
    let ending = format!(".in.{ending}");
    let mut cases: Vec<(String, Vec<u8>)> = fs::read_dir(folder(kind))
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name()?.to_str()?.strip_suffix(&ending)?.to_owned();
            Some((name, fs::read(&path).unwrap()))
        })
        .collect();
    assert!(!cases.is_empty(), "there is no case in {kind}");
    cases.sort();
    cases
}

/// The endings of a case's files that lie between these two.
pub(super) fn between(kind: &str, name: &str, before: &str, after: &str) -> Vec<String> {
    let before = format!("{name}{before}");
    let mut found: Vec<String> = fs::read_dir(folder(kind))
        .unwrap()
        .filter_map(|entry| {
            let file = entry.unwrap().file_name().into_string().unwrap();
            Some(file.strip_prefix(&before)?.strip_suffix(after)?.to_owned())
        })
        .collect();
    found.sort();
    found
}

/// Fails unless the file says the same.
pub(super) fn same(kind: &str, file: &str, found: &str) {
    let path = folder(kind).join(file);
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found.trim_end(),
        wanted.trim_end(),
        "{} differs; found:\n{found}",
        path.display()
    );
}

/// JSON as a person reads it, with its members in their order.
pub(super) fn pretty(json: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

/// Everything that a stream says, up to its first problem.
pub(super) fn listen(reader: &mut dyn StreamReader, stream: &[u8], cut: usize) -> (Vec<Event>, Option<ReadProblem>) {
    let mut events = Vec::new();
    let mut framer = Framer::new(1 << 20);
    let cut = cut.min(stream.len());
    for chunk in [&stream[..cut], &stream[cut..]] {
        let batch = framer.push(chunk.to_vec().into()).unwrap();
        for event in batch.events() {
            let Some(data) = &event.data else { continue };
            let frame = Frame { name: event.name, data };
            if let Err(problem) = reader.read(frame, &mut events) {
                return (events, Some(problem));
            }
        }
    }
    (events, None)
}
