//! The pool of connections to PostgreSQL. As sqlx's, but that no connection is waited for without end: a proxy, a host or a backend may stop
//! in the middle, and the other end of its connections neither hears nor is told. What is asked on one is waited for as long as
//! PostgreSQL works on it (`silence`), and what comes back to the pool is looked at for a while and no longer.

mod silence;
mod tx;

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use futures_util::{
    FutureExt as _, StreamExt as _,
    future::{BoxFuture, ready},
    stream::{self, BoxStream},
};
use sqlx::{
    Connection as _, Describe, Either, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr,
    pool::PoolConnection,
    postgres::{
        PgArguments, PgConnectOptions, PgListener, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo,
    },
};
use tokio::{runtime::Handle, time::timeout};

use self::silence::{Silence, no_answer};
pub use self::tx::PgTx;

const CONNECT_PATIENCE: Duration = Duration::from_secs(8);
/// A connection that was used so short a time ago is taken to live.
const FRESH: Duration = Duration::from_millis(500);
/// Another one that does not say within this that it lives is replaced.
const ALIVE: Duration = Duration::from_secs(2);

/// Connections to PostgreSQL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pg {
    pool: PgPool,
    silence: Arc<Silence>,
}

/// One of them, for as long as somebody has it.
#[derive(Debug)]
pub struct PgLine {
    /// None: it was taken for somebody else.
    connection: Option<PoolConnection<Postgres>>,
    silence: Arc<Silence>,
    /// It was given up, and nobody gets it again.
    lost: bool,
}

/// Who is told what others say on a channel, by a connection of its own: one that was given up would keep its place in the pool.
#[derive(Debug)]
pub(crate) struct Listener {
    listener: PgListener,
    /// How many connections had been given up when it began.
    given_up: u64,
}

impl Pg {
    /// Connects. On a connection that says nothing for `limit` it is asked whether PostgreSQL is at work for it.
    pub(super) async fn open(
        options: PgConnectOptions,
        connections: u32,
        limit: Duration,
    ) -> Result<Self, sqlx::Error> {
        let silence = Arc::new(Silence::new(options, limit));
        let alive = ALIVE.min(limit);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECT_PATIENCE)
            // To ask whether it lives is one more journey to the server for each transaction.
            .test_before_acquire(false)
            .before_acquire(move |connection, known| {
                Box::pin(async move {
                    if known.idle_for > FRESH {
                        timeout(alive, connection.ping()).await.unwrap_or_else(|_| Err(no_answer(alive)))?;
                    }
                    Ok(true)
                })
            })
            .connect_with(silence.options().clone())
            .await?;
        Ok(Self { pool, silence })
    }

    /// A connection for as long as it is kept.
    pub(crate) fn acquire(&self) -> BoxFuture<'_, Result<PgLine, sqlx::Error>> {
        async {
            Ok(PgLine {
                connection: Some(self.pool.acquire().await?),
                silence: Arc::clone(&self.silence),
                lost: false,
            })
        }
        .boxed()
    }

    /// For migrations, which take as long as they take.
    pub(super) const fn unwatched(&self) -> &PgPool {
        &self.pool
    }

    /// For a connection that lives as long as the process and rests most of the time: it is none of those that are ended for that.
    pub(super) fn options_of_its_own(&self) -> PgConnectOptions {
        self.silence.options_of_its_own()
    }

    /// Begins to listen.
    pub(super) async fn listen(&self, channel: &str) -> Result<Listener, sqlx::Error> {
        let given_up = self.silence.given_up();
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(CONNECT_PATIENCE)
            .connect_lazy_with(self.silence.options().clone());
        let listen = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(channel).await?;
            Ok(listener)
        };
        let listener = timeout(CONNECT_PATIENCE, listen)
            .await
            .unwrap_or_else(|_| Err(no_answer(CONNECT_PATIENCE)))?;
        Ok(Listener { listener, given_up })
    }

    /// Whether what holds one connection may hold this one. Whoever listens hears nothing most of the time, so it cannot tell by itself.
    pub(super) fn doubts(&self, listener: &Listener) -> bool {
        listener.given_up != self.silence.given_up()
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Listener {
    /// Waits until something is said.
    pub(super) async fn heard(&mut self) -> Result<(), sqlx::Error> {
        self.listener.recv().await.map(|_| ())
    }
}

impl PgLine {
    fn take(&mut self) -> Self {
        Self {
            connection: self.connection.take(),
            silence: Arc::clone(&self.silence),
            lost: self.lost,
        }
    }

    /// The connection, what watches it, and where it is noted that it is lost.
    fn parts(&mut self) -> Result<(&mut PgConnection, &Silence, &mut bool), sqlx::Error> {
        match &mut self.connection {
            // It may be in the middle of anything.
            Some(_) if self.lost => Err(sqlx::Error::WorkerCrashed),
            Some(connection) => Ok((&mut **connection, &self.silence, &mut self.lost)),
            None => Err(sqlx::Error::WorkerCrashed),
        }
    }
}

/// Back to the pool, once PostgreSQL has done with it. From whoever stopped waiting that may take a while, and is not waited for without end:
/// meanwhile it has its place in the pool.
impl Drop for PgLine {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let limit = self.silence.limit();
        match Handle::try_current() {
            Ok(runtime) if !self.lost => {
                drop(runtime.spawn(async move { timeout(limit, connection.return_to_pool()).await }));
            }
            _ => drop(connection.detach()),
        }
    }
}

/// A statement on its way, of which is known what it says.
struct Passed {
    sql: SqlStr,
    arguments: Option<Result<Option<PgArguments>, sqlx::error::BoxDynError>>,
    persistent: bool,
}

impl Passed {
    fn of<'q, E: Execute<'q, Postgres>>(mut query: E) -> Self {
        Self {
            arguments: Some(query.take_arguments()),
            persistent: query.persistent(),
            sql: query.sql(),
        }
    }
}

impl Execute<'_, Postgres> for Passed {
    fn sql(self) -> SqlStr {
        self.sql
    }

    /// The hub prepares none by itself.
    fn statement(&self) -> Option<&PgStatement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, sqlx::error::BoxDynError> {
        self.arguments.take().unwrap_or(Ok(None))
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

impl<'c> Executor<'c> for &'c mut PgLine {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let passed = Passed::of(query);
        let (connection, silence, lost) = match self.parts() {
            Ok(parts) => parts,
            Err(error) => return stream::once(ready(Err(error))).boxed(),
        };
        let sql = passed.sql.clone();
        let said = connection.fetch_many(passed);
        stream::unfold(Some((said, sql, lost)), move |state| async move {
            let (mut said, sql, lost) = state?;
            match silence.heard(&sql, said.next()).await {
                Ok(Some(one)) => Some((one, Some((said, sql, lost)))),
                Ok(None) => None,
                Err(error) => {
                    *lost = true;
                    Some((Err(error), None))
                }
            }
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let passed = Passed::of(query);
        async move {
            let (connection, silence, lost) = self.parts()?;
            let sql = passed.sql.clone();
            let heard = silence.heard(&sql, connection.fetch_optional(passed)).await;
            *lost = heard.is_err();
            heard?
        }
        .boxed()
    }

    #[doc(hidden)]
    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        async move { self.parts()?.0.describe(sql).await }.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        async move {
            let (connection, silence, lost) = self.parts()?;
            let heard = silence
                .heard(&sql, connection.prepare_with(sql.clone(), parameters))
                .await;
            *lost = heard.is_err();
            heard?
        }
        .boxed()
    }
}

impl Deref for PgTx {
    type Target = PgLine;

    fn deref(&self) -> &PgLine {
        &self.line
    }
}

impl DerefMut for PgTx {
    fn deref_mut(&mut self) -> &mut PgLine {
        &mut self.line
    }
}
