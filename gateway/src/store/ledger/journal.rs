//! Tables `ledger_transaction` and `ledger_entry`: what was booked, written in batches. Rows are only ever added; triggers
//! refuse anything else. What a batch says of an account is written if the account stands where the batch begins, else not
//! at all: nobody books twice, and nobody past somebody else.

pub(in crate::store) mod parts;

use std::sync::Arc;

use domain::{
    access::Actor,
    id::{AccountId, AuditId, CallId},
    ledger::{Effects, Hold, HoldChange, Outcome, Seq},
    time::Timestamp,
};
use sqlx::SqliteConnection;

use self::parts::{ACCOUNTS, ENTRIES, LINES, LOTS, Parts, Step, bind_entry, bind_line, bind_lot, bind_step};
use super::by_hand::{self, Once};
use crate::{
    secrets::AuditSeal,
    store::{StoreError, Tx, audit, change::Subject, insert::pieces, journey, tx_execute, tx_fetch_optional},
};

/// One applied command with everything that is written of it.
#[derive(Debug)]
pub(crate) struct Booked {
    /// What it does.
    pub effects: Effects,
    /// Its place in the journal; none for a hold, which stands in its call's row.
    pub line: Option<Line>,
    /// What the list of changes says, when somebody did it by hand.
    pub note: Option<Note>,
    /// The name under which it is booked once.
    pub once: Option<Once>,
    /// The row of its call is written with it, and says all of it.
    pub in_row: bool,
}

/// What a row of the journal holds beside the effects.
#[derive(Debug)]
pub(crate) struct Line {
    /// The command as JSON.
    pub command: Arc<str>,
    /// The call that it is about.
    pub call: Option<CallId>,
    /// Who, as JSON.
    pub actor: Arc<str>,
    /// Over this row, its entries and the hash before.
    pub hash: Arc<str>,
}

/// An entry of the list of changes.
#[derive(Debug)]
pub(crate) struct Note {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    pub address: Option<String>,
    pub action: &'static str,
    pub subject: String,
    pub name: String,
    pub before: String,
    pub after: String,
    /// Chains the entry.
    pub seal: AuditSeal,
}

/// Writes what was booked, in its order. The rows of the calls that it is about stand already.
pub(crate) async fn write(tx: &mut Tx, booked: &[&Booked]) -> Result<(), StoreError> {
    let parts = Parts::of(booked);
    let moved = match &mut *tx {
        Tx::Sqlite(tx) => one_by_one(tx, &parts).await?,
        Tx::Postgres(tx) => journey::book(tx, &parts).await?,
    };
    all_moved(tx, &parts.steps, moved).await?;
    super::count_moves(tx, &held(booked)).await?;
    for one in booked {
        if !one.in_row {
            call(tx, &one.effects).await?;
        }
        if let Some(note) = &one.note {
            audit::insert(tx, new_entry(note)).await?;
        }
        if let Some(once) = &one.once {
            by_hand::put(tx, &one.effects, once).await?;
        }
    }
    Ok(())
}

/// Accounts with new holds, which move nothing that `account` tells.
fn held(booked: &[&Booked]) -> Vec<AccountId> {
    let holds = booked.iter().filter(|one| one.line.is_none());
    let mut accounts: Vec<AccountId> = holds.map(|one| one.effects.account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// Statement by statement, each for many rows. Gives how many accounts stood where the batch begins, and were moved.
async fn one_by_one(tx: &mut SqliteConnection, parts: &Parts<'_>) -> Result<u64, StoreError> {
    for piece in pieces(&parts.lots) {
        LOTS.of(&piece, bind_lot).execute(&mut *tx).await?;
    }
    for piece in pieces(&parts.entries) {
        ENTRIES.of(&piece, bind_entry).execute(&mut *tx).await?;
    }
    for piece in pieces(&parts.lines) {
        LINES.of(&piece, bind_line).execute(&mut *tx).await?;
    }
    let mut moved = 0;
    for piece in pieces(&parts.steps) {
        moved += ACCOUNTS.of(&piece, bind_step).execute(&mut *tx).await?.rows_affected();
    }
    Ok(moved)
}

/// One that does not stand where the batch begins, or is out of service, was left alone, and then nothing is written.
async fn all_moved(tx: &mut Tx, steps: &[Step<'_>], moved: u64) -> Result<(), StoreError> {
    if moved == steps.len() as u64 {
        return Ok(());
    }
    for step in steps {
        if !step.is_done(tx).await? {
            return Err(StoreError::OutOfOrder(step.account));
        }
    }
    // All are where they should be, and yet the number is wrong. Whichever is named, each account is tried by itself then.
    match steps.first() {
        Some(step) => Err(StoreError::OutOfOrder(step.account)),
        None => Ok(()),
    }
}

impl Step<'_> {
    /// The account's row says what it should.
    async fn is_done(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let found = tx_fetch_optional!(
            tx,
            (i64,),
            "SELECT seq FROM account WHERE id = $1 AND seq = $2 AND chain = $3 AND quarantine IS NULL",
            self.account.number(),
            self.last.seq.0,
            &*self.line.hash
        )?;
        Ok(found.is_some())
    }
}

/// What the row of a call says of its hold.
async fn call(tx: &mut Tx, effects: &Effects) -> Result<(), StoreError> {
    let account = effects.account.number();
    let changed = match effects.hold {
        None => return Ok(()),
        Some(HoldChange::Opened { call, hold }) => tx_execute!(
            tx,
            "UPDATE call SET account_id = $2, funding = 'credit', hold_seq = $3, hold_amount = $4, authorised_at = $5
             WHERE id = $1 AND settle_seq IS NULL",
            call.number(),
            account,
            effects.seq.0,
            hold.amount.nano(),
            hold.authorised_at.microseconds()
        )?,
        Some(HoldChange::Extended { call, hold }) => tx_execute!(
            tx,
            "UPDATE call SET hold_amount = $3 WHERE id = $1 AND account_id = $2 AND settle_seq IS NULL",
            call.number(),
            account,
            hold.amount.nano()
        )?,
        Some(HoldChange::Closed { call }) => {
            let (charge, loss) = match &effects.outcome {
                Outcome::Settled(settlement) => (Some(settlement.charge.nano()), Some(settlement.loss.nano())),
                _ => (None, None),
            };
            tx_execute!(
                tx,
                "UPDATE call SET settle_seq = $3, charge = $4, loss = $5
                 WHERE id = $1 AND account_id = $2 AND settle_seq IS NULL",
                call.number(),
                account,
                effects.seq.0,
                charge,
                loss
            )?
        }
    };
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::OutOfOrder(effects.account))
    }
}

/// Something that stands there once a transaction is committed.
#[derive(Clone, Debug)]
pub(crate) enum Evidence {
    /// A row of the journal, by its number and hash.
    Line(AccountId, Seq, Arc<str>),
    /// These holds of calls, when nothing but such was booked. Another try may have given them others.
    Holds(Vec<(CallId, Hold)>),
}

/// Whether it does: the answer to a commit that was not confirmed, for whoever holds the locks that it held.
pub(crate) async fn stands(tx: &mut Tx, evidence: &Evidence) -> Result<bool, StoreError> {
    match evidence {
        Evidence::Line(account, seq, hash) => {
            let found = tx_fetch_optional!(
                tx,
                (String,),
                "SELECT hash FROM ledger_transaction WHERE account_id = $1 AND seq = $2",
                account.number(),
                seq.0
            )?;
            Ok(found.is_some_and(|(found,)| *found == **hash))
        }
        Evidence::Holds(calls) => {
            // The row of one whose end stood already took no hold.
            for (call, hold) in calls {
                let found = tx_fetch_optional!(
                    tx,
                    (i64,),
                    "SELECT id FROM call WHERE id = $1 AND hold_seq IS NOT NULL AND hold_amount = $2 AND authorised_at = $3",
                    call.number(),
                    hold.amount.nano(),
                    hold.authorised_at.microseconds()
                )?;
                if found.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

fn new_entry(note: &Note) -> audit::NewEntry<'_> {
    audit::NewEntry {
        id: note.id,
        at: note.at,
        actor: &note.actor,
        address: note.address.as_deref(),
        subject: Subject {
            action: note.action,
            id: note.subject.clone(),
            name: &note.name,
        },
        before: Some(note.before.clone()),
        after: Some(note.after.clone()),
        seal: &note.seal,
    }
}
