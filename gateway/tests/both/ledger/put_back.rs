//! What was deleted or put back to an older state, and is missed by the list of changes; price versions that somebody forges.

use domain::{credit::Correction, setting::Setting};
use gateway::Origin;

use super::{
    bank::{Bank, ROOT, nano, sell},
    tampering::drop_triggers,
};
use crate::hub::{Database, in_all_ways, on_both};

/// All of an account from this number on, as if it had never been.
pub(crate) async fn cut(bank: &Bank, seq: i64) {
    let account = bank.user.number();
    drop_triggers(bank).await;
    let lots = if seq == 1 { "1 = 1" } else { "amount = 6" };
    bank.database
        .execute(&format!(
            "UPDATE account SET seq = {before}, balance = {balance},
                chain = COALESCE((SELECT hash FROM ledger_transaction WHERE account_id = {account} AND seq = {before}), '')
             WHERE id = {account};
             DELETE FROM ledger_entry WHERE account_id = {account} AND seq >= {seq};
             DELETE FROM ledger_transaction WHERE account_id = {account} AND seq >= {seq};
             DELETE FROM lot WHERE account_id = {account} AND {lots};
             UPDATE lot SET remaining = amount WHERE account_id = {account};
             DELETE FROM call; DELETE FROM usage_hour",
            before = seq - 1,
            balance = if seq == 1 { 0 } else { 5 },
        ))
        .await;
}

pub(crate) async fn told(bank: &Bank) -> Vec<(Option<i64>, String)> {
    let report = bank.hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
    let found = report.findings.into_iter();
    found
        .map(|finding| (finding.seq.map(|seq| seq.0), finding.problem))
        .collect()
}

#[tokio::test]
async fn an_account_that_was_put_back_is_missed() {
    in_all_ways(async |database| {
        for from in [1, 2] {
            let database = match (database.url.starts_with("sqlite"), database.ledger) {
                (true, _) => Database::sqlite(),
                (false, gateway::LedgerOrder::Owned) => Database::postgres_owned().await,
                (false, gateway::LedgerOrder::Shared) => Database::postgres().await,
            };
            let bank = Bank::open(database).await;
            bank.grant(5, None).await.unwrap();
            bank.grant(6, None).await.unwrap();
            let row = bank.row();
            bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
            bank.hub
                .ledger()
                .settle(bank.priced(row, 3), Vec::new(), nano(3))
                .await
                .unwrap();
            bank.adjust(Correction::Take(nano(1))).await.unwrap();
            assert_eq!(told(&bank).await, []);
            cut(&bank, from).await;
            let bank = bank.again().await;
            let found = told(&bank).await;
            let seqs: Vec<_> = found.iter().map(|(seq, _)| *seq).collect();
            // Number 3 was a call: the list does not tell of it.
            let wanted: &[Option<i64>] = if from == 1 {
                &[Some(1), Some(2), Some(4)]
            } else {
                &[Some(2), Some(4)]
            };
            assert_eq!(seqs, wanted, "{found:?}");
            assert!(
                found
                    .iter()
                    .all(|(_, told)| told.starts_with("The list of changes tells of it (`credit.")),
                "{found:?}"
            );
            // Nor is it made good by granting the same again.
            bank.grant(if from == 1 { 5 } else { 6 }, None).await.unwrap();
            let found = told(&bank).await;
            assert!(
                found.iter().any(|(seq, told)| *seq == Some(from)
                    && told.starts_with("The list of changes tells something else of it")),
                "{found:?}"
            );
        }
    })
    .await;
}

/// With its row too. One database tells: what is missed is not looked for in its tables.
#[tokio::test]
async fn an_account_that_was_deleted_is_missed() {
    let bank = Bank::open(Database::sqlite()).await;
    let other = bank.another("other@example.com").await;
    bank.grant(1, None).await.unwrap();
    bank.grant_to(other, 5, None).await.unwrap();
    drop_triggers(&bank).await;
    let account = other.number();
    bank.database
        .execute(&format!(
            "PRAGMA foreign_keys = OFF;
             DELETE FROM ledger_entry WHERE account_id = {account}; DELETE FROM ledger_transaction WHERE account_id = {account};
             DELETE FROM lot WHERE account_id = {account}; DELETE FROM account WHERE id = {account}"
        ))
        .await;
    let found = told(&bank).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].1.contains("and the journal does not have it"), "{found:?}");
    assert_eq!(found[1].1, "There is no such account, and `person` names it 1 times.");
}

/// The list of changes tells of it like of any other grant.
#[tokio::test]
async fn starter_credit_that_was_taken_out_of_the_books_is_missed() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let (options, money) = (bank.hub.options(), ROOT.money());
        options
            .set(&money, Origin::default(), Setting::StarterCredit, "5")
            .await
            .unwrap();
        let account = bank.another("other@example.com").await.number();
        assert_eq!(told(&bank).await, []);
        drop_triggers(&bank).await;
        bank.database
            .execute(&format!(
                "DELETE FROM ledger_entry WHERE account_id = {account}; DELETE FROM ledger_transaction WHERE account_id = {account};
                 DELETE FROM lot WHERE account_id = {account}; UPDATE account SET seq = 0, chain = '', balance = 0 WHERE id = {account}"
            ))
            .await;
        let found = told(&bank).await;
        assert!(
            found.iter().any(|(_, told)| told.contains("and the journal does not have it")),
            "{found:?}"
        );
    })
    .await;
}

/// Which settings concern money says `Setting::concerns_money`.
#[tokio::test]
async fn a_setting_that_was_changed_past_the_list_of_changes_is_found() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let set = async |value| {
            let (options, money) = (bank.hub.options(), ROOT.money());
            options
                .set(&money, Origin::default(), Setting::Mode, value)
                .await
                .unwrap();
        };
        set("enterprise").await;
        set("service-provider").await;
        assert_eq!(told(&bank).await, []);
        let back = "DELETE FROM setting WHERE name = 'mode';
            INSERT INTO setting (name, value, updated_at) VALUES ('mode', 'service-provider', 1)";
        for change in [
            "UPDATE setting SET value = 'enterprise' WHERE name = 'mode'",
            "DELETE FROM setting WHERE name = 'mode'",
        ] {
            bank.database.execute(change).await;
            let found = told(&bank).await;
            let says =
                "The setting `mode` is `enterprise`; the list of changes says that it was set to `service-provider` (";
            assert!(found.len() == 1 && found[0].1.starts_with(says), "{change}: {found:?}");
            bank.database.execute(back).await;
            assert_eq!(told(&bank).await, [], "{change}");
        }
        let forged = "INSERT INTO setting (name, value, updated_at) VALUES ('starter-credit', '1000.00', 1)";
        bank.database.execute(forged).await;
        let found = told(&bank).await;
        let says = "The setting `starter-credit` is `1000.00`, and no entry of the list of changes tells of that.";
        assert_eq!(found, [(None, says.to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_list_of_changes_that_somebody_else_wrote_is_told() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        bank.database
            .execute("DELETE FROM audit WHERE action = 'credit.grant'")
            .await;
        let found = told(&bank).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains("`aigne-hub verify-audit`"), "{found:?}");
    })
    .await;
}

/// As somebody with the database's own password would.
pub(crate) async fn open_prices(bank: &Bank) {
    let on = if bank.database.url.starts_with("sqlite") {
        ""
    } else {
        " ON price"
    };
    for trigger in ["price_kept", "price_stays", "price_sealed"] {
        bank.database.execute(&format!("DROP TRIGGER {trigger}{on}")).await;
    }
}

#[tokio::test]
async fn a_price_version_that_was_forged_or_deleted_is_found() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let providers = bank.hub.providers().list(&ROOT.reader()).await.unwrap();
        let unused = sell(&bank.hub, providers[0].id, "unused").await.number();
        assert_eq!(told(&bank).await, []);
        open_prices(&bank).await;
        let forged = "is not as the hub has published it";
        for (change, says) in [
            ("UPDATE price SET actor = '{\"kind\":\"command_line\"}'", forged),
            ("UPDATE price SET reason = 'because'", forged),
            ("UPDATE price SET source = 'the provider'", forged),
            ("UPDATE price SET model = 'a/other'", forged),
            ("UPDATE price SET created_at = created_at - 1", forged),
            ("UPDATE price SET effective_from = effective_from - 1", forged),
            ("UPDATE price SET margin_ppm = 1", forged),
            ("UPDATE price SET digest = ''", forged),
            ("UPDATE price SET seal = NULL", forged),
            ("DELETE FROM price", "of a/unused was published"),
        ] {
            bank.database
                .execute(&format!(
                    "CREATE TABLE kept AS SELECT * FROM price; {change} WHERE id = {unused}"
                ))
                .await;
            let found = told(&bank).await;
            assert_eq!(found.len(), 1, "{change}: {found:?}");
            assert!(found[0].1.contains(says), "{change}: {found:?}");
            bank.database
                .execute("DELETE FROM price; INSERT INTO price SELECT * FROM kept; DROP TABLE kept")
                .await;
            assert_eq!(told(&bank).await, [], "{change}");
        }
    })
    .await;
}
