//! What a command gives back, and how it is printed.

use std::{
    fs::File,
    io::{ErrorKind, Write as _},
    os::fd::AsFd as _,
};

use serde_json::{Value, json};

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

    /// Prints it.
    ///
    /// # Errors
    /// The system's, where it could not be written: a key that nobody has seen is lost.
    pub fn print(&self, json: bool) -> std::io::Result<()> {
        let written = match (json, &self.json) {
            (true, Value::Null) => Ok(()),
            (true, value) => hand_over(format!("{value}\n").as_bytes()),
            (false, _) => hand_over(self.result.as_bytes()),
        };
        if !json && !self.sentence.is_empty() {
            complain(&self.sentence);
        }
        written
    }
}

/// Writes to standard output. Whoever closes the pipe when something has come has read enough; when nothing has, nobody has
/// read it.
fn hand_over(mut rest: &[u8]) -> std::io::Result<()> {
    let mut out = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
    let mut begun = false;
    while !rest.is_empty() {
        match out.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => {
                begun = true;
                rest = rest.get(written..).unwrap_or_default();
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe && begun => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Why a command failed, as a sentence or, for programs, as one line of JSON. Either goes to standard error.
pub fn fail(sentence: &str, exit_code: u8, json: bool) {
    if json {
        complain(&json!({ "error": { "message": sentence, "exit_code": exit_code } }).to_string());
    } else {
        complain(&format!("aigne-hub: {sentence}"));
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
