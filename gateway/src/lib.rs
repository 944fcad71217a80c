//! The engine of AIGNE Hub: everything the product does, without an HTTP server and without HTML.
//!
//! [`Gateway`] is made once from plain [`Settings`] and cloned freely. It hands out the use-cases (`users`, `keys`,
//! `providers`, …) and runs calls. The console, the HTTP API, the command line and the tests all come through here, so
//! that no rule lives twice.
//!
//! To add a table: two migrations of the same name and a file in `store`. To add a use-case: a method here and a file
//! beside it. To add a provider: see `providers`.

mod ahead;
mod alive;
mod audit_log;
mod backoff;
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
mod life;
mod limits;
mod mail;
mod opening;
mod options;
mod passwords;
mod prices;
mod progress;
mod projects;
mod providers;
mod recorder;
mod routing;
#[cfg(test)]
mod scene;
mod search;
pub mod secrets;
mod seen;
mod sessions;
mod setup;
mod sign_in;
mod snapshot;
pub mod step;
mod store;
mod tasks;
mod usage;
mod use_cases;
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
pub use book_checks::{Attention, BookCheck, BookChecks, CheckOutcome, Estimates};
pub use call_log::Calls;
pub use catalog::{ModelEdit, Models, ProviderEdit, Providers};
pub use connections::{AskedFor, BegunConnection, Connections, Fetched};
pub use credits::{Credits, Day, Purse};
pub use door::{Door, Pace, Proved};
pub use error::{Error, OpenError};
pub use identity::{
    Answer, Begun, Browser, Carried, FiledProvider, Finished, Identities, IdentityProviders, IdentityReport, Outcome,
    Purpose, Stopped,
};
pub use invitations::{Invitations, Invited, NewInvitation};
pub use keys::{KeyDraft, KeyEdit, KeyListing, KeyTag, Keys, NewKey};
pub use ledger::{Ledger, LedgerFinding, LedgerProof, LedgerReport, LedgerTotal};
pub use limits::{KnownLimit, LimitDraft, Limits, LimitsOf};
pub use mail::{FiledMail, Mail, MailSet, MailWay};
pub use options::Options;
pub use prices::{OfferList, PriceList, Prices, PricesOf};
pub use projects::{ListedProject, ProjectEdit, Projects};
pub use providers::SENTENCES_OF_REACH;
pub use search::{Findings, Named, Search};
pub use secrets::{MasterKey, SecretText};
pub use seen::Seen;
pub use sessions::{Sessions, StoredSession};
pub use setup::Setup;
pub use sign_in::{SignedIn, network};
pub use snapshot::{Candidate, CredentialEntry, KeyEntry, ProviderEntry, Snapshot, VisibleModel};
pub use store::calls::{AttemptRow, CallMoney, CallRow, KeptAnswer};
pub use usage::UsageSums;
pub use users::{Preferences, UserEdit, Users, securing::Secured};

use ahead::Ahead;
use clock::{Clock, HubClock};
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
    /// A connection to PostgreSQL on which nothing is heard for so long is given up, unless PostgreSQL is at work for it.
    pub silence: Duration,
    /// How servers on PostgreSQL keep the order of the ledger. On SQLite one server always owns it.
    pub ledger: LedgerOrder,
    /// Of accounts that nobody uses, an owner of the ledger keeps so many in memory.
    pub accounts_in_memory: usize,
    /// A server that shares the ledger keeps an account to itself for a while once it alone has written so many batches on it in a row,
    /// each soon after the one before.
    pub keeps_after: u32,
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
    /// Only for a key that nothing ties (`domain::key::Tie`), where somebody asks by one. It is asked again within the change.
    pub freely: bool,
    /// As whom they were let in. It is looked at again within the change; none where nobody was let in before, as on the command line.
    pub seen: Option<Seen>,
}

impl<'a> Origin<'a> {
    /// From this address, with whatever key.
    #[must_use]
    pub const fn at(address: Option<&'a str>) -> Self {
        Self {
            address,
            freely: false,
            seen: None,
        }
    }
}

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

pub(crate) struct Inner {
    store: Store,
    clock: HubClock,
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
    /// When that was seen to be what is stored.
    seen: snapshot::Seen,
    /// Only one reload at a time, so that an older state never replaces a newer one.
    reload: tokio::sync::Mutex<()>,
    recorder: Recorder,
    books: Books,
    last_used: LastUsed,
    /// Calls whose answer left before their end was written.
    ahead: Ahead,
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

impl Gateway {
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
}

impl Inner {
    /// Begins a change by `actor`. Here, under the lock that whoever takes a right away needs, too, it is looked whether they may still ask
    /// ([`Seen`]), and what is for keys that nothing ties looks at the key: what was changed a moment ago holds.
    ///
    /// # Errors
    /// [`domain::refusal::Refusal::NotSignedIn`], [`domain::refusal::Refusal::NotAllowed`],
    /// [`domain::refusal::Refusal::TiedKey`]; the database's.
    async fn change<'a>(&'a self, actor: &'a Actor, origin: Origin<'a>) -> Result<Change<'a>, Error> {
        let who = (actor, origin.address);
        let mut change = Change::begin(&self.store, &self.clock, &self.ids, who, &self.keys.audit).await?;
        if let Some(seen) = origin.seen {
            seen.stands(&mut change.tx, who, change.at).await?;
        }
        if let Some(key) = Keys::asked_by(actor).filter(|_| origin.freely) {
            Keys::is_untied(&mut change.tx, key).await?;
        }
        Ok(change)
    }

    /// Commits a change of keys, providers or models, and lets the request path of this process see it before the change
    /// is answered. Everything else is committed by itself.
    async fn finish(&self, change: Change<'_>) -> Result<(), Error> {
        change.publish().await?;
        snapshot::reload(self).await
    }
}
