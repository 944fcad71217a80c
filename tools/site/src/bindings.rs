//! The browser half: wasm-bindgen makes `hub.js` and `hub.wasm` from what the compiler wrote, and wasm-opt, when
//! there is one, makes the wasm smaller.
//!
//! wasm-bindgen is called as a library: its version is the lock file's, so it can never mismatch the wasm.

use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_bindgen_cli_support::Bindgen;

use crate::options::Options;
use crate::problem::{self, Problem};
use crate::stamp::Stamp;

/// The name of the files that the page loads; `LEPTOS_OUTPUT_NAME` says the same to the server.
const NAME: &str = "hub";

/// What rustc's wasm32 target uses by default; wasm-opt must be told, since wasm-bindgen drops the section that says so.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Makes the files, unless they were made from the same wasm before, and answers their folder.
pub fn make(options: &Options) -> Result<PathBuf, Problem> {
    let wasm = std::fs::read(&options.wasm).map_err(|_| Problem::NoWasm(options.wasm.clone()))?;
    let optimizer = options.wasm_opt.as_deref().unwrap_or(Path::new(""));
    let stamp = Stamp::over(
        options.work("pkg.stamp"),
        [&wasm, optimizer.as_os_str().as_encoded_bytes()],
    );
    let folder = options.work("pkg");
    if stamp.is_current() && folder.join("hub.wasm").is_file() {
        return Ok(folder);
    }

    stamp.forget();
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(problem::file("emptied", &folder))?;
    }
    bind(wasm, &folder)?;
    let written = folder.join("hub_bg.wasm");
    let wanted = folder.join("hub.wasm");
    match &options.wasm_opt {
        Some(program) => optimize(program, &written, &wanted)?,
        // The page asks for the shorter name, the one that cargo-leptos gives as well.
        None => std::fs::rename(&written, &wanted).map_err(problem::file("renamed", &written))?,
    }
    stamp.keep()?;
    Ok(folder)
}

fn bind(wasm: Vec<u8>, folder: &Path) -> Result<(), Problem> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(NAME, wasm)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The page's script names the wasm file itself.
        .omit_default_module_path(true);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(folder))
        .map_err(|error| Problem::Bindings(format!("{error:#}")))
}

fn optimize(program: &Path, from: &Path, to: &Path) -> Result<(), Problem> {
    let output = Command::new(program)
        .args(FEATURES)
        .arg("-Oz")
        .arg(from)
        .arg("-o")
        .arg(to)
        .output()
        .map_err(|source| Problem::NoOptimizer {
            program: program.to_owned(),
            source,
        })?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::Optimizer(words.trim().to_owned()));
    }
    std::fs::remove_file(from).map_err(problem::file("removed", from))
}
