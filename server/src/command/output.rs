//! What a command gives back, and how it is printed.

use std::io::Write as _;

use serde_json::Value;

/// The result of a command.
#[derive(Debug)]
pub struct Outcome {
    /// For programs; printed instead of the rest with `--json`.
    pub json: Value,
    /// For pipes: a table, or the one thing that was made. Goes to standard output.
    pub result: String,
    /// For people. Goes to standard error.
    pub sentence: String,
}

impl Outcome {
    /// Nothing left to say.
    #[must_use]
    pub const fn silent() -> Self {
        Self {
            json: Value::Null,
            result: String::new(),
            sentence: String::new(),
        }
    }

    /// A table of rows.
    pub fn table(json: Value, titles: &[&str], rows: &[Vec<String>]) -> Self {
        let sentence = if rows.is_empty() {
            "There are none.".to_owned()
        } else {
            String::new()
        };
        let result = if rows.is_empty() {
            String::new()
        } else {
            align(titles, rows)
        };
        Self { json, result, sentence }
    }

    /// Prints it. Whoever closed the pipe has read enough.
    ///
    /// # Errors
    /// The system's, where it could not be written: a key that nobody has seen is lost.
    pub fn print(&self, json: bool) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        let written = match (json, &self.json) {
            (true, Value::Null) => Ok(()),
            (true, value) => writeln!(out, "{value}"),
            (false, _) => out.write_all(self.result.as_bytes()),
        };
        let written = written.and_then(|()| out.flush());
        if !json && !self.sentence.is_empty() {
            complain(&self.sentence);
        }
        match written {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }
}

/// One sentence on standard error.
pub fn complain(sentence: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{sentence}");
}

fn align(titles: &[&str], rows: &[Vec<String>]) -> String {
    let titles: Vec<String> = titles.iter().map(|title| title.to_uppercase()).collect();
    let lines = || std::iter::once(&titles).chain(rows);
    let width = |column: usize| {
        lines()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    lines()
        .map(|line| {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let text = align(
            &["id", "name"],
            &[vec!["1".into(), "a".into()], vec!["22".into(), String::new()]],
        );
        assert_eq!(text, "ID  NAME\n1   a\n22\n");
    }
}
