//! The words of a package's licence: the files in its sources; where it brings none, the licence's own words with its
//! authors' names, as such packages mean it by naming the licence.

use std::fs;
use std::path::Path;

use super::linked::Package;
use crate::problem::{self, Problem};

/// How the names of such files begin, in small letters.
const NAMES: [&str; 6] = ["license", "licence", "copying", "notice", "copyright", "unlicense"];
/// Sources within a package, of C for instance, bring their own; they lie no deeper than this.
const DEPTH: usize = 4;

/// Every text of a package.
pub fn of(package: &Package) -> Result<Vec<String>, Problem> {
    let mut found = Vec::new();
    if let Some(folder) = &package.folder {
        search(folder, DEPTH, &mut found)?;
    }
    if found.is_empty() {
        found.push(standard(package)?);
    }
    Ok(found)
}

fn search(folder: &Path, depth: usize, found: &mut Vec<String>) -> Result<(), Problem> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.map_err(problem::file("read", folder))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().to_lowercase());
        if path.is_dir() {
            if depth > 0 {
                search(&path, depth - 1, found)?;
            }
        } else if NAMES.iter().any(|known| name.starts_with(known)) && !name.ends_with(".rs") {
            let bytes = fs::read(&path).map_err(problem::file("read", &path))?;
            let text = String::from_utf8_lossy(&bytes);
            // One word is no licence: it is what packing has made of a link to a file outside of the package.
            if text.split_whitespace().nth(1).is_some() {
                found.push(text.into_owned());
            }
        }
    }
    Ok(())
}

/// The licence's own words. Of several to choose from, the one that asks least.
fn standard(package: &Package) -> Result<String, Problem> {
    let named = |licence: &str| package.licence.split([' ', '/', '(', ')']).any(|word| word == licence);
    let words = match () {
        () if named("MIT") => MIT,
        () if named("BSD-3-Clause") => BSD_3,
        () => {
            return Err(Problem::NoLicence {
                package: format!("{} {}", package.name, package.version),
                licence: package.licence.clone(),
            });
        }
    };
    let authors = package
        .authors
        .iter()
        .map(|author| author.split(" <").next().unwrap_or(author));
    let authors = authors.collect::<Vec<_>>().join(", ");
    let holder = if authors.is_empty() {
        format!("the authors of {}", package.name)
    } else {
        authors
    };
    Ok(format!("Copyright (c) {holder}\n\n{words}"))
}

const MIT: &str = r#"Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"#;

const BSD_3: &str = r#"Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
disclaimer in the documentation and/or other materials provided with the distribution.

3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products
derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES;
LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn package(licence: &str, folder: Option<&Path>) -> Package {
        Package {
            name: "some".to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.to_owned(),
            authors: Vec::new(),
            repository: None,
            folder: folder.map(Path::to_owned),
        }
    }

    #[test]
    fn files_are_found_wherever_a_package_keeps_them() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("c_src/deep")).unwrap();
        for (name, words) in [
            ("LICENSE-MIT", "the one"),
            ("c_src/deep/Copying", "the two"),
            ("license.rs", "some code"),
            ("LICENSE-APACHE", "../LICENSE-APACHE"),
        ] {
            fs::write(folder.path().join(name), words).unwrap();
        }
        assert_eq!(
            of(&package("MIT", Some(folder.path()))).unwrap(),
            ["the one", "the two"]
        );
    }

    #[test]
    fn without_files_the_named_licence_speaks_and_an_unknown_one_is_refused() {
        let text = |licence| of(&package(licence, None));
        assert!(text("Apache-2.0/MIT").unwrap()[0].starts_with("Copyright (c) the authors of some\n\nPermission"));
        assert!(text("BSD-3-Clause").unwrap()[0].contains("Redistribution"));
        let refused = text("GPL-3.0-only").unwrap_err().to_string();
        assert!(
            refused.contains("some 1.0.0") && refused.contains("GPL-3.0-only"),
            "{refused}"
        );
    }
}
