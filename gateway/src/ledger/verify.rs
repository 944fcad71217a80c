//! Proves the books from what is stored, at any time, beside a live server: each account is read as of one moment. It writes
//! nothing. `replay` applies the stored commands again; `calls` goes through the calls; here the accounts are gone through
//! and the ends compared.
//!
//! Proved of each account: numbers without gaps; a chain of hashes that fits; every transaction adds up to zero and posts
//! only what its kind may; every command, applied again, gives the stored entries and sums, so nothing was spent out of
//! order, from a lot outside its period, or beyond what was held; the lots, the balance, the debt, the status and the open
//! holds that are stored are those that come out; no moment goes back, and the account is that of the person whose number it
//! has.
//!
//! Proved of each call: its row and its transaction say the same, and neither stands alone; what it held, since when, whose it is, what it
//! used, by which key, at which provider and price, and what that cost stand under the hash of the transaction that ended it; charge and cost come out again
//! from the stored quantities and the price version; that version was in force when the call was admitted; the hourly sums
//! are those of the calls. Proved of the whole: the entries of all accounts add up to zero, nothing belongs to no account (`unowned`), no price version was changed or
//! is there that nobody published, nothing is gone that the list of changes tells of, and the settings that concern money are as they were set
//! (`listed`).
//!
//! Not proved: that a charge is marked as an estimate, and what else a call's row says of how it came about and a server may write when the
//! rest is booked (`late`, `ahead`, `state`, `estimated_cost`); who pays for a project; under which name something was booked once. And texts that only describe a call or its attempts. No amount comes out of them, and the recorder writes a row without them
//! where the database refuses them, so a hash over them would not fit what is soundly stored.
//!
//! Looked for as well: what the sweeper of a server should have seen to minutes before it said last that it lives (`left`).

mod calls;
mod hours;
mod left;
mod listed;
mod lost;
mod prices;
mod replay;
mod totals;
mod unowned;

use std::collections::BTreeMap;

use domain::{
    id::{AccountId, LotId},
    ledger::{Lot, Seq},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    secrets::HubKeys,
    store::{
        Store, StoreError, Tx,
        ledger::{
            facts,
            read::{self, Standing},
        },
    },
};
use calls::Calls;
pub(super) use listed::Listed;
use prices::Prices;
use replay::Replay;
pub use totals::LedgerTotal;
use totals::Totals;

/// Problems of one account that are listed. More than that, and the first tell enough.
const MOST_FINDINGS: usize = 20;

/// What is to be proved.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scope {
    /// Only this account.
    pub account: Option<AccountId>,
    /// Only accounts on which something was booked since, and of these calls that began since.
    pub since: Option<Timestamp>,
}

/// What the verifier found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerReport {
    /// Accounts that were looked at.
    pub accounts: u64,
    /// Transactions that were applied again.
    pub transactions: u64,
    /// Entries that were compared.
    pub entries: u64,
    /// Calls that were compared.
    pub calls: u64,
    /// Hourly sums that were compared.
    pub hours: u64,
    /// Price versions whose digest was taken again.
    pub prices: u64,
    /// The sums of the chart of accounts, over the accounts that were looked at.
    pub totals: Vec<LedgerTotal>,
    /// What is wrong; empty when the books are sound.
    pub findings: Vec<LedgerFinding>,
}

/// Something that is wrong with the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerFinding {
    /// On which account, when it is about one.
    pub account: Option<AccountId>,
    /// At which transaction, when it is about one.
    pub seq: Option<Seq>,
    /// What is wrong, as a sentence.
    pub problem: String,
}

/// Proves what is within the scope.
pub(crate) async fn verify(store: &Store, keys: &HubKeys, scope: Scope, now: Timestamp) -> Result<LedgerReport, Error> {
    let mut proof = LedgerProof::begin(store, keys, scope, now).await?;
    while proof.step().await? {}
    proof.end().await
}

/// A proof that is under way: one account after the other, each as of the moment in which it is read.
pub struct LedgerProof<'a> {
    store: &'a Store,
    keys: &'a HubKeys,
    scope: Scope,
    now: Timestamp,
    listed: Listed,
    prices: Prices<'a>,
    accounts: std::vec::IntoIter<AccountId>,
    totals: Totals,
    report: LedgerReport,
}

impl<'a> LedgerProof<'a> {
    /// Looks at what concerns all accounts.
    pub(crate) async fn begin(
        store: &'a Store,
        keys: &'a HubKeys,
        scope: Scope,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let mut report = LedgerReport::default();
        // Read first: what it tells of stands in everything that is read later.
        let mut tx = store.begin_read().await?;
        let mut listed = Listed::read(&mut tx, &keys.audit).await?;
        report.findings.extend(listed.own_finding());
        let prices = Prices::read(&mut tx, keys, &mut listed, &mut report).await?;
        let settings = listed.compare_settings(&mut tx).await?.into_iter();
        report.findings.extend(settings.map(about_all));
        drop(tx);
        let accounts = match scope.account {
            Some(account) => vec![account],
            None => read::accounts(store, scope.since).await?,
        };
        Ok(Self {
            store,
            keys,
            scope,
            now,
            listed,
            prices,
            accounts: accounts.into_iter(),
            totals: Totals::default(),
            report,
        })
    }

    /// Proves the next account. False when there is none left.
    ///
    /// # Errors
    /// The database's, and [`Error::NoAccount`] for one that there is not. What is wrong with the books is in the report.
    pub async fn step(&mut self) -> Result<bool, Error> {
        let Some(account) = self.accounts.next() else {
            return Ok(false);
        };
        let mut tx = self.store.begin_read().await?;
        let standing = read::standing(&mut tx, account).await?.ok_or(Error::NoAccount)?;
        let mut findings = self.account(&mut tx, &standing).await?;
        findings.truncate(MOST_FINDINGS);
        self.report.findings.append(&mut findings);
        self.report.accounts += 1;
        Ok(true)
    }

    /// The books of one account, and its calls.
    async fn account(&mut self, tx: &mut Tx, standing: &Standing) -> Result<Vec<LedgerFinding>, Error> {
        let account = standing.account;
        let (listed, report) = (&mut self.listed, &mut self.report);
        let proved = prove(tx, self.keys, standing, listed, self.now, report, &mut self.totals).await;
        let mut findings = legible(account, proved)?;
        let mut calls = Calls::new(account, self.scope.since);
        let gone_through = calls.go_through(tx, &mut self.prices, listed, report).await;
        findings.append(&mut legible(account, gone_through.map(|()| Vec::new()))?);
        findings.append(&mut calls.end(tx, report).await?);
        Ok(findings)
    }

    /// Looks at what is told of accounts that there are not, at what was left, and at the sums of all accounts that were proved.
    ///
    /// # Errors
    /// The database's.
    pub async fn end(mut self) -> Result<LedgerReport, Error> {
        let findings = &mut self.report.findings;
        findings.append(&mut self.listed.missed_accounts(self.scope));
        findings.append(&mut left::look(self.store, self.scope.account).await?);
        if self.scope.account.is_none() {
            findings.append(&mut unowned::look(self.store).await?);
        }
        findings.extend(self.totals.balance().err().map(about_all));
        self.report.totals = self.totals.list();
        Ok(self.report)
    }
}

/// Something that is wrong and is about no account.
const fn about_all(problem: String) -> LedgerFinding {
    LedgerFinding {
        account: None,
        seq: None,
        problem,
    }
}

/// A row of an account that holds what there is not is a finding; the other accounts are proved all the same.
fn legible(account: AccountId, proved: Result<Vec<LedgerFinding>, Error>) -> Result<Vec<LedgerFinding>, Error> {
    match proved {
        Err(Error::Store(error @ StoreError::Row { .. })) => Ok(Vec::from([LedgerFinding {
            account: Some(account),
            seq: None,
            problem: format!("It cannot be proved to its end: {error}."),
        }])),
        other => other,
    }
}

/// What the list of changes tells of one account. It is read before the account: what it tells of stands there by then.
pub(super) async fn told_of(store: &Store, keys: &HubKeys, account: AccountId) -> Result<Listed, Error> {
    let mut tx = store.begin_read().await?;
    Ok(Listed::read(&mut tx, &keys.audit).await?.only(account))
}

/// Proves the books of one account, apart from whether it is in service, with what is told of it. Gives how it stands, and what is wrong.
pub(super) async fn of_account(
    store: &Store,
    keys: &HubKeys,
    account: AccountId,
    mut listed: Listed,
    now: Timestamp,
) -> Result<(Standing, Vec<LedgerFinding>), Error> {
    let mut report = LedgerReport::default();
    let mut tx = store.begin_read().await?;
    let prices = Prices::read(&mut tx, keys, &mut listed, &mut report).await?;
    let standing = read::standing(&mut tx, account).await?.ok_or(Error::NoAccount)?;
    let mut served = standing.clone();
    served.quarantine = None;
    let scope = Scope {
        account: Some(account),
        since: None,
    };
    let mut proof = LedgerProof {
        store,
        keys,
        scope,
        now,
        listed,
        prices,
        accounts: Vec::new().into_iter(),
        totals: Totals::default(),
        report,
    };
    let findings = proof.account(&mut tx, &served).await?;
    Ok((standing, findings))
}

async fn prove(
    tx: &mut Tx,
    keys: &HubKeys,
    standing: &Standing,
    listed: &mut Listed,
    now: Timestamp,
    report: &mut LedgerReport,
    totals: &mut Totals,
) -> Result<Vec<LedgerFinding>, Error> {
    let account = standing.account;
    let holds = read::holds(tx, account).await?;
    let extensions = read::extensions(tx, account).await?;
    let unheld = read::unheld(tx, account).await?;
    let mut replay = Replay::new(keys, account, holds, unheld, &extensions);
    loop {
        let rows = read::journal(tx, account, replay.seq()).await?;
        let Some(last) = rows.last().map(|row| row.seq) else {
            break;
        };
        let entries = read::entries(tx, account, replay.seq(), last).await?;
        let facts = facts::charged(tx, account, (replay.seq(), last)).await?;
        report.transactions += rows.len() as u64;
        report.entries += entries.len() as u64;
        totals.add(&entries);
        replay.step(&rows, &entries, &facts.into_iter().collect());
        for row in &rows {
            if let Some(problem) = listed.compare(account, row) {
                replay.find(Some(row.seq), problem);
            }
        }
    }
    let orphans = read::entries(tx, account, replay.seq(), i64::MAX).await?;
    if let Some(orphan) = orphans.first() {
        replay.find(Some(orphan.seq), "It has entries and no transaction.".to_owned());
    }
    for (seq, problem) in listed.missed(account) {
        replay.find(Some(seq), problem);
    }
    if let Some(row) = lost::unexplained(tx, account, replay.lost(), now).await? {
        replay.find(
            Some(row.seq),
            "More was held then than calls held, and the servers that ran then went on, so none was lost.".to_owned(),
        );
    }
    let lots = read::lots(tx, account).await?;
    Ok(replay.end(standing, lots))
}

/// Lots as they are stored against lots as they came out.
fn compare_lots(stored: Vec<Lot>, replayed: &BTreeMap<LotId, Lot>, mut find: impl FnMut(String)) {
    let mut stored: BTreeMap<LotId, Lot> = stored.into_iter().map(|lot| (lot.id, lot)).collect();
    for (id, lot) in replayed {
        match stored.remove(id) {
            None => find(format!("{id} was booked and is missing.")),
            Some(found) if found.remaining != lot.remaining => find(format!(
                "{id} holds {}, its entries say {}.",
                found.remaining, lot.remaining
            )),
            Some(found) if found != *lot => find(format!("{id} is not as it was booked.")),
            Some(_) => {}
        }
    }
    for id in stored.into_keys() {
        find(format!("{id} stands there and was never booked."));
    }
}
