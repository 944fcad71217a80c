//! The chain over table `audit`: numbers without gaps, each entry linked to the one before, and the one row of `audit_chain`
//! that says where it ends. That row is a lock: entries are chained one after another, whoever writes them.

use domain::time::Timestamp;

use crate::{
    secrets::{AUDIT, AuditSeal, Chained},
    store::{Store, StoreError, Tx, tx_execute, tx_fetch_all, tx_fetch_optional},
};

/// Where the chain ends.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct End {
    pub(crate) unchained: i64,
    pub(crate) entries: i64,
    pub(crate) last: String,
    pub(crate) seal: String,
}

impl End {
    /// Nobody without the key has written it.
    pub(crate) fn is_sealed(&self, seal: &AuditSeal) -> bool {
        self.seal == seal.end(self.unchained, self.entries, &self.last)
    }
}

/// An entry as it stands, with its place.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Link {
    pub(crate) number: i64,
    pub(crate) chain: String,
    pub(crate) id: i64,
    pub(crate) at: i64,
    actor_kind: String,
    actor_id: Option<i64>,
    actor_email: Option<String>,
    address: Option<String>,
    pub(crate) action: String,
    pub(crate) subject: String,
    pub(crate) subject_name: String,
    before_json: Option<String>,
    pub(crate) after_json: Option<String>,
    actor_key: Option<i64>,
}

impl Link {
    /// The link that it should have after one whose link is `before`.
    pub(crate) fn expected(&self, seal: &AuditSeal, before: &str) -> String {
        let told = Chained {
            number: self.number,
            id: self.id,
            at: self.at,
            actor_kind: &self.actor_kind,
            actor_id: self.actor_id,
            actor_email: self.actor_email.as_deref(),
            address: self.address.as_deref(),
            action: &self.action,
            subject: &self.subject,
            subject_name: &self.subject_name,
            before_json: self.before_json.as_deref(),
            after_json: self.after_json.as_deref(),
            actor_key: self.actor_key,
        };
        seal.link(before, &told)
    }
}

/// Stores the chain's key, when there is none yet, and seals the beginning in the same transaction.
pub(crate) async fn begin(store: &Store, wrapped: &str, seal: &AuditSeal, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let first = tx_execute!(
        &mut tx,
        "INSERT INTO hub_key (label, sealed, updated_at) VALUES ($1, $2, $3) ON CONFLICT (label) DO NOTHING",
        AUDIT,
        wrapped,
        now.microseconds(),
    )?;
    if first > 0 {
        let end = take(&mut tx).await?;
        put(&mut tx, end.unchained, end.entries, &end.last, &seal_of(seal, &end)).await?;
    }
    tx.commit().await
}

/// Whether something was written down in the chain, as its end or an entry says.
pub(crate) async fn is_begun(tx: &mut Tx) -> Result<bool, StoreError> {
    let ended = end(tx)
        .await?
        .is_some_and(|end| end.entries > 0 || !end.seal.is_empty());
    Ok(ended || tx_fetch_optional!(tx, (i64,), "SELECT id FROM audit WHERE number IS NOT NULL LIMIT 1")?.is_some())
}

/// The next number and link of the chain. An end that somebody else has written stays without a seal, so that it is found.
pub(super) async fn append(tx: &mut Tx, seal: &AuditSeal, mut entry: Chained<'_>) -> Result<(i64, String), StoreError> {
    let before = take(tx).await?;
    let sealed = before.is_sealed(seal);
    entry.number = before.entries + 1;
    let link = seal.link(&before.last, &entry);
    let after = End {
        entries: entry.number,
        last: link,
        ..before
    };
    let seal = if sealed { seal_of(seal, &after) } else { String::new() };
    put(tx, after.unchained, after.entries, &after.last, &seal).await?;
    Ok((after.entries, after.last))
}

fn seal_of(seal: &AuditSeal, end: &End) -> String {
    seal.end(end.unchained, end.entries, &end.last)
}

/// The end, locked until the transaction ends: written as it is, which is the same text for SQLite, where it is locked already.
async fn take(tx: &mut Tx) -> Result<End, StoreError> {
    tx_execute!(tx, "UPDATE audit_chain SET entries = entries WHERE id = 1")?;
    end(tx).await?.ok_or(StoreError::Row {
        table: "audit_chain",
        column: "id",
    })
}

async fn put(tx: &mut Tx, unchained: i64, entries: i64, last: &str, seal: &str) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "UPDATE audit_chain SET unchained = $1, entries = $2, last = $3, seal = $4 WHERE id = 1",
        unchained,
        entries,
        last,
        seal,
    )?;
    Ok(())
}

/// Where the chain ends. None when somebody has deleted it.
pub(crate) async fn end(tx: &mut Tx) -> Result<Option<End>, StoreError> {
    Ok(tx_fetch_optional!(
        tx,
        End,
        "SELECT unchained, entries, last, seal FROM audit_chain WHERE id = 1"
    )?)
}

/// How many entries stand there that are in no chain.
pub(crate) async fn unchained(tx: &mut Tx) -> Result<i64, StoreError> {
    let row = tx_fetch_optional!(tx, (i64,), "SELECT COUNT(*) FROM audit WHERE number IS NULL")?;
    Ok(row.map_or(0, |(count,)| count))
}

/// The link of one entry.
pub(crate) async fn link_of(tx: &mut Tx, number: i64) -> Result<Option<String>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        (Option<String>,),
        "SELECT chain FROM audit WHERE number = $1",
        number
    )?;
    Ok(row.and_then(|(chain,)| chain))
}

/// The entries after a number, in order.
pub(crate) async fn after(tx: &mut Tx, number: i64, most: i64) -> Result<Vec<Link>, StoreError> {
    Ok(tx_fetch_all!(
        tx,
        Link,
        "SELECT number, COALESCE(chain, '') AS chain, id, at, actor_kind, actor_id, actor_email, address, action, subject, subject_name,
            before_json, after_json, actor_key
         FROM audit WHERE number > $1 ORDER BY number LIMIT $2",
        number,
        most,
    )?)
}
