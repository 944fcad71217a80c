//! Letters that nobody sees, or that turn the text around them: with them one name looks like another. Refused where a name is
//! made, and left out of labels that were stored before.

/// A name as people see it: what storage holds from before such letters were refused.
pub(super) fn seen(text: &str) -> String {
    kept(text).collect()
}

/// Whether a name holds such a letter.
pub(super) fn is_in(text: &str) -> bool {
    kept(text).count() != text.chars().count()
}

/// The letters of a text that are seen. What joins signs stays after signs: emoji are made so.
fn kept(text: &str) -> impl Iterator<Item = char> {
    let mut before = None;
    text.chars().filter(move |letter| {
        if matches!(letter, '\u{200d}' | '\u{fe0f}') && before.is_some_and(is_sign) {
            return true;
        }
        let stays = !is_invisible(*letter);
        if stays {
            before = Some(*letter);
        }
        stays
    })
}

/// Neither a letter nor a digit of any script, nor what keyboards have.
fn is_sign(letter: char) -> bool {
    letter > '\u{2000}' && !letter.is_alphanumeric()
}

/// What Unicode calls default-ignorable (`DerivedCoreProperties.txt` of 15.1), among it each mark that turns text around, and the
/// separators of lines and paragraphs.
const fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{is_in, seen};

    #[test]
    fn a_name_looks_like_no_other() {
        for (stored, looks) in [
            ("\u{202e}atad", "atad"),
            ("da\u{200b}ta", "data"),
            ("da\u{200d}ta", "data"),
            ("data\u{fe0f}", "data"),
            ("\u{2066}data\u{2069}", "data"),
            ("da\u{ad}ta", "data"),
            ("data\u{e0041}", "data"),
            ("\u{3164}", ""),
        ] {
            assert!(is_in(stored), "{stored:?}");
            assert_eq!(seen(stored), looks);
        }
        for plain in [
            "data",
            "数据",
            "Ünal",
            "مشروع",
            "a-b_c d",
            "❤\u{fe0f} team",
            "👩\u{200d}💻",
            "❤\u{fe0f}\u{200d}🔥",
        ] {
            assert!(!is_in(plain), "{plain:?}");
            assert_eq!(seen(plain), plain);
        }
    }
}
