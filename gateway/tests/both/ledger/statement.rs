//! Why a balance changed: the lines add up, at every moment.

use domain::{credit::Correction, ledger::LotKind, time::Micros};
use gateway::{Error, Origin};

use super::bank::{Bank, ROOT, nano};
use crate::hub::on_both;

const HERE: Origin<'static> = Origin::at(None);
const DAY: i64 = Micros::from_days(1).0;

impl Bank {
    async fn spend(&self, charge: i64) {
        self.spend_on("simulated/echo", charge).await;
    }

    async fn spend_on(&self, model: &str, charge: i64) {
        let mut row = self.row();
        row.model_served = Some(model.into());
        self.hub.ledger().hold(row.clone(), nano(charge)).await.unwrap();
        row.state = domain::call::CallState::Succeeded;
        self.hub
            .ledger()
            .settle(self.priced(row, charge), Vec::new(), nano(charge))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_day_tells_why_the_balance_changed() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let nothing = bank.hub.credits().day(&bank.viewer(), bank.user).await.unwrap();
        assert_eq!((nothing.today.change().nano(), nothing.pace.left), (0, None));

        bank.grant(1_000, None).await.unwrap();
        bank.grant(70, Some(3 * DAY + 1)).await.unwrap();
        for _ in 0..30 {
            bank.spend(10).await;
            bank.pass(DAY / 10);
        }
        // Three days have passed, and a new one has begun.
        let credits = bank.hub.credits();
        let yesterday = credits.day(&bank.viewer(), bank.user).await.unwrap();
        bank.pass(2);
        let (lot, _) = bank.grant(20, None).await.unwrap();
        credits.void(&ROOT.money(), HERE, bank.user, lot, "x").await.unwrap();
        bank.grant(5, None).await.unwrap();
        bank.adjust(Correction::Take(nano(7))).await.unwrap();
        bank.adjust(Correction::Add(nano(2))).await.unwrap();
        bank.spend(40).await;
        let day = credits.day(&bank.viewer(), bank.user).await.unwrap();
        let today = day.today;
        assert_eq!(
            (today.granted.nano(), today.voided.nano(), today.adjusted.nano()),
            (25, -20, -5)
        );
        assert_eq!(today.spent.nano(), yesterday.today.spent.nano() - 40);
        assert_eq!(today.closing, bank.balance().await.balance);
        let lines = [
            today.granted,
            today.given_back,
            today.adjusted,
            today.expired,
            today.voided,
            today.charged_back,
            today.repaid,
            today.other,
            today.spent,
        ];
        let sum: i64 = lines.iter().map(|line| line.nano()).sum();
        assert_eq!(today.opening.nano() + sum, today.closing.nano());
        // 340 in a little more than three days; what is left would last for long.
        assert_eq!((day.pace.days, day.pace.per_day), (3, nano(113)));
        let left = day.pace.left.unwrap();
        assert!((left.days - today.closing.nano() / 113).abs() <= 1, "{left:?}");
        assert!(!left.expires);

        let stranger = domain::access::Viewer {
            id: domain::id::UserId::from_number(1),
            email: "other@example.com".parse().unwrap(),
            role: domain::access::Role::Member,
            key: None,
        };
        for refused in [
            credits.day(&stranger, bank.user).await.err(),
            credits.lots(&stranger, bank.user).await.err(),
        ] {
            assert!(matches!(refused, Some(Error::Refused(_))), "{refused:?}");
        }
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn a_day_knows_what_was_charged_beyond_what_it_names_and_beyond_what_credit_paid() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(10_000, None).await.unwrap();
        let named = 50;
        for number in 0..named + 2 {
            bank.spend_on(&format!("a/model-{number}"), 100 - number).await;
        }
        let mut row = bank.priced(bank.row(), 1_000);
        row.state = domain::call::CallState::Succeeded;
        row.model_served = Some("a/model-0".into());
        (row.money.funding, row.money.charge) = (domain::call::Funding::Allocated, Some(nano(1_000)));
        bank.hub.ledger().allocate(row, Vec::new(), nano(1_000)).await.unwrap();
        bank.pass(2);
        let day = bank.hub.credits().day(&bank.viewer(), bank.user).await.unwrap();
        let paid: i64 = (0..named + 2).map(|number| 100 - number).sum();
        assert_eq!((day.today.spent.nano(), day.charged.nano()), (-paid, paid + 1_000));
        assert_eq!(day.shares.len(), 50);
        assert_eq!(day.shares[0].charge, nano(1_100));
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn an_expiry_is_a_line_of_its_day() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(50, Some(10)).await.unwrap();
        bank.pass(20);
        bank.grant(1, None).await.unwrap();
        let today = bank.hub.credits().day(&bank.viewer(), bank.user).await.unwrap().today;
        assert_eq!(
            (today.granted.nano(), today.expired.nano(), today.spent.nano()),
            (51, -50, 0)
        );
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn lots_tell_where_they_come_from() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        bank.spend(5).await;
        bank.grant(6, None).await.unwrap();
        bank.adjust(Correction::Add(nano(7))).await.unwrap();
        let lots = bank.hub.credits().lots(&bank.viewer(), bank.user).await.unwrap();
        let told: Vec<_> = lots
            .iter()
            .map(|view| {
                (
                    view.lot.kind,
                    view.lot.remaining.nano(),
                    view.origin.as_ref().map(|origin| origin.seq.0),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (LotKind::Correction, 7, Some(4)),
                (LotKind::Paid, 6, Some(3)),
                (LotKind::Paid, 0, Some(1))
            ]
        );
        assert!(
            lots.iter()
                .all(|view| view.origin.as_ref().unwrap().reason == "because")
        );
        bank.is_sound().await;
    })
    .await;
}
