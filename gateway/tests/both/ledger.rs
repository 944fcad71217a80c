//! The ledger on both databases and in both of its ways: owned by a server on SQLite, direct for a command on SQLite, shared
//! or owned on PostgreSQL. After every test the verifier has to find the books sound, or what was done to them.

#[path = "ledger/bank.rs"]
pub(crate) mod bank;
#[path = "ledger/beside.rs"]
mod beside;
#[path = "ledger/borders.rs"]
mod borders;
#[path = "ledger/by_hand.rs"]
mod by_hand;
#[path = "ledger/checks.rs"]
mod checks;
#[path = "ledger/damaged.rs"]
mod damaged;
#[path = "ledger/ends.rs"]
mod ends;
#[path = "ledger/guards.rs"]
mod guards;
#[path = "ledger/keeper.rs"]
mod keeper;
#[path = "ledger/kept.rs"]
mod kept;
#[path = "ledger/late.rs"]
mod late;
#[path = "ledger/leaving.rs"]
mod leaving;
#[path = "ledger/left.rs"]
mod left;
#[path = "ledger/lift.rs"]
mod lift;
#[path = "ledger/limits.rs"]
mod limits;
#[path = "ledger/memory.rs"]
mod memory;
#[path = "ledger/orders.rs"]
mod orders;
#[path = "ledger/outage.rs"]
mod outage;
#[path = "ledger/plans.rs"]
mod plans;
#[path = "ledger/published.rs"]
mod published;
#[path = "ledger/purses.rs"]
mod purses;
#[path = "ledger/put_back.rs"]
mod put_back;
#[path = "ledger/reign.rs"]
mod reign;
#[path = "ledger/remembered.rs"]
mod remembered;
#[path = "ledger/seals.rs"]
mod seals;
#[path = "ledger/sentences.rs"]
mod sentences;
#[path = "ledger/silence.rs"]
mod silence;
#[path = "ledger/stalled.rs"]
mod stalled;
#[path = "ledger/statement.rs"]
mod statement;
#[path = "ledger/streams.rs"]
mod streams;
#[path = "ledger/tampering.rs"]
mod tampering;
#[path = "ledger/two_ends.rs"]
mod two_ends;

use domain::{access::Role, credit::Correction, setting::Setting};
use futures_util::{StreamExt as _, future::join_all, stream};
use gateway::{Error, LedgerOrder, Origin};

use crate::hub::{Database, in_all_ways, on_both};
use bank::{Bank, ROOT, nano};

#[tokio::test]
async fn a_thousand_holds_at_once_find_credit_for_exactly_37() {
    in_all_ways(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(37, None).await.unwrap();
        // All at once in memory; where each needs a connection, as many as wait for one without giving up.
        let owned = bank.database.url.starts_with("sqlite") || bank.database.ledger == LedgerOrder::Owned;
        let at_once = if owned { 1_000 } else { 50 };
        let holds = stream::iter(0..1_000).map(async |_| bank.hub.ledger().hold(bank.row(), nano(1)).await);
        let results: Vec<_> = holds.buffer_unordered(at_once).collect().await;
        let admitted = results.iter().filter(|result| result.is_ok()).count();
        let short =
            |result: &&Result<_, Error>| matches!(result, Err(Error::Ledger(domain::ledger::Refusal::Shortage(_))));
        assert_eq!((admitted, results.iter().filter(short).count()), (37, 963));
        let balance = bank.balance().await;
        assert_eq!(
            (balance.spendable.nano(), balance.held, balance.balance),
            (0, nano(37), nano(37))
        );
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn two_servers_that_race_for_the_last_credit_never_give_more_than_there_is() {
    let bank = Bank::open(Database::postgres().await).await;
    let other = bank.database.serve().await;
    bank.grant(7, None).await.unwrap();
    let (here, there) = (bank.hub.ledger(), other.ledger());
    let holds =
        (0..20).map(|_| async { tokio::join!(here.hold(bank.row(), nano(1)), there.hold(bank.row(), nano(1))) });
    let results = join_all(holds).await;
    let admitted = results
        .iter()
        .flat_map(|(one, two)| [one, two])
        .filter(|result| result.is_ok());
    assert_eq!(admitted.count(), 7);
    assert_eq!(bank.balance().await.spendable.nano(), 0);
    bank.is_sound().await;
}

#[tokio::test]
async fn fifty_who_add_one_person_at_once_give_one_starter_credit() {
    on_both(async |database| {
        let hub = database.serve().await;
        hub.options()
            .set(&ROOT.money(), Origin::default(), Setting::StarterCredit, "5")
            .await
            .unwrap();
        hub.options()
            .set(&ROOT.money(), Origin::default(), Setting::StarterDays, "30")
            .await
            .unwrap();
        let email = "one@example.com".parse().unwrap();
        let users = hub.users();
        let add = || users.create_without_password(&ROOT, Origin::default(), &email, Role::Member);
        let results = join_all((0..50).map(|_| add())).await;
        let added: Vec<_> = results.into_iter().filter_map(Result::ok).collect();
        assert_eq!(added.len(), 1);
        assert_eq!(database.numbers("SELECT amount FROM lot").await, [5_000_000_000]);
        let viewer = hub.sessions().viewer(added[0].id).await.unwrap().unwrap();
        let balance = hub.credits().balance(&viewer, added[0].id).await.unwrap();
        assert_eq!(balance.spendable.to_string(), "5.00");
        let month = domain::time::Micros::from_days(30);
        assert_eq!(
            balance.lots[0].expires_at,
            Some(balance.lots[0].effective_at.plus(month))
        );
        assert_eq!(
            hub.credits().verify(&ROOT.money_reader(), None).await.unwrap().findings,
            []
        );
        assert_eq!(database.numbers("SELECT COUNT(*) FROM account").await, [1]);
        // Whoever were to give it again, past all that: the database takes no second one.
        let again = |source: &str| {
            format!(
                "INSERT INTO lot (id, account_id, kind, priority, amount, remaining, effective_at, expires_at, created_at, source)
                 SELECT id + 1, account_id, kind, priority, amount, remaining, effective_at, expires_at, created_at, {source} FROM lot"
            )
        };
        assert!(database.refuses(&again("source")).await);
        assert!(!database.refuses(&again("'another'")).await, "it is for that");
    })
    .await;
}

#[tokio::test]
async fn members_see_their_own_credit_and_no_other() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        bank.grant(5, None).await.unwrap();
        let member = domain::access::Viewer {
            id: domain::id::UserId::from_number(1),
            email: "other@example.com".parse().unwrap(),
            role: Role::Member,
            key: None,
        };
        let credits = bank.hub.credits();
        assert!(matches!(
            credits.balance(&member, bank.user).await,
            Err(Error::Refused(_))
        ));
        let page = credits
            .ledger(&member, bank.user, Default::default(), Default::default())
            .await;
        assert!(matches!(page, Err(Error::Refused(_))));
        bank.is_sound().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_done_by_hand_is_written_down_and_can_be_paged() {
    on_both(async |database| {
        let bank = Bank::open(database).await;
        let (lot, _) = bank.grant(100, None).await.unwrap();
        for _ in 0..30 {
            bank.adjust(Correction::Take(nano(1))).await.unwrap();
        }
        let credits = bank.hub.credits();
        credits
            .void(&ROOT.money(), Origin::default(), bank.user, lot, "gone")
            .await
            .unwrap();
        let actions = bank
            .database
            .numbers("SELECT COUNT(*) FROM audit WHERE action LIKE 'credit.%'")
            .await;
        assert_eq!(actions, [32]);
        let viewer = bank.viewer();
        let size = domain::page::PageSize::nearest(25);
        let first = credits
            .ledger(&viewer, bank.user, Default::default(), size)
            .await
            .unwrap();
        let next = domain::page::Cursor::Before(first.older.unwrap().parse().unwrap());
        let second = credits.ledger(&viewer, bank.user, next, size).await.unwrap();
        let lines: Vec<_> = first.rows.into_iter().chain(second.rows).collect();
        assert_eq!(lines.len(), 32);
        assert_eq!((lines[0].reason(), lines[0].change.nano()), (Some("gone"), -70));
        assert_eq!((lines[31].change.nano(), lines[31].balance), (100, nano(100)));
        // Each balance is the one before and what changed.
        for pair in lines.windows(2) {
            assert_eq!(
                pair[0].balance.money(),
                pair[1].balance.money().checked_add(pair[0].change).unwrap()
            );
        }
        bank.is_sound().await;
    })
    .await;
}

/// A grant that the database will not take stops its own account, and no other.
#[tokio::test]
async fn a_poisoned_command_stops_its_own_account_only() {
    let bank = Bank::open(Database::sqlite()).await;
    let other = bank.another("other@example.com").await;
    bank.database
        .execute("CREATE TRIGGER poison BEFORE INSERT ON lot WHEN NEW.amount = 13 BEGIN SELECT RAISE(ABORT, 'no'); END")
        .await;
    let (good, bad, rest) = tokio::join!(
        bank.grant_to(other, 5, None),
        bank.grant(13, None),
        join_all((0..20).map(|_| bank.grant_to(other, 2, None)))
    );
    assert!(good.is_ok() && rest.iter().all(Result::is_ok));
    assert!(matches!(bad, Err(Error::Quarantine { .. })), "{bad:?}");
    assert!(matches!(bank.grant(1, None).await, Err(Error::Quarantine { .. })));
    let report = bank.hub.credits().verify(&ROOT.money_reader(), None).await.unwrap();
    assert_eq!(report.findings.len(), 1, "{report:?}");
    assert!(report.findings[0].problem.contains("out of service"), "{report:?}");
    // Also after a new start, until somebody has looked.
    let bank = bank.again().await;
    assert!(matches!(bank.grant(1, None).await, Err(Error::Quarantine { .. })));
    bank.grant_to(other, 1, None).await.unwrap();
}
