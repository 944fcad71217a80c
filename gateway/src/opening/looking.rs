//! What is asked of a database before it is opened, without a key of its hub.

use crate::{
    Gateway, OpenError, Settings,
    store::{self, SchemaAge, Store},
};

impl Gateway {
    /// Looks at a file that is to be opened, without SQLite: whether it is a database, and may be written.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn look_at(file: &std::path::Path) -> Result<(), OpenError> {
        store::DatabaseFile::open(file).map(drop)
    }

    /// Whether no hub is in the database yet. Makes no table.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn is_new(settings: &Settings) -> Result<bool, OpenError> {
        let store = Store::open(settings).await?;
        let age = store.schema_age().await;
        store.close().await;
        Ok(age.map_err(|error| store.named(error.into()))? == SchemaAge::Empty)
    }

    /// Whether a hub is in the database that only its master key opens: keys of its own. Makes no table.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn holds_keys(settings: &Settings) -> Result<bool, OpenError> {
        let store = Store::open(settings).await?;
        let holds = match store.schema_age().await {
            Ok(SchemaAge::Empty) => Ok(false),
            Ok(_) => store::hub_keys::any(&store).await,
            Err(error) => Err(error),
        };
        store.close().await;
        holds.map_err(|error| store.named(error.into()))
    }
}
