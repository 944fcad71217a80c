//! The first start makes the master key. From looking for one to putting it in its place it has the turn at the key's file,
//! and the database is opened in between: so of many first starts one makes the key, and the others find it in its place.
//!
//! Until then the key stands in `master.key.new`, and nobody else uses it. Where opening fails it stays there, as nobody can
//! tell what has come to the database: the next start takes the same one. It is taken back only where the database has
//! turned out to be sealed by another.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use gateway::{Gateway, OpenError, secrets::MasterKey};

use super::{CommandError, open};
use crate::config::{self, Config, KeyTurn};

/// Runs `work`, which makes a hub or opens one, with the key that there will be. `turn` is the right to change the key's file,
/// where this process holds it already. `None` when another process has put a key in its place meanwhile.
///
/// # Errors
/// A key that is lost, or a folder that cannot be written; [`OpenError::NoHub`] where there is no hub and none may be made;
/// those of `work`.
pub async fn with<T>(
    config: &Config,
    turn: Option<&KeyTurn>,
    may_be_new: bool,
    work: impl AsyncFnOnce(MasterKey) -> Result<T, OpenError>,
) -> Result<Option<T>, CommandError> {
    let Some(file) = config.key_place() else {
        return Ok(None);
    };
    if !may_be_new && !file.next_path().exists() {
        // Nobody is about to make one, or they have just done so. Nothing is left behind here.
        return match config.master_key()? {
            Some(_) => Ok(None),
            None => Err(none_here(config, &file.path).await?),
        };
    }
    config.make_data_dir()?;
    let own = match turn {
        Some(_) => None,
        None => config.key_turn().await?,
    };
    if config.master_key()?.is_some() {
        return Ok(None);
    }
    let (key, fresh) = match file.next_key() {
        Some(left) => (left, false),
        None if !may_be_new || holds_a_hub(config).await? => return Err(none_here(config, &file.path).await?),
        None => (MasterKey::generate().map_err(gateway::Error::from)?, true),
    };
    if fresh {
        file.write_next(&key)?;
    }
    match work(key).await {
        Ok(done) => {
            file.promote_next()?;
            drop(own);
            tell_once(&file.path);
            Ok(Some(done))
        }
        Err(OpenError::WrongMasterKey) if fresh => {
            // Somebody has made a hub there from another folder meanwhile.
            file.discard_next();
            Err(OpenError::WrongMasterKey.into())
        }
        Err(OpenError::WrongMasterKey) => Err(config::lost_key(&file.path).into()),
        Err(error) => Err(error.into()),
    }
}

/// Why there is no key, and none is made.
async fn none_here(config: &Config, path: &Path) -> Result<CommandError, CommandError> {
    Ok(match holds_a_hub(config).await? {
        true => config::lost_key(path).into(),
        false => OpenError::NoHub.into(),
    })
}

/// Whether the database depends on a key. Makes no file.
async fn holds_a_hub(config: &Config) -> Result<bool, CommandError> {
    if config.storage.sqlite_file().is_some_and(|file| !file.exists()) {
        return Ok(false);
    }
    Ok(Gateway::holds_keys(&open::asking(config)?).await?)
}

/// Names the new key file, because losing it loses every provider credential.
fn tell_once(path: &Path) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::Relaxed) {
        super::output::complain(&format!(
            "Made the master key file {}. Keep a copy of its folder: without the key, the provider credentials in the database are lost.",
            path.display()
        ));
    }
}
