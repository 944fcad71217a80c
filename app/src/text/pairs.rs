//! The table of texts is the source itself: `pick("Keys", "密钥")`. This reads it and finds pairs that lack a language, or say the
//! same in both by mistake.

use std::path::{Path, PathBuf};

/// What Chinese says in the same letters: names and words of the trade, by their English.
const ALIKE: [&str; 6] = [", UTC", "PDFs", "STARTTLS", "TLS", "hub", "tokens"];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// The text literal that begins here, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().strip_prefix('"')?;
    let mut said = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Some((said, &text[at + 1..])),
            '\\' => {
                signs.next();
            }
            sign => said.push(sign),
        }
    }
    None
}

/// Every `before("English", "Chinese")` of a source, with the line at which it begins.
fn pairs(source: &str) -> Vec<(usize, String, String)> {
    let starts = source.match_indices("pick(").map(|(at, word)| at + word.len());
    let read = |at: usize| {
        let (english, rest) = literal(&source[at..])?;
        let (chinese, _) = literal(rest.trim_start().strip_prefix(',')?)?;
        let line = source[..at].lines().count();
        Some((line, english, chinese))
    };
    starts.filter_map(read).collect()
}

fn is_han(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

/// What is wrong with a pair.
fn problem(english: &str, chinese: &str) -> Option<&'static str> {
    let letters = |text: &str| text.chars().any(char::is_alphabetic);
    if ALIKE.contains(&english) {
        return None;
    }
    if english.trim().is_empty() != chinese.trim().is_empty() {
        return Some("one language says nothing");
    }
    if english.chars().any(is_han) {
        return Some("English holds Chinese");
    }
    if letters(english) && !chinese.chars().any(is_han) {
        return Some("Chinese is not said");
    }
    None
}

#[test]
fn every_text_stands_in_both_languages() {
    let mut files = Vec::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    sources(&here.join("src"), &mut files);
    // What a browser is told where no page can be made, and what mails say.
    sources(&here.join("../server/src"), &mut files);
    sources(&here.join("../gateway/src/mail"), &mut files);
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in files.iter().filter(|file| !file.ends_with("text/pairs.rs")) {
        let source = std::fs::read_to_string(file).expect("a source");
        for (line, english, chinese) in pairs(&source) {
            seen += 1;
            if let Some(problem) = problem(&english, &chinese) {
                wrong.push(format!(
                    "{}:{line}: {problem}: {english:?}, {chinese:?}",
                    file.display()
                ));
            }
        }
    }
    assert!(seen > 500, "only {seen} pairs were read");
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_reader_sees_what_is_wrong() {
    let read = pairs("language.pick(\n \"Keys \\\"new\\\"\",\n \"密钥\",\n); x.pick(a, b); y.pick(\"On\", \"On\")");
    assert_eq!(
        read,
        [(1, "Keys new".into(), "密钥".into()), (4, "On".into(), "On".into())]
    );
    for (english, chinese, expected) in [
        ("Keys", "密钥", None),
        ("Keys", "Keys", Some("Chinese is not said")),
        ("Keys", "", Some("one language says nothing")),
        ("密钥", "密钥", Some("English holds Chinese")),
        (", ", "，", None),
    ] {
        assert_eq!(problem(english, chinese), expected, "{english}");
    }
}
