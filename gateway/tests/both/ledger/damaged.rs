//! An account whose books are damaged is shown to whoever looks after money, with what is wrong, and nothing is changed by that.

use domain::{
    access::{Role, Viewer},
    money::Money,
    page::{Cursor, PageSize},
};
use gateway::Error;

use super::bank::{Bank, nano};
use crate::hub::on_both;

#[tokio::test]
async fn a_damaged_account_is_shown_to_whoever_looks_after_money() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        bank.grant(6, None).await.unwrap();
        let auditor = Viewer {
            role: Role::Auditor,
            id: bank.another("two@example.com").await,
            ..bank.viewer()
        };
        let credits = bank.hub.credits();
        // How it is damaged, how that is told, and what stands in the account then, in how many lots that can be read.
        for (damage, told, balance, lots) in [
            ("UPDATE account SET quarantine = 'looked odd' WHERE balance = 11", "looked odd", 11, 2),
            ("UPDATE account SET quarantine = NULL, balance = 12 WHERE balance = 11", "alance", 12, 2),
            (
                "UPDATE account SET balance = 11 WHERE balance = 12; UPDATE lot SET priority = 9999999999 WHERE amount = 6",
                "1 of its lots cannot be read",
                11,
                1,
            ),
        ] {
            bank.database.execute(damage).await;
            let shown = credits.balance(&auditor, bank.user).await.unwrap();
            assert!(shown.damage.as_ref().is_some_and(|text| text.contains(told)), "{damage}: {shown:?}");
            assert_eq!((shown.balance, shown.spendable, shown.lots.len()), (nano(balance), Money::ZERO, lots));
            assert_eq!(credits.lots(&auditor, bank.user).await.unwrap().len(), lots);
            let page = credits.ledger(&auditor, bank.user, Cursor::Newest, PageSize::nearest(25)).await;
            assert_eq!(page.unwrap().rows.len(), 2);
            // Whose it is cannot mend it, and is not shown figures that may be wrong.
            let own = credits.balance(&bank.viewer(), bank.user).await;
            assert!(matches!(own, Err(Error::Quarantine { .. } | Error::Store(_))), "{own:?}");
        }
        bank.database.execute("UPDATE lot SET priority = 10 WHERE amount = 6").await;
    })
    .await;
}
