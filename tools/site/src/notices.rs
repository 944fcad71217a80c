//! `licenses.txt`: what others have written that is linked into the one binary, with the words under which they gave it.
//!
//! The packages are those that cargo links into the server and into its browser half (`linked`); the words are the
//! licence files in their sources (`texts`). The server serves the file, and `aigne-hub licenses` prints it.

mod linked;
mod texts;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::options::Options;
use crate::problem::{self, Problem};
use crate::stamp::Stamp;
use linked::Package;

/// What decides which packages are linked.
const MANIFESTS: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "app/Cargo.toml",
    "app/browser/Cargo.toml",
    "domain/Cargo.toml",
    "gateway/Cargo.toml",
    "server/Cargo.toml",
];

/// The whole text. Made anew only when a manifest has changed, or this tool.
pub fn make(options: &Options) -> Result<Vec<u8>, Problem> {
    let kept = options.work("licenses.txt");
    let mut inputs = vec![
        include_bytes!("notices.rs").to_vec(),
        include_bytes!("notices/linked.rs").to_vec(),
        include_bytes!("notices/texts.rs").to_vec(),
    ];
    for name in MANIFESTS {
        let path = options.root().join(name);
        inputs.push(std::fs::read(&path).map_err(problem::file("read", &path))?);
    }
    let stamp = Stamp::over(options.work("licenses"), inputs.iter().map(Vec::as_slice));
    if stamp.is_current()
        && let Ok(text) = std::fs::read(&kept)
    {
        return Ok(text);
    }
    stamp.forget();
    let text = write(linked::packages(options.root())?)?.into_bytes();
    std::fs::create_dir_all(kept.parent().unwrap_or(Path::new("."))).map_err(problem::file("made", &kept))?;
    std::fs::write(&kept, &text).map_err(problem::file("written", &kept))?;
    stamp.keep()?;
    Ok(text)
}

/// The packages as a list, then each text once, with the packages that it belongs to.
fn write(packages: Vec<Package>) -> Result<String, Problem> {
    let mut list = String::new();
    // By their words, as lines are broken in many ways.
    let mut texts: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for package in packages {
        let name = format!("{} {}", package.name, package.version);
        // Writing into a string never fails.
        let _ = writeln!(list, "{name}\n    {}\n    {}", package.licence, package.origin());
        for text in texts::of(&package)? {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let (_, owners) = texts.entry(words).or_insert_with(|| (text, Vec::new()));
            if owners.last() != Some(&name) {
                owners.push(name.clone());
            }
        }
    }
    // Shared texts first, so that the long list of single ones begins after what most packages have in common.
    let mut texts: Vec<_> = texts.into_values().collect();
    texts.sort_by(|(_, one), (_, other)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    let mut whole = format!("{HEAD}\n{list}");
    for (text, owners) in texts {
        let _ = write!(whole, "\n{RULE}\n{}\n{RULE}\n\n{}\n", owners.join(", "), text.trim());
    }
    Ok(whole)
}

const RULE: &str = "--------------------------------------------------------------------------------";
const HEAD: &str = "\
AIGNE Hub is given under the MIT licence or the Apache License 2.0, at your choice. It contains the work of others, who
gave it under the licences that stand here. First the packages, each with its licence and its origin; then the texts.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_linked_stands_there_with_its_words() {
        let packages = linked::packages(Path::new("../..")).unwrap();
        let named: Vec<_> = packages.iter().map(|package| package.name.as_str()).collect();
        // Linked into the server, into the browser half, and as C.
        for wanted in [
            "tokio",
            "sqlx-postgres",
            "ring",
            "libsqlite3-sys",
            "libmimalloc-sys",
            "wasm-bindgen",
            "tachys",
            linked::STANDARD_LIBRARY,
        ] {
            assert!(named.contains(&wanted), "{wanted}");
        }
        // Ours, what only runs while compiling, and what only tests need.
        for other in [
            "domain",
            "browser",
            "serde_derive",
            "proptest",
            "wasm-bindgen-cli-support",
        ] {
            assert!(!named.contains(&other), "{other}");
        }
        for package in &packages {
            let texts = texts::of(package).unwrap();
            assert!(texts.iter().any(|text| text.len() > 200), "{}", package.name);
        }
        let whole = write(packages).unwrap();
        assert!(
            whole.contains("Copyright (c) 2019-2025 Microsoft") || whole.contains("Daan Leijen"),
            "mimalloc's own"
        );
        assert!(whole.contains("Copyright (c) Greg Johnston"), "made from the authors");
    }

    #[test]
    fn a_text_that_several_share_stands_once() {
        let package = |name: &str| Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: "MIT".to_owned(),
            authors: vec!["Ada <ada@example.com>".to_owned()],
            repository: None,
            folder: None,
        };
        let whole = write(vec![package("one"), package("two")]).unwrap();
        assert_eq!(whole.matches("Permission is hereby granted").count(), 1);
        assert!(
            whole.contains("\none 1.0.0, two 1.0.0\n") && whole.contains("Copyright (c) Ada\n"),
            "{whole}"
        );
    }
}
