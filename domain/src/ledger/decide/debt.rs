//! Debt: where it comes from, and how it goes.

use super::{credit::burn_alive, draft::Draft};
use crate::{
    ledger::{LedgerAccount, LossKind, Lot, Outcome, Refusal},
    money::Amount,
};

/// The only source of debt: money that was taken back after its credit was used or promised to running calls.
pub(super) fn debit(draft: &mut Draft<'_>, amount: Amount) -> Result<Outcome, Refusal> {
    if amount.is_zero() {
        return Err(Refusal::ZeroAmount);
    }
    let taken = amount.min(draft.account.spendable(draft.now).or_zero());
    let owed = amount.less(taken);
    draft.totals.debt = draft.totals.debt.checked_add(owed).ok_or(Refusal::TooLarge)?;
    burn_alive(draft, taken);
    draft.post(LedgerAccount::Receivable, owed.money());
    draft.post(LedgerAccount::ManualPayment, amount.negated());
    Ok(Outcome::Debited { taken, owed })
}

pub(super) fn write_off(draft: &mut Draft<'_>, amount: Amount, loss: LossKind) -> Result<Outcome, Refusal> {
    if amount.is_zero() {
        return Err(Refusal::ZeroAmount);
    }
    let debt = draft.totals.debt;
    draft.totals.debt = debt.checked_sub(amount).ok_or(Refusal::BeyondDebt { debt })?;
    draft.post(loss.account(), amount.money());
    draft.post(LedgerAccount::Receivable, amount.negated());
    Ok(Outcome::Done)
}

/// Repays debt with whatever a command has left free, in burn order and in the same transaction. Free credit beside
/// debt would be neither: it could not be spent, and it could expire while its owner still owes.
pub(super) fn repay(draft: &mut Draft<'_>) {
    if draft.totals.debt.is_zero() {
        return;
    }
    let mut alive: Vec<Lot> = draft.lots().filter(|lot| lot.is_alive(draft.now)).cloned().collect();
    alive.sort_by_cached_key(Lot::burn_key);
    let credit = alive.iter().fold(Amount::ZERO, |sum, lot| {
        sum.checked_add(lot.remaining).unwrap_or(Amount::MAX)
    });
    let repaid = draft.totals.debt.min(credit.less(draft.totals.held));
    draft.burn(&alive, repaid);
    draft.totals.debt = draft.totals.debt.less(repaid);
    draft.post(LedgerAccount::Receivable, repaid.negated());
}
