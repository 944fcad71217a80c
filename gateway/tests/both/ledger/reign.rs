//! One owner of the ledger on PostgreSQL: nobody books beside it, and one that has lost its connection cannot commit.

use gateway::{Error, LedgerOrder, OpenError, ProcessKind};
use sqlx::{Connection as _, PgConnection};

use super::bank::{Bank, ROOT, nano};
use crate::hub::Database;

/// Ends the connection that holds the locks of the server, as a broken network would.
pub(super) async fn cut(database: &Database) {
    let locks = "SELECT pg_terminate_backend(pid)::INT::BIGINT FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND classid = 0 AND objid = 1
          AND database = (SELECT oid FROM pg_database WHERE datname = CURRENT_DATABASE())";
    database.numbers(locks).await;
}

/// The same, and somebody else comes before the server has connected again.
pub(super) async fn cut_and_share(database: &Database) -> PgConnection {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    loop {
        cut(database).await;
        let asked = sqlx::query_as("SELECT pg_try_advisory_lock_shared(1)");
        let (shared,): (bool,) = asked.fetch_one(&mut connection).await.unwrap();
        if shared {
            return connection;
        }
    }
}

#[tokio::test]
async fn the_two_orders_do_not_mix() {
    let mut owned = Bank::open(Database::postgres_owned().await).await;
    // Nobody beside an owner, in whatever way.
    for order in [LedgerOrder::Owned, LedgerOrder::Shared] {
        owned.database.ledger = order;
        let second = owned.database.open(ProcessKind::Serve).await;
        let Err(error) = second.map(drop) else {
            panic!("a second server keeps the ledger {order}");
        };
        assert!(
            matches!(error, OpenError::LedgerTaken(wanted) if wanted == order),
            "{error}"
        );
    }
    owned.hub.shutdown(std::time::Duration::ZERO).await;

    // Many who share, and then no owner.
    let (one, two) = (owned.database.serve().await, owned.database.serve().await);
    owned.database.ledger = LedgerOrder::Owned;
    let owner = owned.database.open(ProcessKind::Serve).await;
    assert!(matches!(owner.map(drop), Err(OpenError::LedgerTaken(_))));
    one.shutdown(std::time::Duration::ZERO).await;
    two.shutdown(std::time::Duration::ZERO).await;
    let owner = owned.database.serve().await;
    owner.shutdown(std::time::Duration::ZERO).await;
}

#[tokio::test]
async fn an_owner_that_lost_its_connection_goes_on_when_nobody_has_booked() {
    let bank = Bank::open(Database::postgres_owned().await).await;
    bank.grant(5, None).await.unwrap();
    cut(&bank.database).await;
    bank.grant(5, None).await.unwrap();
    assert!(!bank.hub.is_deposed());
    assert_eq!(bank.balance().await.balance, nano(10));
    bank.is_sound().await;
}

#[tokio::test]
async fn an_owner_that_lost_its_connection_cannot_commit_after_another_has_booked() {
    let bank = Bank::open(Database::postgres_owned().await).await;
    bank.grant(5, None).await.unwrap();
    let row = bank.row();
    bank.hub.ledger().hold(row.clone(), nano(4)).await.unwrap();
    let other = cut_and_share(&bank.database).await;
    let command = bank.database.open(ProcessKind::Command).await.unwrap();
    let taken = domain::credit::Correction::Take(nano(1));
    let credits = command.credits();
    credits
        .adjust(&ROOT.money(), gateway::Origin::default(), bank.user, taken, "because")
        .await
        .unwrap();

    drop(other);
    // In its memory there would still be five.
    let late = bank.grant(5, None).await;
    assert!(
        matches!(late, Err(Error::Quarantine { .. } | Error::LedgerBehind)),
        "{late:?}"
    );
    bank.hub.deposed().await;
    let late = bank.hub.ledger().settle(bank.priced(row, 4), Vec::new(), nano(4)).await;
    assert!(matches!(late, Err(Error::LedgerBehind)), "{late:?}");
    assert!(!bank.hub.ready().await.unwrap());
    assert_eq!(bank.database.numbers("SELECT remaining FROM lot").await, [4]);
    assert_eq!(
        bank.database
            .numbers("SELECT COUNT(*) FROM account WHERE quarantine IS NOT NULL")
            .await,
        [0]
    );
    assert_eq!(credits.verify(&ROOT.money_reader(), None).await.unwrap().findings, []);

    // The next owner gives back what the call of the dead one held.
    command.shutdown(std::time::Duration::ZERO).await;
    let bank = bank.again().await;
    let balance = bank.balance().await;
    assert_eq!((balance.balance, balance.held), (nano(4), nano(0)));
    bank.grant(1, None).await.unwrap();
    bank.is_sound().await;
}

#[tokio::test]
async fn nothing_is_committed_in_another_epoch() {
    let bank = Bank::open(Database::postgres_owned().await).await;
    bank.grant(5, None).await.unwrap();
    bank.database.execute("UPDATE ledger_owner SET epoch = epoch + 1").await;
    let late = bank.grant(5, None).await;
    assert!(late.is_err(), "{late:?}");
    bank.hub.deposed().await;
    assert_eq!(bank.database.numbers("SELECT remaining FROM lot").await, [5]);
    let quarantined = "SELECT COUNT(*) FROM account WHERE quarantine IS NOT NULL";
    assert_eq!(bank.database.numbers(quarantined).await, [0]);
    bank.is_sound().await;
}

/// The database refuses a booking, and while the owner looks for what is to blame another takes the ledger from it: no account is to blame
/// for that. It is taken after so many refusals, which a sequence counts: no rollback undoes it.
#[tokio::test]
async fn an_owner_that_is_overtaken_amid_refusals_takes_no_account_out_of_service() {
    // Each is tried in one journey and step by step: with whatever is written beside it, alone, and without its texts.
    for refusals in [2, 4] {
        let bank = Bank::open(Database::postgres_owned().await).await;
        bank.grant(10, None).await.unwrap();
        let mut row = bank.row();
        let ledger = bank.hub.ledger();
        ledger.hold(row.clone(), nano(4)).await.unwrap();
        bank.database
            .execute(&format!(
                "CREATE SEQUENCE refused;
                 CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM nextval('refused'); RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END $$;
                 CREATE TRIGGER refuse BEFORE INSERT ON ledger_transaction FOR EACH ROW WHEN (NEW.amount = 3)
                    EXECUTE FUNCTION refuse();
                 ALTER TABLE ledger_owner RENAME TO ledger_owner_row;
                 CREATE VIEW ledger_owner AS SELECT o.id, o.process_id,
                    o.epoch + (SELECT CASE WHEN r.is_called AND r.last_value >= {refusals} THEN 1 ELSE 0 END FROM refused r) AS epoch
                    FROM ledger_owner_row o"
            ))
            .await;
        row.state = domain::call::CallState::Succeeded;
        let settled = ledger.settle(bank.priced(row, 3), Vec::new(), nano(3)).await;
        assert!(
            matches!(settled, Err(Error::Quarantine { .. } | Error::LedgerBehind)),
            "{settled:?}"
        );
        let quarantined = "SELECT COUNT(*) FROM account WHERE quarantine IS NOT NULL";
        assert_eq!(bank.database.numbers(quarantined).await, [0]);
        let refused = "SELECT last_value FROM refused";
        assert_eq!(bank.database.numbers(refused).await, [refusals]);
        bank.hub.deposed().await;
        bank.is_sound().await;
    }
}
