//! What is written of many applied commands, put together by tables, and SQLite's statements that write it. Called by `journal`, and by
//! `store::script`, which sends whole batches as one text.

use std::{
    collections::{BTreeMap, btree_map::Entry as Place},
    sync::Arc,
};

use domain::{
    id::{AccountId, CallId, LotId},
    ledger::{CommandKind, Effects, Entry, LedgerAccount, Lot},
    money::Money,
    time::Timestamp,
};
use sqlx::{Database, Encode, Sqlite, Type};

use super::{Booked, Line};
use crate::store::insert::{Insert, Values, word};

pub(in crate::store) static LOTS: Insert = Insert::new(
    "INSERT INTO lot (id, account_id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source)",
    " ON CONFLICT (id) DO UPDATE SET remaining = excluded.remaining, expires_at = excluded.expires_at
      WHERE lot.account_id = excluded.account_id",
);
/// What is left in lots after calls. It changes nothing else of them and makes none.
pub(in crate::store) static LOTS_LEFT: Insert = Insert::from_values(
    "UPDATE lot SET remaining = n.column3 FROM (",
    &["BIGINT", "BIGINT", "BIGINT"],
    ") AS n WHERE lot.id = n.column1 AND lot.account_id = n.column2",
);
pub(in crate::store) static ENTRIES: Insert = Insert::new(
    "INSERT INTO ledger_entry (account_id, seq, n, ledger_account, lot_id, amount)",
    "",
);
pub(in crate::store) static LINES: Insert = Insert::new(
    "INSERT INTO ledger_transaction (account_id, seq, kind, booked_at, call_id, command, actor, balance, held, debt, hash,
        debited, lot_id, credited, amount)",
    "",
);

const STEP: &[&str] = &[
    "BIGINT", "BIGINT", "BIGINT", "BIGINT", "TEXT", "BIGINT", "BIGINT", "TEXT",
];
/// Leaves accounts alone that do not stand where the batch begins.
pub(super) static ACCOUNTS: Insert = Insert::from_values(
    "UPDATE account SET seq = n.column3, booked_at = n.column4, chain = n.column5, balance = n.column6,
        debt = n.column7, status = n.column8 FROM (",
    STEP,
    ") AS n WHERE account.id = n.column1 AND account.seq = n.column2 AND account.quarantine IS NULL",
);
/// The same where nobody can look at how many it has moved before it is committed: an account that does not stand where the batch
/// begins would get a number that the table refuses, and with it everything is. One that does not exist was refused by its lines.
pub(in crate::store) static ACCOUNTS_OR_NONE: Insert = Insert::from_values(
    "UPDATE account SET seq = CASE WHEN account.seq = n.column2 AND account.quarantine IS NULL THEN n.column3 ELSE -1 END,
        booked_at = n.column4, chain = n.column5, balance = n.column6, debt = n.column7, status = n.column8 FROM (",
    STEP,
    ") AS n WHERE account.id = n.column1",
);

/// A lot as it is afterwards, and whose.
pub(in crate::store) type LotPart<'a> = (AccountId, &'a Lot);
/// An entry with its number within its transaction.
pub(in crate::store) type EntryPart<'a> = (&'a Effects, i64, &'a Entry);
/// A transaction, with its entries where they stand in its own row.
pub(in crate::store) type LinePart<'a> = (&'a Effects, &'a Line, Option<Pair>);

/// The two entries of a call's end: an amount that goes from one account of the chart to another. As nearly every transaction is such a
/// pair, it stands in the transaction's own row, where it adds up to zero by what it is (`read::entries` makes two of it). Other entries stand in
/// `ledger_entry`, all that was booked by hand among them: whoever asks for that looks nowhere else, and the table refuses a pair of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Pair {
    debited: LedgerAccount,
    /// Of what is debited.
    lot: Option<LotId>,
    credited: LedgerAccount,
    amount: Money,
}

impl Pair {
    /// None: the entries are none, or more than two, or it is no call's end.
    pub fn of(effects: &Effects) -> Option<Self> {
        let ends_a_call = matches!(
            effects.kind,
            CommandKind::Settle | CommandKind::Late | CommandKind::Allocate
        );
        let [from, to] = effects.entries.as_slice() else {
            return None;
        };
        let is_pair = from.amount > Money::ZERO && to.amount.nano() == -from.amount.nano() && to.lot.is_none();
        (ends_a_call && is_pair).then_some(Self {
            debited: from.account,
            lot: from.lot,
            credited: to.account,
            amount: from.amount,
        })
    }
}

/// Where an account stands when a batch begins, and what it is when the batch ends.
pub(in crate::store) struct Step<'a> {
    pub account: AccountId,
    pub before: i64,
    pub last: &'a Effects,
    pub line: &'a Line,
}

/// What is written of many commands. Lots and entries come before the lines.
pub(in crate::store) struct Parts<'a> {
    pub lots: Vec<LotPart<'a>>,
    pub entries: Vec<EntryPart<'a>>,
    pub lines: Vec<LinePart<'a>>,
    pub steps: Vec<Step<'a>>,
}

impl<'a> Parts<'a> {
    /// Of these, in their order.
    pub fn of(booked: &[&'a Booked]) -> Self {
        let mut lots: BTreeMap<LotId, LotPart<'a>> = BTreeMap::new();
        let mut steps: BTreeMap<AccountId, Step<'a>> = BTreeMap::new();
        let mut entries = Vec::new();
        let mut lines = Vec::with_capacity(booked.len());
        for Booked { effects, line, .. } in booked {
            lots.extend(effects.lots.iter().map(|lot| (lot.id, (effects.account, lot))));
            let Some(line) = line else { continue };
            let pair = Pair::of(effects);
            if pair.is_none() {
                entries.extend((1..).zip(&effects.entries).map(|(n, entry)| (effects, n, entry)));
            }
            lines.push((effects, line, pair));
            match steps.entry(effects.account) {
                Place::Vacant(place) => {
                    place.insert(Step {
                        account: effects.account,
                        before: effects.seq.0 - 1,
                        last: effects,
                        line,
                    });
                }
                Place::Occupied(mut place) => {
                    let step = place.get_mut();
                    (step.last, step.line) = (effects, line);
                }
            }
        }
        Self {
            lots: lots.into_values().collect(),
            entries,
            lines,
            steps: steps.into_values().collect(),
        }
    }
}

pub(in crate::store) fn bind_lot<'q, DB: Database, V: Values<'q, DB>>(query: V, (account, lot): &'q LotPart<'q>) -> V
where
    i64: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    &'q str: Encode<'q, DB> + Type<DB>,
    Arc<str>: Encode<'q, DB> + Type<DB>,
{
    query
        .put(lot.id.number())
        .put(account.number())
        .put(word(lot.kind.as_str()))
        .put(i64::from(lot.priority))
        .put(lot.amount.nano())
        .put(lot.remaining.nano())
        .put(lot.effective_at.microseconds())
        .put(lot.expires_at.map(Timestamp::microseconds))
        .put(lot.created_at.microseconds())
        .put(lot.source.as_str())
}

pub(in crate::store) fn bind_lot_left<'q, V: Values<'q, Sqlite>>(query: V, (account, lot): &'q LotPart<'q>) -> V {
    query
        .put(lot.id.number())
        .put(account.number())
        .put(lot.remaining.nano())
}

pub(in crate::store) fn bind_entry<'q, DB: Database, V: Values<'q, DB>>(
    query: V,
    (effects, n, entry): &'q EntryPart<'q>,
) -> V
where
    i64: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    &'q str: Encode<'q, DB> + Type<DB>,
    Arc<str>: Encode<'q, DB> + Type<DB>,
{
    query
        .put(effects.account.number())
        .put(effects.seq.0)
        .put(*n)
        .put(word(entry.account.as_str()))
        .put(entry.lot.map(LotId::number))
        .put(entry.amount.nano())
}

pub(in crate::store) fn bind_line<'q, DB: Database, V: Values<'q, DB>>(
    query: V,
    (effects, line, pair): &'q LinePart<'q>,
) -> V
where
    i64: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    &'q str: Encode<'q, DB> + Type<DB>,
    Arc<str>: Encode<'q, DB> + Type<DB>,
    Option<Arc<str>>: Encode<'q, DB> + Type<DB>,
{
    query
        .put(effects.account.number())
        .put(effects.seq.0)
        .put(word(effects.kind.as_str()))
        .put(effects.booked_at.microseconds())
        .put(line.call.map(CallId::number))
        .put(Arc::clone(&line.command))
        .put(Arc::clone(&line.actor))
        .put(effects.after.balance.nano())
        .put(effects.after.held.nano())
        .put(effects.after.debt.nano())
        .put(Arc::clone(&line.hash))
        .put(pair.map(|pair| word(pair.debited.as_str())))
        .put(pair.and_then(|pair| pair.lot).map(LotId::number))
        .put(pair.map(|pair| word(pair.credited.as_str())))
        .put(pair.map(|pair| pair.amount.nano()))
}

pub(in crate::store) fn bind_step<'q, V: Values<'q, Sqlite>>(query: V, step: &'q Step<'q>) -> V {
    query
        .put(step.account.number())
        .put(step.before)
        .put(step.last.seq.0)
        .put(step.last.booked_at.microseconds())
        .put(Arc::clone(&step.line.hash))
        .put(step.last.after.balance.nano())
        .put(step.last.after.debt.nano())
        .put(word(step.last.after.status.as_str()))
}
