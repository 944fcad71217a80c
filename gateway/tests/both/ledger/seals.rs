//! The seals of price versions, and the key that makes them: versions from before are sealed once, ever. Who writes the database and takes
//! the key away has nothing of theirs sealed.

use domain::{
    access::{Actor, Admin},
    audit::AuditFilter,
    page::{Cursor, PageSize},
};
use gateway::{OpenError, ProcessKind, secrets::HubKeys};
use sha2::{Digest as _, Sha256};

use super::{
    bank::{Bank, ROOT, sell},
    put_back::{open_prices, told},
};
use crate::hub::{Database, on_both};

/// Stores these keys as a hub from before would have, the ledger's among them bound to nothing.
async fn keys_from_before(database: &Database, labels: &[&str]) {
    for label in labels {
        let sealed = HubKeys::generate_wrapped(&database.master_key, label).unwrap();
        database
            .execute(&format!(
                "INSERT INTO hub_key (label, sealed, updated_at) VALUES ('{label}', '{sealed}', 1)"
            ))
            .await;
    }
}

/// How the ledger's key is stored, on its own row of another table.
async fn remember(database: &Database) {
    database.execute("CREATE TABLE kept_key AS SELECT * FROM hub_key").await;
}

const SEALED: &str = "SELECT COUNT(*) FROM price WHERE seal IS NOT NULL";
const ENTRIES: &str = "SELECT COUNT(*) FROM audit WHERE action = 'price.seal'";

/// A version as hubs have published it before there were seals, and before changes were chained.
async fn old_version(database: &Database, id: i64, digest: Option<&str>) {
    let from = 1_700_000_000_000_000_i64;
    let sheet = serde_json::to_string(&crate::prices::sheet("1", "2", "0")).unwrap();
    let actor = serde_json::to_string(&Actor::CommandLine).unwrap();
    let whole = Sha256::digest(format!("7|{from}|{sheet}"));
    let digest = digest.map_or_else(|| gateway::secrets::hex(&whole), str::to_owned);
    database
        .execute(&format!(
            "INSERT INTO price (id, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest)
             VALUES ({id}, 7, 'p/old', {from}, {from}, '{actor}', '', '', 0, '{sheet}', '{digest}')"
        ))
        .await;
}

async fn drop_trigger(database: &Database, trigger: &str, table: &str) {
    let on = if database.url.starts_with("sqlite") {
        String::new()
    } else {
        format!(" ON {table}")
    };
    database.execute(&format!("DROP TRIGGER {trigger}{on}")).await;
}

/// What was forged before that, with a moment of which the list should tell, gets a seal like every other, and no entry.
#[tokio::test]
async fn a_version_that_the_list_should_tell_of_is_not_written_down() {
    on_both(async |database| {
        keys_from_before(&database, &["api-key", "session", "credential", "ledger", "audit"]).await;
        remember(&database).await;
        let bank = Bank::open(database).await;
        open_prices(&bank).await;
        bank.hub.shutdown(std::time::Duration::ZERO).await;
        let day = 86_400_000_000_i64;
        bank.database
            .execute(&format!(
                "UPDATE hub_key SET sealed = (SELECT sealed FROM kept_key WHERE label = 'ledger') WHERE label = 'ledger';
                 UPDATE audit SET after_json = NULL WHERE action = 'price.publish';
                 UPDATE price SET seal = NULL;
                 INSERT INTO price (id, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest)
                 SELECT id + 1, model_id, model, effective_from, created_at + 2 * {day}, actor, reason, source, margin_ppm, sheet, digest
                 FROM price"
            ))
            .await;
        bank.database.take_keys("label = 'price'").await;
        let hub = bank.database.serve().await;
        assert_eq!(bank.database.numbers(SEALED).await, [2]);
        let named = "SELECT COUNT(*) FROM audit WHERE action = 'price.seal' AND after_json LIKE '%,%'";
        assert_eq!((bank.database.numbers(ENTRIES).await, bank.database.numbers(named).await), (vec![1], vec![0]));
        let report = hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
        let untold = report.findings.iter().filter(|finding| finding.problem.contains("was published by nobody"));
        assert_eq!(untold.count(), 1, "{:?}", report.findings);
    })
    .await;
}

/// As a hub of each version before left it: without the key, or with it and with seals that no entry tells of.
#[tokio::test]
async fn versions_from_before_seals_are_sealed_once_and_written_down() {
    on_both(async |database| {
        keys_from_before(&database, &["api-key", "session", "credential", "ledger"]).await;
        drop_trigger(&database, "price_sealed", "price").await;
        old_version(&database, 1, None).await;
        old_version(&database, 2, Some("x")).await;
        let bank = Bank::open(database).await;
        assert_eq!(
            bank.database.numbers(SEALED).await,
            [2],
            "the old one, and the bank's own"
        );
        assert_eq!(bank.database.numbers(ENTRIES).await, [1]);
        let one = |found: &[(Option<i64>, String)]| {
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].1.contains("is not as the hub has published it"), "{found:?}");
        };
        one(&told(&bank).await);
        // Not again, whatever lies there.
        old_version(&bank.database, 3, None).await;
        let bank = bank.again().await;
        assert_eq!(bank.database.numbers(SEALED).await, [2]);
        assert_eq!(bank.database.numbers(ENTRIES).await, [1]);
        assert_eq!(told(&bank).await.len(), 2);
        // One that was sealed is missed.
        drop_trigger(&bank.database, "price_stays", "price").await;
        bank.database.execute("DELETE FROM price WHERE id = 1").await;
        let found = told(&bank).await;
        let gone = |told: &str| told.contains(" was there (") && told.ends_with(") and is gone.");
        assert_eq!(found.iter().filter(|(_, told)| gone(told)).count(), 1, "{found:?}");
        let page = bank
            .hub
            .audit()
            .page(
                &Admin::system().reader(),
                &AuditFilter {
                    action: Some("price.seal".to_owned()),
                    ..AuditFilter::default()
                },
                Cursor::Newest,
                PageSize::default(),
            )
            .await
            .unwrap();
        let entry = page.rows[0].after.clone().unwrap();
        assert_eq!(entry.matches("price_").count(), 1, "only what was sealed: {entry}");
    })
    .await;
}

#[tokio::test]
async fn seals_of_a_hub_that_wrote_no_entries_are_written_down_at_its_next_start() {
    on_both(async |database| {
        keys_from_before(&database, &["api-key", "session", "credential", "ledger"]).await;
        remember(&database).await;
        let bank = Bank::open(database).await;
        assert_eq!(bank.database.numbers(ENTRIES).await, [0], "there was nothing to seal");
        let bound = "SELECT COUNT(*) FROM hub_key h JOIN kept_key k ON k.label = h.label AND k.sealed = h.sealed WHERE h.label = 'ledger'";
        assert_eq!(bank.database.numbers(bound).await, [0]);
        let before = "UPDATE hub_key SET sealed = (SELECT sealed FROM kept_key WHERE label = 'ledger') WHERE label = 'ledger'";
        bank.database.execute(before).await;
        let bank = bank.again().await;
        assert_eq!(bank.database.numbers(ENTRIES).await, [1]);
        assert_eq!(told(&bank).await, []);
        let bank = bank.again().await;
        assert_eq!(bank.database.numbers(ENTRIES).await, [1]);
        // A version that the entry names differently, and one that it does not name.
        open_prices(&bank).await;
        bank.database
            .execute("UPDATE audit SET after_json = REPLACE(after_json, '\"price_', '\"price_0') WHERE action = 'price.seal'")
            .await;
        let found = told(&bank).await;
        assert_eq!(found.len(), 1, "the chain breaks, what the other entry tells still holds: {found:?}");
        assert!(found[0].1.contains("`aigne-hub verify-audit`"), "{found:?}");
        bank.database
            .execute("DELETE FROM audit WHERE action IN ('price.seal', 'price.publish')")
            .await;
        let found = told(&bank).await;
        assert!(
            found.iter().any(|(_, told)| told.contains("was published by nobody")),
            "{found:?}"
        );
    })
    .await;
}

async fn lost(bank: &Bank, label: &str) {
    for kind in [ProcessKind::Serve, ProcessKind::Command] {
        match bank.database.open(kind).await {
            Err(error @ OpenError::KeyLost { label: lost }) => {
                assert_eq!(lost, label);
                assert!(error.to_string().contains("backup"), "{error}");
            }
            other => panic!("{label}: {:?}", other.map(drop)),
        }
    }
}

/// The whole attack: the key goes, the seals go, a forged version lies beside; then more and more of what tells of it goes too.
#[tokio::test]
async fn whoever_takes_the_key_away_has_nothing_sealed() {
    on_both(async |database| {
        keys_from_before(&database, &["api-key", "session", "credential", "ledger"]).await;
        remember(&database).await;
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let providers = bank.hub.providers().list(&ROOT.reader()).await.unwrap();
        sell(&bank.hub, providers[0].id, "other").await;
        assert_eq!(told(&bank).await, []);
        bank.hub.shutdown(std::time::Duration::ZERO).await;
        let database = &bank.database;
        assert!(database.refuses("DELETE FROM hub_key WHERE label = 'price'").await);
        open_prices(&bank).await;
        database
            .execute(
                "CREATE TABLE all_keys AS SELECT * FROM hub_key; CREATE TABLE all_audit AS SELECT * FROM audit;
                 CREATE TABLE all_seals AS SELECT id, seal FROM price",
            )
            .await;
        let forge = "UPDATE price SET seal = NULL;
             INSERT INTO price (id, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest)
             SELECT id + 1, model_id, model, effective_from + 1, created_at, actor, reason, source, margin_ppm, sheet, digest
             FROM price WHERE id = (SELECT MAX(id) FROM price)";
        database.take_keys("label = 'price'").await;
        database.execute(forge).await;
        lost(&bank, "price").await;
        // With what was bound put back as a hub from before had it: entries tell of seals.
        database
            .execute("UPDATE hub_key SET sealed = (SELECT sealed FROM kept_key WHERE label = 'ledger') WHERE label = 'ledger'")
            .await;
        lost(&bank, "price").await;
        // The list of changes without its key, which is there still as a list.
        database.execute("DELETE FROM hub_key WHERE label = 'audit'").await;
        lost(&bank, "audit").await;
        // And without entries, but not without its end.
        database.execute("DELETE FROM audit").await;
        lost(&bank, "audit").await;
        // All of it gone; what was bound is there.
        database
            .execute(
                "UPDATE audit_chain SET entries = 0, last = '', seal = '';
                 UPDATE hub_key SET sealed = (SELECT sealed FROM all_keys WHERE label = 'ledger') WHERE label = 'ledger'",
            )
            .await;
        lost(&bank, "audit").await;
        // The ledger's key too: its books were made with it.
        database.execute("DELETE FROM hub_key WHERE label = 'ledger'").await;
        lost(&bank, "ledger").await;
        // One in the middle.
        database
            .execute("DELETE FROM hub_key; INSERT INTO hub_key SELECT * FROM all_keys WHERE label <> 'session'")
            .await;
        lost(&bank, "session").await;
        assert_eq!(database.numbers("SELECT COUNT(*) FROM hub_key").await, [5], "none was made");
        // With its keys back it opens, and believes neither what lost its seal nor what never had one.
        database
            .execute("DELETE FROM hub_key; INSERT INTO hub_key SELECT * FROM all_keys; INSERT INTO audit SELECT * FROM all_audit")
            .await;
        let end = "UPDATE audit_chain SET entries = (SELECT MAX(number) FROM audit)";
        database.execute(end).await;
        let hub = database.serve().await;
        let report = hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
        let named = report.findings.iter().filter(|finding| finding.problem.contains("is not as the hub has published it"));
        assert_eq!(named.count(), 3, "{:?}", report.findings);
        assert_eq!(database.numbers(SEALED).await, [0]);
        database
            .execute("UPDATE price SET seal = (SELECT seal FROM all_seals s WHERE s.id = price.id)")
            .await;
        let report = hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
        let named = report.findings.iter().filter(|finding| finding.problem.contains("is not as the hub has published it"));
        assert_eq!(named.count(), 1, "{:?}", report.findings);
    })
    .await;
}
