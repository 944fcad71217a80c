//! Servers that share a ledger remember how they left an account, and decide by that as long as nobody else has moved it.

use std::time::Duration;

use domain::{
    call::CallState,
    credit::Correction,
    id::{ProcessId, UserId},
};
use futures_util::future::join_all;
use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;

use gateway::{CallRow, Error, Gateway, LedgerOrder, Origin, ProcessKind};

use super::{
    bank::{Bank, ROOT, nano, newest_process, row_of},
    reign::{cut, cut_and_share},
};
use crate::{hub::Database, way::Way};

fn ended(mut row: CallRow) -> CallRow {
    row.state = CallState::Succeeded;
    row
}

/// A server beside that of a bank.
pub(super) struct Beside<'a> {
    bank: &'a Bank,
    pub(super) hub: Gateway,
    process: ProcessId,
}

impl<'a> Beside<'a> {
    pub(super) async fn open(bank: &'a Bank) -> Self {
        let hub = bank.database.serve().await;
        let process = newest_process(&bank.database).await;
        Self { bank, hub, process }
    }

    pub(super) fn row(&self, user: UserId) -> CallRow {
        row_of(&self.hub, self.process, user, self.bank.now())
    }
}

fn is_refused(done: &Result<domain::ledger::Effects, Error>) -> bool {
    matches!(done, Err(Error::Ledger(_)))
}

/// So much is held, and so much is left.
async fn stands(bank: &Bank, balance: i64, held: i64) {
    let found = bank.balance().await;
    assert_eq!((found.balance, found.held), (nano(balance), nano(held)));
}

/// What reads accounts is gone, and calls begin and end all the same.
#[tokio::test]
async fn an_account_is_not_read_for_each_call() {
    let bank = Bank::open(Database::postgres().await).await;
    bank.grant(100, None).await.unwrap();
    let ledger = bank.hub.ledger();
    let first = bank.row();
    ledger.hold(first.clone(), nano(4)).await.unwrap();
    bank.database
        .execute("ALTER FUNCTION ledger_take RENAME TO ledger_take_is_gone")
        .await;
    let rows: Vec<CallRow> = (0..20).map(|_| bank.row()).collect();
    // It had to wait for something before it asked for credit, and is in the log.
    listed(&bank, &rows[0]).await;
    let held = join_all(rows.iter().map(|row| ledger.hold(row.clone(), nano(4)))).await;
    assert!(held.iter().all(Result::is_ok), "{held:?}");
    let first = bank.priced(ended(first), 3);
    ledger.settle(first, Vec::new(), nano(3)).await.unwrap();
    let (some, others) = rows.split_at(10);
    let settled = some
        .iter()
        .map(|row| ledger.settle(bank.priced(ended(row.clone()), 2), Vec::new(), nano(2)));
    let released = others.iter().map(|row| ledger.release(ended(row.clone()), Vec::new()));
    let (settled, released) = tokio::join!(join_all(settled), join_all(released));
    assert!(settled.iter().chain(&released).all(Result::is_ok));
    stands(&bank, 77, 0).await;
    // Each is in the sums of its hour.
    let calls = "SELECT calls FROM usage_hour UNION ALL SELECT charge FROM usage_hour";
    let mut sums = bank.database.numbers(calls).await;
    sums.sort_unstable();
    assert_eq!(sums, [21, 23]);
    bank.database
        .execute("ALTER FUNCTION ledger_take_is_gone RENAME TO ledger_take")
        .await;
    bank.is_sound().await;
}

/// Puts the row of a call into the log.
async fn listed(bank: &Bank, row: &CallRow) {
    let statement = format!(
        "INSERT INTO call (id, process_id, started_at, endpoint, door, streamed, state, person_id, account_id, project_id, model_asked)
         VALUES ({}, {}, {}, 'chat', 'api', 0, 'open', {person}, {person}, {person}, 'a/model')",
        row.id.number(),
        row.process.number(),
        row.started_at.microseconds(),
        person = row.user.number()
    );
    bank.database.execute(&statement).await;
}

/// Its row is another's: nobody may write into it.
#[tokio::test]
async fn a_hold_that_a_call_did_not_take_is_not_remembered() {
    let bank = Bank::open(Database::postgres().await).await;
    bank.grant(10, None).await.unwrap();
    let ledger = bank.hub.ledger();
    let gone = bank.row();
    let another = CallRow {
        process: ProcessId::from_number(1),
        ..gone.clone()
    };
    listed(&bank, &another).await;
    ledger.hold(gone, nano(8)).await.unwrap();
    stands(&bank, 10, 0).await;
    let row = bank.row();
    ledger.hold(row.clone(), nano(1)).await.unwrap();
    let row = bank.priced(ended(row), 1);
    ledger.settle(row, Vec::new(), nano(1)).await.unwrap();
    stands(&bank, 9, 0).await;
    // No transaction tells of more than calls held.
    let held = "SELECT held FROM ledger_transaction WHERE kind = 'settle'";
    assert_eq!(bank.database.numbers(held).await, [0]);
    bank.is_sound().await;
}

/// An owner needs one journey, too.
#[tokio::test]
async fn what_an_owner_books_of_calls_is_written_at_once() {
    let bank = Bank::open(Database::postgres_owned().await).await;
    bank.grant(100, None).await.unwrap();
    bank.database
        .execute("ALTER FUNCTION journal_write RENAME TO journal_write_is_gone")
        .await;
    let ledger = bank.hub.ledger();
    for _ in 0..3 {
        let row = bank.row();
        ledger.hold(row.clone(), nano(4)).await.unwrap();
        ledger
            .settle(bank.priced(ended(row), 3), Vec::new(), nano(3))
            .await
            .unwrap();
    }
    bank.database
        .execute("ALTER FUNCTION journal_write_is_gone RENAME TO journal_write")
        .await;
    stands(&bank, 91, 0).await;
    bank.is_sound().await;
}

/// In the memory of each there is enough for two more.
#[tokio::test]
async fn two_servers_do_not_spend_the_same_credit() {
    let bank = Bank::open(Database::postgres().await).await;
    let beside = Beside::open(&bank).await;
    let (here, there) = (bank.hub.ledger(), beside.hub.ledger());
    bank.grant(10, None).await.unwrap();
    let (one, two) = (bank.row(), beside.row(bank.user));
    here.hold(one.clone(), nano(3)).await.unwrap();
    there.hold(two.clone(), nano(3)).await.unwrap();
    here.hold(bank.row(), nano(3)).await.unwrap();
    let fourth = there.hold(beside.row(bank.user), nano(3)).await;
    assert!(is_refused(&fourth), "{fourth:?}");
    stands(&bank, 10, 9).await;
    // What one gives back the other can have at once.
    here.release(ended(one), Vec::new()).await.unwrap();
    there.hold(beside.row(bank.user), nano(4)).await.unwrap();
    there
        .settle(bank.priced(ended(two), 2), Vec::new(), nano(2))
        .await
        .unwrap();
    let last = here.hold(bank.row(), nano(2)).await;
    assert!(is_refused(&last), "{last:?}");
    stands(&bank, 8, 7).await;
    here.hold(bank.row(), nano(1)).await.unwrap();
    stands(&bank, 8, 8).await;
    beside.hub.shutdown(Duration::ZERO).await;
    bank.is_sound().await;
}

/// Both at once, with as much as is needed for 37 of 200.
#[tokio::test]
async fn two_servers_at_once_admit_as_many_as_can_be_paid() {
    let bank = Bank::open(Database::postgres().await).await;
    let beside = Beside::open(&bank).await;
    let (here, there) = (bank.hub.ledger(), beside.hub.ledger());
    bank.grant(37 * 5, None).await.unwrap();
    let calls = (0..100).map(|_| async {
        let (one, two) = (bank.row(), beside.row(bank.user));
        tokio::join!(here.hold(one, nano(5)), there.hold(two, nano(5)))
    });
    let done = join_all(calls).await;
    let done: Vec<_> = done.into_iter().flat_map(|(one, two)| [one, two]).collect();
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 37);
    assert_eq!(done.iter().filter(|done| is_refused(done)).count(), 200 - 37);
    stands(&bank, 37 * 5, 37 * 5).await;
    beside.hub.shutdown(Duration::ZERO).await;
    bank.is_sound().await;
}

/// One account is asked for what needs its row, which somebody else has, and others come along.
async fn others_need_not_wait(is_refused_there: bool) {
    let bank = Bank::open(Database::postgres().await).await;
    let ledger = bank.hub.ledger();
    let mut rows = Vec::new();
    for number in 0..6 {
        let user = bank.another(&format!("{number}@example.com")).await;
        bank.grant_to(user, 10, None).await.unwrap();
        let row = bank.row_of(user);
        ledger.hold(row.clone(), nano(1)).await.unwrap();
        rows.push(row);
    }
    let (first, others) = rows.split_first().unwrap();
    let mut somebody = PgConnection::connect(&bank.database.url).await.unwrap();
    let lock = format!(
        "BEGIN; UPDATE account SET seq = seq WHERE id = {}",
        first.account.number()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock))
        .execute(&mut somebody)
        .await
        .unwrap();
    let more = async {
        let holds = others.iter().map(|row| ledger.hold(bank.row_of(row.user), nano(2)));
        let held = timeout(Duration::from_secs(30), join_all(holds)).await;
        somebody.close().await.unwrap();
        held
    };
    let there = async {
        match is_refused_there {
            true => is_refused(&ledger.hold(bank.row_of(first.user), nano(100)).await),
            false => ledger.extend(first.account, first.id, nano(3)).await.is_ok(),
        }
    };
    let (there, held) = tokio::join!(there, more);
    assert!(there);
    let held = held.expect("nobody else waits for that row");
    assert!(held.iter().all(Result::is_ok), "{held:?}");
    let sums = "SELECT CAST(SUM(hold_amount) AS BIGINT) FROM call WHERE settle_seq IS NULL";
    assert_eq!(
        bank.database.numbers(sums).await,
        [6 + if is_refused_there { 0 } else { 3 } + 5 * 2]
    );
    bank.is_sound().await;
}

#[tokio::test]
async fn what_is_not_decided_by_memory_keeps_no_other_account_waiting() {
    others_need_not_wait(false).await;
}

#[tokio::test]
async fn who_is_refused_keeps_no_other_account_waiting() {
    others_need_not_wait(true).await;
}

/// Grants and what is taken by hand are seen by the next call.
#[tokio::test]
async fn changes_by_hand_are_seen_at_once() {
    let bank = Bank::open(Database::postgres().await).await;
    bank.grant(10, None).await.unwrap();
    let ledger = bank.hub.ledger();
    ledger.hold(bank.row(), nano(4)).await.unwrap();
    bank.adjust(Correction::Take(nano(5))).await.unwrap();
    let more = ledger.hold(bank.row(), nano(2)).await;
    assert!(is_refused(&more), "{more:?}");
    bank.grant(1, None).await.unwrap();
    ledger.hold(bank.row(), nano(2)).await.unwrap();
    stands(&bank, 6, 6).await;
    bank.is_sound().await;
}

/// An owner came and went while this server had nothing to do, and left a call that holds.
#[tokio::test]
async fn what_an_owner_left_meanwhile_counts() {
    let mut bank = Bank::open(Database::postgres().await).await;
    bank.grant(10, None).await.unwrap();
    let other = bank.another("two@example.com").await;
    let row = bank.row();
    bank.hub.ledger().hold(row.clone(), nano(3)).await.unwrap();
    let row = bank.priced(ended(row), 1);
    bank.hub.ledger().settle(row, Vec::new(), nano(1)).await.unwrap();
    // As if the lock of this server, which says that it shares, were lost for a while.
    bank.database.ledger = LedgerOrder::Owned;
    let owner = loop {
        cut(&bank.database).await;
        if let Ok(owner) = bank.database.open(ProcessKind::Serve).await {
            break owner;
        }
    };
    let process = newest_process(&bank.database).await;
    let row = row_of(&owner, process, bank.user, bank.now());
    owner.ledger().hold(row, nano(6)).await.unwrap();
    let _shares = cut_and_share(&bank.database).await;
    // Somebody ends the owner's reign on another account, so that nothing but its number tells of it.
    let command = bank.database.open(ProcessKind::Command).await.unwrap();
    let (money, here, some) = (ROOT.money(), Origin::default(), Correction::Add(nano(1)));
    command
        .credits()
        .adjust(&money, here, other, some, "because")
        .await
        .unwrap();
    let more = bank.hub.ledger().hold(bank.row(), nano(5)).await;
    assert!(is_refused(&more), "{more:?}");
    bank.hub.ledger().hold(bank.row(), nano(3)).await.unwrap();
    stands(&bank, 9, 9).await;
    assert_eq!(bank.problems().await, []);
    drop(owner);
}

/// A hold is kept on its way until nobody waits for it any longer, and comes then.
#[tokio::test]
async fn a_hold_that_comes_too_late_is_not_put_on_the_account() {
    let mut database = Database::postgres().await;
    let way = Way::to(&database.url).await;
    database.way = Some(way.url.clone());
    database.outage = Duration::from_millis(300);
    let bank = Bank::open(database).await;
    bank.grant(10, None).await.unwrap();
    let ledger = bank.hub.ledger();
    let first = bank.row();
    ledger.hold(first.clone(), nano(4)).await.unwrap();

    // What this model's rows say is said of nothing else.
    way.keep_back("a/model");
    let late = ledger.hold(bank.row(), nano(3)).await;
    way.mend();
    assert!(matches!(late, Err(Error::LedgerBehind)), "{late:?}");
    // Comes after all that was to be done about it, and moves nothing.
    let too_much = ledger.hold(bank.row(), nano(100)).await;
    assert!(is_refused(&too_much), "{too_much:?}");
    way.deliver().await;
    stands(&bank, 10, 4).await;
    ledger
        .settle(bank.priced(ended(first), 1), Vec::new(), nano(1))
        .await
        .unwrap();
    ledger.hold(bank.row(), nano(9)).await.unwrap();
    stands(&bank, 9, 9).await;
    bank.is_sound().await;
}
