//! What the list of changes tells of the books: every price version that was published, and every change of credit by hand with
//! its number and the sums after it. Both are written in the transaction that they tell of, and nobody makes such an entry
//! without the key of the chain, so a version that was deleted is missed, and so is an account that was put back.
//!
//! What it does not tell: calls. An account that was put back to a moment after its last change by hand, with the rows of all
//! calls since, is not missed.

use std::{
    collections::{BTreeMap, HashMap},
    str::FromStr as _,
};

use domain::{
    id::{AccountId, AuditId, PriceId},
    ledger::Seq,
    price::{PriceSheet, PriceVersion},
    time::Timestamp,
};
use serde::Deserialize;

use super::{LedgerFinding, LedgerReport, Scope};
use crate::{
    Error, audit_log,
    ledger::desk,
    secrets::AuditSeal,
    store::{Tx, audit::chain::Link, ledger::read::JournalRow},
};

/// A change of credit.
#[derive(Debug)]
struct Change {
    entry: AuditId,
    at: Timestamp,
    action: String,
    after: After,
    /// Another entry tells of the same number: the account was put back between the two.
    twice: bool,
}

/// What is told of the account after it.
#[derive(Debug, Deserialize)]
struct After {
    seq: i64,
    balance: domain::money::Amount,
    debt: domain::money::Amount,
}

/// A price version.
#[derive(Debug)]
struct Published {
    entry: AuditId,
    at: Timestamp,
    model: String,
    after: Sheet,
}

#[derive(Debug, Deserialize)]
struct Sheet {
    price: PriceId,
    sheet: PriceSheet,
    effective_from: Timestamp,
    reason: String,
    source: String,
}

/// Everything that is told.
#[derive(Debug, Default)]
pub(super) struct Listed {
    changes: HashMap<AccountId, BTreeMap<i64, Change>>,
    prices: HashMap<PriceId, Published>,
}

impl Listed {
    /// Goes through the list. That somebody else has written it is a finding, as then it proves less.
    pub async fn read(tx: &mut Tx, seal: &AuditSeal, report: &mut LedgerReport) -> Result<Self, Error> {
        let mut listed = Self::default();
        let chain = audit_log::prove(tx, seal, None, |link| listed.note(link)).await?;
        if let Some(first) = chain.findings.first() {
            report.findings.push(LedgerFinding {
                account: None,
                seq: None,
                problem: format!(
                    "The list of changes, which the books are held against, is not as the hub has written it ({first}). See `aigne-hub verify-audit`."
                ),
            });
        }
        Ok(listed)
    }

    fn note(&mut self, link: &Link) {
        let after = link.after_json.as_deref().unwrap_or_default();
        let (entry, at) = (AuditId::from_number(link.id), Timestamp(link.at));
        if link.action == "price.publish" {
            if let Ok(after) = serde_json::from_str::<Sheet>(after) {
                let model = link.subject_name.clone();
                let published = Published {
                    entry,
                    at,
                    model,
                    after,
                };
                self.prices.insert(published.after.price, published);
            }
        } else if desk::kind_of(&link.action).is_some()
            && let (Ok(account), Ok(after)) = (AccountId::from_str(&link.subject), serde_json::from_str::<After>(after))
        {
            let action = link.action.clone();
            let changes = self.changes.entry(account).or_default();
            let before = changes.remove(&after.seq);
            let twice = before.is_some();
            let seq = after.seq;
            let change = Change {
                entry,
                at,
                action,
                after,
                twice,
            };
            changes.insert(seq, change);
        }
    }

    /// A row of the journal against what is told of that number.
    pub fn compare(&mut self, account: AccountId, row: &JournalRow) -> Option<String> {
        let change = self.changes.get_mut(&account)?.remove(&row.seq)?;
        let fits = !change.twice
            && desk::kind_of(&change.action).is_some_and(|kind| kind.as_str() == row.kind)
            && (change.after.balance.nano(), change.after.debt.nano()) == (row.balance, row.debt);
        (!fits).then(|| {
            format!(
                "The list of changes tells something else of it: `{}` ({}).",
                change.action, change.entry
            )
        })
    }

    /// What is told of an account and does not stand in its journal, which was looked at to its end.
    pub fn missed(&mut self, account: AccountId) -> Vec<(i64, String)> {
        let left = self.changes.remove(&account).unwrap_or_default();
        left.into_iter()
            .map(|(seq, change)| {
                let Change { entry, action, .. } = change;
                let problem =
                    format!("The list of changes tells of it (`{action}`, {entry}), and the journal does not have it.");
                (seq, problem)
            })
            .collect()
    }

    /// The same for accounts within the scope that are gone, or say that nothing was booked on them.
    pub fn missed_accounts(&mut self, scope: Scope) -> Vec<LedgerFinding> {
        let within = |account: AccountId, changes: &BTreeMap<i64, Change>| {
            scope.account.is_none_or(|only| only == account)
                && scope
                    .since
                    .is_none_or(|since| changes.values().any(|change| change.at >= since))
        };
        let mut accounts: Vec<AccountId> = self
            .changes
            .iter()
            .filter(|(account, changes)| within(**account, changes))
            .map(|(account, _)| *account)
            .collect();
        accounts.sort_unstable();
        let mut findings = Vec::new();
        for account in accounts {
            findings.extend(self.missed(account).into_iter().map(|(seq, problem)| LedgerFinding {
                account: Some(account),
                seq: Some(Seq(seq)),
                problem,
            }));
        }
        findings
    }

    /// A price version against what is told of it. Versions from before there was a chain are not told of.
    pub fn compare_price(&mut self, version: &PriceVersion) -> Option<String> {
        let Published {
            entry,
            at,
            model,
            after,
        } = self.prices.remove(&version.id)?;
        let fits = after.sheet == version.sheet
            && after.effective_from == version.effective_from
            && (after.reason, after.source) == (version.reason.clone(), version.source.clone())
            && (at, model) == (version.created_at, version.model.clone());
        (!fits).then(|| {
            format!(
                "{} is not what the list of changes says was published ({entry}).",
                version.id
            )
        })
    }

    /// Misses no version with this id: it stands there, and is found to be changed.
    pub fn forget_price(&mut self, id: PriceId) {
        self.prices.remove(&id);
    }

    /// Price versions that are told of and gone.
    pub fn missed_prices(&mut self) -> Vec<String> {
        let mut left: Vec<_> = std::mem::take(&mut self.prices).into_iter().collect();
        left.sort_unstable_by_key(|(id, _)| *id);
        left.into_iter()
            .map(|(id, Published { entry, model, .. })| format!("{id} of {model} was published ({entry}) and is gone."))
            .collect()
    }
}
