//! A provider that does not answer is asked by one at a time, and not again for some seconds.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use domain::{access::Admin, identity::Typed};
use gateway::{Browser, Error, Gateway, Purpose, clock::Clock};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::HERE;
use crate::hub::Database;

/// An issuer that answers everything with status 500, and counts.
async fn broken() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _ = socket.read(&mut [0; 4096]).await.unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            let answer = b"HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            socket.write_all(answer).await.unwrap();
        }
    });
    (address, asked)
}

/// Eight set out at once, and all hear why they cannot.
async fn eight_set_out(hub: &Gateway) {
    let identities = hub.identities();
    let eight = (0..8).map(|_| identities.begin(HERE, "company", Purpose::SignIn("/"), Browser::default()));
    for begun in futures_util::future::join_all(eight).await {
        let Err(Error::Identity(refusal)) = begun else {
            panic!("{begun:?}")
        };
        assert_eq!(
            refusal.to_string(),
            "Company does not answer: it answered discovery with status 500. Try again, or sign in another way."
        );
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_asked_once_in_a_while() {
    let mut database = Database::sqlite();
    let hand = Arc::new(AtomicI64::new(1_800_000_000_000_000));
    database.clock = Clock::Manual(Arc::clone(&hand));
    let (hub, (issuer, asked)) = (database.serve().await, broken().await);
    let typed = Typed {
        slug: "company".to_owned(),
        title: "Company".to_owned(),
        kind: "oidc".to_owned(),
        issuer,
        client_id: "hub".to_owned(),
        ..Typed::default()
    };
    let made = hub
        .identity_providers()
        .create(&Admin::system(), HERE, &typed.draft().unwrap(), None)
        .await;
    made.unwrap();
    for (times, seconds) in [(1, 0), (1, 2), (2, 1), (2, 2)] {
        hand.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
        eight_set_out(&hub).await;
        assert_eq!(asked.load(Ordering::Relaxed), times, "after {seconds} more seconds");
    }
    // Nor for as long as a clock was set back.
    hand.fetch_sub(3_600_000_000, Ordering::Relaxed);
    eight_set_out(&hub).await;
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}
