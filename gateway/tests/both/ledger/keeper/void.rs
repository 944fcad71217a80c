//! What a keeper has decided is void: another has taken its account, the database refuses it or starts anew. Nothing is overdrawn and nothing is
//! booked twice.

use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::ledger::{CommandKind, Outcome, Status};
use futures_util::future::join_all;
use gateway::{CallRow, Origin, call::CallRequest};
use sqlx::Connection as _;

use super::{
    LONG, OLDER, admitted_in_memory, balance_is, charges, eager, ended, keepers, keeping, lock_account, long_after,
    settle, written,
};
use crate::hub::in_all_ways;
use crate::ledger::{
    bank::{Bank, ROOT, nano, sell},
    outage::{behind_a_way, break_connection, shut_gate},
    remembered::Beside,
    stalled::{charging, embedding, until},
};

/// A server that is gone answers nobody.
#[tokio::test]
async fn what_a_dead_server_kept_is_taken_from_it() {
    let bank = keeping(10).await;
    let row = bank.row();
    bank.hub.ledger().hold(row.clone(), nano(2)).await.unwrap();
    let dead = "UPDATE account SET moved = moved + 1, keeper_id = 7, kept_from = moved + 1";
    bank.database.execute(dead).await;
    let begun = Instant::now();
    settle(&bank, row, 2).await.unwrap();
    let waited = begun.elapsed();
    assert!(
        waited >= Duration::from_secs(2) && waited < Duration::from_secs(20),
        "{waited:?}"
    );
    // By hand, too.
    bank.pass(1);
    let another = bank.row();
    bank.hub.ledger().hold(another.clone(), nano(1)).await.unwrap();
    settle(&bank, another, 1).await.unwrap();
    bank.database.execute(dead).await;
    bank.grant(1, None).await.unwrap();
    assert_eq!(
        bank.database.numbers("SELECT COUNT(*) FROM ledger_forgotten").await,
        [2]
    );
    balance_is(&bank, 8, 0).await;
    bank.is_sound().await;
}

/// Others are not kept waiting by an account whose keeper does not answer.
#[tokio::test]
async fn an_account_that_is_kept_elsewhere_holds_up_no_other() {
    let bank = Bank::open(eager().await).await;
    let mut rows = Vec::new();
    for number in 0..6 {
        let user = bank.another(&format!("{number}@example.com")).await;
        bank.grant_to(user, 10, None).await.unwrap();
        rows.push(bank.row_of(user));
    }
    let (first, others) = rows.split_first().unwrap();
    let dead = format!(
        "UPDATE account SET moved = moved + 1, keeper_id = 7, kept_from = moved + 1 WHERE id = {}",
        first.account.number()
    );
    bank.database.execute(&dead).await;
    let ledger = bank.hub.ledger();
    let begun = Instant::now();
    let there = async {
        ledger.hold(first.clone(), nano(1)).await.unwrap();
        begun.elapsed()
    };
    let beside = async {
        for _ in 0..5 {
            let holds = others.iter().map(|row| ledger.hold(bank.row_of(row.user), nano(1)));
            let held = join_all(holds).await;
            assert!(held.iter().all(Result::is_ok), "{held:?}");
        }
        begun.elapsed()
    };
    let (there, beside) = tokio::join!(there, beside);
    assert!(there >= Duration::from_secs(2), "{there:?}");
    assert!(beside < there, "{beside:?} {there:?}");
    bank.is_sound().await;
}

/// It stood still for so long that another took the account and spent what it had admitted. What its call has cost is booked
/// all the same, once, out of what is left; the rest is a loss, and nothing is spent twice.
#[tokio::test]
async fn a_keeper_that_was_overtaken_decides_once_more() {
    let bank = keeping(10).await;
    let beside = Beside::open(&bank).await;
    // Another call of it has held before, so that the books tell of a hold that is void by then.
    let (first, running) = (bank.row(), bank.row());
    let early = admitted_in_memory(&bank, 1).await;
    let mut somebody = lock_account(&bank, bank.user).await;
    for (row, amount) in [(&first, 3), (&running, 4)] {
        let (_, in_memory) = bank.hub.ledger().admit(row.clone(), nano(amount)).await.unwrap();
        assert!(in_memory);
    }
    let end = settle(&bank, first, 3);
    let overtake = async {
        let taken = "UPDATE account SET moved = moved + 1, keeper_id = NULL, kept_from = NULL; COMMIT";
        sqlx::raw_sql(taken).execute(&mut somebody).await.unwrap();
        let there = beside.hub.ledger();
        let row = beside.row(bank.user);
        // As far as the database knows, nearly all is free.
        let held = there.hold(row.clone(), nano(6)).await;
        (row, held.is_ok())
    };
    let (settled, (theirs, held)) = tokio::join!(end, overtake);
    let settled = settled.unwrap();
    settle(&bank, early, 1).await.unwrap();
    settle(&bank, running, 4).await.unwrap();
    if held {
        let row = bank.priced(ended(theirs), 6);
        beside.hub.ledger().settle(row, Vec::new(), nano(6)).await.unwrap();
    }
    let Outcome::Settled(settled) = settled.outcome else {
        panic!("{settled:?}")
    };
    assert_eq!(settled.charge, nano(3));
    let sums = "SELECT CAST(SUM(charge - loss) AS BIGINT) FROM call WHERE charge IS NOT NULL";
    let paid = bank.database.numbers(sums).await;
    assert_eq!(paid, [if held { 10 } else { 8 }]);
    balance_is(&bank, if held { 0 } else { 2 }, 0).await;
    long_after(&bank).await;
    beside.hub.shutdown(Duration::ZERO).await;
    bank.is_sound().await;
}

/// Another has taken the account from it and blocked it, so what its calls hold is refused. They run, and what they have cost is booked all the
/// same, once. (Should the keeper be quicker than whoever blocks it, they hold anew and are charged as usual.)
#[tokio::test]
async fn a_call_of_an_overtaken_keeper_is_charged_on_an_account_that_was_blocked() {
    let bank = keeping(10).await;
    let beside = Beside::open(&bank).await;
    let early = admitted_in_memory(&bank, 1).await;
    let mut somebody = lock_account(&bank, bank.user).await;
    let (at_once, running) = (bank.row(), bank.row());
    for row in [&at_once, &running] {
        let (_, in_memory) = bank.hub.ledger().admit(row.clone(), nano(3)).await.unwrap();
        assert!(in_memory);
    }
    let (money, credits) = (ROOT.money(), beside.hub.credits());
    let block = credits.set_status(&money, Origin::default(), bank.user, Status::Blocked, "because");
    let overtake = async {
        until("whoever blocks it waits", async || waiting(&bank).await > 0).await;
        let end = settle(&bank, at_once.clone(), 3);
        let taken = "UPDATE account SET moved = moved + 1, keeper_id = NULL, kept_from = NULL; COMMIT";
        let taken = sqlx::raw_sql(taken).execute(&mut somebody);
        let (end, taken) = tokio::join!(end, taken);
        taken.unwrap();
        end
    };
    let (blocked, ended_at_once) = tokio::join!(block, overtake);
    blocked.unwrap();
    for told in [ended_at_once, settle(&bank, running.clone(), 4).await] {
        let told = told.unwrap();
        assert!(matches!(told.kind, CommandKind::Late | CommandKind::Settle), "{told:?}");
    }
    // Once more: what was booked stands.
    settle(&bank, running, 4).await.unwrap();
    settle(&bank, early, 1).await.unwrap();
    balance_is(&bank, 2, 0).await;
    assert_eq!(charges(&bank).await, [1, 3, 4]);
    let held = "SELECT COUNT(*) FROM call WHERE hold_seq IS NOT NULL AND settle_seq IS NULL";
    assert_eq!(bank.database.numbers(held).await, [0]);
    beside.hub.shutdown(Duration::ZERO).await;
    bank.is_sound().await;
}

/// Sessions that wait for a row.
async fn waiting(bank: &Bank) -> i64 {
    let waiting =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'";
    bank.database.numbers(waiting).await[0]
}

/// Its batch cannot be written as the database is gone. Whoever waits or not: each end is booked once it is back.
#[tokio::test]
async fn what_was_decided_before_an_outage_is_booked_once() {
    let (bank, way) = behind_a_way(eager().await, LONG).await;
    bank.grant(100, None).await.unwrap();
    let first = admitted_in_memory(&bank, 4).await;
    let rows: Vec<CallRow> = (0..5).map(|_| bank.row()).collect();
    let ledger = bank.hub.ledger();
    way.cut();
    for row in &rows {
        let (_, in_memory) = ledger.admit(row.clone(), nano(3)).await.unwrap();
        assert!(in_memory);
    }
    let ends = join_all(rows.iter().map(|row| settle(&bank, row.clone(), 2)));
    let back = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        way.mend();
    };
    let (ends, ()) = tokio::join!(ends, back);
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    settle(&bank, first, 4).await.unwrap();
    assert_eq!(charges(&bank).await, [2, 2, 2, 2, 2, 4]);
    balance_is(&bank, 86, 0).await;
    bank.is_sound().await;
}

/// What the database refuses is decided once more and written without its texts, and what was held in memory beside it is held.
#[tokio::test]
async fn what_the_database_refuses_does_not_take_what_is_held_beside_it() {
    let bank = keeping(100).await;
    let running = admitted_in_memory(&bank, 4).await;
    bank.database
        .execute(
            "CREATE FUNCTION no_agent() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF NEW.agent IS NOT NULL THEN RAISE EXCEPTION 'no' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER no_agent BEFORE INSERT OR UPDATE ON call FOR EACH ROW EXECUTE FUNCTION no_agent()",
        )
        .await;
    let mut row = bank.row();
    row.agent = Some("poison".into());
    let (_, in_memory) = bank.hub.ledger().admit(row.clone(), nano(3)).await.unwrap();
    assert!(in_memory);
    settle(&bank, row, 2).await.unwrap();
    until("the other hold is written", async || {
        written(&bank, running.id).await == [4]
    })
    .await;
    balance_is(&bank, 98, 4).await;
    settle(&bank, running, 4).await.unwrap();
    assert_eq!(charges(&bank).await, [2, 4]);
    long_after(&bank).await;
    bank.is_sound().await;
}

/// A server of the release before knows of no keepers.
#[tokio::test]
async fn an_older_server_takes_an_account_from_its_keeper() {
    let bank = keeping(10).await;
    let early = admitted_in_memory(&bank, 2).await;
    let somebody = lock_account(&bank, bank.user).await;
    let late = bank.row();
    let (_, in_memory) = bank.hub.ledger().admit(late.clone(), nano(3)).await.unwrap();
    assert!(in_memory);
    let open = format!("SELECT COUNT(*) FROM ledger_open(1, ARRAY[{}])", bank.user.number());
    let (rows, closed) = tokio::join!(bank.database.numbers(&open), somebody.close());
    closed.unwrap();
    assert!(rows[0] > 0);
    settle(&bank, late, 3).await.unwrap();
    settle(&bank, early, 2).await.unwrap();
    balance_is(&bank, 5, 0).await;
    assert_eq!(charges(&bank).await, [2, 3]);
    long_after(&bank).await;
    bank.is_sound().await;
}

/// One that runs knows of no keepers.
#[tokio::test]
async fn nothing_is_kept_as_long_as_an_older_server_runs() {
    let bank = Bank::open(eager().await).await;
    bank.grant(100, None).await.unwrap();
    bank.database.execute(OLDER).await;
    let ledger = bank.hub.ledger();
    for _ in 0..20 {
        let row = bank.row();
        let (_, in_memory) = ledger.admit(row.clone(), nano(1)).await.unwrap();
        assert!(!in_memory);
        ledger.release(ended(row), Vec::new()).await.unwrap();
    }
    assert!(keepers(&bank).await.is_empty());
    bank.database
        .execute("UPDATE process SET ended_at = 1 WHERE id = 7")
        .await;
    let row = admitted_in_memory(&bank, 4).await;
    settle(&bank, row, 4).await.unwrap();
    bank.is_sound().await;
}

/// Its batch is written, but nobody hears of it as the database starts anew: what was held in memory beside it is void, and held anew.
#[tokio::test]
async fn a_keeper_whose_database_starts_anew_holds_what_it_held() {
    let (bank, way) = behind_a_way(eager().await, LONG).await;
    bank.grant(100, None).await.unwrap();
    let first = admitted_in_memory(&bank, 4).await;
    let gate = shut_gate(&bank, "ledger_transaction").await;
    // What is booked now counts a hold that will be void, and is later than all that stands.
    bank.pass(1_000_000);
    let running = bank.row();
    let (_, in_memory) = bank.hub.ledger().admit(running.clone(), nano(5)).await.unwrap();
    assert!(in_memory);
    let anew = async {
        until("its commit stands still", async || {
            let waiting =
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event = 'advisory'";
            bank.database.numbers(waiting).await == [1]
        })
        .await;
        let anew =
            "CREATE OR REPLACE FUNCTION server_runs_since() RETURNS BIGINT LANGUAGE sql STABLE AS 'SELECT 7::BIGINT'";
        bank.database.execute(anew).await;
        break_connection(&bank, &way, gate).await;
    };
    let (settled, ()) = tokio::join!(settle(&bank, first, 3), anew);
    settled.unwrap();
    until("the other hold is written", async || {
        written(&bank, running.id).await == [5]
    })
    .await;
    assert_eq!(
        bank.database.numbers("SELECT COUNT(*) FROM ledger_forgotten").await,
        [1]
    );
    balance_is(&bank, 97, 5).await;
    settle(&bank, running, 5).await.unwrap();
    assert_eq!(charges(&bank).await, [3, 5]);
    long_after(&bank).await;
    bank.is_sound().await;
}

/// A call whose end the database will refuse, at a hub whose calls cost money.
async fn ends_refused(bank: &Bank) -> CallRequest {
    let providers = bank.hub.providers().list(&ROOT.reader()).await.unwrap();
    sell(&bank.hub, providers[0].id, "embed").await;
    let poison = match bank.database.url.starts_with("sqlite") {
        true => {
            "CREATE TRIGGER poison BEFORE INSERT ON ledger_transaction WHEN NEW.kind = 'settle' BEGIN SELECT RAISE(ABORT, 'no'); END"
        }
        false => "ALTER TABLE ledger_transaction ADD CONSTRAINT poison CHECK (kind <> 'settle')",
    };
    bank.database.execute(poison).await;
    CallRequest {
        body: Bytes::from_static(br#"{"model":"a/embed","input":"x"}"#),
        ..embedding(bank)
    }
}

/// What a call comes to is refused, and so its hold was never written: its row, which is written without what was booked, puts none there.
#[tokio::test]
async fn a_call_whose_end_is_refused_leaves_no_hold_that_was_never_written() {
    let bank = charging(eager().await).await;
    let request = ends_refused(&bank).await;
    let call = request.id;
    admitted_in_memory(&bank, 0).await;
    bank.hub.call(request).await.unwrap();
    assert_eq!(written(&bank, call).await, [0; 0]);
    is_out_of_service(&bank).await;
}

/// Where a hold is part of what was decided, written or not, the row tells of it, and it can be settled when the account is back.
#[tokio::test]
async fn a_call_whose_end_is_refused_holds_on_where_its_hold_stands() {
    in_all_ways(async |database| {
        let bank = charging(database).await;
        let request = ends_refused(&bank).await;
        let call = request.id;
        bank.hub.call(request).await.unwrap();
        let held = written(&bank, call).await;
        assert!(held.len() == 1 && held[0] > 0, "{held:?}");
        is_out_of_service(&bank).await;
    })
    .await;
}

/// The account is, the call of which the end was refused stands in the log, and nothing else is wrong.
async fn is_out_of_service(bank: &Bank) {
    let listed = "SELECT COUNT(*) FROM call WHERE state = 'succeeded' AND charge IS NULL AND settle_seq IS NULL";
    assert_eq!(bank.database.numbers(listed).await, [1]);
    let problems = bank.problems().await;
    assert!(
        problems.len() == 1 && problems[0].1.starts_with("It is out of service"),
        "{problems:?}"
    );
}
