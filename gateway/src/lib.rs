//! The engine of AIGNE Hub: everything the product does, without an HTTP server and without HTML.
//!
//! [`Gateway`] is made once from plain [`Settings`] and cloned freely. It hands out the use-cases (`users`, `keys`,
//! `providers`, …) and runs calls. The console, the HTTP API, the command line and the tests all come through here, so
//! that no rule lives twice.
//!
//! To add a table: two migrations of the same name and a file in `store`. To add a use-case: a method here and a file
//! beside it. To add a provider: see `providers`.

mod alive;
mod audit_log;
mod book_checks;
pub mod call;
mod call_log;
pub mod catalog;
pub mod clock;
mod connections;
mod credits;
mod door;
mod error;
mod fetch;
mod http;
mod identity;
pub mod ids;
mod invitations;
mod keys;
mod last_used;
mod ledger;
mod limits;
mod mail;
mod opening;
mod options;
mod passwords;
mod prices;
mod projects;
mod providers;
mod recorder;
mod routing;
mod search;
pub mod secrets;
mod sessions;
mod setup;
mod sign_in;
mod snapshot;
pub mod step;
mod store;
mod tasks;
mod usage;
mod users;
mod wire;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use domain::{
    access::Actor,
    id::{CallId, ProcessId},
    network::Network,
    time::Timestamp,
};

pub use audit_log::{AuditLog, ChainFinding, ChainReport};
pub use book_checks::{Attention, BookCheck, BookChecks, CheckOutcome};
pub use call_log::Calls;
pub use catalog::{Models, Providers};
pub use connections::{AskedFor, BegunConnection, Connections, Fetched};
pub use credits::{Credits, Day};
pub use door::{Door, Proved};
pub use error::{Error, OpenError};
pub use identity::{
    Answer, Begun, FiledProvider, Finished, Identities, IdentityProviders, IdentityReport, Outcome, Purpose, Stopped,
};
pub use invitations::{Invitations, Invited, NewInvitation};
pub use keys::{KeyDraft, KeyEdit, KeyHands, Keys, NewKey};
pub use ledger::{Ledger, LedgerFinding, LedgerReport, LedgerTotal};
pub use limits::{KnownLimit, LimitDraft, Limits, LimitsOf};
pub use mail::{FiledMail, Mail, MailSet, MailWay};
pub use options::Options;
pub use prices::{OfferList, PriceList, Prices, PricesOf};
pub use projects::{ListedProject, Projects};
pub use search::{Findings, Named, Search};
pub use secrets::{MasterKey, SecretText};
pub use sessions::{Sessions, StoredSession};
pub use setup::Setup;
pub use snapshot::{Candidate, CredentialEntry, KeyEntry, ProviderEntry, Snapshot, VisibleModel};
pub use store::calls::{AttemptRow, CallMoney, CallRow, KeptAnswer};
pub use usage::UsageSums;
pub use users::{Preferences, Users};

use clock::{Anchor, Clock};
use ids::IdSource;
use last_used::LastUsed;
use ledger::Books;
use recorder::Recorder;
use secrets::HubKeys;
use sign_in::Throttle;
use store::{Change, ProcessLock, Store};
use tasks::Tasks;
use tokio_util::sync::CancellationToken;

/// What a hub needs to know before it opens. Made by `server::config`, the only reader of the environment.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `sqlite://path` or `postgres://user:password@host/database`.
    pub database_url: String,
    /// The key that wraps the hub's own keys.
    pub master_key: MasterKey,
    /// How people reach the hub, without a slash at the end.
    pub public_url: String,
    /// Whether this process serves or runs one command.
    pub process_kind: ProcessKind,
    /// SQLite waits for the disk at every commit. Without it a power loss may cost the last commits.
    pub sqlite_synchronous_full: bool,
    /// Connections to PostgreSQL.
    pub postgres_connections: u32,
    /// How servers on PostgreSQL keep the order of the ledger. On SQLite one server always owns it.
    pub ledger: LedgerOrder,
    /// Of accounts that nobody uses, an owner of the ledger keeps so many in memory.
    pub accounts_in_memory: usize,
    /// A PostgreSQL that takes nothing for so long, and calls that wait to be admitted are refused.
    pub outage: Duration,
    /// Networks that files may be fetched from although they are not public.
    pub fetch_allow: Vec<Network>,
    /// Identity providers that the configuration file made.
    pub identity_providers: Vec<FiledProvider>,
    /// How mail is sent, where the configuration says so.
    pub mail: Option<FiledMail>,
    /// Where the time comes from.
    pub clock: Clock,
}

/// Why a process opens the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessKind {
    /// It answers calls until it is stopped.
    Serve,
    /// It runs one command of the command line.
    Command,
}

impl ProcessKind {
    /// The word in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Command => "command",
        }
    }
}

/// How servers keep the order of what is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerOrder {
    /// Any number of servers, each locks the accounts that it books on.
    Shared,
    /// One server, which keeps accounts in memory. Commands leave it their orders.
    Owned,
}

impl LedgerOrder {
    /// Who keeps a server from it.
    const fn hinderer(self) -> &'static str {
        match self {
            Self::Shared => "another server of this database owns the ledger",
            Self::Owned => "another server of this database keeps the ledger already",
        }
    }
}

impl std::fmt::Display for LedgerOrder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Shared => "shared",
            Self::Owned => "owned",
        })
    }
}

/// From where somebody asks, for the audit list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    /// The client's address, as far as trusted proxies tell; absent on the command line.
    pub address: Option<&'a str>,
}

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

pub(crate) struct Inner {
    store: Store,
    clock: Clock,
    anchor: Anchor,
    ids: IdSource,
    process: ProcessId,
    keys: HubKeys,
    public_url: String,
    outage: Duration,
    /// Calls whose late charge was queued.
    ended: ledger::Ended,
    fetcher: fetch::Fetcher,
    identities: identity::Agent,
    snapshot: ArcSwap<Snapshot>,
    /// Only one reload at a time, so that an older state never replaces a newer one.
    reload: tokio::sync::Mutex<()>,
    recorder: Recorder,
    books: Books,
    last_used: LastUsed,
    throttle: Throttle,
    /// Requests for mail, by who asks and about whom.
    pace: door::Pace,
    post: mail::Post,
    tasks: Tasks,
    calls: call::Running,
    /// Somebody else keeps the ledger that this process owned.
    deposed: CancellationToken,
    /// Other processes that seem to be dead.
    absent: store::process::Absent,
    /// The proof that this process lives; kept by `alive`.
    lock: tokio::sync::Mutex<Option<ProcessLock>>,
}

/// How long ended calls may still deliver their last bytes when the hub stops.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// How long the last rows may take when the hub stops.
const LAST_ROWS: Duration = Duration::from_secs(20);

impl Gateway {
    /// People.
    #[must_use]
    pub fn users(&self) -> Users<'_> {
        Users(&self.0)
    }

    /// API keys.
    #[must_use]
    pub fn keys(&self) -> Keys<'_> {
        Keys(&self.0)
    }

    /// People and keys together.
    #[must_use]
    pub fn projects(&self) -> Projects<'_> {
        Projects(&self.0)
    }

    /// Programs that ask for a key.
    #[must_use]
    pub fn connections(&self) -> Connections<'_> {
        Connections(&self.0)
    }

    /// Upstreams and their credentials.
    #[must_use]
    pub fn providers(&self) -> Providers<'_> {
        Providers(&self.0)
    }

    /// What the upstreams offer.
    #[must_use]
    pub fn models(&self) -> Models<'_> {
        Models(&self.0)
    }

    /// How much somebody may use.
    #[must_use]
    pub fn limits(&self) -> Limits<'_> {
        Limits(&self.0)
    }

    /// What calls cost.
    #[must_use]
    pub fn prices(&self) -> Prices<'_> {
        Prices(&self.0)
    }

    /// The log of calls.
    #[must_use]
    pub fn calls(&self) -> Calls<'_> {
        Calls(&self.0)
    }

    /// What people have, and changes of it.
    #[must_use]
    pub fn credits(&self) -> Credits<'_> {
        Credits::new(&self.0)
    }

    /// The proof of the books.
    #[must_use]
    pub fn book_checks(&self) -> BookChecks<'_> {
        BookChecks(&self.0)
    }

    /// The ledger, for whoever runs calls.
    #[must_use]
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger(&self.0)
    }

    /// What calls came to.
    #[must_use]
    pub fn usage(&self) -> UsageSums<'_> {
        UsageSums(&self.0)
    }

    /// Finding things by what they are called.
    #[must_use]
    pub fn search(&self) -> Search<'_> {
        Search(&self.0)
    }

    /// Settings that change while the hub runs.
    #[must_use]
    pub fn options(&self) -> Options<'_> {
        Options(&self.0)
    }

    /// Changes, written down.
    #[must_use]
    pub fn audit(&self) -> AuditLog<'_> {
        AuditLog(&self.0)
    }

    /// Signing in, and the storage of sessions.
    #[must_use]
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(&self.0)
    }

    /// Signing in by identity providers.
    #[must_use]
    pub fn identities(&self) -> Identities<'_> {
        Identities(&self.0)
    }

    /// The identity providers themselves.
    #[must_use]
    pub fn identity_providers(&self) -> IdentityProviders<'_> {
        IdentityProviders(&self.0)
    }

    /// Coming in without an account, or without its password.
    #[must_use]
    pub fn door(&self) -> Door<'_> {
        Door(&self.0)
    }

    /// Who was asked to come.
    #[must_use]
    pub fn invitations(&self) -> Invitations<'_> {
        Invitations(&self.0)
    }

    /// How mail is sent, and what waits.
    #[must_use]
    pub fn mail(&self) -> Mail<'_> {
        Mail(&self.0)
    }

    /// The first admin.
    #[must_use]
    pub fn setup(&self) -> Setup<'_> {
        Setup(&self.0)
    }

    /// What the request path reads: keys, providers, models, in memory.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshot.load_full()
    }

    /// How people reach the hub, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// The present moment, by the hub's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The id of a call that begins now. It is also the request id that the client gets.
    #[must_use]
    pub fn new_call_id(&self) -> CallId {
        CallId::from_number(self.0.ids.next(self.0.clock.now()))
    }

    /// Whether the hub can do its work: the database answers, and this process still holds its lock.
    ///
    /// # Errors
    /// The database's.
    pub async fn ready(&self) -> Result<bool, Error> {
        store::settings::snapshot_version(&self.0.store).await?;
        Ok(alive::is_proved(&self.0).await && self.0.recorder.accepts() && self.0.books.accept())
    }

    /// Ends when this process owned the ledger and another one keeps it now: what is in memory here is worth nothing any more.
    pub async fn deposed(&self) {
        self.0.deposed.cancelled().await;
    }

    /// Whether that has happened.
    #[must_use]
    pub fn is_deposed(&self) -> bool {
        self.0.deposed.is_cancelled()
    }

    /// Wraps the hub's own keys by another master key. Nothing else changes: keys, sessions and credentials live on, and a
    /// running server, which holds the opened keys, goes on. This engine cannot do it twice: the next change begins with the
    /// key that holds by then.
    ///
    /// # Errors
    /// [`Error::MasterKeyChanged`] when the key that this engine was opened with holds no more; the database's.
    pub async fn rotate_master_key(&self, admin: &domain::access::Admin, new: &MasterKey) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), Origin::default()).await?;
        // Looked at under the change's lock: of two who rotate at the same time, one is told to begin again.
        if !self.0.keys.open_alike(&store::hub_keys::all_in(&mut change.tx).await?) {
            return Err(Error::MasterKeyChanged);
        }
        for (label, sealed) in self.0.keys.rewrap(new)? {
            store::hub_keys::replace(&mut change.tx, label, &sealed, change.at).await?;
        }
        let subject = store::change::Subject {
            action: "secrets.rotate",
            id: "hub".to_owned(),
            name: "master key",
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        Ok(())
    }

    /// Stops taking calls, lets running ones end within `limit`, writes what is left and marks the process as ended.
    pub async fn shutdown(&self, limit: Duration) {
        self.0.calls.refuse_new();
        if tokio::time::timeout(limit, self.0.calls.all_ended()).await.is_err() {
            tracing::warn!("calls were still running when the time to drain ended");
            self.0.calls.stop_all();
            let _ = tokio::time::timeout(Duration::from_secs(5), self.0.calls.all_ended()).await;
        }
        // A client that does not read must not keep the next server from starting.
        if tokio::time::timeout(STOP_LIMIT, self.0.tasks.stop()).await.is_err() {
            tracing::warn!("some tasks did not end in time and end with the process");
        }
        if let Books::Shared(shared) = &self.0.books
            && tokio::time::timeout(LAST_ROWS, shared.finish()).await.is_err()
        {
            tracing::error!("the database does not take the last bookings; their calls are not charged");
        }
        if tokio::time::timeout(LAST_ROWS, self.0.recorder.finish()).await.is_err() {
            tracing::error!("the database does not take the last rows; the calls in them are not in the log");
        }
        last_used::flush(&self.0).await;
        if let Err(error) = store::process::end(&self.0.store, self.0.process, self.0.clock.now()).await {
            tracing::warn!(%error, "the end of this process could not be written down");
        }
        self.0.store.close().await;
        // Only now may another server take this one's place.
        drop(self.0.lock.lock().await.take());
    }
}

impl Inner {
    /// Begins a change by `actor`.
    async fn change<'a>(&'a self, actor: &'a Actor, origin: Origin<'a>) -> Result<Change<'a>, Error> {
        let who = (actor, origin.address);
        Ok(Change::begin(&self.store, &self.clock, &self.ids, who, &self.keys.audit).await?)
    }

    /// Commits a change of keys, providers or models, and lets the request path of this process see it before the change
    /// is answered. Everything else is committed by itself.
    async fn finish(&self, change: Change<'_>) -> Result<(), Error> {
        change.publish().await?;
        snapshot::reload(self).await
    }
}
