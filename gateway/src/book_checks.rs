//! Proving the books of everybody, and keeping what came of it: for the page about the books and the command line. A run only
//! reads, so two at once do no harm.

use std::sync::Arc;

use domain::{
    access::{Actor, Money, MoneyReader},
    id::ProviderId,
    money::Amount,
    time::{Micros, Timestamp},
};

use crate::{
    Error, Inner, LedgerReport,
    ledger::{self, Scope},
    store::{
        ledger::{attention, check},
        usage,
    },
};

/// A run that has not ended after so long never will.
const LONGEST: Micros = Micros::from_seconds(3600);
/// A run that began so short a time ago and has not ended is waited for.
const PATIENCE: Micros = Micros::from_seconds(600);
/// How far back calls are looked at.
const ATTENTION: Micros = Micros::from_days(30);
/// Findings that are kept of a run.
const MOST_FINDINGS: usize = 200;

/// Use-cases about the proof of the books.
pub struct BookChecks<'a>(pub(crate) &'a Arc<Inner>);

/// A run of the verifier over all accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookCheck {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Who wanted it.
    pub actor: Actor,
    /// Only what came since then was looked at.
    pub since: Option<Timestamp>,
    /// How many things were found; the report of one with very many holds the first of them.
    pub findings: u64,
    /// How it went.
    pub outcome: CheckOutcome,
}

/// Calls that cost the hub money, or were not charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// Calls that cost more than could be taken for them.
    pub losses: u64,
    /// By how much, together.
    pub loss: Amount,
    /// Calls whose end came after their hold had been given back.
    pub late: u64,
    /// Calls whose answer left before their end was in the books.
    pub ahead: u64,
    /// Calls that were lost with their process while they held credit.
    pub unbilled: u64,
    /// What the providers bill for those, by an estimate of when they began.
    pub estimated: Amount,
    /// What those can have cost at the most, together.
    pub at_most: Amount,
    /// Calls of which the provider's report was not believed, so that they were charged by an estimate.
    pub doubted: u64,
}

/// How much of a provider's calls was charged by an estimate of the hub's own, as it told no usage that was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimates {
    /// The provider.
    pub id: ProviderId,
    /// Its title; absent when it is gone.
    pub provider: Option<String>,
    /// Calls that were sent to it, those that failed among them.
    pub calls: u64,
    /// Of them, those whose usage is an estimate.
    pub estimated: u64,
    /// What all were charged.
    pub charge: Amount,
    /// Of that, what was charged by estimates.
    pub estimated_charge: Amount,
}

/// How a run went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// It goes on.
    Running,
    /// It went to its end.
    Ended(Box<LedgerReport>),
    /// It broke off: the database failed, or its process ended.
    BrokenOff,
}

impl BookChecks<'_> {
    /// Proves the books of everybody, and keeps what came of it.
    ///
    /// # Errors
    /// The database's. What is wrong with the books is in the report.
    pub async fn run(&self, money: &Money, since: Option<Timestamp>) -> Result<LedgerReport, Error> {
        let id = self.begin(money.actor(), since).await?;
        run(self.0, id, since).await
    }

    /// Begins a run in the background. False when one is under way already.
    ///
    /// # Errors
    /// The database's.
    pub async fn start(&self, money: &Money) -> Result<bool, Error> {
        let now = self.0.clock.now();
        let newest = self.newest(&money.reader(), 1).await?;
        let under_way = newest
            .first()
            .is_some_and(|check| check.outcome == CheckOutcome::Running && now.since(check.started_at).0 < PATIENCE.0);
        if under_way {
            return Ok(false);
        }
        let id = self.begin(money.actor(), None).await?;
        let inner = Arc::clone(self.0);
        self.0.tasks.repeat(async move {
            if let Err(error) = run(&inner, id, None).await {
                tracing::error!(%error, "the books could not be proved to the end");
            }
        });
        Ok(true)
    }

    /// The newest runs.
    ///
    /// # Errors
    /// The database's.
    pub async fn newest(&self, _: &MoneyReader, most: u8) -> Result<Vec<BookCheck>, Error> {
        let now = self.0.clock.now();
        let rows = check::newest(&self.0.store, i64::from(most)).await?;
        Ok(rows.into_iter().map(|row| told(row, now)).collect())
    }

    /// The last run that looked at everything and went to its end.
    ///
    /// # Errors
    /// The database's.
    pub async fn last_whole(&self, _: &MoneyReader) -> Result<Option<BookCheck>, Error> {
        let now = self.0.clock.now();
        let row = check::last_whole(&self.0.store).await?;
        Ok(row.map(|row| told(row, now)))
    }

    /// What somebody should look at among the calls of the last 30 days.
    ///
    /// # Errors
    /// The database's.
    pub async fn attention(&self, _: &MoneyReader) -> Result<Attention, Error> {
        let since = self.0.clock.now().plus(Micros(-ATTENTION.0));
        Ok(attention::of_calls(&self.0.store, since).await?)
    }

    /// Of each provider that was asked in the last 30 days, how much was charged by estimates: most of it first. Hours count as a whole.
    ///
    /// # Errors
    /// The database's.
    pub async fn estimates(&self, _: &MoneyReader) -> Result<Vec<Estimates>, Error> {
        let since = self.0.clock.now().plus(Micros(-ATTENTION.0));
        Ok(usage::estimates(&self.0.store, since).await?)
    }

    async fn begin(&self, actor: &Actor, since: Option<Timestamp>) -> Result<i64, Error> {
        let now = self.0.clock.now();
        let id = self.0.ids.next(now);
        let actor = serde_json::to_string(actor).unwrap_or_default();
        check::begin(&self.0.store, id, now, &actor, since).await?;
        Ok(id)
    }
}

fn told(row: check::Row, now: Timestamp) -> BookCheck {
    let report = row.report.and_then(|report| serde_json::from_str(&report).ok());
    let outcome = match (report, row.ended_at) {
        (Some(report), _) => CheckOutcome::Ended(report),
        (None, None) if now.since(Timestamp(row.started_at)).0 < LONGEST.0 => CheckOutcome::Running,
        (None, _) => CheckOutcome::BrokenOff,
    };
    BookCheck {
        started_at: Timestamp(row.started_at),
        ended_at: row.ended_at.map(Timestamp),
        actor: serde_json::from_str(&row.actor).unwrap_or(Actor::System),
        since: row.since.map(Timestamp),
        findings: row
            .findings
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default(),
        outcome,
    }
}

async fn run(inner: &Inner, id: i64, since: Option<Timestamp>) -> Result<LedgerReport, Error> {
    let scope = Scope { account: None, since };
    let report = ledger::verify(&inner.store, &inner.keys, scope, inner.clock.now()).await;
    let (findings, text) = match &report {
        Ok(report) => {
            if !report.findings.is_empty() {
                tracing::error!(findings = report.findings.len(), "the books are not sound");
            }
            let mut kept = report.clone();
            kept.findings.truncate(MOST_FINDINGS);
            let count = i64::try_from(report.findings.len()).unwrap_or(i64::MAX);
            (Some(count), serde_json::to_string(&kept).ok())
        }
        Err(_) => (None, None),
    };
    check::end(&inner.store, id, inner.clock.now(), findings, text.as_deref()).await?;
    report
}
