//! Statements over many rows at a time: INSERT, and UPDATE from a list of values. The text is made once for each of a few
//! sizes: it would take longer to put together than the rows take to write, and few texts keep few prepared statements.

use std::{
    cell::RefCell,
    fmt::Write as _,
    sync::{Arc, OnceLock},
};

use sqlx::{Database, Encode, Sqlite, Type, query::Query};

/// Rows a statement, so that most batches need one or two: each is a journey to the thread or the server of the database.
/// The largest stays under SQLite's and PostgreSQL's limits of bound values for tables of up to 500 columns.
const SIZES: [usize; 14] = [64, 48, 32, 24, 16, 12, 8, 7, 6, 5, 4, 3, 2, 1];

/// One statement, in all sizes.
pub(crate) struct Insert {
    /// What stands before the rows: `INSERT INTO table (column, …)`, or `UPDATE table SET … FROM (`.
    head: &'static str,
    /// What stands after them: ` ON CONFLICT …` or nothing, or `) AS n WHERE …`.
    tail: &'static str,
    /// The types of a row's values, where PostgreSQL cannot tell them from the columns of a table.
    types: &'static [&'static str],
    /// For each database.
    texts: [[OnceLock<String>; SIZES.len()]; 2],
}

/// Rows that fit one of the sizes.
pub(crate) struct Piece<'a, T> {
    rows: &'a [T],
    /// Which size.
    place: usize,
}

/// Where the values of a row go, one after the other, in the order of its columns.
pub(crate) trait Values<'q, DB: Database>: Sized {
    /// Takes the next.
    #[must_use]
    fn put<T: Encode<'q, DB> + Type<DB> + 'q>(self, value: T) -> Self;
}

impl<'q, DB: Database> Values<'q, DB> for Query<'q, DB, DB::Arguments> {
    fn put<T: Encode<'q, DB> + Type<DB> + 'q>(self, value: T) -> Self {
        self.bind(value)
    }
}

/// Cuts rows into pieces, largest first.
pub(crate) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = Piece<'_, T>> {
    std::iter::from_fn(move || {
        let place = SIZES.iter().position(|size| *size <= rows.len())?;
        let (piece, rest) = rows.split_at(SIZES[place]);
        rows = rest;
        Some(Piece { rows: piece, place })
    })
}

impl Insert {
    /// The statement with this head and this clause after its values.
    pub const fn new(head: &'static str, tail: &'static str) -> Self {
        Self::from_values(head, &[], tail)
    }

    /// A statement that reads from a list of rows, with values of these types. Both databases call the columns of such a list
    /// `column1`, `column2` and so on.
    pub const fn from_values(head: &'static str, types: &'static [&'static str], tail: &'static str) -> Self {
        Self {
            head,
            tail,
            types,
            texts: [const { [const { OnceLock::new() }; SIZES.len()] }; 2],
        }
    }

    /// The statement for a piece, its values bound by `bind`: as many for each row as it has columns.
    pub fn of<'q, DB: Database, T>(
        &'static self,
        piece: &Piece<'q, T>,
        bind: impl Fn(Query<'q, DB, DB::Arguments>, &'q T) -> Query<'q, DB, DB::Arguments>,
    ) -> Query<'q, DB, DB::Arguments> {
        // SQLite looks for the name of each value, `$1` or `?1`, in a list of all of them, which took longer than anything
        // else that it does here. `?` has no name, and PostgreSQL does not know it.
        let numbered = DB::NAME != Sqlite::NAME;
        let known = &self.texts[usize::from(numbered)][piece.place];
        let text: &'static str = known.get_or_init(|| self.text(piece.rows.len(), numbered));
        piece.rows.iter().fold(sqlx::query::<DB>(text), bind)
    }

    /// The statement for so many rows on SQLite, as a part of a longer text (`script`).
    pub fn sqlite_text(&self, rows: usize) -> String {
        self.text(rows, false)
    }

    fn text(&self, rows: usize, numbered: bool) -> String {
        let width = match self.types {
            [] => self.head.matches(',').count() + 1,
            types => types.len(),
        };
        // What a row breaks undoes the whole transaction anyway. SQLite would keep a copy of each page that it changes, to
        // undo this statement alone, unless it may leave a statement half done.
        let mut text = match numbered {
            true => self.head.to_owned(),
            false => self.head.replacen("INSERT", "INSERT OR FAIL", 1),
        };
        text.push_str(" VALUES ");
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=width {
                text.push_str(if column == 1 { "" } else { ", " });
                let place = if numbered {
                    format!("${}", row * width + column)
                } else {
                    "?".to_owned()
                };
                // Writing to a string cannot fail.
                let _ = match self.types.get(column - 1).filter(|_| numbered) {
                    Some(kind) => write!(text, "CAST({place} AS {kind})"),
                    None => write!(text, "{place}"),
                };
            }
            text.push(')');
        }
        text.push_str(self.tail);
        text
    }
}

/// One of the words that rows say again and again, shared.
pub(crate) fn word(text: &'static str) -> Arc<str> {
    thread_local! {
        static WORDS: RefCell<Vec<Arc<str>>> = const { RefCell::new(Vec::new()) };
    }
    WORDS.with_borrow_mut(|words| match words.iter().find(|known| &***known == text) {
        Some(known) => Arc::clone(known),
        None => {
            let new: Arc<str> = text.into();
            words.push(Arc::clone(&new));
            new
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_every_row_once_and_in_order() {
        for length in [0, 1, 3, 4, 15, 64, 65, 200] {
            let rows: Vec<usize> = (0..length).collect();
            let joined: Vec<usize> = pieces(&rows).flat_map(|piece| piece.rows).copied().collect();
            assert_eq!(joined, rows);
        }
    }

    #[test]
    fn each_row_gets_a_place_for_each_column() {
        let insert = Insert::new("INSERT INTO t (a, b)", " ON CONFLICT DO NOTHING");
        assert_eq!(
            insert.text(2, true),
            "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            insert.text(2, false),
            "INSERT OR FAIL INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT DO NOTHING"
        );
        let update = Insert::from_values(
            "UPDATE t SET a = n.column2 FROM (",
            &["BIGINT", "TEXT"],
            ") AS n WHERE t.b = n.column1",
        );
        let rows = "(CAST($1 AS BIGINT), CAST($2 AS TEXT)), (CAST($3 AS BIGINT), CAST($4 AS TEXT))";
        assert_eq!(
            update.text(2, true),
            format!("UPDATE t SET a = n.column2 FROM ( VALUES {rows}) AS n WHERE t.b = n.column1")
        );
    }
}
