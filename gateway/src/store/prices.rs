//! Table `price`: versions of prices, each with its seal (`prices/seal.rs`). Rows are only ever added; triggers refuse anything
//! else.

pub(crate) mod seal;

use domain::{
    id::{ModelId, PriceId},
    page::{Cursor, PageSize},
    price::{DamagedPrice, PriceVersion, Recorded},
    time::Timestamp,
};
use sha2::{Digest as _, Sha256};

use super::{Store, StoreError, Tx, fetch_all, tx_execute, tx_fetch_all, tx_fetch_optional};
use crate::secrets::{PriceSeal, SealedPrice, hex};

/// A row as it stands.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: i64,
    model_id: i64,
    model: String,
    effective_from: i64,
    created_at: i64,
    actor: String,
    reason: String,
    source: String,
    margin_ppm: Option<i64>,
    sheet: String,
    digest: String,
    seal: Option<String>,
}

impl Row {
    pub(crate) const fn id(&self) -> PriceId {
        PriceId::from_number(self.id)
    }

    pub(crate) const fn model(&self) -> ModelId {
        ModelId::from_number(self.model_id)
    }

    pub(crate) const fn effective_from(&self) -> Timestamp {
        Timestamp(self.effective_from)
    }

    fn told(&self) -> SealedPrice<'_> {
        SealedPrice {
            id: self.id,
            model_id: self.model_id,
            model: &self.model,
            effective_from: self.effective_from,
            created_at: self.created_at,
            actor: &self.actor,
            reason: &self.reason,
            source: &self.source,
            margin_ppm: self.margin_ppm,
            sheet: &self.sheet,
            digest: &self.digest,
        }
    }

    /// What decides a charge is as it was written, as far as that can be told without a key.
    fn fits_its_digest(&self) -> bool {
        self.digest == digest(self.model_id, self.effective_from, &self.sheet)
    }

    /// Whether the row is as the hub has written it.
    fn is_sealed(&self, seal: &PriceSeal) -> bool {
        self.seal.as_ref() == Some(&seal.of(&self.told()))
    }

    /// Its seal as it stands there.
    pub(crate) fn seal(&self) -> &str {
        self.seal.as_deref().unwrap_or_default()
    }

    /// The version, or what is told of a row that is not as the hub has written it.
    pub(crate) fn recorded(self, seal: &PriceSeal) -> Recorded {
        let damaged = DamagedPrice {
            id: self.id(),
            model_id: self.model(),
            model: self.model.clone(),
            effective_from: self.effective_from(),
            created_at: Timestamp(self.created_at),
        };
        self.version(seal).map_err(|_| damaged)
    }

    /// The version, if the row is as the hub has written it.
    pub(crate) fn version(self, seal: &PriceSeal) -> Result<PriceVersion, StoreError> {
        let unreadable = |column| StoreError::Row { table: "price", column };
        if !self.is_sealed(seal) {
            return Err(unreadable("seal"));
        }
        Ok(PriceVersion {
            id: self.id(),
            model_id: self.model(),
            effective_from: self.effective_from(),
            created_at: Timestamp(self.created_at),
            actor: serde_json::from_str(&self.actor).map_err(|_| unreadable("actor"))?,
            sheet: serde_json::from_str(&self.sheet).map_err(|_| unreadable("sheet"))?,
            model: self.model,
            reason: self.reason,
            source: self.source,
        })
    }
}

/// Over all that decides what a call is charged.
fn digest(model: i64, effective_from: i64, sheet: &str) -> String {
    hex(&Sha256::digest(format!("{model}|{effective_from}|{sheet}")))
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest, seal FROM price p ",
            $rest
        )
    };
}

/// Of every model the version that is in force at this moment and those that take effect later, each model's in the order
/// in which they do.
pub(crate) async fn from(store: &Store, moment: Timestamp) -> Result<Vec<Row>, StoreError> {
    Ok(fetch_all!(
        store,
        Row,
        select!(
            "WHERE NOT EXISTS (SELECT 1 FROM price q WHERE q.model_id = p.model_id AND q.effective_from <= $1
                AND (q.effective_from > p.effective_from OR (q.effective_from = p.effective_from AND q.id > p.id)))
             ORDER BY model_id, effective_from, id"
        ),
        moment.microseconds(),
    )?)
}

/// The newest version of every model.
pub(crate) async fn newest(store: &Store) -> Result<Vec<(ModelId, PriceId)>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64, i64),
        "SELECT model_id, MAX(id) FROM price GROUP BY model_id"
    )?;
    let pair = |(model, id)| (ModelId::from_number(model), PriceId::from_number(id));
    Ok(rows.into_iter().map(pair).collect())
}

/// The newest version of a model, within a change.
pub(crate) async fn newest_in(tx: &mut Tx, model: ModelId) -> Result<Option<PriceId>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM price WHERE model_id = $1 ORDER BY id DESC LIMIT 1",
        model.number()
    )?;
    Ok(row.map(|(id,)| PriceId::from_number(id)))
}

/// The version that is in force at a moment, within a change.
pub(crate) async fn in_force_in(
    tx: &mut Tx,
    seal: &PriceSeal,
    model: ModelId,
    moment: Timestamp,
) -> Result<Option<Recorded>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        Row,
        select!("WHERE model_id = $1 AND effective_from <= $2 ORDER BY effective_from DESC, id DESC LIMIT 1"),
        model.number(),
        moment.microseconds(),
    )?;
    Ok(row.map(|row| row.recorded(seal)))
}

/// Whether a version with this id stands there.
pub(crate) async fn is_there(tx: &mut Tx, id: PriceId) -> Result<bool, StoreError> {
    let row = tx_fetch_optional!(tx, (i64,), "SELECT id FROM price WHERE id = $1", id.number())?;
    Ok(row.is_some())
}

/// The next versions of all models, as they stand, by their ids.
pub(crate) async fn all_after(tx: &mut Tx, id: PriceId) -> Result<Vec<Row>, StoreError> {
    Ok(tx_fetch_all!(
        tx,
        Row,
        select!("WHERE id > $1 ORDER BY id LIMIT 1000"),
        id.number()
    )?)
}

/// Versions of a model, and those of others that had its name, newest first; one more than the page holds.
pub(crate) async fn history(
    store: &Store,
    seal: &PriceSeal,
    model: Option<ModelId>,
    name: &str,
    cursor: Cursor,
    size: PageSize,
) -> Result<Vec<Recorded>, StoreError> {
    let (model, limit) = (model.map_or(0, ModelId::number), i64::from(size.rows()) + 1);
    let rows = match cursor {
        Cursor::Newest | Cursor::Before(_) => fetch_all!(
            store,
            Row,
            select!("WHERE (model_id = $1 OR model = $2) AND id < $3 ORDER BY id DESC LIMIT $4"),
            model,
            name,
            if let Cursor::Before(id) = cursor { id } else { i64::MAX },
            limit,
        )?,
        Cursor::After(id) => fetch_all!(
            store,
            Row,
            select!("WHERE (model_id = $1 OR model = $2) AND id > $3 ORDER BY id LIMIT $4"),
            model,
            name,
            id,
            limit,
        )?,
    };
    Ok(rows.into_iter().map(|row| row.recorded(seal)).collect())
}

/// What versions of a model have replaced, from one of them to another: what was published before them and in force at the moment for which
/// each was published.
pub(crate) async fn replaced(
    store: &Store,
    seal: &PriceSeal,
    model: ModelId,
    (first, last): (PriceId, PriceId),
) -> Result<Vec<Recorded>, StoreError> {
    let rows = fetch_all!(
        store,
        Row,
        select!(
            "WHERE id IN (SELECT (SELECT q.id FROM price q WHERE q.model_id = r.model_id AND q.effective_from <= r.effective_from AND q.id < r.id
                ORDER BY q.effective_from DESC, q.id DESC LIMIT 1)
             FROM price r WHERE r.model_id = $1 AND r.id >= $2 AND r.id <= $3)"
        ),
        model.number(),
        first.number(),
        last.number(),
    )?;
    Ok(rows.into_iter().map(|row| row.recorded(seal)).collect())
}

/// Adds a version. Gives its seal.
pub(crate) async fn insert(tx: &mut Tx, seal: &PriceSeal, version: &PriceVersion) -> Result<String, StoreError> {
    let unwritable = |_| StoreError::Row {
        table: "price",
        column: "sheet",
    };
    let sheet = serde_json::to_string(&version.sheet).map_err(unwritable)?;
    let actor = serde_json::to_string(&version.actor).map_err(unwritable)?;
    let (model_id, effective_from) = (version.model_id.number(), version.effective_from.microseconds());
    let told = SealedPrice {
        id: version.id.number(),
        model_id,
        model: &version.model,
        effective_from,
        created_at: version.created_at.microseconds(),
        actor: &actor,
        reason: &version.reason,
        source: &version.source,
        margin_ppm: Some(version.sheet.margin().ppm()),
        sheet: &sheet,
        digest: &digest(model_id, effective_from, &sheet),
    };
    let seal = seal.of(&told);
    tx_execute!(
        tx,
        "INSERT INTO price (id, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest, seal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        told.id,
        told.model_id,
        told.model,
        told.effective_from,
        told.created_at,
        told.actor,
        told.reason,
        told.source,
        told.margin_ppm,
        told.sheet,
        told.digest,
        seal.as_str(),
    )?;
    Ok(seal)
}
