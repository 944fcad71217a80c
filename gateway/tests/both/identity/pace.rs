//! How many sign-ins may be open: whoever begins them is nobody yet, and keeps nobody else from coming in.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use gateway::{Begun, Gateway, Origin, Purpose, clock::Clock};

use super::{
    fake::{Fake, answer},
    word,
};
use crate::hub::{Database, on_both};

/// As many as the hub lets one session have.
const OF_A_SESSION: usize = 5;

const FROM: Origin<'static> = Origin::at(Some("192.0.2.7"));

async fn start(database: &mut Database) -> (Gateway, Fake, Arc<AtomicI64>) {
    let hand = Arc::new(AtomicI64::new(1_800_000_000_000_000));
    database.clock = Clock::Manual(Arc::clone(&hand));
    let (hub, fake) = (database.serve().await, Fake::listen().await);
    super::open(&hub, &fake, "").await;
    fake.is("7", "seven@example.com");
    (hub, fake, hand)
}

async fn begin(hub: &Gateway, kept: Option<&Begun>) -> Begun {
    let kept = kept.map(|begun| begun.binding.expose().to_owned());
    let identities = hub.identities();
    identities
        .begin(FROM, "plain", Purpose::SignIn("/"), kept)
        .await
        .unwrap()
}

async fn finish(hub: &Gateway, begun: &Begun) -> &'static str {
    let (binding, answer) = (Some(begun.binding.expose()), answer(begun));
    word(hub.identities().finish(FROM, "plain", binding, &answer, None).await)
}

/// All from one address, as behind a proxy that is not trusted.
#[tokio::test]
async fn whoever_begins_many_sign_ins_keeps_nobody_else_out() {
    on_both(async |mut database| {
        let (hub, _fake, _) = start(&mut database).await;
        let early = begin(&hub, None).await;
        for _ in 0..250 {
            begin(&hub, None).await;
        }
        let late = begin(&hub, None).await;
        assert_eq!(finish(&hub, &late).await, "fine");
        assert_eq!(
            finish(&hub, &early).await,
            "fine",
            "who was there first is not pushed out either"
        );
    })
    .await;
}

/// The table is bounded all the same: by what nobody reaches who signs in.
#[tokio::test]
async fn a_network_fills_the_table_so_far_and_no_further() {
    on_both(async |mut database| {
        let (hub, _fake, _) = start(&mut database).await;
        begin(&hub, None).await;
        let count = "SELECT COUNT(*) FROM identity_attempt";
        database
            .execute(
                "INSERT INTO identity_attempt (state_hash, session_hash, sealed, network, expires_at)
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                 SELECT 'state ' || i, 'session ' || i, '', network, expires_at - 1 FROM n CROSS JOIN identity_attempt",
            )
            .await;
        assert_eq!(database.numbers(count).await, [20_001]);
        let late = begin(&hub, None).await;
        assert_eq!(database.numbers(count).await, [20_000]);
        assert_eq!(finish(&hub, &late).await, "fine");
    })
    .await;
}

#[tokio::test]
async fn a_session_that_begins_too_many_ends_its_own_first_ones() {
    on_both(async |mut database| {
        let (hub, _fake, hand) = start(&mut database).await;
        let other = begin(&hub, None).await;
        let mut windows = vec![begin(&hub, None).await];
        for _ in 0..OF_A_SESSION {
            hand.fetch_add(1, Ordering::Relaxed);
            windows.push(begin(&hub, windows.first()).await);
        }
        let count = "SELECT COUNT(*) FROM identity_attempt";
        assert_eq!(database.numbers(count).await, [1 + OF_A_SESSION as i64]);
        assert_eq!(finish(&hub, &windows[0]).await, "state", "the first window has ended");
        for begun in &windows[1..] {
            assert_eq!(finish(&hub, begun).await, "fine");
        }
        assert_eq!(finish(&hub, &other).await, "fine");
        assert_eq!(database.numbers(count).await, [0]);
    })
    .await;
}
