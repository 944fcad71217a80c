//! Prices that are published while the books are proved: after all versions were read, and before the account whose calls they charge.

use domain::{
    call::CallState,
    id::{ModelId, PriceId, ProviderId},
    ledger::Seq,
    time::Micros,
};
use gateway::{LedgerReport, Origin};

use super::bank::{Bank, MONEY, ROOT, nano, sell};
use crate::hub::{Database, on_both};

/// A person with credit, whose books are sound.
async fn with_credit(database: Database) -> Bank {
    let bank = Bank::open(database).await;
    bank.grant(100, None).await.unwrap();
    bank.is_sound().await;
    bank
}

/// Charges a call by this version, a nano-USD a token.
async fn charge(bank: &Bank, price: PriceId, charge: i64) {
    let (mut row, ledger) = (bank.row(), bank.hub.ledger());
    ledger.hold(row.clone(), nano(9)).await.unwrap();
    row.state = CallState::Succeeded;
    let mut row = bank.priced(row, charge);
    row.money.price = Some(price);
    ledger.settle(row, Vec::new(), nano(charge)).await.unwrap();
}

/// Sells another model.
async fn sell_another(bank: &Bank, slug: &str) -> PriceId {
    let provider = bank.database.numbers("SELECT id FROM provider").await[0];
    sell(&bank.hub, ProviderId::from_number(provider), slug).await
}

/// Replaces the price of the newest model by one of two nano-USD a token. It is in force now.
async fn replace(bank: &Bank) -> PriceId {
    let model = bank.database.numbers("SELECT MAX(model_id) FROM price").await[0];
    let draft = crate::prices::draft(crate::prices::sheet("0.002", "0.002", "0"));
    let prices = bank.hub.prices();
    let version = prices
        .publish(&MONEY, Origin::default(), ModelId::from_number(model), draft)
        .await
        .unwrap();
    bank.pass(Micros::from_seconds(60).0);
    version.id
}

/// What comes of a proof when this happens in its middle.
async fn proved_amid(bank: &Bank, what: impl AsyncFnOnce()) -> LedgerReport {
    let reader = ROOT.money_reader();
    let mut proof = bank.hub.credits().begin_verify(&reader).await.unwrap();
    what().await;
    while proof.step().await.unwrap() {}
    proof.end().await.unwrap()
}

#[tokio::test]
async fn calls_that_are_charged_by_what_was_published_meanwhile_are_sound() {
    on_both(async |database| {
        let bank = with_credit(database).await;
        let another = bank.another("later@example.com").await;
        bank.grant_to(another, 7, None).await.unwrap();
        let report = proved_amid(&bank, async || {
            let first = sell_another(&bank, "first").await;
            charge(&bank, first, 3).await;
            bank.pass(1);
            charge(&bank, first, 4).await;
            // What is told of an account that was not proved yet, too.
            bank.grant_to(another, 5, None).await.unwrap();
        })
        .await;
        assert_eq!((report.findings, report.prices, report.calls), (Vec::new(), 2, 2));
        let report = proved_amid(&bank, async || {
            let next = replace(&bank).await;
            let mut row = bank.row();
            bank.hub.ledger().hold(row.clone(), nano(9)).await.unwrap();
            row.state = CallState::Succeeded;
            let mut row = bank.priced(row, 4);
            row.usage.input_uncached = 2;
            row.money.price = Some(next);
            bank.hub.ledger().settle(row, Vec::new(), nano(4)).await.unwrap();
        })
        .await;
        assert_eq!((report.findings, report.prices, report.calls), (Vec::new(), 3, 3));
        bank.is_sound().await;
    })
    .await;
}

/// A request took its time, and the clock was set back by a little meanwhile: the price of that earlier moment is the right one.
#[tokio::test]
async fn a_clock_that_is_set_back_while_a_request_comes_makes_no_finding() {
    on_both(async |database| {
        let bank = with_credit(database).await;
        let first = sell_another(&bank, "first").await;
        bank.pass(Micros::from_seconds(60).0);
        let replaced = bank.now();
        replace(&bank).await;
        let began = bank.now();
        let back = began.since(replaced).0 + 1;
        let mut row = bank.row();
        bank.pass(-back);
        let ledger = bank.hub.ledger();
        ledger.hold(row.clone(), nano(9)).await.unwrap();
        row.state = CallState::Succeeded;
        let mut row = bank.priced(row, 3);
        row.money.price = Some(first);
        ledger.settle(row, Vec::new(), nano(3)).await.unwrap();
        bank.is_sound().await;
    })
    .await;
}

/// What is read later is looked at as closely.
#[tokio::test]
async fn what_somebody_else_put_there_meanwhile_is_found() {
    on_both(async |database| {
        let bank = with_credit(database).await;
        let forged = PriceId::from_number(12_345);
        let report = proved_amid(&bank, async || {
            bank.database
                .execute(
                    "INSERT INTO price (id, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest, seal)
                     SELECT 12345, model_id, model, effective_from, created_at, actor, reason, source, margin_ppm, sheet, digest, seal FROM price",
                )
                .await;
            charge(&bank, forged, 3).await;
            let gone = sell_another(&bank, "gone").await;
            let on = if bank.database.url.starts_with("sqlite") { "" } else { " ON price" };
            bank.database
                .execute(&format!(
                    "DROP TRIGGER price_stays{on}; DELETE FROM price WHERE id = {}",
                    gone.number()
                ))
                .await;
        })
        .await;
        let found: Vec<_> = report.findings.iter().map(|finding| (finding.seq, finding.problem.as_str())).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        for (seq, says) in [
            (None, "is not as the hub has published it"),
            (None, "and is gone."),
            (Some(Seq(2)), "is not there as it was."),
        ] {
            let is = |found: &&(Option<Seq>, &str)| found.0 == seq && found.1.contains(says);
            assert_eq!(found.iter().filter(is).count(), 1, "{says} {found:?}");
        }
    })
    .await;
}
