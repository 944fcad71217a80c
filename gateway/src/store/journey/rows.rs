//! Rows as values of PostgreSQL: the types of migrations 0037, 0039 and 0042, whose columns are in the order in which each row's own file names its values.

use domain::{
    id::AccountId,
    ledger::{Effects, Seq},
};
use sqlx::{
    Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, types::PgRecordEncoder},
};

use crate::store::{
    calls::{self, AttemptRow, CallRow},
    insert::Values,
    ledger::journal::{
        Line,
        parts::{self, EntryPart, LinePart, LotPart},
    },
    usage::{self, Sum},
};

/// A row that PostgreSQL knows as a type.
pub(super) trait Row {
    /// The type's name, and that of a list of such.
    const NAMES: [&'static str; 2];

    /// Its values, in the order of the type's columns.
    fn put_into<'q, V: Values<'q, Postgres>>(&'q self, values: V) -> V;
}

/// A row on its way.
#[derive(Debug)]
pub(super) struct Of<'a, T>(&'a T);

/// A list of rows on its way.
pub(super) fn all<T>(rows: &[T]) -> Vec<Of<'_, T>> {
    rows.iter().map(Of).collect()
}

impl<T: Row> Type<Postgres> for Of<'_, T> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name(T::NAMES[0])
    }
}

impl<T: Row> PgHasArrayType for Of<'_, T> {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name(T::NAMES[1])
    }
}

impl<T: Row> Encode<'_, Postgres> for Of<'_, T> {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let fields = Fields {
            encoder: PgRecordEncoder::new(buf),
            failed: None,
        };
        let Fields { mut encoder, failed } = self.0.put_into(fields);
        encoder.finish();
        failed.map_or(Ok(IsNull::No), Err)
    }
}

/// The values of one row, put one behind the other.
struct Fields<'b> {
    encoder: PgRecordEncoder<'b>,
    /// The first error.
    failed: Option<BoxDynError>,
}

impl<'q, 'b: 'q> Values<'q, Postgres> for Fields<'b> {
    fn put<T: Encode<'q, Postgres> + Type<Postgres> + 'q>(mut self, value: T) -> Self {
        if let Err(error) = self.encoder.encode(value) {
            self.failed.get_or_insert(error);
        }
        self
    }
}

/// An account that is moved.
pub(super) struct Step<'a> {
    account: AccountId,
    /// Where it stands before.
    before: Seq,
    moved: Option<i64>,
    /// Where it stands afterwards: nowhere else where only holds are written.
    last: Option<(&'a Effects, &'a Line)>,
}

impl<'a> Step<'a> {
    /// What is booked moves it.
    pub fn of(step: &parts::Step<'a>, moved: Option<i64>) -> Self {
        Self {
            account: step.account,
            before: Seq(step.before),
            moved,
            last: Some((step.last, step.line)),
        }
    }

    /// Holds are put on it.
    pub const fn held(account: AccountId, stands: Seq, moved: Option<i64>) -> Self {
        Self {
            account,
            before: stands,
            moved,
            last: None,
        }
    }

    pub const fn account(&self) -> AccountId {
        self.account
    }
}

impl Row for Step<'_> {
    const NAMES: [&'static str; 2] = ["account_step", "_account_step"];

    fn put_into<'q, V: Values<'q, Postgres>>(&'q self, values: V) -> V {
        let values = values
            .put(self.account.number())
            .put(self.before.0)
            .put(self.moved)
            .put(self.last.map_or(self.before, |(last, _)| last.seq).0);
        let after = self.last.map(|(last, _)| &last.after);
        values
            .put(self.last.map(|(last, _)| last.booked_at.microseconds()))
            .put(self.last.map(|(_, line)| &*line.hash))
            .put(after.map(|after| after.balance.nano()))
            .put(after.map(|after| after.debt.nano()))
            .put(after.map(|after| after.status.as_str()))
    }
}

impl Row for &CallRow {
    const NAMES: [&'static str; 2] = ["call_row", "_call_row"];

    fn put_into<'q, V: Values<'q, Postgres>>(&'q self, values: V) -> V {
        calls::bind_call(values, self)
    }
}

impl Row for &AttemptRow {
    const NAMES: [&'static str; 2] = ["attempt_row", "_attempt_row"];

    fn put_into<'q, V: Values<'q, Postgres>>(&'q self, values: V) -> V {
        calls::bind_attempt(values, self)
    }
}

impl Row for Sum<'_> {
    const NAMES: [&'static str; 2] = ["usage_sums_row", "_usage_sums_row"];

    fn put_into<'q, V: Values<'q, Postgres>>(&'q self, values: V) -> V {
        usage::bind(values, self)
    }
}

impl Row for LotPart<'_> {
    const NAMES: [&'static str; 2] = ["lot_row", "_lot_row"];

    fn put_into<'q, V: Values<'q, Postgres>>(&'q self, values: V) -> V {
        parts::bind_lot(values, self)
    }
}

impl Row for EntryPart<'_> {
    const NAMES: [&'static str; 2] = ["ledger_entry_row", "_ledger_entry_row"];

    fn put_into<'q, V: Values<'q, Postgres>>(&'q self, values: V) -> V {
        parts::bind_entry(values, self)
    }
}

impl Row for LinePart<'_> {
    const NAMES: [&'static str; 2] = ["ledger_line_row", "_ledger_line_row"];

    fn put_into<'q, V: Values<'q, Postgres>>(&'q self, values: V) -> V {
        parts::bind_line(values, self)
    }
}
