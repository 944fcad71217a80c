use std::sync::Arc;

use domain::{
    call::CallState,
    id::LotId,
    ledger::{Account, Grant, LotKind, apply},
    time::Timestamp,
};

use super::*;
use crate::{Gateway, ledger::shared::memory::Pace, scene};

fn nano(count: i64) -> Amount {
    Amount::from_nano(count).unwrap()
}

fn row(call: i64, state: CallState) -> CallRow {
    CallRow {
        state,
        ..CallRow::sample(CallId::from_number(call))
    }
}

fn job(row: CallRow, command: Command) -> Job {
    let rows = CallRows {
        row: Box::new(row),
        attempts: Vec::new(),
    };
    Job::of(order(rows.row.account, command), Some(rows))
}

fn end(call: i64) -> Asked {
    let row = row(call, CallState::Succeeded);
    let command = Command::Settle {
        call: row.id,
        charge: nano(1),
    };
    Asked::new(job(row, command), nobody())
}

/// As it is read: with credit, and calls that hold.
fn known(account: AccountId, calls: std::ops::Range<i64>) -> Known {
    let now = Timestamp(5);
    let mut account = Account::open(account, now);
    let grant = Grant {
        lot: LotId::from_number(1),
        kind: LotKind::Paid,
        priority: 1,
        amount: nano(1_000),
        effective_at: now,
        expires_at: None,
        source: String::new(),
        reason: String::new(),
    };
    apply(&mut account, &Command::Grant(grant), now).unwrap();
    for call in calls {
        let (call, amount) = (CallId::from_number(call), nano(2));
        apply(&mut account, &Command::Hold { call, amount }, now).unwrap();
    }
    Known {
        desk: Desk {
            account,
            chain: Arc::from(""),
        },
        moved: 3,
        pace: Pace::default(),
    }
}

fn seqs(round: &Round) -> Vec<i64> {
    let decided = round.decided.iter().filter_map(|asked| asked.decided.as_ref());
    let booked = decided.flat_map(|decided| &decided.booked);
    booked
        .filter(|one| one.line.is_some())
        .map(|one| one.effects.seq.0)
        .collect()
}

/// What waited undecided stands before it in the queue, and has later numbers.
#[tokio::test]
async fn what_is_written_has_the_order_of_the_decisions() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Gateway::open(scene::settings(&folder)).await.unwrap();
    let account = row(0, CallState::Open).account;
    let (kept, mut memory) = (Kept::default(), Memory::default());
    let (queue, mut asked) = mpsc::unbounded_channel();
    for call in 0..10 {
        assert!(queue.send(end(call)).is_ok());
    }
    kept.put(Era::default(), account, known(account, 0..20), Instant::now());
    for call in 10..20 {
        kept.send(&hub.0, end(call), &queue);
    }
    let round = kept.sort(&hub.0, &mut memory, &mut asked, Vec::new());
    assert_eq!(seqs(&round), (2..22).collect::<Vec<i64>>());
    assert!(round.others.is_empty() && round.leaving.is_empty());
    assert_eq!(round.places.len(), 1);
}

/// It decides nothing more there, and gives back the account with what rests; what it cannot decide it leaves to others.
#[tokio::test]
async fn whoever_is_asked_for_what_it_does_not_decide_gives_the_account_back() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Gateway::open(scene::settings(&folder)).await.unwrap();
    let account = row(0, CallState::Open).account;
    let (kept, mut memory) = (Kept::default(), Memory::default());
    let (queue, mut asked) = mpsc::unbounded_channel();
    kept.put(Era::default(), account, known(account, 0..2), Instant::now());
    let hold = |call, amount| {
        let row = row(call, CallState::Open);
        let call = row.id;
        let mut job = job(row, Command::Hold { call, amount });
        kept.admit(&hub.0, &mut job).is_some()
    };
    assert!(hold(7, nano(900)));
    assert!(!hold(8, nano(97)), "more than is left");
    kept.send(&hub.0, Asked::new(Job::to_look(account), nobody()), &queue);
    kept.send(&hub.0, end(1), &queue);
    let round = kept.sort(&hub.0, &mut memory, &mut asked, Vec::new());
    assert_eq!(round.leaving, [(account, 3)]);
    assert_eq!(round.others.len(), 1);
    assert_eq!(seqs(&round), [2]);
    let calls: Vec<i64> = round
        .decided
        .iter()
        .filter_map(|asked| asked.job.call.as_ref())
        .map(|call| call.row.id.number())
        .collect();
    assert_eq!(calls, [1, 7], "the end, and the hold that rested");
    assert!(!hold(9, nano(1)));
    kept.forget(&[(account, 2)]);
    assert!(!kept.is_empty(), "another keeping was given back");
    kept.forget(&round.leaving);
    assert!(kept.is_empty());
}

/// What it has not proved for a while to be its own it does not decide on.
#[tokio::test]
async fn memory_is_trusted_for_a_moment_only() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Gateway::open(scene::settings(&folder)).await.unwrap();
    let account = row(0, CallState::Open).account;
    let kept = Kept::default();
    let admits = |trusted| {
        kept.put(Era::default(), account, known(account, 0..1), trusted);
        let row = row(7, CallState::Open);
        let call = row.id;
        let mut job = job(row, Command::Hold { call, amount: nano(1) });
        kept.admit(&hub.0, &mut job).is_some()
    };
    let now = Instant::now();
    assert!(admits(now));
    assert!(!admits(now.checked_sub(TRUST).unwrap()));
}
