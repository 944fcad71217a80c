//! Sessions, sign-in and the first admin.

use std::sync::{Arc, atomic::AtomicI64};

use domain::{refusal::Refusal, time::Micros};
use gateway::{Error, Gateway, Origin, StoredSession, clock::Clock};

use crate::hub::{admin, on_both};

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));

fn session(hub: &Gateway, user: Option<domain::id::UserId>) -> StoredSession {
    StoredSession {
        id: None,
        user,
        data: r#"{"flash":"kept"}"#.to_owned(),
        address: "192.0.2.7".to_owned(),
        agent: "test".to_owned(),
        expires_at: hub.now().plus(Micros::from_days(14)),
    }
}

#[tokio::test]
async fn a_session_lives_until_it_is_ended_and_cannot_come_back() {
    on_both(async |database| {
        let hub = database.serve().await;
        let viewer = admin(&hub, "root@example.com").await;
        let sessions = hub.sessions();
        assert!(
            sessions
                .create("token-one", &session(&hub, Some(viewer.id)))
                .await
                .unwrap()
        );
        assert!(
            !sessions.create("token-one", &session(&hub, None)).await.unwrap(),
            "a taken token is not taken over"
        );
        assert!(
            sessions
                .create("token-two", &session(&hub, Some(viewer.id)))
                .await
                .unwrap()
        );
        let loaded = sessions.load("token-one").await.unwrap().unwrap();
        assert_eq!(loaded.data, r#"{"flash":"kept"}"#);
        assert_eq!(sessions.load("token-onE").await.unwrap(), None);
        let listed = sessions.list(&viewer, loaded.id).await.unwrap();
        assert_eq!(listed.iter().filter(|view| view.current).count(), 1);
        assert_eq!(sessions.end_all(&viewer, HERE, loaded.id).await.unwrap(), 1);
        assert_eq!(sessions.load("token-two").await.unwrap(), None);
        assert!(
            !sessions
                .save("token-two", &session(&hub, Some(viewer.id)))
                .await
                .unwrap(),
            "a late save revives nothing"
        );
        sessions.delete("token-one").await.unwrap();
        assert_eq!(sessions.load("token-one").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_expired_session_is_gone() {
    on_both(async |mut database| {
        let hand = Arc::new(AtomicI64::new(1_800_000_000_000_000));
        database.clock = Clock::Manual(Arc::clone(&hand));
        let hub = database.serve().await;
        assert!(hub.sessions().create("token", &session(&hub, None)).await.unwrap());
        assert!(hub.sessions().load("token").await.unwrap().is_some());
        hand.fetch_add(Micros::from_days(14).0, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(hub.sessions().load("token").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_then_delayed() {
    on_both(async |mut database| {
        let hand = Arc::new(AtomicI64::new(1_800_000_000_000_000));
        database.clock = Clock::Manual(Arc::clone(&hand));
        let hub = database.serve().await;
        admin(&hub, "root@example.com").await;
        let sessions = hub.sessions();
        for email in ["root@example.com", "nobody@example.com", "not an address"] {
            let refused = sessions.sign_in(Origin::default(), email, "wrong password").await;
            assert!(
                matches!(refused, Err(Error::Refused(Refusal::WrongCredentials))),
                "{email}"
            );
        }
        for _ in 0..4 {
            let _ = sessions.sign_in(HERE, "root@example.com", "wrong password").await;
        }
        let right = sessions.sign_in(HERE, "root@example.com", "a long password").await;
        assert!(matches!(right, Err(Error::Refused(Refusal::TryLater { .. }))));
        hand.fetch_add(Micros::from_seconds(2).0, std::sync::atomic::Ordering::Relaxed);
        assert!(
            sessions
                .sign_in(HERE, "root@example.com", "a long password")
                .await
                .is_ok()
        );
    })
    .await;
}

#[tokio::test]
async fn the_set_up_link_makes_one_admin() {
    on_both(async |database| {
        let hub = database.serve().await;
        let stale = hub.setup().new_link().await.unwrap().unwrap();
        let link = hub.setup().new_link().await.unwrap().unwrap();
        assert!(link.expose().starts_with("https://hub.example/setup?token="));
        let token = |link: &gateway::SecretText| link.expose().split_once("token=").unwrap().1.to_owned();
        assert!(
            hub.setup().check(&token(&stale)).await.is_err(),
            "a newer link replaces it"
        );
        hub.setup().check(&token(&link)).await.unwrap();
        let (one, two) = ("one@example.com".parse().unwrap(), "two@example.com".parse().unwrap());
        let (setup, token) = (hub.setup(), token(&link));
        let (first, second) = tokio::join!(
            setup.complete(HERE, &token, &one, "a long password"),
            setup.complete(HERE, &token, &two, "a long password"),
        );
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|done| **done).count(), 1);
        assert!(!setup.needed().await.unwrap());
        assert_eq!(setup.new_link().await.unwrap(), None);
        assert!(setup.check(&token).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    on_both(async |database| {
        let hub = database.serve().await;
        let viewer = admin(&hub, "root@example.com").await;
        for token in ["here", "elsewhere"] {
            hub.sessions()
                .create(token, &session(&hub, Some(viewer.id)))
                .await
                .unwrap();
        }
        let here = hub.sessions().load("here").await.unwrap().unwrap().id.unwrap();
        let wrong = hub
            .users()
            .change_own_password(&viewer, HERE, here, "not the password", "another password")
            .await;
        assert!(matches!(wrong, Err(Error::Refused(Refusal::WrongCredentials))));
        hub.users()
            .change_own_password(&viewer, HERE, here, "a long password", "another password")
            .await
            .unwrap();
        assert!(hub.sessions().load("here").await.unwrap().is_some());
        assert_eq!(hub.sessions().load("elsewhere").await.unwrap(), None);
        assert!(
            hub.sessions()
                .sign_in(HERE, "root@example.com", "another password")
                .await
                .is_ok()
        );
    })
    .await;
}

#[tokio::test]
async fn guesses_from_one_ipv6_network_are_counted_together() {
    let database = crate::hub::Database::sqlite();
    let hub = database.serve().await;
    // Of people who do not exist, so that only the address counts.
    let guess = async |number: u32, address: &str| {
        let email = format!("nobody-{number}@example.com");
        let origin = Origin::at(Some(address));
        hub.sessions().sign_in(origin, &email, "wrong password").await
    };
    for number in 0..5 {
        let refused = guess(number, &format!("2001:db8:0:7:{number}::{number}")).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::WrongCredentials))));
    }
    let refused = guess(5, "2001:db8:0:7:ffff::1").await;
    assert!(
        matches!(refused, Err(Error::Refused(Refusal::TryLater { .. }))),
        "{refused:?}"
    );
    let neighbour = guess(6, "2001:db8:0:8::1").await;
    assert!(matches!(neighbour, Err(Error::Refused(Refusal::WrongCredentials))));
}

#[tokio::test]
async fn without_a_password_nobody_signs_in() {
    on_both(async |database| {
        let hub = database.serve().await;
        let email = "keys@example.com".parse().unwrap();
        let root = domain::access::Admin::system();
        let user = hub
            .users()
            .create_without_password(&root, HERE, &email, domain::access::Role::Member)
            .await
            .unwrap();
        for guess in ["", "a long password"] {
            let refused = hub.sessions().sign_in(Origin::default(), email.as_str(), guess).await;
            assert!(
                matches!(refused, Err(Error::Refused(Refusal::WrongCredentials))),
                "{refused:?}"
            );
        }
        hub.users()
            .set_password(&root, HERE, user.id, "a long password")
            .await
            .unwrap();
        assert!(
            hub.sessions()
                .sign_in(Origin::default(), email.as_str(), "a long password")
                .await
                .is_ok()
        );
    })
    .await;
}
