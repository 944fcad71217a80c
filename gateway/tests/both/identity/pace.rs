//! How many sign-ins may be open, and come back: whoever begins them is nobody yet, and keeps nobody else from coming in.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use gateway::{Answer, Begun, Browser, Carried, Gateway, Origin, Purpose, SecretText, clock::Clock};

use super::{
    fake::{Fake, answer},
    word,
};
use crate::hub::{Database, on_both};

/// As many as one browser carries.
const OF_A_BROWSER: usize = 3;
/// What is known of those that were answered.
const ANSWERED: &str = "SELECT COUNT(*) FROM identity_attempt";

const FROM: Origin<'static> = Origin::at(Some("192.0.2.7"));

async fn start(database: &mut Database) -> (Gateway, Fake, Arc<AtomicI64>) {
    let hand = Arc::new(AtomicI64::new(1_800_000_000_000_000));
    database.clock = Clock::Manual(Arc::clone(&hand));
    let (hub, fake) = (database.serve().await, Fake::listen().await);
    super::open(&hub, &fake, "").await;
    fake.is("7", "seven@example.com");
    (hub, fake, hand)
}

const fn browser(carried: &[Carried]) -> Browser<'_> {
    Browser { carried, viewer: None }
}

/// Begins one in a browser that carries these, and then what it left it.
async fn begin(hub: &Gateway, next: &str, carried: &mut Vec<Carried>) -> Begun {
    let identities = hub.identities();
    let begun = identities.begin(FROM, "plain", Purpose::SignIn(next), browser(carried));
    let begun = begun.await.unwrap();
    carried.retain(|one| !begun.ended.contains(&one.name));
    carried.push(begun.carried.clone());
    begun
}

/// The same in a browser of its own.
async fn begin_alone(hub: &Gateway) -> Begun {
    begin(hub, "/", &mut Vec::new()).await
}

/// Comes back from one, in a browser that carries these, and tells where it goes on.
async fn finish(hub: &Gateway, begun: &Begun, carried: &[Carried]) -> Result<String, &'static str> {
    let (identities, answer) = (hub.identities(), answer(begun));
    let finished = identities.finish(FROM, "plain", browser(carried), &answer);
    match finished.await {
        Ok(finished) => {
            assert_eq!(finished.ended, begun.carried.name);
            Ok(finished.next)
        }
        stopped => Err(word(stopped)),
    }
}

/// The same where it was begun in a browser of its own.
async fn finish_alone(hub: &Gateway, begun: &Begun) -> Result<String, &'static str> {
    finish(hub, begun, std::slice::from_ref(&begun.carried)).await
}

/// All from one address, as behind a proxy that is not trusted. Nothing is written until somebody comes back, so there is nothing that
/// one could fill for the others.
#[tokio::test]
async fn whoever_begins_many_sign_ins_keeps_nobody_else_out_and_writes_nothing() {
    on_both(async |mut database| {
        let (hub, _fake, _) = start(&mut database).await;
        let early = begin_alone(&hub).await;
        for _ in 0..250 {
            begin_alone(&hub).await;
        }
        let late = begin_alone(&hub).await;
        assert_eq!(database.numbers(ANSWERED).await, [0]);
        assert_eq!(finish_alone(&hub, &late).await, Ok("/".to_owned()));
        assert_eq!(
            finish_alone(&hub, &early).await,
            Ok("/".to_owned()),
            "who was there first is not pushed out either"
        );
        assert_eq!(finish_alone(&hub, &early).await, Err("state"), "it is good once");
        assert_eq!(database.numbers(ANSWERED).await, [2]);
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_begins_too_many_ends_its_own_first_ones() {
    on_both(async |mut database| {
        let (hub, _fake, hand) = start(&mut database).await;
        let (mut carried, mut windows) = (Vec::new(), Vec::new());
        for _ in 0..=OF_A_BROWSER {
            hand.fetch_add(1, Ordering::Relaxed);
            windows.push(begin(&hub, "/", &mut carried).await);
        }
        assert_eq!(carried.len(), OF_A_BROWSER);
        assert_eq!(
            finish(&hub, &windows[0], &carried).await,
            Err("state"),
            "the first has ended"
        );
        for begun in &windows[1..] {
            assert_eq!(finish(&hub, begun, &carried).await, Ok("/".to_owned()));
        }
        // Those that are over are carried no further, nor what was never one.
        hand.fetch_add(600_000_000, Ordering::Relaxed);
        carried.push(named("garbage", "v1:AAAA"));
        let alone = begin(&hub, "/", &mut carried).await;
        assert_eq!(carried.len(), 1);
        assert_eq!(finish(&hub, &alone, &carried).await, Ok("/".to_owned()));
    })
    .await;
}

fn named(name: &str, sealed: &str) -> Carried {
    let sealed = SecretText::from(sealed.to_owned());
    Carried {
        name: name.to_owned(),
        sealed,
    }
}

/// Proxies pass no longer heads. Where somebody wanted to go is told in bytes that grow when they are written down.
#[tokio::test]
async fn what_a_browser_carries_fits_a_cookie() {
    on_both(async |mut database| {
        let (hub, _fake, _) = start(&mut database).await;
        let mut carried = Vec::new();
        for (letters, count, kept) in [
            ("a", 300, true),
            ("\"", 1_999, false),
            ("b", 300, true),
            ("\"\"a", 666, false),
        ] {
            let next = format!("/{}", letters.repeat(count));
            let begun = begin(&hub, &next, &mut carried).await;
            assert!(carried.len() <= OF_A_BROWSER);
            for one in &carried {
                let text = one.sealed.expose();
                let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
                assert!(text.len() <= 1_200 && text.bytes().all(plain), "{}", text.len());
                assert!(one.name.len() == 8 && one.name.bytes().all(|byte| byte.is_ascii_hexdigit()));
            }
            // A way that is too long leads home, and ends no other window's sign-in.
            let on = finish(&hub, &begun, &carried).await.unwrap();
            assert_eq!(on, if kept { next.as_str() } else { "/" });
        }
        // And what is no text of ours is none, by whatever name.
        for strange in ["", "v1:", "v1:AAAA", "ä", &"x".repeat(60_000)] {
            let mut carried = vec![named(strange, strange)];
            let begun = begin(&hub, "/", &mut carried).await;
            carried.insert(0, named(&begun.carried.name, strange));
            assert_eq!(finish(&hub, &begun, &carried).await, Ok("/".to_owned()));
        }
    })
    .await;
}

/// Anybody can begin and come back with nothing.
#[tokio::test]
async fn who_comes_back_with_nothing_again_and_again_does_not_fill_the_list_of_changes() {
    on_both(async |mut database| {
        let (hub, fake, _) = start(&mut database).await;
        for number in 0..105 {
            // One site, however many networks it has.
            let address = format!("2001:db8:1:{number:x}::1");
            declines(&hub, &address).await;
        }
        let refused = "SELECT COUNT(*) FROM audit WHERE action = 'identity.refuse'";
        let omitted = "SELECT COUNT(*) FROM audit WHERE action = 'identity.omit'";
        assert_eq!(database.numbers(refused).await, [100]);
        assert_eq!(database.numbers(omitted).await, [1], "and that is said");
        declines(&hub, "2001:db8:2::1").await;
        assert_eq!(database.numbers(refused).await, [101], "others are written down");
        // None of them needs a row of its own.
        assert_eq!(database.numbers(ANSWERED).await, [0]);
        // Nobody else is kept out.
        let begun = begin_alone(&hub).await;
        assert_eq!(finish_alone(&hub, &begun).await, Ok("/".to_owned()));
        drop(fake);
    })
    .await;
}

/// Begins, and says no at the provider.
async fn declines(hub: &Gateway, address: &str) {
    let begun = begin_alone(hub).await;
    let answer = Answer {
        error: Some("access_denied".to_owned()),
        code: None,
        ..answer(&begun)
    };
    let (from, carried) = (Origin::at(Some(address)), std::slice::from_ref(&begun.carried));
    let stopped = hub.identities().finish(from, "plain", browser(carried), &answer).await;
    let ended = stopped.as_ref().err().and_then(|stopped| stopped.ended.clone());
    assert_eq!(ended.as_ref(), Some(&begun.carried.name));
    assert_eq!(word(stopped), "declined");
}
