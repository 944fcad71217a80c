//! What stands in manifests and in words for readers, held against what is there: cargo-leptos's section, the lock files of npm, the
//! files that ARCHITECTURE.md, README.md and the pages under `docs` name.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tests::hub::binary;

/// The project's folder.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn cargo_metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .current_dir(ROOT)
        .args([
            "metadata",
            "--offline",
            "--locked",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Where nobody sets anything.
fn default_of(setting: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(binary());
    command
        .args(["config", "--json"])
        .env_clear()
        .current_dir(folder.path());
    let output = command.output().unwrap();
    let settings: Value = serde_json::from_slice(&output.stdout).unwrap();
    settings[setting]["value"].as_str().unwrap().to_owned()
}

/// What cargo-leptos (0.3) makes of its section: which packages it builds, which file it starts, what it copies where.
#[test]
fn cargo_leptos_finds_what_its_section_names() {
    let metadata = cargo_metadata();
    let section = &metadata["metadata"]["leptos"][0];
    let word = |name: &str| section[name].as_str().unwrap_or_else(|| panic!("no {name}"));
    let package = |name: &str| {
        let all = metadata["packages"].as_array().unwrap();
        let found = all.iter().find(|package| package["name"] == name);
        found.unwrap_or_else(|| panic!("no package {name}"))
    };
    let has_target =
        |package: &Value, fits: &dyn Fn(&Value) -> bool| package["targets"].as_array().unwrap().iter().any(fits);
    let one_of = |list: &Value, word: &str| list.as_array().unwrap().iter().any(|item| item == word);

    let server = package(word("bin-package"));
    let target = word("bin-target");
    assert!(
        has_target(server, &|made| made["name"] == target && one_of(&made["kind"], "bin")),
        "the server has no program {target}"
    );
    // It starts the file with the package's name, unless it is told another.
    let started = section["bin-exe-name"].as_str().unwrap_or(word("bin-package"));
    assert_eq!(started, target, "the file that is started is the one that is built");
    let browser = package(word("lib-package"));
    assert!(
        has_target(browser, &|made| one_of(&made["crate_types"], "cdylib")),
        "{browser}"
    );
    for package in [server, browser] {
        assert!(
            package["features"]["default"].is_null(),
            "it builds without default features"
        );
    }

    assert_eq!(word("output-name"), env!("LEPTOS_OUTPUT_NAME"));
    let served = format!("$CARGO_MANIFEST_DIR/../{}", word("site-root"));
    assert!(read("server/src/assets.rs").contains(&served), "{served}");
    assert_eq!(word("site-pkg-dir"), "pkg");
    assert_eq!(word("site-addr"), default_of("HUB_LISTEN"));
    assert!(read(word("style-file")).contains("@import"));
    let assets = Path::new(ROOT).join(word("assets-dir"));
    assert!(assets.join("favicon.svg").is_file());
    for reserved in ["index.html", "pkg"] {
        assert!(!assets.join(reserved).exists(), "it refuses a folder with {reserved}");
    }
    let profile = format!("[profile.{}]", word("lib-profile-release"));
    assert!(read("Cargo.toml").contains(&profile), "{profile}");
    let scripts: Value = serde_json::from_str(&read(&format!("{}/package.json", word("end2end-dir")))).unwrap();
    let script = word("end2end-cmd").strip_prefix("npm ").unwrap();
    assert!(scripts["scripts"][script].is_string(), "no script {script}");
}

/// Every file and folder of the project, relative to it; without what is made and what is fetched.
fn everything() -> Vec<String> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if ["target", "node_modules", ".git", "data", "test-results"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                walk(&path, into);
            }
            into.push(path);
        }
    }
    let mut paths = Vec::new();
    walk(Path::new(ROOT), &mut paths);
    let relative = paths.iter().map(|path| path.strip_prefix(ROOT).unwrap());
    relative.map(|path| path.to_string_lossy().into_owned()).collect()
}

/// A lock file with addresses would fetch from there, whatever registry the machine is told to use.
#[test]
fn lock_files_of_npm_record_no_addresses() {
    let locks: Vec<String> = everything()
        .into_iter()
        .filter(|path| path.ends_with("package-lock.json"))
        .collect();
    assert!(locks.len() >= 5, "{locks:?}");
    for lock in locks {
        let packages: Value = serde_json::from_str(&read(&lock)).unwrap();
        for (name, package) in packages["packages"].as_object().unwrap() {
            assert!(package["resolved"].is_null(), "{lock}: {name}");
        }
        // The next `npm install` leaves them out as well.
        let rules = read(&lock.replace("package-lock.json", ".npmrc"));
        assert!(rules.contains("omit-lockfile-registry-resolved=true"), "{lock}");
    }
}

/// `a/{b,c}.rs` means both.
fn spelt_out(word: &str) -> Vec<String> {
    let Some((before, (within, after))) = word
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    else {
        return vec![word.to_owned()];
    };
    let each = within.split(',').map(|part| format!("{before}{part}{after}"));
    each.flat_map(|word| spelt_out(&word)).collect()
}

/// What looks like a path of this project, in the words between backticks.
fn paths_in(text: &str) -> Vec<String> {
    const ENDINGS: [&str; 9] = [".rs", ".sh", ".ts", ".mjs", ".py", ".md", ".toml", ".sql", ".awk"];
    let is_plain = |word: &str| {
        word.chars()
            .all(|sign| sign.is_ascii_alphanumeric() || "/_-.{},".contains(sign))
    };
    let is_path =
        |word: &&str| is_plain(word) && (word.contains('/') || ENDINGS.iter().any(|ending| word.ends_with(ending)));
    let words = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let paths = words.filter(is_path).filter(|word| !word.starts_with('/'));
    paths.flat_map(|word| spelt_out(word.trim_end_matches('/'))).collect()
}

/// In the page that says where things are a name may stand without the folders before it, and without `.rs`.
#[test]
fn files_that_the_words_name_are_there() {
    let there = everything();
    let is_there = |path: &str| {
        let ends_so = |known: &String, path: &str| known == path || known.ends_with(&format!("/{path}"));
        there
            .iter()
            .any(|known| ends_so(known, path) || ends_so(known, &format!("{path}.rs")))
    };
    // Files of whoever runs the hub.
    let elsewhere = |path: &str| path == "hub.toml" || path.starts_with("target/");
    let (mut seen, mut gone) = (0, Vec::new());
    for page in ["ARCHITECTURE.md", "docs/ux-checks.md", "docs/admin-api.md"] {
        for path in paths_in(&read(page)) {
            seen += 1;
            if !elsewhere(&path) && !is_there(&path) {
                gone.push(format!("{page}: {path}"));
            }
        }
    }
    let readme = read("README.md");
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !link.contains("://") && !there.iter().any(|known| known == link) {
            gone.push(format!("README.md: {link}"));
        }
    }
    assert!(seen > 150, "only {seen} names were read");
    assert_eq!(gone, [""; 0]);
    assert_eq!(paths_in("see `a/{b,c}.rs`, `x` and `/v1`"), ["a/b.rs", "a/c.rs"]);
    assert!(!is_there("gateway/src/nowhere.rs"));
}
