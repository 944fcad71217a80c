//! How many sign-ins may be open: whoever begins them is nobody yet, and keeps nobody else from coming in.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use gateway::{Answer, Begun, Gateway, Origin, Purpose, clock::Clock};

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

/// Begins one in a browser that carries what this one left it.
async fn begin(hub: &Gateway, next: &str, before: Option<&Begun>) -> Begun {
    let carried = before.map(|begun| begun.carried.expose());
    let identities = hub.identities();
    identities
        .begin(FROM, "plain", Purpose::SignIn(next), carried)
        .await
        .unwrap()
}

/// Comes back from one, in a browser that carries what the other left it, and tells where it goes on.
async fn finish(hub: &Gateway, begun: &Begun, carried: &Begun) -> Result<String, &'static str> {
    let (carried, answer) = (Some(carried.carried.expose()), answer(begun));
    match hub.identities().finish(FROM, "plain", carried, &answer, None).await {
        Ok(finished) => Ok(finished.next),
        stopped => Err(word(stopped)),
    }
}

/// All from one address, as behind a proxy that is not trusted. Nothing is written until somebody comes back, so there is nothing that
/// one could fill for the others.
#[tokio::test]
async fn whoever_begins_many_sign_ins_keeps_nobody_else_out_and_writes_nothing() {
    on_both(async |mut database| {
        let (hub, _fake, _) = start(&mut database).await;
        let early = begin(&hub, "/", None).await;
        for _ in 0..250 {
            begin(&hub, "/", None).await;
        }
        let late = begin(&hub, "/", None).await;
        assert_eq!(database.numbers(ANSWERED).await, [0]);
        assert_eq!(finish(&hub, &late, &late).await, Ok("/".to_owned()));
        assert_eq!(
            finish(&hub, &early, &early).await,
            Ok("/".to_owned()),
            "who was there first is not pushed out either"
        );
        assert_eq!(finish(&hub, &early, &early).await, Err("state"), "it is good once");
        assert_eq!(database.numbers(ANSWERED).await, [2]);
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_begins_too_many_ends_its_own_first_ones() {
    on_both(async |mut database| {
        let (hub, _fake, hand) = start(&mut database).await;
        let mut windows = vec![begin(&hub, "/", None).await];
        for _ in 0..OF_A_BROWSER {
            hand.fetch_add(1, Ordering::Relaxed);
            windows.push(begin(&hub, "/", windows.last()).await);
        }
        let last = windows.last().unwrap();
        assert_eq!(
            finish(&hub, &windows[0], last).await,
            Err("state"),
            "the first has ended"
        );
        for begun in &windows[1..] {
            assert_eq!(finish(&hub, begun, last).await, Ok("/".to_owned()));
        }
        // Those that are over are carried no further.
        let ended = last.carried.expose().len();
        hand.fetch_add(600_000_000, Ordering::Relaxed);
        let alone = begin(&hub, "/", Some(last)).await;
        assert!(alone.carried.expose().len() < ended / 2);
        assert_eq!(finish(&hub, &alone, &alone).await, Ok("/".to_owned()));
    })
    .await;
}

/// Proxies pass no longer heads. Where somebody wanted to go is told in bytes that grow when they are written down.
#[tokio::test]
async fn what_a_browser_carries_fits_a_cookie() {
    on_both(async |mut database| {
        let (hub, _fake, _) = start(&mut database).await;
        let mut before = begin(&hub, "/", None).await;
        for (letters, count, kept) in [
            ("a", 300, true),
            ("\"", 1_999, false),
            ("b", 300, true),
            ("\"\"a", 666, false),
        ] {
            let next = format!("/{}", letters.repeat(count));
            let begun = begin(&hub, &next, Some(&before)).await;
            let text = begun.carried.expose();
            let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
            assert!(text.len() <= 2_400 && text.bytes().all(plain), "{}", text.len());
            // A way that is too long leads home, and ends no other window's sign-in.
            let on = finish(&hub, &begun, &begun).await.unwrap();
            assert_eq!(on, if kept { next.as_str() } else { "/" });
            before = begun;
        }
        // And what is no text of ours is none.
        for strange in ["", "v1:", "v1:AAAA", "ä", &"x".repeat(60_000)] {
            let identities = hub.identities();
            let begun = identities
                .begin(FROM, "plain", Purpose::SignIn("/"), Some(strange))
                .await
                .unwrap();
            assert_eq!(finish(&hub, &begun, &begun).await, Ok("/".to_owned()));
        }
    })
    .await;
}

/// Anybody can begin and come back with nothing.
#[tokio::test]
async fn who_comes_back_with_nothing_again_and_again_does_not_fill_the_list_of_changes() {
    on_both(async |mut database| {
        let (hub, fake, _) = start(&mut database).await;
        for _ in 0..105 {
            let begun = begin(&hub, "/", None).await;
            let answer = Answer {
                error: Some("access_denied".to_owned()),
                code: None,
                ..answer(&begun)
            };
            let carried = Some(begun.carried.expose());
            let stopped = hub.identities().finish(FROM, "plain", carried, &answer, None).await;
            assert_eq!(word(stopped), "declined");
        }
        assert_eq!(
            database
                .numbers("SELECT COUNT(*) FROM audit WHERE action = 'identity.refuse'")
                .await,
            [100]
        );
        // Nobody else is kept out.
        let begun = begin(&hub, "/", None).await;
        assert_eq!(finish(&hub, &begun, &begun).await, Ok("/".to_owned()));
        drop(fake);
    })
    .await;
}

/// Who signed in meanwhile, in the same browser, is not led into the account of whoever began.
#[tokio::test]
async fn a_sign_in_that_somebody_else_began_ends_where_another_has_signed_in() {
    on_both(async |mut database| {
        let (hub, fake, _) = start(&mut database).await;
        let begun = begin(&hub, "/", None).await;
        let own = hub.identities();
        let came = own
            .finish(FROM, "plain", Some(begun.carried.expose()), &answer(&begun), None)
            .await
            .ok()
            .unwrap();
        let again = async |begun: &Begun| {
            let carried = Some(begun.carried.expose());
            let finished = own
                .finish(FROM, "plain", carried, &answer(begun), Some(&came.viewer))
                .await;
            finished
                .map(|finished| finished.viewer.id)
                .map_err(|stopped| word::<()>(Err(stopped)))
        };
        let same = begin(&hub, "/", None).await;
        assert_eq!(again(&same).await, Ok(came.viewer.id), "another window of theirs");
        fake.is("8", "eight@example.com");
        let other = begin(&hub, "/", None).await;
        assert_eq!(again(&other).await, Err("other_person"));
    })
    .await;
}
