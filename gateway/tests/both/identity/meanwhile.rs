//! Who signs in at a browser while a sign-in of somebody else is under way there is not led into that account, and nothing is done of it.

use domain::{
    access::{Role, Viewer},
    id::UserId,
    mail::MailLanguage,
    setting::Setting,
};
use gateway::{Begun, Gateway, Purpose};
use serde_json::json;

use super::{
    fake::{Fake, begin, begin_as, finish, sign_in},
    set, word,
};
use crate::hub::{Database, admin, on_both};

/// All that a sign-in may change.
async fn state(database: &Database) -> Vec<Vec<i64>> {
    let mut state = Vec::new();
    for query in [
        "SELECT COUNT(*) FROM person",
        "SELECT COUNT(*) FROM identity",
        "SELECT COUNT(*) FROM audit WHERE action <> 'identity.refuse'",
        "SELECT COALESCE(last_seen_at, 0) FROM person ORDER BY id",
        "SELECT COALESCE(last_used_at, 0) FROM identity ORDER BY id",
        "SELECT COUNT(*) FROM person WHERE role = 'admin'",
    ] {
        state.push(database.numbers(query).await);
    }
    state
}

async fn comes(hub: &Gateway, begun: &Begun, present: &Viewer) -> Result<UserId, &'static str> {
    let finished = finish(hub, "plain", begun, Some(present)).await;
    finished
        .map(|finished| finished.viewer.id)
        .map_err(|stopped| word::<()>(Err(stopped)))
}

#[tokio::test]
async fn a_sign_in_that_somebody_else_began_ends_where_another_has_signed_in_and_nothing_is_done() {
    on_both(async |database| {
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        super::open(&hub, &fake, "team: ops = admin\notherwise = member").await;
        admin(&hub, "ada@example.com").await;
        let says = |id: u8, team: &str| {
            fake.says(json!({ "id": id, "email": format!("{id}@example.com"), "ok": true, "team": [team] }));
        };
        says(7, "none");
        let seven = sign_in(&hub, "plain").await.unwrap().viewer;
        says(8, "none");
        let eight = sign_in(&hub, "plain").await.unwrap().viewer;
        assert_eq!(eight.role, Role::Member);
        // Eight's claims would make them an admin.
        says(8, "ops");
        let (known, before) = (begin(&hub, "plain", Purpose::SignIn("/")).await, state(&database).await);
        assert_eq!(comes(&hub, &known, &seven).await, Err("other_person"));
        assert_eq!(state(&database).await, before);
        // Nor is anybody made who was not here before.
        says(9, "ops");
        let new = begin(&hub, "plain", Purpose::SignIn("/")).await;
        assert_eq!(comes(&hub, &new, &seven).await, Err("other_person"));
        assert_eq!(state(&database).await, before);
        let refused = "SELECT COUNT(*) FROM audit WHERE action = 'identity.refuse'";
        assert_eq!(database.numbers(refused).await, [2]);
        // Another window of theirs is fine, and so is whoever begins where they see who is signed in.
        says(7, "none");
        let same = begin(&hub, "plain", Purpose::SignIn("/")).await;
        assert_eq!(comes(&hub, &same, &seven).await, Ok(seven.id));
        says(8, "ops");
        let other = begin_as(&hub, "plain", Purpose::SignIn("/"), Some(&seven)).await;
        assert_eq!(comes(&hub, &other, &seven).await, Ok(eight.id));
    })
    .await;
}

#[tokio::test]
async fn an_invitation_lets_nobody_in_where_another_has_signed_in_meanwhile() {
    on_both(async |database| {
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        super::open(&hub, &fake, "").await;
        let ada = admin(&hub, "ada@example.com").await;
        fake.is("7", "seven@example.com");
        let seven = sign_in(&hub, "plain").await.unwrap().viewer;
        set(&hub, Setting::Registration, "invitation").await.unwrap();
        let token = invite(&hub, &ada).await;
        fake.is("8", "eight@example.com");
        let guest = begin(&hub, "plain", Purpose::Accept(&token)).await;
        let before = state(&database).await;
        assert_eq!(comes(&hub, &guest, &seven).await, Err("other_person"));
        assert_eq!(state(&database).await, before);
        // Nor somebody who was here before, however they began.
        fake.is("7", "seven@example.com");
        let known = begin(&hub, "plain", Purpose::Accept(&token)).await;
        assert_eq!(comes(&hub, &known, &ada).await, Err("other_person"));
        assert_eq!(state(&database).await, before);
        // It is still good, also in the browser of whoever has made it and is signed in there.
        fake.is("8", "eight@example.com");
        let guest = begin_as(&hub, "plain", Purpose::Accept(&token), Some(&ada)).await;
        assert!(comes(&hub, &guest, &ada).await.is_ok());
    })
    .await;
}

/// The token of an invitation by an admin.
async fn invite(hub: &Gateway, by: &Viewer) -> String {
    let (proof, email) = (by.admin().unwrap(), "new@example.com".parse().unwrap());
    let made = hub
        .invitations()
        .create(&proof, super::HERE, &email, (Role::Member, 7), MailLanguage::En)
        .await
        .unwrap();
    made.link.expose().split_once("token=").unwrap().1.to_owned()
}
