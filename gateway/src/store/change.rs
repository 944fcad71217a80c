//! A change by somebody: one transaction that holds the rows, the audit entries and, where the request path has to see the
//! change, the new version of the snapshot.
//!
//! Taking the version's row is its first statement. That row is thus a lock: changes happen one after another on both
//! databases, and a rule such as "the last admin stays" needs no lock of its own. Only [`Change::publish`] raises the
//! version, which makes every process read keys, providers and models again.

use domain::{access::Actor, id::AuditId, time::Timestamp};
use serde::Serialize;

use super::{SNAPSHOT_CHANNEL, Store, StoreError, Tx, tx_execute};
use crate::{clock::HubClock, ids::IdSource, secrets::AuditSeal};

/// An open change. Dropping it undoes everything.
pub struct Change<'a> {
    /// The transaction.
    pub tx: Tx,
    /// The moment of the change.
    pub at: Timestamp,
    ids: &'a IdSource,
    actor: &'a Actor,
    address: Option<&'a str>,
    seal: &'a AuditSeal,
}

/// What an audit entry is about.
pub struct Subject<'a> {
    /// `subject.verb`, such as `key.revoke`.
    pub action: &'a str,
    /// The id with its prefix.
    pub id: String,
    /// What people call it.
    pub name: &'a str,
}

/// Keeps changes away until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx) -> Result<(), StoreError> {
    // Written as it is: that locks the row on PostgreSQL, and is the same text for SQLite, which is locked already.
    tx_execute!(tx, "UPDATE counter SET value = value WHERE name = 'snapshot'")?;
    Ok(())
}

impl<'a> Change<'a> {
    /// Begins a change by `actor`, who asks from `address`.
    pub(crate) async fn begin(
        store: &Store,
        clock: &HubClock,
        ids: &'a IdSource,
        (actor, address): (&'a Actor, Option<&'a str>),
        seal: &'a AuditSeal,
    ) -> Result<Self, StoreError> {
        let mut tx = store.begin().await?;
        lock(&mut tx).await?;
        Ok(Self {
            tx,
            at: clock.now(),
            ids,
            actor,
            address,
            seal,
        })
    }

    /// A fresh number for a row of this change.
    pub(crate) fn next_id(&self) -> i64 {
        self.ids.next(self.at)
    }

    /// Writes down what is changed. `before` and `after` must hold no secret.
    pub(crate) async fn audit<B: Serialize, A: Serialize>(
        &mut self,
        subject: Subject<'_>,
        before: Option<&B>,
        after: Option<&A>,
    ) -> Result<(), StoreError> {
        self.audit_by(self.actor, subject, before, after).await
    }

    /// The same, of what somebody else has said than whoever began the change.
    pub(crate) async fn audit_by<B: Serialize, A: Serialize>(
        &mut self,
        actor: &Actor,
        subject: Subject<'_>,
        before: Option<&B>,
        after: Option<&A>,
    ) -> Result<(), StoreError> {
        let id = AuditId::from_number(self.next_id());
        let row = super::audit::NewEntry {
            id,
            at: self.at,
            actor,
            address: self.address,
            subject,
            before: before.and_then(|value| serde_json::to_string(value).ok()),
            after: after.and_then(|value| serde_json::to_string(value).ok()),
            seal: self.seal,
        };
        super::audit::insert(&mut self.tx, row).await
    }

    /// Makes a change last that the request path need not know of.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit().await
    }

    /// Makes a change of what the snapshot holds last, raises the snapshot's version, and tells other processes.
    pub(crate) async fn publish(mut self) -> Result<(), StoreError> {
        tx_execute!(
            &mut self.tx,
            "UPDATE counter SET value = value + 1 WHERE name = 'snapshot'"
        )?;
        self.tx.notify(SNAPSHOT_CHANNEL).await?;
        self.tx.commit().await
    }
}
