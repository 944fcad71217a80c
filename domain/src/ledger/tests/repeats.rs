//! What counts as the same command sent once more.

use super::{at, lot, nano};
use crate::{
    id::CallId,
    ledger::{Adjustment, Command, Grant, LossKind, LotKind},
    time::Timestamp,
};

const DAY: i64 = 86_400_000_000;

fn grant(id: i64, amount: i64, begins: i64, ends: Option<i64>, reason: &str) -> Command {
    Command::Grant(Grant {
        lot: lot(id),
        kind: LotKind::Promo,
        amount: nano(amount),
        priority: 20,
        effective_at: Timestamp(begins),
        expires_at: ends.map(Timestamp),
        source: format!("grant:{id}"),
        reason: reason.to_owned(),
    })
}

fn repeats(new: &Command, now: i64, old: &Command) -> bool {
    new.repeats(Timestamp(now), old, at(0))
}

#[test]
fn what_was_said_counts_and_what_was_thought_of_does_not() {
    let why = || "because".to_owned();
    let first = grant(1, 5, 0, None, "because");
    assert!(repeats(&grant(2, 5, DAY, None, "because"), DAY, &first));
    for other in [
        grant(1, 7, 0, None, "because"),
        grant(1, 5, 0, Some(DAY), "because"),
        grant(1, 5, 0, None, "for another reason"),
        Command::Debit {
            amount: nano(5),
            reason: why(),
        },
    ] {
        assert!(!repeats(&other, 0, &first), "{other:?}");
    }
    let adjust = |adjustment| Command::Adjust {
        adjustment,
        reason: why(),
    };
    let add = |id, amount| {
        adjust(Adjustment::Add {
            lot: lot(id),
            amount: nano(amount),
        })
    };
    let take = |amount| adjust(Adjustment::Take { amount: nano(amount) });
    assert!(repeats(&add(2, 5), 0, &add(1, 5)) && repeats(&take(5), 0, &take(5)));
    assert!(
        !repeats(&add(2, 6), 0, &add(1, 5)) && !repeats(&take(5), 0, &add(1, 5)) && !repeats(&take(6), 0, &take(5))
    );
    let correct = |call, amount, id| Command::Correct {
        call: CallId::from_number(call),
        amount: nano(amount),
        parts: Vec::new(),
        lot: lot(id),
        reason: why(),
    };
    assert!(repeats(&correct(1, 5, 2), 0, &correct(1, 5, 1)));
    assert!(!repeats(&correct(2, 5, 1), 0, &correct(1, 5, 1)) && !repeats(&correct(1, 4, 1), 0, &correct(1, 5, 1)));
    let give_up = |loss| Command::WriteOff {
        amount: nano(1),
        loss,
        reason: why(),
    };
    assert!(repeats(&give_up(LossKind::Dispute), 0, &give_up(LossKind::Dispute)));
    assert!(!repeats(&give_up(LossKind::Dispute), 0, &give_up(LossKind::BadDebt)));
    assert!(!repeats(
        &Command::Block { reason: why() },
        0,
        &Command::Unblock { reason: why() }
    ));
}

/// `--expires 90d` sent again the day after is the same; so is a date. Another number of days is not.
#[test]
fn an_end_is_the_same_by_its_date_or_by_its_distance() {
    let extend = |ends: Option<i64>| Command::ExtendLot {
        lot: lot(1),
        expires_at: ends.map(Timestamp),
        reason: "because".to_owned(),
    };
    for make in [
        &|ends| grant(1, 5, 0, ends, "because"),
        &extend as &dyn Fn(Option<i64>) -> Command,
    ] {
        let first = make(Some(90 * DAY));
        assert!(repeats(&make(Some(90 * DAY)), DAY, &first), "the same date");
        assert!(repeats(&make(Some(91 * DAY + 5)), DAY, &first), "the same distance");
        assert!(!repeats(&make(Some(92 * DAY)), DAY, &first), "another distance");
        assert!(!repeats(&make(None), DAY, &first), "no end");
    }
    assert!(repeats(&extend(None), DAY, &extend(None)));
}
