//! Reads calls: pages by keyset, one call with its attempts, a capped count.

use domain::{
    call::{Attempt, Call, CallDetail, CallFilter, CallState, Dialect, Door, Endpoint, Failure, Fault, Unbilled},
    catalog::ProviderKind,
    id::{AccountId, AttemptId, CallId, CredentialId, KeyId, ProjectId, ProviderId, UserId},
    money::Amount,
    page::{Cursor, PageSize, Tally},
    time::{Micros, Timestamp},
    usage::UsageSource,
};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{
    concern::concern,
    window::{GLANCE, WINDOW, Window},
};
use crate::{
    store::{Store, StoreError, buckets, buckets::Buckets, fetch_all},
    wire::tool_uses,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    started_at: i64,
    endpoint: String,
    door: String,
    streamed: i64,
    state: String,
    status: Option<i64>,
    person_id: i64,
    email: Option<String>,
    key_id: Option<i64>,
    key_name: Option<String>,
    project_id: Option<i64>,
    project: Option<String>,
    account_id: i64,
    model_asked: String,
    model_served: Option<String>,
    provider_id: Option<i64>,
    provider: Option<String>,
    finish_reason: Option<String>,
    #[sqlx(flatten)]
    usage: Buckets,
    provider_kind: Option<String>,
    usage_source: String,
    raw_usage: Option<String>,
    first_byte_us: Option<i64>,
    duration_us: Option<i64>,
    overhead_us: Option<i64>,
    fault: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    agent: Option<String>,
    attempts: i64,
    charge: Option<i64>,
    estimated_cost: Option<i64>,
    at_most: Option<i64>,
    dialect: Option<String>,
    dropped: Option<String>,
    drawn: Option<String>,
}

/// What a page and a detail read; where from, and which, follows.
const COLUMNS: &str = concat!(
    "SELECT c.id, c.started_at, c.endpoint, c.door, c.streamed, c.state, c.status, c.person_id, p.email, c.key_id,
        k.name AS key_name, c.project_id, j.name AS project, COALESCE(c.account_id, c.person_id) AS account_id, c.model_asked, c.model_served, c.provider_id, c.provider, c.finish_reason, ",
    buckets!("c."),
    ", c.provider_kind, c.usage_source, c.raw_usage, c.first_byte_us, c.duration_us, c.overhead_us, c.fault, c.error_code, c.error_message, c.agent,
        c.attempts, c.charge, c.estimated_cost, CASE WHEN ",
    concern!(unbilled),
    " THEN c.hold_amount END AS at_most, c.dialect, c.dropped, c.drawn FROM "
);
/// Who called, beside the call.
const PEOPLE: &str = " c LEFT JOIN person p ON p.id = c.person_id LEFT JOIN api_key k ON k.id = c.key_id LEFT JOIN project j ON j.id = c.project_id WHERE 1 = 1";

fn failure(fault: Option<&str>, code: Option<String>, message: Option<String>) -> Option<Failure> {
    let fault = Fault::parse(fault?)?;
    Some(Failure {
        fault,
        code: code.unwrap_or_default(),
        message: message.unwrap_or_default(),
    })
}

fn status(number: Option<i64>) -> Option<u16> {
    number.and_then(|status| u16::try_from(status).ok())
}

impl Row {
    fn detail(self) -> Result<CallDetail, StoreError> {
        let unreadable = |column| StoreError::Row { table: "call", column };
        Ok(CallDetail {
            call: Call {
                id: CallId::from_number(self.id),
                started_at: Timestamp(self.started_at),
                endpoint: Endpoint::parse(&self.endpoint).ok_or(unreadable("endpoint"))?,
                door: Door::parse(&self.door),
                streamed: self.streamed != 0,
                state: CallState::parse(&self.state).ok_or(unreadable("state"))?,
                status: status(self.status),
                user_id: UserId::from_number(self.person_id),
                user_email: self.email.unwrap_or_default(),
                key_id: self.key_id.map(KeyId::from_number),
                key_name: self.key_name,
                project_id: self.project_id.map(ProjectId::from_number),
                project_name: self.project,
                account_id: AccountId::from_number(self.account_id),
                model_asked: self.model_asked,
                model_served: self.model_served,
                provider_id: self.provider_id.map(ProviderId::from_number),
                provider: self.provider,
                provider_kind: self.provider_kind.as_deref().and_then(ProviderKind::parse),
                finish_reason: self.finish_reason,
                usage: self.usage.into(),
                drawn: self.drawn.as_deref().and_then(|text| text.parse().ok()),
                usage_source: UsageSource::parse(&self.usage_source),
                first_byte: self.first_byte_us.map(Micros),
                duration: self.duration_us.map(Micros),
                overhead: self.overhead_us.map(Micros),
                failure: failure(self.fault.as_deref(), self.error_code, self.error_message),
                attempt_count: self.attempts,
                charge: self.charge.and_then(Amount::from_nano),
                unbilled: self.at_most.and_then(Amount::from_nano).map(|at_most| Unbilled {
                    estimated_cost: self.estimated_cost.and_then(Amount::from_nano),
                    at_most,
                }),
            },
            attempts: Vec::new(),
            tool_uses: self.raw_usage.as_deref().map(tool_uses::of).unwrap_or_default(),
            raw_usage: self.raw_usage,
            agent: self.agent,
            dialect: self.dialect.as_deref().and_then(Dialect::parse),
            dropped: self
                .dropped
                .map(|names| names.split(", ").map(str::to_owned).collect())
                .unwrap_or_default(),
        })
    }
}

/// What was found.
pub(crate) struct Found {
    /// The rows, in the order of the cursor, up to one more than a page holds.
    pub calls: Vec<Call>,
    /// Only so far was looked, because the filters left little: the last id that was.
    pub looked_until: Option<i64>,
}

/// Up to one row more than a page holds, in the order of the cursor.
pub(crate) async fn page(
    store: &Store,
    filter: &CallFilter,
    cursor: Cursor,
    size: PageSize,
) -> Result<Found, StoreError> {
    let full = usize::from(size.rows()) + 1;
    macro_rules! read {
        ($pool:expr) => {{
            let mut window = Window::of(filter, cursor, GLANCE);
            let mut rows = page_query(&window, size)
                .build_query_as::<Row>()
                .fetch_all($pool)
                .await?;
            let mut edge: Option<(i64,)> = None;
            if rows.len() < full && window.is_bounded() {
                window = Window::of(filter, cursor, WINDOW);
                rows = page_query(&window, size)
                    .build_query_as::<Row>()
                    .fetch_all($pool)
                    .await?;
                if rows.len() < full {
                    edge = window.edge_query().build_query_as().fetch_optional($pool).await?;
                }
            }
            (rows, edge)
        }};
    }
    let (rows, edge): (Vec<Row>, _) = match store {
        Store::Sqlite(pools) => read!(&pools.read),
        Store::Postgres(pool) => read!(&mut pool.acquire().await?),
    };
    let calls = rows
        .into_iter()
        .map(|row| row.detail().map(|detail| detail.call))
        .collect::<Result<_, _>>()?;
    Ok(Found {
        calls,
        looked_until: edge.map(|(id,)| id),
    })
}

fn page_query<DB: Database>(window: &Window<'_>, size: PageSize) -> QueryBuilder<DB>
where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(COLUMNS);
    window.push_source(&mut query);
    query.push(PEOPLE);
    window.push_conditions(&mut query);
    window.push_end(&mut query, "c.id", i64::from(size.rows()) + 1);
    query
}

/// How many calls match, counted up to `cap` and within the newest that a list looks through.
pub(crate) async fn count(store: &Store, filter: &CallFilter, cap: i64) -> Result<Tally, StoreError> {
    let window = Window::of(filter, Cursor::Newest, WINDOW);
    macro_rules! read {
        ($pool:expr) => {{
            let (count,): (i64,) = count_query(&window, cap).build_query_as().fetch_one($pool).await?;
            let edge: Option<(i64,)> = if count <= cap && window.is_bounded() {
                window.edge_query().build_query_as().fetch_optional($pool).await?
            } else {
                None
            };
            (count, edge)
        }};
    }
    let (count, edge) = match store {
        Store::Sqlite(pools) => read!(&pools.read),
        Store::Postgres(pool) => read!(&mut pool.acquire().await?),
    };
    Ok(Tally {
        rows: count.min(cap),
        more: count > cap || edge.is_some(),
    })
}

fn count_query<DB: Database>(window: &Window<'_>, cap: i64) -> QueryBuilder<DB>
where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (SELECT 1 AS one FROM ");
    window.push_source(&mut query);
    query.push(" c WHERE 1 = 1");
    window.push_conditions(&mut query);
    query.push(" LIMIT ").push_bind(cap + 1).push(") AS matching");
    query
}

#[derive(sqlx::FromRow)]
struct AttemptRead {
    id: i64,
    number: i64,
    provider_id: i64,
    provider: String,
    credential_id: Option<i64>,
    credential: Option<String>,
    model: String,
    started_at: i64,
    status: Option<i64>,
    first_byte_us: Option<i64>,
    duration_us: i64,
    upstream_request_id: Option<String>,
    fault: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
}

impl AttemptRead {
    fn attempt(self) -> Attempt {
        Attempt {
            id: AttemptId::from_number(self.id),
            number: self.number,
            provider_id: ProviderId::from_number(self.provider_id),
            provider: self.provider,
            credential_id: self.credential_id.map(CredentialId::from_number),
            credential: self.credential,
            model: self.model,
            started_at: Timestamp(self.started_at),
            status: status(self.status),
            first_byte: self.first_byte_us.map(Micros),
            duration: Micros(self.duration_us),
            upstream_request_id: self.upstream_request_id,
            failure: failure(self.fault.as_deref(), self.error_code, self.error_message),
        }
    }
}

/// One call with its attempts.
pub(crate) async fn detail(store: &Store, id: CallId) -> Result<Option<CallDetail>, StoreError> {
    macro_rules! read {
        ($pool:expr) => {{
            let mut query = QueryBuilder::new(COLUMNS);
            query
                .push("call")
                .push(PEOPLE)
                .push(" AND c.id = ")
                .push_bind(id.number());
            query.build_query_as::<Row>().fetch_optional($pool).await?
        }};
    }
    let row: Option<Row> = match store {
        Store::Sqlite(pools) => read!(&pools.read),
        Store::Postgres(pool) => read!(&mut pool.acquire().await?),
    };
    let Some(row) = row else { return Ok(None) };
    let mut detail = row.detail()?;
    let attempts = fetch_all!(
        store,
        AttemptRead,
        "SELECT id, number, provider_id, provider, credential_id, credential, model, started_at, status, first_byte_us, duration_us,
            upstream_request_id, fault, error_code, error_message FROM attempt WHERE call_id = $1 ORDER BY number",
        id.number(),
    )?;
    detail.attempts = attempts.into_iter().map(AttemptRead::attempt).collect();
    Ok(Some(detail))
}

#[cfg(test)]
mod tests;
