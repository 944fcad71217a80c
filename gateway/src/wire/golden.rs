//! Golden fixtures for tests: in a folder of `gateway/fixtures`, `NAME.in.EXT` is what goes in, and what must come of it stands
//! beside it in files with the same name. What comes instead is put into the system's folder for temporary files, to be
//! compared, and copied where it is right.

use std::{cell::RefCell, fs, path::PathBuf};

pub(crate) mod grid;
pub(crate) mod provider;

/// One case.
pub(crate) struct Case {
    folder: PathBuf,
    /// Its name.
    pub(crate) name: String,
    /// What goes in.
    pub(crate) input: Vec<u8>,
    wrong: RefCell<Vec<String>>,
}

/// Checks the cases of a folder, in the order of their names. There must be `at_least` so many, lest an empty folder proves
/// anything.
pub(crate) fn each(folder: &str, at_least: usize, check: impl Fn(&Case)) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut cases = Vec::new();
    for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        if let Some((name, _)) = file.split_once(".in.") {
            cases.push(Case {
                folder: folder.clone(),
                name: name.to_owned(),
                input: fs::read(&path).unwrap(),
                wrong: RefCell::default(),
            });
        }
    }
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(
        cases.len() >= at_least,
        "only {} cases in {}",
        cases.len(),
        folder.display()
    );
    cases.iter().for_each(check);
    settle(&cases);
}

/// The cases of these names in a folder, each of which must be there; nothing may be there that none of them is about. Beside each
/// stands what comes of it, in a file for each of `endings`.
pub(crate) fn demanded(folder: &str, names: &[&str], endings: &[String]) -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files: Vec<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let is_of = |file: &str, name: &str| {
        let rest = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|rest| rest.starts_with("in.") || endings.iter().any(|ending| ending == rest))
    };
    for file in &files {
        let known = names.iter().any(|name| is_of(file, name));
        assert!(known, "{}: no case is about {file}", folder.display());
    }
    let load = |name: &&str| {
        let file = files.iter().find(|file| file.starts_with(&format!("{name}.in.")));
        let file = file.unwrap_or_else(|| panic!("{}: there is no {name}.in", folder.display()));
        Case {
            folder: folder.clone(),
            name: (*name).to_owned(),
            input: fs::read(folder.join(file)).unwrap(),
            wrong: RefCell::default(),
        }
    };
    names.iter().map(load).collect()
}

/// Fails when what came of one of the cases is not what the file beside it says.
pub(crate) fn settle(cases: &[Case]) {
    let wrong: Vec<String> = cases.iter().flat_map(|case| case.wrong.take()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Case {
    /// Notes it unless `actual` is what the file `NAME.ENDING` says.
    pub(crate) fn check(&self, ending: &str, actual: &str) {
        let path = self.folder.join(format!("{}.{ending}", self.name));
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        if actual.trim_end() != wanted.trim_end() {
            let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures");
            let came = std::env::temp_dir()
                .join("golden")
                .join(path.strip_prefix(fixtures).unwrap());
            fs::create_dir_all(came.parent().unwrap()).unwrap();
            fs::write(&came, format!("{}\n", actual.trim_end())).unwrap();
            let line = format!("{} says otherwise than {}", path.display(), came.display());
            self.wrong.borrow_mut().push(line);
        }
    }

    /// The same for JSON, which stands there in many lines. The order of members counts.
    pub(crate) fn check_json(&self, ending: &str, actual: &[u8]) {
        let value: serde_json::Value = serde_json::from_slice(actual).unwrap();
        self.check(ending, &serde_json::to_string_pretty(&value).unwrap());
    }
}
