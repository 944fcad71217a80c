//! [29] At the edges of 64 bits everything is refused or exact, and ending a call is never refused.

use proptest::prelude::*;

use super::*;

const MAX: i64 = 1 << 62;

#[test]
fn a_balance_beyond_the_limit_is_refused() {
    let mut scene = Scene::with([Command::Grant(paid(1, MAX - 5))]);
    assert_eq!(scene.refused(1, &Command::Grant(paid(2, 6))), Refusal::TooLarge);
    scene.must(1, &Command::Grant(paid(2, 5)));
    assert_eq!(scene.spendable(1), MAX);
    scene.must(1, &hold(1, MAX));
    assert_eq!(scene.spendable(1), 0);
    assert_eq!(paid_and_lost(&scene.must(1, &settle(1, MAX))), (MAX, 0));
}

#[test]
fn the_deepest_debt_with_the_largest_hold_is_still_a_number() {
    let mut scene = Scene::with([until(100, paid(1, MAX)), hold(1, MAX)]);
    scene.must(1, &debit(MAX));
    assert_eq!(scene.refused(1, &debit(1)), Refusal::TooLarge);
    assert_eq!(scene.spendable(100), i64::MIN, "nothing alive, all held, all owed");
    let Refusal::Shortage(facts) = scene.refused(100, &hold(2, MAX)) else {
        panic!()
    };
    assert!(!facts.waiting_helps);
    assert_eq!(facts.spendable.to_string(), "-9223372036.854775808");
    assert_eq!(paid_and_lost(&scene.must(100, &settle(1, MAX))), (MAX, 0));
}

#[test]
fn the_largest_charge_against_nothing_is_all_loss() {
    let mut scene = Scene::with([hold(1, 0)]);
    assert_eq!(paid_and_lost(&scene.must(1, &settle(1, MAX))), (0, MAX));
}

#[test]
fn the_last_number_is_not_passed() {
    let seq = Seq(i64::MAX);
    let account = Account::load(AccountId::from_number(1), seq, at(0), Totals::default(), [], []);
    let mut scene = Scene {
        account: account.unwrap(),
    };
    assert_eq!(scene.refused(1, &Command::Block { reason: why() }), Refusal::TooLarge);
    assert_eq!(scene.must(1, &hold(1, 0)).seq, seq, "a hold takes no number");
}

#[test]
fn the_last_moment_is_not_passed() {
    let mut scene = Scene::with([Command::Grant(paid(1, 5)), hold(1, 5)]);
    let effects = scene.must(i64::MAX, &settle(1, 5));
    assert_eq!(effects.booked_at, at(i64::MAX));
    assert_eq!(scene.must(0, &hold(2, 0)).booked_at, at(i64::MAX));
}

fn edge() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(MAX),
        MAX - 3..MAX,
        MAX / 2 - 1..MAX / 2 + 2,
        0..=MAX
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_wraps(wishes in prop::collection::vec((0..9_u8, edge(), 0..4_i64), 1..25)) {
        let mut account = Account::open(AccountId::from_number(1), at(0));
        for (step, (wish, amount, pick)) in wishes.into_iter().enumerate() {
            let number = i64::try_from(step).unwrap();
            let command = match wish {
                0 => Command::Grant(paid(number, amount)),
                1 => until(number + 3, paid(number, amount)),
                2 | 3 => hold(number, amount),
                4 => settle(number - pick, amount),
                5 => Command::Extend { call: call(number - pick), by: nano(amount) },
                6 => debit(amount),
                7 => Command::Adjust { adjustment: Adjustment::Take { amount: nano(amount) }, reason: why() },
                _ => release(number - pick),
            };
            let running = matches!(&command, Command::Settle { call, .. } | Command::Release { call } if account.hold(*call).is_some());
            let result = apply(&mut account, &command, at(number));
            prop_assert!(!running || result.is_ok(), "a call must end: {result:?}");
            prop_assert_eq!(violations(&account), []);
            if let Ok(effects) = result {
                prop_assert_eq!(effects.entries.iter().map(|entry| i128::from(entry.amount.nano())).sum::<i128>(), 0);
            }
        }
    }
}
