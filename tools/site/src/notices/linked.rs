//! Which packages of others are linked into the binary, as cargo says: into the server on this machine, and into the
//! browser half. What runs only while compiling, build scripts and macros, is not part of the product.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::problem::Problem;

/// One package of others.
pub struct Package {
    pub name: String,
    pub version: String,
    /// The licence as its manifest names it.
    pub licence: String,
    /// With or without addresses.
    pub authors: Vec<String>,
    pub repository: Option<String>,
    /// Where its sources are, if they are on this machine.
    pub folder: Option<PathBuf>,
}

impl Package {
    /// Where it comes from.
    pub fn origin(&self) -> String {
        let registry = || format!("https://crates.io/crates/{}", self.name);
        self.repository.clone().unwrap_or_else(registry)
    }
}

/// What the compiler itself brings along.
pub const STANDARD_LIBRARY: &str = "Rust's standard library";
const BROWSER: &str = "wasm32-unknown-unknown";

/// Every package, in order of names.
pub fn packages(root: &Path) -> Result<Vec<Package>, Problem> {
    let version = run(root, "rustc", &["-vV"])?;
    let field = |name: &str| {
        version
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_default()
            .trim()
    };
    let (host, release) = (field("host:"), field("release:"));
    let mut linked = tree(root, "server", host)?;
    linked.extend(tree(root, "browser", BROWSER)?);

    let described = run(
        root,
        "cargo",
        &[
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            host,
        ],
    )?;
    let described: Value = serde_json::from_str(&described).map_err(|error| Problem::Cargo(error.to_string()))?;
    let described: BTreeMap<_, _> = described["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|package| ((text(&package["name"]), text(&package["version"])), package))
        .collect();
    let mut packages = Vec::new();
    for (name, version) in linked {
        let key = (name, version);
        let Some(package) = described.get(&key) else {
            return Err(Problem::Cargo(format!(
                "it links {} {}, and does not describe it",
                key.0, key.1
            )));
        };
        // Ours have no source.
        if !package["source"].is_null() {
            packages.push(read(key, package));
        }
    }
    packages.push(Package {
        name: STANDARD_LIBRARY.to_owned(),
        version: release.to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        authors: vec!["The Rust Project Contributors".to_owned()],
        repository: Some("https://github.com/rust-lang/rust".to_owned()),
        folder: None,
    });
    Ok(packages)
}

fn read((name, version): (String, String), package: &Value) -> Package {
    let authors = package["authors"].as_array().into_iter().flatten().map(text).collect();
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    Package {
        name,
        version,
        licence: package["license"].as_str().unwrap_or("as its file says").to_owned(),
        authors,
        repository: package["repository"].as_str().map(str::to_owned),
        folder: manifest.parent().map(Path::to_owned),
    }
}

/// Names and versions of what is linked into a package of ours.
fn tree(root: &Path, package: &str, target: &str) -> Result<BTreeSet<(String, String)>, Problem> {
    let arguments = [
        "tree",
        "--locked",
        "--package",
        package,
        "--target",
        target,
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let listed = run(root, "cargo", &arguments)?;
    let pair = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    };
    Ok(listed.lines().filter_map(pair).collect())
}

fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<String, Problem> {
    let failed = |words: &str| Problem::Cargo(format!("`{program} {}`: {}", arguments.join(" "), words.trim()));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| failed(&error.to_string()))?;
    if !output.status.success() {
        return Err(failed(&String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(&error.to_string()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
