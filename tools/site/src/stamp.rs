//! Remembers what a step was made from, so that an unchanged step is left out.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::problem::{self, Problem};

/// One remembered step.
pub struct Stamp {
    file: PathBuf,
    now: String,
}

impl Stamp {
    /// A stamp over everything that the step's result depends on.
    pub fn over<'a>(file: PathBuf, inputs: impl IntoIterator<Item = &'a [u8]>) -> Self {
        // A mistaken match would need two builds with the same 64-bit value, and the file is for this machine only.
        let mut hasher = DefaultHasher::new();
        for input in inputs {
            hasher.write_usize(input.len());
            hasher.write(input);
        }
        Self {
            file,
            now: format!("{:016x}", hasher.finish()),
        }
    }

    /// Whether the step was last made from the same inputs.
    pub fn is_current(&self) -> bool {
        std::fs::read_to_string(&self.file).is_ok_and(|last| last == self.now)
    }

    /// Forgets the last time: whoever stops half-way begins anew.
    pub fn forget(&self) {
        let _ = std::fs::remove_file(&self.file);
    }

    /// Remembers that the step was made.
    pub fn keep(&self) -> Result<(), Problem> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(problem::file("made", folder))?;
        std::fs::write(&self.file, &self.now).map_err(problem::file("written", &self.file))
    }
}
