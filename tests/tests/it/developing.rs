//! `make dev` is told to end: it ends at once, whatever it is at, and what it has started ends with it.

use std::process::Stdio;
use std::time::Instant;

use tests::stage::SOON;
use tokio::process::Command;

/// Stands for a program that takes its time, and for what that starts: both say who they are.
const LONG: &str = "#!/bin/sh\nsleep 60 &\necho \"$$ $!\" >started.new && mv started.new started\nwait\n";
const SHORT: &str = "#!/bin/sh\nexit 0\n";

/// Written by a program of its own: a file that any process of ours has open, forked in another test, cannot be started.
const SET_UP: &str = r#"
mkdir -p tools bin target/debug tools/site/src domain gateway server app migrations style public
touch Cargo.toml Cargo.lock
cp "$TOOLS/dev.sh" "$TOOLS/env.sh" tools
for name in tools/setup-wasm.sh tools/build-browser.sh; do printf '#!/bin/sh\n' >$name; done
printf '%s' "$CARGO" >bin/cargo
printf '%s' "$HUB" >target/debug/aigne-hub
chmod +x tools/*.sh bin/cargo target/debug/aigne-hub
"#;

/// A folder with the script as it is, and these in place of cargo and of the hub.
async fn project(cargo: &str, hub: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools");
    let mut command = Command::new("sh");
    command.args(["-ec", SET_UP]).current_dir(folder.path());
    command.envs([("TOOLS", tools), ("CARGO", cargo), ("HUB", hub)]);
    assert!(command.status().await.unwrap().success());
    folder
}

/// Whether a process of this number does anything any more.
fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

async fn ends_with_what_it_started(cargo: &str, hub: &str) {
    let project = project(cargo, hub).await;
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new(project.path().join("tools/dev.sh"));
    command
        .env("PATH", format!("{}:{path}", project.path().join("bin").display()))
        .env_remove("CARGO_TARGET_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let mut script = command.spawn().unwrap();
    let begin = Instant::now();
    let started = loop {
        if let Ok(started) = std::fs::read_to_string(project.path().join("started")) {
            break started;
        }
        assert!(begin.elapsed() < SOON, "nothing was started");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let kill = format!("kill -TERM {}", script.id().unwrap());
    assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
    let Ok(ended) = tokio::time::timeout(SOON, script.wait()).await else {
        panic!("it waits for what it has started");
    };
    assert_eq!(ended.unwrap().code(), Some(143));
    let begin = Instant::now();
    for pid in started.split_whitespace() {
        while runs(pid) {
            assert!(begin.elapsed() < SOON, "{pid} of {started} still runs");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn who_ends_it_while_it_builds_waits_for_no_compiler() {
    ends_with_what_it_started(LONG, SHORT).await;
}

#[tokio::test]
async fn the_server_ends_with_it() {
    // A hub ends by itself when it is told to, and has no child.
    let hub = "#!/bin/sh\necho $$ >started.new && mv started.new started\nexec sleep 60\n";
    ends_with_what_it_started(SHORT, hub).await;
}
