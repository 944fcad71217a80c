//! Opening the hub: database, migrations, keys, lock, lost calls, background tasks. Each failure is one sentence.

mod clocks;
mod keys;
mod looking;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use domain::time::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{
    Gateway, Inner, LedgerOrder, OpenError, ProcessKind, Settings,
    ahead::{self, Ahead},
    alive,
    call::{self, Running},
    clock::{HubClock, TimeOfDay},
    connections, door,
    fetch::Fetcher,
    identity,
    ids::IdSource,
    last_used::{self, LastUsed},
    ledger::{self, Books, Owned, Shared},
    mail, progress,
    recorder::Recorder,
    sign_in::Throttle,
    snapshot::{self, Snapshot},
    store::{self, SNAPSHOT_CHANNEL, SchemaAge, Store, StoreError, process::Registered},
    tasks::Tasks,
};

/// How often a process looks whether another one has changed what the request path reads.
const SNAPSHOT_PAUSE: Duration = Duration::from_millis(250);
/// How often last uses are written, and calls whose answer left before their end was booked marked.
const LAST_USED_PAUSE: Duration = Duration::from_secs(5);
/// How often calls of dead processes and expired sessions are looked for.
const SWEEP_PAUSE: Duration = Duration::from_secs(30);

impl Gateway {
    /// Opens the hub. A server migrates the database; a command does so only when it is empty.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        Self::open_if(settings, |_| true).await
    }

    /// Opens a hub that is in the database already. Makes no table.
    ///
    /// # Errors
    /// [`OpenError::NoHub`] when none is; see [`OpenError`].
    pub async fn open_existing(settings: Settings) -> Result<Self, OpenError> {
        Self::open_if(settings, |age| age != SchemaAge::Empty).await
    }

    async fn open_if(settings: Settings, wanted: fn(SchemaAge) -> bool) -> Result<Self, OpenError> {
        let store = Store::open(&settings).await?;
        let opened = match store.schema_age().await {
            Ok(age) if wanted(age) => Self::open_over(store.clone(), age, settings).await,
            Ok(_) => Err(OpenError::NoHub),
            Err(error) => Err(error.into()),
        };
        opened.map_err(|error| store.named(error))
    }

    async fn open_over(store: Store, age: SchemaAge, settings: Settings) -> Result<Self, OpenError> {
        let clock = HubClock::begin(settings.clock);
        bring_up_to_date(&store, age, settings.process_kind).await?;
        store::statistics::forget(&store).await?;
        let keys = keys::open(&store, &settings.master_key, &clock).await?;
        let registered = store::process::register(&store, settings.process_kind, settings.ledger, clock.now()).await?;
        let Registered { id, number, lock } = registered;
        let ids = IdSource::new(number);
        keys::bind(&store, &keys, &ids, &clock).await?;
        let seen = snapshot::Seen::now(clock.now());
        let snapshot = Snapshot::load(&store, &keys, clock.now(), None)
            .await
            .map_err(open_error)?;
        let fetcher = Fetcher::new(settings.fetch_allow).map_err(|error| open_error(error.into()))?;
        let identities = identity::Agent::new(settings.identity_providers).map_err(|error| open_error(error.into()))?;
        let deposed = CancellationToken::new();
        let recorder = Recorder::start(store.clone(), id, lock.epoch(), deposed.clone());
        let books = match (&store, settings.process_kind, settings.ledger) {
            // It holds the file's lock, or the ledger's, so nobody else books.
            (Store::Sqlite(_), ProcessKind::Serve, _)
            | (Store::Postgres(_), ProcessKind::Serve, LedgerOrder::Owned) => {
                Books::Owned(Owned::new(settings.accounts_in_memory))
            }
            (Store::Postgres(_), ProcessKind::Serve, LedgerOrder::Shared) => {
                Books::Shared(Shared::new(settings.keeps_after))
            }
            _ => Books::Direct,
        };
        let gateway = Self(Arc::new(Inner {
            snapshot: ArcSwap::from_pointee(snapshot),
            seen,
            reload: tokio::sync::Mutex::new(()),
            recorder,
            absent: store::process::Absent::new(matches!(books, Books::Owned(_))),
            books,
            last_used: LastUsed::default(),
            ahead: Ahead::default(),
            throttle: Throttle::default(),
            pace: door::Pace::default(),
            post: mail::Post::new(settings.mail),
            tasks: Tasks::default(),
            calls: Running::default(),
            ids,
            public_url: settings.public_url,
            outage: settings.outage,
            ended: ledger::Ended::default(),
            fetcher,
            identities,
            clock,
            process: id,
            keys,
            store,
            deposed,
            lock: tokio::sync::Mutex::new(Some(lock)),
        }));
        if let Books::Shared(shared) = &gateway.0.books {
            shared.start(&gateway.0);
        }
        clocks::compare_with_servers(&gateway.0).await?;
        if settings.process_kind == ProcessKind::Serve {
            gateway.0.identities.move_people(&gateway.0.store).await?;
            sweep(&gateway.0).await;
            if let Books::Owned(owned) = &gateway.0.books {
                // After that of calls which a dead process has left was closed.
                owned.load_limits(store::limits::all_counts(&gateway.0.store).await?);
            }
            clocks::compare_with_books(&gateway.0).await?;
            start_tasks(&gateway.0);
        }
        Ok(gateway)
    }

    /// Looks now for what a server looks for every 30 seconds: calls that nobody runs any more, what has expired.
    pub async fn sweep(&self) {
        sweep(&self.0).await;
    }

    /// Migrates the database of a server that does not run.
    ///
    /// # Errors
    /// [`OpenError::ServerRunning`] when one runs; see [`OpenError`].
    pub async fn migrate(settings: &Settings) -> Result<bool, OpenError> {
        let store = Store::open(settings).await?;
        let migrated = Self::migrate_over(&store).await;
        store.close().await;
        migrated.map_err(|error| store.named(error))
    }

    async fn migrate_over(store: &Store) -> Result<bool, OpenError> {
        let age = store.schema_age().await?;
        refuse_newer(age)?;
        // Asked even when there is nothing to do: the answer must not depend on what the next version will bring.
        if age != SchemaAge::Empty && store::server_runs(store).await? {
            return Err(OpenError::ServerRunning);
        }
        if age == SchemaAge::Current {
            return Ok(false);
        }
        store.migrate(age).await.map_err(StoreError::from)?;
        Ok(true)
    }
}

fn refuse_newer(age: SchemaAge) -> Result<(), OpenError> {
    match age {
        SchemaAge::Newer { found, known } => Err(OpenError::NewerDatabase { found, known }),
        SchemaAge::Empty | SchemaAge::Older | SchemaAge::Current => Ok(()),
    }
}

async fn bring_up_to_date(store: &Store, age: SchemaAge, kind: ProcessKind) -> Result<(), OpenError> {
    refuse_newer(age)?;
    match (age, kind) {
        (SchemaAge::Older, ProcessKind::Command) => Err(OpenError::OlderDatabase),
        (SchemaAge::Older, ProcessKind::Serve)
            if matches!(store, Store::Sqlite(_)) && store::server_runs(store).await? =>
        {
            Err(OpenError::ServerRunning)
        }
        (SchemaAge::Empty | SchemaAge::Older, _) => Ok(store.migrate(age).await.map_err(StoreError::from)?),
        _ => Ok(()),
    }
}

fn open_error(error: crate::Error) -> OpenError {
    match error {
        crate::Error::Store(error) => error.into(),
        crate::Error::Seal(error) => error.into(),
        other => OpenError::Store(StoreError::Database(sqlx::Error::Protocol(other.to_string()))),
    }
}

/// Closes calls that nobody runs any more, books what has expired, and says when it did.
async fn sweep(inner: &Inner) {
    let (now, believed) = (inner.clock.now(), inner.clock.is_believed());
    see_to_what_is_left(inner, now).await;
    forget_what_is_over(inner, now).await;
    // Last, and with the moment at which it began: what it tells of was seen to. Where the time of day is not believed no expiry is booked.
    if believed && let Err(error) = store::process::looked(&inner.store, inner.process, now).await {
        tracing::error!(%error, "writing down when this server looked for what is left failed");
    }
}

async fn see_to_what_is_left(inner: &Inner, now: Timestamp) {
    match store::process::close_lost_calls(&inner.store, &inner.absent, inner.process, now).await {
        Ok(0) => {}
        Ok(closed) => tracing::warn!(closed, "calls of a process that has died now stand as interrupted"),
        Err(error) => tracing::error!(%error, "looking for lost calls failed"),
    }
    match inner.close_left_calls().await {
        Ok(0) => {}
        Ok(closed) => tracing::error!(closed, "calls whose end could not be written now stand as interrupted"),
        Err(error) => tracing::error!(%error, "looking for calls whose end was not written failed"),
    }
    match inner.clock.look() {
        TimeOfDay::Believed => {}
        TimeOfDay::Doubted => tracing::error!(
            "the time of day was set by more than five minutes while the hub ran. The hub goes by its own, and books no expiry of credit, until the new time has stood for an hour. If it is right, start the hub again; if not, set it right."
        ),
        TimeOfDay::BelievedAgain => {
            tracing::warn!("the time of day that was set has stood for an hour: the hub goes by it from now on");
        }
    }
    if let Err(error) = inner.tidy_ledger().await {
        tracing::error!(%error, "looking for what has expired failed");
    }
}

async fn forget_what_is_over(inner: &Inner, now: Timestamp) {
    if let Err(error) = inner.tidy_limits().await {
        tracing::error!(%error, "forgetting what counts against no limit any more failed");
    }
    if let Err(error) = store::sessions::delete_expired(&inner.store, now).await {
        tracing::error!(%error, "removing expired sessions failed");
    }
    if let Err(error) = store::identity_attempts::delete_expired(&inner.store, now).await {
        tracing::error!(%error, "forgetting which sign-ins by identity providers were answered failed");
    }
    if let Err(error) = store::responses::forget_old(&inner.store, now).await {
        tracing::error!(%error, "forgetting old places of kept answers failed");
    }
    if let Err(error) = store::links::delete_expired(&inner.store, now).await {
        tracing::error!(%error, "removing links whose time is over failed");
    }
    if let Err(error) = mail::outbox::forget(inner, now).await {
        tracing::error!(%error, "forgetting old mail failed");
    }
    if let Err(error) = connections::forget(inner, now).await {
        tracing::error!(%error, "removing old requests to connect failed");
    }
}

/// Background work of a server. Each loop holds the hub weakly enough: it ends when the tasks are stopped.
fn start_tasks(inner: &Arc<Inner>) {
    let hub = Arc::clone(inner);
    inner.tasks.repeat(async move {
        let mut listener = None;
        loop {
            hub.store.told(SNAPSHOT_CHANNEL, &mut listener, SNAPSHOT_PAUSE).await;
            if let Err(error) = snapshot::reload_if_changed(&hub).await {
                tracing::error!(%error, "keys, providers and models could not be read again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    });
    let hub = Arc::clone(inner);
    inner.tasks.repeat(async move {
        loop {
            tokio::time::sleep(LAST_USED_PAUSE).await;
            last_used::flush(&hub).await;
            ahead::flush(&hub).await;
        }
    });
    let hub = Arc::clone(inner);
    inner.tasks.repeat(async move {
        loop {
            let soon = hub.absent.any();
            tokio::time::sleep(if soon {
                store::process::CONFIRMATION
            } else {
                SWEEP_PAUSE
            })
            .await;
            sweep(&hub).await;
        }
    });
    let hub = Arc::clone(inner);
    inner.tasks.repeat(async move { call::signed_out::watch(&hub).await });
    let hub = Arc::clone(inner);
    inner.tasks.repeat(async move { mail::outbox::run(&hub).await });
    if matches!(inner.books, Books::Owned(_)) {
        let hub = Arc::clone(inner);
        inner.tasks.repeat(async move { ledger::serve_inbox(&hub).await });
    }
    let hub = Arc::clone(inner);
    inner.tasks.repeat(async move { alive::keep(&hub).await });
    if matches!(inner.store, Store::Postgres(_)) {
        let hub = Arc::clone(inner);
        inner.tasks.repeat(async move { progress::watch(&hub).await });
    }
}
