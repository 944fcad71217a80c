//! Who keeps an account (`account.keeper_id`): a process that shares the ledger on PostgreSQL and has it to itself for a while, so that it
//! may decide in memory and write behind. Nobody else books on such an account. Whoever wants it asks for it, which spoils the keeper's next
//! write; the keeper then writes what it has decided and gives it back. From one that does not within [`PATIENCE`] it is taken.
//!
//! Called by `crate::ledger`: its `shared` keeps, its `direct` asks.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use domain::{
    id::{AccountId, ProcessId},
    ledger::Seq,
};

use super::{
    Era,
    journal::{self, Evidence},
    order,
};
use crate::store::{Pg, Store, StoreError, Tx};

/// So long after it was asked for an account is taken from its keeper.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// So long after it last wrote on an account (measured from before the write) its keeper decides in memory. Less than [`PATIENCE`]: a
/// keeper from whom it is taken has decided nothing since it was asked.
pub(crate) const TRUST: Duration = Duration::from_secs(1);

/// Processes that know of no migration as late as this one know of no keepers.
const KNOWN_SINCE: i64 = 40;

/// Where an account stands: the number of its last transaction, and `account.moved`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub seq: Seq,
    pub moved: i64,
}

/// One time that somebody keeps an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keep {
    keeper: i64,
    from: i64,
}

/// How a keeper's accounts stand whose batch was not written, or may be.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The batch is written. If not, it cannot be any more.
    pub written: bool,
    /// To where those have moved, this look counted, that are this process's and stand where it takes them to be.
    pub moved: HashMap<AccountId, i64>,
    /// The others: whatever it has decided on them and not written is void.
    pub lost: HashSet<AccountId>,
}

fn numbers<'a>(accounts: impl IntoIterator<Item = &'a AccountId>) -> Vec<i64> {
    accounts.into_iter().map(|account| account.number()).collect()
}

/// Keeps accounts from now on that nobody else keeps and that stand at these places, unless a process runs that knows of no keepers. Gives those that
/// are kept; each has moved by one.
pub(crate) async fn keep(
    pool: &Pg,
    keeper: ProcessId,
    era: Era,
    places: &HashMap<AccountId, Place>,
) -> Result<Vec<AccountId>, StoreError> {
    let sql = "WITH those AS (
            SELECT a.id FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[]) AS n (id, seq, moved) JOIN account a ON a.id = n.id
            WHERE a.seq = n.seq AND a.moved = n.moved AND (a.keeper_id IS NULL OR a.keeper_id = $4) AND a.quarantine IS NULL
                AND server_runs_since() = $5 AND EXISTS (SELECT 1 FROM ledger_owner o WHERE o.id = 1 AND o.epoch = $6)
                AND NOT EXISTS (SELECT 1 FROM process p WHERE p.ended_at IS NULL AND COALESCE(p.migration, 0) < $7)
            ORDER BY a.id FOR NO KEY UPDATE OF a
        )
        UPDATE account SET keeper_id = $4, kept_from = account.moved + 1, moved = account.moved + 1 FROM those
        WHERE account.id = those.id RETURNING account.id";
    let (seqs, moved): (Vec<i64>, Vec<i64>) = places.values().map(|place| (place.seq.0, place.moved)).unzip();
    let kept: Vec<(i64,)> = sqlx::query_as(sql)
        .bind(numbers(places.keys()))
        .bind(seqs)
        .bind(moved)
        .bind(keeper.number())
        .bind(era.server_since)
        .bind(era.epoch)
        .bind(KNOWN_SINCE)
        .fetch_all(&mut pool.acquire().await?)
        .await?;
    Ok(kept.into_iter().map(|(id,)| AccountId::from_number(id)).collect())
}

/// Ends these keepings, each told by what `moved` was when it began.
pub(crate) async fn give_back(pool: &Pg, keeper: ProcessId, keepings: &[(AccountId, i64)]) -> Result<(), StoreError> {
    let sql = "WITH those AS (
            SELECT a.id FROM UNNEST($1::BIGINT[], $2::BIGINT[]) AS n (id, since) JOIN account a ON a.id = n.id
            WHERE a.keeper_id = $3 AND a.kept_from = n.since ORDER BY a.id FOR NO KEY UPDATE OF a
        )
        UPDATE account SET keeper_id = NULL, kept_from = NULL, moved = account.moved + 1 FROM those WHERE account.id = those.id";
    let (ids, since): (Vec<i64>, Vec<i64>) = keepings.iter().map(|(account, from)| (account.number(), *from)).unzip();
    sqlx::query(sql)
        .bind(ids)
        .bind(since)
        .bind(keeper.number())
        .execute(&mut pool.acquire().await?)
        .await?;
    Ok(())
}

/// Asks whoever keeps these accounts for them, but for the keepings that were asked for already. Gives those that were asked for now.
pub(crate) async fn ask(
    store: &Store,
    accounts: &[(AccountId, Option<Keep>)],
) -> Result<HashMap<AccountId, Keep>, StoreError> {
    let Store::Postgres(pool) = store else {
        return Ok(HashMap::new());
    };
    let sql = "WITH those AS (
            SELECT a.id FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BIGINT[]) AS n (id, keeper, since) JOIN account a ON a.id = n.id
            WHERE a.keeper_id IS NOT NULL AND (a.keeper_id = n.keeper AND a.kept_from = n.since) IS NOT TRUE
            ORDER BY a.id FOR NO KEY UPDATE OF a
        )
        UPDATE account SET moved = account.moved + 1 FROM those WHERE account.id = those.id
        RETURNING account.id, account.keeper_id, account.kept_from";
    let ids: Vec<i64> = accounts.iter().map(|(account, _)| account.number()).collect();
    let (keepers, since): (Vec<Option<i64>>, Vec<Option<i64>>) = accounts
        .iter()
        .map(|(_, asked)| (asked.map(|keep| keep.keeper), asked.map(|keep| keep.from)))
        .unzip();
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(sql)
        .bind(ids)
        .bind(keepers)
        .bind(since)
        .fetch_all(&mut pool.acquire().await?)
        .await?;
    let asked = |(id, keeper, from)| (AccountId::from_number(id), Keep { keeper, from });
    Ok(rows.into_iter().map(asked).collect())
}

/// Takes an account from whoever kept it when they were asked, [`PATIENCE`] ago. Whether they still kept it.
pub(crate) async fn take_from(store: &Store, account: AccountId, keep: Keep) -> Result<bool, StoreError> {
    let Store::Postgres(pool) = store else { return Ok(false) };
    let sql = "WITH taken AS (
            UPDATE account SET keeper_id = NULL, kept_from = NULL, moved = moved + 1
            WHERE id = $1 AND keeper_id = $2 AND kept_from = $3 RETURNING id, booked_at
        ), told AS (
            INSERT INTO ledger_forgotten (account_id, booked_at) SELECT id, booked_at FROM taken ON CONFLICT DO NOTHING
        )
        SELECT id FROM taken";
    let query = sqlx::query(sql)
        .bind(account.number())
        .bind(keep.keeper)
        .bind(keep.from);
    Ok(query.fetch_optional(&mut pool.acquire().await?).await?.is_some())
}

/// How accounts stand that this process keeps, after a write that was refused or not confirmed. What was not confirmed cannot come to be
/// after this. `places`: where each stood before it; `ends`: the last transaction of each in it, where there is one. `give_up`: they are lost
/// however they stand. `evidence`: what stands there if it was written.
pub(crate) async fn look(
    store: &Store,
    keeper: ProcessId,
    era: Era,
    (places, give_up): (&HashMap<AccountId, Place>, bool),
    (ends, evidence): (&HashMap<AccountId, Seq>, &Evidence),
) -> Result<Standing, StoreError> {
    let mut tx = store.begin_batch().await?;
    let shares = order::share(&mut tx).await?;
    let ids = numbers(places.keys());
    let rows: Vec<(i64, i64, i64, bool, i64, i64)> = {
        let Tx::Postgres(tx) = &mut tx else {
            return Err(StoreError::Deposed);
        };
        let sql = "SELECT a.id, a.seq, a.moved, (a.quarantine IS NULL AND a.keeper_id = $2) IS TRUE,
                (SELECT o.epoch FROM ledger_owner o WHERE o.id = 1), server_runs_since()
            FROM account a WHERE a.id = ANY($1) ORDER BY a.id FOR NO KEY UPDATE OF a";
        let query = sqlx::query_as(sql).bind(&ids).bind(keeper.number());
        query.fetch_all(&mut **tx).await?
    };
    // Under their locks: what held them before is over.
    let written = journal::stands(&mut tx, evidence).await?;
    super::count_moves(&mut tx, &places.keys().copied().collect::<Vec<_>>()).await?;
    let mut moved = HashMap::with_capacity(rows.len());
    for (id, seq, at, sound, epoch, server_since) in rows {
        let account = AccountId::from_number(id);
        let stands = written || places.get(&account).is_some_and(|place| place.seq.0 == seq);
        if shares && !give_up && sound && stands && (Era { epoch, server_since }) == era {
            moved.insert(account, at + 1);
        }
    }
    let lost: HashSet<AccountId> = places
        .keys()
        .filter(|account| !moved.contains_key(account))
        .copied()
        .collect();
    let last = |account: &AccountId| {
        let end = ends.get(account).filter(|_| written).copied();
        (
            *account,
            end.or_else(|| Some(places.get(account)?.seq)).unwrap_or_default(),
        )
    };
    note(&mut tx, lost.iter().map(last).collect()).await?;
    tx.commit().await?;
    Ok(Standing { written, moved, lost })
}

/// Writes down that what was decided on these accounts after these transactions is void.
async fn note(tx: &mut Tx, lost: Vec<(AccountId, Seq)>) -> Result<(), StoreError> {
    let Tx::Postgres(tx) = tx else { return Ok(()) };
    if lost.is_empty() {
        return Ok(());
    }
    let (ids, seqs): (Vec<i64>, Vec<i64>) = lost.iter().map(|(account, seq)| (account.number(), seq.0)).unzip();
    let sql = "INSERT INTO ledger_forgotten (account_id, booked_at)
        SELECT a.id, COALESCE(t.booked_at, a.booked_at) FROM UNNEST($1::BIGINT[], $2::BIGINT[]) AS n (id, seq)
        JOIN account a ON a.id = n.id LEFT JOIN ledger_transaction t ON t.account_id = n.id AND t.seq = n.seq
        ON CONFLICT DO NOTHING";
    sqlx::query(sql).bind(ids).bind(seqs).execute(&mut **tx).await?;
    Ok(())
}
