//! Lists that are narrowed by a filter, a page at a time: what people and the list of changes have in common. The rows, the table and
//! the conditions are each list's own. And what every filter has in common that people type, of calls and of the search too: whether
//! it can match at all.

/// Whether a text that somebody typed can be part of anything that is stored. Control characters are in no name, address or id, and
/// PostgreSQL takes no text with a NUL, at which SQLite's patterns end.
pub(crate) fn can_match(typed: &str) -> bool {
    !typed.chars().any(char::is_control)
}

/// Adds a condition that nothing meets, and is true, when one of these typed texts can match nothing. They must not be bound then.
pub(super) fn matches_nothing<DB: sqlx::Database>(query: &mut sqlx::QueryBuilder<DB>, typed: &[Option<&str>]) -> bool {
    let nothing = !typed.iter().flatten().all(|text| can_match(text));
    if nothing {
        query.push(" AND 1 = 0");
    }
    nothing
}

/// One more row than a page holds, in the order of the cursor. `$select` ends in `WHERE 1 = 1`; `$push` adds the conditions.
macro_rules! filtered_page {
    ($store:expr, $row:ty, $select:expr, $push:path, $filter:expr, $column:literal, $cursor:expr, $size:expr) => {{
        macro_rules! read {
            ($pool:expr) => {{
                let mut query = sqlx::QueryBuilder::new($select);
                $push(&mut query, $filter);
                crate::store::calls::push_cursor!(query, $column, $cursor, $size);
                query.build_query_as::<$row>().fetch_all($pool).await?
            }};
        }
        let rows: Vec<$row> = match $store {
            crate::store::Store::Sqlite(pools) => read!(&pools.read),
            crate::store::Store::Postgres(pool) => read!(&mut pool.acquire().await?),
        };
        rows
    }};
}

/// How many rows of `$table` match, counted up to `$cap`.
macro_rules! filtered_count {
    ($store:expr, $table:literal, $push:path, $filter:expr, $cap:expr) => {{
        macro_rules! read {
            ($pool:expr) => {{
                let start = concat!("SELECT COUNT(*) FROM (SELECT 1 FROM ", $table, " WHERE 1 = 1");
                let mut query = sqlx::QueryBuilder::new(start);
                $push(&mut query, $filter);
                query.push(" LIMIT ").push_bind($cap).push(") AS matches");
                query.build_query_scalar::<i64>().fetch_one($pool).await?
            }};
        }
        match $store {
            crate::store::Store::Sqlite(pools) => read!(&pools.read),
            crate::store::Store::Postgres(pool) => read!(&mut pool.acquire().await?),
        }
    }};
}

pub(super) use {filtered_count, filtered_page};

#[cfg(test)]
mod tests {
    use super::can_match;

    #[test]
    fn control_characters_match_nothing() {
        for nothing in ["\0", "a\0b", "\u{7}", "\u{7f}", "\u{85}", "a\n"] {
            assert!(!can_match(nothing), "{nothing:?}");
        }
        for typed in ["", "ada", "阿达", "50%_\\", "é 😀"] {
            assert!(can_match(typed), "{typed:?}");
        }
    }
}
