//! Words and JSON that storage keeps for years, the chart of accounts, and what a broken account is found by.

use std::collections::{BTreeMap, HashSet};

use super::*;

#[test]
fn words_are_read_as_they_are_written_and_are_those_of_json() {
    fn all<T: Copy + PartialEq + std::fmt::Debug + serde::Serialize>(
        values: &[T],
        word: fn(T) -> &'static str,
        parse: fn(&str) -> Option<T>,
    ) {
        let words: HashSet<&str> = values.iter().map(|value| word(*value)).collect();
        assert_eq!(words.len(), values.len());
        for value in values {
            assert_eq!(parse(word(*value)), Some(*value));
            assert_eq!(serde_json::to_value(value).unwrap(), word(*value));
        }
        assert_eq!(parse("nonsense"), None);
    }
    all(&LotKind::ALL, LotKind::as_str, LotKind::parse);
    all(&LedgerAccount::ALL, LedgerAccount::as_str, LedgerAccount::parse);
    all(CommandKind::ALL, CommandKind::as_str, CommandKind::parse);
    all(&[Status::Active, Status::Blocked], Status::as_str, Status::parse);
}

#[test]
fn a_stored_command_reads_as_it_always_did() {
    let stored = r#"{"command":"hold","call":"call_0000000000007","amount":"0.25"}"#;
    let command: Command = serde_json::from_str(stored).unwrap();
    assert_eq!(command, hold(7, 250_000_000));
    assert_eq!(serde_json::to_string(&command).unwrap(), stored);
    assert_eq!(
        serde_json::to_value(&command).unwrap()["command"],
        command.kind().as_str()
    );
    let negative = stored.replace("0.25", "-0.25");
    assert!(
        serde_json::from_str::<Command>(&negative).is_err(),
        "a negative hold cannot even be said"
    );
}

#[test]
fn refusals_survive_json_and_say_what_to_do() {
    let shortage = Shortage {
        needed: nano(3),
        spendable: Money::from_nano(-2),
        held: nano(1),
        debt: nano(1),
        waiting_helps: true,
    };
    for refusal in [
        Refusal::Shortage(shortage),
        Refusal::Blocked,
        Refusal::NoHold { call: call(1) },
        Refusal::NotLater {
            expires_at: Some(at(5)),
        },
        Refusal::NotLater { expires_at: None },
        Refusal::BeyondDebt { debt: nano(1) },
        Refusal::OtherUnderName,
        Refusal::Broken(Violation::IllegalEntry {
            kind: CommandKind::Hold,
            account: LedgerAccount::Credit,
        }),
    ] {
        let json = serde_json::to_string(&refusal).unwrap();
        assert_eq!(serde_json::from_str::<Refusal>(&json).unwrap(), refusal, "{json}");
        assert!(refusal.to_string().ends_with(['.', 'y', 't']), "{refusal}");
    }
}

fn entry(account: LedgerAccount, lot: Option<LotId>, amount: i64) -> Entry {
    Entry {
        account,
        lot,
        amount: Money::from_nano(amount),
    }
}

#[test]
fn only_entries_that_make_sense_are_a_transaction() {
    use LedgerAccount as A;
    let right = [entry(A::Credit, Some(lot(1)), 5), entry(A::RevenueUsage, None, -5)];
    assert_eq!(check(CommandKind::Settle, &right), Ok(()));
    assert_eq!(check(CommandKind::Hold, &[]), Ok(()));
    let illegal = |kind, account| Err(Violation::IllegalEntry { kind, account });
    assert_eq!(check(CommandKind::Hold, &right), illegal(CommandKind::Hold, A::Credit));
    assert_eq!(
        check(CommandKind::Grant, &right),
        illegal(CommandKind::Grant, A::RevenueUsage)
    );
    let backwards = [entry(A::Credit, Some(lot(1)), -5), entry(A::RevenueUsage, None, 5)];
    assert_eq!(
        check(CommandKind::Settle, &backwards),
        illegal(CommandKind::Settle, A::Credit)
    );
    let short = [entry(A::Credit, Some(lot(1)), 5), entry(A::RevenueUsage, None, -4)];
    assert_eq!(check(CommandKind::Settle, &short), Err(Violation::Unbalanced));
    let zero = [entry(A::RevenueUsage, None, 0)];
    assert_eq!(
        check(CommandKind::Settle, &zero),
        Err(Violation::EmptyEntry {
            account: A::RevenueUsage
        })
    );
    let homeless = [entry(A::Credit, None, 5), entry(A::RevenueUsage, None, -5)];
    assert_eq!(
        check(CommandKind::Settle, &homeless),
        Err(Violation::LotOfEntry { account: A::Credit })
    );
    let odd = [
        entry(A::Credit, Some(lot(1)), 5),
        entry(A::RevenueUsage, Some(lot(1)), -5),
    ];
    assert_eq!(
        check(CommandKind::Settle, &odd),
        Err(Violation::LotOfEntry {
            account: A::RevenueUsage
        })
    );
    let wrapped = [
        entry(A::Credit, Some(lot(1)), i64::MAX),
        entry(A::UsageLoss, None, i64::MAX),
        entry(A::RevenueUsage, None, -2),
        entry(A::RevenueUsage, None, i64::MIN),
    ];
    assert_eq!(
        check(CommandKind::Settle, &wrapped),
        Err(Violation::Unbalanced),
        "no sum wraps to zero"
    );
}

/// An account that storage could only hold after a defect.
fn broken(balance: i64, held: i64, lots: Vec<Lot>, holds: &[(i64, i64, i64)]) -> Vec<Violation> {
    let totals = Totals {
        balance: nano(balance),
        held: nano(held),
        ..Totals::default()
    };
    let holds: BTreeMap<CallId, Hold> = holds
        .iter()
        .map(|(number, amount, since)| {
            let hold = Hold {
                amount: nano(*amount),
                authorised_at: at(*since),
            };
            (call(*number), hold)
        })
        .collect();
    let found = violations(&Account::assemble(
        AccountId::from_number(1),
        Seq(1),
        at(50),
        totals,
        lots.clone(),
        holds.clone(),
    ));
    let loaded = Account::load(AccountId::from_number(1), Seq(1), at(50), totals, lots, holds);
    assert!(
        loaded.is_err()
            || matches!(
                found[..],
                [] | [Violation::Order { .. }, ..] | [Violation::Remaining { .. }]
            )
    );
    found
}

fn a_lot(number: i64, remaining: i64) -> Lot {
    Lot {
        id: lot(number),
        kind: LotKind::Paid,
        priority: 50,
        amount: nano(10),
        remaining: nano(remaining),
        effective_at: at(0),
        expires_at: None,
        created_at: at(0),
        source: String::new(),
    }
}

#[test]
fn a_broken_account_is_found_and_not_loaded() {
    assert_eq!(broken(10, 5, vec![a_lot(1, 4), a_lot(2, 6)], &[(1, 5, 50)]), []);
    assert!(matches!(
        broken(9, 0, vec![a_lot(1, 10)], &[])[..],
        [Violation::Balance { .. }]
    ));
    assert!(matches!(
        broken(10, 4, vec![a_lot(1, 10)], &[(1, 5, 3)])[..],
        [Violation::Held { .. }]
    ));
    assert!(matches!(
        broken(10, 0, vec![a_lot(2, 5), a_lot(1, 5)], &[])[..],
        [Violation::Order { .. }]
    ));
    let end = Some(at(9));
    let twin = Lot {
        expires_at: end,
        ..a_lot(1, 5)
    };
    assert!(matches!(
        broken(10, 0, vec![twin, a_lot(1, 5)], &[])[..],
        [Violation::Twice { .. }]
    ));
    assert!(matches!(
        broken(11, 0, vec![a_lot(1, 11)], &[])[..],
        [Violation::Remaining { .. }]
    ));
    assert!(matches!(
        broken(0, 0, vec![a_lot(1, 0)], &[])[..],
        [Violation::Remaining { .. }]
    ));
    let never = Lot {
        effective_at: at(9),
        expires_at: end,
        ..a_lot(1, 5)
    };
    assert!(matches!(broken(5, 0, vec![never], &[])[..], [Violation::Period { .. }]));
    let unborn = Lot {
        created_at: at(51),
        ..a_lot(1, 5)
    };
    assert!(matches!(broken(5, 0, vec![unborn], &[])[..], [Violation::Future]));
    assert!(matches!(
        broken(5, 5, vec![a_lot(1, 5)], &[(1, 5, 51)])[..],
        [Violation::Future]
    ));
    assert!(matches!(
        broken(5, 6, vec![a_lot(1, 5)], &[(1, 6, 3)])[..],
        [Violation::Uncovered { .. }]
    ));
    let later = Lot {
        effective_at: at(51),
        ..a_lot(1, 5)
    };
    assert!(matches!(
        broken(5, 5, vec![later], &[(1, 5, 3)])[..],
        [Violation::Uncovered { .. }]
    ));
}

/// Each hold alone could be paid from the lots of its own moment, and yet not both: the first call burns the lot that
/// only the second needs, because it comes first in the order. So the rule is about all holds and the latest moment.
#[test]
fn looking_at_each_hold_alone_is_not_enough() {
    let first_in_order = Lot {
        priority: 20,
        ..a_lot(1, 5)
    };
    let ended = Lot {
        expires_at: Some(at(20)),
        ..a_lot(2, 5)
    };
    let holds = [(1, 5, 10), (2, 5, 30)];
    let found = broken(10, 10, vec![first_in_order.clone(), ended.clone()], &holds);
    assert!(matches!(found[..], [Violation::Uncovered { .. }]));

    let totals = Totals {
        balance: nano(10),
        held: nano(10),
        ..Totals::default()
    };
    let holds = holds.map(|(number, amount, since)| {
        let hold = Hold {
            amount: nano(amount),
            authorised_at: at(since),
        };
        (call(number), hold)
    });
    let lots = vec![first_in_order, ended];
    let mut account = Account::assemble(AccountId::from_number(1), Seq(1), at(50), totals, lots, holds.into());
    assert_eq!(
        paid_and_lost(&apply(&mut account, &settle(1, 5), at(50)).unwrap()),
        (5, 0)
    );
    assert_eq!(
        paid_and_lost(&apply(&mut account, &settle(2, 5), at(50)).unwrap()),
        (0, 5)
    );
}
