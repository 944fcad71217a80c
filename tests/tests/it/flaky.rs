//! A test of the browser that passes only at another try is named at the end of `make test`, so that nobody overlooks it.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What Playwright's list reporter wrote when one test passed at its second try, one failed at all of them and one was left out.
const LOG: &str = "
  1) [with JavaScript] › tests/a.spec.ts:2:1 › comes at the second try ─────────────

    Error: expect(received).toBe(expected) // Object.is equality

  1 failed
    [with JavaScript] › tests/b.spec.ts:9:1 › never comes ──────────────────────────
  2 flaky
    [with JavaScript] › tests/a.spec.ts:2:1 › comes at the second try ──────────────
    [without JavaScript] › tests/c.spec.ts:20:3 › a group › comes at the third try ─
  1 skipped
  2 passed (4.9s)
";

#[test]
fn flaky_tests_are_named() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let named = |log: &str| {
        let mut awk = Command::new("awk");
        awk.args(["-f", "tools/flaky.awk"]).current_dir(root);
        let mut child = awk.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        named(LOG),
        "[with JavaScript] › tests/a.spec.ts:2:1 › comes at the second try\n\
         [without JavaScript] › tests/c.spec.ts:20:3 › a group › comes at the third try\n"
    );
    assert_eq!(named(&LOG.replace("  2 flaky", "  2 failed")), "");
    // And whoever runs all tests is told.
    let script = std::fs::read_to_string(format!("{root}/tools/test.sh")).unwrap();
    assert!(script.contains("tools/flaky.awk") && script.contains("FLAKY"));
}
