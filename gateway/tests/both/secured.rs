//! A password that is replaced, and sessions that are ended, while somebody is on their way in with what they knew before. To check
//! a password takes a while, here a long one, and a session is stored after its sign-in is written down.

use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
use domain::{
    access::{Admin, Viewer},
    id::{SessionId, UserId},
    mail::MailLanguage,
    refusal::Refusal,
    time::Micros,
};
use gateway::{Error, Gateway, Origin, Secured, StoredSession};

use crate::hub::{Database, admin, on_both};
use crate::mail::House;

const HERE: Origin<'static> = Origin::at(Some("192.0.2.7"));
const OLD: &str = "a long password";
const NEW: &str = "another long password";

/// Has the check of their password take forty times as long as that of another: whoever comes with it is on their way while an
/// admin sets a new one.
async fn slow_to_check(database: &Database, id: UserId) {
    let slow = Params::new(19_456, 80, 1, None).unwrap();
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, slow)
        .hash_password(OLD.as_bytes())
        .unwrap();
    let (hash, id) = (hash.to_string(), id.number());
    let replace = format!("UPDATE person SET password_hash = '{hash}' WHERE id = {id}");
    database.execute(&replace).await;
}

async fn set_password(hub: &Gateway, viewer: &Viewer) {
    let users = hub.users();
    users
        .set_password(&Admin::system(), HERE, viewer.id, NEW)
        .await
        .unwrap();
}

fn is_refused<T: std::fmt::Debug>(outcome: &Result<T, Error>) {
    assert!(
        matches!(outcome, Err(Error::Refused(Refusal::WrongCredentials))),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn whoever_comes_by_a_password_that_is_being_replaced_is_turned_away() {
    on_both(async |database| {
        let hub = database.serve().await;
        let ada = admin(&hub, "ada@example.com").await;
        slow_to_check(&database, ada.id).await;
        let sessions = hub.sessions();
        let (came, ()) = tokio::join!(sessions.sign_in(HERE, "ada@example.com", OLD), set_password(&hub, &ada));
        is_refused(&came);
        let noted = "SELECT COUNT(*) FROM audit WHERE action = 'user.sign_in'";
        assert_eq!(database.numbers(noted).await, [0]);
        assert!(sessions.sign_in(HERE, "ada@example.com", NEW).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_old_password_does_not_replace_a_newer_one() {
    on_both(async |database| {
        let hub = database.serve().await;
        let ada = admin(&hub, "ada@example.com").await;
        slow_to_check(&database, ada.id).await;
        let (users, none) = (hub.users(), SessionId::from_number(1));
        let (changed, ()) = tokio::join!(
            users.change_own_password(&ada, HERE, none, OLD, "what a thief wants"),
            set_password(&hub, &ada)
        );
        is_refused(&changed);
        assert!(hub.sessions().sign_in(HERE, "ada@example.com", NEW).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_old_password_asks_for_no_link_to_another_address() {
    on_both(async |database| {
        let house = House::open(database).await;
        let (hub, database) = (&house.hub, &house.database);
        let ada = admin(hub, "ada@example.com").await;
        slow_to_check(database, ada.id).await;
        let thief = "thief@example.com".parse().unwrap();
        let door = hub.door();
        let (asked, ()) = tokio::join!(
            door.ask_confirm(&ada, HERE, &thief, OLD, MailLanguage::En),
            set_password(hub, &ada)
        );
        is_refused(&asked);
        let mails = hub.mail().list(&Admin::system().reader()).await.unwrap();
        assert!(
            mails.iter().all(|mail| mail.recipient != "thief@example.com"),
            "{mails:?}"
        );
    })
    .await;
}

fn session(hub: &Gateway, user: UserId, secured: Secured) -> StoredSession {
    StoredSession {
        id: None,
        user: Some(user),
        data: "{}".to_owned(),
        address: String::new(),
        agent: String::new(),
        expires_at: hub.now().plus(Micros::from_days(14)),
        secured,
    }
}

#[tokio::test]
async fn a_session_that_is_stored_after_all_were_ended_opens_nothing() {
    on_both(async |database| {
        let hub = database.serve().await;
        let ada = admin(&hub, "ada@example.com").await;
        let sessions = hub.sessions();
        let signs_in = async |password| sessions.sign_in(HERE, "ada@example.com", password).await.unwrap();
        let store = async |token, secured| {
            let new = session(&hub, ada.id, secured);
            assert!(sessions.create(token, &new).await.unwrap());
        };
        let opens = async |token| sessions.load(token).await.unwrap().and_then(|found| found.id);

        let here = signs_in(OLD).await;
        store("here", here.secured).await;
        let kept = opens("here").await.unwrap();
        let late = signs_in(OLD).await;
        // One's own change keeps the session that it is made in.
        let users = hub.users();
        users.change_own_password(&ada, HERE, kept, OLD, NEW).await.unwrap();
        store("late", late.secured).await;
        assert_eq!((opens("here").await, opens("late").await), (Some(kept), None));

        // One that was late is not kept either, and none outlives what ends all.
        let hidden = "SELECT id FROM session WHERE id NOT IN (SELECT MIN(id) FROM session)";
        let hidden = SessionId::from_number(database.numbers(hidden).await[0]);
        let again = signs_in(NEW).await;
        assert_eq!(sessions.end_all(&ada, HERE, Some(hidden)).await.unwrap(), 1);
        store("again", again.secured).await;
        for token in ["here", "late", "again"] {
            assert_eq!(opens(token).await, None, "{token}");
        }
        assert_eq!(sessions.list(&ada, None).await.unwrap(), []);

        store("new", signs_in(NEW).await.secured).await;
        assert!(opens("new").await.is_some());
        assert_eq!(sessions.list(&ada, None).await.unwrap().len(), 1);
    })
    .await;
}
