//! Writes calls and attempts in batches: one statement for many rows, one transaction for a batch.

use domain::{
    catalog::ProviderKind,
    id::{CredentialId, KeyId, ProviderId},
};
use sqlx::{Database, Encode, QueryBuilder, Type, query_builder::Separated};

use super::{AttemptRow, CallRow};
use crate::store::{Store, StoreError, Tx};

/// Rows a statement. Few sizes keep few prepared statements; the largest stays under SQLite's and PostgreSQL's limits of
/// bound values.
const CHUNKS: [usize; 4] = [64, 16, 4, 1];

const CALL_COLUMNS: &str = "INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, status, person_id, key_id,
    model_asked, model_served, provider_id, provider, finish_reason, input_uncached, cache_read, cache_write_5m, cache_write_1h,
    input_audio, input_image, output_text, output_reasoning, output_audio, output_image, provider_kind, usage_source, raw_usage, first_byte_us, duration_us,
    overhead_us, fault, error_code, error_message, agent, attempts) ";

/// A call that stands already is completed. One that a sweeper closed meanwhile is completed too: we know better.
const CALL_CONFLICT: &str = " ON CONFLICT (id) DO UPDATE SET state = excluded.state, status = excluded.status,
    streamed = excluded.streamed, model_served = excluded.model_served, provider_id = excluded.provider_id,
    provider = excluded.provider, finish_reason = excluded.finish_reason, input_uncached = excluded.input_uncached,
    cache_read = excluded.cache_read, cache_write_5m = excluded.cache_write_5m, cache_write_1h = excluded.cache_write_1h,
    input_audio = excluded.input_audio, input_image = excluded.input_image, output_text = excluded.output_text,
    output_reasoning = excluded.output_reasoning, output_audio = excluded.output_audio,
    output_image = excluded.output_image, provider_kind = excluded.provider_kind, usage_source = excluded.usage_source,
    raw_usage = excluded.raw_usage, first_byte_us = excluded.first_byte_us, duration_us = excluded.duration_us,
    overhead_us = excluded.overhead_us, fault = excluded.fault, error_code = excluded.error_code,
    error_message = excluded.error_message, attempts = excluded.attempts
    WHERE call.process_id = excluded.process_id";

const ATTEMPT_COLUMNS: &str =
    "INSERT INTO attempt (id, call_id, number, provider_id, provider, credential_id, credential, model,
    started_at, status, first_byte_us, duration_us, upstream_request_id, fault, error_code, error_message) ";
/// A batch whose commit was not confirmed is written again.
const ATTEMPT_CONFLICT: &str = " ON CONFLICT (id) DO NOTHING";

/// Writes all rows in one transaction.
pub(crate) async fn write(store: &Store, calls: &[&CallRow], attempts: &[&AttemptRow]) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    match &mut tx {
        Tx::Sqlite(tx) => {
            for chunk in chunks(calls) {
                call_statement(chunk).build().execute(&mut **tx).await?;
            }
            for chunk in chunks(attempts) {
                attempt_statement(chunk).build().execute(&mut **tx).await?;
            }
        }
        Tx::Postgres(tx) => {
            for chunk in chunks(calls) {
                call_statement(chunk).build().execute(&mut **tx).await?;
            }
            for chunk in chunks(attempts) {
                attempt_statement(chunk).build().execute(&mut **tx).await?;
            }
        }
    }
    tx.commit().await
}

/// Cuts rows into pieces of the sizes in [`CHUNKS`], largest first.
fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = CHUNKS.into_iter().find(|size| *size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// A database that takes our column types.
trait Columns: Database {}
impl<DB: Database> Columns for DB {}

/// Counts beyond 63 bits cannot be stored; no call comes near.
fn count(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

fn call_statement<'a, DB>(rows: &'a [&'a CallRow]) -> QueryBuilder<DB>
where
    DB: Columns,
    i64: Encode<'a, DB> + Type<DB>,
    Option<i64>: Encode<'a, DB> + Type<DB>,
    &'a str: Encode<'a, DB> + Type<DB>,
    Option<&'a str>: Encode<'a, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(CALL_COLUMNS);
    query.push_values(rows, |mut values: Separated<'_, DB, &'static str>, row| {
        let usage = &row.usage;
        values
            .push_bind(row.id.number())
            .push_bind(row.process.number())
            .push_bind(row.started_at.microseconds())
            .push_bind(row.endpoint.as_str())
            .push_bind(row.door.as_str())
            .push_bind(i64::from(row.streamed))
            .push_bind(row.state.as_str())
            .push_bind(row.status.map(i64::from))
            .push_bind(row.user.number())
            .push_bind(row.key.map(KeyId::number))
            .push_bind(row.model_asked.as_str())
            .push_bind(row.model_served.as_deref())
            .push_bind(row.provider_id.map(ProviderId::number))
            .push_bind(row.provider.as_deref())
            .push_bind(row.finish_reason.as_deref())
            .push_bind(count(usage.input_uncached))
            .push_bind(count(usage.cache_read))
            .push_bind(count(usage.cache_write_5m))
            .push_bind(count(usage.cache_write_1h))
            .push_bind(count(usage.input_audio))
            .push_bind(count(usage.input_image))
            .push_bind(count(usage.output_text))
            .push_bind(count(usage.output_reasoning))
            .push_bind(count(usage.output_audio))
            .push_bind(count(usage.output_image))
            .push_bind(row.provider_kind.map(ProviderKind::as_str))
            .push_bind(row.usage_source.as_str())
            .push_bind(row.raw_usage.as_deref())
            .push_bind(row.first_byte.map(|span| span.0))
            .push_bind(row.duration.map(|span| span.0))
            .push_bind(row.overhead.map(|span| span.0))
            .push_bind(row.failure.as_ref().map(|failure| failure.fault.as_str()))
            .push_bind(row.failure.as_ref().map(|failure| failure.code.as_str()))
            .push_bind(row.failure.as_ref().map(|failure| failure.message.as_str()))
            .push_bind(row.agent.as_deref())
            .push_bind(row.attempts);
    });
    query.push(CALL_CONFLICT);
    query
}

fn attempt_statement<'a, DB>(rows: &'a [&'a AttemptRow]) -> QueryBuilder<DB>
where
    DB: Columns,
    i64: Encode<'a, DB> + Type<DB>,
    Option<i64>: Encode<'a, DB> + Type<DB>,
    &'a str: Encode<'a, DB> + Type<DB>,
    Option<&'a str>: Encode<'a, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new(ATTEMPT_COLUMNS);
    query.push_values(rows, |mut values: Separated<'_, DB, &'static str>, row| {
        values
            .push_bind(row.id.number())
            .push_bind(row.call.number())
            .push_bind(row.number)
            .push_bind(row.provider_id.number())
            .push_bind(row.provider.as_str())
            .push_bind(row.credential_id.map(CredentialId::number))
            .push_bind(row.credential.as_deref())
            .push_bind(row.model.as_str())
            .push_bind(row.started_at.microseconds())
            .push_bind(row.status.map(i64::from))
            .push_bind(row.first_byte.map(|span| span.0))
            .push_bind(row.duration.0)
            .push_bind(row.upstream_request_id.as_deref())
            .push_bind(row.failure.as_ref().map(|failure| failure.fault.as_str()))
            .push_bind(row.failure.as_ref().map(|failure| failure.code.as_str()))
            .push_bind(row.failure.as_ref().map(|failure| failure.message.as_str()));
    });
    query.push(ATTEMPT_CONFLICT);
    query
}

#[cfg(test)]
mod tests {
    use super::chunks;

    #[test]
    fn chunks_hold_every_row_once_and_in_order() {
        for length in [0, 1, 3, 4, 15, 64, 65, 200] {
            let rows: Vec<usize> = (0..length).collect();
            let joined: Vec<usize> = chunks(&rows).flatten().copied().collect();
            assert_eq!(joined, rows);
        }
    }
}
