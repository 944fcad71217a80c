//! What the documents name is there: a walkthrough that leads to a file which was renamed leads nowhere.

use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What building makes, and what is not ours.
const MADE: [&str; 4] = ["target", "node_modules", ".git", "data"];
/// Names in the documents that are the reader's, or stand for many.
const OTHERS: [&str; 2] = ["hub.toml", "tests/*.spec.ts"];

/// All files and folders below one, as paths from the root.
fn below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if MADE.contains(&&*name) {
            continue;
        }
        found.insert(path.strip_prefix(ROOT).unwrap().to_string_lossy().into_owned());
        if path.is_dir() {
            below(&path, found);
        }
    }
}

/// The paths that a document names: `like/this.rs`. What begins with a slash is an address of the hub.
fn named(document: &str) -> impl Iterator<Item = &str> {
    let is_path = |word: &&str| {
        let plain = word
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "_-./*".contains(letter));
        let file = [".rs", ".md", ".sh", ".toml", ".ts"]
            .iter()
            .any(|ending| word.ends_with(ending));
        plain && !word.starts_with('/') && file
    };
    document.split('`').skip(1).step_by(2).filter(is_path)
}

/// What is named and not there. A path may begin anywhere below the root.
fn missing<'a>(document: &'a str, there: &BTreeSet<String>) -> Vec<&'a str> {
    let is_there = |word: &str| {
        let end = format!("/{word}");
        there.contains(word) || there.iter().any(|path| path.ends_with(&end))
    };
    named(document)
        .filter(|word| !OTHERS.contains(word) && !is_there(word))
        .collect()
}

#[test]
fn every_file_that_is_named_exists() {
    let mut there = BTreeSet::new();
    below(Path::new(ROOT), &mut there);
    for document in ["ARCHITECTURE.md", "README.md", "docs/bench.md", "docs/ux-checks.md"] {
        let text = std::fs::read_to_string(Path::new(ROOT).join(document)).unwrap();
        assert_eq!(missing(&text, &there), [""; 0], "{document} names what there is not");
    }
    let text = std::fs::read_to_string(Path::new(ROOT).join("ARCHITECTURE.md")).unwrap();
    assert!(named(&text).count() > 100, "the paths are found");
    assert_eq!(
        missing("see `gateway/src/lib.rs` and `lost/one.rs`", &there),
        ["lost/one.rs"]
    );
}
