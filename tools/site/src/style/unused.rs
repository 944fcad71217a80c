//! The style sheet holds nothing that nobody asks for: each class stands in a text of the console's sources, each token is
//! used. Sources are read as text, so a class must be written out whole; none is put together from parts.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::bundle;

/// A letter or sign of a class and of a token.
fn of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

/// Every name that follows `sign`, outside of quotation marks.
fn names(css: &str, sign: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (index, plain) in css.split('"').enumerate() {
        if index % 2 == 1 {
            continue;
        }
        for part in plain.split(sign).skip(1) {
            let name: String = part.chars().take_while(|letter| of_name(*letter)).collect();
            if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
                found.insert(name);
            }
        }
    }
    found
}

/// The words of every text of a Rust source that holds nothing but words as classes are: no sentences.
fn words(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let line = line.replace("\\\"", "").replace("'\"'", "");
        for text in line.split('"').skip(1).step_by(2) {
            let is_class = |word: &str| {
                word.starts_with(|first: char| first.is_ascii_lowercase())
                    && word
                        .chars()
                        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
            };
            // A place of `format!` takes further classes, which stand whole elsewhere.
            let is_place = |word: &str| word.starts_with('{') && word.ends_with('}');
            if text.split_whitespace().all(|word| is_class(word) || is_place(word)) {
                found.extend(text.split_whitespace().filter(|word| is_class(word)).map(str::to_owned));
            }
        }
    }
    found
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_class_is_rendered() {
    let mut files = Vec::new();
    for folder in ["app/src", "server/src"] {
        sources(&root().join(folder), &mut files);
    }
    let rendered: BTreeSet<String> = files
        .iter()
        .flat_map(|file| words(&std::fs::read_to_string(file).unwrap()))
        .collect();
    let styled = names(&bundle(&root().join("style/main.css")).unwrap(), ".");
    assert!(styled.len() > 150, "too few classes were found: {styled:?}");
    let unused: Vec<_> = styled.difference(&rendered).collect();
    assert!(unused.is_empty(), "nobody renders {unused:?}");
}

#[test]
fn every_token_is_used() {
    let css = bundle(&root().join("style/main.css")).unwrap();
    let used = names(&css, "var(--");
    let unused: Vec<_> = names(&css, "--")
        .into_iter()
        .filter(|name| css.contains(&format!("--{name}:")) && !used.contains(name))
        .collect();
    assert!(unused.is_empty(), "nobody uses {unused:?}");
}

#[test]
fn every_file_is_imported() {
    let main = std::fs::read_to_string(root().join("style/main.css")).unwrap();
    for entry in std::fs::read_dir(root().join("style/components")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(main.contains(&format!("components/{name}\"")), "{name}");
    }
}

#[test]
fn what_is_unused_is_seen() {
    let css = ".one>.two-b:not(.three)::after{inset: 0.5rem;content: \".four\";color: var(--ink)}";
    let found: Vec<_> = names(css, ".").into_iter().collect();
    assert_eq!(found, ["one", "three", "two-b"]);
    let source = "// \"three\"\nlet class = \"one two-b\"; say(\"not three, it says\"); say('\"'); say(\"a \\\" b\");";
    let found: Vec<_> = words(source).into_iter().collect();
    assert_eq!(found, ["a", "b", "one", "two-b"]);
}
