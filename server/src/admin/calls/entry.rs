//! Calls as this API tells them.

use std::collections::BTreeMap;

use domain::{
    call::{Attempt, Call, CallDetail, Failure, Funding, Unbilled},
    credit::CallCharge,
    id::{AccountId, AttemptId, CallId, CredentialId, KeyId, LotId, PriceId, ProjectId, ProviderId, UserId},
    ledger::Spent,
    money::Amount,
    price::{Dimension, Line, Receipt},
    time::Micros,
    usage::Usage,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    admin::{Moment, words},
    contract::shapes::{Decimal, UsageShape, dialect, fault, usage_source},
};

/// A call. Spans are microseconds.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminCall")]
pub struct CallEntry {
    /// Also the request id that the client got.
    #[schemars(with = "String")]
    id: CallId,
    started_at: Moment,
    #[schemars(schema_with = "words::endpoint")]
    endpoint: &'static str,
    /// `api` or `playground`.
    door: &'static str,
    streamed: bool,
    #[schemars(schema_with = "words::call_state")]
    state: &'static str,
    /// The status that the client got; null while it runs.
    status: Option<u16>,
    #[schemars(with = "String")]
    user_id: UserId,
    /// Empty when the person is gone.
    user_email: String,
    #[schemars(with = "Option<String>")]
    key_id: Option<KeyId>,
    key_name: Option<String>,
    /// Null for calls of before there were projects.
    #[schemars(with = "Option<String>")]
    project_id: Option<ProjectId>,
    project: Option<String>,
    /// Whose credit it takes.
    #[schemars(with = "String")]
    account: AccountId,
    /// As it was asked for.
    model_asked: String,
    /// As `provider/model`.
    model_served: Option<String>,
    #[schemars(with = "Option<String>")]
    provider_id: Option<ProviderId>,
    provider: Option<String>,
    finish_reason: Option<String>,
    #[schemars(with = "UsageShape")]
    usage: Usage,
    /// The pictures that came, where pictures were asked for, up to as many as were: how many, of which size and quality, as
    /// `2 1024x1024/hd`.
    drawn: Option<String>,
    #[schemars(schema_with = "usage_source")]
    usage_source: &'static str,
    first_byte_us: Option<i64>,
    duration_us: Option<i64>,
    /// The part of the time to the first byte that was the hub's.
    overhead_us: Option<i64>,
    failure: Option<FailureEntry>,
    attempt_count: i64,
    /// Null while it runs and when nothing was charged.
    #[schemars(with = "Option<Decimal>")]
    charge: Option<Amount>,
    /// It was lost with its process while it held credit, and was not charged.
    unbilled: Option<UnbilledEntry>,
}

impl From<Call> for CallEntry {
    fn from(call: Call) -> Self {
        let span = |span: Option<Micros>| span.map(|span| span.0);
        Self {
            id: call.id,
            started_at: call.started_at.into(),
            endpoint: call.endpoint.as_str(),
            door: call.door.as_str(),
            streamed: call.streamed,
            state: call.state.as_str(),
            status: call.status,
            user_id: call.user_id,
            user_email: call.user_email,
            key_id: call.key_id,
            key_name: call.key_name,
            project_id: call.project_id,
            project: call.project_name,
            account: call.account_id,
            model_asked: call.model_asked,
            model_served: call.model_served,
            provider_id: call.provider_id,
            provider: call.provider,
            finish_reason: call.finish_reason,
            usage: call.usage,
            drawn: call.drawn.map(String::from),
            usage_source: call.usage_source.as_str(),
            first_byte_us: span(call.first_byte),
            duration_us: span(call.duration),
            overhead_us: span(call.overhead),
            failure: call.failure.map(FailureEntry::from),
            attempt_count: call.attempt_count,
            charge: call.charge,
            unbilled: call.unbilled.map(UnbilledEntry::from),
        }
    }
}

/// What a lost call cost.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminUnbilled")]
struct UnbilledEntry {
    /// What the provider bills, by an estimate of when the call began; null for calls of before there was one.
    #[schemars(with = "Option<Decimal>")]
    estimated_cost: Option<Amount>,
    /// What it had held: more it cannot have been charged.
    #[schemars(with = "Decimal")]
    at_most: Amount,
}

impl From<Unbilled> for UnbilledEntry {
    fn from(unbilled: Unbilled) -> Self {
        Self {
            estimated_cost: unbilled.estimated_cost,
            at_most: unbilled.at_most,
        }
    }
}

/// Why a call or an attempt failed.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminFailure")]
struct FailureEntry {
    /// Whose fault it is.
    #[schemars(schema_with = "fault")]
    fault: &'static str,
    /// A stable word for programs.
    code: String,
    message: String,
}

impl From<Failure> for FailureEntry {
    fn from(failure: Failure) -> Self {
        Self {
            fault: failure.fault.as_str(),
            code: failure.code,
            message: failure.message,
        }
    }
}

/// Everything that is known of one call.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminCallDetail")]
pub struct DetailEntry {
    #[serde(flatten)]
    call: CallEntry,
    /// In order; listed when the call is over.
    attempts: Vec<AttemptEntry>,
    /// The provider's own usage object, as text.
    raw_usage: Option<String>,
    /// How often tools ran at the provider, such as its search, by their names.
    tool_uses: BTreeMap<String, u64>,
    /// How the client calls itself.
    agent: Option<String>,
    #[schemars(schema_with = "dialect")]
    dialect: Option<&'static str>,
    /// What of the request the provider could not be told.
    dropped: Vec<String>,
    money: ChargeEntry,
}

impl DetailEntry {
    /// Of a call and what it was charged.
    pub fn of(detail: CallDetail, charge: CallCharge) -> Self {
        Self {
            call: detail.call.into(),
            attempts: detail.attempts.into_iter().map(AttemptEntry::from).collect(),
            raw_usage: detail.raw_usage,
            tool_uses: detail.tool_uses,
            agent: detail.agent,
            dialect: detail.dialect.map(domain::call::Dialect::as_str),
            dropped: detail.dropped,
            money: charge.into(),
        }
    }
}

/// One request to a provider.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminAttempt")]
struct AttemptEntry {
    #[schemars(with = "String")]
    id: AttemptId,
    /// From 1 on.
    number: i64,
    #[schemars(with = "String")]
    provider_id: ProviderId,
    provider: String,
    #[schemars(with = "Option<String>")]
    credential_id: Option<CredentialId>,
    credential: Option<String>,
    /// As the provider calls it.
    model: String,
    started_at: Moment,
    status: Option<u16>,
    first_byte_us: Option<i64>,
    duration_us: i64,
    upstream_request_id: Option<String>,
    failure: Option<FailureEntry>,
}

impl From<Attempt> for AttemptEntry {
    fn from(attempt: Attempt) -> Self {
        Self {
            id: attempt.id,
            number: attempt.number,
            provider_id: attempt.provider_id,
            provider: attempt.provider,
            credential_id: attempt.credential_id,
            credential: attempt.credential,
            model: attempt.model,
            started_at: attempt.started_at.into(),
            status: attempt.status,
            first_byte_us: attempt.first_byte.map(|span| span.0),
            duration_us: attempt.duration.0,
            upstream_request_id: attempt.upstream_request_id,
            failure: attempt.failure.map(FailureEntry::from),
        }
    }
}

/// The money side of a call.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "CallMoney")]
struct ChargeEntry {
    /// `credit`, `allocated` or `none`.
    funding: &'static str,
    /// While it runs.
    #[schemars(with = "Option<Decimal>")]
    held: Option<Amount>,
    /// Its end came after its hold had been given back.
    late: bool,
    /// Its answer left after a wait in vain, before its end was in the books.
    ahead: bool,
    #[schemars(with = "Option<Decimal>")]
    charge: Option<Amount>,
    /// Of the charge, what nobody paid.
    #[schemars(with = "Decimal")]
    loss: Amount,
    #[schemars(with = "Decimal")]
    given_back: Amount,
    /// What the provider bills.
    #[schemars(with = "Option<Decimal>")]
    cost: Option<Amount>,
    /// What it used and has no cost in that version of the price, as `output`: so its cost is not known.
    #[schemars(with = "Option<String>")]
    uncosted: Option<Dimension>,
    /// The transaction that ended it.
    seq: Option<i64>,
    /// Which lots paid, in their order.
    spent: Vec<SpentEntry>,
    /// The version of the price that was frozen when it began.
    #[schemars(with = "Option<String>")]
    price_id: Option<PriceId>,
    /// The charge computed again of the stored quantities and that version.
    receipt: Option<Vec<LineEntry>>,
}

impl From<CallCharge> for ChargeEntry {
    fn from(charge: CallCharge) -> Self {
        let lines = |receipt: Receipt| receipt.lines.iter().map(LineEntry::of).collect();
        Self {
            funding: Funding::as_str(charge.funding),
            held: charge.held,
            late: charge.late,
            ahead: charge.ahead,
            charge: charge.charge,
            loss: charge.loss,
            given_back: charge.given_back,
            cost: charge.cost.map(|cost| cost.cost),
            uncosted: charge.uncosted,
            seq: charge.seq.map(|seq| seq.0),
            spent: charge.spent.into_iter().map(SpentEntry::from).collect(),
            price_id: charge.price,
            receipt: charge.receipt.map(lines),
        }
    }
}

/// What one lot paid.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "SpentOfLot")]
struct SpentEntry {
    #[schemars(with = "String")]
    lot_id: LotId,
    #[schemars(with = "Decimal")]
    amount: Amount,
}

impl From<Spent> for SpentEntry {
    fn from(spent: Spent) -> Self {
        Self {
            lot_id: spent.lot,
            amount: spent.amount,
        }
    }
}

/// One product of a receipt.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ReceiptLine")]
struct LineEntry {
    /// What was used.
    dimension: String,
    /// Under whose price it was counted.
    priced_as: String,
    /// The threshold of the tier that set the price.
    above: Option<u64>,
    quantity: u64,
    /// USD for a million, or for one piece.
    price: String,
    /// Before the one rounding of the whole.
    subtotal: String,
}

impl LineEntry {
    fn of(line: &Line) -> Self {
        Self {
            dimension: line.dimension.to_string(),
            priced_as: line.priced_as.to_string(),
            above: line.above,
            quantity: line.quantity,
            price: line.priced_as.price_text(line.price),
            subtotal: line.subtotal.to_string(),
        }
    }
}
