//! What can go wrong, each as a sentence that says what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no site.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("the option {0} needs a value after it")]
    NoValue(String),
    #[error("there is no option {0}; there are --root, --wasm, --wasm-opt and --compress")]
    UnknownOption(String),
    #[error("{} holds no style/main.css; start this tool in the project's folder or name it with --root", .0.display())]
    NotTheProject(PathBuf),
    #[error("the browser half {} is not built; run `make site`", .0.display())]
    NoWasm(PathBuf),
    #[error("the browser half does not say from which sources it is made (app/src/sources.rs); run `make site`")]
    NoSources,
    #[error(
        "wasm-bindgen could not read the browser half: {0}. If it speaks of versions, the crates wasm-bindgen and \
         wasm-bindgen-cli-support must have the same version in Cargo.toml"
    )]
    Bindings(String),
    #[error("{} could not be started ({source}); leave --wasm-opt away, or install it with `npm ci` in tools/site", program.display())]
    NoOptimizer { program: PathBuf, source: io::Error },
    #[error("wasm-opt refused the browser half: {0}")]
    Optimizer(String),
    #[error("{}: the import of \"{import}\" leads to no file", from.display())]
    NoImport { from: PathBuf, import: String },
    #[error("{}: it imports itself, perhaps through another file; take one @import away", .0.display())]
    ImportCircle(PathBuf),
    #[error("{}: {what}", file.display())]
    Style { file: PathBuf, what: String },
    #[error("cargo could not say which packages are linked: {0}")]
    Cargo(String),
    #[error(
        "{package} brings no text of its licence, and the words of {licence} are not known here; add them to          tools/site/src/notices/texts.rs, or do without that package"
    )]
    NoLicence { package: String, licence: String },
    #[error("{} could not be {action}: {source}", path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

/// Names the file and the attempt in an I/O error; for `map_err`.
pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Problem {
    let path = path.to_owned();
    move |source| Problem::File { action, path, source }
}
