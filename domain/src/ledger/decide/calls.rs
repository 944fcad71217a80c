//! Calls: admitted, paid, given back.

use super::draft::Draft;
use crate::{
    id::{CallId, LotId},
    ledger::{Hold, LedgerAccount, Lot, LotKind, Outcome, Refusal, Returned, SettledPart, Settlement},
    money::Amount,
    time::Micros,
};

/// How long a correction lives at least when the lot that paid has ended or was voided.
const CORRECTION_LIFE: Micros = Micros::from_days(30);

pub(super) fn hold(draft: &mut Draft<'_>, call: CallId, amount: Amount) -> Result<Outcome, Refusal> {
    if draft.account.hold(call).is_some() {
        return Err(Refusal::HoldExists { call });
    }
    admit(draft, amount, Amount::ZERO)?;
    draft.open_hold(call, amount)?;
    Ok(Outcome::Done)
}

pub(super) fn extend(draft: &mut Draft<'_>, call: CallId, by: Amount) -> Result<Outcome, Refusal> {
    let hold = draft.hold(call)?;
    admit(draft, by, hold.amount)?;
    draft.extend_hold(call, hold, by)?;
    Ok(Outcome::Done)
}

/// What costs nothing needs no credit, not even its absence of debt. `own`: what the call holds already.
fn admit(draft: &Draft<'_>, amount: Amount, own: Amount) -> Result<(), Refusal> {
    draft.admits()?;
    if amount.is_zero() {
        Ok(())
    } else {
        draft.afford(amount, own)
    }
}

/// Pays out of the hold, then out of what can be spent beside it, and never out of what other calls hold.
pub(super) fn settle(draft: &mut Draft<'_>, call: CallId, charge: Amount) -> Result<Outcome, Refusal> {
    let hold = draft.hold(call)?;
    let outcome = pay(draft, call, charge, hold);
    draft.close_hold(call, hold);
    Ok(outcome)
}

/// Pays a call that holds nothing any more out of what can be spent now: never out of what other calls hold, and never by debt.
pub(super) fn late(draft: &mut Draft<'_>, call: CallId, charge: Amount) -> Result<Outcome, Refusal> {
    if draft.account.hold(call).is_some() {
        return Err(Refusal::HoldExists { call });
    }
    let nothing = Hold {
        amount: Amount::ZERO,
        authorised_at: draft.now,
    };
    Ok(pay(draft, call, charge, nothing))
}

/// Takes the charge out of the lots that this hold may use; what they do not reach is our loss.
fn pay(draft: &mut Draft<'_>, call: CallId, charge: Amount, hold: Hold) -> Outcome {
    let beyond = draft.account.spendable(draft.now).or_zero();
    let payable = charge
        .min(hold.amount)
        .checked_add(charge.less(hold.amount).min(beyond));
    let (account, now) = (draft.account, draft.now);
    let paying = account.lots().iter().filter(|lot| lot.pays(hold.authorised_at, now));
    let spent = draft.burn(paying, payable.unwrap_or(charge));
    let loss = spent.iter().fold(charge, |left, spent| left.less(spent.amount));
    draft.post(LedgerAccount::UsageLoss, loss.money());
    draft.post(LedgerAccount::RevenueUsage, charge.negated());
    Outcome::Settled(Settlement {
        call,
        charge,
        paid: charge.less(loss),
        loss,
        spent,
    })
}

pub(super) fn release(draft: &mut Draft<'_>, call: CallId) -> Result<Outcome, Refusal> {
    let hold = draft.hold(call)?;
    draft.close_hold(call, hold);
    Ok(Outcome::Done)
}

pub(super) fn allocate(draft: &mut Draft<'_>, charge: Amount) -> Outcome {
    draft.post(LedgerAccount::CostAllocation, charge.money());
    draft.post(LedgerAccount::RevenueInternal, charge.negated());
    Outcome::Done
}

/// Back into the lots that paid, the last one first; what cannot go back, as its lot has ended or was voided, goes into one new
/// lot. A lot that was taken back stays taken back, and whoever was charged wrongly gets what they were charged all the same.
pub(super) fn correct(
    draft: &mut Draft<'_>,
    call: CallId,
    amount: Amount,
    parts: &[SettledPart],
    new_lot: LotId,
) -> Result<Outcome, Refusal> {
    if amount.is_zero() {
        return Err(Refusal::ZeroAmount);
    }
    let mut left = amount;
    let mut closed = Amount::ZERO;
    let mut end = Some(draft.now.plus(CORRECTION_LIFE));
    let mut returned = Vec::with_capacity(parts.len());
    draft.post(LedgerAccount::RevenueUsage, amount.money());
    for part in parts.iter().rev() {
        let wrong = Refusal::WrongParts { lot: part.lot.id };
        let correctable = part.spent.checked_sub(part.corrected).ok_or(wrong)?;
        let back = left.min(correctable);
        if back.is_zero() {
            continue;
        }
        left = left.less(back);
        let lot = lot_now(draft, part);
        let to = if lot.outlives(draft.now) && !part.voided {
            draft.refill(&lot, back)?;
            lot.id
        } else {
            closed = closed.checked_add(back).ok_or(Refusal::TooLarge)?;
            // No sooner than what was paid with: none is never.
            end = end.and_then(|end| lot.expires_at.map(|old| end.max(old)));
            new_lot
        };
        returned.push(Returned {
            from: part.lot.id,
            to,
            amount: back,
        });
    }
    if !left.is_zero() {
        return Err(Refusal::BeyondCorrectable {
            correctable: amount.less(left),
        });
    }
    if !closed.is_zero() {
        draft.add_lot(Lot {
            id: new_lot,
            kind: LotKind::Correction,
            priority: LotKind::Correction.default_priority(),
            amount: closed,
            remaining: closed,
            effective_at: draft.now,
            expires_at: end,
            created_at: draft.now,
            source: format!("correct:{call}:{new_lot}"),
        })?;
    }
    Ok(Outcome::Corrected { call, returned })
}

/// The lot that paid, as it is now. One that is not among the account's lots has nothing left.
fn lot_now(draft: &Draft<'_>, part: &SettledPart) -> Lot {
    draft.lot(part.lot.id).cloned().unwrap_or_else(|| Lot {
        remaining: Amount::ZERO,
        ..part.lot.clone()
    })
}
