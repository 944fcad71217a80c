//! Programs that ask for a key: who may answer, once, and for how long the key can be fetched.

use std::sync::{Arc, atomic::AtomicI64, atomic::Ordering};

use domain::{
    name::Label,
    refusal::{Refusal, Thing},
    time::Micros,
};
use gateway::{Error, Fetched, Gateway, Origin, clock::Clock};

use crate::hub::{admin, on_both};

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));
const THERE: Origin<'static> = Origin::at(Some("198.51.100.9"));

fn name() -> Label {
    "@aigne/cli connect to AIGNE hub".parse().unwrap()
}

fn is_missing<T>(answer: Result<T, Error>) -> bool {
    let missing = Refusal::NotFound {
        what: Thing::Connection,
    };
    matches!(answer, Err(Error::Refused(refusal)) if refusal == missing)
}

async fn is_approved(hub: &Gateway, token: &str) -> bool {
    matches!(hub.connections().fetch(HERE, token).await, Ok(Fetched::Approved { .. }))
}

#[tokio::test]
async fn a_key_is_made_once_and_fetched_by_whoever_asked() {
    on_both(async |database| {
        let hub = database.serve().await;
        let viewer = admin(&hub, "root@example.com").await;
        let connections = hub.connections();
        let begun = connections.begin(HERE, "node\u{7}").await.unwrap();
        let token = begun.token.expose();
        assert_eq!((token.len(), begun.challenge.len()), (43, 48));
        let waiting = Fetched::Waiting {
            challenge: begun.challenge.clone(),
        };
        assert_eq!(connections.fetch(HERE, token).await.unwrap(), waiting);

        let asked = connections
            .asked_for(&viewer.key_holder().unwrap(), HERE, token)
            .await
            .unwrap();
        assert_eq!((asked.network.as_str(), asked.same_network), ("192.0.2.7", true));
        assert_eq!(asked.agent, "node");
        assert!(
            !connections
                .asked_for(&viewer.key_holder().unwrap(), THERE, token)
                .await
                .unwrap()
                .same_network
        );

        let key = connections
            .approve(&viewer.key_holder().unwrap(), HERE, token, &name())
            .await
            .unwrap();
        assert_eq!((key.user_id, key.name.as_str()), (viewer.id, name().as_str()));
        assert!(
            is_missing(
                connections
                    .approve(&viewer.key_holder().unwrap(), HERE, token, &name())
                    .await
            ),
            "once"
        );
        assert!(
            is_missing(connections.deny(&viewer.key_holder().unwrap(), HERE, token).await),
            "it is answered"
        );
        assert!(is_missing(
            connections.asked_for(&viewer.key_holder().unwrap(), HERE, token).await
        ));
        assert_eq!(hub.keys().list(&viewer).await.unwrap().len(), 1);

        let Fetched::Approved {
            challenge,
            key: id,
            encrypted,
        } = connections.fetch(HERE, token).await.unwrap()
        else {
            panic!("approved")
        };
        assert_eq!((challenge, id), (begun.challenge.clone(), key.id));
        assert!(encrypted.starts_with("U2FsdGVkX1"));
        // The clients ask twice.
        assert!(is_approved(&hub, token).await);
        connections.end(token).await.unwrap();
        assert!(is_missing(connections.fetch(HERE, token).await));
        hub.shutdown(std::time::Duration::ZERO).await;
    })
    .await;
}

#[tokio::test]
async fn another_process_knows_a_request_too() {
    on_both(async |database| {
        let hub = database.serve().await;
        let viewer = admin(&hub, "root@example.com").await;
        let begun = hub.connections().begin(HERE, "node").await.unwrap();
        let token = begun.token.expose();
        // As a command beside the server; on PostgreSQL the same as another server.
        let other = database.open(gateway::ProcessKind::Command).await.unwrap();
        other
            .connections()
            .approve(&viewer.key_holder().unwrap(), HERE, token, &name())
            .await
            .unwrap();
        assert!(is_approved(&hub, token).await);
    })
    .await;
}

#[tokio::test]
async fn who_denies_gives_no_key() {
    on_both(async |database| {
        let hub = database.serve().await;
        let viewer = admin(&hub, "root@example.com").await;
        let begun = hub.connections().begin(HERE, "node").await.unwrap();
        let token = begun.token.expose();
        hub.connections()
            .deny(&viewer.key_holder().unwrap(), HERE, token)
            .await
            .unwrap();
        assert_eq!(hub.connections().fetch(HERE, token).await.unwrap(), Fetched::Denied);
        assert!(is_missing(
            hub.connections()
                .approve(&viewer.key_holder().unwrap(), HERE, token, &name())
                .await
        ));
        assert!(hub.keys().list(&viewer).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn time_ends_a_request_and_the_fetching() {
    on_both(async |mut database| {
        let hand = Arc::new(AtomicI64::new(1_800_000_000_000_000));
        database.clock = Clock::Manual(Arc::clone(&hand));
        let pass = |seconds: i64| hand.fetch_add(Micros::from_seconds(seconds).0, Ordering::Relaxed);
        let hub = database.serve().await;
        let viewer = admin(&hub, "root@example.com").await;
        let rows = async || database.numbers("SELECT COUNT(*) FROM connection").await[0];

        let late = hub.connections().begin(HERE, "node").await.unwrap();
        pass(15 * 60 - 1);
        assert!(
            hub.connections()
                .asked_for(&viewer.key_holder().unwrap(), HERE, late.token.expose())
                .await
                .is_ok()
        );
        pass(1);
        assert!(is_missing(hub.connections().fetch(HERE, late.token.expose()).await));
        assert!(is_missing(
            hub.connections()
                .approve(&viewer.key_holder().unwrap(), HERE, late.token.expose(), &name())
                .await
        ));
        hub.sweep().await;
        assert_eq!(rows().await, 0);

        // Fetched: a minute more, and then never again.
        let begun = hub.connections().begin(HERE, "node").await.unwrap();
        let token = begun.token.expose();
        hub.connections()
            .approve(&viewer.key_holder().unwrap(), HERE, token, &name())
            .await
            .unwrap();
        assert!(is_approved(&hub, token).await);
        pass(59);
        assert!(is_approved(&hub, token).await);
        pass(1);
        assert!(is_missing(hub.connections().fetch(HERE, token).await));
        hub.sweep().await;
        assert_eq!(rows().await, 0);

        // Never fetched: gone after two minutes.
        let begun = hub.connections().begin(HERE, "node").await.unwrap();
        hub.connections()
            .approve(&viewer.key_holder().unwrap(), HERE, begun.token.expose(), &name())
            .await
            .unwrap();
        pass(120);
        assert!(is_missing(hub.connections().fetch(HERE, begun.token.expose()).await));
    })
    .await;
}

#[tokio::test]
async fn nothing_of_it_stands_in_the_database_in_plain() {
    on_both(async |database| {
        let hub = database.serve().await;
        let viewer = admin(&hub, "root@example.com").await;
        let begun = hub.connections().begin(HERE, "node").await.unwrap();
        let token = begun.token.expose();
        hub.connections().approve(&viewer.key_holder().unwrap(), HERE, token, &name()).await.unwrap();
        let found = format!(
            "SELECT COUNT(*) FROM connection WHERE token_hash LIKE '%{token}%' OR sealed LIKE '%sk-hub-%' OR token_hash LIKE '%{}%'",
            begun.challenge
        );
        assert_eq!(database.numbers(&found).await, [0]);
        assert_eq!(database.numbers("SELECT COUNT(*) FROM connection WHERE sealed IS NOT NULL").await, [1]);
    })
    .await;
}

#[tokio::test]
async fn who_asks_too_often_or_guesses_has_to_wait() {
    on_both(async |database| {
        let hub = database.serve().await;
        let connections = hub.connections();
        let waiting = connections.begin(HERE, "node").await.unwrap();
        for _ in 0..19 {
            connections.begin(HERE, "node").await.unwrap();
        }
        let waits = |answer: Option<Error>| matches!(answer, Some(Error::Refused(Refusal::TryLater { .. })));
        assert!(waits(connections.begin(HERE, "node").await.err()));
        assert!(connections.begin(THERE, "node").await.is_ok(), "another network may");

        for _ in 0..5 {
            assert!(is_missing(connections.fetch(HERE, &"x".repeat(43)).await));
        }
        assert!(waits(connections.fetch(HERE, &"x".repeat(43)).await.err()));
        assert!(is_missing(connections.fetch(THERE, &"x".repeat(5000)).await));
        // Whoever waits in the same network has the right token, however often it asks.
        for _ in 0..30 {
            assert!(connections.fetch(HERE, waiting.token.expose()).await.is_ok());
        }
    })
    .await;
}
