//! What the databases themselves refuse in the rows of calls, lots and the journal, whoever writes them.

use super::bank::Bank;
use crate::hub::on_both;

/// What is counted or paid of a call, and never below zero.
const AMOUNTS: &[&str] = &[
    "input_uncached",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output_text",
    "output_reasoning",
    "output_audio",
    "output_image",
    "hold_seq",
    "hold_amount",
    "charge",
    "cost",
    "loss",
    "estimated_cost",
];
const FLAGS: &[&str] = &["streamed", "lost", "late", "ahead"];

#[tokio::test]
async fn a_row_says_only_what_can_be() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let account = bank.user.number();
        bank.database
            .execute(
                "INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, model_asked)
                 VALUES (1, 1, 1, 'chat', 'api', 0, 'succeeded', 1, 'x')",
            )
            .await;
        let call = |column: &str, value: &str| format!("UPDATE call SET {column} = {value}");
        let mut refused = Vec::new();
        for column in AMOUNTS {
            // Beside what there is not, too.
            refused.push(call(column, "-1"));
        }
        for column in FLAGS {
            refused.extend([call(column, "2"), call(column, "-1"), call(column, "NULL")]);
        }
        refused.extend([
            call("settle_seq", "0"),
            call("state", "'over'"),
            call("state", "''"),
            call("funding", "'gift'"),
            "UPDATE lot SET amount = 0, remaining = 0".to_owned(),
            "UPDATE lot SET expires_at = effective_at".to_owned(),
            "UPDATE lot SET kind = 'gift'".to_owned(),
        ]);
        let line = |kind: &str, seq: i64, sums: &str, pair: &str| {
            format!(
                "INSERT INTO ledger_transaction (
                    account_id, seq, kind, booked_at, command, actor, hash, balance, held, debt, debited, credited, amount
                 ) VALUES ({account}, {seq}, '{kind}', 1, '', '', '', {sums}, {pair})"
            )
        };
        let none = "NULL, NULL, NULL";
        for sums in ["-1, 0, 0", "5, -1, 0", "5, 0, -1", "5, 6, 0"] {
            refused.push(line("block", 2, sums, none));
        }
        refused.extend([
            line("block", 0, "5, 0, 0", none),
            line("settle", 2, "5, 0, 0", "'usage_loss', 'receivable', 1"),
            line("settle", 2, "5, 0, 0", "'usage_loss', NULL, 1"),
            line("settle", 2, "5, 0, 0", "NULL, 'revenue_usage', 1"),
            line("settle", 2, "5, 0, 0", "'usage_loss', NULL, NULL"),
            line("settle", 2, "5, 0, 0", "NULL, 'revenue_usage', NULL"),
            line("settle", 2, "5, 0, 0", "'revenue_usage', 'revenue_usage', 1"),
            line("release", 2, "5, 0, 0", "'usage_loss', 'revenue_usage', 1"),
        ]);
        for statement in &refused {
            assert!(bank.database.refuses(statement).await, "{statement}");
        }
        // It is for that, as all the rest of these is taken.
        let mut taken = AMOUNTS.iter().map(|column| call(column, "0")).collect::<Vec<_>>();
        taken.extend(FLAGS.iter().map(|column| call(column, "1")));
        taken.extend([
            call("settle_seq", "1"),
            call("state", "'open'"),
            call("funding", "'credit'"),
            "UPDATE lot SET expires_at = effective_at + 1".to_owned(),
            "UPDATE lot SET kind = 'promo'".to_owned(),
            line("settle", 2, "5, 5, 0", "'usage_loss', 'revenue_usage', 1"),
        ]);
        for statement in &taken {
            assert!(!bank.database.refuses(statement).await, "{statement}");
        }
    })
    .await;
}
