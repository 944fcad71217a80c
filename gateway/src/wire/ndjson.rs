//! Cuts a byte stream into lines, each one JSON value, as Ollama sends them. Bounded, and harmless wherever a piece is cut.

use bytes::{Bytes, BytesMut};

use super::sse::{Batch, TooLarge};

/// What is left of earlier chunks.
#[derive(Debug)]
pub struct Framer {
    limit: usize,
    partial: BytesMut,
}

impl Framer {
    /// A framer that refuses lines over `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            partial: BytesMut::new(),
        }
    }

    /// Takes a chunk and gives back the lines that it completes.
    ///
    /// # Errors
    /// [`TooLarge`]; the stream cannot be read on.
    pub fn push(&mut self, chunk: &Bytes) -> Result<Batch, TooLarge> {
        let Some(last) = memchr::memrchr(b'\n', chunk) else {
            self.partial.extend_from_slice(chunk);
            return self.within(Batch::default());
        };
        let complete = if self.partial.is_empty() {
            chunk.slice(..=last)
        } else {
            let mut joined = std::mem::take(&mut self.partial);
            joined.extend_from_slice(&chunk[..=last]);
            joined.freeze()
        };
        self.partial = BytesMut::from(&chunk[last + 1..]);
        let mut lines = Vec::new();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &complete) {
            lines.push(start..end + 1);
            start = end + 1;
        }
        self.within(Batch::of_lines(complete, lines))
    }

    fn within(&self, batch: Batch) -> Result<Batch, TooLarge> {
        if batch.longest().max(self.partial.len()) > self.limit {
            return Err(TooLarge { limit: self.limit });
        }
        Ok(batch)
    }

    /// The stream has ended: what is left counts as a line, although its end is missing.
    pub fn finish(&mut self) -> Batch {
        let rest = std::mem::take(&mut self.partial).freeze();
        let whole = 0..rest.len();
        if whole.is_empty() {
            return Batch::default();
        }
        Batch::of_lines(rest, vec![whole])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn data(batch: &Batch) -> Vec<Vec<u8>> {
        let lines = batch.events().filter_map(|line| Some(line.data?.into_owned()));
        lines.collect()
    }

    proptest! {
        /// Wherever the bytes are cut, the lines are those of the whole.
        #[test]
        fn cuts_change_nothing(text in prop::collection::vec(prop::sample::select(b"a\r\n{}\xe4\xb8".to_vec()), 0..60), cuts in prop::collection::vec(0..60_usize, 0..8)) {
            let whole: Vec<Vec<u8>> = text
                .split(|byte| *byte == b'\n')
                .map(|line| line.trim_ascii().to_vec())
                .filter(|line| !line.is_empty())
                .collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let mut framer = Framer::new(100);
            let mut found = Vec::new();
            for pair in cuts.windows(2) {
                let batch = framer.push(&Bytes::copy_from_slice(&text[pair[0]..pair[1]])).unwrap();
                found.extend(data(&batch));
            }
            found.extend(data(&framer.finish()));
            prop_assert_eq!(found, whole);
        }
    }

    #[test]
    fn a_line_without_an_end_is_refused_when_it_is_too_long() {
        let mut framer = Framer::new(10);
        assert!(framer.push(&Bytes::from_static(b"{\"a\":1}\n{")).is_ok());
        assert!(framer.push(&Bytes::from_static(b"123456789")).is_ok());
        assert_eq!(framer.push(&Bytes::from_static(b"0")).unwrap_err().limit, 10);
        assert!(Framer::new(3).push(&Bytes::from_static(b"12345\n")).is_err());
    }
}
