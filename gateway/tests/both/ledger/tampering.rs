//! The journal cannot be changed, and who changes it all the same is found.

use domain::call::{CallState, Funding};

use super::bank::{Bank, nano};
use crate::hub::on_both;

const TRIGGERS: &[&str] = &[
    "ledger_entry_in_time ON ledger_entry",
    "ledger_entry_kept ON ledger_entry",
    "ledger_entry_stays ON ledger_entry",
    "ledger_transaction_kept ON ledger_transaction",
    "ledger_transaction_stays ON ledger_transaction",
    "ledger_transaction_balanced ON ledger_transaction",
    "ledger_entry_of_chart ON ledger_entry",
];
/// What PostgreSQL checks without a trigger.
const CHECKS: &[&str] = &[
    "ledger_entry DROP CONSTRAINT ledger_entry_of_chart",
    "ledger_transaction DROP CONSTRAINT ledger_transaction_amounts",
    "ledger_transaction DROP CONSTRAINT ledger_transaction_of_a_kind",
    "ledger_transaction DROP CONSTRAINT ledger_transaction_pair",
];

/// As somebody with the database's own password would.
pub(super) async fn drop_triggers(bank: &Bank) {
    for trigger in TRIGGERS {
        let name = trigger.split(' ').next().unwrap();
        if bank.database.url.starts_with("sqlite") {
            bank.database.execute(&format!("DROP TRIGGER {name}")).await;
        } else {
            bank.database
                .execute(&format!("DROP TRIGGER IF EXISTS {trigger}"))
                .await;
        }
    }
    if !bank.database.url.starts_with("sqlite") {
        for check in CHECKS {
            bank.database.execute(&format!("ALTER TABLE {check}")).await;
        }
    }
}

#[tokio::test]
async fn journal_and_prices_refuse_every_change() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let account = bank.user.number();
        let lot = bank.database.numbers("SELECT id FROM lot").await[0];
        let line = |account: i64, seq: i64, kind: &str, columns: &str, values: &str| {
            format!(
                "INSERT INTO ledger_transaction (account_id, seq, kind, booked_at, command, actor, balance, held, debt, hash{columns})
                 VALUES ({account}, {seq}, '{kind}', 1, '', '', 1, 1, 1, ''{values})"
            )
        };
        let pair = |values: &str| line(account, 2, "settle", ", debited, lot_id, credited, amount", values);
        for statement in [
            "UPDATE ledger_transaction SET actor = 'x'",
            "UPDATE ledger_transaction SET amount = 1, debited = 'credit', credited = 'revenue_usage'",
            "DELETE FROM ledger_transaction",
            "UPDATE ledger_entry SET amount = 7",
            "DELETE FROM ledger_entry",
            "UPDATE price SET reason = 'y'",
            "DELETE FROM price",
            // One that does not add up, and one that comes too late.
            &format!("INSERT INTO ledger_entry VALUES ({account}, 1, 9, 'adjustment', NULL, 1)"),
            &format!(
                "INSERT INTO ledger_entry VALUES ({account}, 2, 1, 'adjustment', NULL, 1); {}",
                line(account, 2, "adjust", "", "")
            ),
            // Beside a pair, which adds up.
            &format!(
                "INSERT INTO ledger_entry VALUES ({account}, 2, 3, 'adjustment', NULL, 1); {}",
                pair(&format!(", 'credit', {lot}, 'revenue_usage', 1"))
            ),
            // Pairs of nothing, of less, of one side, without an amount, of a lot alone and of one that there is not.
            &pair(&format!(", 'credit', {lot}, 'revenue_usage', 0")),
            &pair(&format!(", 'credit', {lot}, 'revenue_usage', -1")),
            &pair(&format!(", 'credit', {lot}, NULL, 1")),
            &pair(", NULL, NULL, 'revenue_usage', 1"),
            &pair(&format!(", 'credit', {lot}, 'revenue_usage', NULL")),
            &pair(&format!(", NULL, {lot}, NULL, NULL")),
            &pair(", 'credit', 5, 'revenue_usage', 1"),
            // Pairs of credit without a lot, of a lot that is not credit, and of what is not in the chart.
            &pair(", 'credit', NULL, 'revenue_usage', 1"),
            &pair(&format!(", 'usage_loss', {lot}, 'revenue_usage', 1")),
            &pair(", 'nonsense', NULL, 'revenue_usage', 1"),
            &pair(&format!(", 'credit', {lot}, 'nonsense', 1")),
            &line(account, 2, "nonsense", "", ""),
            // The same of entries.
            &format!(
                "INSERT INTO ledger_entry VALUES ({account}, 2, 1, 'adjustment', NULL, 1), ({account}, 2, 2, 'credit', NULL, -1); {}",
                line(account, 2, "adjust", "", "")
            ),
            &format!(
                "INSERT INTO ledger_entry VALUES ({account}, 2, 1, 'adjustment', {lot}, 1), ({account}, 2, 2, 'credit', {lot}, -1); {}",
                line(account, 2, "adjust", "", "")
            ),
            &format!(
                "INSERT INTO ledger_entry VALUES ({account}, 2, 1, 'nonsense', NULL, 1), ({account}, 2, 2, 'credit', {lot}, -1); {}",
                line(account, 2, "adjust", "", "")
            ),
            // More is held than there is.
            &line(account, 2, "block", "", "").replace("1, 1, 1, ''", "1, 2, 0, ''"),
            // What is by hand has its entries where those who ask for it look.
            &line(
                account,
                2,
                "void",
                ", debited, lot_id, credited, amount",
                &format!(", 'credit', {lot}, 'promo_expense', 1"),
            ),
            // Too late, though it adds up.
            &format!(
                "INSERT INTO ledger_entry VALUES ({account}, 1, 8, 'adjustment', NULL, 1), ({account}, 1, 9, 'credit', {lot}, -1)"
            ),
            // The same among others of one statement.
            &format!(
                "INSERT INTO ledger_entry VALUES ({account}, 3, 1, 'adjustment', NULL, 1), ({account}, 1, 9, 'adjustment', NULL, 1)"
            ),
            &format!(
                "INSERT INTO ledger_entry VALUES ({account}, 2, 1, 'adjustment', NULL, 1), ({account}, 2, 2, 'credit', {lot}, -1),
                    ({account}, 3, 1, 'adjustment', NULL, 1);
                 {}; {}",
                line(account, 2, "adjust", "", ""),
                line(account, 3, "adjust", "", "")
            ),
            // Of an account and of a lot that there is not.
            "INSERT INTO ledger_entry VALUES (5, 1, 1, 'adjustment', NULL, 1)",
            &format!("INSERT INTO ledger_entry VALUES ({account}, 2, 1, 'credit', 5, 1)"),
            &line(5, 1, "block", "", ""),
            // What the journal names stays.
            "DELETE FROM lot",
            "UPDATE lot SET id = 5",
            // Nothing below zero, nothing beyond the lot.
            "UPDATE account SET balance = -1",
            "UPDATE account SET debt = -1",
            "UPDATE lot SET remaining = 6",
            "UPDATE lot SET remaining = -1",
        ] {
            assert!(bank.database.refuses(statement).await, "{statement}");
        }
        if bank.database.url.starts_with("sqlite") {
            for table in ["ledger_transaction", "ledger_entry", "price"] {
                let replaced = format!("REPLACE INTO {table} SELECT * FROM {table}");
                assert!(bank.database.refuses(&replaced).await, "{replaced}");
            }
        }
        bank.is_sound().await;
        // With nothing wrong it is taken, so it is not refused for another reason.
        assert!(!bank.database.refuses(&line(account, 2, "block", "", "")).await);
    })
    .await;
}

#[tokio::test]
async fn whoever_changes_the_books_is_found() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        for amount in [5, 6, 7] {
            bank.grant(amount, None).await.unwrap();
        }
        let row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
        bank.hub.ledger().settle(bank.priced(row, 3), Vec::new(), nano(3)).await.unwrap();
        bank.is_sound().await;
        let whole = "SELECT seq FROM ledger_transaction WHERE amount = 3 AND debited = 'credit' AND credited = 'revenue_usage'";
        assert_eq!(bank.database.numbers(whole).await, [4], "the end of a call stands whole in its row");
        assert_eq!(bank.database.numbers("SELECT COUNT(*) FROM ledger_entry WHERE seq = 4").await, [0]);
        let account = bank.user.number();
        drop_triggers(&bank).await;
        bank.is_sound().await;
        // SQLite knows its checks by no names.
        let unchecked = |change: &str| match bank.database.url.starts_with("sqlite") {
            true => format!("PRAGMA ignore_check_constraints = ON; {change}; PRAGMA ignore_check_constraints = OFF"),
            false => change.to_owned(),
        };
        // How, how back, and at which number it must be found.
        for (change, back, seq) in [
            (
                "UPDATE ledger_entry SET amount = amount * 2 WHERE seq = 2",
                "UPDATE ledger_entry SET amount = amount / 2 WHERE seq = 2",
                Some(2),
            ),
            (
                "UPDATE ledger_entry SET ledger_account = 'adjustment' WHERE seq = 3 AND ledger_account = 'manual_payment'",
                "UPDATE ledger_entry SET ledger_account = 'manual_payment' WHERE seq = 3 AND ledger_account = 'adjustment'",
                Some(3),
            ),
            (
                "UPDATE ledger_transaction SET actor = '{\"kind\":\"command_line\"}' WHERE seq = 1",
                "UPDATE ledger_transaction SET actor = '{\"kind\":\"system\"}' WHERE seq = 1",
                Some(1),
            ),
            (
                "UPDATE ledger_transaction SET booked_at = booked_at + 1 WHERE seq = 4",
                "UPDATE ledger_transaction SET booked_at = booked_at - 1 WHERE seq = 4",
                Some(4),
            ),
            // What the end of a call says of its two entries.
            (
                "UPDATE ledger_transaction SET amount = amount + 1 WHERE seq = 4",
                "UPDATE ledger_transaction SET amount = amount - 1 WHERE seq = 4",
                Some(4),
            ),
            (
                "UPDATE ledger_transaction SET credited = 'breakage' WHERE seq = 4",
                "UPDATE ledger_transaction SET credited = 'revenue_usage' WHERE seq = 4",
                Some(4),
            ),
            (
                "UPDATE ledger_transaction SET lot_id = (SELECT id FROM lot WHERE amount = 7) WHERE seq = 4",
                "UPDATE ledger_transaction SET lot_id = (SELECT id FROM lot WHERE amount = 5) WHERE seq = 4",
                Some(4),
            ),
            // It is shown as what it changed, though it is no end of a call.
            (
                &unchecked("UPDATE ledger_transaction SET debited = 'credit', credited = 'revenue_usage', amount = 7 WHERE seq = 1"),
                "UPDATE ledger_transaction SET debited = NULL, credited = NULL, amount = NULL WHERE seq = 1",
                Some(1),
            ),
            (
                &format!("INSERT INTO ledger_entry VALUES ({account}, 4, 3, 'adjustment', NULL, 1), ({account}, 4, 4, 'adjustment', NULL, -1)"),
                "DELETE FROM ledger_entry WHERE seq = 4",
                Some(4),
            ),
            (
                "UPDATE call SET charge = charge + 1",
                "UPDATE call SET charge = charge - 1",
                Some(4),
            ),
            // Nothing was booked while it was held, so only the hash tells.
            (
                "UPDATE call SET hold_amount = hold_amount + 1",
                "UPDATE call SET hold_amount = hold_amount - 1",
                Some(4),
            ),
            (
                "UPDATE call SET authorised_at = authorised_at - 1",
                "UPDATE call SET authorised_at = authorised_at + 1",
                Some(4),
            ),
            ("UPDATE call SET person_id = person_id + 1", "UPDATE call SET person_id = person_id - 1", Some(4)),
            // Nothing is computed from these, so only the hash tells.
            ("UPDATE call SET key_id = 5", "UPDATE call SET key_id = NULL", Some(4)),
            ("UPDATE call SET provider_id = 5", "UPDATE call SET provider_id = NULL", Some(4)),
            ("UPDATE call SET project_id = project_id + 1", "UPDATE call SET project_id = project_id - 1", Some(4)),
            ("UPDATE call SET started_at = started_at + 1", "UPDATE call SET started_at = started_at - 1", Some(4)),
            ("UPDATE call SET cost = 3", "UPDATE call SET cost = NULL", Some(4)),
            ("UPDATE call SET cache_read = 1", "UPDATE call SET cache_read = 0", Some(4)),
            ("UPDATE call SET settle_seq = 1", "UPDATE call SET settle_seq = 4", Some(4)),
            (
                "UPDATE lot SET remaining = remaining - 1 WHERE amount = 7",
                "UPDATE lot SET remaining = remaining + 1 WHERE amount = 7",
                None,
            ),
            (
                "UPDATE lot SET expires_at = effective_at + 1 WHERE amount = 6",
                "UPDATE lot SET expires_at = NULL WHERE amount = 6",
                None,
            ),
            ("UPDATE account SET balance = balance + 1", "UPDATE account SET balance = balance - 1", None),
            ("UPDATE account SET status = 'blocked'", "UPDATE account SET status = 'active'", None),
            ("UPDATE account SET debt = 1", "UPDATE account SET debt = 0", None),
            ("UPDATE account SET seq = seq + 1", "UPDATE account SET seq = seq - 1", None),
        ] {
            bank.database.execute(change).await;
            let problems = bank.problems().await;
            assert!(problems.iter().any(|(at, _)| *at == seq), "{change}: {problems:?}");
            bank.database.execute(back).await;
            let problems = bank.problems().await;
            assert!(problems.is_empty(), "{back}: {problems:?}");
        }
        // The end cut off, and the middle cut out.
        bank.database.execute("DELETE FROM ledger_entry WHERE seq = 4; DELETE FROM ledger_transaction WHERE seq = 4").await;
        assert!(bank.problems().await.iter().any(|(_, told)| told.contains("the journal ends with 3")));
        bank.database.execute("DELETE FROM ledger_entry WHERE seq = 2; DELETE FROM ledger_transaction WHERE seq = 2").await;
        assert!(bank.problems().await.iter().any(|(at, _)| *at == Some(3)));
    })
    .await;
}

/// Nothing is held for a call whose cost is allocated, so the hash of what it is charged tells whose it is.
#[tokio::test]
async fn an_allocated_call_that_was_given_to_another_person_is_found() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let other = bank.another("other@example.com").await.number();
        let mut row = bank.priced(bank.row(), 2);
        row.state = CallState::Succeeded;
        (row.money.funding, row.money.charge) = (Funding::Allocated, Some(nano(2)));
        bank.hub.ledger().allocate(row, Vec::new(), nano(2)).await.unwrap();
        bank.is_sound().await;
        bank.database
            .execute(&format!("UPDATE call SET person_id = {other}"))
            .await;
        let problems = bank.problems().await;
        assert!(problems.iter().any(|(at, _)| *at == Some(1)), "{problems:?}");
    })
    .await;
}
