//! `/api/admin/books`: the proof of the books, and the calls that somebody should look at.

use axum::{Json, extract::State};
use domain::{
    access::{Money, MoneyReader},
    id::{AccountId, ProviderId},
    money::Amount,
};
use gateway::{Attention, BookCheck, CheckOutcome, Estimates, LedgerFinding};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use super::{ActorEntry, AdminError, By, Moment, operation};
use crate::{
    contract::{Book, Operation, shapes::Decimal},
    state::HubState,
};

/// Runs that are told.
const RUNS: u8 = 20;

/// How the books stand.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Books")]
pub struct BooksEntry {
    attention: AttentionEntry,
    /// Of each provider that was asked in the last 30 days, how much was charged by estimates: most of it first.
    estimates: Vec<EstimatesEntry>,
    /// The newest runs of the verifier, newest first.
    checks: Vec<CheckEntry>,
}

/// Calls of the last 30 days that cost the hub money, or were not charged.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "BooksAttention")]
struct AttentionEntry {
    /// Calls that cost more than could be taken for them.
    losses: u64,
    #[schemars(with = "Decimal")]
    loss: Amount,
    /// Calls whose end came after their hold had been given back.
    late: u64,
    /// Calls whose answer left after a wait in vain, before their end was in the books.
    ahead: u64,
    /// Calls that were lost with their process while they held credit.
    unbilled: u64,
    /// What the providers bill for those, by estimates of when they began.
    #[schemars(with = "Decimal")]
    estimated: Amount,
    /// What those can have cost at the most.
    #[schemars(with = "Decimal")]
    at_most: Amount,
    /// Calls of which the provider's report was not believed.
    doubted: u64,
}

impl From<Attention> for AttentionEntry {
    fn from(attention: Attention) -> Self {
        Self {
            losses: attention.losses,
            loss: attention.loss,
            late: attention.late,
            ahead: attention.ahead,
            unbilled: attention.unbilled,
            estimated: attention.estimated,
            at_most: attention.at_most,
            doubted: attention.doubted,
        }
    }
}

/// How much of a provider's calls was charged by an estimate of the hub's own, as it told no usage that was believed.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "BooksEstimates")]
struct EstimatesEntry {
    #[schemars(with = "String")]
    provider_id: ProviderId,
    /// Its title; absent when it is gone.
    provider: Option<String>,
    /// Calls that were sent to it, those that failed among them.
    calls: u64,
    /// Of them, those whose usage is an estimate.
    estimated: u64,
    /// What all were charged.
    #[schemars(with = "Decimal")]
    charge: Amount,
    /// Of that, what was charged by estimates.
    #[schemars(with = "Decimal")]
    estimated_charge: Amount,
}

impl From<Estimates> for EstimatesEntry {
    fn from(of: Estimates) -> Self {
        Self {
            provider_id: of.id,
            provider: of.provider,
            calls: of.calls,
            estimated: of.estimated,
            charge: of.charge,
            estimated_charge: of.estimated_charge,
        }
    }
}

/// A run of the verifier.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "BookCheck")]
struct CheckEntry {
    started_at: Moment,
    ended_at: Option<Moment>,
    by: ActorEntry,
    /// Only what came since then was looked at.
    since: Option<Moment>,
    /// `running`, `sound`, `unsound` or `broken_off`.
    outcome: &'static str,
    accounts: Option<u64>,
    transactions: Option<u64>,
    calls: Option<u64>,
    /// What is wrong; empty when the books are sound.
    findings: Vec<FindingEntry>,
}

impl From<BookCheck> for CheckEntry {
    fn from(check: BookCheck) -> Self {
        let (outcome, report) = match check.outcome {
            CheckOutcome::Running => ("running", None),
            CheckOutcome::BrokenOff => ("broken_off", None),
            CheckOutcome::Ended(report) if report.findings.is_empty() => ("sound", Some(report)),
            CheckOutcome::Ended(report) => ("unsound", Some(report)),
        };
        Self {
            started_at: check.started_at.into(),
            ended_at: check.ended_at.map(Moment),
            by: check.actor.into(),
            since: check.since.map(Moment),
            outcome,
            accounts: report.as_ref().map(|report| report.accounts),
            transactions: report.as_ref().map(|report| report.transactions),
            calls: report.as_ref().map(|report| report.calls),
            findings: report
                .map(|report| report.findings.into_iter().map(FindingEntry::from).collect())
                .unwrap_or_default(),
        }
    }
}

/// Something that is wrong.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "BookFinding")]
struct FindingEntry {
    #[schemars(with = "Option<String>")]
    account: Option<AccountId>,
    seq: Option<i64>,
    problem: String,
}

impl From<LedgerFinding> for FindingEntry {
    fn from(finding: LedgerFinding) -> Self {
        Self {
            account: finding.account,
            seq: finding.seq.map(|seq| seq.0),
            problem: finding.problem,
        }
    }
}

/// How the books stand.
pub async fn show(State(state): State<HubState>, by: By<MoneyReader>) -> Result<Json<BooksEntry>, AdminError> {
    let checks = state.gateway().book_checks();
    Ok(Json(BooksEntry {
        attention: checks.attention(&by.proof).await?.into(),
        estimates: checks
            .estimates(&by.proof)
            .await?
            .into_iter()
            .map(EstimatesEntry::from)
            .collect(),
        checks: checks
            .newest(&by.proof, RUNS)
            .await?
            .into_iter()
            .map(CheckEntry::from)
            .collect(),
    }))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("How the books stand").tells::<BooksEntry>(book)
}

/// Whether a run was begun.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "BookCheckBegun")]
pub struct Begun {
    /// False: one is under way already.
    begun: bool,
}

/// Begins to prove the books of everybody.
pub async fn check(State(state): State<HubState>, by: By<Money>) -> Result<(StatusCode, Json<Begun>), AdminError> {
    let begun = state.gateway().book_checks().start(&by.proof).await?;
    Ok((StatusCode::ACCEPTED, Json(Begun { begun })))
}

/// What is said of it.
pub fn check_described(book: &mut Book) -> Operation {
    operation("Begin to prove the books of everybody")
        .about("It goes on in the background; `GET /api/admin/books` tells how it went.")
        .accepts::<Begun>(book)
}
