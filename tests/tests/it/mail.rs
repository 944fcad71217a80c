//! Mail through the real binary, to a strict mail server: setting it up in the console and by configuration, what is sent and
//! tried again, and the ways in by a link (`mail/door`), of which nothing is left behind (`mail/canary`).

#[path = "mail/canary.rs"]
mod canary;
#[path = "mail/door.rs"]
mod door;

use std::time::Duration;

use tests::console::{Console, Page};
use tests::hub::{Hub, Kind};
use tests::post::{AUTHORITY, Fault, Letter, PostOffice, Protection, Rules};
use tests::stage::{ADMIN, PASSWORD, SOON, on_both};

const USER: &str = "hub-user";
const SECRET: &str = "Tr0ub4dor-smtp-geheim";
const SENDER: &str = "hub@example.com";

pub(crate) fn rules(protection: Protection, account: bool) -> Rules {
    Rules {
        protection,
        account: account.then(|| (USER.to_owned(), SECRET.to_owned())),
        sender: SENDER.to_owned(),
    }
}

/// A hub whose configuration names this server.
pub(crate) async fn hub_with(kind: Kind, office: &PostOffice) -> Hub {
    let mut hub = Hub::new(kind).await;
    trust(&mut hub);
    let url = format!("smtp://{USER}:{SECRET}@localhost:{}", office.port());
    hub.set("HUB_SMTP_URL", &url);
    hub.set("HUB_MAIL_FROM", &format!("The Hub <{SENDER}>"));
    hub
}

/// The hub believes the authority of the fake.
pub(crate) fn trust(hub: &mut Hub) {
    let path = hub.work().join("authority.pem");
    std::fs::write(&path, AUTHORITY).unwrap();
    hub.set("SSL_CERT_FILE", &path.display().to_string());
}

/// Waits until so many mails have come.
pub(crate) async fn letters(office: &PostOffice, count: usize) -> Vec<Letter> {
    let begin = std::time::Instant::now();
    loop {
        let found = office.letters();
        if found.len() >= count {
            assert_eq!(found.len(), count, "{found:?}");
            assert_eq!(office.violations(), Vec::<String>::new());
            return found;
        }
        assert!(
            begin.elapsed() < SOON,
            "{} of {count} mails came: {:?}",
            found.len(),
            office.violations()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The path that a link leads to.
pub(crate) fn path(hub: &Hub, link: &str) -> String {
    let path = link.strip_prefix(&hub.origin());
    path.unwrap_or_else(|| panic!("{link} leads elsewhere")).to_owned()
}

fn form(page: &Page, port: u16) -> tests::console::form::Form {
    page.form("save_mail")
        .with("host", "localhost")
        .with("port", &port.to_string())
        .with("security", "starttls")
        .with("user", USER)
        .with("from", SENDER)
        .with("from_name", "The Hub")
}

#[tokio::test]
async fn an_owner_sets_mail_up_and_tests_it() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = Hub::new(kind).await;
        trust(&mut hub);
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.serve().await;
        let mut console = Console::new(hub.address());
        assert!(
            console
                .open("/sign-in")
                .await
                .text()
                .contains("An admin can set a new one")
        );
        console.sign_in(ADMIN, PASSWORD).await;
        let page = console.open("/settings/mail").await;
        assert!(page.text().contains("Mail is not set up") && page.forms("test_mail").is_empty());

        // Without TLS no password goes anywhere else.
        let open = form(&page, 25)
            .with("host", "mail.example.com")
            .with("security", "none")
            .with("password", SECRET);
        let page = console.submit(&open).await;
        assert!(
            page.text().contains("Without TLS a password can be read"),
            "{}",
            page.text()
        );

        let page = console
            .submit(&form(&page, office.port()).with("password", "a wrong password"))
            .await;
        assert!(page.text().contains("Mail is set up"), "{}", page.text());
        let page = console
            .submit(&page.form("test_mail").with("to", "ada@example.org"))
            .await;
        assert!(
            page.text().contains("does not take user and password"),
            "{}",
            page.text()
        );
        assert!(
            !page.body.contains("a wrong password"),
            "the server repeats it, the page does not"
        );

        let page = console
            .submit(&form(&page, office.port()).with("password", SECRET))
            .await;
        // An empty field keeps what is stored.
        let page = console
            .submit(&form(&page, office.port()).with("from_name", "Das Hüb \"quoted\""))
            .await;
        let page = console
            .submit(&page.form("test_mail").with("to", "ada@example.org"))
            .await;
        assert!(page.text().contains("The server has taken the mail"), "{}", page.text());
        let letter = letters(&office, 1).await.remove(0);
        assert_eq!(
            (letter.from.as_str(), &letter.to[..]),
            (SENDER, &["ada@example.org".to_owned()][..])
        );
        assert!(letter.plain.contains("Mail works."), "{}", letter.plain);
        assert_eq!(office.sign_ins(), 1);

        // Another user is another secret.
        let page = console
            .submit(&form(&page, office.port()).with("user", "somebody"))
            .await;
        assert!(page.text().contains("is dropped"), "{}", page.text());
        let page = console
            .submit(&form(&page, office.port()).with("password", SECRET))
            .await;
        // The sender that the server does not know is its own words.
        let page = console
            .submit(&form(&page, office.port()).with("from", "other@example.com"))
            .await;
        let page = console
            .submit(&page.form("test_mail").with("to", "ada@example.org"))
            .await;
        assert!(page.text().contains("not owned by user"), "{}", page.text());
        let audit = console.open("/audit?subject=mail").await.text();
        assert!(
            audit.contains("Mail set up") && audit.contains("Mail tested"),
            "{audit}"
        );
        let page = console.open("/settings/mail").await;
        assert!(!page.body.contains(SECRET));
        let page = console.submit(&page.form("forget_mail")).await;
        assert!(page.text().contains("Mail is not set up"), "{}", page.text());
    })
    .await;
}

#[tokio::test]
async fn an_admin_sees_how_mail_is_sent_and_changes_nothing_of_it() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = Hub::new(kind).await;
        trust(&mut hub);
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.create_user("second@example.test", "admin", PASSWORD).await;
        hub.create_user("third@example.test", "auditor", PASSWORD).await;
        hub.serve().await;
        let (mut owner, mut admin) = (Console::new(hub.address()), Console::new(hub.address()));
        owner.sign_in(ADMIN, PASSWORD).await;
        admin.sign_in("second@example.test", PASSWORD).await;
        let page = admin.open("/settings/mail").await;
        assert!(page.text().contains("Owners set how mail is sent"), "{}", page.text());
        assert!(page.text().contains("Mail is not set up") && page.forms("save_mail").is_empty());
        let page = owner.open("/settings/mail").await;
        let save = form(&page, office.port()).with("password", SECRET);
        let page = owner.submit(&save).await;
        let forget = page.form("forget_mail");

        // The forms of the owner, sent by the admin: another server would read the links of everybody.
        let elsewhere = save.with("host", "mail.evil.example").with("from", "evil@example.com");
        for taken in [elsewhere, forget] {
            assert_eq!(admin.send(&taken).await.status, 403);
        }
        let page = admin.open("/settings/mail").await;
        assert!(
            page.text().contains(&format!("localhost:{}", office.port())) && page.text().contains("set, never shown"),
            "{}",
            page.text()
        );
        assert!(page.forms("save_mail").is_empty() && page.forms("forget_mail").is_empty());
        assert!(!page.body.contains(SECRET));
        // An auditor sees the same and can do none of it: neither form is there, and none is taken.
        let mut auditor = Console::new(hub.address());
        auditor.sign_in("third@example.test", PASSWORD).await;
        let seen = auditor.open("/settings/mail").await;
        assert!(
            seen.text().contains(&format!("localhost:{}", office.port())) && seen.text().contains("set, never shown"),
            "{}",
            seen.text()
        );
        assert!(!seen.body.contains(SECRET));
        for action in ["save_mail", "forget_mail", "test_mail", "mail_again"] {
            assert!(seen.forms(action).is_empty(), "{action}");
        }
        let test = page.form("test_mail").with("to", "ada@example.org");
        assert_eq!(auditor.send(&test).await.status, 403);
        let page = admin
            .submit(&page.form("test_mail").with("to", "ada@example.org"))
            .await;
        assert!(page.text().contains("The server has taken the mail"), "{}", page.text());
        // What could not be sent yet, an owner sends again: nobody listens on port 1.
        let page = owner.open("/settings/mail").await;
        owner.submit(&form(&page, 1).with("password", SECRET)).await;
        let mut window = Console::new(hub.address());
        let page = window.open("/forgot").await;
        window.submit(&page.form("ask_reset").with("email", ADMIN)).await;
        let begin = std::time::Instant::now();
        let page = loop {
            let page = owner.open("/settings/mail").await;
            if !page.forms("mail_again").is_empty() {
                break page;
            }
            assert!(begin.elapsed() < SOON, "nothing waits");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert!(admin.open("/settings/mail").await.forms("mail_again").is_empty());
        assert_eq!(admin.send(&page.form("mail_again")).await.status, 403);
        let page = owner.submit(&page.form("mail_again")).await;
        assert!(page.text().contains("It is tried again now"), "{}", page.text());
    })
    .await;
}

#[tokio::test]
async fn the_configuration_wins_and_says_in_words_what_is_wrong() {
    on_both(async |kind| {
        let test = async |hub: &Hub| {
            hub.run(&["mail", "test", "--to", "ada@example.org", "--json"], "")
                .await
        };
        for (protection, scheme) in [
            (Protection::StartTls, "smtp"),
            (Protection::Wrapped, "smtps"),
            (Protection::Open, "smtp"),
        ] {
            let account = protection != Protection::Open;
            let office = PostOffice::start(rules(protection, account)).await.unwrap();
            let mut hub = hub_with(kind, &office).await;
            hub.create_user(ADMIN, "admin", PASSWORD).await;
            let (who, tail) = if account {
                (format!("{USER}:{SECRET}@"), "")
            } else {
                (String::new(), "?tls=none")
            };
            hub.set(
                "HUB_SMTP_URL",
                &format!("{scheme}://{who}localhost:{}{tail}", office.port()),
            );
            let ran = test(&hub).await;
            assert_eq!(ran.code, Some(0), "{protection:?}: {}", ran.stderr);
            assert_eq!(
                letters(&office, 1).await[0].headers["from"],
                format!("\"The Hub\" <{SENDER}>")
            );
            match protection {
                // What offers no STARTTLS gets nothing, whatever it would take.
                Protection::Open => {
                    hub.set("HUB_SMTP_URL", &format!("smtp://localhost:{}", office.port()));
                    assert!(test(&hub).await.stderr.contains("offers no STARTTLS"));
                    hub.set("HUB_SMTP_URL", "smtp://localhost:1?tls=none");
                    let said = test(&hub).await.stderr;
                    assert!(said.contains("could not be reached"), "{said}");
                }
                Protection::StartTls => {
                    hub.serve().await;
                    let mut console = Console::new(hub.address());
                    console.sign_in(ADMIN, PASSWORD).await;
                    let page = console.open("/settings/mail").await;
                    assert!(page.text().contains("environment HUB_SMTP_URL") && page.forms("save_mail").is_empty());
                    assert!(!page.body.contains(SECRET));
                    let shown = hub.run(&["config"], "").await.stdout;
                    assert!(
                        shown.contains("smtp://hub-user:***@localhost") && !shown.contains(SECRET),
                        "{shown}"
                    );
                    hub.unset("SSL_CERT_FILE");
                    let said = test(&hub).await.stderr;
                    assert!(said.contains("No protected connection"), "{said}");
                }
                Protection::Wrapped => {
                    // A server that waits for TLS says nothing to who waits for its greeting.
                    hub.set(
                        "HUB_SMTP_URL",
                        &format!("smtp://{USER}:{SECRET}@localhost:{}", office.port()),
                    );
                    let said = test(&hub).await.stderr;
                    assert!(said.contains("did not answer in time"), "{said}");
                }
            }
            assert_eq!(office.letters().len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn what_waits_outlives_the_server_and_comes_once() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = hub_with(kind, &office).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.serve().await;
        let mut console = Console::new(hub.address());
        office.spoil([
            Fault::Data(451, "4.3.0 try later"),
            Fault::Recipient(450, "4.2.1 busy"),
            Fault::Cut,
        ]);
        let page = console.open("/forgot").await;
        let page = console.submit(&page.form("ask_reset").with("email", ADMIN)).await;
        assert!(page.text().contains("Look into your mailbox"), "{}", page.text());
        console.sign_in(ADMIN, PASSWORD).await;
        let begin = std::time::Instant::now();
        loop {
            let page = console.open("/settings/mail").await;
            if page.text().contains("try later") {
                break;
            }
            assert!(begin.elapsed() < SOON, "{}", page.text());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        hub.kill_and_restart().await;
        console.moved_to(hub.address());
        // Past what is still to fail an admin need not wait.
        let begin = std::time::Instant::now();
        while office.letters().is_empty() {
            let page = console.open("/settings/mail").await;
            for form in page.forms("mail_again") {
                console.submit(&form).await;
            }
            assert!(begin.elapsed() < 3 * SOON, "{}", page.text());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let letter = letters(&office, 1).await.remove(0);
        assert!(
            letter.link(&format!("{}/reset?token=", hub.origin())).is_ok(),
            "{}",
            letter.plain
        );

        // What the server refuses for good is not tried again.
        office.spoil([Fault::Recipient(550, "5.1.1 no such user <here>")]);
        let page = console.open("/invitations/new").await;
        let invite = page.form("create_invitation").with("email", "gone@example.org");
        console.submit(&invite).await;
        let begin = std::time::Instant::now();
        loop {
            let page = console.open("/settings/mail").await;
            if page.text().contains("Given up") {
                assert!(page.text().contains("no such user <here>"), "{}", page.text());
                break;
            }
            assert!(begin.elapsed() < SOON, "{}", page.text());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(office.letters().len(), 1);
    })
    .await;
}
