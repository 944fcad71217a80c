//! Calls by scenario. Numbers in brackets are those of the billing study's list of tests.

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
