//! The ten columns in which calls and the sums of their hours keep what was used (`domain::usage::Usage`): their names for statements, and
//! a row's part of them. One list, in one order.

use domain::usage::Usage;

/// Their names, as a literal: as they are, behind one text each, or written twice or three times with texts before, between and behind.
macro_rules! buckets {
    () => {
        $crate::store::buckets!("")
    };
    ($($text:literal),+) => {
        $crate::store::buckets!([$($text)+] "input_uncached"; "cache_read" "cache_write_5m" "cache_write_1h" "input_audio" "input_image"
            "output_text" "output_reasoning" "output_audio" "output_image")
    };
    ($texts:tt $first:literal; $($next:literal)+) => {
        concat!($crate::store::buckets!($texts $first), $(", ", $crate::store::buckets!($texts $next)),+)
    };
    ([$before:literal] $name:literal) => {
        concat!($before, $name)
    };
    ([$before:literal $between:literal] $name:literal) => {
        concat!($before, $name, $between, $name)
    };
    ([$before:literal $between:literal $again:literal] $name:literal) => {
        concat!($before, $name, $between, $name, $again, $name)
    };
}
pub(crate) use buckets;

/// What a row says of them: tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Buckets {
    input_uncached: i64,
    cache_read: i64,
    cache_write_5m: i64,
    cache_write_1h: i64,
    input_audio: i64,
    input_image: i64,
    output_text: i64,
    output_reasoning: i64,
    output_audio: i64,
    output_image: i64,
}

impl Buckets {
    /// In the order of the names.
    pub const fn listed(self) -> [i64; 10] {
        [
            self.input_uncached,
            self.cache_read,
            self.cache_write_5m,
            self.cache_write_1h,
            self.input_audio,
            self.input_image,
            self.output_text,
            self.output_reasoning,
            self.output_audio,
            self.output_image,
        ]
    }
}

impl From<&Usage> for Buckets {
    /// What no column can hold is the most that one can.
    fn from(usage: &Usage) -> Self {
        let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        Self {
            input_uncached: count(usage.input_uncached),
            cache_read: count(usage.cache_read),
            cache_write_5m: count(usage.cache_write_5m),
            cache_write_1h: count(usage.cache_write_1h),
            input_audio: count(usage.input_audio),
            input_image: count(usage.input_image),
            output_text: count(usage.output_text),
            output_reasoning: count(usage.output_reasoning),
            output_audio: count(usage.output_audio),
            output_image: count(usage.output_image),
        }
    }
}

impl From<Buckets> for Usage {
    /// A row that says less than nothing says nothing.
    fn from(row: Buckets) -> Self {
        let tokens = |count: i64| u64::try_from(count).unwrap_or_default();
        Self {
            input_uncached: tokens(row.input_uncached),
            cache_read: tokens(row.cache_read),
            cache_write_5m: tokens(row.cache_write_5m),
            cache_write_1h: tokens(row.cache_write_1h),
            input_audio: tokens(row.input_audio),
            input_image: tokens(row.input_image),
            output_text: tokens(row.output_text),
            output_reasoning: tokens(row.output_reasoning),
            output_audio: tokens(row.output_audio),
            output_image: tokens(row.output_image),
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    const USAGE: Usage = Usage {
        input_uncached: 1,
        cache_read: 2,
        cache_write_5m: 3,
        cache_write_1h: 4,
        input_audio: 5,
        input_image: 6,
        output_text: 7,
        output_reasoning: 8,
        output_audio: 9,
        output_image: 10,
    };

    #[test]
    fn names_are_written_between_the_texts() {
        let names: Vec<&str> = buckets!().split(", ").collect();
        assert_eq!(
            (names.len(), names[0], names[9]),
            (10, "input_uncached", "output_image")
        );
        assert!(buckets!("c.").starts_with("c.input_uncached, c.cache_read, "));
        assert!(buckets!("SUM(", ") AS ").ends_with(", SUM(output_image) AS output_image"));
        assert!(buckets!("", " = h.", " + x.").starts_with("input_uncached = h.input_uncached + x.input_uncached, "));
    }

    #[tokio::test]
    async fn names_fields_and_their_order_are_one() {
        let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let values: Vec<String> = Buckets::from(&USAGE).listed().map(|count| count.to_string()).to_vec();
        let statement = format!(
            "WITH row ({}) AS (VALUES ({})) SELECT * FROM row",
            buckets!(),
            values.join(", ")
        );
        let read: Buckets = sqlx::query_as(sqlx::AssertSqlSafe(statement))
            .fetch_one(&mut database)
            .await
            .unwrap();
        assert_eq!(Usage::from(read), USAGE);
        assert_eq!(read.listed(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let beyond = Usage {
            output_text: u64::MAX,
            ..USAGE
        };
        assert_eq!(
            Usage::from(Buckets::from(&beyond)).output_text,
            i64::MAX.cast_unsigned()
        );
    }
}
