//! Debt by scenario. Numbers in brackets as in `calls`.

use super::*;

/// [36] A refund of what was spent becomes debt, and the next credit repays it first.
#[test]
fn debt_is_repaid_by_the_next_credit() {
    let mut scene = Scene::with([Command::Grant(paid(1, 10)), hold(1, 8)]);
    scene.must(1, &settle(1, 8));
    let effects = scene.must(1, &debit(10));
    let posted = [
        (LedgerAccount::Credit, 2),
        (LedgerAccount::Receivable, 8),
        (LedgerAccount::ManualPayment, -10),
    ];
    assert_eq!(entries(&effects), posted);
    assert_eq!((scene.spendable(1), effects.after.debt), (-8, nano(8)));
    let grant = scene.must(2, &Command::Grant(paid(2, 20)));
    let posted = [
        (LedgerAccount::Credit, -20),
        (LedgerAccount::ManualPayment, 20),
        (LedgerAccount::Credit, 8),
        (LedgerAccount::Receivable, -8),
    ];
    assert_eq!(entries(&grant), posted, "in one transaction");
    assert_eq!((scene.spendable(2), grant.after.debt), (12, Amount::ZERO));
}

/// Credit that a call sets free repays debt at once. Left beside the debt, it could not be spent, and it would expire
/// while its owner still owes.
#[test]
fn credit_that_becomes_free_repays_debt_before_it_can_expire() {
    let mut scene = Scene::with([until(100, paid(1, 10)), hold(1, 10)]);
    assert_eq!(scene.must(1, &debit(4)).after.debt, nano(4));
    let ended = scene.must(2, &release(1));
    assert_eq!(
        entries(&ended),
        [(LedgerAccount::Credit, 4), (LedgerAccount::Receivable, -4)]
    );
    assert_eq!((scene.spendable(2), ended.after.debt), (6, Amount::ZERO));
    let expired = scene.book_expiries(100);
    assert_eq!(taken(&expired[0]), 6);
    assert!(scene.account.totals().debt.is_zero());
}

#[test]
fn debt_is_written_off_as_what_it_is() {
    let mut scene = Scene::with([debit(10)]);
    let write_off = |amount, loss| Command::WriteOff {
        amount: nano(amount),
        loss,
        reason: why(),
    };
    let bad = scene.must(1, &write_off(4, LossKind::BadDebt));
    assert_eq!(
        entries(&bad),
        [(LedgerAccount::BadDebt, 4), (LedgerAccount::Receivable, -4)]
    );
    let lost = scene.must(1, &write_off(6, LossKind::Dispute));
    assert_eq!(
        entries(&lost),
        [(LedgerAccount::DisputeLoss, 6), (LedgerAccount::Receivable, -6)]
    );
    let refusal = scene.refused(1, &write_off(1, LossKind::BadDebt));
    assert_eq!(refusal, Refusal::BeyondDebt { debt: Amount::ZERO });
}
