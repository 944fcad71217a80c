//! A whole batch of the recorder in one or two journeys to SQLite's thread. Each statement that is sent alone wakes that
//! thread and is answered by being woken; here a transaction of new calls, from `BEGIN` to `COMMIT`, is one text of several
//! statements. Batches of any other kind go statement by statement (`calls::write`, `journal::write`). Called by `recorder`.
//!
//! What is refused here says no more than that: whoever wants to know which row or which account is to blame writes the batch once
//! more, statement by statement.
//!
//! Calls that only begin do not wait for the disk (`unsynced`).

use std::{ops::Range, sync::OnceLock};

use domain::{call::CallState, id::ProcessId};
use sqlx::{
    Arguments as _, Encode, Sqlite, Type, error::BoxDynError, pool::PoolConnection, query::Query,
    sqlite::SqliteArguments,
};

use super::{
    SqlitePools, StoreError,
    calls::{self, Rows},
    insert::{Values, pieces},
    ledger::journal::{
        Booked,
        parts::{self, Pair, Parts},
    },
    process,
    usage::{self, Sum},
};

/// Calls a text at the most: SQLite keeps each text prepared, with room for all of its values.
const CALLS: usize = 24;
/// Sums of hours a text at the most, and of accounts with a lot each.
const SUMS: usize = 8;

/// What a text holds.
#[derive(Clone, Copy, Default)]
struct Shape {
    /// It begins the transaction.
    first: bool,
    /// So many calls.
    calls: usize,
    /// What of each.
    kind: Kind,
    /// So many sums of hours; where calls are charged, so many accounts and lots as well.
    sums: usize,
    /// It commits, and counts the batch where that is asked for: who looks for beginnings whose commit was not confirmed looks
    /// for their rows.
    last: bool,
}

/// A text, and how many values it has a place for.
struct Text {
    text: String,
    places: usize,
}

/// Texts by how many calls, how many sums, and whether they are the last.
type Texts = [[[OnceLock<Text>; 2]; SUMS + 1]; CALLS + 1];

/// The texts by their shapes: by whether they are the first, by their kind, and the rest.
static TEXTS: [[Texts; 3]; 2] =
    [const { [const { [const { [const { [const { OnceLock::new() }; 2] }; SUMS + 1] }; CALLS + 1] }; 3] }; 2];

/// What a batch that is written here consists of: nothing but new calls, and no answer of theirs that its provider keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// They begin.
    #[default]
    Beginnings,
    /// They have ended, each after one attempt and without limits.
    Ends,
    /// So they have, and each was charged.
    Charged,
}

impl Kind {
    /// None: the batch goes statement by statement.
    pub fn of(rows: &Rows<'_>, booked: &[&Booked]) -> Option<Self> {
        if !rows.known.is_empty() || rows.new.is_empty() || rows.new.iter().any(|row| row.kept.is_some()) {
            return None;
        }
        let begins = rows.attempts.is_empty() && rows.new.iter().all(|row| row.state == CallState::Open);
        let ends = rows.new.len() == rows.attempts.len() && rows.new.iter().all(|row| row.limited.is_none());
        match (begins, ends, booked) {
            (true, _, []) => Some(Self::Beginnings),
            (false, true, []) => Some(Self::Ends),
            (false, true, booked) => {
                let charged = booked.len() == rows.new.len() && booked.iter().all(|one| is_a_charge(one));
                charged.then_some(Self::Charged)
            }
            _ => None,
        }
    }
}

/// It is a transaction that stands whole in its row, its call's row says all else, and nobody did it by hand.
fn is_a_charge(booked: &Booked) -> bool {
    booked.in_row
        && booked.line.is_some()
        && booked.note.is_none()
        && booked.once.is_none()
        && Pair::of(&booked.effects).is_some()
}

/// Writes a batch in a transaction of its own, which counts the batch for the process.
pub(crate) async fn write(
    pools: &SqlitePools,
    kind: Kind,
    (rows, booked): (&Rows<'_>, &[&Booked]),
    process: ProcessId,
    batch: i64,
) -> Result<(), StoreError> {
    let sums: Vec<Sum<'_>> = usage::sums(rows.new.iter().copied());
    let books = Parts::of(booked);
    // Usually each account is called with one key, and pays out of one lot. Then each text holds as many of all three.
    let apart = kind == Kind::Charged && (sums.len() != books.lots.len() || sums.len() != books.steps.len());
    let mut steps = cut(rows.new.len(), if apart { 0 } else { sums.len() });
    if apart {
        steps.push((rows.new.len()..rows.new.len(), 0..0));
    }
    let connection = match (kind, &pools.unsynced) {
        (Kind::Beginnings, Some(unsynced)) => unsynced.acquire(&pools.write).await?,
        _ => pools.write.acquire().await?,
    };
    let mut open = Open(Some(connection));
    for (step, (of_calls, of_sums)) in steps.iter().enumerate() {
        let shape = Shape {
            first: step == 0,
            calls: of_calls.len(),
            kind,
            sums: of_sums.len(),
            last: step + 1 == steps.len(),
        };
        if apart && shape.last {
            for piece in pieces(&sums) {
                open.run(usage::HOURS.of(&piece, usage::bind)).await?;
            }
            for piece in pieces(&books.lots) {
                open.run(parts::LOTS_LEFT.of(&piece, parts::bind_lot_left)).await?;
            }
            for piece in pieces(&books.steps) {
                open.run(parts::ACCOUNTS_OR_NONE.of(&piece, parts::bind_step)).await?;
            }
        }
        let Text { text, places } = shape.known();
        let mut bound = Bound::with_room_for(*places);
        bound = rows.new[of_calls.clone()].iter().fold(bound, calls::bind_call);
        if kind != Kind::Beginnings {
            bound = rows.attempts[of_calls.clone()].iter().fold(bound, calls::bind_attempt);
        }
        if kind == Kind::Charged {
            bound = books.lines[of_calls.clone()].iter().fold(bound, parts::bind_line);
        }
        bound = sums[of_sums.clone()].iter().fold(bound, usage::bind);
        if kind == Kind::Charged {
            bound = books.lots[of_sums.clone()].iter().fold(bound, parts::bind_lot_left);
            bound = books.steps[of_sums.clone()].iter().fold(bound, parts::bind_step);
        }
        if shape.counts() {
            bound = bound.put(batch).put(process.number());
        }
        let arguments = bound.0.map_err(sqlx::Error::Encode)?;
        open.run(sqlx::query_with(text.as_str(), arguments)).await?;
    }
    open.end();
    Ok(())
}

/// Cuts so many calls and sums into steps. The last calls and the first sums share one.
fn cut(calls: usize, sums: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let mut steps: Vec<_> = (0..calls)
        .step_by(CALLS)
        .map(|from| (from..calls.min(from + CALLS), 0..0))
        .collect();
    for from in (0..sums).step_by(SUMS) {
        let some = from..sums.min(from + SUMS);
        match steps.last_mut().filter(|_| from == 0) {
            Some((_, shared)) => *shared = some,
            None => steps.push((calls..calls, some)),
        }
    }
    steps
}

impl Shape {
    fn known(self) -> &'static Text {
        let of_kind = &TEXTS[usize::from(self.first)][self.kind as usize];
        let place = &of_kind[self.calls][self.sums][usize::from(self.last)];
        place.get_or_init(|| {
            let text = self.text();
            let places = text.matches('?').count();
            Text { text, places }
        })
    }

    fn text(self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if self.first {
            parts.push("BEGIN IMMEDIATE".to_owned());
        }
        let ended = if self.kind == Kind::Beginnings { 0 } else { self.calls };
        let (charged, paid) = match self.kind {
            Kind::Charged => (self.calls, self.sums),
            _ => (0, 0),
        };
        let inserts = [
            (&calls::NEW_CALLS, self.calls),
            (&calls::ATTEMPTS, ended),
            (&parts::LINES, charged),
            (&usage::HOURS, self.sums),
            (&parts::LOTS_LEFT, paid),
            (&parts::ACCOUNTS_OR_NONE, paid),
        ];
        let inserts = inserts.into_iter().filter(|(_, rows)| *rows > 0);
        parts.extend(inserts.map(|(insert, rows)| insert.sqlite_text(rows)));
        if self.counts() {
            parts.push(process::COUNT_BATCH.to_owned());
        }
        if self.last {
            parts.push("COMMIT".to_owned());
        }
        parts.join(";\n")
    }

    /// It counts the batch.
    fn counts(self) -> bool {
        self.last && self.kind != Kind::Beginnings
    }
}

/// The values of a text, or why one of them could not be put there. There are thousands: a query that takes them one by one is moved with
/// each, and makes room for them again and again.
struct Bound(Result<SqliteArguments, BoxDynError>);

impl Bound {
    fn with_room_for(values: usize) -> Self {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(values, 0);
        Self(Ok(arguments))
    }
}

impl<'q> Values<'q, Sqlite> for Bound {
    fn put<T: Encode<'q, Sqlite> + Type<Sqlite> + 'q>(mut self, value: T) -> Self {
        if let Ok(arguments) = &mut self.0
            && let Err(error) = arguments.add(value)
        {
            self.0 = Err(error);
        }
        self
    }
}

/// A connection within a transaction that the driver does not know of. Dropped before its end, it is closed, which undoes it.
struct Open(Option<PoolConnection<Sqlite>>);

impl Open {
    async fn run(&mut self, statements: Query<'_, Sqlite, SqliteArguments>) -> Result<(), StoreError> {
        let Some(connection) = &mut self.0 else {
            return Err(sqlx::Error::PoolClosed.into());
        };
        let Err(error) = statements.execute(&mut **connection).await else {
            return Ok(());
        };
        // Where there is nothing to undo the connection goes as well: it is not known to be as it should.
        if sqlx::raw_sql("ROLLBACK").execute(&mut **connection).await.is_ok() {
            self.end();
        }
        Err(error.into())
    }

    /// The transaction is over, and the connection goes back.
    fn end(&mut self) {
        drop(self.0.take());
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.0 {
            connection.close_on_drop();
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    #[test]
    fn a_text_holds_a_place_for_each_value() {
        let places = |text: &str| text.matches('?').count();
        let of = |insert: &crate::store::insert::Insert| places(&insert.sqlite_text(1));
        let shape = Shape {
            first: true,
            calls: 3,
            kind: Kind::Ends,
            sums: 2,
            last: true,
        };
        let text = shape.text();
        let wanted = 3 * (of(&calls::NEW_CALLS) + of(&calls::ATTEMPTS)) + 2 * of(&usage::HOURS) + 2;
        assert_eq!(places(&text), wanted);
        assert!(
            text.starts_with("BEGIN IMMEDIATE;") && text.ends_with(";\nCOMMIT"),
            "{text}"
        );
        assert_eq!(Shape::default().text(), "");
        let charged = Shape {
            kind: Kind::Charged,
            ..shape
        };
        let more = 3 * of(&parts::LINES) + 2 * (of(&parts::LOTS_LEFT) + of(&parts::ACCOUNTS_OR_NONE));
        assert_eq!(places(&charged.text()), wanted + more);
        let begins = Shape {
            kind: Kind::Beginnings,
            sums: 0,
            ..shape
        };
        // They are not counted.
        assert_eq!(places(&begins.text()), 3 * of(&calls::NEW_CALLS));
    }

    #[test]
    fn every_call_and_every_sum_is_in_one_step() {
        for (calls, sums, steps) in [(1, 1, 1), (24, 8, 1), (25, 8, 2), (24, 9, 2), (100, 17, 7), (3, 0, 1)] {
            let cut = cut(calls, sums);
            assert_eq!(cut.len(), steps, "{calls} calls, {sums} sums");
            let of_calls: Vec<usize> = cut.iter().flat_map(|(calls, _)| calls.clone()).collect();
            let of_sums: Vec<usize> = cut.iter().flat_map(|(_, sums)| sums.clone()).collect();
            assert_eq!(of_calls, (0..calls).collect::<Vec<_>>());
            assert_eq!(of_sums, (0..sums).collect::<Vec<_>>());
            assert!(
                cut.iter()
                    .all(|(calls, sums)| calls.len() <= CALLS && sums.len() <= SUMS)
            );
        }
    }

    /// A refused batch is undone on its connection, which goes back; one that is dropped in the middle takes its connection along.
    #[tokio::test]
    async fn nothing_stays_of_a_batch_that_does_not_come_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("a.db"))
            .create_if_missing(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .unwrap();
        let begin = async |text: &'static str| {
            let mut open = Open(Some(pool.acquire().await.unwrap()));
            open.run(sqlx::query(text)).await.unwrap();
            open
        };
        let setup = "CREATE TABLE t (n INTEGER NOT NULL CHECK (n < 10)); CREATE TEMP TABLE of_connection (n INTEGER)";
        sqlx::raw_sql(setup).execute(&pool).await.unwrap();

        let mut refused = begin("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").await;
        let error = refused.run(sqlx::query("INSERT INTO t VALUES (11)")).await.unwrap_err();
        assert!(error.blames_a_row(), "{error}");
        drop(refused);
        let mut done = begin("BEGIN IMMEDIATE; INSERT INTO t VALUES (2); COMMIT").await;
        done.end();
        // It is the same connection still.
        sqlx::query("SELECT n FROM of_connection").execute(&pool).await.unwrap();

        drop(begin("BEGIN IMMEDIATE; INSERT INTO t VALUES (3)").await);
        let mut done = begin("BEGIN IMMEDIATE; INSERT INTO t VALUES (4); COMMIT").await;
        done.end();
        let rows: Vec<(i64,)> = sqlx::query_as("SELECT n FROM t ORDER BY n")
            .fetch_all(&pool)
            .await
            .unwrap();
        assert_eq!(rows, [(2,), (4,)]);
    }
}
