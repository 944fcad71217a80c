//! A transaction on a connection whose silence is noticed.

use sqlx::Executor as _;
use tokio::{runtime::Handle, time::timeout};

use super::{Pg, PgLine};

/// Dropped, it is undone: also when `BEGIN` or `COMMIT` is still on its way.
#[derive(Debug)]
pub struct PgTx {
    pub(super) line: PgLine,
    open: bool,
}

impl Pg {
    /// Begins by this statement.
    pub(in crate::store) async fn begin(&self, statement: &'static str) -> Result<PgTx, sqlx::Error> {
        let mut tx = PgTx {
            line: self.acquire().await?,
            open: true,
        };
        tx.line.execute(statement).await?;
        Ok(tx)
    }
}

impl PgTx {
    /// Makes it last.
    pub(in crate::store) async fn commit(self) -> Result<(), sqlx::Error> {
        self.end("COMMIT").await
    }

    /// Undoes it.
    pub(in crate::store) async fn rollback(self) -> Result<(), sqlx::Error> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        self.line.execute(statement).await?;
        self.open = false;
        Ok(())
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if !self.open || self.line.lost {
            return;
        }
        let mut line = self.line.take();
        let Ok(runtime) = Handle::try_current() else {
            line.lost = true;
            return;
        };
        drop(runtime.spawn(undo(line)));
    }
}

/// Nobody else may come into the middle of it.
async fn undo(mut line: PgLine) {
    let limit = line.silence.limit();
    let undone = match line.parts() {
        Ok((connection, ..)) => timeout(limit, connection.execute("ROLLBACK")).await,
        Err(error) => Ok(Err(error)),
    };
    if !matches!(undone, Ok(Ok(_))) {
        line.lost = true;
    }
}
