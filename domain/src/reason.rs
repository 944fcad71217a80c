//! Why something about money is done, as it stands in the ledger and in the list of changes. Read here for the console, the admin API
//! and the command line alike.

/// Letters that a reason has at the most.
pub const MOST: usize = 200;

/// One line without control characters, not empty, of at most [`MOST`] letters. Breaks and runs of spaces become one space.
#[must_use]
pub fn read(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (1..=MOST).contains(&line.chars().count()) && !line.chars().any(char::is_control);
    fits.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line() {
        assert_eq!(read(" a\r\n\tb  c ").as_deref(), Some("a b c"));
        assert_eq!(read(&"ä".repeat(MOST)), Some("ä".repeat(MOST)));
        for text in ["", " \n ", "a\0b", "\u{1b}[31m", &"a".repeat(MOST + 1)] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
