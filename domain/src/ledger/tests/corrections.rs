//! Charges given back: into which lots, and no more than was paid.

use super::*;

const DAY: i64 = 86_400 * 1_000_000;

/// A call that cost nine: five from a lot that ends at 100, four from one without end.
fn settled() -> (Scene, Vec<SettledPart>) {
    let mut scene = Scene::with([until(100, paid(1, 5)), Command::Grant(paid(2, 10)), hold(1, 9)]);
    let effects = scene.must(1, &settle(1, 9));
    let Outcome::Settled(settlement) = &effects.outcome else {
        panic!("{effects:?}")
    };
    let parts = settlement.spent.iter().map(|spent| SettledPart {
        lot: effects.lots.iter().find(|lot| lot.id == spent.lot).unwrap().clone(),
        spent: spent.amount,
        corrected: Amount::ZERO,
        voided: false,
    });
    let parts: Vec<_> = parts.collect();
    assert_eq!(parts.iter().map(|part| part.spent.nano()).collect::<Vec<_>>(), [5, 4]);
    (scene, parts)
}

fn correct(amount: i64, parts: &[SettledPart]) -> Command {
    Command::Correct {
        call: call(1),
        amount: nano(amount),
        parts: parts.to_vec(),
        lot: lot(9),
        reason: why(),
    }
}

/// The parts as storage holds them after a correction.
fn after(parts: &[SettledPart], effects: &Effects) -> Vec<SettledPart> {
    let Outcome::Corrected { returned, .. } = &effects.outcome else {
        panic!("{effects:?}")
    };
    let mut parts = parts.to_vec();
    for part in &mut parts {
        for back in returned.iter().filter(|back| back.from == part.lot.id) {
            part.corrected = part.corrected.checked_add(back.amount).unwrap();
        }
    }
    parts
}

#[test]
fn a_charge_goes_back_into_the_lots_that_paid_the_last_first() {
    let (mut scene, parts) = settled();
    let effects = scene.must(50, &correct(6, &parts));
    let posted = [
        (LedgerAccount::RevenueUsage, 6),
        (LedgerAccount::Credit, -4),
        (LedgerAccount::Credit, -2),
    ];
    assert_eq!(entries(&effects), posted);
    assert_eq!((scene.left(2), scene.left(1)), (10, 2), "the empty lot is open again");
    assert_eq!(
        scene.account.lot(lot(1)).unwrap().expires_at,
        Some(at(100)),
        "and ends when it did"
    );
}

/// [37] After the lots have ended there is a new one; a second correction finds only what is left.
#[test]
fn what_was_paid_by_a_lot_that_has_ended_comes_back_for_thirty_days() {
    let (mut scene, parts) = settled();
    let effects = scene.must(200, &correct(9, &parts));
    assert_eq!((scene.left(2), scene.left(1), scene.left(9)), (10, 0, 5));
    let new = scene.account.lot(lot(9)).unwrap();
    assert_eq!(
        (new.kind, new.expires_at),
        (LotKind::Correction, Some(at(200 + 30 * DAY)))
    );
    let parts = after(&parts, &effects);
    let again = scene.refused(201, &correct(1, &parts));
    assert_eq!(
        again,
        Refusal::BeyondCorrectable {
            correctable: Amount::ZERO
        }
    );
}

/// What an admin took back stays taken back: the correction is a lot of its own, which ends no sooner than the one that paid.
#[test]
fn a_voided_lot_does_not_come_back() {
    let (mut scene, mut parts) = settled();
    let void = Command::Void {
        lot: lot(2),
        reason: why(),
    };
    scene.must(10, &void);
    assert_eq!(scene.left(2), 0);
    parts[1].voided = true;
    let effects = scene.must(50, &correct(6, &parts));
    let Outcome::Corrected { returned, .. } = &effects.outcome else {
        panic!("{effects:?}")
    };
    let went: Vec<_> = returned.iter().map(|part| (part.from, part.to)).collect();
    assert_eq!(went, [(lot(2), lot(9)), (lot(1), lot(1))]);
    assert_eq!((scene.left(2), scene.left(9), scene.left(1)), (0, 4, 2));
    assert_eq!(
        scene.account.lot(lot(9)).unwrap().expires_at,
        None,
        "as the one that paid"
    );
}

/// Also not when only a part of it could be voided, as running calls held the rest.
#[test]
fn a_lot_that_was_voided_in_part_gets_nothing_back() {
    let mut scene = Scene::with([until(100, paid(1, 9)), hold(1, 3)]);
    let effects = scene.must(1, &settle(1, 3));
    scene.must(2, &hold(2, 4));
    let void = Command::Void {
        lot: lot(1),
        reason: why(),
    };
    scene.must(3, &void);
    assert_eq!(scene.left(1), 4);
    let part = SettledPart {
        lot: effects.lots[0].clone(),
        spent: nano(3),
        corrected: Amount::ZERO,
        voided: true,
    };
    scene.must(4, &correct(3, &[part]));
    assert_eq!((scene.left(1), scene.left(9)), (4, 3));
    let new = scene.account.lot(lot(9)).unwrap();
    assert_eq!(new.expires_at, Some(at(4 + 30 * DAY)));
}

/// An order that was stored before voids were asked about does what it did.
#[test]
fn what_was_booked_before_is_replayed_as_it_was() {
    let (mut scene, parts) = settled();
    let json = serde_json::to_string(&correct(4, &parts)).unwrap();
    assert!(!json.contains("voided"), "{json}");
    scene.must(10, &serde_json::from_str(&json).unwrap());
    assert_eq!((scene.left(2), scene.left(9)), (10, 0));
}

#[test]
fn several_corrections_give_back_no_more_than_was_paid() {
    let (mut scene, parts) = settled();
    let first = scene.must(50, &correct(3, &parts));
    let parts = after(&parts, &first);
    let refusal = scene.refused(50, &correct(7, &parts));
    assert_eq!(refusal, Refusal::BeyondCorrectable { correctable: nano(6) });
    scene.must(50, &correct(6, &parts));
    assert_eq!((scene.left(2), scene.left(1)), (10, 5));
}

#[test]
fn parts_that_cannot_be_true_are_refused() {
    let (mut scene, parts) = settled();
    let mut doubled = parts.clone();
    doubled[1].spent = nano(40);
    assert_eq!(
        scene.refused(50, &correct(30, &doubled)),
        Refusal::WrongParts { lot: lot(2) }
    );
    let mut corrected = parts.clone();
    corrected[0].corrected = nano(6);
    assert_eq!(
        scene.refused(50, &correct(9, &corrected)),
        Refusal::WrongParts { lot: lot(1) }
    );
    assert_eq!(scene.refused(50, &correct(0, &parts)), Refusal::ZeroAmount);
    let taken = [hold(2, 1), Command::Grant(paid(9, 1))];
    for command in &taken {
        scene.must(50, command);
    }
    assert_eq!(
        scene.refused(200, &correct(9, &parts)),
        Refusal::LotExists { lot: lot(9) }
    );
}

#[test]
fn a_lot_that_was_extended_gets_its_credit_back() {
    let (mut scene, _) = settled();
    let mut scene_of_one = Scene::with([until(100, paid(1, 5)), hold(1, 3)]);
    let effects = scene_of_one.must(1, &settle(1, 3));
    let longer = Command::ExtendLot {
        lot: lot(1),
        expires_at: Some(at(500)),
        reason: why(),
    };
    scene_of_one.must(2, &longer);
    // The part says that the lot ends at 100; the account knows better.
    let stale = SettledPart {
        lot: effects.lots[0].clone(),
        spent: nano(3),
        corrected: Amount::ZERO,
        voided: false,
    };
    scene_of_one.must(200, &correct(3, &[stale]));
    assert_eq!(scene_of_one.left(1), 5);
    assert_eq!(
        scene.refused(2, &longer),
        Refusal::NoLot { lot: lot(1) },
        "an empty lot has no end to put off"
    );
}

#[test]
fn a_loss_is_not_given_back() {
    let mut scene = Scene::with([Command::Grant(paid(1, 5)), hold(1, 5)]);
    let effects = scene.must(1, &settle(1, 8));
    assert_eq!(paid_and_lost(&effects), (5, 3));
    let part = SettledPart {
        lot: effects.lots[0].clone(),
        spent: nano(5),
        corrected: Amount::ZERO,
        voided: false,
    };
    let refusal = scene.refused(1, &correct(8, &[part]));
    assert_eq!(refusal, Refusal::BeyondCorrectable { correctable: nano(5) });
}
