//! Calls that end at the same time and are written together.

use domain::{
    access::{Admin, Role},
    call::{CallState, Dialect},
    credit::GrantDraft,
    id::{AccountId, UserId},
    ledger::LotKind,
    money::Amount,
};
use futures_util::future::join_all;

use super::{
    super::{client::whole, upstream::json},
    till::Till,
};
use crate::{
    Origin,
    call::{CallRequest, Caller},
    store::{execute, fetch_all},
};

const ASK: &str = r#"{"model":"p/m","messages":[{"role":"user","content":"12345678"}],"max_tokens":100}"#;
const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2}}"#;
const CHARGE: i64 = 9 * 1_000 + 2 * 2_000;
const CREDIT: i64 = 1_000_000_000;

/// Somebody else, with credit, and so many lots before it that pay one call and a part of the next.
async fn another(till: &Till, email: &str, lots: usize) -> UserId {
    let root = Admin::system();
    let email = email.parse().unwrap();
    let users = till.hub.gateway.users();
    let person = users
        .create_without_password(&root, Origin::default(), &email, Role::Member)
        .await;
    let user = person.unwrap().id;
    for lot in 0..=lots {
        let amount = if lot < lots { CHARGE * 3 / 2 } else { CREDIT };
        let draft = GrantDraft {
            kind: LotKind::Promo,
            amount: Amount::from_nano(amount).unwrap(),
            priority: None,
            expires_at: None,
            reason: "because".to_owned(),
        };
        let credits = till.hub.gateway.credits();
        credits
            .grant(&root.money(), Origin::default(), user, draft)
            .await
            .unwrap();
    }
    user
}

fn request(till: &Till, user: UserId) -> CallRequest {
    CallRequest {
        caller: Caller::of_person(user),
        ..till.hub.request(Dialect::OpenaiChat, ASK)
    }
}

/// More than a text of `store::script` holds, of one account and of several, of which one pays some calls out of two lots.
#[tokio::test]
async fn calls_that_end_together_are_charged_once_each() {
    for people in [1, 2, 3] {
        let till = Till::with(CREDIT, vec![json(200, ANSWER); 60]).await;
        let mut users = vec![till.user];
        for number in 1..people {
            users.push(another(&till, &format!("{number}@example.com"), 5 * (number / 2)).await);
        }
        let requests: Vec<_> = (0..60).map(|call| request(&till, users[call % people])).collect();
        let ids: Vec<_> = requests.iter().map(|request| request.id).collect();
        let answers = join_all(requests.into_iter().map(|request| till.hub.gateway.call(request))).await;
        for (id, answer) in ids.into_iter().zip(answers) {
            assert_eq!(whole(answer.unwrap()), ANSWER);
            let (state, paid) = till.paid(id).await;
            assert_eq!(
                (state, paid.charge, paid.loss, paid.ended),
                (CallState::Succeeded, Some(CHARGE), Some(0), true)
            );
        }
        assert_eq!(till.spendable().await, CREDIT - 60 / people as i64 * CHARGE);
        assert_eq!(till.sums().await, (60, 0, 60 * 9, 60 * 2, 60 * CHARGE, 60 * CHARGE));
        till.is_sound().await;
    }
}

/// Somebody has booked past the hub: the account is taken out of service, and nobody else's calls suffer for it.
#[tokio::test]
async fn an_account_that_was_moved_takes_no_other_call_with_it() {
    let till = Till::with(CREDIT, vec![json(200, ANSWER); 42]).await;
    let other = another(&till, "other@example.com", 0).await;
    for user in [till.user, other] {
        till.hub.gateway.call(request(&till, user)).await.unwrap();
    }
    let (store, moved) = (&till.hub.gateway.0.store, till.user.number());
    execute!(store, "UPDATE account SET seq = seq + 1 WHERE id = $1", moved).unwrap();
    let requests: Vec<_> = (0..40)
        .map(|call| request(&till, if call % 2 == 0 { till.user } else { other }))
        .collect();
    let ids: Vec<_> = requests.iter().map(|request| request.id).collect();
    let answers = join_all(requests.into_iter().map(|request| till.hub.gateway.call(request))).await;
    for (call, id) in ids.into_iter().enumerate().filter(|(call, _)| call % 2 == 1) {
        let (state, paid) = till.paid(id).await;
        assert_eq!(
            (state, paid.charge, paid.ended),
            (CallState::Succeeded, Some(CHARGE), true),
            "{call}"
        );
        assert!(answers[call].is_ok());
    }
    let query = "SELECT id, quarantine FROM account WHERE quarantine IS NOT NULL";
    let out: Vec<(i64, String)> = fetch_all!(store, (i64, String), query).unwrap();
    assert_eq!(out.len(), 1, "{out:?}");
    // The statement that refused it says why.
    assert!(
        out[0].0 == moved && out[0].1.contains("does not stand where this booking begins"),
        "{out:?}"
    );
    let booked = "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'settle' AND account_id = $1";
    let count = fetch_all!(store, (i64,), booked, moved).unwrap();
    assert_eq!(count, [(1,)]);
    // All that is wrong with the books is what was done to them.
    let credits = till.hub.gateway.credits();
    let report = credits.verify(&Admin::system().money_reader(), None).await.unwrap();
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|found| (found.account.map(AccountId::number), found.problem.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(moved), "Its last number is 3, the journal ends with 2."),
            (Some(moved), &*format!("It is out of service: {}", out[0].1)),
        ]
    );
}
