//! The finished site as a list of files, and the folder that is made to hold exactly those.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::problem::{self, Problem};

/// Every file of the site: its path below the site's root, with `/`, and its bytes.
#[derive(Default)]
pub struct Tree {
    files: BTreeMap<String, Vec<u8>>,
}

impl Tree {
    /// Adds one file.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), bytes);
    }

    /// Adds a folder's files with all below, under `prefix`. Names that begin with a dot are left out.
    pub fn add_folder(&mut self, folder: &Path, prefix: &str) -> Result<(), Problem> {
        for (name, path) in entries(folder)? {
            if name.starts_with('.') {
                continue;
            }
            let inside = join(prefix, &name);
            if path.is_dir() {
                self.add_folder(&path, &inside)?;
            } else {
                let bytes = fs::read(&path).map_err(problem::file("read", &path))?;
                self.files.insert(inside, bytes);
            }
        }
        Ok(())
    }

    /// Path and bytes of each file.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// A file's size in thousands of bytes, rounded up; nought when it is not there.
    pub fn kilobytes(&self, path: &str) -> usize {
        self.files.get(path).map_or(0, |bytes| bytes.len().div_ceil(1000))
    }

    /// Writes the files that differ from what stands there and answers how many they were.
    pub fn write_to(&self, site: &Path) -> Result<usize, Problem> {
        let mut written = 0;
        for (path, bytes) in self.files() {
            let target = site.join(path);
            if fs::read(&target).is_ok_and(|there| there == bytes) {
                continue;
            }
            let folder = target.parent().unwrap_or(site);
            fs::create_dir_all(folder).map_err(problem::file("made", folder))?;
            fs::write(&target, bytes).map_err(problem::file("written", &target))?;
            written += 1;
        }
        Ok(written)
    }

    /// Deletes what an earlier run left and this one did not make; `also` names files beside the tree's that stay.
    pub fn remove_strays(&self, site: &Path, also: &[String]) -> Result<(), Problem> {
        let wanted: BTreeSet<&str> = self.files.keys().chain(also).map(String::as_str).collect();
        sweep(site, "", &wanted)
    }
}

fn sweep(folder: &Path, prefix: &str, wanted: &BTreeSet<&str>) -> Result<(), Problem> {
    for (name, path) in entries(folder)? {
        let inside = join(prefix, &name);
        if path.is_dir() {
            sweep(&path, &inside, wanted)?;
            // Fails when something is left in it, which is what is wanted.
            let _ = fs::remove_dir(&path);
        } else if !wanted.contains(inside.as_str()) {
            fs::remove_file(&path).map_err(problem::file("removed", &path))?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>, Problem> {
    fs::read_dir(folder)
        .and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())))
                .collect()
        })
        .map_err(problem::file("read", folder))
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_holds_exactly_the_tree_and_a_second_run_writes_nothing() {
        let site = tempfile::tempdir().unwrap();
        fs::create_dir(site.path().join("old")).unwrap();
        fs::write(site.path().join("old/left.css"), "x").unwrap();
        fs::write(site.path().join("a.txt.gz"), "packed").unwrap();
        let mut tree = Tree::default();
        tree.add("a.txt", b"one".to_vec());
        tree.add("pkg/b.txt", b"two".to_vec());

        assert_eq!(tree.write_to(site.path()).unwrap(), 2);
        tree.remove_strays(site.path(), &["a.txt.gz".to_owned()]).unwrap();
        assert_eq!(tree.write_to(site.path()).unwrap(), 0);

        assert!(!site.path().join("old").exists());
        assert!(site.path().join("a.txt.gz").exists());
        assert_eq!(fs::read(site.path().join("pkg/b.txt")).unwrap(), b"two");
    }
}
