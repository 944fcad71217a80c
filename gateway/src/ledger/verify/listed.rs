//! What the list of changes tells of the books: every price version that was published, or was there when these entries began
//! (`price.seal`), and every change of credit by hand with its number and the sums after it. They are written in the
//! transaction that they tell of, and nobody makes such an entry without the key of the chain, so a version that was deleted is
//! missed, one that nobody published is found, and so is an account that was put back. Settings that concern money are as they were set last.
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
    setting::Setting,
    time::Timestamp,
};
use serde::Deserialize;

use super::{LedgerFinding, Scope};
use crate::{
    Error, audit_log,
    ledger::desk,
    secrets::AuditSeal,
    store::{
        Tx,
        audit::chain::{self, Link},
        ledger::read::JournalRow,
        prices::seal::SEALED,
        settings,
    },
};

/// A change of credit.
#[derive(Clone, Debug)]
struct Change {
    entry: AuditId,
    at: Timestamp,
    action: String,
    after: After,
    /// Another entry tells of the same number: the account was put back between the two.
    twice: bool,
}

/// What is told of the account after it.
#[derive(Clone, Debug, Deserialize)]
struct After {
    seq: i64,
    balance: domain::money::Amount,
    debt: domain::money::Amount,
}

/// A price version.
#[derive(Clone, Debug)]
struct Published {
    entry: AuditId,
    at: Timestamp,
    model: String,
    after: Sheet,
}

#[derive(Clone, Debug, Deserialize)]
struct Sheet {
    price: PriceId,
    sheet: PriceSheet,
    effective_from: Timestamp,
    reason: String,
    source: String,
    /// Entries from before this was written down have none.
    seal: Option<String>,
}

/// Versions that there were when their seals were first written down.
#[derive(Debug, Deserialize)]
struct Seals {
    seals: HashMap<PriceId, String>,
}

/// What a setting was set to.
#[derive(Clone, Debug, Deserialize)]
struct Value {
    value: String,
}

/// Everything that is told.
#[derive(Clone, Debug, Default)]
pub(in crate::ledger) struct Listed {
    changes: HashMap<AccountId, BTreeMap<i64, Change>>,
    prices: HashMap<PriceId, Published>,
    /// By the entry that tells of it.
    sealed: HashMap<PriceId, (AuditId, String)>,
    /// The last change of each setting, by its name.
    settings: HashMap<String, (AuditId, Value)>,
    /// There are entries from before there was a chain, which may tell of more and are not believed.
    has_unchained: bool,
    /// How many entries there were.
    entries: i64,
    /// The list is not as the hub has written it: the first thing that is wrong.
    pub broken: Option<String>,
}

impl Listed {
    /// Goes through the list.
    pub async fn read(tx: &mut Tx, seal: &AuditSeal) -> Result<Self, Error> {
        let mut listed = Self::default();
        let chain = audit_log::prove(tx, seal, None, |link| listed.note(link)).await?;
        listed.broken = chain.findings.first().map(ToString::to_string);
        listed.has_unchained = chain.unchained > 0;
        listed.entries = chain.entries;
        Ok(listed)
    }

    /// Goes on with what was published since it was read. Of accounts it tells no more than before: those that were proved already would
    /// miss it. Gives what is wrong with the entries that came.
    pub async fn follow(&mut self, tx: &mut Tx, seal: &AuditSeal) -> Result<Option<LedgerFinding>, Error> {
        let entries = chain::end(tx).await?.map_or(0, |end| end.entries);
        if entries <= self.entries {
            return Ok(None);
        }
        let mut newer = Self::default();
        let chain = audit_log::prove(tx, seal, Some(entries - self.entries), |link| newer.note(link)).await?;
        self.entries = entries;
        self.prices.extend(newer.prices);
        if self.broken.is_some() {
            return Ok(None);
        }
        self.broken = chain.findings.first().map(ToString::to_string);
        Ok(self.own_finding())
    }

    /// That somebody else has written the list is a finding, as then it proves less.
    pub fn own_finding(&self) -> Option<LedgerFinding> {
        let first = self.broken.as_ref()?;
        Some(LedgerFinding {
            account: None,
            seq: None,
            problem: format!(
                "The list of changes, which the books are held against, is not as the hub has written it ({first}). See `aigne-hub verify-audit`."
            ),
        })
    }

    /// Only what it tells of this account.
    pub fn only(mut self, account: AccountId) -> Self {
        self.changes.retain(|of, _| *of == account);
        self
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
        } else if link.action == SEALED {
            if let Ok(Seals { seals }) = serde_json::from_str(after) {
                self.sealed
                    .extend(seals.into_iter().map(|(id, seal)| (id, (entry, seal))));
            }
        } else if link.action == "setting.change" {
            if let Ok(after) = serde_json::from_str(after) {
                self.settings.insert(link.subject.clone(), (entry, after));
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

    /// The settings that concern money, as they stand in the moment in which the list was read, against what they were set to last. Where
    /// the list is not whole nobody knows what that was.
    pub async fn compare_settings(&self, tx: &mut Tx) -> Result<Vec<String>, Error> {
        let mut problems = Vec::new();
        let ours = Setting::ALL.into_iter().filter(|setting| setting.concerns_money());
        for setting in ours.filter(|_| self.broken.is_none()) {
            let stored = settings::get_in(tx, setting.as_str()).await?;
            problems.extend(self.compare_setting(setting, stored.as_deref()));
        }
        Ok(problems)
    }

    fn compare_setting(&self, setting: Setting, stored: Option<&str>) -> Option<String> {
        let (name, is) = (setting.as_str(), stored.unwrap_or(setting.default_value()));
        match self.settings.get(name) {
            Some((_, told)) if told.value == is => None,
            Some((entry, Value { value })) => Some(format!(
                "The setting `{name}` is `{is}`; the list of changes says that it was set to `{value}` ({entry})."
            )),
            None if self.has_unchained || is == setting.default_value() => None,
            None => Some(format!(
                "The setting `{name}` is `{is}`, and no entry of the list of changes tells of that."
            )),
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

    /// A price version with its seal against what is told of it.
    pub fn compare_price(&mut self, version: &PriceVersion, seal: &str) -> Option<String> {
        let id = version.id;
        let (sealed, published) = (self.sealed.remove(&id), self.prices.remove(&id));
        if sealed.is_none() && published.is_none() {
            return Some(format!(
                "{id} of {} was published by nobody: no entry of the list of changes tells of it.",
                version.model
            ));
        }
        let differs = |entry| {
            Some(format!(
                "{id} is not what the list of changes says was published ({entry})."
            ))
        };
        if let Some((entry, told)) = sealed
            && told != seal
        {
            return differs(entry);
        }
        let Published {
            entry,
            at,
            model,
            after,
        } = published?;
        let fits = after.sheet == version.sheet
            && after.effective_from == version.effective_from
            && (after.reason, after.source) == (version.reason.clone(), version.source.clone())
            && after.seal.is_none_or(|told| told == seal)
            && (at, model) == (version.created_at, version.model.clone());
        if fits { None } else { differs(entry) }
    }

    /// Misses no version with this id: it stands there, and is found to be changed.
    pub fn forget_price(&mut self, id: PriceId) {
        self.sealed.remove(&id);
        self.prices.remove(&id);
    }

    /// Price versions that are told of and gone.
    pub fn missed_prices(&mut self) -> Vec<String> {
        let published = std::mem::take(&mut self.prices).into_iter();
        let published = published.map(|(id, Published { entry, model, .. })| {
            (id, format!("{id} of {model} was published ({entry}) and is gone."))
        });
        let sealed = std::mem::take(&mut self.sealed).into_iter();
        let sealed = sealed.map(|(id, (entry, _))| (id, format!("{id} was there ({entry}) and is gone.")));
        // Of what is told twice the entry that says more.
        let left: BTreeMap<PriceId, String> = sealed.chain(published).collect();
        left.into_values().collect()
    }
}

#[cfg(test)]
mod tests;
