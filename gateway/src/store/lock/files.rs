//! Locks on files, for SQLite. A server holds `<db>.lock` and the database file itself, commands share `<db>.commands`.
//!
//! `<db>.lock` alone is not enough: whoever tidies up may remove it while its server runs, and the next one would lock a new
//! file of that name. The database file cannot be removed without the database. It is locked by `flock`, of which SQLite's own
//! locks (`fcntl`) know nothing. But to close any descriptor of a file ends the locks of the whole process on it, SQLite's among
//! them: so a process opens the file once, before SQLite does, and keeps it open for as long as it has a connection
//! ([`DatabaseFile`]).

use std::{
    collections::HashMap,
    fs::{File, TryLockError},
    io::{ErrorKind, Read as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
};

use crate::{OpenError, store::SqlitePools};

/// What every database of SQLite begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The files that are open in this process, by device and number.
static OPEN: LazyLock<Mutex<OpenFiles>> = LazyLock::new(Mutex::default);
type OpenFiles = HashMap<(u64, u64), Weak<DatabaseFile>>;

/// A database file that is open in this process, once however many use it.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    file: File,
    path: PathBuf,
    /// A server of this process has locked it: to the system, all of the process would be one holder.
    locked: Mutex<bool>,
}

impl DatabaseFile {
    /// Opens a file that exists, before SQLite does, and looks whether it can be one of SQLite's.
    ///
    /// # Errors
    /// [`OpenError::ReadOnly`], [`OpenError::NoDatabase`], [`OpenError::File`].
    pub fn open(path: &Path) -> Result<Arc<Self>, OpenError> {
        let known = std::fs::metadata(path).map_err(|error| failed(path, &error))?;
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, file| file.strong_count() > 0);
        if let Some(file) = open.get(&(known.dev(), known.ino())).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let mut file = File::options()
            .read(true)
            .write(true)
            .open(path)
            .map_err(|error| match error.kind() {
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => OpenError::ReadOnly {
                    path: path.display().to_string(),
                    reason: error.to_string(),
                },
                _ => failed(path, &error),
            })?;
        let found = file.metadata().map_err(|error| failed(path, &error))?;
        let mut begin = Vec::new();
        let begun = file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut begin);
        begun.map_err(|error| failed(path, &error))?;
        // A file that was only just made is empty; one whose first write was cut off holds nothing yet.
        if begin != MAGIC && begin.iter().any(|byte| *byte != 0) {
            return Err(OpenError::NoDatabase(path.display().to_string()));
        }
        let file = Arc::new(Self {
            file,
            path: path.to_owned(),
            locked: Mutex::new(false),
        });
        open.insert((found.dev(), found.ino()), Arc::downgrade(&file));
        Ok(file)
    }

    /// False when a server has it, in this process or in another.
    fn try_lock(&self) -> Result<bool, OpenError> {
        let mut locked = self.locked.lock().unwrap_or_else(PoisonError::into_inner);
        if *locked {
            return Ok(false);
        }
        *locked = try_lock(&self.file, &self.path)?;
        Ok(*locked)
    }

    fn unlock(&self) {
        let mut locked = self.locked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.file.unlock() {
            tracing::error!(%error, path = %self.path.display(), "the lock on the database was not given back; the end of this process does it");
        }
        *locked = false;
    }
}

/// What the one server of a database holds, and for a moment a command that books.
#[derive(Debug)]
pub(crate) struct ServerLock {
    /// What versions before this one look at, too. Released when it is closed.
    _beside: File,
    database: Arc<DatabaseFile>,
}

impl Drop for ServerLock {
    fn drop(&mut self) {
        self.database.unlock();
    }
}

/// The lock of the one server of a database; `None` when another server holds it.
pub(crate) fn server_file(pools: &SqlitePools) -> Result<Option<ServerLock>, OpenError> {
    let (beside, path) = open(&pools.path, ".lock")?;
    if !try_lock(&beside, &path)? || !pools.file.try_lock()? {
        return Ok(None);
    }
    Ok(Some(ServerLock {
        _beside: beside,
        database: Arc::clone(&pools.file),
    }))
}

/// What the commands on a file share.
pub(in crate::store) struct Commands {
    file: File,
    path: PathBuf,
    /// Nobody else holds it, so no command runs.
    pub alone: bool,
}

impl Commands {
    /// Looks whether any command runs. If none does, none can begin until this is dropped or shared.
    pub fn look(database: &Path) -> Result<Self, OpenError> {
        let (file, path) = open(database, ".commands")?;
        let alone = try_lock(&file, &path)?;
        Ok(Self { file, path, alone })
    }

    /// Becomes the proof that a command runs.
    pub async fn share(self) -> Result<File, OpenError> {
        let Self { file, path, alone } = self;
        // Somebody may be looking at this moment, which blocks.
        let shared = tokio::task::spawn_blocking(move || {
            if alone {
                file.unlock()?;
            }
            file.lock_shared()?;
            Ok(file)
        });
        let shared = shared.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        shared.map_err(|error| failed(&path, &error))
    }
}

fn open(database: &Path, ending: &str) -> Result<(File, PathBuf), OpenError> {
    // By whichever link the database is named, there is one lock.
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut name = database.into_os_string();
    name.push(ending);
    let path = PathBuf::from(name);
    // Nobody else's business: who may open it may hold it, and keep every server from starting.
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path);
    Ok((file.map_err(|error| failed(&path, &error))?, path))
}

fn try_lock(file: &File, path: &Path) -> Result<bool, OpenError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(failed(path, &error)),
    }
}

fn failed(path: &Path, error: &std::io::Error) -> OpenError {
    OpenError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// To close a second descriptor would end SQLite's locks.
    #[test]
    fn a_file_is_opened_once_and_locked_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("hub.db"), folder.path().join("link.db"));
        std::fs::write(&path, "").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let (first, second) = (DatabaseFile::open(&path).unwrap(), DatabaseFile::open(&link).unwrap());
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!((first.try_lock().unwrap(), second.try_lock().unwrap()), (true, false));
        // Nobody who opens it for themselves gets it either.
        let other = File::options().write(true).open(&path).unwrap();
        assert!(!try_lock(&other, &path).unwrap());
        second.unlock();
        assert!(try_lock(&other, &path).unwrap() && !first.try_lock().unwrap());
        drop(other);
        assert!(first.try_lock().unwrap());
    }

    #[test]
    fn locks_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        for ending in [".lock", ".commands"] {
            let (file, _) = super::open(&folder.path().join("hub.db"), ending).unwrap();
            assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{ending}");
        }
    }

    #[test]
    fn what_cannot_be_a_database_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.db");
        for (content, sound) in [
            (&b""[..], true),
            (&[0; 4096], true),
            (b"SQLite format 3\0 and more", true),
            (b"SQLite format 2\0 and more", false),
            (b"x", false),
        ] {
            std::fs::write(&path, content).unwrap();
            let opened = DatabaseFile::open(&path);
            assert_eq!(opened.is_ok(), sound, "{content:?}");
            assert!(sound || matches!(opened, Err(OpenError::NoDatabase(_))));
        }
        assert!(matches!(
            DatabaseFile::open(&folder.path().join("none")),
            Err(OpenError::File { .. })
        ));
    }
}
