//! The same random commands in all four ways come to the same state.

use std::collections::BTreeMap;

use domain::{
    call::CallState,
    credit::{Correction, GrantDraft},
    ledger::{Effects, LotKind, Status},
    time::Micros,
};
use gateway::{CallRow, Error, Origin, ProcessKind};
use proptest::{collection::vec, option, prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

use super::bank::{Bank, ROOT, nano};
use crate::hub::Database;

const STREAMS: usize = 8;
const STEPS: usize = 60;
const SECOND: i64 = 1_000_000;

#[derive(Clone, Debug)]
enum Wish {
    Grant(LotKind, i64, i32, Option<i64>),
    Hold(i64),
    Extend(usize, i64),
    Settle(usize, i64),
    Release(usize),
    Void(usize),
    ExtendLot(usize, Option<i64>),
    Add(i64),
    Take(i64),
    Block,
    Unblock,
}

fn wish() -> impl Strategy<Value = Wish> {
    let kinds = [LotKind::Promo, LotKind::Paid, LotKind::Admin, LotKind::Correction];
    let pick = 0..1_000_usize;
    prop_oneof![
        12 => (prop::sample::select(kinds.to_vec()), 0..13_i64, 0..3_i32, option::weighted(0.7, 1..15_i64))
            .prop_map(|(kind, amount, priority, life)| Wish::Grant(kind, amount, priority, life)),
        18 => (0..8_i64).prop_map(Wish::Hold),
        6 => (pick.clone(), 0..4_i64).prop_map(|(pick, by)| Wish::Extend(pick, by)),
        14 => (pick.clone(), 0..10_i64).prop_map(|(pick, charge)| Wish::Settle(pick, charge)),
        5 => pick.clone().prop_map(Wish::Release),
        5 => pick.clone().prop_map(Wish::Void),
        3 => (pick, option::weighted(0.8, 0..20_i64)).prop_map(|(pick, end)| Wish::ExtendLot(pick, end)),
        3 => (0..6_i64).prop_map(Wish::Add),
        4 => (0..6_i64).prop_map(Wish::Take),
        1 => Just(Wish::Block),
        3 => Just(Wish::Unblock),
    ]
}

fn stream(runner: &mut TestRunner) -> Vec<(i64, Wish)> {
    let clock = prop_oneof![30 => 0..3_i64, 2 => -8..0_i64];
    vec((clock, wish()), STEPS).new_tree(runner).unwrap().current()
}

/// What a command came to, without the ids that differ between databases.
fn told(result: Result<Effects, Error>) -> String {
    match result {
        Ok(effects) => {
            let entries: Vec<String> = effects
                .entries
                .iter()
                .map(|entry| format!("{} {}", entry.account, entry.amount))
                .collect();
            format!(
                "{} {} at {}: {entries:?} {:?}",
                effects.seq.0,
                effects.kind.as_str(),
                effects.booked_at.0,
                effects.after
            )
        }
        Err(Error::Ledger(refusal)) => serde_json::to_value(&refusal).unwrap()["refusal"].to_string(),
        Err(other) => panic!("{other}"),
    }
}

async fn run(bank: &Bank, steps: &[(i64, Wish)]) -> Vec<String> {
    let mut log = Vec::new();
    let mut open: Vec<CallRow> = Vec::new();
    let mut ended: Vec<CallRow> = Vec::new();
    let (credits, here) = (bank.hub.credits(), Origin::default());
    for (seconds, wish) in steps {
        bank.pass(seconds * SECOND);
        let lots = bank.balance().await.lots;
        let lot = |pick: usize| lots.get(pick % lots.len().max(1)).map(|lot| lot.id);
        // Mostly a call that runs; sometimes one that has ended.
        let place = |pick: usize| (!pick.is_multiple_of(7) && !open.is_empty()).then(|| pick % open.len());
        let some_call = |pick: usize| match place(pick) {
            Some(place) => open.get(place).cloned(),
            None => ended.last().cloned(),
        };
        let end = |mut row: CallRow| {
            row.state = CallState::Succeeded;
            row
        };
        let result = match wish {
            Wish::Grant(kind, amount, priority, life) => {
                let draft = GrantDraft {
                    kind: *kind,
                    amount: nano(*amount),
                    priority: Some(*priority),
                    expires_at: life.map(|life| bank.now().plus(Micros(life * SECOND))),
                    reason: "because".to_owned(),
                };
                credits
                    .grant(&ROOT, here, bank.user, draft)
                    .await
                    .map(|(_, effects)| effects)
            }
            Wish::Hold(amount) => {
                let row = bank.row();
                let result = bank.hub.ledger().hold(row.clone(), nano(*amount)).await;
                if result.is_ok() {
                    open.push(row);
                }
                result
            }
            Wish::Extend(pick, by) => match some_call(*pick) {
                Some(row) => bank.hub.ledger().extend(bank.user, row.id, nano(*by)).await,
                None => continue,
            },
            Wish::Settle(pick, _) | Wish::Release(pick) => {
                let Some(row) = some_call(*pick) else { continue };
                let result = match wish {
                    Wish::Settle(_, charge) => {
                        bank.hub
                            .ledger()
                            .settle(bank.priced(end(row.clone()), *charge), Vec::new(), nano(*charge))
                            .await
                    }
                    _ => bank.hub.ledger().release(end(row.clone()), Vec::new()).await,
                };
                open.retain(|running| running.id != row.id);
                ended.push(row);
                result
            }
            Wish::Void(pick) => match lot(*pick) {
                Some(lot) => credits.void(&ROOT, here, bank.user, lot, "because").await,
                None => continue,
            },
            Wish::ExtendLot(pick, life) => match lot(*pick) {
                Some(lot) => {
                    let end = life.map(|life| bank.now().plus(Micros(life * SECOND)));
                    credits.extend(&ROOT, here, bank.user, lot, end, "because").await
                }
                None => continue,
            },
            Wish::Add(amount) => bank.adjust(Correction::Add(nano(*amount))).await,
            Wish::Take(amount) => bank.adjust(Correction::Take(nano(*amount))).await,
            Wish::Block => {
                credits
                    .set_status(&ROOT, here, bank.user, Status::Blocked, "because")
                    .await
            }
            Wish::Unblock => {
                credits
                    .set_status(&ROOT, here, bank.user, Status::Active, "because")
                    .await
            }
        };
        log.push(told(result));
    }
    log
}

/// The state without ids.
async fn state(bank: &Bank) -> String {
    let balance = bank.balance().await;
    let lots: Vec<String> = balance
        .lots
        .iter()
        .map(|lot| {
            format!(
                "{:?} {} {} {} {:?}",
                lot.kind, lot.priority, lot.amount, lot.remaining, lot.expires_at
            )
        })
        .collect();
    format!(
        "{} {} {} {} {:?} {lots:?}",
        balance.spendable, balance.balance, balance.held, balance.debt, balance.status
    )
}

#[tokio::test]
async fn the_same_commands_in_four_ways_come_to_the_same_state() {
    let mut runner = TestRunner::deterministic();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..STREAMS {
        let steps = stream(&mut runner);
        let mut all = Vec::new();
        for (database, kind) in [
            (Database::sqlite(), ProcessKind::Serve),
            (Database::sqlite(), ProcessKind::Command),
            (Database::postgres().await, ProcessKind::Serve),
            (Database::postgres_owned().await, ProcessKind::Serve),
        ] {
            let bank = Bank::open_as(database, kind).await;
            let log = run(&bank, &steps).await;
            let before = state(&bank).await;
            let problems = bank.problems().await;
            assert!(problems.is_empty(), "{problems:?} after {steps:#?}");
            // A new start books what is due then, and gives back what the calls of the dead process held.
            let bank = bank.again().await;
            let problems = bank.problems().await;
            assert!(problems.is_empty(), "{problems:?} after a new start, {steps:#?}");
            all.push((log, before));
        }
        assert_eq!(all[0], all[1], "owned and direct differ: {steps:#?}");
        assert_eq!(all[0], all[2], "SQLite and PostgreSQL differ: {steps:#?}");
        assert_eq!(all[0], all[3], "shared and owned differ on PostgreSQL: {steps:#?}");
        for line in &all[0].0 {
            let word = line.split(' ').nth(1).unwrap_or(line).to_owned();
            *met.entry(word).or_default() += 1;
        }
    }
    for word in [
        "grant",
        "hold",
        "extend",
        "settle",
        "release",
        "void",
        "adjust",
        "\"shortage\"",
        "\"no_hold\"",
    ] {
        assert!(met.get(word).is_some_and(|times| *times >= 3), "{word}: {met:?}");
    }
}
