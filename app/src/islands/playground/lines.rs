//! Cuts a stream of bytes into whole lines. A character or a line that arrives in two pieces is put together first.
//!
//! Used on both sides: by `super::reader` for the hub's frames, by `pages::playground` for the engine's events.

/// Bytes that have not yet become a line.
#[derive(Debug, Default)]
pub struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Takes more bytes and hands out every line that is complete now, without its line break. Bytes that are no UTF-8
    /// are replaced, never lost in silence.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                lines.push(text(&self.rest));
                self.rest.clear();
            }
        }
        lines
    }
}

fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_are_the_same_wherever_the_bytes_are_cut() {
        let all = "data: {\"a\":\"é中🙂\"}\r\n\r\ndata: [DONE]\n".as_bytes();
        let expected = ["data: {\"a\":\"é中🙂\"}", "", "data: [DONE]"];
        for cut in 0..=all.len() {
            let mut lines = Lines::default();
            let mut found = lines.push(&all[..cut]);
            found.extend(lines.push(&all[cut..]));
            assert_eq!(found, expected, "cut at {cut}");
        }
    }
}
