//! Starts the processes of the bench on their cores and reads what they cost from `/proc` (Linux only). A process ends
//! when its handle is dropped.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

/// Clock ticks a second in `/proc/PID/stat`: Linux has shown 100 to programs on every machine for decades.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running process.
pub(super) struct Process {
    child: Child,
    pid: u32,
}

/// Whether processes can be pinned: `taskset` is there and there are two cores.
pub(super) async fn can_pin() -> bool {
    let two = std::thread::available_parallelism().is_ok_and(|count| count.get() > 1);
    let taskset = Command::new("taskset")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    two && taskset.await.is_ok_and(|status| status.success())
}

/// Pins this process to a core.
pub(super) async fn pin_self(core: usize) -> io::Result<()> {
    let pid = std::process::id().to_string();
    let core = core.to_string();
    Command::new("taskset")
        .args(["-a", "-cp", &core, &pid])
        .stdout(Stdio::null())
        .status()
        .await
        .map(|_| ())
}

/// A command that runs `program` on a core, or anywhere.
pub(super) fn command(program: &Path, core: Option<usize>) -> Command {
    let mut command = match core {
        Some(core) => {
            // taskset becomes the program, so the process id stays.
            let mut command = Command::new("taskset");
            command.args(["-c", &core.to_string()]).arg(program);
            command
        }
        None => Command::new(program),
    };
    command.kill_on_drop(true);
    command
}

impl Process {
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        let child = command.stdin(Stdio::null()).spawn()?;
        let pid = child
            .id()
            .ok_or_else(|| io::Error::other("the process ended at once"))?;
        Ok(Self { child, pid })
    }

    /// Processor time so far, of all threads.
    pub(super) fn cpu(&self) -> io::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        // The name in brackets may hold spaces; what follows it does not.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u32>().ok()).map(f64::from);
        match (ticks(11), ticks(12)) {
            (Some(user), Some(system)) => Ok(Duration::from_secs_f64((user + system) / TICKS_PER_SECOND)),
            _ => Err(io::Error::other("/proc shows no processor times")),
        }
    }

    /// Memory in MB: now, and at most so far.
    pub(super) fn memory(&self) -> io::Result<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let field = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_default();
            let kilobytes = line.trim().trim_end_matches("kB").trim().parse::<u32>();
            kilobytes.map_or(0.0, |kilobytes| f64::from(kilobytes) / 1024.0)
        };
        Ok((field("VmRSS:"), field("VmHWM:")))
    }

    /// Asks it to end and waits, so that it can say its last words.
    pub(super) async fn ask_to_end(mut self) -> io::Result<()> {
        let asked = Command::new("kill")
            .args(["-TERM", &self.pid.to_string()])
            .status()
            .await?;
        if !asked.success() {
            return Err(io::Error::other("a process of the bench could not be asked to end"));
        }
        self.child.wait().await.map(|_| ())
    }

    /// Ends it and waits.
    pub(super) async fn end(mut self) -> io::Result<()> {
        self.child.kill().await
    }

    /// An error when it has ended by itself.
    pub(super) fn alive(&mut self) -> io::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(io::Error::other(format!(
                "a process of the bench ended by itself: {status}"
            ))),
        }
    }
}
