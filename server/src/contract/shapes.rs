//! What types of other crates are written as, for the descriptions of the types that hold them. `domain` and `gateway` know
//! nothing of documents; the tests hold real answers against these shapes, which are closed.
#![expect(dead_code, reason = "only their shapes are read")]

use domain::{
    call::{CallState, Dialect, Door, Endpoint, Fault},
    catalog::ProviderKind,
    ledger::{LotKind, Status},
    usage::{Usage, UsageSource},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, collections::BTreeMap};

/// An amount of money: an exact decimal of US dollars, of which one credit is one.
pub struct Decimal;

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^-?\d+\.\d{2,9}$",
            "description": "An exact amount in US dollars, of which one credit is one: `41.998448`. Never rounded, never an exponent.",
        })
    }
}

/// What a call consumed.
pub struct UsageShape;

impl JsonSchema for UsageShape {
    fn schema_name() -> Cow<'static, str> {
        "Usage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let written = serde_json::to_value(Usage::default()).unwrap_or_default();
        let names: Vec<String> = written
            .as_object()
            .map(|usage| usage.keys().cloned().collect())
            .unwrap_or_default();
        let count = json!({ "type": "integer", "minimum": 0 });
        let properties: Map<String, Value> = names.iter().map(|name| (name.clone(), count.clone())).collect();
        json_schema!({
            "type": "object",
            "description": "Tokens in buckets that never overlap: a cached token is no uncached one, a thought is no text.",
            "required": names,
            "properties": properties,
        })
    }
}

/// One of these.
pub fn words(of: impl IntoIterator<Item = &'static str>) -> Schema {
    let words: Vec<&str> = of.into_iter().collect();
    json_schema!({ "type": "string", "enum": words })
}

fn or_null(of: impl IntoIterator<Item = &'static str>) -> Schema {
    let words: Vec<Value> = of.into_iter().map(Value::from).chain([Value::Null]).collect();
    json_schema!({ "type": ["string", "null"], "enum": words })
}

/// Whether an account's calls are admitted.
pub fn account_status(_: &mut SchemaGenerator) -> Schema {
    words([Status::Active, Status::Blocked].map(Status::as_str))
}

/// Where credit comes from.
pub fn lot_kind(_: &mut SchemaGenerator) -> Schema {
    words(LotKind::ALL.map(LotKind::as_str))
}

fn call_state(_: &mut SchemaGenerator) -> Schema {
    words(CallState::ALL.map(CallState::as_str))
}

fn endpoint(_: &mut SchemaGenerator) -> Schema {
    words(Endpoint::ALL.map(Endpoint::as_str))
}

fn door(_: &mut SchemaGenerator) -> Schema {
    words([Door::Api, Door::Playground].map(Door::as_str))
}

/// Where counted quantities come from.
pub fn usage_source(_: &mut SchemaGenerator) -> Schema {
    let all = [
        UsageSource::Provider,
        UsageSource::Mixed,
        UsageSource::Estimated,
        UsageSource::None,
    ];
    words(all.map(UsageSource::as_str))
}

/// Whose fault a failure is.
pub fn fault(_: &mut SchemaGenerator) -> Schema {
    words(Fault::ALL.map(Fault::as_str))
}

fn provider_kind(_: &mut SchemaGenerator) -> Schema {
    or_null(ProviderKind::ALL.map(ProviderKind::as_str))
}

/// A client's words, or null.
pub fn dialect(_: &mut SchemaGenerator) -> Schema {
    or_null(Dialect::ALL.map(Dialect::as_str))
}

/// `domain::call::CallDetail`, with the word that says what it is. Moments are microseconds since 1970, spans microseconds.
#[derive(JsonSchema)]
#[schemars(rename = "Call")]
pub struct CallShape {
    object: &'static str,
    /// Its id: the `x-request-id` of its answer.
    id: String,
    /// When the request arrived.
    started_at: i64,
    #[schemars(schema_with = "endpoint")]
    endpoint: (),
    #[schemars(schema_with = "door")]
    door: (),
    streamed: bool,
    #[schemars(schema_with = "call_state")]
    state: (),
    /// The status that the client got; absent while open.
    status: Option<u16>,
    user_id: String,
    /// Empty when the person is gone.
    user_email: String,
    key_id: Option<String>,
    key_name: Option<String>,
    project_id: Option<String>,
    project_name: Option<String>,
    /// Whose credit it takes.
    account_id: String,
    /// As it was asked for.
    model_asked: String,
    /// As `provider/model`.
    model_served: Option<String>,
    provider_id: Option<String>,
    provider: Option<String>,
    #[schemars(schema_with = "provider_kind")]
    provider_kind: (),
    /// In OpenAI's words.
    finish_reason: Option<String>,
    usage: UsageShape,
    /// The pictures that came, where pictures were asked for, up to as many as were: how many, of which size and quality, as
    /// `2 1024x1024/hd`.
    drawn: Option<String>,
    #[schemars(schema_with = "usage_source")]
    usage_source: (),
    first_byte: Option<i64>,
    duration: Option<i64>,
    /// The part of the time to the first byte that was the hub's.
    overhead: Option<i64>,
    failure: Option<Failure>,
    attempt_count: i64,
    /// Absent while it runs and when nothing was charged.
    charge: Option<Decimal>,
    /// It was lost with the hub's process while it held credit, and was not charged.
    unbilled: Option<Unbilled>,
    /// In order; listed when the call is over.
    attempts: Vec<Attempt>,
    /// The provider's own usage object, as text.
    raw_usage: Option<String>,
    /// How often tools ran at the provider, such as its search, by their names.
    tool_uses: BTreeMap<String, u64>,
    /// How the client calls itself.
    agent: Option<String>,
    #[schemars(schema_with = "dialect")]
    dialect: (),
    /// What of the request the provider could not be told.
    dropped: Vec<String>,
}

/// What a lost call cost.
#[derive(JsonSchema)]
struct Unbilled {
    /// What the provider bills, by an estimate of when the call began. For keys of people who see what providers bill, else null.
    estimated_cost: Option<Decimal>,
    /// What it had held: more it cannot have been charged.
    at_most: Decimal,
}

/// Why a call or an attempt failed.
#[derive(JsonSchema)]
struct Failure {
    #[schemars(schema_with = "fault")]
    fault: (),
    /// A stable word for programs.
    code: String,
    message: String,
}

/// One request to a provider.
#[derive(JsonSchema)]
struct Attempt {
    id: String,
    number: i64,
    provider_id: String,
    provider: String,
    credential_id: Option<String>,
    credential: Option<String>,
    /// As the provider calls it.
    model: String,
    started_at: i64,
    status: Option<u16>,
    first_byte: Option<i64>,
    duration: i64,
    upstream_request_id: Option<String>,
    failure: Option<Failure>,
}

/// `domain::catalog::Abilities`: what a model can do.
#[derive(JsonSchema)]
#[schemars(rename = "Abilities")]
pub struct AbilitiesShape {
    /// `chat`, `embeddings`, `images` or `other`.
    task: String,
    /// `text` first, then `image`, `document`, `audio`, `video`.
    input: Vec<String>,
    output: Vec<String>,
    tools: bool,
    json_schema: bool,
    reasoning: bool,
    /// Parameters that it refuses: they are left out, and the answer says so.
    refuses: Vec<String>,
}

/// `domain::catalog::WireFacts`: what a stream of a model tells and costs.
#[derive(JsonSchema)]
#[schemars(rename = "Streams")]
pub struct StreamsShape {
    /// Where it tells what was used: `last-when-asked` (a chunk of its own at the end, which the hub asks for), `last-event`,
    /// `from-the-beginning`, `every-event`, or `never` where there are no streams.
    usage: String,
    /// Whoever leaves pays only for what was written until then.
    cancel_stops_billing: bool,
}

/// `gateway::call::Shortfall`: what the credit came to.
#[derive(JsonSchema)]
pub struct Credit {
    /// What can be spent.
    spendable: Decimal,
    /// What the call would have needed at least.
    needed: Decimal,
    debt: Decimal,
    /// With so much more the call is admitted.
    missing: Decimal,
    /// What running calls hold.
    held: Decimal,
    /// Whether the end of running calls may be enough.
    waiting_helps: bool,
    /// Where credit is to be had.
    url: String,
}

/// `gateway::call::OverLimitTold`: the limit that is in the way. Figures of a model's or a provider's limit are not told: they are
/// made of everybody's calls.
#[derive(JsonSchema)]
#[schemars(rename = "LimitReached")]
pub struct OverLimit {
    /// `key`, `project`, `user`, `model` or `provider`.
    on: String,
    /// `requests`, `tokens`, `concurrent` or `spend`.
    measure: String,
    /// `minute`, `hour`, `day`, `week`, `month`, the same with `rolling` before, or `total`.
    #[schemars(skip_serializing_if = "Option::is_none")]
    window: Option<String>,
    #[schemars(schema_with = "figure", skip_serializing_if = "Option::is_none")]
    limit: Option<Value>,
    /// What calls that have ended used.
    #[schemars(schema_with = "figure", skip_serializing_if = "Option::is_none")]
    used: Option<Value>,
    /// What running calls may still use.
    #[schemars(schema_with = "figure", skip_serializing_if = "Option::is_none")]
    reserved: Option<Value>,
    /// What this call needs at the least.
    #[schemars(schema_with = "figure", skip_serializing_if = "Option::is_none")]
    needed: Option<Value>,
    /// When there is room by the time alone, where that is known.
    #[schemars(skip_serializing_if = "Option::is_none")]
    frees_at: Option<String>,
    /// Whether asking again may help although nobody changes the limit, by the time or by the end of running calls.
    waiting_helps: bool,
}

/// `gateway::call::Figure`: a count, or credits as a decimal string.
pub fn figure(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": ["integer", "string"], "description": "A count, or credits as an exact decimal string." })
}
