//! What a sweeper should have seen to long ago is found, and never what it has not had the time for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{
    access::{Role, Viewer},
    call::{CallFilter, Concern},
    id::ProcessId,
    ledger::Refusal,
    page::{Cursor, PageSize},
    time::Micros,
};
use futures_util::future::join_all;
use gateway::{Error, ProcessKind, clock::Clock};

use super::bank::{Bank, MONEY, ROOT, nano};
use crate::hub::{Database, in_all_ways, on_both};

#[tokio::test]
async fn calls_and_lots_that_no_sweeper_has_seen_to_are_found_by_name() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let (lot, _) = bank.grant(5, Some(1_000)).await.unwrap();
        bank.grant(10, None).await.unwrap();
        let mut lost = bank.row();
        lost.process = ProcessId::from_number(12_345);
        let call = lost.id;
        // Admitted when the lot had ended, so nothing asks for what is in it.
        bank.pass(1_000);
        bank.database
            .execute(&format!(
                "UPDATE lot SET remaining = remaining WHERE id = {}",
                lot.number()
            ))
            .await;
        bank.hub.ledger().hold(lost, nano(9)).await.unwrap();
        let (second, _) = bank.grant(3, Some(1_000)).await.unwrap();
        let (third, _) = bank
            .grant_to(bank.another("x@example.com").await, 7, Some(1_000))
            .await
            .unwrap();
        // A server that has just begun has had no time.
        assert_eq!(bank.problems().await, []);
        bank.pass(Micros::from_seconds(300).0 + 1_000);
        // What it should have seen to it has not told of yet.
        assert_eq!(bank.problems().await, []);
        bank.looks_past().await;
        let report = bank.hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
        let found = |name: String| {
            report
                .findings
                .iter()
                .filter(|one| one.problem.starts_with(&name))
                .count()
        };
        assert_eq!(found(format!("{call} stands as open and holds")), 1, "{report:?}");
        assert_eq!(found(format!("{third} ended long ago")), 1, "{report:?}");
        // A running call may still be paid out of it.
        assert_eq!(found(second.to_string()), 0, "{report:?}");
        assert_eq!(report.findings.len(), 2, "{report:?}");
        bank.hub.sweep().await;
        assert_eq!(
            bank.hub
                .credits()
                .verify(&ROOT.money_reader(), None)
                .await
                .unwrap()
                .findings,
            []
        );
        let lost = "SELECT COUNT(*) FROM call WHERE lost = 1 AND state = 'interrupted'";
        assert_eq!(bank.database.numbers(lost).await, [1]);
        let attention = bank.hub.book_checks().attention(&ROOT.money_reader()).await.unwrap();
        assert_eq!(
            (
                attention.unbilled,
                attention.estimated,
                attention.at_most,
                attention.losses
            ),
            (1, nano(9), nano(9), 0)
        );
    })
    .await;
}

/// It stands as open though its process is gone, or it has ended; and it holds something, or nothing.
#[tokio::test]
async fn each_way_in_which_a_call_can_be_left_has_its_sentence() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let (holding, empty) = (bank.row(), bank.row());
        let ledger = bank.hub.ledger();
        ledger.hold(holding.clone(), nano(4)).await.unwrap();
        ledger.hold(empty.clone(), nano(0)).await.unwrap();
        bank.pass(Micros::from_seconds(300).0 + 1_000);
        bank.looks_past().await;
        assert_eq!(bank.problems().await, []);
        let gone = ("process_id = 12345", "process_id = (SELECT MAX(id) FROM process)");
        let over = ("state = 'failed'", "state = 'open'");
        for (call, (change, back), says) in [
            (
                holding.id,
                gone,
                "stands as open and holds 0.000000004, and nobody runs it any more.",
            ),
            (empty.id, gone, "stands as open, and nobody runs it any more."),
            (holding.id, over, "has ended and still holds 0.000000004."),
            (empty.id, over, "has ended, and its hold of nothing was not given back."),
        ] {
            let change_to = async |what: &str| {
                let change = format!("UPDATE call SET {what} WHERE id = {}", call.number());
                bank.database.execute(&change).await;
            };
            change_to(change).await;
            let problems = bank.problems().await;
            let wanted = (None, format!("{call} {says}"));
            assert!(problems.contains(&wanted), "{wanted:?} {problems:?}");
            change_to(back).await;
            assert_eq!(bank.problems().await, [], "{back}");
        }
    })
    .await;
}

/// A call held on to a lot until long after its end, and ends now: the server has not looked since.
#[tokio::test]
async fn a_lot_that_a_call_held_on_to_is_left_only_when_a_server_has_looked_since() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, Some(1_000)).await.unwrap();
        let (row, ledger) = (bank.row(), bank.hub.ledger());
        ledger.hold(row.clone(), nano(4)).await.unwrap();
        let (seen, moment) = (Micros::from_seconds(300).0, 1_000);
        bank.pass(2 * seen);
        bank.looks_past().await;
        bank.pass(moment);
        ledger.settle(bank.priced(row, 3), Vec::new(), nano(3)).await.unwrap();
        assert_eq!(bank.problems().await, []);
        bank.pass(seen);
        bank.looks_past().await;
        let problems = bank.problems().await;
        assert!(
            matches!(&problems[..], [(None, one)] if one.contains("ended long ago")),
            "{problems:?}"
        );
        bank.is_sound().await;
    })
    .await;
}

/// A call that runs, and a lot that ends in a day, on a server whose time of day is in `wall` and whose own is in `steady`. It has looked for
/// what is left for a while.
async fn with_a_call_and_a_lot(database: Database) -> (Bank, Arc<AtomicI64>) {
    let wall = Arc::new(AtomicI64::new(1_800_000_000_000_000));
    let steady = Arc::new(AtomicI64::new(0));
    let clock = Clock::Apart {
        wall: Arc::clone(&wall),
        steady: Arc::clone(&steady),
    };
    let bank = Bank::open_by(database, clock, wall).await;
    bank.grant(10, None).await.unwrap();
    bank.hub.ledger().hold(bank.row(), nano(4)).await.unwrap();
    let other = bank.another("other@example.com").await;
    bank.grant_to(other, 3, Some(Micros::from_days(1).0)).await.unwrap();
    let while_it_looks = Micros::from_seconds(400).0;
    steady.fetch_add(while_it_looks, Ordering::Relaxed);
    bank.pass(while_it_looks);
    bank.hub.sweep().await;
    (bank, steady)
}

/// What a command finds, which goes by the time of day.
async fn found_by_a_command(bank: &Bank) -> Vec<String> {
    let command = bank.database.open(ProcessKind::Command).await.unwrap();
    let report = command.credits().verify(&ROOT.money_reader(), None).await.unwrap();
    command.shutdown(Duration::ZERO).await;
    report.findings.into_iter().map(|finding| finding.problem).collect()
}

#[tokio::test]
async fn nothing_is_left_by_a_time_of_day_that_its_server_does_not_believe() {
    in_all_ways(async |database| {
        let (bank, steady) = with_a_call_and_a_lot(database).await;
        let days = Micros::from_days(2).0;
        bank.pass(days);
        bank.hub.sweep().await;
        assert_eq!(found_by_a_command(&bank).await, [""; 0]);
        let report = bank.hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
        assert_eq!(report.findings, []);
        // The two days really pass, and the server does not look.
        steady.fetch_add(days, Ordering::Relaxed);
        assert_eq!(found_by_a_command(&bank).await, [""; 0]);
        bank.looks_past().await;
        let found = found_by_a_command(&bank).await;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].contains("nobody runs it") && found[1].contains("ended long ago"),
            "{found:?}"
        );
    })
    .await;
}

/// What the hub's own time says has ended is not booked either as long as the time of day is not believed.
#[tokio::test]
async fn what_ends_while_the_time_of_day_is_not_believed_is_not_left() {
    in_all_ways(async |database| {
        let (bank, steady) = with_a_call_and_a_lot(database).await;
        let days = Micros::from_days(2).0;
        bank.hub.sweep().await;
        steady.fetch_add(days, Ordering::Relaxed);
        bank.hub.sweep().await;
        let report = bank.hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
        assert_eq!(report.findings, []);
        let expired = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'expire'";
        assert_eq!(bank.database.numbers(expired).await, [0]);
    })
    .await;
}

/// Killed, it stands as running until the next one begins.
#[tokio::test]
async fn nothing_is_left_by_a_server_that_has_died() {
    in_all_ways(async |database| {
        let (bank, steady) = with_a_call_and_a_lot(database).await;
        bank.hub.shutdown(Duration::ZERO).await;
        let died = bank.now().microseconds();
        bank.database
            .execute(&format!("UPDATE process SET ended_at = NULL, seen_at = {died} WHERE kind = 'serve'"))
            .await;
        let days = Micros::from_days(2).0;
        bank.pass(days);
        steady.fetch_add(days, Ordering::Relaxed);
        assert_eq!(found_by_a_command(&bank).await, [""; 0]);
        let bank = bank.again().await;
        bank.is_sound().await;
        let ended = "SELECT (SELECT COUNT(*) FROM call WHERE state = 'interrupted') + (SELECT COUNT(*) FROM lot WHERE spent = 1)";
        if matches!(bank.database.ledger, gateway::LedgerOrder::Owned) || bank.database.url.starts_with("sqlite") {
            assert_eq!(bank.database.numbers(ended).await, [2]);
        }
    })
    .await;
}

/// A thousand accounts with a lot that a running call may still ask for, and one after them where nothing hinders. The thousand were never
/// booked, so there are no books to be proved but those of the one.
#[tokio::test]
async fn what_cannot_be_booked_yet_keeps_nothing_else_waiting() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, Some(1_000)).await.unwrap();
        let (begin, end) = (bank.now().microseconds(), bank.now().microseconds() + 1_000);
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)";
        bank.database
            .execute(&format!(
                "{many} INSERT INTO person (id, email, role, created_at) SELECT i, 'p' || i, 'member', 0 FROM n;
                 {many} INSERT INTO account (id, person_id, booked_at, created_at, balance) SELECT i, i, 0, 0, 1 FROM n;
                 {many} INSERT INTO lot (id, account_id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source)
                    SELECT i, i, 'paid', 50, 1, 1, {begin}, {end}, {begin}, 'x' || i FROM n;
                 {many} INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, model_asked, account_id,
                    funding, hold_seq, hold_amount, authorised_at)
                    SELECT i, (SELECT MAX(id) FROM process), {begin}, 'chat', 'api', 0, 'open', i, 'm', i, 'credit', 0, 1, {begin} FROM n"
            ))
            .await;
        bank.pass(1_000);
        bank.hub.sweep().await;
        let expired = "SELECT account_id FROM ledger_transaction WHERE kind = 'expire'";
        assert_eq!(bank.database.numbers(expired).await, [bank.user.number()]);
        assert_eq!(bank.problems().await, []);
    })
    .await;
}

#[tokio::test]
async fn each_reason_to_look_at_a_call_is_counted_and_narrows_the_list() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(100, None).await.unwrap();
        let facts = [
            (
                Concern::Unbilled,
                "lost = 1, hold_seq = 1, hold_amount = 9, estimated_cost = 4",
            ),
            (Concern::Late, "late = 1, lost = 1, hold_seq = 1"),
            (Concern::Ahead, "ahead = 1"),
            (Concern::Loss, "loss = 7, charge = 9"),
            (Concern::Doubted, "usage_source = 'estimated', raw_usage = '{}'"),
        ];
        // Beside them: estimated because nothing was reported, and exact.
        let plain = [
            "usage_source = 'estimated'",
            "usage_source = 'provider', raw_usage = '{}', loss = 0",
        ];
        let mut made = Vec::new();
        for fact in facts.iter().map(|(_, fact)| *fact).chain(plain) {
            let row = bank.row();
            made.push(row.id);
            bank.hub.ledger().hold(row, nano(1)).await.unwrap();
            let id = made.last().map(|id| id.number()).unwrap_or_default();
            bank.database
                .execute(&format!("UPDATE call SET state = 'failed', {fact} WHERE id = {id}"))
                .await;
        }
        for (at, (concern, _)) in facts.iter().enumerate() {
            let filter = CallFilter {
                concern: Some(*concern),
                ..CallFilter::default()
            };
            let calls = bank.hub.calls();
            let page = calls
                .page(&bank.viewer(), &filter, Cursor::Newest, PageSize::default())
                .await
                .unwrap();
            let found: Vec<_> = page.rows.iter().map(|call| call.id).collect();
            assert_eq!(found, [made[at]], "{concern:?}");
            assert_eq!(calls.count(&bank.viewer(), &filter, 9).await.unwrap().rows, 1);
        }
        let attention = bank.hub.book_checks().attention(&ROOT.money_reader()).await.unwrap();
        let expected = gateway::Attention {
            losses: 1,
            loss: nano(7),
            late: 1,
            ahead: 1,
            unbilled: 1,
            estimated: nano(4),
            at_most: nano(9),
            doubted: 1,
        };
        assert_eq!(attention, expected);
        bank.pass(Micros::from_days(31).0);
        let attention = bank.hub.book_checks().attention(&ROOT.money_reader()).await.unwrap();
        assert_eq!(attention, gateway::Attention::default());
    })
    .await;
}

/// What a provider bills for a lost call is for those who keep money, wherever the call is shown.
#[tokio::test]
async fn a_member_sees_that_a_call_was_lost_and_not_what_the_provider_bills() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(100, None).await.unwrap();
        let key = domain::id::KeyId::from_number(77);
        let mut row = bank.row();
        row.key = Some(key);
        let id = row.id;
        bank.hub.ledger().hold(row, nano(9)).await.unwrap();
        bank.database
            .execute(&format!(
                "UPDATE call SET state = 'interrupted', lost = 1, hold_amount = 9, estimated_cost = 4 WHERE id = {}",
                id.number()
            ))
            .await;
        for (role, sees) in [
            (Role::Member, false),
            (Role::Billing, true),
            (Role::Auditor, true),
            (Role::Admin, true),
        ] {
            let viewer = Viewer { role, ..bank.viewer() };
            let (calls, filter) = (bank.hub.calls(), CallFilter::default());
            let page = calls
                .page(&viewer, &filter, Cursor::Newest, PageSize::default())
                .await
                .unwrap();
            let detail = calls.detail(&viewer, id).await.unwrap().unwrap();
            let charge = bank.hub.credits().of_call(&viewer, &detail).await.unwrap();
            for told in [page.rows[0].unbilled, detail.call.unbilled, charge.unbilled] {
                let told = told.expect("that it was lost is told to everybody");
                let expected = (nano(9), sees.then_some(nano(4)));
                assert_eq!((told.at_most, told.estimated_cost), expected, "{role:?}");
            }
            // By the key that made it, which sees as its owner.
            bank.database
                .execute(&format!(
                    "UPDATE person SET role = '{}' WHERE id = {}",
                    role.as_str(),
                    bank.user.number()
                ))
                .await;
            let told = calls.detail_for_key(key, id).await.unwrap().unwrap();
            let estimate = told.call.unbilled.and_then(|unbilled| unbilled.estimated_cost);
            assert_eq!(estimate, sees.then_some(nano(4)), "{role:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn credit_expires_once_however_many_book_it() {
    let expired = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'expire'";
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, Some(1_000)).await.unwrap();
        bank.grant(10, None).await.unwrap();
        bank.pass(1_000);
        let ledger = bank.hub.ledger();
        let holds = join_all((0..5).map(|_| ledger.hold(bank.row(), nano(1))));
        let (holds, (), ()) = tokio::join!(holds, bank.hub.sweep(), bank.hub.sweep());
        assert!(holds.iter().all(Result::is_ok), "{holds:?}");
        assert_eq!(bank.database.numbers(expired).await, [1]);
        bank.is_sound().await;
    })
    .await;
    let bank = Bank::open(Database::postgres().await).await;
    let other = bank.database.serve().await;
    bank.grant(10, Some(1_000)).await.unwrap();
    bank.grant(10, None).await.unwrap();
    bank.pass(1_000);
    let (here, there) = (bank.hub.ledger(), other.ledger());
    let (one, two, (), ()) = tokio::join!(
        here.hold(bank.row(), nano(1)),
        there.hold(bank.row(), nano(1)),
        bank.hub.sweep(),
        other.sweep()
    );
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    assert_eq!(bank.database.numbers(expired).await, [1]);
    bank.is_sound().await;
}

#[tokio::test]
async fn a_void_that_comes_twice_is_done_once() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let (lot, _) = bank.grant(10, None).await.unwrap();
        let credits = bank.hub.credits();
        let void = || credits.void(&MONEY, Default::default(), bank.user, lot, "gone");
        let first = void().await.unwrap();
        let again = void().await.unwrap();
        assert_eq!(
            (again.seq, again.after, again.entries.len()),
            (first.seq, first.after, 0)
        );
        let voids = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'void'";
        assert_eq!(bank.database.numbers(voids).await, [1]);
        // One that was spent was not voided.
        let (spent, _) = bank.grant(1, None).await.unwrap();
        bank.adjust(domain::credit::Correction::Take(nano(1))).await.unwrap();
        let refused = credits.void(&MONEY, Default::default(), bank.user, spent, "gone").await;
        assert!(
            matches!(refused, Err(Error::Ledger(Refusal::NoLot { .. }))),
            "{refused:?}"
        );
        // One of somebody else, though full, is none of theirs.
        let (full, _) = bank.grant(1, None).await.unwrap();
        let other = bank.another("other@example.com").await;
        for refused in [
            credits.void(&MONEY, Default::default(), other, full, "gone").await,
            credits
                .extend(&MONEY, Default::default(), other, full, None, "longer")
                .await,
        ] {
            let missing = domain::refusal::Refusal::NotFound {
                what: domain::refusal::Thing::Lot,
            };
            assert!(
                matches!(&refused, Err(Error::Refused(refusal)) if *refusal == missing),
                "{refused:?}"
            );
        }
        bank.is_sound().await;
    })
    .await;
}
