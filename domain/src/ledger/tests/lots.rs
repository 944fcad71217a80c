//! Lots by scenario: periods, expiry, voids, adjustments. Numbers in brackets as in `calls`.

use super::*;

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
    assert!(matches!(scene.refused(49, &hold(1, 1)), Refusal::Shortage(_)));
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
