//! Credit that comes, goes and ends, outside of calls.

use super::draft::Draft;
use crate::{
    id::LotId,
    ledger::{Adjustment, Grant, LedgerAccount, Lot, LotKind, Outcome, Refusal},
    money::Amount,
    time::Timestamp,
};

pub(super) fn grant(draft: &mut Draft<'_>, grant: &Grant) -> Result<Outcome, Refusal> {
    let lot = Lot {
        id: grant.lot,
        kind: grant.kind,
        priority: grant.priority,
        amount: grant.amount,
        remaining: grant.amount,
        effective_at: grant.effective_at,
        expires_at: grant.expires_at,
        created_at: draft.now,
        source: grant.source.clone(),
    };
    if grant.amount.is_zero() {
        return Err(Refusal::ZeroAmount);
    }
    if !lot.outlives(lot.effective_at) || !lot.outlives(draft.now) {
        return Err(Refusal::Period);
    }
    draft.add_lot(lot)?;
    draft.post(grant.kind.source(), grant.amount.money());
    Ok(Outcome::Done)
}

pub(super) fn expire(draft: &mut Draft<'_>, id: LotId) -> Result<Outcome, Refusal> {
    let lot = draft.account.lot(id).ok_or(Refusal::NoLot { lot: id })?;
    if !draft.account.is_due(lot, draft.now) {
        return Err(Refusal::NotDue { lot: id });
    }
    Ok(take_back(draft, lot, lot.remaining, lot.kind.lapse()))
}

/// Takes what no running call may need. A lot that has not begun serves no call, so all of it can go.
pub(super) fn void(draft: &mut Draft<'_>, id: LotId) -> Result<Outcome, Refusal> {
    let lot = draft.account.lot(id).ok_or(Refusal::NoLot { lot: id })?;
    let free = if lot.has_begun(draft.now) {
        lot.remaining.min(draft.account.spendable(draft.now).or_zero())
    } else {
        lot.remaining
    };
    if free.is_zero() {
        return Err(Refusal::NothingToVoid {
            lot: id,
            held: draft.totals.held,
        });
    }
    Ok(take_back(draft, lot, free, lot.kind.source()))
}

fn take_back(draft: &mut Draft<'_>, lot: &Lot, amount: Amount, taker: LedgerAccount) -> Outcome {
    let amount = draft.take(lot, amount);
    draft.post(taker, amount.negated());
    Outcome::Taken { amount }
}

/// Puts off the end of a lot, also when it has passed but a running call has kept it from being booked.
pub(super) fn extend(draft: &mut Draft<'_>, id: LotId, expires_at: Option<Timestamp>) -> Result<Outcome, Refusal> {
    let lot = draft.account.lot(id).ok_or(Refusal::NoLot { lot: id })?;
    let later = match (lot.expires_at, expires_at) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(old), Some(new)) => new > old && new > draft.now,
    };
    if !later {
        return Err(Refusal::NotLater {
            expires_at: lot.expires_at,
        });
    }
    draft.change(Lot {
        expires_at,
        ..lot.clone()
    });
    Ok(Outcome::Done)
}

pub(super) fn adjust(draft: &mut Draft<'_>, adjustment: &Adjustment) -> Result<Outcome, Refusal> {
    match adjustment {
        Adjustment::Add { amount, .. } | Adjustment::Take { amount } if amount.is_zero() => Err(Refusal::ZeroAmount),
        Adjustment::Add { lot, amount } => {
            draft.add_lot(Lot {
                id: *lot,
                kind: LotKind::Correction,
                priority: LotKind::Correction.default_priority(),
                amount: *amount,
                remaining: *amount,
                effective_at: draft.now,
                expires_at: None,
                created_at: draft.now,
                source: format!("adjust:{lot}"),
            })?;
            draft.post(LedgerAccount::Adjustment, amount.money());
            Ok(Outcome::Done)
        }
        Adjustment::Take { amount } => {
            draft.afford(*amount, Amount::ZERO)?;
            burn_alive(draft, *amount);
            draft.post(LedgerAccount::Adjustment, amount.negated());
            Ok(Outcome::Taken { amount: *amount })
        }
    }
}

/// Takes credit that can be spent, in burn order.
pub(super) fn burn_alive(draft: &mut Draft<'_>, amount: Amount) {
    let (account, now) = (draft.account, draft.now);
    draft.burn(account.lots().iter().filter(|lot| lot.is_alive(now)), amount);
}
