//! Proves the books from what is stored, at any time, beside a live server: each account is read as of one moment. It writes
//! nothing. `replay` applies the stored commands again; here the accounts are gone through and the ends compared.
//!
//! Proved of each account: numbers without gaps; a chain of hashes that fits; every transaction adds up to zero and posts
//! only what its kind may; every command, applied again, gives the stored entries and sums; the lots, the balance, the debt,
//! the status and the open holds that are stored are those that come out; no moment goes back.

mod replay;

use std::collections::BTreeMap;

use domain::{
    id::{AccountId, LotId},
    ledger::{Lot, Seq},
};
use serde::Serialize;

use crate::{
    Error,
    secrets::HubKeys,
    store::{Store, Tx, ledger::read},
};
use replay::Replay;

/// Problems of one account that are listed. More than that, and the first tell enough.
const MOST_FINDINGS: usize = 20;

/// What the verifier found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LedgerReport {
    /// Accounts that were looked at.
    pub accounts: u64,
    /// Transactions that were applied again.
    pub transactions: u64,
    /// Entries that were compared.
    pub entries: u64,
    /// What is wrong; empty when the books are sound.
    pub findings: Vec<LedgerFinding>,
}

/// Something that is wrong with the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerFinding {
    /// On which account.
    pub account: AccountId,
    /// At which transaction, when it is about one.
    pub seq: Option<Seq>,
    /// What is wrong, as a sentence.
    pub problem: String,
}

/// Proves one account, or all.
pub(crate) async fn verify(store: &Store, keys: &HubKeys, account: Option<AccountId>) -> Result<LedgerReport, Error> {
    let accounts = match account {
        Some(account) => vec![account],
        None => read::accounts(store).await?,
    };
    let mut report = LedgerReport::default();
    for account in accounts {
        let mut tx = store.begin_read().await?;
        let mut findings = prove(&mut tx, keys, account, &mut report).await?;
        findings.truncate(MOST_FINDINGS);
        report.findings.append(&mut findings);
        report.accounts += 1;
    }
    Ok(report)
}

async fn prove(
    tx: &mut Tx,
    keys: &HubKeys,
    account: AccountId,
    report: &mut LedgerReport,
) -> Result<Vec<LedgerFinding>, Error> {
    let Some(standing) = read::standing(tx, account).await? else {
        return Err(Error::NoAccount);
    };
    let holds = read::holds(tx, account).await?;
    let extensions = read::extensions(tx, account).await?;
    let mut replay = Replay::new(keys, account, holds, &extensions);
    loop {
        let rows = read::journal(tx, account, replay.seq()).await?;
        let Some(last) = rows.last().map(|row| row.seq) else {
            break;
        };
        let entries = read::entries(tx, account, replay.seq(), last).await?;
        report.transactions += rows.len() as u64;
        report.entries += entries.len() as u64;
        replay.step(&rows, &entries);
    }
    let orphans = read::entries(tx, account, replay.seq(), i64::MAX).await?;
    if let Some(orphan) = orphans.first() {
        replay.find(Some(orphan.seq), "It has entries and no transaction.".to_owned());
    }
    let lots = read::lots(tx, account).await?;
    Ok(replay.end(&standing, lots))
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
