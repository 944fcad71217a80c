//! What tests of the engine that look inside begin with.

use std::time::Duration;

use tempfile::TempDir;

use crate::{LedgerOrder, MasterKey, ProcessKind, Settings, clock::Clock};

/// A server over a fresh database in this folder.
pub(crate) fn settings(folder: &TempDir) -> Settings {
    Settings {
        database_url: format!("sqlite://{}", folder.path().join("hub.db").display()),
        master_key: MasterKey::generate().unwrap(),
        public_url: "http://127.0.0.1:1".to_owned(),
        process_kind: ProcessKind::Serve,
        sqlite_synchronous_full: false,
        postgres_connections: 1,
        silence: Duration::from_secs(10),
        ledger: LedgerOrder::Shared,
        accounts_in_memory: 1_000,
        keeps_after: 6,
        outage: Duration::from_secs(30),
        fetch_allow: Vec::new(),
        identity_providers: Vec::new(),
        mail: None,
        clock: Clock::System,
    }
}
