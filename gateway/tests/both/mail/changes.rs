//! Another address, and what ends links.

use super::*;

#[tokio::test]
async fn an_address_changes_when_it_is_proved_and_not_before() {
    on_both(async |database| {
        let house = House::open(database).await;
        let ada = admin(&house.hub, "ada@example.com").await;
        let eve = admin(&house.hub, "eve@example.com").await;
        let door = house.hub.door();
        let ask = async |viewer: &domain::access::Viewer, address: &str, password: &str| {
            let asked = door
                .ask_confirm(viewer, HERE, &email(address), password, MailLanguage::En)
                .await;
            house.pass(MINUTE);
            asked
        };
        assert!(ask(&ada, "new@example.com", "a wrong password").await.is_err());
        ask(&ada, "new@example.com", "a long password").await.unwrap();
        let token = house.token("new@example.com", "/confirm").await;
        assert!(
            house.signs_in("ada@example.com", "a long password").await,
            "nothing has changed yet"
        );
        // The link of before the change works no more then: it went to an address that is no longer hers.
        house.ask_reset("ada@example.com").await;
        let reset = house.token("ada@example.com", "/reset").await;
        let outcomes = join_all((0..4).map(|_| door.confirm(HERE, &token))).await;
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
            1,
            "{outcomes:?}"
        );
        assert!(house.signs_in("new@example.com", "a long password").await);
        assert!(!house.signs_in("ada@example.com", "a long password").await);
        assert_eq!(refusal(door.reset(HERE, &reset, PASSWORD).await), DoorRefusal::Link);
        house.settled().await;
        assert!(
            house
                .letters()
                .iter()
                .any(|letter| letter.contains("To: ada@example.com") && letter.contains("another address"))
        );

        // Somebody else's address: no mail goes there, and neither the answer nor the pace tells.
        let count = house.letters().len();
        ask(&eve, "new@example.com", "a long password").await.unwrap();
        house.settled().await;
        assert_eq!(house.letters().len(), count);
        let at_once = async || {
            let to = email("new@example.com");
            let asked = door.ask_confirm(&eve, HERE, &to, "a long password", MailLanguage::En);
            asked.await
        };
        at_once().await.unwrap();
        house.settled().await;
        assert!(at_once().await.is_err(), "one upon the other");
        house.pass(MINUTE);
        for _ in 0..3 {
            ask(&eve, "new@example.com", "a long password").await.unwrap();
            house.settled().await;
        }
        assert!(
            ask(&eve, "new@example.com", "a long password").await.is_err(),
            "six a day"
        );
        assert_eq!(house.letters().len(), count);
        let root = Admin::system();
        let mails = house.hub.mail().list(&root.reader()).await.unwrap();
        let ended = mails.iter().find(|mail| mail.state == MailState::Failed).unwrap();
        assert!(
            house
                .hub
                .mail()
                .again(&root.owner().unwrap(), HERE, ended.id)
                .await
                .is_err()
        );
        // Five a day, and not one upon the other.
        let ada = house.hub.sessions().viewer(ada.id).await.unwrap().unwrap();
        for number in 0..4 {
            ask(&ada, &format!("new{number}@example.com"), "a long password")
                .await
                .unwrap();
        }
        assert!(ask(&ada, "new9@example.com", "a long password").await.is_err());
    })
    .await;
}

/// Whatever secures an account ends what somebody else may have begun in it: another address by which they would come back, and
/// a password by a mail that lies about.
#[tokio::test]
async fn whatever_secures_an_account_ends_its_links_and_the_mails_that_would_bring_one() {
    on_both(async |database| {
        let house = House::open(database).await;
        let (hub, root) = (&house.hub, Admin::system());
        for way in ["reset", "set", "change", "suspend", "sign_out", "end_all", "delete"] {
            let mine = format!("{way}@example.com");
            let user = admin(hub, &mine).await;
            let ask = async |to: &str| {
                let (to, by) = (email(to), "a long password");
                let asked = hub.door().ask_confirm(&user, HERE, &to, by, MailLanguage::En).await;
                asked.unwrap();
                house.pass(2 * MINUTE);
            };
            ask(&format!("thief-of-{mine}")).await;
            let wish = house.token(&format!("thief-of-{mine}"), "/confirm").await;
            house.ask_reset(&mine).await;
            let lost = house.token(&mine, "/reset").await;
            house.settled().await;
            // Two more wait, as nothing can be sent.
            std::fs::remove_dir_all(&house.folder).unwrap();
            std::fs::write(&house.folder, "x").unwrap();
            ask(&format!("waits-for-{mine}")).await;
            house.ask_reset(&mine).await;
            let users = hub.users();
            match way {
                "reset" => {
                    // The one that is used.
                    hub.door().reset(HERE, &lost, PASSWORD).await.unwrap();
                }
                "set" => users.set_password(&root, HERE, user.id, PASSWORD).await.unwrap(),
                "change" => {
                    let none = domain::id::SessionId::from_number(1);
                    let changed = users.change_own_password(&user, HERE, none, "a long password", PASSWORD);
                    changed.await.unwrap();
                }
                "suspend" => {
                    users.set_suspended(&root, HERE, user.id, true).await.unwrap();
                    users.set_suspended(&root, HERE, user.id, false).await.unwrap();
                }
                "sign_out" => {
                    users.sign_out(&root, HERE, user.id).await.unwrap();
                }
                "end_all" => {
                    hub.sessions().end_all(&user, HERE, None).await.unwrap();
                }
                _ => users.delete(&root, HERE, user.id, &mine).await.unwrap(),
            }
            let links = "SELECT COUNT(*) FROM link";
            assert_eq!(house.database.numbers(links).await, [0], "{way}");
            assert_eq!(
                refusal(hub.door().confirm(HERE, &wish).await),
                DoorRefusal::Link,
                "{way}"
            );
            assert_eq!(
                refusal(hub.door().reset(HERE, &lost, PASSWORD).await),
                DoorRefusal::Link,
                "{way}"
            );
            // Mail goes again: what waited does not come, but for the news.
            std::fs::remove_file(&house.folder).unwrap();
            for round in 0.. {
                house.pass(MINUTE);
                // Whatever is left to be sent wakes the one who sends.
                house.ask_reset(&format!("nobody{round}@example.com")).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
                let mails = hub.mail().list(&root.reader()).await.unwrap();
                if mails.iter().all(|mail| mail.state != MailState::Waiting) {
                    break;
                }
                assert!(round < 1000, "{way}: {mails:?}");
            }
            assert_eq!(house.database.numbers(links).await, [0], "{way}");
            let come = house.letters();
            let news = come
                .iter()
                .filter(|letter| letter.contains("Your password was changed"))
                .count();
            let expected = usize::from(["reset", "set", "change"].contains(&way));
            assert_eq!((news, come.len()), (expected, expected), "{way}: {come:?}");
            // What was ended comes back with nobody.
            let mails = hub.mail().list(&root.reader()).await.unwrap();
            for mail in mails.iter().filter(|mail| mail.state == MailState::Failed) {
                let again = hub.mail().again(&root.owner().unwrap(), HERE, mail.id).await;
                assert!(again.is_err(), "{way}: {mail:?}");
            }
        }
    })
    .await;
}
