//! Hears a whole stream, for tests.

use super::super::{
    canonical::{Event, Frame, ReadProblem, StreamReader},
    sse::Framer,
};

/// Everything that a stream says, up to its first problem. Its bytes come in two pieces.
pub(super) fn hear(reader: &mut dyn StreamReader, stream: &[u8], cut: usize) -> (Vec<Event>, Option<ReadProblem>) {
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
