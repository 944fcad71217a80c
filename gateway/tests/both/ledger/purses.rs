//! What many people have to spend at once: the same as each of them has alone.

use domain::{ledger::Status, money::Money, time::Micros};
use gateway::Origin;

use super::bank::{Bank, ROOT, nano};
use crate::hub::on_both;

const DAY: i64 = Micros::from_days(1).0;

#[tokio::test]
async fn a_list_of_people_tells_what_each_can_spend_and_who_is_blocked() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let (rich, debtor, poor) = (
            bank.user,
            bank.another("debtor@example.com").await,
            bank.another("poor@example.com").await,
        );
        bank.grant(100, None).await.unwrap();
        bank.grant(30, Some(DAY)).await.unwrap();
        let row = bank.row();
        bank.hub.ledger().hold(row, nano(7)).await.unwrap();
        let (here, money) = (Origin::at(None), ROOT.money());
        let credits = bank.hub.credits();
        credits.debit(&money, here, debtor, nano(40), "x").await.unwrap();
        credits
            .set_status(&money, here, debtor, Status::Blocked, "x")
            .await
            .unwrap();
        let asked = [rich, debtor, poor, domain::id::UserId::from_number(1)];
        for _ in 0..2 {
            let purses = credits.purses(&ROOT.money_reader(), &asked).await.unwrap();
            assert_eq!(purses.len(), 3);
            for user in [rich, debtor, poor] {
                let (purse, balance) = (purses[&user], bank.balance_of(user).await);
                assert_eq!(
                    (purse.spendable, purse.debt, purse.status),
                    (balance.spendable, balance.debt, balance.status)
                );
                assert!(!purse.quarantined);
            }
            assert_eq!(purses[&poor].spendable, Money::ZERO);
            assert_eq!(
                (purses[&debtor].spendable.nano(), purses[&debtor].status),
                (-40, Status::Blocked)
            );
            // Once more when a lot has ended, whether or not that is booked.
            bank.pass(2 * DAY);
        }
    })
    .await;
}
