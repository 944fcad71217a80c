//! The ways in by a link, as forms without scripts: a new password, registration, an invitation, another address.

use futures_util::future::join_all;
use tests::client::Call;
use tests::console::Console;
use tests::hub::database;
use tests::post::{Letter, PostOffice, Protection};
use tests::stage::{ADMIN, PASSWORD, on_both};

use super::{hub_with, letters, path, rules};

const NEW_PASSWORD: &str = "entirely new words here";

fn letter_to<'a>(letters: &'a [Letter], to: &str) -> &'a Letter {
    let found = letters.iter().rfind(|letter| letter.to == [to]);
    found.unwrap_or_else(|| panic!("nothing went to {to}: {letters:?}"))
}

#[tokio::test]
async fn a_lost_password_is_replaced_by_a_mail() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = hub_with(kind, &office).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.serve().await;
        let mut signed_in = Console::new(hub.address());
        signed_in.sign_in(ADMIN, PASSWORD).await;
        let mut console = Console::new(hub.address());
        let page = console.open("/sign-in").await;
        assert!(page.links().contains(&"/forgot".to_owned()), "{:?}", page.links());
        let page = console.open("/forgot").await;
        let ask = page.form("ask_reset");
        // Nobody learns whether an address is known.
        let unknown = console.submit(&ask.clone().with("email", "nobody@example.test")).await;
        let known = console.submit(&ask.clone().with("email", ADMIN)).await;
        assert_eq!(unknown.text(), known.text());
        // Whoever asks under another name gets the same link: it is made of the configured address.
        let forged = Call::new(hub.address(), http::Method::POST, &ask.action)
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("accept", "text/html")
            .content_type("application/x-www-form-urlencoded")
            .body(ask.clone().with("email", ADMIN).encoded());
        drop(forged.send().await.unwrap());
        let found = letters(&office, 2).await;
        let begin = format!("{}/reset?token=", hub.origin());
        for letter in &found {
            assert_eq!(letter.to, [ADMIN]);
            assert!(
                letter.link(&begin).is_ok() && !letter.raw.contains("evil"),
                "{}",
                letter.raw
            );
        }
        let link = path(&hub, &found[0].link(&begin).unwrap());
        assert!(
            !found[0].plain.contains(found[1].link(&begin).unwrap().as_str()),
            "each has its own"
        );

        let page = console.open(&link).await;
        assert!(page.text().contains(ADMIN), "{}", page.text());
        let form = page.form("reset_password");
        for (password, repeated, words) in [
            ("short", "short", "10 to 200 characters"),
            (NEW_PASSWORD, PASSWORD, "two passwords differ"),
        ] {
            let page = console
                .submit(&form.clone().with("password", password).with("repeated", repeated))
                .await;
            assert!(page.text().contains(words), "{}", page.text());
        }
        let form = form.with("password", NEW_PASSWORD).with("repeated", NEW_PASSWORD);
        // Many windows press at once; one is answered by the sign-in page.
        let presses = join_all((0..6).map(|_| {
            let (mut window, form) = (console.clone(), form.clone());
            async move { window.submit(&form).await.path }
        }));
        let places = presses.await;
        assert_eq!(
            places.iter().filter(|place| *place == "/sign-in").count(),
            1,
            "{places:?}"
        );
        assert!(
            signed_in.open("/keys").await.path.starts_with("/sign-in"),
            "all sessions have ended"
        );
        assert!(console.open(&link).await.text().contains("not valid any more"));
        assert_eq!(console.sign_in(ADMIN, NEW_PASSWORD).await.path, "/");
        let audit = console.open("/audit").await.text();
        assert!(
            audit.contains("Password chosen by a mail") && audit.contains("New password asked for"),
            "{audit}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_wish_for_another_address_ends_with_a_new_password() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = hub_with(kind, &office).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.serve().await;
        // Whoever has the password for a minute wishes for an address of theirs.
        let mut thief = Console::new(hub.address());
        thief.sign_in(ADMIN, PASSWORD).await;
        let page = thief.open("/account").await;
        let form = page.form("change_address").with("email", "thief@example.com");
        thief.submit(&form.with("current", PASSWORD)).await;
        let found = letters(&office, 1).await;
        let begin = format!("{}/confirm?token=", hub.origin());
        let wish = path(&hub, &letter_to(&found, "thief@example.com").link(&begin).unwrap());
        let page = thief.open(&wish).await;
        let confirm = page.form("confirm_address");

        let mut owner = Console::new(hub.address());
        let page = owner.open("/forgot").await;
        owner.submit(&page.form("ask_reset").with("email", ADMIN)).await;
        let found = letters(&office, 2).await;
        let begin = format!("{}/reset?token=", hub.origin());
        let link = path(&hub, &letter_to(&found, ADMIN).link(&begin).unwrap());
        let form = owner.open(&link).await.form("reset_password");
        owner
            .submit(&form.with("password", NEW_PASSWORD).with("repeated", NEW_PASSWORD))
            .await;
        let told = letters(&office, 3).await;
        let letter = letter_to(&told, ADMIN);
        assert!(
            letter.plain.contains("password of your account was changed"),
            "{}",
            letter.plain
        );

        thief.submit(&confirm).await;
        assert!(thief.open(&wish).await.text().contains("not valid any more"));
        assert_eq!(owner.sign_in(ADMIN, NEW_PASSWORD).await.path, "/");
        let mut fresh = Console::new(hub.address());
        let page = fresh.sign_in("thief@example.com", NEW_PASSWORD).await;
        assert!(page.path.starts_with("/sign-in"), "{}", page.path);
    })
    .await;
}

#[tokio::test]
async fn somebody_registers_and_is_welcomed() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = hub_with(kind, &office).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.json(&["settings", "set", "starter-credit", "5"], "").await;
        hub.json(&["settings", "set", "mode", "service-provider"], "").await;
        hub.serve().await;
        let mut console = Console::new(hub.address());
        assert!(
            console
                .open("/register")
                .await
                .text()
                .contains("Nobody can register here")
        );
        hub.json(&["settings", "set", "registration", "open"], "").await;
        hub.json(&["settings", "set", "registration-domains", "example.org"], "")
            .await;
        let page = console.open("/register").await;
        let ask = page.form("ask_register");
        let page = console.submit(&ask.clone().with("email", "new@example.com")).await;
        assert!(
            page.text().contains("People of example.com cannot register"),
            "{}",
            page.text()
        );
        console.submit(&ask.with("email", "New@example.org")).await;
        let found = letters(&office, 1).await;
        let begin = format!("{}/register/complete?token=", hub.origin());
        let link = path(&hub, &letter_to(&found, "new@example.org").link(&begin).unwrap());
        let users = hub.json(&["user", "list"], "").await;
        assert_eq!(users.as_array().unwrap().len(), 1, "the account is made by the link");
        let page = console.open(&link).await;
        let form = page
            .form("complete_register")
            .with("name", "New <Person>")
            .with("password", NEW_PASSWORD)
            .with("repeated", NEW_PASSWORD);
        let page = console.submit(&form).await;
        assert_eq!(page.path, "/welcome");
        let links = page.links();
        for next in ["/keys/new", "/playground", "/credits"] {
            assert!(links.contains(&next.to_owned()), "{next}: {links:?}");
        }
        assert!(
            page.body.contains(&format!("{}/v1", hub.origin())),
            "a snippet names the address"
        );
        assert!(console.open("/credits").await.text().contains("5.00"));
        assert!(console.open("/account").await.text().contains("Verified"));
        // The welcome comes once.
        let mut again = Console::new(hub.address());
        assert_eq!(again.sign_in("new@example.org", NEW_PASSWORD).await.path, "/");
        assert!(console.open(&link).await.text().contains("not valid any more"));

        // Another address is hers when it is proved.
        let page = again.open("/account").await;
        let form = page.form("change_address").with("email", "newer@example.com");
        let page = again.submit(&form.clone().with("current", "not the password")).await;
        assert!(page.text().contains("not your current password"), "{}", page.text());
        again.submit(&form.with("current", NEW_PASSWORD)).await;
        let found = letters(&office, 2).await;
        let begin = format!("{}/confirm?token=", hub.origin());
        let link = path(&hub, &letter_to(&found, "newer@example.com").link(&begin).unwrap());
        let mut mailbox = Console::new(hub.address());
        // Mailboxes look ahead; nothing is used up by that.
        for _ in 0..2 {
            assert!(mailbox.open(&link).await.text().contains("newer@example.com"));
        }
        let page = mailbox.open(&link).await;
        let page = mailbox.submit(&page.form("confirm_address")).await;
        assert!(
            page.text().contains("newer@example.com is your address from now on"),
            "{}",
            page.text()
        );
        assert_eq!(mailbox.sign_in("newer@example.com", NEW_PASSWORD).await.path, "/");
        let told = letters(&office, 3).await;
        assert!(letter_to(&told, "new@example.org").plain.contains("another address"));
        let ledger = hub.json(&["verify-ledger"], "").await;
        assert_eq!(ledger["findings"], serde_json::json!([]), "{ledger}");
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_made_mailed_shown_once_and_accepted() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = hub_with(kind, &office).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.serve().await;
        let mut admin = Console::new(hub.address());
        admin.sign_in(ADMIN, PASSWORD).await;
        let page = admin.open("/invitations/new").await;
        let form = page.form("create_invitation").with("email", "guest@example.org");
        let form = form.with("role", "auditor").with("days", "3").with("language", "zh-CN");
        let page = admin.submit(&form).await;
        let begin = format!("{}/invite?token=", hub.origin());
        assert!(page.body.contains(&begin), "the link is shown: {}", page.text());
        let again = admin.open(&page.path).await;
        assert!(!again.body.contains(&begin), "it is shown once");
        let found = letters(&office, 1).await;
        let letter = letter_to(&found, "guest@example.org");
        assert!(
            letter.plain.contains("邀请你") && letter.plain.contains(ADMIN),
            "{}",
            letter.plain
        );
        let link = path(&hub, &letter.link(&begin).unwrap());
        let mut guest = Console::new(hub.address());
        let page = guest.open(&link).await;
        assert!(page.text().contains("guest@example.org as auditor"), "{}", page.text());
        let form = page.form("accept_invitation").with("name", "Guest");
        let form = form.with("password", NEW_PASSWORD).with("repeated", NEW_PASSWORD);
        let presses = join_all((0..6).map(|_| {
            let (mut window, form) = (guest.clone(), form.clone());
            async move { window.submit(&form).await.path }
        }));
        let places = presses.await;
        assert_eq!(
            places.iter().filter(|place| !place.starts_with("/invite")).count(),
            1,
            "{places:?}"
        );
        let mut signed_in = Console::new(hub.address());
        assert_eq!(signed_in.sign_in("guest@example.org", NEW_PASSWORD).await.status, 200);
        assert_eq!(signed_in.open("/users/new").await.status, 403, "an auditor adds nobody");
        let page = admin.open(&page_of(&again.path)).await;
        assert!(page.text().contains("Accepted"), "{}", page.text());

        // The command line does the same.
        let made = hub
            .json(&["user", "invite", "--email", "cli@example.org", "--days", "1"], "")
            .await;
        assert_eq!(
            (made["mailed"].as_bool(), made["invitation"]["role"].as_str()),
            (Some(true), Some("member"))
        );
        // A command does not know the port that the server got.
        let link = made["link"].as_str().unwrap();
        let link = link[link.find("/invite?").unwrap()..].to_owned();
        let found = letters(&office, 2).await;
        let mailed = path(&hub, &letter_to(&found, "cli@example.org").link(&begin).unwrap());
        assert_ne!(link, mailed);
        let twice = hub.run(&["user", "invite", "--email", "cli@example.org"], "").await;
        assert!(twice.complaint().contains("invitation"), "{}", twice.stderr);
        // Sent again, both links of before are dead; revoked, every one is.
        let list = admin.open("/invitations").await;
        let one = list
            .links()
            .into_iter()
            .find(|link| link.starts_with("/invitations/inv_"))
            .unwrap();
        let page = admin.open(&one).await;
        let page = admin.submit(&page.form("resend_invitation")).await;
        for dead in [&link, &mailed] {
            assert!(guest.open(dead).await.text().contains("not valid any more"));
        }
        let found = letters(&office, 3).await;
        let third = path(&hub, &letter_to(&found, "cli@example.org").link(&begin).unwrap());
        assert_eq!(guest.open(&third).await.forms("accept_invitation").len(), 1);
        let page = admin.submit(&page.form("revoke_invitation")).await;
        assert!(page.text().contains("Revoked"), "{}", page.text());
        assert!(guest.open(&third).await.text().contains("not valid any more"));
    })
    .await;
}

fn page_of(path: &str) -> String {
    path.split('?').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn where_passwords_are_off_nobody_gets_one_by_mail() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = hub_with(kind, &office).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.serve().await;
        let mut console = Console::new(hub.address());
        let page = console.open("/forgot").await;
        let ask = page.form("ask_reset").with("email", ADMIN);
        console.submit(&ask).await;
        let link = letters(&office, 1).await[0]
            .link(&format!("{}/reset?token=", hub.origin()))
            .unwrap();
        let link = path(&hub, &link);
        let form = console.open(&link).await.form("reset_password");
        // Past the rule that an admin must have another way in, as when a file of the configuration changes.
        let off = "INSERT INTO setting (name, value, updated_at) VALUES ('local-passwords', 'off', 0)";
        database::execute(&hub.database_url, off).await;
        let page = console.submit(&ask).await;
        assert!(
            page.text().contains("sends no mail for that") || page.text().contains("switched off"),
            "{}",
            page.text()
        );
        let page = console
            .submit(&form.with("password", NEW_PASSWORD).with("repeated", NEW_PASSWORD))
            .await;
        assert!(!page.text().contains("Your password is set"), "{}", page.text());
        hub.json(&["settings", "set", "local-passwords", "on"], "").await;
        assert_eq!(
            console.sign_in(ADMIN, PASSWORD).await.path,
            "/",
            "the old one still works"
        );
        assert_eq!(office.letters().len(), 1);
    })
    .await;
}
