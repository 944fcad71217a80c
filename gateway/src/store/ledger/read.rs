//! Reads of the ledger: pages of an account's journal, and everything that the verifier compares.

use domain::{
    access::Actor,
    credit::LedgerLine,
    id::{AccountId, CallId, LotId},
    ledger::{Command, CommandKind, Hold, LedgerAccount, Lot, Seq},
    money::Money,
    page::{Cursor, PageSize},
    time::Timestamp,
};

use super::{LotRow, amount};
use crate::store::{Store, StoreError, Tx, fetch_all, tx_fetch_all, tx_fetch_optional};

/// Transactions a step of the verifier.
pub(crate) const STEP: usize = 1_000;

const OLDER: &str = "SELECT t.seq, t.kind, t.booked_at, t.call_id, t.command, t.actor, t.balance, t.debt,
        t.debt - COALESCE((SELECT p.debt FROM ledger_transaction p WHERE p.account_id = t.account_id AND p.seq = t.seq - 1), 0) AS debt_change,
        COALESCE(c.model_served, c.model_asked) AS model, k.name AS key_name, j.name AS project,
        CASE WHEN t.amount IS NULL THEN CAST(COALESCE((SELECT -SUM(e.amount) FROM ledger_entry e WHERE e.account_id = t.account_id
            AND e.seq = t.seq AND e.ledger_account = 'credit'), 0) AS BIGINT)
            WHEN t.debited = 'credit' THEN -t.amount ELSE 0 END AS change
    FROM ledger_transaction t LEFT JOIN call c ON c.id = t.call_id LEFT JOIN api_key k ON k.id = c.key_id
        LEFT JOIN project j ON j.id = c.project_id
    WHERE t.account_id = $1 AND t.seq < $2 ORDER BY t.seq DESC LIMIT $3";
const NEWER: &str = "SELECT t.seq, t.kind, t.booked_at, t.call_id, t.command, t.actor, t.balance, t.debt,
        t.debt - COALESCE((SELECT p.debt FROM ledger_transaction p WHERE p.account_id = t.account_id AND p.seq = t.seq - 1), 0) AS debt_change,
        COALESCE(c.model_served, c.model_asked) AS model, k.name AS key_name, j.name AS project,
        CASE WHEN t.amount IS NULL THEN CAST(COALESCE((SELECT -SUM(e.amount) FROM ledger_entry e WHERE e.account_id = t.account_id
            AND e.seq = t.seq AND e.ledger_account = 'credit'), 0) AS BIGINT)
            WHEN t.debited = 'credit' THEN -t.amount ELSE 0 END AS change
    FROM ledger_transaction t LEFT JOIN call c ON c.id = t.call_id LEFT JOIN api_key k ON k.id = c.key_id
        LEFT JOIN project j ON j.id = c.project_id
    WHERE t.account_id = $1 AND t.seq > $2 ORDER BY t.seq ASC LIMIT $3";

#[derive(sqlx::FromRow)]
struct LineRow {
    seq: i64,
    kind: String,
    booked_at: i64,
    call_id: Option<i64>,
    command: String,
    actor: String,
    balance: i64,
    debt: i64,
    debt_change: i64,
    model: Option<String>,
    key_name: Option<String>,
    project: Option<String>,
    change: i64,
}

impl LineRow {
    fn line(self) -> Result<LedgerLine, StoreError> {
        let unknown = |column| StoreError::Row {
            table: "ledger_transaction",
            column,
        };
        let command: Command = serde_json::from_str(&self.command).map_err(|_| unknown("command"))?;
        let actor: Actor = serde_json::from_str(&self.actor).map_err(|_| unknown("actor"))?;
        Ok(LedgerLine {
            seq: Seq(self.seq),
            booked_at: Timestamp(self.booked_at),
            kind: CommandKind::parse(&self.kind).ok_or(unknown("kind"))?,
            change: Money::from_nano(self.change),
            balance: amount(self.balance, "ledger_transaction", "balance")?,
            debt: amount(self.debt, "ledger_transaction", "debt")?,
            debt_change: Money::from_nano(self.debt_change),
            call: self.call_id.map(CallId::from_number),
            model: self.model,
            key: self.key_name,
            project: self.project,
            actor,
            command,
        })
    }
}

/// Lines of an account's journal by the cursor, one more than the page holds.
pub(crate) async fn page(
    store: &Store,
    account: AccountId,
    cursor: Cursor,
    size: PageSize,
) -> Result<Vec<LedgerLine>, StoreError> {
    let limit = i64::from(size.rows()) + 1;
    let rows: Vec<LineRow> = match cursor {
        Cursor::Newest => fetch_all!(store, LineRow, OLDER, account.number(), i64::MAX, limit)?,
        Cursor::Before(seq) => fetch_all!(store, LineRow, OLDER, account.number(), seq, limit)?,
        Cursor::After(seq) => fetch_all!(store, LineRow, NEWER, account.number(), seq, limit)?,
    };
    rows.into_iter().map(LineRow::line).collect()
}

/// Every account, or those on which something was booked or whose calls were counted since.
pub(crate) async fn accounts(store: &Store, since: Option<Timestamp>) -> Result<Vec<AccountId>, StoreError> {
    // An hour is named by its beginning.
    let since = since.map_or(i64::MIN, |since| since.microseconds().saturating_sub(3_600_000_000));
    let rows = fetch_all!(
        store,
        (i64,),
        "SELECT id FROM account a WHERE booked_at >= $1
           OR EXISTS (SELECT 1 FROM usage_hour u WHERE u.account_id = a.id AND u.hour >= $1) ORDER BY id",
        since
    )?;
    Ok(rows.into_iter().map(|(id,)| AccountId::from_number(id)).collect())
}

/// An account's row, as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub account: AccountId,
    /// Whose it is.
    pub person: i64,
    /// Its clock: when the last transaction was booked.
    pub booked_at: i64,
    pub status: String,
    pub quarantine: Option<String>,
    pub seq: i64,
    pub chain: String,
    pub balance: i64,
    pub debt: i64,
    pub created_at: i64,
}

/// The row of an account.
pub(crate) async fn standing(tx: &mut Tx, account: AccountId) -> Result<Option<Standing>, StoreError> {
    let Some(row) = super::row(tx, account).await? else {
        return Ok(None);
    };
    let person = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT person_id FROM account WHERE id = $1",
        account.number()
    )?;
    Ok(person.map(|(person,)| Standing {
        account,
        person,
        booked_at: row.booked_at,
        status: row.status,
        quarantine: row.quarantine,
        seq: row.seq,
        chain: row.chain,
        balance: row.balance,
        debt: row.debt,
        created_at: row.created_at,
    }))
}

/// Every lot that an account ever had.
pub(crate) async fn lots(tx: &mut Tx, account: AccountId) -> Result<Vec<Lot>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        LotRow,
        "SELECT id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source
         FROM lot WHERE account_id = $1 ORDER BY id",
        account.number()
    )?;
    rows.into_iter().map(LotRow::lot).collect()
}

/// The hold of a call, open or ended.
#[derive(Clone, Debug)]
pub(crate) struct CallHold {
    pub call: CallId,
    /// It comes after this transaction.
    pub after: i64,
    /// With all its extensions.
    pub hold: Hold,
    pub end: CallEnd,
    /// Who made the call.
    pub person: i64,
}

/// What the row of a call says of its end.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(crate) struct CallEnd {
    /// The transaction; none while the call holds credit.
    #[sqlx(rename = "settle_seq")]
    pub by: Option<i64>,
    pub charge: Option<i64>,
    pub loss: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct HoldRow {
    id: i64,
    person_id: i64,
    hold_seq: i64,
    hold_amount: i64,
    authorised_at: i64,
    #[sqlx(flatten)]
    end: CallEnd,
}

#[derive(sqlx::FromRow)]
struct UnheldRow {
    id: i64,
    #[sqlx(flatten)]
    end: CallEnd,
}

/// The holds of an account, in the order in which they were admitted.
pub(crate) async fn holds(tx: &mut Tx, account: AccountId) -> Result<Vec<CallHold>, StoreError> {
    let mut rows = tx_fetch_all!(
        &mut *tx,
        HoldRow,
        "SELECT id, person_id, hold_seq, hold_amount, authorised_at, settle_seq, charge, loss FROM call
         WHERE account_id = $1 AND hold_seq IS NOT NULL AND settle_seq IS NULL",
        account.number()
    )?;
    rows.extend(tx_fetch_all!(
        tx,
        HoldRow,
        "SELECT c.id, c.person_id, c.hold_seq, c.hold_amount, c.authorised_at, c.settle_seq, c.charge, c.loss
         FROM ledger_transaction t JOIN call c ON c.id = t.call_id
         WHERE t.account_id = $1 AND t.kind IN ('settle', 'release') AND c.hold_seq IS NOT NULL AND c.settle_seq IS NOT NULL",
        account.number()
    )?);
    rows.sort_by_key(|row| (row.hold_seq, row.authorised_at, row.id));
    let hold = |row: HoldRow| {
        Ok::<_, StoreError>(CallHold {
            call: CallId::from_number(row.id),
            after: row.hold_seq,
            hold: Hold {
                amount: amount(row.hold_amount, "call", "hold_amount")?,
                authorised_at: Timestamp(row.authorised_at),
            },
            end: row.end,
            person: row.person_id,
        })
    };
    rows.into_iter().map(hold).collect()
}

/// The ends of an account's calls that were charged although the books never had what they held.
pub(crate) async fn unheld(tx: &mut Tx, account: AccountId) -> Result<Vec<(CallId, CallEnd)>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        UnheldRow,
        "SELECT c.id, c.settle_seq, c.charge, c.loss FROM ledger_transaction t JOIN call c ON c.id = t.call_id
         WHERE t.account_id = $1 AND t.kind = 'late' AND c.hold_seq IS NULL",
        account.number()
    )?;
    let end = |row: UnheldRow| (CallId::from_number(row.id), row.end);
    Ok(rows.into_iter().map(end).collect())
}

/// The commands that extended holds of an account, as JSON.
pub(crate) async fn extensions(tx: &mut Tx, account: AccountId) -> Result<Vec<String>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        (String,),
        "SELECT command FROM ledger_transaction WHERE account_id = $1 AND kind = 'extend'",
        account.number()
    )?;
    Ok(rows.into_iter().map(|(command,)| command).collect())
}

/// A row of the journal.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct JournalRow {
    pub seq: i64,
    pub kind: String,
    pub booked_at: i64,
    pub call_id: Option<i64>,
    pub command: String,
    pub actor: String,
    pub balance: i64,
    pub held: i64,
    pub debt: i64,
    pub hash: String,
}

/// An entry of the journal.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct EntryRow {
    pub seq: i64,
    /// Its place among those of the transaction, from 1 on.
    pub n: i64,
    pub ledger_account: String,
    pub lot_id: Option<i64>,
    pub amount: i64,
}

impl EntryRow {
    /// As the domain has it, when it knows the account.
    pub fn entry(&self) -> Option<domain::ledger::Entry> {
        Some(domain::ledger::Entry {
            account: LedgerAccount::parse(&self.ledger_account)?,
            lot: self.lot_id.map(LotId::from_number),
            amount: Money::from_nano(self.amount),
        })
    }
}

/// The next rows of an account's journal.
pub(crate) async fn journal(tx: &mut Tx, account: AccountId, after: i64) -> Result<Vec<JournalRow>, StoreError> {
    let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
    Ok(tx_fetch_all!(
        tx,
        JournalRow,
        "SELECT seq, kind, booked_at, call_id, command, actor, balance, held, debt, hash FROM ledger_transaction
         WHERE account_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        account.number(),
        after,
        limit
    )?)
}

/// An account's entries of some numbers, in order: those that stand in the rows of their transactions (`journal::parts::Pair`), and the others.
/// Whatever stands of a pair is read, on whatever row: it is shown.
pub(crate) async fn entries(
    tx: &mut Tx,
    account: AccountId,
    after: i64,
    last: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    Ok(tx_fetch_all!(
        tx,
        EntryRow,
        "SELECT seq, 1 AS n, COALESCE(debited, '') AS ledger_account, lot_id, COALESCE(amount, 0) AS amount FROM ledger_transaction
         WHERE account_id = $1 AND seq > $2 AND seq <= $3 AND (amount IS NOT NULL OR debited IS NOT NULL OR lot_id IS NOT NULL OR credited IS NOT NULL)
         UNION ALL
         SELECT seq, 2, COALESCE(credited, ''), NULL, -COALESCE(amount, 0) FROM ledger_transaction
         WHERE account_id = $1 AND seq > $2 AND seq <= $3 AND (amount IS NOT NULL OR debited IS NOT NULL OR lot_id IS NOT NULL OR credited IS NOT NULL)
         UNION ALL
         SELECT seq, n, ledger_account, lot_id, amount FROM ledger_entry
         WHERE account_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, n",
        account.number(),
        after,
        last
    )?)
}

/// Whether anything was ever booked.
pub(crate) async fn any(tx: &mut Tx) -> Result<bool, StoreError> {
    let row = tx_fetch_optional!(tx, (i64,), "SELECT seq FROM ledger_transaction LIMIT 1")?;
    Ok(row.is_some())
}

/// When something was booked last, on any account.
pub(crate) async fn newest_booking(store: &Store) -> Result<Option<Timestamp>, StoreError> {
    let newest = fetch_all!(
        store,
        (Option<i64>,),
        "SELECT MAX(booked_at) FROM account WHERE seq > 0"
    )?;
    Ok(newest.first().and_then(|(newest,)| *newest).map(Timestamp))
}
