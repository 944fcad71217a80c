//! Reading the list of changes, and proving it (`audit_log/chain.rs`).

mod chain;

use domain::{
    access::Reader,
    audit::{AuditEntry, AuditFilter},
    page::{Cursor, Page, PageSize},
};

use crate::{Error, Inner, call_log::page_of, store::audit};
pub(crate) use chain::prove;
pub use chain::{ChainFinding, ChainReport};

/// Use-cases about the list of changes.
pub struct AuditLog<'a>(pub(crate) &'a Inner);

impl AuditLog<'_> {
    /// One page, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(
        &self,
        _: &Reader,
        filter: &AuditFilter,
        cursor: Cursor,
        size: PageSize,
    ) -> Result<Page<AuditEntry>, Error> {
        let rows = audit::page(&self.0.store, filter, cursor, size).await?;
        Ok(page_of(rows, cursor, size, |entry| entry.id.number()))
    }

    /// How many changes match, counted up to `cap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(&self, _: &Reader, filter: &AuditFilter, cap: i64) -> Result<i64, Error> {
        Ok(audit::count(&self.0.store, filter, cap).await?)
    }
}
