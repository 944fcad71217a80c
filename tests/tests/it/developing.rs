//! `make dev`: what changes is built and served, and when it is told to end it ends at once, whatever it is at, with all that it has started.

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

fn script(project: &tempfile::TempDir) -> Command {
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new(project.path().join("tools/dev.sh"));
    command
        .env("PATH", format!("{}:{path}", project.path().join("bin").display()))
        .env_remove("CARGO_TARGET_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn ends_with_what_it_started(cargo: &str, hub: &str) {
    let project = project(cargo, hub).await;
    let mut script = script(&project).spawn().unwrap();
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

/// Waits until the file of what was done has so many lines that begin with this word, and gives them.
async fn done(project: &tempfile::TempDir, word: &str, times: usize) -> Vec<String> {
    let begin = Instant::now();
    loop {
        let all = std::fs::read_to_string(project.path().join("done")).unwrap_or_default();
        let lines: Vec<String> = all
            .lines()
            .filter(|line| line.starts_with(word))
            .map(str::to_owned)
            .collect();
        if lines.len() >= times {
            assert_eq!(lines.len(), times, "{all}");
            return lines;
        }
        assert!(begin.elapsed() < SOON, "{word} {times}: {all}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Writes a file at a moment that the file system tells from the one at which the script last looked: it counts in milliseconds.
async fn write(project: &tempfile::TempDir, path: &str) {
    let at = |name: &str| project.path().join(name);
    let moment = |name: &str| std::fs::metadata(at(name)).unwrap().modified().unwrap();
    loop {
        std::fs::write(at("moment"), "").unwrap();
        if moment("moment") > moment("target/dev.mark") {
            return std::fs::write(at(path), "changed").unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_change_is_built_and_served_and_one_of_style_is_taken_over_alone() {
    let cargo = "#!/bin/sh\n[ -e broken ] && code=1\necho build >>done\nexit ${code:-0}\n";
    let hub = "#!/bin/sh\necho hub $$ >>done\nexec sleep 60\n";
    let project = project(cargo, hub).await;
    let site = "printf '#!/bin/sh\\necho site >>done\\n' >tools/build-browser.sh";
    let written = Command::new("sh")
        .args(["-c", site])
        .current_dir(project.path())
        .status()
        .await;
    assert!(written.unwrap().success());
    let mut script = script(&project).spawn().unwrap();
    let pid = |lines: Vec<String>| lines.last().unwrap().trim_start_matches("hub ").to_owned();

    let first = pid(done(&project, "hub", 1).await);
    write(&project, "style/main.css").await;
    done(&project, "site", 2).await;
    write(&project, "domain/lib.rs").await;
    let second = pid(done(&project, "hub", 2).await);
    assert!(!runs(&first) && runs(&second));
    done(&project, "build", 2).await;
    // What does not compile leaves the old one serving.
    write(&project, "broken").await;
    write(&project, "app/lib.rs").await;
    done(&project, "build", 3).await;
    std::fs::remove_file(project.path().join("broken")).unwrap();
    assert!(runs(&second));
    write(&project, "app/lib.rs").await;
    let third = pid(done(&project, "hub", 3).await);
    assert!(!runs(&second) && runs(&third));
    done(&project, "site", 5).await;

    let kill = format!("kill -TERM {}", script.id().unwrap());
    assert!(Command::new("sh").args(["-c", &kill]).status().await.unwrap().success());
    assert_eq!(script.wait().await.unwrap().code(), Some(143));
    assert!(!runs(&third));
}
