//! Puts an account back into service that was taken out of it (`account.quarantine`): only when its books are proved to be
//! sound, also by what the list of changes tells of it, and with a line in that list. Called by `credits`, and for commands by
//! the owner's inbox. A list that somebody else has written proves less and is never mended; so that refuses nobody, and the
//! line says it.
//!
//! Nothing is booked on such an account, so what was proved still holds when the mark is taken away; that the account has not moved
//! meanwhile is asked all the same. An owner then forgets what it has of the account in memory, which may be ahead of what
//! is stored, and reads it again.

use domain::{access::Actor, id::AccountId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Answer, Books, inbox,
    verify::{self, Listed},
};
use crate::{
    Error, Inner, Origin, Seen,
    store::{
        self, Store,
        change::Subject,
        ledger::{self, order},
    },
};

/// What is wanted, and by whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Lift {
    /// Which account.
    pub account: AccountId,
    /// By whom.
    pub actor: Actor,
    /// From which address.
    pub address: Option<String>,
    /// Whose account it is, as the list of changes names it.
    pub name: String,
    /// Why.
    pub reason: String,
    /// As whom they were let in who want it: looked at again within the change. Commands have none.
    #[serde(skip)]
    pub seen: Option<Seen>,
}

/// How it stands in the inbox: no order has this shape.
#[derive(Serialize, Deserialize)]
pub(super) struct Wanted {
    pub lift: Lift,
}

impl Inner {
    /// Puts an account back into service. Gives why it was out of it.
    ///
    /// # Errors
    /// [`Error::InService`], [`Error::Unsound`], [`Error::NoAccount`]; [`Error::LedgerBehind`] when the server that owns the
    /// ledger does not answer; the database's.
    pub(crate) async fn lift(&self, lift: Lift) -> Result<String, Error> {
        match (&self.books, &self.store) {
            (Books::Owned(_), _) => owned(self, &lift, None).await,
            (Books::Shared(_) | Books::Direct, Store::Postgres(_)) => match here(self, &lift, None, None).await {
                Err(Error::LedgerOwned) => left(self, lift).await,
                done => done,
            },
            (Books::Shared(_) | Books::Direct, Store::Sqlite(pools)) => {
                match store::server_file(pools).map_err(|error| inbox::lock_failed(&error))? {
                    Some(lock) => {
                        let done = here(self, &lift, None, None).await;
                        drop(lock);
                        done
                    }
                    None => left(self, lift).await,
                }
            }
        }
    }
}

/// Leaves it to the owner.
async fn left(inner: &Inner, lift: Lift) -> Result<String, Error> {
    let account = lift.account;
    inner
        .still_may(lift.seen, (&lift.actor, lift.address.as_deref()))
        .await?;
    let wanted = serde_json::to_string(&Wanted { lift }).unwrap_or_default();
    match inbox::leave(inner, &wanted).await? {
        Answer::Lifted(reason) => Ok(reason),
        Answer::InService => Err(Error::InService { account }),
        Answer::Unsound(finding) => Err(Error::Unsound { account, finding }),
        other => other.effects().and(Err(Error::LedgerBehind)),
    }
}

/// What the inbox asks for. It is answered whatever becomes of it.
pub(super) async fn of_inbox(inner: &Inner, lift: &Lift, id: i64) -> Result<(), Error> {
    let done = match &inner.books {
        Books::Owned(_) => owned(inner, lift, Some(id)).await,
        Books::Shared(_) | Books::Direct => here(inner, lift, Some(id), None).await,
    };
    let answer = match done {
        Ok(_) => return Ok(()),
        Err(Error::InService { .. }) => Answer::InService,
        Err(Error::Unsound { finding, .. }) => Answer::Unsound(finding),
        Err(error @ Error::NoAccount) => Answer::Failed(error.to_string()),
        Err(error) => return Err(error),
    };
    inbox::answer_alone(inner, id, &answer).await
}

/// The owner's way: nothing of the account is on its way to the disk, and nothing of it stays in memory.
async fn owned(inner: &Inner, lift: &Lift, inbox: Option<i64>) -> Result<String, Error> {
    let Books::Owned(books) = &inner.books else {
        return Err(Error::LedgerOwned);
    };
    if inner.deposed.is_cancelled() {
        return Err(Error::LedgerBehind);
    }
    // The list may be long, and nothing about this account is added to it as long as it is out of service: others need not wait.
    let told = verify::told_of(&inner.store, &inner.keys, lift.account).await?;
    let still = books.stand_still().await;
    inner.recorder.drained().await;
    let reason = here(inner, lift, inbox, Some(told)).await?;
    books.forget(inner, lift.account);
    drop(still);
    Ok(reason)
}

/// Proves the books and takes the mark away. `told`: what the list of changes tells, where it was read already.
async fn here(inner: &Inner, lift: &Lift, inbox: Option<i64>, mut told: Option<Listed>) -> Result<String, Error> {
    let account = lift.account;
    loop {
        let told = match told.take() {
            Some(told) => told,
            None => verify::told_of(&inner.store, &inner.keys, account).await?,
        };
        let (now, broken) = (inner.clock.now(), told.broken.clone());
        let (standing, findings) = verify::of_account(&inner.store, &inner.keys, account, told, now).await?;
        let Some(reason) = standing.quarantine.clone() else {
            return Err(Error::InService { account });
        };
        if let Some(first) = findings.first() {
            let at = first.seq.map(|seq| format!(" (number {})", seq.0)).unwrap_or_default();
            let finding = format!("{}{at}", first.problem);
            return Err(Error::Unsound { account, finding });
        }
        let origin = Origin {
            seen: lift.seen,
            ..Origin::at(lift.address.as_deref())
        };
        let mut change = inner.change(&lift.actor, origin).await?;
        match inner.recorder.epoch() {
            Some(epoch) => order::still_owns(&mut change.tx, epoch).await?,
            None if matches!(inner.books, Books::Owned(_)) => {}
            None if !order::share(&mut change.tx).await? => return Err(Error::LedgerOwned),
            None => {}
        }
        if !ledger::lift_quarantine(&mut change.tx, account, &standing).await? {
            // Somebody was there meanwhile: what stands there now is looked at.
            continue;
        }
        let subject = Subject {
            action: "account.lift_quarantine",
            id: account.to_string(),
            name: &lift.name,
        };
        let (before, mut after) = (json!({ "quarantine": reason }), json!({ "reason": lift.reason }));
        if let Some(broken) = broken {
            tracing::warn!(%account, broken, "the list of changes, which its books are held against, is not as the hub has written it");
            after["list_of_changes"] = broken.into();
        }
        change.audit(subject, Some(&before), Some(&after)).await?;
        if let Some(id) = inbox {
            let answer = Answer::Lifted(reason.clone());
            store::ledger::inbox::answer(&mut change.tx, &inbox::answered(inner, id, &answer)).await?;
        }
        change.commit().await?;
        tracing::warn!(%account, reason, "an account is back in service: its books were proved");
        return Ok(reason);
    }
}
