//! The dependency rule: arrows run one way. Read from what cargo itself resolves, so that an indirect way is seen as well.

use std::collections::BTreeSet;
use std::process::Command;

/// Names of all packages that a package needs to run, itself included.
fn needs(package: &str, more: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--package",
            package,
        ])
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

fn check(package: &str, more: &[&str], has: &[&str], lacks: &[&str]) {
    let needs = needs(package, more);
    for name in has {
        assert!(
            needs.contains(*name),
            "{package} does not need {name}: is this list still right?"
        );
    }
    for name in lacks {
        assert!(!needs.contains(*name), "{package} must not need {name}");
    }
}

const HTTP_SERVERS: [&str; 5] = ["axum", "leptos", "leptos_axum", "tower-sessions", "clap"];

#[test]
fn domain_decides_and_does_nothing() {
    let outside = [
        "tokio",
        "sqlx",
        "reqwest",
        "hyper",
        "http",
        "futures-util",
        "gateway",
        "server",
        "app",
        "getrandom",
    ];
    check(
        "domain",
        &[],
        &["serde", "thiserror"],
        &[&outside[..], &HTTP_SERVERS[..]].concat(),
    );
}

#[test]
fn gateway_knows_neither_axum_nor_leptos() {
    check(
        "gateway",
        &[],
        &["domain", "sqlx", "reqwest"],
        &[&["server", "app"][..], &HTTP_SERVERS[..]].concat(),
    );
}

#[test]
fn app_shows_and_does_not_serve() {
    check(
        "app",
        &["--features", "ssr"],
        &["gateway", "leptos"],
        &["server", "tower-sessions", "clap"],
    );
}

#[test]
fn the_browsers_half_brings_no_engine() {
    let outside = ["gateway", "server", "sqlx", "tokio", "axum", "reqwest", "hyper"];
    check(
        "browser",
        &["--target", "wasm32-unknown-unknown"],
        &["app", "domain", "leptos"],
        &outside,
    );
}

#[test]
fn server_brings_all_together_and_no_tests() {
    check(
        "server",
        &[],
        &["gateway", "app", "domain", "axum"],
        &["tests", "browser"],
    );
}

#[test]
fn nothing_depends_on_tests() {
    for package in ["domain", "gateway", "app", "server", "browser", "site"] {
        assert!(!needs(package, &[]).contains("tests"), "{package} needs tests");
    }
}
