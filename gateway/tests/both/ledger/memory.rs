//! An owner that has room for fewer accounts than are used: what it forgets it reads again, and nothing is lost between the two.

use domain::call::CallState;
use futures_util::{StreamExt as _, stream};
use gateway::CallRow;

use super::bank::{Bank, nano};
use crate::hub::Database;

const PEOPLE: usize = 8;
const CALLS: usize = 24;

/// One order by hand waits for the one before it. Meanwhile its account may be forgotten, and has to be read again.
async fn by_hand_with_room_for_one(mut database: Database) {
    database.accounts_in_memory = 1;
    let bank = Bank::open(database).await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(bank.another(&format!("p{number}@example.com")).await);
    }
    let orders = (0..3 * PEOPLE).map(|number| people[number % PEOPLE]);
    let () = stream::iter(orders)
        .map(async |user| drop(bank.grant_to(user, 100, None).await.unwrap()))
        .buffer_unordered(3 * PEOPLE)
        .collect()
        .await;
    for user in people {
        let balance = format!("SELECT balance FROM account WHERE id = {}", user.number());
        assert_eq!(bank.database.numbers(&balance).await, [300]);
    }
    bank.is_sound().await;
}

#[tokio::test]
async fn an_order_by_hand_finds_its_account_forgotten_and_reads_it_again() {
    by_hand_with_room_for_one(Database::sqlite()).await;
    by_hand_with_room_for_one(Database::postgres_owned().await).await;
}

/// Of each account several calls end at the same time, so that it is asked for while what was decided is on its way to the disk.
async fn with_room_for_one(mut database: Database) {
    database.accounts_in_memory = 1;
    let bank = Bank::open(database).await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let user = bank.another(&format!("p{number}@example.com")).await;
        bank.grant_to(user, 100, None).await.unwrap();
        people.push(user);
    }
    let ledger = bank.hub.ledger();
    // Twice in a row for each, so that some are used again before they are forgotten.
    let calls = (0..PEOPLE * CALLS).map(|number| people[number / 2 % PEOPLE]);
    let run = async |user| {
        let row = bank.row_of(user);
        ledger.hold(row.clone(), nano(3)).await.unwrap();
        let row = CallRow {
            state: CallState::Succeeded,
            ..bank.priced(row, 2)
        };
        ledger.settle(row, Vec::new(), nano(2)).await.unwrap();
    };
    let () = stream::iter(calls)
        .map(run)
        .buffer_unordered(3 * PEOPLE)
        .collect()
        .await;
    for user in people {
        let balance = format!("SELECT balance FROM account WHERE id = {}", user.number());
        assert_eq!(bank.database.numbers(&balance).await, [100 - 2 * CALLS as i64]);
    }
    bank.is_sound().await;
}

#[tokio::test]
async fn many_accounts_are_booked_on_where_there_is_room_for_one() {
    with_room_for_one(Database::sqlite()).await;
    with_room_for_one(Database::postgres_owned().await).await;
}
