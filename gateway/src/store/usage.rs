//! Table `usage_hour`: sums of calls by the hour, account, project, key, model and provider, for whoever asks how much and not which.
//! Written in the transaction that writes the end of a call, so the sums are those of the log.

use std::collections::{BTreeMap, HashSet};

use domain::{
    call::CallState,
    credit::DayUsage,
    id::{CallId, KeyId, ProjectId, ProviderId},
    money::Amount,
    price::Drawn,
    time::Timestamp,
    usage::UsageSource,
};
use sqlx::{Database, Encode, Type};

use crate::Estimates;

use super::{
    Store, StoreError, Tx, buckets,
    buckets::Buckets,
    calls::CallRow,
    fetch_all,
    insert::{Insert, Values, pieces},
    limits,
};

/// Microseconds.
pub(crate) const HOUR: i64 = 3_600_000_000;
/// How many sums there are.
pub(crate) const SUMS: usize = 20;

pub(super) static HOURS: Insert = Insert::new(
    concat!(
        "INSERT INTO usage_hour (hour, account_id, project_id, key_id, model, provider_id, calls, errors, ",
        buckets!(),
        ", images, estimated, estimated_charge, charge, cost, duration_us, first_byte_us, overhead_us)"
    ),
    concat!(
        " ON CONFLICT (hour, account_id, project_id, key_id, model, provider_id) DO UPDATE SET
    calls = usage_hour.calls + excluded.calls, errors = usage_hour.errors + excluded.errors, ",
        buckets!("", " = usage_hour.", " + excluded."),
        ", images = usage_hour.images + excluded.images, estimated = usage_hour.estimated + excluded.estimated,
    estimated_charge = usage_hour.estimated_charge + excluded.estimated_charge, charge = usage_hour.charge + excluded.charge,
    cost = usage_hour.cost + excluded.cost, duration_us = usage_hour.duration_us + excluded.duration_us,
    first_byte_us = usage_hour.first_byte_us + excluded.first_byte_us,
    overhead_us = usage_hour.overhead_us + excluded.overhead_us"
    ),
);

/// Processes that know of no migration as late as this one count neither pictures nor estimates.
pub(super) const COUNTED_SINCE: i64 = 42;
/// Where those stand among the sums.
pub(crate) const COUNTED_LATELY: std::ops::Range<usize> = 12..15;

/// What one call adds, or many together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Sums {
    pub calls: i64,
    pub errors: i64,
    #[sqlx(flatten)]
    pub usage: Buckets,
    /// Pictures that came.
    pub images: i64,
    /// Calls whose usage is the hub's estimate, and what those were charged.
    pub estimated: i64,
    pub estimated_charge: i64,
    pub charge: i64,
    pub cost: i64,
    pub duration_us: i64,
    pub first_byte_us: i64,
    pub overhead_us: i64,
}

impl Sums {
    /// In the order of the columns.
    pub fn listed(&self) -> [i64; SUMS] {
        let mut sums = [0; SUMS];
        let rest = [
            self.images,
            self.estimated,
            self.estimated_charge,
            self.charge,
            self.cost,
            self.duration_us,
            self.first_byte_us,
            self.overhead_us,
        ];
        let parts = [self.calls, self.errors]
            .into_iter()
            .chain(self.usage.listed())
            .chain(rest);
        for (sum, part) in sums.iter_mut().zip(parts) {
            *sum = part;
        }
        sums
    }

    /// With how many pictures came, and whether usage and charge are an estimate.
    pub const fn told(self, images: i64, is_estimate: bool) -> Self {
        let (estimated, estimated_charge) = if is_estimate { (self.calls, self.charge) } else { (0, 0) };
        Self {
            images,
            estimated,
            estimated_charge,
            ..self
        }
    }
}

/// How many pictures a call's row tells of.
pub(crate) fn images(drawn: Option<&str>) -> i64 {
    let drawn: Option<Drawn> = drawn.and_then(|text| text.parse().ok());
    drawn.map_or(0, |drawn| count(&drawn))
}

fn count(drawn: &Drawn) -> i64 {
    i64::try_from(drawn.count).unwrap_or(i64::MAX)
}

/// Whose sums: hour, account, project, key, model, provider. In this order rows are written by everybody, so nobody waits in a circle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place<'a>(i64, i64, i64, i64, &'a str, i64);

/// What is added to one row.
pub(super) type Sum<'a> = (Place<'a>, [i64; SUMS]);

/// Adds the calls among these that have ended.
pub(crate) async fn add<'a>(tx: &mut Tx, calls: impl Iterator<Item = &'a CallRow>) -> Result<(), StoreError> {
    write(tx, sums(calls)).await
}

/// What the calls among these that have ended add.
pub(super) fn sums<'a>(calls: impl Iterator<Item = &'a CallRow>) -> Vec<Sum<'a>> {
    let mut sums: BTreeMap<Place<'_>, [i64; SUMS]> = BTreeMap::new();
    for call in calls.filter(|call| call.state != CallState::Open) {
        let place = Place(
            call.started_at.microseconds().div_euclid(HOUR) * HOUR,
            call.account.number(),
            call.project.number(),
            call.key.map_or(0, KeyId::number),
            // A name that does not exist is the caller's invention, and there is no end of those.
            call.model_served.as_deref().unwrap_or_default(),
            call.provider_id.map_or(0, domain::id::ProviderId::number),
        );
        let sum = sums.entry(place).or_default();
        for (sum, more) in sum.iter_mut().zip(of(call)) {
            *sum = sum.saturating_add(more);
        }
    }
    sums.into_iter().collect()
}

/// What calls that stand have added, but for where they are found: each database takes the list of their ids in its own way.
macro_rules! standing {
    ($from:literal) => {
        concat!(
            "SELECT id, CAST(CASE state WHEN 'open' THEN 0 ELSE 1 END AS BIGINT) AS ended, started_at, COALESCE(account_id, person_id) AS account_id,
                COALESCE(project_id, person_id) AS project_id, key_id, model_served, provider_id,
                CAST(CASE WHEN state IN ('failed', 'interrupted') THEN 1 ELSE 0 END AS BIGINT) AS failed,
                ",
            buckets!(),
            ", drawn, usage_source, COALESCE(charge, 0) AS charge, COALESCE(cost, 0) AS cost,
                COALESCE(duration_us, 0) AS duration_us, COALESCE(first_byte_us, 0) AS first_byte_us,
                COALESCE(overhead_us, 0) AS overhead_us
             FROM ",
            $from
        )
    };
}
const STANDING_SQLITE: &str = standing!("call WHERE id IN (SELECT value FROM json_each($1))");
/// Here two ends of one call may be under way at once, by the recorder and by the shared ledger. Whoever comes second waits for the
/// first, and sees what it has added: the rows are locked, and only then is their state looked at (`OFFSET 0` keeps it so).
const STANDING_POSTGRES: &str =
    standing!("(SELECT * FROM call WHERE id = ANY($1) ORDER BY id OFFSET 0 FOR UPDATE) AS standing");

/// A call whose row stands.
#[derive(sqlx::FromRow)]
struct Standing {
    id: i64,
    /// One, when it has ended: then the sums have what follows.
    ended: i64,
    started_at: i64,
    account_id: i64,
    project_id: i64,
    key_id: Option<i64>,
    model_served: Option<String>,
    provider_id: Option<i64>,
    failed: i64,
    #[sqlx(flatten)]
    usage: Buckets,
    drawn: Option<String>,
    usage_source: String,
    charge: i64,
    cost: i64,
    duration_us: i64,
    first_byte_us: i64,
    overhead_us: i64,
}

/// Takes out of the sums what calls added that have ended before and now end in another way. To be called before their rows
/// are written: what they add then is the whole again. Answers with those whose rows stand.
pub(crate) async fn take_back(
    tx: &mut Tx,
    calls: impl Iterator<Item = &CallRow>,
) -> Result<HashSet<CallId>, StoreError> {
    let ids: Vec<i64> = calls
        .filter(|call| call.state != CallState::Open)
        .map(|call| call.id.number())
        .collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let list = serde_json::to_string(&ids).unwrap_or_default();
    let standing: Vec<Standing> = match tx {
        Tx::Sqlite(tx) => sqlx::query_as(STANDING_SQLITE).bind(list).fetch_all(&mut **tx).await?,
        Tx::Postgres(tx) => sqlx::query_as(STANDING_POSTGRES).bind(ids).fetch_all(&mut **tx).await?,
    };
    let mut sums: BTreeMap<Place<'_>, [i64; SUMS]> = BTreeMap::new();
    for call in standing.iter().filter(|call| call.ended == 1) {
        let place = Place(
            call.started_at.div_euclid(HOUR) * HOUR,
            call.account_id,
            call.project_id,
            call.key_id.unwrap_or_default(),
            call.model_served.as_deref().unwrap_or_default(),
            call.provider_id.unwrap_or_default(),
        );
        let sum = sums.entry(place).or_default();
        for (sum, less) in sum.iter_mut().zip(call.added()) {
            *sum = sum.saturating_sub(less);
        }
    }
    write(tx, sums).await?;
    Ok(standing.iter().map(|call| CallId::from_number(call.id)).collect())
}

impl Standing {
    /// In the order of the columns.
    fn added(&self) -> [i64; SUMS] {
        let sums = Sums {
            calls: 1,
            errors: self.failed,
            usage: self.usage,
            charge: self.charge,
            cost: self.cost,
            duration_us: self.duration_us,
            first_byte_us: self.first_byte_us,
            overhead_us: self.overhead_us,
            ..Sums::default()
        };
        let is_estimate = self.usage_source == UsageSource::Estimated.as_str();
        sums.told(images(self.drawn.as_deref()), is_estimate).listed()
    }
}

/// A call that ended with its process: when it began, who pays, of which project, with which key, which model and provider,
/// which call, and what it had reserved of limits.
pub(crate) type Interrupted = (
    i64,
    i64,
    i64,
    Option<i64>,
    Option<String>,
    Option<i64>,
    i64,
    Option<String>,
);

/// Adds calls that ended with their process. What they used nobody knows.
pub(crate) async fn add_interrupted(tx: &mut Tx, calls: &[Interrupted]) -> Result<(), StoreError> {
    let mut sums: BTreeMap<Place<'_>, [i64; SUMS]> = BTreeMap::new();
    for (started_at, account, project, key, model, provider, ..) in calls {
        let place = Place(
            started_at.div_euclid(HOUR) * HOUR,
            *account,
            *project,
            key.unwrap_or_default(),
            model.as_deref().unwrap_or_default(),
            provider.unwrap_or_default(),
        );
        let [calls, errors, ..] = sums.entry(place).or_default();
        (*calls, *errors) = (*calls + 1, *errors + 1);
    }
    write(tx, sums).await?;
    let limited = calls
        .iter()
        .map(|(.., call, limited)| (CallId::from_number(*call), limited.clone()));
    limits::add_lost(tx, &limited.collect::<Vec<_>>()).await
}

async fn write(tx: &mut Tx, sums: impl IntoIterator<Item = Sum<'_>>) -> Result<(), StoreError> {
    let rows: Vec<Sum<'_>> = sums.into_iter().collect();
    match tx {
        Tx::Sqlite(tx) => {
            for piece in pieces(&rows) {
                HOURS.of(&piece, bind).execute(&mut **tx).await?;
            }
        }
        Tx::Postgres(tx) => {
            for piece in pieces(&rows) {
                HOURS.of(&piece, bind).execute(&mut **tx).await?;
            }
        }
    }
    Ok(())
}

/// Microseconds.
const DAY: i64 = 24 * HOUR;

#[derive(sqlx::FromRow)]
struct DayRow {
    day: i64,
    model: String,
    calls: i64,
    errors: i64,
    #[sqlx(flatten)]
    usage: Buckets,
    charge: i64,
}

impl DayRow {
    fn told(self) -> Result<DayUsage, StoreError> {
        Ok(DayUsage {
            day: Timestamp(self.day),
            model: self.model,
            calls: self.calls,
            errors: self.errors,
            usage: self.usage.into(),
            charge: Amount::from_nano(self.charge).ok_or(StoreError::Row {
                table: "usage_hour",
                column: "charge",
            })?,
        })
    }
}

macro_rules! days {
    ($column:literal) => {
        concat!(
            "SELECT hour / $4 * $4 AS day, model, CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(errors) AS BIGINT) AS errors,
                ",
            buckets!("CAST(SUM(", ") AS BIGINT) AS "),
            ", CAST(SUM(charge) AS BIGINT) AS charge
             FROM usage_hour WHERE ",
            $column,
            " = $1 AND hour >= $2 AND hour < $3 GROUP BY 1, 2 ORDER BY 1, 2"
        )
    };
}
const OF_KEY: &str = days!("key_id");
const OF_PROJECT: &str = days!("project_id");

/// The sums of a key's hours, by day and model.
pub(crate) async fn days(
    store: &Store,
    key: KeyId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<DayUsage>, StoreError> {
    let (from, until) = (from.microseconds(), until.microseconds());
    let rows = fetch_all!(store, DayRow, OF_KEY, key.number(), from, until, DAY)?;
    rows.into_iter().map(DayRow::told).collect()
}

/// The sums of a project's hours, by day and model.
pub(crate) async fn days_of_project(
    store: &Store,
    project: ProjectId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<DayUsage>, StoreError> {
    let (from, until) = (from.microseconds(), until.microseconds());
    let rows = fetch_all!(store, DayRow, OF_PROJECT, project.number(), from, until, DAY)?;
    rows.into_iter().map(DayRow::told).collect()
}

#[derive(sqlx::FromRow)]
struct EstimatesRow {
    provider_id: i64,
    title: Option<String>,
    calls: i64,
    estimated: i64,
    charge: i64,
    estimated_charge: i64,
}

const ESTIMATES: &str = "SELECT u.provider_id, p.title, CAST(SUM(u.calls) AS BIGINT) AS calls,
        CAST(SUM(u.estimated) AS BIGINT) AS estimated, CAST(SUM(u.charge) AS BIGINT) AS charge,
        CAST(SUM(u.estimated_charge) AS BIGINT) AS estimated_charge
     FROM usage_hour u LEFT JOIN provider p ON p.id = u.provider_id WHERE u.hour >= $1 AND u.provider_id <> 0
     GROUP BY u.provider_id, p.title ORDER BY 6 DESC, 4 DESC, u.provider_id";

/// What was charged by estimates, by the provider, of hours that began then or later.
pub(crate) async fn estimates(store: &Store, since: Timestamp) -> Result<Vec<Estimates>, StoreError> {
    let rows = fetch_all!(store, EstimatesRow, ESTIMATES, since.microseconds())?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let sum = |nano: i64, column| {
        Amount::from_nano(nano).ok_or(StoreError::Row {
            table: "usage_hour",
            column,
        })
    };
    let told = |row: EstimatesRow| {
        Ok(Estimates {
            id: ProviderId::from_number(row.provider_id),
            provider: row.title,
            calls: count(row.calls),
            estimated: count(row.estimated),
            charge: sum(row.charge, "charge")?,
            estimated_charge: sum(row.estimated_charge, "estimated_charge")?,
        })
    };
    rows.into_iter().map(told).collect()
}

/// What one call adds, in the order of the columns.
fn of(call: &CallRow) -> [i64; SUMS] {
    let failed = matches!(call.state, CallState::Failed | CallState::Interrupted);
    let sums = Sums {
        calls: 1,
        errors: i64::from(failed),
        usage: Buckets::from(&call.usage),
        charge: call.money.charge.map_or(0, Amount::nano),
        cost: call.money.cost.map_or(0, Amount::nano),
        duration_us: call.duration.map_or(0, |span| span.0),
        first_byte_us: call.first_byte.map_or(0, |span| span.0),
        overhead_us: call.overhead.map_or(0, |span| span.0),
        ..Sums::default()
    };
    let is_estimate = call.usage_source == UsageSource::Estimated;
    sums.told(call.drawn.as_ref().map_or(0, count), is_estimate).listed()
}

pub(super) fn bind<'q, DB: Database, V: Values<'q, DB>>(query: V, (place, sums): &'q Sum<'q>) -> V
where
    i64: Encode<'q, DB> + Type<DB>,
    &'q str: Encode<'q, DB> + Type<DB>,
{
    let Place(hour, account, project, key, model, provider) = place;
    let query = query
        .put(*hour)
        .put(*account)
        .put(*project)
        .put(*key)
        .put(*model)
        .put(*provider);
    sums.iter().fold(query, |query, sum| query.put(*sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_lately_stands_where_it_is_looked_for() {
        let sums = Sums {
            calls: 3,
            charge: 7,
            ..Sums::default()
        };
        let (without, with) = (sums.listed(), sums.told(5, true).listed());
        let changed: Vec<usize> = (0..SUMS).filter(|place| without[*place] != with[*place]).collect();
        assert_eq!(changed, COUNTED_LATELY.collect::<Vec<_>>());
        assert_eq!(with[COUNTED_LATELY], [5, 3, 7]);
    }
}
