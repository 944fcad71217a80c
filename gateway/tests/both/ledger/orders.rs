//! Whoever orders something by hand is looked at by whoever books it, under the lock that all changes need: what is taken from them while
//! their order waits is gone, in each way of keeping the ledger.

use domain::{access::Role, id::UserId, refusal::Refusal};
use gateway::{Error, Origin, Seen};

use super::bank::{Bank, ROOT, nano};
use crate::{
    amid::amid_a_change,
    hub::{Database, in_all_ways},
};

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));
/// Somebody is suspended while their order is on its way: it waits for that, and is refused.
async fn is_refused<T: std::fmt::Debug>(
    database: &Database,
    who: UserId,
    order: impl Future<Output = Result<T, Error>>,
) {
    let set = |suspended| format!("UPDATE person SET suspended = {suspended} WHERE id = {}", who.number());
    let refused = amid_a_change(database, &set(1), order).await;
    assert!(
        matches!(refused, Err(Error::Refused(Refusal::NotSignedIn))),
        "{refused:?}"
    );
    database.execute(&set(0)).await;
}

#[tokio::test]
async fn nobody_orders_anything_after_they_were_suspended() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        let (users, credits) = (bank.hub.users(), bank.hub.credits());
        let email = "keeper@example.com".parse().unwrap();
        let keeper = users
            .create_without_password(&ROOT, HERE, &email, Role::Billing)
            .await
            .unwrap();
        let keeper = bank.hub.sessions().viewer(keeper.id).await.unwrap().unwrap();
        let money = keeper.money().unwrap();
        let here = Origin {
            seen: Some(Seen::new(&keeper, None)),
            ..HERE
        };
        bank.grant(10, None).await.unwrap();
        let debit = || credits.debit(&money, here, bank.user, nano(3), "because");
        is_refused(&bank.database, keeper.id, debit()).await;
        assert_eq!(bank.balance().await.balance, nano(10));
        // Where nothing is taken from them it is done.
        debit().await.unwrap();
        assert_eq!(bank.balance().await.balance, nano(7));

        let odd = bank.another("odd@example.com").await;
        let out = format!(
            "UPDATE account SET quarantine = 'looked odd' WHERE person_id = {}",
            odd.number()
        );
        bank.database.execute(&out).await;
        let lift = || credits.lift_quarantine(&money, here, odd, "it was not");
        is_refused(&bank.database, keeper.id, lift()).await;
        assert_eq!(lift().await.unwrap(), "looked odd");
        bank.is_sound().await;
    })
    .await;
}
