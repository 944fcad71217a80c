//! The proof of the books, for admins. Runs over everybody that are kept are in `book_checks`.

use domain::{access::MoneyReader, id::UserId, time::Timestamp};

use super::Credits;
use crate::{
    Error, LedgerProof, LedgerReport,
    ledger::{self, Scope, account_of},
};

impl<'a> Credits<'a> {
    /// Proves the books of one account, or of all, from what is stored. May run beside a live server.
    ///
    /// # Errors
    /// The database's. What is wrong with the books is in the report.
    pub async fn verify(&self, reader: &MoneyReader, user: Option<UserId>) -> Result<LedgerReport, Error> {
        self.verify_since(reader, user, None).await
    }

    /// The same, of accounts on which something happened since then; of one account, its journal and the calls that began since.
    ///
    /// # Errors
    /// As [`Credits::verify`].
    pub async fn verify_since(
        &self,
        _: &MoneyReader,
        user: Option<UserId>,
        since: Option<Timestamp>,
    ) -> Result<LedgerReport, Error> {
        let scope = Scope {
            account: user.map(account_of),
            since,
        };
        ledger::verify(&self.inner.store, &self.inner.keys, scope, self.inner.clock.now()).await
    }

    /// Begins to prove the books of all, for who takes the accounts one by one.
    ///
    /// # Errors
    /// As [`Credits::verify`].
    pub async fn begin_verify(&self, _: &MoneyReader) -> Result<LedgerProof<'a>, Error> {
        let inner = self.inner;
        LedgerProof::begin(&inner.store, &inner.keys, Scope::default(), inner.clock.now()).await
    }
}
