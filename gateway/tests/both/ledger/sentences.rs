//! Every sentence that the proof of the books can say of an account, each by damage that it must find. Sentences about prices,
//! charges and most about hours are in `checks`, those about what the list of changes tells in `put_back` and `seals`, what was left in `left`. That a
//! version is not what the list tells can be brought about with the keys of the hub alone: `ledger/verify/listed/tests.rs`.

use domain::{
    call::{CallState, Funding},
    id::ProcessId,
    money::Amount,
    time::Micros,
};

use super::{
    bank::{Bank, nano},
    tampering::drop_triggers,
};
use crate::hub::in_all_ways;

/// Takes rows out, and puts them back.
fn without(table: &str, rows: &str) -> (String, String) {
    (
        format!("CREATE TABLE kept AS SELECT * FROM {table} WHERE {rows}; DELETE FROM {table} WHERE {rows}"),
        format!("INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept"),
    )
}

/// Damage that is undone by another statement.
fn by(change: &str, back: &str) -> (String, String) {
    (change.to_owned(), back.to_owned())
}

/// Three grants, a call that was settled (4), and one that was allocated (5).
async fn busy(bank: &Bank) {
    for amount in [5, 6, 7] {
        bank.pass(1);
        bank.grant(amount, None).await.unwrap();
    }
    let ledger = bank.hub.ledger();
    let mut row = bank.row();
    ledger.hold(row.clone(), nano(4)).await.unwrap();
    row.state = CallState::Succeeded;
    ledger.settle(bank.priced(row, 3), Vec::new(), nano(3)).await.unwrap();
    let mut row = bank.priced(bank.row(), 2);
    row.state = CallState::Succeeded;
    (row.money.funding, row.money.charge) = (Funding::Allocated, Some(nano(2)));
    ledger.allocate(row, Vec::new(), nano(2)).await.unwrap();
}

#[tokio::test]
async fn every_damage_is_told_by_its_sentence() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let other = bank.another("other@example.com").await.number();
        busy(&bank).await;
        // One more that is given back (6), and one that runs.
        let mut row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(2)).await.unwrap();
        row.state = CallState::Failed;
        bank.hub.ledger().release(row, Vec::new()).await.unwrap();
        let row = bank.row();
        let running = row.id.number();
        bank.hub.ledger().hold(row, nano(1)).await.unwrap();
        bank.is_sound().await;
        drop_triggers(&bank).await;
        let account = bank.user.number();
        let forged = format!("INSERT INTO ledger_entry VALUES ({account}, 99, 1, 'adjustment', NULL, 1)");
        let lot = format!(
            "INSERT INTO lot (id, account_id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source)
             VALUES (77, {account}, 'paid', 1, 9, 9, 1, NULL, 1, 'forged')"
        );
        let moved = format!("UPDATE lot SET account_id = {other} WHERE amount = 7");
        let moved_back = format!("UPDATE lot SET account_id = {account} WHERE amount = 7");
        let nobody = "UPDATE call SET account_id = NULL WHERE settle_seq = 4";
        let somebody = format!("UPDATE call SET account_id = {account} WHERE settle_seq = 4");
        let later = format!("UPDATE call SET hold_seq = 99 WHERE id = {running}");
        let in_time = format!("UPDATE call SET hold_seq = 6 WHERE id = {running}");
        let more = format!("UPDATE call SET hold_amount = 100 WHERE id = {running}");
        let less = format!("UPDATE call SET hold_amount = 1 WHERE id = {running}");
        for ((change, back), says) in [
            (by(&forged, "DELETE FROM ledger_entry WHERE seq = 99"), "It has entries and no transaction."),
            (without("ledger_transaction", "seq = 2"), "It has entries and no transaction."),
            (without("ledger_transaction", "seq = 2"), "The number before it is 1."),
            (by(&moved, &moved_back), "was booked and is missing."),
            (by(&lot, "DELETE FROM lot WHERE id = 77"), "stands there and was never booked."),
            (
                by("UPDATE lot SET remaining = remaining - 1 WHERE amount = 7", "UPDATE lot SET remaining = remaining + 1 WHERE amount = 7"),
                "its entries say 0.000000007.",
            ),
            (
                by("UPDATE lot SET expires_at = effective_at + 1 WHERE amount = 6", "UPDATE lot SET expires_at = NULL WHERE amount = 6"),
                "is not as it was booked.",
            ),
            (by(nobody, &somebody), "is booked on the account of somebody else."),
            (by(&later, &in_time), "A call was admitted after a transaction that there is not."),
            (by(&more, &less), "was admitted after it: "),
            (
                by(
                    "UPDATE ledger_entry SET amount = amount + 1 WHERE seq = 2 AND ledger_account = 'credit'",
                    "UPDATE ledger_entry SET amount = amount - 1 WHERE seq = 2 AND ledger_account = 'credit'",
                ),
                "The entries of all accounts add up to 1 nano-USD and not to zero.",
            ),
            (
                by(
                    "UPDATE ledger_entry SET amount = amount * 2 WHERE seq = 2",
                    "UPDATE ledger_entry SET amount = amount / 2 WHERE seq = 2",
                ),
                "Its entries are not those of its command.",
            ),
            (
                by("UPDATE ledger_transaction SET actor = actor || ' ' WHERE seq = 1", "UPDATE ledger_transaction SET actor = RTRIM(actor) WHERE seq = 1"),
                "Its hash does not fit: it or its entries were changed after they were booked.",
            ),
            (
                by("UPDATE call SET hold_amount = 3 WHERE settle_seq = 6", "UPDATE call SET hold_amount = 2 WHERE settle_seq = 6"),
                "Its hash does not fit: it, its entries, or the hold or the person of its call were changed after they were booked.",
            ),
            (
                by("UPDATE call SET cost = 5 WHERE settle_seq = 4", "UPDATE call SET cost = NULL WHERE settle_seq = 4"),
                "Its hash does not fit: it, its entries, or what the row of its call says of what it used, cost and held was changed after it was booked.",
            ),
            (
                by("UPDATE ledger_transaction SET kind = 'gift' WHERE seq = 2", "UPDATE ledger_transaction SET kind = 'grant' WHERE seq = 2"),
                "It names a kind or an account that there is not.",
            ),
            (
                by("UPDATE ledger_transaction SET kind = 'settle' WHERE seq = 2", "UPDATE ledger_transaction SET kind = 'grant' WHERE seq = 2"),
                "Its command is not of its kind, or cannot be read.",
            ),
            (
                by("UPDATE ledger_transaction SET kind = 'settle' WHERE seq = 2", "UPDATE ledger_transaction SET kind = 'grant' WHERE seq = 2"),
                "Its entries are no settle: ",
            ),
            (
                by(
                    "UPDATE ledger_transaction SET booked_at = booked_at - 9 WHERE seq = 3",
                    "UPDATE ledger_transaction SET booked_at = booked_at + 9 WHERE seq = 3",
                ),
                "It was booked before the command before it.",
            ),
            (
                by(
                    "UPDATE ledger_transaction SET balance = balance + 1 WHERE seq = 3",
                    "UPDATE ledger_transaction SET balance = balance - 1 WHERE seq = 3",
                ),
                "Its sums are not those of its command.",
            ),
            (
                by("UPDATE ledger_transaction SET held = 100 WHERE seq = 3", "UPDATE ledger_transaction SET held = 0 WHERE seq = 3"),
                "What was held then cannot have been: ",
            ),
            // As much as an amount can be, beside what its call held.
            (
                by(
                    &format!("UPDATE ledger_transaction SET held = {} WHERE seq = 4", Amount::MAX.nano()),
                    "UPDATE ledger_transaction SET held = 0 WHERE seq = 4",
                ),
                "More was held than there is.",
            ),
            (without("call", "settle_seq = 4"), "Its command cannot have been applied: "),
            (without("call", "settle_seq = 4"), "does not name it as its end."),
            (
                by("UPDATE call SET loss = 1 WHERE settle_seq = 4", "UPDATE call SET loss = 0 WHERE settle_seq = 4"),
                "The row of its call does not say the same.",
            ),
            (
                by("UPDATE call SET settle_seq = NULL WHERE settle_seq = 4", "UPDATE call SET settle_seq = 4 WHERE charge = 3"),
                "The open holds are not those of the journal.",
            ),
            (
                by("UPDATE call SET settle_seq = NULL WHERE settle_seq = 4", "UPDATE call SET settle_seq = 4 WHERE charge = 3"),
                "was charged 0.000000003 without a transaction.",
            ),
            (
                by("UPDATE call SET settle_seq = 1 WHERE settle_seq = 4", "UPDATE call SET settle_seq = 4 WHERE charge = 3"),
                "names it as its end, which it is not.",
            ),
            (
                by(
                    "UPDATE call SET drawn = 'a horse' WHERE settle_seq = 4",
                    "UPDATE call SET drawn = '2 1024x1024/hd' WHERE settle_seq = 4",
                ),
                " drew cannot be read.",
            ),
            (
                by("UPDATE call SET charge = 9 WHERE settle_seq = 5", "UPDATE call SET charge = 2 WHERE settle_seq = 5"),
                " does not say the same.",
            ),
            (
                by("UPDATE call SET attempts = 1 WHERE settle_seq = 4", "UPDATE call SET attempts = 0 WHERE settle_seq = 4"),
                "tells of 1 attempts, and 0 stand there.",
            ),
            (
                by(
                    &format!("UPDATE account SET seq = seq + 1 WHERE id = {account}"),
                    &format!("UPDATE account SET seq = seq - 1 WHERE id = {account}"),
                ),
                "Its last number is 7, the journal ends with 6.",
            ),
            (
                by(
                    &format!("UPDATE account SET chain = chain || 'x' WHERE id = {account}"),
                    &format!("UPDATE account SET chain = RTRIM(chain, 'x') WHERE id = {account}"),
                ),
                "Its hash is not that of its last transaction.",
            ),
            (
                by(
                    &format!(
                        "INSERT INTO person (id, email, role, created_at) VALUES (99, 'x', 'member', 1);
                         UPDATE account SET person_id = 99 WHERE id = {account}"
                    ),
                    &format!("UPDATE account SET person_id = id WHERE id = {account}; DELETE FROM person WHERE id = 99"),
                ),
                "It stands as that of another person.",
            ),
            (
                by(
                    &format!("UPDATE account SET booked_at = booked_at + 1 WHERE id = {account}"),
                    &format!("UPDATE account SET booked_at = booked_at - 1 WHERE id = {account}"),
                ),
                "Its clock is not that of its last transaction.",
            ),
            (
                by("UPDATE ledger_entry SET n = 7 WHERE seq = 2 AND n = 2", "UPDATE ledger_entry SET n = 2 WHERE seq = 2 AND n = 7"),
                "Its entries are not numbered as they were booked.",
            ),
            (
                by(
                    &format!("UPDATE call SET loss = 1 WHERE id = {running}"),
                    &format!("UPDATE call SET loss = NULL WHERE id = {running}"),
                ),
                "tells of a loss of 0.000000001 without a transaction.",
            ),
            (
                by("UPDATE call SET loss = 1 WHERE settle_seq = 5", "UPDATE call SET loss = NULL WHERE settle_seq = 5"),
                " does not say the same.",
            ),
            (
                by("UPDATE call SET funding = 'allocated' WHERE settle_seq = 4", "UPDATE call SET funding = 'credit' WHERE settle_seq = 4"),
                "tells of another way in which it was paid.",
            ),
            (
                by("UPDATE lot SET priority = priority + 5000000000 WHERE amount = 7", "UPDATE lot SET priority = priority - 5000000000 WHERE amount = 7"),
                "It cannot be proved to its end: a row of lot holds an unknown priority.",
            ),
            (
                by("UPDATE account SET quarantine = 'a guess'", "UPDATE account SET quarantine = NULL"),
                "It is out of service: a guess",
            ),
            (
                by("UPDATE account SET debt = 1", "UPDATE account SET debt = 0"),
                "Balance, debt or status are not those of the journal.",
            ),
        ] {
            bank.database.execute(&change).await;
            let problems = bank.problems().await;
            assert!(problems.iter().any(|(_, told)| told.contains(says)), "{change}: {says} {problems:?}");
            bank.database.execute(&back).await;
            assert_eq!(bank.problems().await, [], "{back}");
        }
    })
    .await;
}

/// Each interrupted call counts as one call and one error, so nothing else hides behind it.
#[tokio::test]
async fn a_call_that_was_interrupted_hides_no_other_in_its_hour() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        busy(&bank).await;
        let mut lost = bank.row();
        // Nobody knows this process, so it is dead for certain.
        lost.process = ProcessId::from_number(12_345);
        bank.hub.ledger().hold(lost, nano(1)).await.unwrap();
        let bank = bank.again().await;
        let interrupted = "SELECT COUNT(*) FROM call WHERE state = 'interrupted'";
        assert_eq!(bank.database.numbers(interrupted).await, [1]);
        assert_eq!(bank.problems().await, []);
        for (change, back) in [
            (
                "UPDATE call SET state = 'failed' WHERE charge = 3",
                "UPDATE call SET state = 'succeeded' WHERE charge = 3",
            ),
            (
                "UPDATE usage_hour SET errors = errors - 1",
                "UPDATE usage_hour SET errors = errors + 1",
            ),
            (
                "UPDATE usage_hour SET calls = calls - 1",
                "UPDATE usage_hour SET calls = calls + 1",
            ),
        ] {
            bank.database.execute(change).await;
            let problems = bank.problems().await;
            let says = "are not those of its calls";
            assert!(
                problems.iter().any(|(_, told)| told.contains(says)),
                "{change}: {problems:?}"
            );
            bank.database.execute(back).await;
            assert_eq!(bank.problems().await, [], "{back}");
        }
    })
    .await;
}

/// Its end was written by who ran it, with all that it used, so nothing else hides behind that either.
#[tokio::test]
async fn a_call_that_a_shutdown_ended_is_proved_as_any_other() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        busy(&bank).await;
        let mut row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(1)).await.unwrap();
        row.state = CallState::Interrupted;
        (row.duration, row.first_byte, row.overhead) = (Some(Micros(5)), Some(Micros(4)), Some(Micros(3)));
        let row = bank.priced(row, 1);
        bank.hub.ledger().settle(row, Vec::new(), nano(1)).await.unwrap();
        bank.is_sound().await;
        for sum in [
            "calls",
            "errors",
            "input_uncached",
            "images",
            "estimated",
            "estimated_charge",
            "charge",
            "duration_us",
            "first_byte_us",
            "overhead_us",
        ] {
            bank.database
                .execute(&format!("UPDATE usage_hour SET {sum} = {sum} - 1"))
                .await;
            let problems = bank.problems().await;
            let says = "in the hour 2027-01-15T08:00:00Z are not those of its calls";
            assert!(
                problems.len() == 1 && problems[0].1.contains(says),
                "{sum}: {problems:?}"
            );
            bank.database
                .execute(&format!("UPDATE usage_hour SET {sum} = {sum} + 1"))
                .await;
        }
        let attempts = |there: i64| format!("UPDATE call SET attempts = {there} WHERE state = 'interrupted'");
        bank.database.execute(&attempts(1)).await;
        let problems = bank.problems().await;
        let says = "tells of 1 attempts, and 0 stand there.";
        assert!(problems.len() == 1 && problems[0].1.contains(says), "{problems:?}");
        bank.database.execute(&attempts(0)).await;
        bank.database.execute("DELETE FROM usage_hour").await;
        let problems = bank.problems().await;
        let says = "in the hour 2027-01-15T08:00:00Z are missing.";
        assert!(problems.len() == 1 && problems[0].1.contains(says), "{problems:?}");
    })
    .await;
}

/// A hold that nobody knows of may be one that was lost with its server, but not while that server goes on.
#[tokio::test]
async fn what_is_held_for_no_call_is_found_while_its_server_lives() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10, None).await.unwrap();
        let ledger = bank.hub.ledger();
        ledger.hold(bank.row(), nano(4)).await.unwrap();
        bank.grant(1, None).await.unwrap();
        bank.database.execute("DELETE FROM call").await;
        let says = "More was held then than calls held";
        let found = async |bank: &Bank| {
            bank.problems()
                .await
                .iter()
                .any(|(at, told)| *at == Some(2) && told.contains(says))
        };
        // It may just be about to be written, and an hour later the server may be dead.
        assert!(!found(&bank).await);
        bank.pass(3_600_000_000);
        assert!(!found(&bank).await);
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(1)).await.unwrap();
        bank.hub
            .ledger()
            .settle(bank.priced(row, 1), Vec::new(), nano(1))
            .await
            .unwrap();
        assert!(found(&bank).await, "{:?}", bank.problems().await);
        // Nor is it lost with a server that came later.
        let bank = bank.again().await;
        assert!(found(&bank).await);
    })
    .await;
}
