//! Thousands of random streams, each command proved.

use std::{cell::RefCell, collections::BTreeMap};

use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};

use super::{
    audit::audit,
    coins::Coins,
    streams::{Step, any_stream},
    world::{Event, World},
    *,
};

const STREAMS: u32 = 1_200;

/// Runs many streams and shortens one that fails.
fn streams(count: u32, test: impl Fn(&[Step]) -> Result<(), String>) {
    let mut runner = TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(count)
    });
    runner
        .run(&any_stream(), |steps| test(&steps).map_err(TestCaseError::fail))
        .unwrap_or_else(|failure| panic!("{failure}"));
}

fn word(refusal: &Refusal) -> String {
    serde_json::to_value(refusal).unwrap()["refusal"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// What the streams must have met, so that their silence means something.
fn note(event: &Event, seen: &mut BTreeMap<String, u32>) {
    let mut met = |what: &str| *seen.entry(what.to_owned()).or_default() += 1;
    match &event.result {
        Err(refusal) => met(&word(refusal)),
        Ok(effects) => {
            met(effects.kind.as_str());
            let (before, now) = (&event.rows_before, effects.booked_at);
            if let Outcome::Settled(settlement) = &effects.outcome {
                let late = |spent: &Spent| !before.lots[&spent.lot].outlives(now);
                if !settlement.loss.is_zero() {
                    met("loss");
                }
                if settlement.spent.iter().any(late) {
                    met("paid by a lot that had ended");
                }
                if settlement.spent.len() > 1 {
                    met("several lots paid");
                }
                let hold = before.holds.get(&settlement.call);
                if hold.is_some_and(|hold| settlement.paid > hold.amount) {
                    met("paid beyond the hold");
                }
            }
            if let Outcome::Corrected { returned, .. } = &effects.outcome {
                met(if returned.iter().any(|part| part.from != part.to) {
                    "corrected into a new lot"
                } else {
                    "corrected into the lot that paid"
                });
                let voided =
                    |part: &Returned| before.voided.contains(&part.from) && before.lots[&part.from].outlives(now);
                if returned.iter().any(voided) {
                    met("corrected what a voided lot had paid");
                }
            }
            if matches!(effects.outcome, Outcome::Debited { owed, .. } if !owed.is_zero()) {
                met("debt");
            }
            if effects.after.debt < before.totals.debt && effects.kind != CommandKind::WriteOff {
                met("repaid");
            }
            if event.now < event.before.booked_at() {
                met("the clock stepped back");
            }
            if effects.kind == CommandKind::Void && !effects.lots[0].remaining.is_zero() {
                met("voided in part");
            }
        }
    }
}

#[test]
fn every_command_of_every_stream_keeps_the_books() {
    let seen = RefCell::new(BTreeMap::new());
    streams(STREAMS, |steps| {
        let mut world = World::new(&apply);
        for step in steps {
            world.step(step, |world, event| {
                note(&event, &mut seen.borrow_mut());
                let found = audit(world, &event);
                if found.is_empty() {
                    Ok(())
                } else {
                    Err(format!("{found:?} by {:?}", event.command))
                }
            })?;
        }
        Ok(())
    });
    let seen = seen.into_inner();
    let commands = CommandKind::ALL.iter().map(|kind| kind.as_str());
    let refusals = [
        "shortage",
        "blocked",
        "hold_exists",
        "no_hold",
        "lot_exists",
        "no_lot",
        "nothing_to_void",
        "not_due",
        "period",
        "not_later",
        "zero_amount",
        "beyond_debt",
        "beyond_correctable",
    ];
    let situations = [
        "loss",
        "paid by a lot that had ended",
        "several lots paid",
        "paid beyond the hold",
        "corrected into a new lot",
        "corrected into the lot that paid",
        "corrected what a voided lot had paid",
        "debt",
        "repaid",
        "the clock stepped back",
        "voided in part",
    ];
    for what in commands.chain(refusals).chain(situations) {
        let times = seen.get(what).copied().unwrap_or(0);
        assert!(times >= 20, "{what}: only {times} times in {STREAMS} streams");
    }
}

#[test]
fn the_ledger_does_what_counting_coins_does() {
    let settled = RefCell::new(0);
    streams(STREAMS, |steps| {
        let mut world = World::new(&apply);
        let mut coins = Coins::new();
        for step in steps {
            world.step(step, |world, event| {
                let ours = match &event.result {
                    Ok(effects) => Ok(match &effects.outcome {
                        Outcome::Settled(settlement) => {
                            *settled.borrow_mut() += 1;
                            let count = |amount: Amount| usize::try_from(amount.nano()).unwrap();
                            Some((count(settlement.paid), count(settlement.loss)))
                        }
                        _ => None,
                    }),
                    Err(refusal) => Err(word(refusal)),
                };
                let theirs = coins.apply(&event.command, event.now).map_err(str::to_owned);
                if ours != theirs {
                    return Err(format!("{ours:?} is not {theirs:?} for {:?}", event.command));
                }
                coins.differs(&world.account).map_or(Ok(()), Err)
            })?;
        }
        Ok(())
    });
    let settled = settled.into_inner();
    assert!(
        settled > STREAMS,
        "only {settled} calls were settled in {STREAMS} streams"
    );
}

#[test]
fn replaying_the_journal_gives_the_same_account_and_entries() {
    streams(STREAMS / 3, |steps| {
        let mut world = World::new(&apply);
        for step in steps {
            world.step(step, |_, _| Ok(()))?;
        }
        let mut replayed = Account::open(AccountId::from_number(1), at(0));
        let mut entries = Vec::new();
        for (command, booked_at) in &world.journal {
            let command: Command = serde_json::from_str(command).map_err(|problem| problem.to_string())?;
            let effects = apply(&mut replayed, &command, *booked_at).map_err(|refusal| refusal.to_string())?;
            let json = serde_json::to_string(&effects).unwrap();
            let stored: Effects = serde_json::from_str(&json).map_err(|problem| problem.to_string())?;
            if stored != effects || effects.booked_at != *booked_at {
                return Err(format!("{effects:?} does not survive storage"));
            }
            entries.extend(stored.entries);
        }
        if replayed == world.account && entries == world.entries {
            Ok(())
        } else {
            Err(format!("{replayed:#?}"))
        }
    });
}

#[test]
fn loading_what_was_stored_gives_the_same_account() {
    streams(STREAMS / 3, |steps| {
        let mut world = World::new(&apply);
        for step in steps {
            world.step(step, |world, _| {
                let (rows, account) = (&world.rows, &world.account);
                // The newest lots first: order and empty lots do not matter.
                let lots = rows.lots.values().rev().cloned();
                let holds = rows.holds.clone();
                let loaded = Account::load(
                    account.id(),
                    account.seq(),
                    account.booked_at(),
                    rows.totals,
                    lots,
                    holds,
                );
                if loaded.as_ref() == Ok(account) {
                    Ok(())
                } else {
                    Err(format!("{loaded:#?}"))
                }
            })?;
        }
        Ok(())
    });
}

#[test]
fn a_dry_run_tells_what_applying_does_and_changes_nothing() {
    streams(STREAMS / 5, |steps| {
        let mut world = World::new(&apply);
        for step in steps {
            world.step(step, |_, event| {
                if decide(&event.before, &event.command, event.now) == event.result {
                    Ok(())
                } else {
                    Err(format!("{:?}", event.command))
                }
            })?;
        }
        Ok(())
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Billing test 32: what is granted matters, not in which order.
    #[test]
    fn the_order_of_grants_does_not_matter(
        lots in prop::collection::vec((0..3_i32, prop::option::of(1..6_i64), -3..3_i64, any::<bool>(), 1..9_i64), 1..8),
        shuffle in any::<prop::sample::Index>(),
        charge in 0..30_i64,
    ) {
        let grants: Vec<Command> = lots.iter().zip(1..).map(|((priority, life, begins, gift, amount), number)| Command::Grant(Grant {
            kind: if *gift { LotKind::Promo } else { LotKind::Paid },
            priority: *priority,
            effective_at: at(10 + begins),
            expires_at: life.map(|life| at(13 + life)),
            ..paid(number, *amount)
        })).collect();
        let run = |grants: &[Command]| {
            let mut account = Account::open(AccountId::from_number(1), at(0));
            for grant in grants {
                apply(&mut account, grant, at(12)).unwrap();
            }
            let all = account.spendable(at(12)).or_zero().nano();
            apply(&mut account, &hold(1, all), at(12)).unwrap();
            let effects = apply(&mut account, &settle(1, charge), at(12)).unwrap();
            (account, effects.outcome)
        };
        let mut turned = grants.clone();
        turned.rotate_left(shuffle.index(grants.len()));
        let mut swapped = turned.clone();
        swapped.reverse();
        let first = run(&grants);
        prop_assert_eq!(&run(&turned), &first);
        prop_assert_eq!(&run(&swapped), &first);
    }
}
