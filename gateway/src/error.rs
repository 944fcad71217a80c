//! What can go wrong in a use-case, once. A refusal is meant for the asker; everything else is for the log.

use domain::{
    door::DoorRefusal,
    id::AccountId,
    identity::IdentityRefusal,
    ledger,
    mail::MailRefusal,
    price::PriceRefusal,
    refusal::{Invalid, Refusal},
    setting::InvalidSetting,
};

use crate::{call::KeyProblem, http::ClientError, secrets::SealError, store::StoreError};

/// Why a use-case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Turned away, with a sentence for the asker.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something sealed could not be opened, or chance ran out.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A password could not be hashed.
    #[error("the password hash could not be made: {0}")]
    PasswordHash(String),
    /// Somebody else has rotated the master key since this process began.
    #[error(
        "the master key was changed by somebody else a moment ago. Run the command again, with the key that holds now."
    )]
    MasterKeyChanged,
    /// The ledger does not book it, with a sentence for the asker.
    #[error(transparent)]
    Ledger(#[from] ledger::Refusal),
    /// An account is out of service until somebody has looked at its books.
    #[error(
        "the account {account} is out of service: {reason}. Run `aigne-hub verify-ledger`, and when its books are sound `aigne-hub credits lift-quarantine`."
    )]
    Quarantine {
        /// The account.
        account: AccountId,
        /// Why.
        reason: String,
    },
    /// An account is to be put back into service, and it is in service.
    #[error("the account {account} is in service: there is nothing to lift.")]
    InService {
        /// The account.
        account: AccountId,
    },
    /// An account is to be put back into service, and its books are not sound.
    #[error("the account {account} stays out of service, as its books are not sound: {finding}")]
    Unsound {
        /// The account.
        account: AccountId,
        /// The first thing that is wrong, as a sentence.
        finding: String,
    },
    /// There is no such account.
    #[error("there is no such account in the ledger.")]
    NoAccount,
    /// The ledger's writer is behind, or the server that owns the ledger does not answer.
    #[error(
        "the ledger did not answer in time. It may still book this: look at the account's ledger before you try again."
    )]
    LedgerBehind,
    /// One server owns the ledger, and this is not it.
    #[error("another server owns the ledger of this database. Stop it first, or set HUB_LEDGER alike everywhere.")]
    LedgerOwned,
    /// What the server that owns the ledger answered.
    #[error("{0}")]
    Answered(String),
    /// A version of a price is not published, with a sentence for the asker.
    #[error(transparent)]
    Price(#[from] PriceRefusal),
    /// A setting cannot have this value.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// An identity provider brings nobody, or is not changed like that, with a sentence for the asker.
    #[error(transparent)]
    Identity(#[from] IdentityRefusal),
    /// An API key does not let its bearer manage, with a sentence for them.
    #[error(transparent)]
    Key(#[from] KeyProblem),
    /// Somebody does not come in, with a sentence for the asker.
    #[error(transparent)]
    Door(#[from] DoorRefusal),
    /// Something about mail is not done, with a sentence for the asker.
    #[error(transparent)]
    Mail(#[from] MailRefusal),
    /// The way to upstreams could not be opened.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl Error {
    /// What the asker may know.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::Store(_)
            | Self::Seal(_)
            | Self::PasswordHash(_)
            | Self::MasterKeyChanged
            | Self::Ledger(_)
            | Self::Quarantine { .. }
            | Self::InService { .. }
            | Self::Unsound { .. }
            | Self::NoAccount
            | Self::LedgerBehind
            | Self::LedgerOwned
            | Self::Answered(_)
            | Self::Price(_)
            | Self::Setting(_)
            | Self::Identity(_)
            | Self::Key(_)
            | Self::Door(_)
            | Self::Mail(_)
            | Self::Client(_) => Refusal::Internal,
        }
    }
}

impl From<Invalid> for Error {
    fn from(problem: Invalid) -> Self {
        Self::Refused(Refusal::Invalid(problem))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(StoreError::from(error))
    }
}

/// Why the hub could not be opened. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address of a PostgreSQL server is none; the reason does not quote it.
    #[error(
        "HUB_DATABASE_URL cannot be read: {reason}. Write postgres://USER:PASSWORD@HOST:PORT/DATABASE, and what is special in the password with percent signs (%2F for /)."
    )]
    UnreadableAddress {
        /// What is wrong with it.
        reason: String,
    },
    /// The URL names no database we know.
    #[error("HUB_DATABASE_URL must begin with sqlite:// or postgres://")]
    UnknownDatabase,
    /// The folder of the SQLite file cannot be used.
    #[error(
        "cannot use the database file {path}: {reason}. Check that the folder exists and that this user may write to it."
    )]
    File {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The SQLite file, or its folder, may only be read.
    #[error(
        "cannot write to the database file {path}: {reason}. Give this user the right to write to it and to its folder, or name another file in HUB_DATABASE_URL."
    )]
    ReadOnly {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// There is no space left.
    #[error("the disk of the database file {path} is full ({reason}). Make room on it, and try again.")]
    DiskFull {
        /// The file.
        path: String,
        /// SQLite's words.
        reason: String,
    },
    /// The file is something else.
    #[error(
        "the file {0} is no SQLite database. If it is yours, move it away; the hub's is named by HUB_DATABASE_URL."
    )]
    NoDatabase(String),
    /// The SQLite file is broken.
    #[error(
        "the database file {path} is damaged: {reason}. Put back a copy of it from before, or have `sqlite3 {path} .recover` save what can be read."
    )]
    Damaged {
        /// The file.
        path: String,
        /// The driver's words.
        reason: String,
    },
    /// PostgreSQL does not answer or refuses.
    #[error("cannot reach the database at {address}: {reason}. Check HUB_DATABASE_URL and that the server runs.")]
    Unreachable {
        /// Host, port and database, without user and password.
        address: String,
        /// The driver's words.
        reason: String,
    },
    /// The user lacks a right in PostgreSQL: since version 15 nobody but the owner makes tables, unless they are let.
    #[error(
        "the user in HUB_DATABASE_URL lacks a right in this database: {reason}. Make that user its owner (ALTER DATABASE … OWNER TO …), or grant it CREATE on the schema and all rights on the hub's tables."
    )]
    NoRight {
        /// The server's words.
        reason: String,
    },
    /// PostgreSQL takes no changes.
    #[error(
        "this PostgreSQL takes no changes: {reason}. Name the primary server in HUB_DATABASE_URL, and a user who may write."
    )]
    NoWrites {
        /// The server's words.
        reason: String,
    },
    /// A newer hub has migrated this database.
    #[error(
        "the database was made by a newer aigne-hub (migration {found}, this binary knows up to {known}). Use the newer binary."
    )]
    NewerDatabase {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration in this binary.
        known: i64,
    },
    /// An older database and a command that must not migrate.
    #[error(
        "the database is older than this binary. Stop the server and run `aigne-hub migrate`, or start the server, which does it too."
    )]
    OlderDatabase,
    /// The database holds no hub yet, and this makes none.
    #[error("the database is empty.")]
    NoHub,
    /// The master key is not the one that sealed this database.
    #[error(
        "the master key does not open this database. Give the key that it was made with: HUB_MASTER_KEY, or the file master.key of its data folder."
    )]
    WrongMasterKey,
    /// One of the hub's own keys was there once and is gone.
    #[error(
        "the hub's own key `{label}` is gone from the table hub_key: somebody has deleted it. A new one would take for true whatever lies in the database now, so none is made. Put the row back from a backup of the database."
    )]
    KeyLost {
        /// Which.
        label: &'static str,
    },
    /// A server already runs on this SQLite file.
    #[error(
        "another aigne-hub server already uses this database ({0}). Stop it first, or give this one a database of its own."
    )]
    AlreadyRunning(String),
    /// The ledger on PostgreSQL is kept the other way by a server that runs.
    #[error("HUB_LEDGER is {0} here, but {who}. Stop it first, or set HUB_LEDGER alike everywhere.", who = .0.hinderer())]
    LedgerTaken(crate::LedgerOrder),
    /// Every number that tells processes apart is in use.
    #[error("1,024 aigne-hub processes run on this database, and no more can. Let some of them end, then try again.")]
    TooManyProcesses,
    /// A server runs, and this needs it stopped.
    #[error("a server is running on this database. Stop it first; migrating under it is not safe.")]
    ServerRunning,
    /// Something else in the database failed.
    #[error("the database failed while opening: {0}")]
    Store(#[from] StoreError),
    /// Sealing failed for another reason than the key.
    #[error("the hub's keys could not be read: {0}")]
    Seal(#[from] SealError),
}
