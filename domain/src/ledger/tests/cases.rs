//! Scenarios by name. Numbers in brackets are those of the billing study's list of tests.

use super::*;

fn shortage(refusal: Refusal) -> Shortage {
    match refusal {
        Refusal::Shortage(shortage) => shortage,
        other => panic!("not a shortage: {other:?}"),
    }
}

/// [11] Credit for 37 of 1,000 calls admits exactly 37.
#[test]
fn a_balance_for_37_admits_37_of_1000() {
    let mut scene = Scene::with([Command::Grant(paid(1, 37 * 10 + 9))]);
    let admitted = (1..=1_000)
        .filter(|number| scene.run(1, &hold(*number, 10)).is_ok())
        .count();
    assert_eq!(admitted, 37);
    assert_eq!(scene.spendable(1), 9);
}

#[test]
fn a_shortage_tells_the_facts() {
    let mut scene = Scene::with([Command::Grant(paid(1, 10)), hold(1, 7)]);
    let facts = shortage(scene.refused(1, &hold(2, 8)));
    assert_eq!(
        (facts.needed, facts.spendable.nano(), facts.held),
        (nano(8), 3, nano(7))
    );
    assert!(
        facts.waiting_helps,
        "if the running call costs nothing, eight are there"
    );
    assert!(
        !shortage(scene.refused(1, &hold(2, 11))).waiting_helps,
        "there never were eleven"
    );
    scene.must(1, &debit(5));
    let facts = shortage(scene.refused(1, &hold(2, 3)));
    assert_eq!((facts.spendable.nano(), facts.debt), (-2, nano(2)));
    assert!(facts.waiting_helps, "ten less five are enough once the call has ended");
    assert!(!shortage(scene.refused(1, &hold(2, 6))).waiting_helps);
    assert_eq!(
        facts.to_string(),
        "This needs 0.000000003 credits and 0.00 can be spent."
    );
}

/// [13, 14] A call ends once.
#[test]
fn a_call_is_settled_or_released_once() {
    let mut scene = Scene::with([Command::Grant(paid(1, 10)), hold(1, 5), hold(2, 5)]);
    scene.must(1, &settle(1, 3));
    for again in [
        settle(1, 3),
        release(1),
        Command::Extend {
            call: call(1),
            by: nano(1),
        },
    ] {
        assert_eq!(scene.refused(1, &again), Refusal::NoHold { call: call(1) });
    }
    scene.must(1, &release(2));
    assert_eq!(scene.refused(1, &settle(2, 3)), Refusal::NoHold { call: call(2) });
    assert_eq!(scene.spendable(1), 7);
}

#[test]
fn a_settle_frees_what_the_call_did_not_use() {
    let mut scene = Scene::with([Command::Grant(paid(1, 10)), hold(1, 8)]);
    let effects = scene.must(1, &settle(1, 3));
    assert_eq!(paid_and_lost(&effects), (3, 0));
    assert_eq!(
        entries(&effects),
        [(LedgerAccount::Credit, 3), (LedgerAccount::RevenueUsage, -3)]
    );
    assert_eq!(scene.spendable(1), 7);
}

/// [23] A charge of zero posts nothing and still ends the call.
#[test]
fn a_free_call_has_a_settle_without_entries() {
    let mut scene = Scene::with([hold(1, 0)]);
    let effects = scene.must(1, &settle(1, 0));
    assert_eq!(effects.entries, []);
    assert!(matches!(effects.hold, Some(HoldChange::Closed { .. })));
    assert_eq!(scene.refused(1, &settle(1, 0)), Refusal::NoHold { call: call(1) });
}

#[test]
fn a_free_call_is_admitted_at_any_balance_but_not_when_blocked() {
    let mut scene = Scene::with([debit(5), hold(1, 0)]);
    scene.must(1, &Command::Block { reason: why() });
    assert_eq!(scene.refused(1, &hold(2, 0)), Refusal::Blocked);
    let more = Command::Extend {
        call: call(1),
        by: nano(0),
    };
    assert_eq!(scene.refused(1, &more), Refusal::Blocked, "nor may a running one grow");
    scene.must(1, &settle(1, 0));
    scene.must(1, &Command::Unblock { reason: why() });
    scene.must(1, &hold(2, 0));
}

#[test]
fn a_charge_beyond_hold_and_credit_is_our_loss_and_no_debt() {
    let mut scene = Scene::with([Command::Grant(paid(1, 10)), hold(1, 4), hold(2, 5)]);
    let effects = scene.must(1, &settle(1, 9));
    assert_eq!(
        paid_and_lost(&effects),
        (5, 4),
        "four held, one free, five belong to the other call"
    );
    let posted = [
        (LedgerAccount::Credit, 5),
        (LedgerAccount::UsageLoss, 4),
        (LedgerAccount::RevenueUsage, -9),
    ];
    assert_eq!(entries(&effects), posted);
    assert!(effects.after.debt.is_zero());
    assert_eq!(paid_and_lost(&scene.must(1, &settle(2, 5))), (5, 0));
}

/// [30] A lot that ends during a stream pays for it; what the call did not use expires right after.
#[test]
fn a_lot_that_ends_during_a_call_pays_for_it_and_then_expires() {
    let mut scene = Scene::with([until(100, paid(1, 10)), hold(1, 8)]);
    assert_eq!(scene.account.due_expiry(at(150)), None, "the running call keeps it");
    assert_eq!(scene.spendable(150), -8, "but nobody else can spend it");
    let expire = Command::Expire { lot: lot(1) };
    assert_eq!(scene.refused(150, &expire), Refusal::NotDue { lot: lot(1) });
    assert_eq!(paid_and_lost(&scene.must(150, &settle(1, 5))), (5, 0));
    let booked = scene.book_expiries(150);
    assert_eq!(booked.len(), 1);
    assert_eq!(
        entries(&booked[0]),
        [(LedgerAccount::Credit, 5), (LedgerAccount::Breakage, -5)]
    );
    assert_eq!(scene.account.lots(), []);
}

#[test]
fn a_lot_is_expired_at_the_very_instant_of_its_end() {
    let mut scene = Scene::with([until(100, paid(1, 10))]);
    assert_eq!((scene.spendable(99), scene.spendable(100)), (10, 0));
    assert_eq!(scene.account.due_expiry(at(99)), None);
    assert!(scene.account.due_expiry(at(100)).is_some());
    scene.must(99, &hold(1, 1));
    assert_eq!(
        scene.account.due_expiry(at(100)),
        None,
        "a call admitted an instant before may use it"
    );
    let mut other = Scene::with([until(100, paid(1, 10)), Command::Grant(paid(2, 10))]);
    other.must(100, &hold(1, 10));
    assert_eq!(other.left(1), 0, "one admitted at the instant may not");
}

#[test]
fn a_lot_counts_from_the_very_instant_it_begins() {
    let later = Grant {
        effective_at: at(50),
        ..paid(1, 10)
    };
    let mut scene = Scene::with([Command::Grant(later)]);
    assert_eq!((scene.spendable(49), scene.spendable(50)), (0, 10));
    assert!(shortage(scene.refused(49, &hold(1, 1))).spendable.is_zero());
    scene.must(50, &hold(1, 10));
}

/// [31] Sweeper and lazy expiry may both find a lot; it expires once.
#[test]
fn a_lot_expires_once() {
    let mut scene = Scene::with([until(100, paid(1, 10))]);
    assert_eq!(scene.book_expiries(100).len(), 1);
    let expire = Command::Expire { lot: lot(1) };
    assert_eq!(scene.refused(100, &expire), Refusal::NoLot { lot: lot(1) });
}

/// [33] The books do not follow a clock that steps.
#[test]
fn bookings_never_go_back_in_time() {
    const HOUR: i64 = 3_600 * 1_000_000;
    let mut scene = Scene::with([until(30 * HOUR, paid(1, 10))]);
    let first = scene.must(10 * HOUR, &hold(1, 1));
    let back = scene.must(9 * HOUR, &hold(2, 1));
    assert_eq!((first.booked_at, back.booked_at), (at(10 * HOUR), at(10 * HOUR)));
    scene.must(34 * HOUR, &release(1));
    scene.must(10 * HOUR, &release(2));
    assert_eq!(
        scene.book_expiries(10 * HOUR).len(),
        1,
        "a day ahead was booked, so the lot has ended"
    );
    assert_eq!(scene.book_expiries(34 * HOUR).len(), 0, "once");
    assert_eq!(scene.account.booked_at(), at(34 * HOUR));
}

/// [34] Unused, partly held, spent, twice.
#[test]
fn a_void_takes_what_no_call_may_need() {
    let mut scene = Scene::with([Command::Grant(paid(1, 10))]);
    let effects = scene.must(1, &void(1));
    assert_eq!(
        entries(&effects),
        [(LedgerAccount::Credit, 10), (LedgerAccount::ManualPayment, -10)]
    );
    assert_eq!(scene.refused(1, &void(1)), Refusal::NoLot { lot: lot(1) });

    let mut scene = Scene::with([Command::Grant(paid(1, 10)), hold(1, 4)]);
    assert_eq!(taken(&scene.must(1, &void(1))), 6);
    assert_eq!(
        scene.refused(1, &void(1)),
        Refusal::NothingToVoid {
            lot: lot(1),
            held: nano(4)
        }
    );
    assert_eq!(paid_and_lost(&scene.must(1, &settle(1, 3))), (3, 0));
    assert_eq!(taken(&scene.must(1, &void(1))), 1, "what the call left can go now");
}

/// A lot that has not begun serves no call. Taking no more than can be spent would keep it for no reason.
#[test]
fn a_lot_that_has_not_begun_is_voided_whole() {
    let later = Grant {
        effective_at: at(50),
        ..paid(2, 7)
    };
    let mut scene = Scene::with([Command::Grant(paid(1, 10)), Command::Grant(later), hold(1, 10)]);
    assert_eq!(scene.spendable(1), 0);
    assert_eq!(taken(&scene.must(1, &void(2))), 7);
    assert_eq!(paid_and_lost(&scene.must(60, &settle(1, 10))), (10, 0));
}

/// [35] Only what is unspent of a lot can be taken back.
#[test]
fn a_partly_spent_lot_is_voided_for_the_rest() {
    let mut scene = Scene::with([Command::Grant(paid(1, 10)), hold(1, 4)]);
    scene.must(1, &settle(1, 4));
    assert_eq!(taken(&scene.must(1, &void(1))), 6);
}

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

#[test]
fn an_adjustment_takes_exactly_so_much_or_nothing() {
    let gift = Grant {
        kind: LotKind::Promo,
        priority: 20,
        ..paid(2, 3)
    };
    let mut scene = Scene::with([Command::Grant(paid(1, 10)), Command::Grant(gift), hold(1, 4)]);
    let take = |amount| Command::Adjust {
        adjustment: Adjustment::Take { amount: nano(amount) },
        reason: why(),
    };
    assert!(matches!(scene.refused(1, &take(10)), Refusal::Shortage(_)));
    let effects = scene.must(1, &take(9));
    let posted = [
        (LedgerAccount::Credit, 3),
        (LedgerAccount::Credit, 6),
        (LedgerAccount::Adjustment, -9),
    ];
    assert_eq!(entries(&effects), posted, "the gift first");
    let add = Command::Adjust {
        adjustment: Adjustment::Add {
            lot: lot(3),
            amount: nano(2),
        },
        reason: why(),
    };
    assert_eq!(
        entries(&scene.must(1, &add)),
        [(LedgerAccount::Credit, -2), (LedgerAccount::Adjustment, 2)]
    );
    assert_eq!(scene.refused(1, &add), Refusal::LotExists { lot: lot(3) });
}

#[test]
fn an_end_can_only_be_put_off() {
    let mut scene = Scene::with([until(100, paid(1, 10)), hold(1, 1)]);
    let end = |end: Option<i64>| Command::ExtendLot {
        lot: lot(1),
        expires_at: end.map(at),
        reason: why(),
    };
    for sooner in [Some(99), Some(100)] {
        let refusal = scene.refused(1, &end(sooner));
        assert_eq!(
            refusal,
            Refusal::NotLater {
                expires_at: Some(at(100))
            }
        );
    }
    assert!(
        matches!(scene.refused(150, &end(Some(150))), Refusal::NotLater { .. }),
        "not into the past"
    );
    scene.must(150, &end(Some(200)));
    assert_eq!(scene.spendable(150), 9, "it had ended, but a running call had kept it");
    scene.must(150, &end(None));
    assert!(matches!(
        scene.refused(150, &end(Some(900))),
        Refusal::NotLater { expires_at: None }
    ));
    scene.must(150, &release(1));
    assert_eq!(scene.book_expiries(i64::MAX).len(), 0);
}

#[test]
fn a_lot_must_have_a_period_and_an_amount() {
    let mut scene = Scene::new();
    scene.must(50, &Command::Block { reason: why() });
    assert_eq!(
        scene.refused(50, &until(50, paid(1, 5))),
        Refusal::Period,
        "it has ended already"
    );
    let backwards = Grant {
        effective_at: at(90),
        ..paid(1, 5)
    };
    assert_eq!(scene.refused(50, &until(90, backwards)), Refusal::Period);
    assert_eq!(scene.refused(50, &Command::Grant(paid(1, 0))), Refusal::ZeroAmount);
    scene.must(50, &until(51, paid(1, 5)));
}

/// Enterprise mode: no hold, no credit, the same charge.
#[test]
fn an_allocated_charge_touches_no_credit() {
    let mut scene = Scene::new();
    let allocate = |charge| Command::Allocate {
        call: call(1),
        charge: nano(charge),
    };
    let effects = scene.must(1, &allocate(5));
    let posted = [(LedgerAccount::CostAllocation, 5), (LedgerAccount::RevenueInternal, -5)];
    assert_eq!(entries(&effects), posted);
    assert_eq!(effects.after, Totals::default());
    assert_eq!(scene.must(1, &allocate(0)).entries, []);
}

#[test]
fn an_extended_call_is_paid_from_the_lots_of_its_admission() {
    let mut scene = Scene::with([until(100, paid(1, 5)), hold(1, 5)]);
    let more = Command::Extend {
        call: call(1),
        by: nano(3),
    };
    assert!(matches!(scene.refused(150, &more), Refusal::Shortage(_)));
    scene.must(150, &Command::Grant(paid(2, 8)));
    scene.must(150, &more);
    assert_eq!(paid_and_lost(&scene.must(160, &settle(1, 8))), (8, 0));
    assert_eq!(
        (scene.left(1), scene.left(2)),
        (0, 5),
        "what had ended is used up first"
    );
}
