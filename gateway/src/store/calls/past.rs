//! What the calls of a model used since a moment, added up as far as a price may tell them apart: read where somebody thinks of another
//! price. The sums by the hour (`usage`) know neither how long each prompt was, nor pictures, nor which calls were charged.
//!
//! The calls of one provider are found by its index. Of a million that takes a second at the most, and a fifth of that where five models share
//! them.

use domain::{
    id::{ModelId, ProviderId, pack},
    money::Amount,
    price::{Alike, Drawn, Past, Shape, TierRule},
    time::Timestamp,
    usage::Usage,
};

use crate::store::{Store, StoreError, buckets, buckets::Buckets, fetch_all};

/// Of which model.
pub(crate) struct Whose<'a> {
    pub(crate) model: ModelId,
    pub(crate) provider: ProviderId,
    /// Its public name.
    pub(crate) name: &'a str,
}

/// So many thresholds the database tells apart by itself.
const THRESHOLDS: usize = 8;
/// Calls that are read one by one at a time.
const PIECE: i64 = 5_000;

/// One call, or many that are alike.
#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    /// How many thresholds are below its input.
    level: i64,
    drawn: Option<String>,
    billed: i64,
    owed: i64,
    calls: i64,
    #[sqlx(flatten)]
    usage: Buckets,
    charge: i64,
    cost: i64,
}

/// Calls of a model that have ended, with what a price asks of each. Also those from before it was called so, as far as they had a price.
/// What was never charged is owed where there was no price and an answer.
macro_rules! told {
    ($level:literal) => {
        concat!(
            "SELECT id, ", $level, " AS level, input, drawn,
                CASE WHEN input > 0 OR output > 0 OR (drawn IS NOT NULL AND drawn NOT LIKE '0 %') THEN 1 ELSE 0 END AS billed,
                CASE WHEN charge IS NOT NULL OR (price_id IS NULL AND state = 'succeeded') THEN 1 ELSE 0 END AS owed,
                ", buckets!(), ", COALESCE(charge, 0) AS charge, COALESCE(cost, 0) AS cost
             FROM (SELECT id, drawn, price_id, state, charge, cost, ", buckets!(), ",
                    input_uncached + cache_read + cache_write_5m + cache_write_1h + input_audio + input_image AS input,
                    output_text + output_reasoning + output_audio + output_image AS output
                FROM call WHERE provider_id = $1 AND id >= $2 AND state <> 'open'
                    AND (model_served = $3 OR price_id IN (SELECT p.id FROM price p WHERE p.model_id = $4))) AS ended"
        )
    };
}

const SUMS: &str = concat!(
    "SELECT CAST(0 AS BIGINT) AS id, CAST(level AS BIGINT) AS level, drawn, CAST(billed AS BIGINT) AS billed, CAST(owed AS BIGINT) AS owed,
        COUNT(*) AS calls,
        ",
    buckets!("CAST(SUM(", ") AS BIGINT) AS "),
    ",
        CAST(SUM(charge) AS BIGINT) AS charge, CAST(SUM(cost) AS BIGINT) AS cost
     FROM (",
    told!(
        "CASE WHEN input > $5 THEN 1 ELSE 0 END + CASE WHEN input > $6 THEN 1 ELSE 0 END + CASE WHEN input > $7 THEN 1 ELSE 0 END
            + CASE WHEN input > $8 THEN 1 ELSE 0 END + CASE WHEN input > $9 THEN 1 ELSE 0 END + CASE WHEN input > $10 THEN 1 ELSE 0 END
            + CASE WHEN input > $11 THEN 1 ELSE 0 END + CASE WHEN input > $12 THEN 1 ELSE 0 END"
    ),
    ") AS told WHERE input <= $13 GROUP BY level, drawn, billed, owed"
);

const ONE_BY_ONE: &str = concat!(
    "SELECT id, CAST(level AS BIGINT) AS level, drawn, CAST(billed AS BIGINT) AS billed, CAST(owed AS BIGINT) AS owed, CAST(1 AS BIGINT) AS calls,
        ",
    buckets!(),
    ", charge, cost
     FROM (",
    told!("0"),
    ") AS told WHERE input > $5 AND id > $6 ORDER BY id LIMIT $7"
);

impl Row {
    /// As a part of what is alike, without its usage.
    fn alike(&self, above: Option<u64>, usage: Usage, begins: bool) -> Alike {
        let calls = u64::try_from(self.calls).unwrap_or_default();
        // What cannot be read was drawn by another version, and counts as tokens.
        let drawn = self.drawn.as_deref().and_then(|text| text.parse::<Drawn>().ok());
        Alike {
            above,
            calls: if begins { calls } else { 0 },
            usage,
            drawn: drawn.map(|drawn| Drawn {
                count: if begins { drawn.count.saturating_mul(calls) } else { 0 },
                ..drawn
            }),
            billed: self.billed != 0,
            owed: self.owed != 0,
        }
    }
}

/// Everything that has ended since a moment.
pub(crate) async fn since(store: &Store, whose: Whose<'_>, since: Timestamp, shape: Shape) -> Result<Past, StoreError> {
    let Whose { model, provider, name } = whose;
    let (first, provider, model) = (pack(since.milliseconds(), 0, 0), provider.number(), model.number());
    let limit = |place: usize| {
        let threshold = shape.thresholds.get(place).copied().unwrap_or(u64::MAX);
        i64::try_from(threshold).unwrap_or(i64::MAX)
    };
    // What the database cannot tell apart is read call by call: prompts that are cut at thresholds, or more of these than it knows.
    let apart = shape.rule == TierRule::Whole && shape.thresholds.len() <= THRESHOLDS;
    let short = if apart { i64::MAX } else { limit(0) };
    let mut past = Past {
        since,
        shape: shape.clone(),
        cost: Amount::ZERO,
        charge: Amount::ZERO,
        groups: Vec::new(),
    };
    let rows = fetch_all!(
        store,
        Row,
        SUMS,
        provider,
        first,
        name,
        model,
        limit(0),
        limit(1),
        limit(2),
        limit(3),
        limit(4),
        limit(5),
        limit(6),
        limit(7),
        short
    )?;
    for row in rows {
        let level = usize::try_from(row.level).unwrap_or_default();
        let above = level
            .checked_sub(1)
            .and_then(|place| shape.thresholds.get(place))
            .copied();
        past.add(row.alike(above, row.usage.into(), true));
        book(&mut past, &row);
    }
    let mut last = (!apart).then_some(0);
    while let Some(behind) = last {
        let rows = fetch_all!(
            store, Row, ONE_BY_ONE, provider, first, name, model, short, behind, PIECE
        )?;
        last = rows.last().map(|row| row.id);
        for row in rows {
            for (place, (above, usage)) in shape.parts(row.usage.into()).into_iter().enumerate() {
                past.add(row.alike(above, usage, place == 0));
            }
            book(&mut past, &row);
        }
    }
    Ok(past)
}

/// Adds what was booked for a row.
fn book(past: &mut Past, row: &Row) {
    let more = |sum: Amount, nano: i64| {
        let more = Amount::from_nano(nano).unwrap_or(Amount::ZERO);
        sum.checked_add(more).unwrap_or(Amount::MAX)
    };
    (past.cost, past.charge) = (more(past.cost, row.cost), more(past.charge, row.charge));
}
