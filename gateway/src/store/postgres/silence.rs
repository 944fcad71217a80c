//! Whether anything will ever be heard on a connection to PostgreSQL that says nothing.
//!
//! Whoever waits for a lock, or for much to be read, hears nothing either. So it is asked on another connection: PostgreSQL tells of each of
//! this process's connections (they have a name of their own) whether it works, and since when. When it has worked on nothing of the kind for
//! as long as it was waited, the statement has never arrived, or its answer has left long ago and was lost: the connection is given up.
//! What it may have committed is for its user to find out, as after a connection that broke.
//!
//! The other end of such a connection may live on behind a proxy that stands still, hold its locks, and do later what arrives later. So
//! PostgreSQL is told to end whatever of this process has been waiting for its client for as long. That it was not in time is found by
//! whoever writes (numbers of batches, of transactions, `account.moved`). Connections of the pool that only rest go with them,
//! and are made anew.

use std::{
    io,
    pin::pin,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqlStr, postgres::PgConnectOptions};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::secrets;

/// How long PostgreSQL may take to answer on another connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// So much of a statement tells it from others, in letters.
const TOLD: usize = 64;
/// A name has up to 63 bytes, and so many of them are whoever configured it.
const OWN_NAME: usize = 40;

/// Whoever asks sees themselves at work, by this process's name. Not where the server keeps no account of that (`track_activities`), or something
/// between the two gives connections other names.
const IS_SEEN: &str = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
    WHERE application_name = $1 AND pid = pg_backend_pid() AND state = 'active')";
/// In the middle of what it writes, and its client says nothing. One that only reads keeps nobody from anything, and its reader may be at work.
const END_IN_THE_MIDDLE: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = $1 AND pid <> pg_backend_pid() AND wait_event_type = 'Client' AND state <> 'idle'
        AND backend_xid IS NOT NULL AND state_change < CLOCK_TIMESTAMP() - MAKE_INTERVAL(secs => $2)";
/// At work on such a statement, or behind a lock with one: each that it had to wait for was a beginning.
const AT_WORK: &str = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
    WHERE application_name = $1 AND pid <> pg_backend_pid() AND wait_event_type IS DISTINCT FROM 'Client' AND state = 'active'
        AND LEFT(query, $3) = $4
        AND (wait_event_type = 'Lock' OR state_change < CLOCK_TIMESTAMP() - MAKE_INTERVAL(secs => $2)))";
/// With nothing to do, or with something that has not arrived yet, or has and is not taken.
const END_RESTING: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = $1 AND pid <> pg_backend_pid() AND wait_event_type = 'Client' AND (state = 'idle' OR state = 'active')
        AND state_change < CLOCK_TIMESTAMP() - MAKE_INTERVAL(secs => $2)";

/// What a pool knows of it.
#[derive(Debug)]
pub(super) struct Silence {
    /// What PostgreSQL calls this process's connections.
    name: String,
    options: PgConnectOptions,
    limit: Duration,
    given_up: AtomicU64,
    /// It was said that PostgreSQL does not tell what it does for this process.
    blind: AtomicBool,
    /// One asks at a time. When PostgreSQL did not answer, if that was the last that was found.
    away: Mutex<Option<Instant>>,
}

impl Silence {
    pub fn new(options: PgConnectOptions, limit: Duration) -> Self {
        let configured = options.get_application_name().unwrap_or("aigne-hub");
        let name = format!("{} {}", as_told(configured), of_this_process());
        Self {
            options: options.application_name(&name),
            name,
            limit,
            given_up: AtomicU64::new(0),
            blind: AtomicBool::new(false),
            away: Mutex::new(None),
        }
    }

    /// With the name of this process.
    pub const fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    pub fn options_of_its_own(&self) -> PgConnectOptions {
        self.options.clone().application_name(&format!("{} lock", self.name))
    }

    pub const fn limit(&self) -> Duration {
        self.limit
    }

    /// How many connections were given up.
    pub fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    /// What comes of the work, which is a statement or a part of its answer.
    ///
    /// # Errors
    /// The connection is lost, and may be in the middle of anything.
    pub async fn heard<T>(&self, sql: &SqlStr, work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
        let mut work = pin!(work);
        let began = Instant::now();
        loop {
            if let Ok(done) = timeout(self.limit, work.as_mut()).await {
                return Ok(done);
            }
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                lost = self.is_lost(sql, began.elapsed()) => if lost {
                    self.given_up.fetch_add(1, Ordering::Relaxed);
                    return Err(no_answer(began.elapsed()));
                },
            }
        }
    }

    async fn is_lost(&self, sql: &SqlStr, waited: Duration) -> bool {
        let mut away = self.away.lock().await;
        if away.is_some_and(|at| at.elapsed() < self.limit) {
            return true;
        }
        *away = None;
        match timeout(PATIENCE, self.ask(sql, waited)).await {
            Ok(Ok(lost)) => lost,
            Ok(Err(error @ sqlx::Error::Database(_))) => {
                // It lives, and may be at work.
                tracing::warn!(%error, "PostgreSQL does not say whether it is at work for a connection on which nothing is heard");
                false
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("PostgreSQL answers neither on a connection on which nothing is heard nor on a new one");
                *away = Some(Instant::now());
                true
            }
        }
    }

    /// Whether PostgreSQL has not worked on such a statement for at least half as long as it was waited for: it may have come to it late.
    async fn ask(&self, sql: &SqlStr, waited: Duration) -> Result<bool, sqlx::Error> {
        let mut other = self.options.connect().await?;
        let seen: bool = sqlx::query_scalar(IS_SEEN)
            .bind(&self.name)
            .fetch_one(&mut other)
            .await?;
        if !seen {
            if !self.blind.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    name = self.name,
                    "PostgreSQL does not tell what it does for this process's connections: `track_activities` is off, or something between the two \
                     changes their `application_name`. One that goes silent is waited for until it breaks"
                );
            }
            return Ok(false);
        }
        let since = waited.as_secs_f64() / 2.0;
        // First: somebody at work may wait for what these hold.
        let mut ended = self.end(&mut other, END_IN_THE_MIDDLE, since).await?;
        let told: String = sql.as_str().chars().take(TOLD).collect();
        let at_work: bool = sqlx::query_scalar(AT_WORK)
            .bind(&self.name)
            .bind(since)
            .bind(i32::try_from(TOLD).unwrap_or_default())
            .bind(told)
            .fetch_one(&mut other)
            .await?;
        if !at_work {
            ended += self.end(&mut other, END_RESTING, since).await?;
            tracing::warn!(
                seconds = waited.as_secs(),
                ended,
                "nothing is heard on a connection to PostgreSQL, which works on nothing for it; it is given up"
            );
        }
        let _ = other.close().await;
        Ok(!at_work)
    }

    async fn end(&self, other: &mut PgConnection, which: &'static str, since: f64) -> Result<i64, sqlx::Error> {
        let ended = sqlx::query_scalar(which).bind(&self.name).bind(since);
        ended.fetch_one(other).await
    }
}

/// A name as PostgreSQL tells it: what is not printed in ASCII is a question mark.
fn as_told(configured: &str) -> String {
    let plain = |byte: u8| {
        if matches!(byte, b' '..=b'~') {
            char::from(byte)
        } else {
            '?'
        }
    };
    configured.bytes().take(OWN_NAME).map(plain).collect()
}

/// Tells its connections from those of others, on whatever machine. Without any chance at hand they are told from nobody's, which ends more than
/// it has to: all of it is made anew.
fn of_this_process() -> String {
    secrets::hex(&secrets::random::<4>().unwrap_or_default())
}

/// Nothing was heard for so long.
pub(super) fn no_answer(waited: Duration) -> sqlx::Error {
    let words = format!(
        "PostgreSQL has not answered on a connection for {:.1} seconds; the hub connects anew. If this comes often, look at what lies between the two",
        waited.as_secs_f64()
    );
    io::Error::new(io::ErrorKind::TimedOut, words).into()
}
