//! What a process holds, read from `/proc` (Linux only): memory, and open files, which sockets are too.

use crate::hub::Process;

/// Memory and files at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vitals {
    /// Resident memory in KB.
    pub memory: u64,
    /// Open files.
    pub files: usize,
}

impl Vitals {
    /// Of this process, now.
    ///
    /// # Panics
    /// When it does not run, or this is not Linux.
    #[must_use]
    pub fn of(process: &Process) -> Self {
        let folder = format!("/proc/{}", process.id());
        let status = std::fs::read_to_string(format!("{folder}/status")).unwrap();
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = memory.and_then(|text| text.trim().trim_end_matches("kB").trim().parse().ok());
        Self {
            memory: memory.unwrap_or_else(|| panic!("{folder}/status does not tell the memory: {status}")),
            files: std::fs::read_dir(format!("{folder}/fd")).unwrap().count(),
        }
    }

    /// The higher of each.
    #[must_use]
    pub fn highest(self, other: Self) -> Self {
        Self {
            memory: self.memory.max(other.memory),
            files: self.files.max(other.files),
        }
    }
}

impl std::fmt::Display for Vitals {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} MB and {} files", self.memory / 1024, self.files)
    }
}
