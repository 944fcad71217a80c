//! The hub as a running process: started, watched through its files of output, told to stop, or killed. A process ends
//! with its handle.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::process::{Child, Command};

/// Longer than any start takes on a busy machine.
const START: Duration = Duration::from_secs(60);
/// Longer than any orderly end takes, with the drain times that suites set.
const END: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);

/// A process that may still run.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// What it printed when it was ready: address, public URL, set-up link and, in a demo, key and curl line.
    pub greeting: Value,
}

impl Process {
    /// Starts `command` (`serve --json …`) and waits until it greets. Output goes on at the end of the two files.
    ///
    /// # Errors
    /// The exit status, when it ended instead.
    pub(super) async fn start(command: &mut Command, stdout: &Path, stderr: &Path) -> Result<Self, ExitStatus> {
        let append = |path: &Path| std::fs::File::options().create(true).append(true).open(path).unwrap();
        let before = std::fs::read_to_string(stdout).unwrap_or_default().len();
        command
            .stdin(Stdio::null())
            .stdout(append(stdout))
            .stderr(append(stderr))
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let begin = Instant::now();
        loop {
            let said = std::fs::read_to_string(stdout).unwrap_or_default();
            let greeting = said.get(before..).and_then(|said| said.split_once('\n'));
            if let Some((line, _)) = greeting {
                let greeting = serde_json::from_str(line).unwrap();
                return Ok(Self { child, greeting });
            }
            if let Some(status) = child.try_wait().unwrap() {
                return Err(status);
            }
            assert!(
                begin.elapsed() < START,
                "the hub did not say within {START:?} that it is ready"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let address = self.greeting["address"].as_str().unwrap_or_default();
        address.trim_start_matches("http://").parse().unwrap()
    }

    /// Its number in the system; 0 when it has ended.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Kills it at once, as a crash would end it.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to stop, as a service manager does.
    pub async fn ask_to_stop(&self) {
        self.signal("TERM").await;
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn ended(mut self) -> ExitStatus {
        tokio::time::timeout(END, self.child.wait())
            .await
            .unwrap_or_else(|_| panic!("the hub did not end within {END:?}"))
            .unwrap()
    }

    /// Whether it has not ended.
    ///
    /// # Panics
    /// When the system does not say.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends it a signal, such as `INT`.
    ///
    /// # Panics
    /// When that is not possible.
    pub async fn signal(&self, name: &str) {
        let Some(pid) = self.child.id() else { return };
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {pid}")])
            .status()
            .await;
        assert!(status.unwrap().success());
    }
}
