//! The command line of this tool, and where things stand in the project.

use std::path::{Path, PathBuf};

use crate::problem::Problem;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    root: PathBuf,
    /// The compiled browser half.
    pub wasm: PathBuf,
    /// A program that makes the wasm smaller, when one is to be used.
    pub wasm_opt: Option<PathBuf>,
    /// Whether `.br` and `.gz` are written beside each file that gains by it.
    pub compress: bool,
}

impl Options {
    /// Reads `[--root DIR] [--wasm FILE] [--wasm-opt PROGRAM] [--compress]`.
    ///
    /// The root is the folder of the workspace, by default the current one.
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, Problem> {
        let (mut root, mut wasm, mut wasm_opt, mut compress) = (PathBuf::from("."), None, None, false);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| Problem::NoValue(argument.clone()));
            match argument.as_str() {
                "--root" => root = value()?.into(),
                "--wasm" => wasm = Some(value()?.into()),
                "--wasm-opt" => wasm_opt = Some(value()?.into()),
                "--compress" => compress = true,
                _ => return Err(Problem::UnknownOption(argument)),
            }
        }
        // This tool deletes what it did not make from the site's folder, so it must know where it is.
        if !root.join("style/main.css").is_file() {
            return Err(Problem::NotTheProject(root));
        }
        let wasm = wasm.unwrap_or_else(|| root.join("target/wasm32-unknown-unknown/wasm/browser.wasm"));
        Ok(Self {
            root,
            wasm,
            wasm_opt,
            compress,
        })
    }

    /// The folder of the workspace.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The style sheet that imports all others.
    pub fn style_sheet(&self) -> PathBuf {
        self.root.join("style/main.css")
    }

    /// Files that are served as they are.
    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// Where the finished site stands.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// Where this tool keeps what it need not make again.
    pub fn work(&self, name: &str) -> PathBuf {
        Path::new(&self.root).join("target/site-work").join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Options, Problem> {
        // Tests run in the package's folder.
        let root = ["--root", "../.."];
        let all = root.iter().chain(arguments).map(ToString::to_string);
        Options::from_arguments(all.collect::<Vec<_>>().into_iter())
    }

    #[test]
    fn an_option_without_its_value_is_named() {
        let problem = read(&["--wasm"]).unwrap_err().to_string();
        assert!(problem.contains("--wasm"), "{problem}");
    }

    #[test]
    fn an_unknown_option_is_named() {
        let problem = read(&["--fast"]).unwrap_err().to_string();
        assert!(problem.contains("--fast"), "{problem}");
    }

    #[test]
    fn another_folder_is_refused() {
        let arguments = ["--root", "src"].map(String::from);
        assert!(matches!(
            Options::from_arguments(arguments.into_iter()),
            Err(Problem::NotTheProject(_))
        ));
    }
}
