//! Tells the crate from which sources it is built, so that the two halves of the console can be told apart when they were built
//! at different times (`src/sources.rs`). The same bytes give the same number, by whichever compiler.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What both halves are made of, from this folder.
const FOLDERS: [&str; 3] = ["src", "browser/src", "../domain/src"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        println!("cargo:rerun-if-changed={folder}");
        gather(Path::new(folder), &mut files)?;
    }
    files.sort();
    // FNV-1a, which is no secret's guard.
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |bytes: &[u8]| {
        for byte in bytes {
            digest = (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for file in files {
        take(file.as_os_str().as_encoded_bytes());
        take(&fs::read(&file)?);
    }
    println!("cargo:rustc-env=HUB_CONSOLE_SOURCES={digest:016x}");
    Ok(())
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
