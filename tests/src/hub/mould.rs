//! A hub as another one stood: its files and its database copied, instead of everything done once more by commands.
//! `stage` begins with it.

use std::fs::{self, Permissions};
use std::path::PathBuf;

use super::{Hub, Kind, database, folders};

/// What a hub that does not run has kept, to make hubs from. Its database on PostgreSQL stays for that.
#[derive(Debug)]
pub struct Mould {
    kind: Kind,
    database_url: String,
    files: Vec<(PathBuf, Vec<u8>, Permissions)>,
}

impl Hub {
    /// What it has kept. It must not run, now or later.
    ///
    /// # Panics
    /// When it runs, or its files cannot be read.
    #[must_use]
    pub fn mould(self) -> Mould {
        assert!(
            self.process.is_none(),
            "a hub that runs may be in the middle of anything"
        );
        let mut files = Vec::new();
        for entry in fs::read_dir(self.data()).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            let permissions = entry.metadata().unwrap().permissions();
            files.push((PathBuf::from(entry.file_name()), fs::read(path).unwrap(), permissions));
        }
        Mould {
            kind: self.kind,
            database_url: self.database_url,
            files,
        }
    }

    /// A hub that has all this, with the settings of [`Hub::new`], that does not run yet.
    ///
    /// # Panics
    /// When its files or its database cannot be made.
    pub async fn cast(mould: &Mould) -> Self {
        let folder = folders();
        let data = folder.path().join("data");
        for (name, content, permissions) in &mould.files {
            fs::write(data.join(name), content).unwrap();
            fs::set_permissions(data.join(name), permissions.clone()).unwrap();
        }
        let database_url = database::copy(&mould.database_url, &data).await;
        Self::over(mould.kind, &database_url, folder)
    }
}
