//! Links that come by mail, and invitations, on both databases: each works once whoever else uses it at the same time, for as
//! long as it says, and for what it says. Mail goes into a folder, and time stands still until it is set.

#[path = "mail/invitations.rs"]
mod invitations;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{
    access::{Admin, Role},
    door::DoorRefusal,
    mail::{MailLanguage, MailState, Sender},
    name::Email,
    setting::Setting,
};
use futures_util::future::join_all;
use gateway::{Error, FiledMail, Gateway, MailWay, Origin, clock::Clock};

use crate::hub::{Database, admin, on_both};

const HERE: Origin<'static> = Origin { address: None };
const PASSWORD: &str = "another long password";
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A hub whose mail goes into a folder.
pub(crate) struct House {
    pub(crate) hub: Gateway,
    pub(crate) database: Database,
    time: Arc<AtomicI64>,
    folder: PathBuf,
    _kept: tempfile::TempDir,
}

impl House {
    pub(crate) async fn open(mut database: Database) -> Self {
        let kept = tempfile::tempdir().unwrap();
        let folder = kept.path().join("mail");
        let time = Arc::new(AtomicI64::new(1_800_000_000_000_000));
        database.clock = Clock::Manual(Arc::clone(&time));
        let mut settings = database.settings(gateway::ProcessKind::Serve);
        settings.mail = Some(FiledMail {
            way: MailWay::Folder {
                folder: folder.clone(),
                sender: Sender {
                    email: email("hub@example.com"),
                    name: "Hub".to_owned(),
                },
            },
            said_by: "test".to_owned(),
        });
        Self {
            hub: Gateway::open(settings).await.unwrap(),
            database,
            time,
            folder,
            _kept: kept,
        }
    }

    pub(crate) fn pass(&self, microseconds: i64) {
        self.time.fetch_add(microseconds, Ordering::Relaxed);
    }

    async fn set(&self, setting: Setting, value: &str) {
        let root = Admin::system();
        self.hub
            .options()
            .set(&root.money(), HERE, setting, value)
            .await
            .unwrap();
    }

    /// The texts of all mails, in no order.
    fn letters(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let read = |entry: std::io::Result<std::fs::DirEntry>| {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            text.replace("=\r\n", "").replace("=3D", "=")
        };
        entries.map(read).filter(|text| text.contains("</html>")).collect()
    }

    /// The token of a mail to this address by which this page is opened, once it has come; the mail is taken away.
    pub(crate) async fn token(&self, to: &str, page: &str) -> String {
        let begin = format!("https://hub.example{page}?token=");
        for _ in 0..1000 {
            let entries = std::fs::read_dir(&self.folder).into_iter().flatten();
            for path in entries.map(|entry| entry.unwrap().path()) {
                let text = std::fs::read_to_string(&path)
                    .unwrap()
                    .replace("=\r\n", "")
                    .replace("=3D", "=");
                if let (true, Some((_, rest))) = (text.contains(&format!("To: {to}")), text.split_once(&begin)) {
                    let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
                    if text.contains("</html>") {
                        assert_eq!(token.len(), 64, "{text}");
                        std::fs::remove_file(path).unwrap();
                        return token;
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no mail to {to} has come: {:?}", self.letters());
    }

    /// Waits until nothing waits to be sent.
    async fn settled(&self) {
        let reader = Admin::system().reader();
        for _ in 0..1000 {
            let mails = self.hub.mail().list(&reader).await.unwrap();
            if mails.iter().all(|mail| mail.state != MailState::Waiting) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("something still waits");
    }

    async fn ask_reset(&self, address: &str) {
        let door = self.hub.door();
        door.ask_reset(HERE, &email(address), MailLanguage::En).await.unwrap();
    }

    async fn signs_in(&self, address: &str, password: &str) -> bool {
        self.hub.sessions().sign_in(HERE, address, password).await.is_ok()
    }

    async fn registers(&self, address: &str) -> String {
        let door = self.hub.door();
        door.ask_register(HERE, &email(address), MailLanguage::En)
            .await
            .unwrap();
        self.token(address, "/register/complete").await
    }
}

pub(crate) fn email(text: &str) -> Email {
    text.parse().unwrap()
}

pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> DoorRefusal {
    match outcome {
        Err(Error::Door(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_reset_works_once_however_many_use_it() {
    on_both(async |database| {
        let house = House::open(database).await;
        let ada = admin(&house.hub, "ada@example.com").await;
        house.ask_reset("Ada@Example.com").await;
        let token = house.token("ada@example.com", "/reset").await;
        assert_eq!(house.hub.door().check_reset(&token).await.unwrap(), "ada@example.com");
        let words: Vec<String> = (0..8).map(|place| format!("password number {place}")).collect();
        let door = house.hub.door();
        let outcomes = join_all(words.iter().map(|word| door.reset(HERE, &token, word))).await;
        let won: Vec<usize> = (0..8).filter(|place| outcomes[*place].is_ok()).collect();
        assert_eq!(won.len(), 1, "{outcomes:?}");
        for (place, word) in words.iter().enumerate() {
            if place != won[0] {
                assert_eq!(
                    refusal(house.hub.door().reset(HERE, &token, word).await),
                    DoorRefusal::Link
                );
            }
        }
        assert!(house.signs_in("ada@example.com", &words[won[0]]).await);
        assert!(!house.signs_in("ada@example.com", "a long password").await);
        assert!(house.hub.door().is_verified(&ada).await.unwrap());
        let done = "SELECT COUNT(*) FROM audit WHERE action = 'user.reset_password'";
        assert_eq!(house.database.numbers(done).await, [1]);
    })
    .await;
}

#[tokio::test]
async fn a_reset_is_over_after_half_an_hour_and_with_whatever_changed() {
    on_both(async |database| {
        let house = House::open(database).await;
        let root = Admin::system();
        let ada = admin(&house.hub, "ada@example.com").await;
        let eve = admin(&house.hub, "eve@example.com").await;
        house.ask_reset("ada@example.com").await;
        let token = house.token("ada@example.com", "/reset").await;
        house.pass(30 * MINUTE - 1);
        assert!(house.hub.door().check_reset(&token).await.is_ok());
        house.pass(1);
        assert_eq!(
            refusal(house.hub.door().reset(HERE, &token, PASSWORD).await),
            DoorRefusal::Link
        );

        house.ask_reset("ada@example.com").await;
        let token = house.token("ada@example.com", "/reset").await;
        house
            .hub
            .users()
            .set_password(&root, HERE, ada.id, "set by an admin")
            .await
            .unwrap();
        assert_eq!(
            refusal(house.hub.door().reset(HERE, &token, PASSWORD).await),
            DoorRefusal::Link
        );

        house.ask_reset("eve@example.com").await;
        let token = house.token("eve@example.com", "/reset").await;
        house
            .hub
            .users()
            .set_suspended(&root, HERE, eve.id, true)
            .await
            .unwrap();
        assert_eq!(
            refusal(house.hub.door().reset(HERE, &token, PASSWORD).await),
            DoorRefusal::Link
        );
        // A link for one thing opens no other.
        house
            .hub
            .users()
            .set_suspended(&root, HERE, eve.id, false)
            .await
            .unwrap();
        let door = house.hub.door();
        assert_eq!(
            refusal(door.reset(HERE, &token, PASSWORD).await),
            DoorRefusal::Link,
            "what the suspension has ended comes back with nobody"
        );
        house.ask_reset("eve@example.com").await;
        let token = house.token("eve@example.com", "/reset").await;
        assert_eq!(refusal(door.confirm(HERE, &token).await), DoorRefusal::Link);
        assert_eq!(refusal(door.check_register(&token).await), DoorRefusal::Link);
        assert_eq!(refusal(house.hub.invitations().look(&token).await), DoorRefusal::Link);
        assert!(door.reset(HERE, &token, PASSWORD).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn nobody_learns_who_is_here_and_nobody_without_a_password_gets_one() {
    on_both(async |database| {
        let house = House::open(database).await;
        let root = Admin::system();
        admin(&house.hub, "ada@example.com").await;
        let keyless = email("program@example.com");
        let users = house.hub.users();
        users
            .create_without_password(&root, HERE, &keyless, Role::Member)
            .await
            .unwrap();
        for address in ["nobody@example.com", "program@example.com"] {
            house.ask_reset(address).await;
        }
        house.settled().await;
        assert_eq!(house.letters(), Vec::<String>::new());
        assert_eq!(
            house.database.numbers("SELECT COUNT(*) FROM mail").await,
            [0],
            "they leave no row"
        );
        // Three of one address are sent within the window, and all are answered alike.
        for _ in 0..6 {
            house.ask_reset("ada@example.com").await;
        }
        house.settled().await;
        assert_eq!(house.letters().len(), 3);
        house.pass(15 * MINUTE);
        house.ask_reset("ada@example.com").await;
        house.settled().await;
        assert_eq!(house.letters().len(), 4);
        // Of one network there are more.
        let from = Origin {
            address: Some("192.0.2.7"),
        };
        let mut outcomes = Vec::new();
        for number in 0..40 {
            let address = email(&format!("guess{number}@example.com"));
            outcomes.push(
                house
                    .hub
                    .door()
                    .ask_reset(from, &address, MailLanguage::En)
                    .await
                    .is_ok(),
            );
        }
        assert_eq!(outcomes.iter().filter(|fine| **fine).count(), 30);
    })
    .await;
}

#[tokio::test]
async fn whoever_registers_is_one_person_with_one_starter_credit() {
    on_both(async |database| {
        let house = House::open(database).await;
        admin(&house.hub, "ada@example.com").await;
        house.set(Setting::StarterCredit, "5").await;
        let door = house.hub.door();
        let ask = async |address: &str| door.ask_register(HERE, &email(address), MailLanguage::En).await;
        assert_eq!(refusal(ask("new@example.org").await), DoorRefusal::Closed);
        house.set(Setting::Registration, "invitation").await;
        assert_eq!(refusal(ask("new@example.org").await), DoorRefusal::Closed);
        house.set(Setting::Registration, "open").await;
        house.set(Setting::RegistrationDomains, "example.org").await;
        for stranger in ["a@example.com", "a@sub.example.org", "a@notexample.org"] {
            assert!(
                matches!(refusal(ask(stranger).await), DoorRefusal::Domain { .. }),
                "{stranger}"
            );
        }

        // Two mails, and both links used by many: nobody is here before, one is afterwards.
        let tokens = [
            house.registers("new@example.org").await,
            house.registers("new@example.org").await,
        ];
        let people = "SELECT COUNT(*) FROM person WHERE email = 'new@example.org'";
        let lots = "SELECT COUNT(*) FROM lot WHERE source LIKE 'starter:%'";
        assert_eq!(house.database.numbers(people).await, [0]);
        let before = house.database.numbers(lots).await[0];
        let uses = (0..8).map(|place| door.register(HERE, &tokens[place % 2], None, PASSWORD));
        let outcomes = join_all(uses).await;
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
            1,
            "{outcomes:?}"
        );
        assert_eq!(house.database.numbers(people).await, [1]);
        assert_eq!(house.database.numbers(lots).await, [before + 1]);
        let viewer = outcomes.into_iter().find_map(Result::ok).unwrap();
        assert_eq!(viewer.role, Role::Member);
        assert!(door.is_verified(&viewer).await.unwrap());
        assert!(house.signs_in("new@example.org", PASSWORD).await);

        // Who is here is told so, and is made no second time.
        ask("new@example.org").await.unwrap();
        house.settled().await;
        assert!(
            house
                .letters()
                .iter()
                .any(|letter| letter.contains("You have an account already"))
        );
        // What was open when it was asked for may be closed when it is used.
        let token = house.registers("late@example.org").await;
        house.set(Setting::Registration, "closed").await;
        assert_eq!(
            refusal(door.register(HERE, &token, None, PASSWORD).await),
            DoorRefusal::Closed
        );
        house.set(Setting::Registration, "open").await;
        house.pass(DAY);
        assert_eq!(
            refusal(door.register(HERE, &token, None, PASSWORD).await),
            DoorRefusal::Link
        );
    })
    .await;
}

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

#[cfg(unix)]
#[tokio::test]
async fn mail_in_a_folder_is_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    on_both(async |database| {
        let house = House::open(database).await;
        admin(&house.hub, "ada@example.com").await;
        house.ask_reset("ada@example.com").await;
        house.settled().await;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&house.folder), 0o700);
        let files: Vec<_> = std::fs::read_dir(&house.folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        assert_eq!(files.iter().map(|file| mode(file)).collect::<Vec<_>>(), [0o600]);
    })
    .await;
}

#[tokio::test]
async fn mail_that_nobody_takes_is_given_up_after_a_day() {
    on_both(async |database| {
        let house = House::open(database).await;
        admin(&house.hub, "ada@example.com").await;
        // A file stands where the folder would be.
        std::fs::write(&house.folder, "x").unwrap();
        let root = Admin::system();
        house.ask_reset("ada@example.com").await;
        let mut tries = 0;
        let mut passed = 0;
        loop {
            let mails = house.hub.mail().list(&root.reader()).await.unwrap();
            let mail = &mails[0];
            if mail.attempts > tries {
                tries = mail.attempts;
                if mail.state == MailState::Failed {
                    break;
                }
            }
            if mail.problem.is_some() && mail.state == MailState::Waiting {
                let step = if tries < 3 { MINUTE } else { DAY };
                house.pass(step);
                passed += step;
                assert!(passed < 3 * DAY, "{mail:?}");
                // Whatever is left to be sent wakes the one who sends.
                house.ask_reset("nobody@example.com").await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(passed >= DAY && tries >= 3, "{tries} tries in {passed}");
        std::fs::remove_file(&house.folder).unwrap();
        let mails = house.hub.mail().list(&root.reader()).await.unwrap();
        let failed = mails.iter().find(|mail| mail.state == MailState::Failed).unwrap();
        house
            .hub
            .mail()
            .again(&root.owner().unwrap(), HERE, failed.id)
            .await
            .unwrap();
        house.token("ada@example.com", "/reset").await;
        // Fourteen days later it is not known any more.
        house.settled().await;
        house.pass(15 * DAY);
        house.hub.sweep().await;
        assert_eq!(house.database.numbers("SELECT COUNT(*) FROM mail").await, [0]);
        assert_eq!(house.database.numbers("SELECT COUNT(*) FROM link").await, [0]);
    })
    .await;
}
