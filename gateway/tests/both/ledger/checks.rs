//! The proof of the books beyond the journal: price versions, calls, hourly sums; and the runs that are kept.

use std::time::Duration;

use domain::{call::CallState, id::ProviderId, ledger::LedgerAccount, time::Micros, usage::UsageSource};
use gateway::{CheckOutcome, LedgerReport};

use super::bank::{Bank, ROOT, nano};
use crate::hub::on_both;

impl Bank {
    async fn proved(&self) -> LedgerReport {
        self.hub.book_checks().run(&ROOT.money(), None).await.unwrap()
    }
}

#[tokio::test]
async fn a_run_in_the_background_is_kept_with_what_it_found() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let checks = bank.hub.book_checks();
        assert_eq!(checks.newest(&ROOT.money_reader(), 9).await.unwrap(), []);
        assert!(checks.start(&ROOT.money()).await.unwrap());
        let ended = async || {
            for _ in 0..500 {
                let newest = checks.newest(&ROOT.money_reader(), 9).await.unwrap();
                if let CheckOutcome::Ended(report) = &newest[0].outcome {
                    return (newest.len(), report.clone());
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("the run does not end");
        };
        let (runs, report) = ended().await;
        assert_eq!((runs, report.findings.len(), report.transactions), (1, 0, 1));
        let totals: Vec<_> = report
            .totals
            .iter()
            .map(|total| (total.account, total.balance.nano()))
            .collect();
        assert_eq!(totals, [(LedgerAccount::Credit, -5), (LedgerAccount::ManualPayment, 5)]);

        // What is wrong is kept too, and a second run at once does no harm.
        bank.database.execute("UPDATE account SET debt = 1").await;
        let (one, two) = tokio::join!(bank.proved(), bank.proved());
        assert_eq!(one, two);
        assert_eq!(one.findings.len(), 1);
        let newest = checks.newest(&ROOT.money_reader(), 9).await.unwrap();
        assert_eq!(newest.len(), 3);
        assert_eq!(newest.iter().map(|check| check.findings).collect::<Vec<_>>(), [1, 1, 0]);
        assert!(
            newest[..2]
                .iter()
                .all(|check| check.outcome == CheckOutcome::Ended(Box::new(one.clone())))
        );
    })
    .await;
}

/// However many runs look at less after it.
#[tokio::test]
async fn the_last_run_over_everything_stays() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let checks = bank.hub.book_checks();
        assert_eq!(checks.last_whole(&ROOT.money_reader()).await.unwrap(), None);
        bank.proved().await;
        bank.pass(1);
        for _ in 0..101 {
            checks.run(&ROOT.money(), Some(bank.now())).await.unwrap();
        }
        let newest = checks.newest(&ROOT.money_reader(), 200).await.unwrap();
        assert!(newest.len() >= 100 && newest[..100].iter().all(|check| check.since.is_some()));
        let whole = checks.last_whole(&ROOT.money_reader()).await.unwrap().unwrap();
        assert_eq!((whole.since, whole.findings), (None, 0));
        assert!(matches!(whole.outcome, CheckOutcome::Ended(report) if report.transactions == 1));
    })
    .await;
}

#[tokio::test]
async fn a_run_that_died_is_no_run_for_ever() {
    let bank = Bank::open(crate::hub::Database::sqlite()).await;
    let begun = bank.now().microseconds();
    let row =
        format!("INSERT INTO ledger_check (id, started_at, actor) VALUES (1, {begun}, '{{\"kind\":\"system\"}}')");
    bank.database.execute(&row).await;
    let checks = bank.hub.book_checks();
    let outcome = async || checks.newest(&ROOT.money_reader(), 1).await.unwrap().remove(0).outcome;
    assert_eq!(outcome().await, CheckOutcome::Running);
    assert!(!checks.start(&ROOT.money()).await.unwrap(), "one is under way");
    bank.pass(Micros::from_seconds(3601).0);
    assert_eq!(outcome().await, CheckOutcome::BrokenOff);
    assert!(checks.start(&ROOT.money()).await.unwrap());
}

#[tokio::test]
async fn since_leaves_out_accounts_on_which_nothing_happened() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        bank.pass(Micros::from_days(3).0);
        let late = bank.another("late@example.com").await;
        bank.grant_to(late, 7, None).await.unwrap();
        let since = Some(bank.now().plus(Micros::from_days(-1)));
        let report = bank.hub.book_checks().run(&ROOT.money(), since).await.unwrap();
        assert_eq!((report.accounts, report.transactions), (1, 1));
        assert_eq!(bank.proved().await.accounts, 2);
        assert_eq!(bank.balance().await.balance, nano(5));
    })
    .await;
}

#[tokio::test]
async fn pictures_and_estimates_are_summed_and_proved() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(100, None).await.unwrap();
        let provider = ProviderId::from_number(77);
        for (charge, estimated) in [(7, true), (2, false)] {
            let mut row = bank.row();
            bank.hub.ledger().hold(row.clone(), nano(9)).await.unwrap();
            row.state = CallState::Succeeded;
            row.provider_id = Some(provider);
            let mut row = bank.priced(row, charge);
            if !estimated {
                row.usage_source = UsageSource::Provider;
            }
            bank.hub.ledger().settle(row, Vec::new(), nano(charge)).await.unwrap();
        }
        for (sum, expected) in [("images", 4), ("estimated", 1), ("estimated_charge", 7), ("charge", 9)] {
            let summed = bank.database.numbers(&format!("SELECT {sum} FROM usage_hour")).await;
            assert_eq!(summed, [expected], "{sum}");
        }
        let checks = bank.hub.book_checks();
        let expected = gateway::Estimates {
            id: provider,
            // There is none of this number.
            provider: None,
            calls: 2,
            estimated: 1,
            charge: nano(9),
            estimated_charge: nano(7),
        };
        assert_eq!(checks.estimates(&ROOT.money_reader()).await.unwrap(), [expected]);
        let findings = async || bank.proved().await.findings.len();
        assert_eq!(findings().await, 0);
        for sum in ["images", "estimated", "estimated_charge"] {
            bank.database.execute(&format!("UPDATE usage_hour SET {sum} = {sum} + 1")).await;
            assert_eq!(findings().await, 1, "{sum}");
            bank.database.execute(&format!("UPDATE usage_hour SET {sum} = {sum} - 2")).await;
            assert_eq!(findings().await, 1, "{sum}");
            // As a server leaves it that does not count these.
            let now = bank.now().microseconds();
            let older = format!(
                "INSERT INTO process (id, kind, started_at, seen_at, ended_at, migration) VALUES (5, 'serve', {now}, {now}, {now}, 41)"
            );
            bank.database.execute(&older).await;
            assert_eq!(findings().await, 0, "{sum}");
            bank.database.execute(&format!("UPDATE usage_hour SET {sum} = {sum} + 2")).await;
            assert_eq!(findings().await, 1, "{sum}, more than there was");
            bank.database.execute(&format!("UPDATE usage_hour SET {sum} = {sum} - 1")).await;
            bank.database.execute("DELETE FROM process WHERE id = 5").await;
        }
        assert_eq!(findings().await, 0);
        bank.pass(Micros::from_days(31).0);
        assert_eq!(checks.estimates(&ROOT.money_reader()).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_charge_that_its_quantities_do_not_prove_is_found() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(100, None).await.unwrap();
        let mut row = bank.row();
        bank.hub.ledger().hold(row.clone(), nano(9)).await.unwrap();
        row.state = CallState::Succeeded;
        row.model_served = Some("a/model".into());
        row.money.cost = Some(nano(7));
        bank.hub.ledger().settle(bank.priced(row, 7), Vec::new(), nano(7)).await.unwrap();
        let sound = bank.proved().await;
        assert_eq!((sound.findings.len(), sound.calls, sound.hours, sound.prices), (0, 1, 1, 1));
        if bank.database.url.starts_with("sqlite") {
            bank.database
                .execute("DROP TRIGGER price_kept; DROP TRIGGER price_stays; DROP TRIGGER price_sealed")
                .await;
        } else {
            bank.database
                .execute("DROP TRIGGER price_kept ON price; DROP TRIGGER price_stays ON price; DROP TRIGGER price_sealed ON price")
                .await;
        }
        // What is done, how it is undone, and what must be said.
        for (change, back, says) in [
            (
                "UPDATE call SET input_uncached = 8",
                "UPDATE call SET input_uncached = 7",
                "its quantities at",
            ),
            ("UPDATE call SET cost = 6", "UPDATE call SET cost = 7", "The cost of"),
            (
                "UPDATE call SET price_id = NULL",
                &format!("UPDATE call SET price_id = (SELECT MAX(id) FROM price) WHERE charge = {}", 7),
                "without a price",
            ),
            (
                "UPDATE call SET charge = NULL",
                "UPDATE call SET charge = 7",
                "does not say the same",
            ),
            (
                "UPDATE call SET settle_seq = NULL",
                "UPDATE call SET settle_seq = 2",
                "without a transaction",
            ),
            (
                "UPDATE call SET settle_seq = 1",
                "UPDATE call SET settle_seq = 2",
                "names it as its end",
            ),
            (
                "UPDATE usage_hour SET charge = charge + 1",
                "UPDATE usage_hour SET charge = charge - 1",
                "are not those of its calls",
            ),
            (
                "UPDATE usage_hour SET calls = 0",
                "UPDATE usage_hour SET calls = 1",
                "are not those of its calls",
            ),
            // It was charged, so it has not ended with its process.
            (
                "UPDATE call SET state = 'interrupted', lost = 1; UPDATE usage_hour SET charge = charge - 7, errors = errors + 1",
                "UPDATE call SET state = 'succeeded', lost = 0; UPDATE usage_hour SET charge = charge + 7, errors = errors - 1",
                "are not those of its calls",
            ),
            // What is read account by account does not meet these.
            (
                "INSERT INTO usage_hour (hour, account_id, project_id, key_id, model, provider_id, calls, errors, input_uncached, cache_read,
                    cache_write_5m, cache_write_1h, input_audio, input_image, output_text, output_reasoning, output_audio, output_image,
                    charge, cost, duration_us, first_byte_us, overhead_us)
                 SELECT hour, 12345, project_id, key_id, model, provider_id, calls, errors, input_uncached, cache_read,
                    cache_write_5m, cache_write_1h, input_audio, input_image, output_text, output_reasoning, output_audio, output_image,
                    charge, cost, duration_us, first_byte_us, overhead_us FROM usage_hour",
                "DELETE FROM usage_hour WHERE account_id = 12345",
                "There is no such account, and `usage_hour` names it 1 times.",
            ),
            (
                "INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, project_id, model_asked)
                 VALUES (5, 1, 1, 'chat', 'api', 0, 'failed', 12345, 12345, 'a/model')",
                "DELETE FROM call WHERE id = 5",
                "`call` names it 1 times",
            ),
            (
                "INSERT INTO person (id, email, role, created_at) VALUES (99, 'x', 'member', 1)",
                "DELETE FROM person WHERE id = 99",
                "`person` names it 1 times",
            ),
            (
                "UPDATE usage_hour SET account_id = 5",
                &format!("UPDATE usage_hour SET account_id = {}", bank.user.number()),
                "are missing",
            ),
            (
                "UPDATE price SET effective_from = effective_from + 1000000000",
                "UPDATE price SET effective_from = effective_from - 1000000000",
                "is not as the hub has published it",
            ),
            (
                "UPDATE price SET sheet = sheet || ' '",
                "UPDATE price SET sheet = RTRIM(sheet)",
                "is not there as it was",
            ),
            // A later version that was in force already when the call began.
            (
                "INSERT INTO price (id, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest, seal)
                 SELECT id + 1, model_id, model, effective_from - 1, created_at, actor, reason, source, margin_ppm, sheet, digest, seal FROM price",
                "DELETE FROM price WHERE id > (SELECT MIN(id) FROM price)",
                "is not as the hub has published it",
            ),
        ] {
            bank.database.execute(change).await;
            let found = bank.proved().await.findings;
            assert!(found.iter().any(|finding| finding.problem.contains(says)), "{change}: {found:?}");
            bank.database.execute(back).await;
            assert_eq!(bank.proved().await.findings, [], "{back}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_is_priced_by_the_version_that_was_in_force() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(100, None).await.unwrap();
        let early = bank.row();
        // The price that the bank has was published just now: a call that began before it cannot have been charged by it.
        bank.hub.ledger().hold(early.clone(), nano(5)).await.unwrap();
        bank.hub
            .ledger()
            .settle(bank.priced(early, 5), Vec::new(), nano(5))
            .await
            .unwrap();
        bank.is_sound().await;
        bank.database
            .execute("UPDATE call SET started_at = started_at - 120000000, authorised_at = authorised_at - 120000000")
            .await;
        let found = bank.proved().await.findings;
        assert!(
            found.iter().any(|finding| finding.problem.contains("was not in force")),
            "{found:?}"
        );
    })
    .await;
}
