//! Reading the list of changes.

use domain::{
    access::Admin,
    audit::AuditEntry,
    page::{Cursor, Page, PageSize},
};

use crate::{Error, Inner, call_log::page_of, store::audit};

/// Use-cases about the list of changes.
pub struct AuditLog<'a>(pub(crate) &'a Inner);

impl AuditLog<'_> {
    /// One page, newest first; of one subject (`key`, `provider`, `user`, …) if it is named.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(
        &self,
        _: &Admin,
        subject: Option<&str>,
        cursor: Cursor,
        size: PageSize,
    ) -> Result<Page<AuditEntry>, Error> {
        let rows = audit::page(&self.0.store, subject, cursor, size).await?;
        Ok(page_of(rows, cursor, size, |entry| entry.id.number()))
    }
}
