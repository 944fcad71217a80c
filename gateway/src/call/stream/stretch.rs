//! What goes on of a batch of events: a stretch of its bytes, as they came, but for what is not for the client within it. However much is
//! left out, a stretch is one piece: what came together goes on together.

use std::{borrow::Cow, ops::Range};

use bytes::{Bytes, BytesMut};

use crate::wire::sse::Event;

/// What passes since the last piece.
#[derive(Default)]
pub(super) struct Stretch {
    span: Option<Range<usize>>,
    /// What is left out of it, in order.
    cuts: Vec<Range<usize>>,
}

impl Stretch {
    /// The event passes.
    pub fn pass(&mut self, event: &Range<usize>) {
        let start = self.span.take().map_or(event.start, |span| span.start);
        self.span = Some(start..event.end);
    }

    /// The event passes without this part of its data.
    pub fn pass_without(&mut self, event: &Event<'_>, part: &Range<usize>, batch: &Bytes) {
        self.pass(&event.span);
        let Some(Cow::Borrowed(data)) = event.data else { return };
        let data = data.as_ptr().addr().checked_sub(batch.as_ptr().addr());
        if let Some(cut) = data.map(|data| data + part.start..data + part.end)
            && event.span.start <= cut.start
            && cut.end <= event.span.end
        {
            self.cuts.push(cut);
        }
    }

    /// The piece for the client, if anything has passed since the last.
    pub fn take(&mut self, batch: &Bytes) -> Option<Bytes> {
        let span = self.span.take()?;
        if self.cuts.is_empty() {
            return Some(batch.slice(span));
        }
        let mut piece = BytesMut::with_capacity(span.len());
        let mut at = span.start;
        for cut in self.cuts.drain(..) {
            piece.extend_from_slice(&batch[at..cut.start]);
            at = cut.end;
        }
        piece.extend_from_slice(&batch[at..span.end]);
        Some(piece.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{
        openai::stream::{Listener, Verdict},
        sse::Framer,
    };

    /// What comes in these pieces, as the pieces that go on.
    fn passed(pieces: &[&str], include_usage: bool) -> Vec<String> {
        let (mut framer, mut listener) = (Framer::new(1 << 20), Listener::new(include_usage));
        let mut passed = Vec::new();
        for piece in pieces {
            let batch = framer.push(Bytes::copy_from_slice(piece.as_bytes())).unwrap();
            let mut stretch = Stretch::default();
            for event in batch.events() {
                match listener.hear(&event) {
                    Verdict::Without(part) => stretch.pass_without(&event, &part, &batch.bytes),
                    Verdict::Pass => stretch.pass(&event.span),
                    other => panic!("{other:?}"),
                }
            }
            let piece = stretch.take(&batch.bytes);
            passed.extend(piece.map(|piece| String::from_utf8(piece.to_vec()).unwrap()));
        }
        passed
    }

    const ONE: &str = "id: 7\r\ndata:  {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\\"usage\\\":null\"},\"usage\":null}] , \"usage\" : null,\"x\":1}\r\n\r\n";
    const BARE: &str = "id: 7\r\ndata:  {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\\"usage\\\":null\"},\"usage\":null}] ,\"x\":1}\r\n\r\n";
    const OTHER: &str = ": still there\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n";

    #[test]
    fn the_placeholder_for_usage_goes_and_what_came_together_goes_on_together() {
        let together = [ONE, OTHER, ONE].concat();
        let bare = [BARE, OTHER, BARE].concat();
        assert_eq!(passed(&[&together], false), [bare.as_str()]);
        assert_eq!(passed(&[&together], true), [together.as_str()]);
        assert_eq!(passed(&[OTHER, ONE], false), [OTHER, BARE]);
        for at in 1..together.len() {
            let (first, second) = together.split_at(at);
            assert_eq!(passed(&[first, second], false).concat(), bare, "{at}");
        }
    }

    #[test]
    fn what_cannot_be_cut_out_of_one_line_passes_as_it_came() {
        let lines = "data: {\"choices\":[{\"index\":0,\"delta\":{}}],\ndata: \"usage\":null}\n\n";
        assert_eq!(passed(&[lines], false), [lines]);
        let first = "data: {\"usage\":null,\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n";
        assert_eq!(passed(&[first], false), [first]);
    }
}
