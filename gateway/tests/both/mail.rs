//! Links that come by mail, and invitations, on both databases: each works once whoever else uses it at the same time, for as
//! long as it says, and for what it says. Mail goes into a folder, and time stands still until it is set.

#[path = "mail/changes.rs"]
mod changes;
#[path = "mail/closing.rs"]
mod closing;
#[path = "mail/delivery.rs"]
mod delivery;
#[path = "mail/invitations.rs"]
mod invitations;
#[path = "mail/resets.rs"]
mod resets;

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

const HERE: Origin<'static> = Origin::at(None);
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
        let from = Origin::at(Some("192.0.2.7"));
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
