//! What `make test` says at its end, and its exit code: the script as it is, over programs that say what runners say. Nothing that failed,
//! was left out or never ran may look as if it had passed.

use std::process::Command;

/// Made by a program of its own: a file that any process of ours has open, forked in another test, cannot be started.
/// Each stands for a runner: it says the file of its name under `said`, and ends with the code in the one beside it.
const SET_UP: &str = r#"
mkdir -p tools bin said end2end tests/sdk target/sdk-venv/bin
cp "$TOOLS/test.sh" "$TOOLS/env.sh" "$TOOLS/flaky.awk" tools
printf 'way=debian\n' >target/wasm-toolchain.env
for name in setup-wasm build-browser setup-tests find-chromium; do printf '#!/bin/sh\n' >tools/$name.sh; done
runner='#!/bin/sh
say() { cat "$ROOT/said/$1" 2>/dev/null; exit "$(cat "$ROOT/said/$1.code" 2>/dev/null || echo 0)"; }
'
printf '%s' "$runner" 'case "$*" in *--doc*) say doc ;; *--lib*) say unit ;; fmt*) say fmt ;; clippy*) say clippy ;; build*) say build ;; esac' >bin/cargo
printf '%s' "$runner" 'case "$*" in *--list*) say screens ;; *) say browser ;; esac' >bin/npx
printf '%s' "$runner" 'say node' >bin/node
printf '%s' "$runner" 'say python' >target/sdk-venv/bin/python
chmod +x tools/*.sh bin/* target/sdk-venv/bin/python
"#;

const UNIT: &str = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
const DOC: &str = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
const NODE: &str =
    "ℹ tests 9\nℹ suites 2\nℹ pass 7\nℹ fail 0\nℹ cancelled 0\nℹ skipped 2\nℹ todo 0\nℹ duration_ms 100\n";
const FLAKY: &str = "  1 flaky\n    [with JavaScript] › tests/a.spec.ts:2:1 › comes late ─────\n  5 passed (1.0m)\n";

/// Runs parts of the script; gives its exit code and all that it says. `said` is what runners say, and their codes.
fn run(parts: &[&str], said: &[(&str, &str, i32)], shown: bool) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools");
    let mut set_up = Command::new("sh");
    set_up.args(["-ec", SET_UP]).current_dir(folder.path());
    assert!(set_up.env("TOOLS", tools).status().unwrap().success());
    for (name, words, code) in said {
        let file = folder.path().join("said").join(name);
        std::fs::write(&file, words).unwrap();
        std::fs::write(file.with_extension("code"), code.to_string()).unwrap();
    }
    let path = std::env::var("PATH").unwrap();
    let mut script = Command::new(folder.path().join("tools/test.sh"));
    script
        .args(parts)
        .env("PATH", format!("{}:{path}", folder.path().join("bin").display()))
        .env("ROOT", folder.path())
        .env("TMPDIR", folder.path())
        .env("HUB_TEST_POSTGRES_URL", "postgres://nowhere")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("V");
    if shown {
        script.env("V", "1");
    }
    let output = script.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    (output.status.code(), said)
}

/// The last line is the total, whatever came.
fn total(said: &str) -> &str {
    said.lines().last().unwrap_or_default()
}

#[test]
fn what_passed_is_counted_over_all_runners() {
    for shown in [false, true] {
        let all = [
            ("unit", UNIT, 0),
            ("doc", DOC, 0),
            ("python", "....s\n12 passed, 1 skipped in 3.20s\n", 0),
            ("node", NODE, 0),
            ("browser", FLAKY, 0),
        ];
        let (code, said) = run(&["lint", "unit", "sdk", "browser"], &all, shown);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(total(&said), "29 passed, 0 failed, 4 skipped, 1 flaky", "{said}");
        for line in [
            UNIT.trim_end(),
            DOC.trim_end(),
            "12 passed, 1 skipped in 3.20s",
            "ℹ pass 7",
            "  5 passed (1.0m)",
            "FLAKY, passed only when tried again: [with JavaScript] › tests/a.spec.ts:2:1 › comes late",
            "LEFT OUT, clippy of the browser half",
        ] {
            assert!(said.contains(line), "{line}: {said}");
        }
    }
}

#[test]
fn what_failed_never_looks_as_if_it_had_passed() {
    let failed = "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
    let red = "  1 failed\n    [with JavaScript] › tests/b.spec.ts:9:1 › never comes ───\n  2 did not run\n  4 passed (1.0m)\n";
    // What runs, what its runner says and its code, which part is named, and the total.
    for (part, runner, words, code, named, last) in [
        ("unit", "unit", failed, 101, "unit", "2 passed, 1 failed"),
        // It does not compile.
        (
            "unit",
            "unit",
            "error: could not compile\n",
            101,
            "unit",
            "0 passed, 1 failed",
        ),
        // A runner that ends well and has run nothing.
        ("unit", "unit", "", 0, "unit", "0 passed, 1 failed"),
        // One that ends badly after its summary.
        ("unit", "unit", UNIT, 101, "unit", "3 passed, 1 failed, 1 skipped"),
        (
            "sdk",
            "python",
            "1 error in 0.31s\n",
            2,
            "sdk-python",
            "7 passed, 1 failed, 2 skipped",
        ),
        ("browser", "browser", red, 1, "browser", "4 passed, 1 failed, 2 skipped"),
        (
            "browser",
            "screens",
            "SyntaxError: no export\n",
            1,
            "screens",
            "5 passed, 1 failed, 1 flaky",
        ),
        ("lint", "fmt", "Diff in a.rs\n", 1, "format", "0 passed, 1 failed"),
        ("lint", "clippy", "error: a lint\n", 101, "clippy", "0 passed, 1 failed"),
        (
            "unit",
            "build",
            "error: could not compile\n",
            101,
            "build",
            "0 passed, 1 failed",
        ),
    ] {
        for shown in [false, true] {
            let mut all = vec![("node", NODE, 0), ("browser", FLAKY, 0)];
            all.retain(|(name, _, _)| *name != runner);
            all.push((runner, words, code));
            let (ended, said) = run(&[part], &all, shown);
            assert_eq!((ended, total(&said)), (Some(1), last), "{part} {words:?}: {said}");
            assert!(
                said.contains(&format!("Failed: {named}; see target/test-logs")),
                "{said}"
            );
            assert!(said.contains(words.trim_end()), "its words are shown: {said}");
        }
    }
    let (ended, said) = run(&["unti"], &[], false);
    assert!(ended == Some(1) && said.contains("there is no part `unti`"), "{said}");
}

/// One broken part does not keep the others from being run.
#[test]
fn one_run_shows_all_that_is_wrong() {
    let all = [
        ("fmt", "Diff\n", 1),
        ("unit", "", 101),
        ("node", NODE, 0),
        ("python", "1 passed in 1s\n", 0),
    ];
    let (code, said) = run(&["lint", "unit", "sdk"], &all, false);
    assert_eq!(
        (code, total(&said)),
        (Some(1), "8 passed, 2 failed, 2 skipped"),
        "{said}"
    );
    assert!(said.contains("Failed: format unit; see"), "{said}");
}
