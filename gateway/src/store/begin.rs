//! How a transaction begins: to write, to write a batch of calls, to read one moment.

use super::{Store, StoreError, Tx};

/// One journey to PostgreSQL. What is set is so until the transaction ends. From whoever is not heard of in the middle of it, as after a machine
/// that was lost behind a proxy, PostgreSQL takes the locks back by itself.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '60s'";
const BEGIN_BATCH: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '60s';
    SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

impl Store {
    /// Begins a transaction that will write. On SQLite it holds the write lock from the start, so it cannot fail half-way.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(pools) => Tx::Sqlite(pools.write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin(BEGIN).await?),
        })
    }

    /// The same for batches of calls and what is booked of them.
    ///
    /// PostgreSQL plans a statement once for each connection, by what its tables hold then. A server that begins with few calls
    /// would go on reading all calls where an index leads to a few of them, and it would plan the first batches of each
    /// size for their very values: hundreds of them.
    pub(crate) async fn begin_batch(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite(_) => self.begin().await,
            Self::Postgres(pool) => Ok(Tx::Postgres(pool.begin(BEGIN_BATCH).await?)),
        }
    }

    /// Begins a transaction that only reads, and sees one moment however long it reads.
    pub(crate) async fn begin_read(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(pools) => Tx::Sqlite(pools.read.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin(BEGIN_READ).await?),
        })
    }
}
