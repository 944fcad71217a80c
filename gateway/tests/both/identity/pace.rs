//! How many sign-ins one network may have open: whoever begins them is nobody yet.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use domain::{access::Admin, refusal::Refusal};
use gateway::{Origin, Purpose, clock::Clock};

use super::fake::{Fake, answer};
use crate::hub::on_both;

/// As many as the hub lets one network have.
const OPEN_AT_A_TIME: usize = 200;

const fn from(address: &str) -> Origin<'_> {
    Origin { address: Some(address) }
}

#[tokio::test]
async fn a_network_has_so_many_sign_ins_open_at_a_time() {
    on_both(async |mut database| {
        let hand = Arc::new(AtomicI64::new(1_800_000_000_000_000));
        database.clock = Clock::Manual(Arc::clone(&hand));
        let (hub, fake) = (database.serve().await, Fake::listen().await);
        let draft = fake.draft("plain", "");
        hub.identity_providers()
            .create(&Admin::system(), from("::"), &draft, None)
            .await
            .unwrap();
        let identities = hub.identities();
        let begin = async |address| {
            identities
                .begin(from(address), "plain", Purpose::SignIn("/"), None)
                .await
        };
        let first = begin("2001:db8::1").await.unwrap();
        hand.fetch_add(60_000_000, Ordering::Relaxed);
        for _ in 1..OPEN_AT_A_TIME {
            begin("2001:db8::2").await.unwrap();
        }
        // One subscriber has all of a network of 64 bits. The first of them ends in nine minutes.
        let refused = begin("2001:db8::3").await.unwrap_err().refusal();
        assert_eq!(refused, Refusal::TryLater { seconds: 541 });
        for elsewhere in ["2001:db8:0:1::1", "192.0.2.7"] {
            assert!(begin(elsewhere).await.is_ok(), "{elsewhere}");
        }
        // Whoever comes back makes room, whatever becomes of them.
        let (binding, answer) = (Some(first.binding.expose()), answer(&first));
        let _ = identities
            .finish(from("2001:db8::1"), "plain", binding, &answer, None)
            .await;
        assert!(begin("2001:db8::3").await.is_ok());
        assert!(begin("2001:db8::3").await.is_err());
        hand.fetch_add(600_000_000, Ordering::Relaxed);
        assert!(begin("2001:db8::3").await.is_ok());
    })
    .await;
}
