//! Lists that are narrowed by a filter, a page at a time: what people and the list of changes have in common. The rows, the table and
//! the conditions are each list's own.

/// One more row than a page holds, in the order of the cursor. `$select` ends in `WHERE 1 = 1`; `$push` adds the conditions.
macro_rules! filtered_page {
    ($store:expr, $row:ty, $select:literal, $push:path, $filter:expr, $column:literal, $cursor:expr, $size:expr) => {{
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
            crate::store::Store::Postgres(pool) => read!(pool),
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
            crate::store::Store::Postgres(pool) => read!(pool),
        }
    }};
}

pub(super) use {filtered_count, filtered_page};
