//! What calls came to, from the sums of their hours.

use domain::{
    access::Capability,
    credit::{Balance, DayUsage},
    id::{AccountId, KeyId},
    project::{InProject, Standing},
    refusal::Refusal,
    time::Timestamp,
};

use crate::{
    Error, Inner,
    call::Caller,
    ledger::account_of,
    store::{self, ledger::Found},
};

/// Use-cases about usage. Whoever holds a key sees what belongs to it.
pub struct UsageSums<'a>(pub(crate) &'a Inner);

impl UsageSums<'_> {
    /// What a key's calls came to by day and model, oldest first, from one moment to before another. Hours count as a whole.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_key(&self, key: KeyId, from: Timestamp, until: Timestamp) -> Result<Vec<DayUsage>, Error> {
        Ok(store::usage::days(&self.0.store, key, from, until).await?)
    }

    /// The same of a project, for whoever sees it.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_project(
        &self,
        standing: &Standing,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<DayUsage>, Error> {
        let project = standing.project().id;
        Ok(store::usage::days_of_project(&self.0.store, project, from, until).await?)
    }

    /// What the account of a project has, for whoever keeps the project, pays for it, or reads what concerns money.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`]; as [`UsageSums::credit_of`].
    pub async fn credit_of_project(&self, standing: &Standing) -> Result<Balance, Error> {
        let (viewer, project) = (standing.viewer(), standing.project());
        let pays = project.account == account_of(viewer.id);
        if !(pays || standing.may(InProject::Manage) || viewer.may(Capability::ReadMoney)) {
            return Err(Refusal::NotAllowed.into());
        }
        self.credit(project.account).await
    }

    /// What the account behind a key has.
    ///
    /// # Errors
    /// [`Error::Quarantine`]; the database's.
    pub async fn credit_of(&self, caller: Caller) -> Result<Balance, Error> {
        self.credit(caller.account()).await
    }

    async fn credit(&self, id: AccountId) -> Result<Balance, Error> {
        let mut tx = self.0.store.begin_read().await?;
        let account = match store::ledger::load(&mut tx, id).await? {
            None => return Err(Error::NoAccount),
            Some(Found::Broken(reason)) => return Err(Error::Quarantine { account: id, reason }),
            Some(Found::Sound { account, .. }) => account,
        };
        Ok(Balance::of(&account, self.0.clock.now()))
    }
}
