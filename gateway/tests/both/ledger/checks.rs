//! The proof of the books beyond the journal: price versions, calls, hourly sums; and the runs that are kept.

use std::time::Duration;

use domain::{ledger::LedgerAccount, time::Micros};
use gateway::{CheckOutcome, LedgerReport};

use super::bank::{Bank, ROOT, nano};
use crate::hub::on_both;

impl Bank {
    async fn proved(&self) -> LedgerReport {
        self.hub.book_checks().run(&ROOT, None).await.unwrap()
    }
}

#[tokio::test]
async fn a_run_in_the_background_is_kept_with_what_it_found() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let checks = bank.hub.book_checks();
        assert_eq!(checks.newest(&ROOT, 9).await.unwrap(), []);
        assert!(checks.start(&ROOT).await.unwrap());
        let ended = async || {
            for _ in 0..500 {
                let newest = checks.newest(&ROOT, 9).await.unwrap();
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
        let newest = checks.newest(&ROOT, 9).await.unwrap();
        assert_eq!(newest.len(), 3);
        assert!(
            newest[..2]
                .iter()
                .all(|check| check.outcome == CheckOutcome::Ended(Box::new(one.clone())))
        );
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
    let outcome = async || checks.newest(&ROOT, 1).await.unwrap().remove(0).outcome;
    assert_eq!(outcome().await, CheckOutcome::Running);
    assert!(!checks.start(&ROOT).await.unwrap(), "one is under way");
    bank.pass(Micros::from_seconds(3601).0);
    assert_eq!(outcome().await, CheckOutcome::BrokenOff);
    assert!(checks.start(&ROOT).await.unwrap());
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
        let report = bank.hub.book_checks().run(&ROOT, since).await.unwrap();
        assert_eq!((report.accounts, report.transactions), (1, 1));
        assert_eq!(bank.proved().await.accounts, 2);
        assert_eq!(bank.balance().await.balance, nano(5));
    })
    .await;
}
