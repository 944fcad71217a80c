//! After everything that goes by mail, neither a token nor the password for mail stands anywhere: not in the database, a file,
//! the log, what commands print, or a page.

use tests::console::Console;
use tests::hub::Hub;
use tests::post::{PostOffice, Protection};
use tests::stage::{ADMIN, PASSWORD, on_both};

use super::{SECRET, SENDER, USER, letters, rules, trust};
use crate::canary::search::{Place, Places, Secret};

const PLANTED: &str = "planted in a file";
const CHOSEN: &str = "words that were chosen";

fn token(link: &str) -> String {
    link.split_once("token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn nothing_of_a_link_or_of_the_password_for_mail_is_left() {
    on_both(async |kind| {
        let office = PostOffice::start(rules(Protection::StartTls, true)).await.unwrap();
        let mut hub = Hub::new(kind).await;
        trust(&mut hub);
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.serve().await;
        let mut places = Places::default();
        let mut console = Console::new(hub.address());
        console.sign_in(ADMIN, PASSWORD).await;
        let page = console.open("/settings/mail").await;
        let form = page.form("save_mail").with("host", "localhost");
        let form = form.with("port", &office.port().to_string()).with("user", USER);
        let form = form.with("password", SECRET).with("from", SENDER);
        places.page(console.submit(&form).await);
        let page = console.open("/settings/mail").await;
        places.page(console.submit(&page.form("test_mail").with("to", ADMIN)).await);
        hub.json(&["settings", "set", "registration", "open"], "").await;

        let mut secrets = vec![
            Secret::new("password for mail", SECRET),
            Secret::new("chosen password", CHOSEN),
        ];
        let mut window = Console::new(hub.address());
        let page = window.open("/forgot").await;
        places.page(window.submit(&page.form("ask_reset").with("email", ADMIN)).await);
        let page = window.open("/register").await;
        places.page(
            window
                .submit(&page.form("ask_register").with("email", "new@example.org"))
                .await,
        );
        let page = console.open("/account").await;
        places.page(console.submit(&page.form("verify_address")).await);
        let page = console.open("/invitations/new").await;
        let shown = console
            .submit(&page.form("create_invitation").with("email", "guest@example.org"))
            .await;
        let begin = format!("{}/invite?token=", hub.origin());
        let at = shown.body.find(&begin).unwrap() + begin.len();
        secrets.push(Secret::new("shown invitation", &shown.body[at..at + 64]));
        // The page that shows a link is left out; the same page later is not.
        places.page(console.open(&shown.path).await);
        let found = letters(&office, 5).await;
        let mut links = Vec::new();
        for (page, name) in [
            ("confirm", "proof"),
            ("register/complete", "registration"),
            ("reset", "reset"),
            ("invite", "invitation"),
        ] {
            let begin = format!("{}/{page}?token=", hub.origin());
            let link = found.iter().find_map(|letter| letter.link(&begin).ok()).unwrap();
            secrets.push(Secret::new(name, &token(&link)));
            links.push(link.strip_prefix(&hub.origin()).unwrap().to_owned());
        }
        std::fs::write(hub.work().join("planted"), PLANTED).unwrap();
        // Looked for while they wait: the database holds none of them.
        places.database(&hub).await;
        let press = async |link: &str, function: &str, password: bool| {
            let mut window = Console::new(hub.address());
            let mut form = window.open(link).await.form(function);
            if password {
                form = form.with("password", CHOSEN).with("repeated", CHOSEN);
            }
            window.submit(&form).await
        };
        for (link, (function, password)) in links.iter().zip([
            ("confirm_address", false),
            ("complete_register", true),
            ("reset_password", true),
            ("accept_invitation", true),
        ]) {
            let page = press(link, function, password).await;
            assert!(!page.path.contains("token="), "{function}: {}", page.text());
            places.page(page);
        }
        let mut console = Console::new(hub.address());
        console.sign_in(ADMIN, CHOSEN).await;
        for path in [
            "/settings/mail",
            "/settings",
            "/audit",
            "/users",
            "/invitations",
            "/account",
            &shown.path,
        ] {
            let page = console.open(path).await;
            assert_eq!(page.status, 200, "{path}");
            places.page(page);
        }
        for arguments in [["user", "list"], ["settings", "get"]] {
            let ran = hub
                .run(
                    &[
                        &arguments[..],
                        &["registration"][..usize::from(arguments[0] == "settings")],
                    ]
                    .concat(),
                    "",
                )
                .await;
            places.put(Place::Commands, arguments[0], ran.stdout + &ran.stderr);
        }
        places.database(&hub).await;
        let process = hub.take_process();
        process.ask_to_stop().await;
        assert!(process.ended().await.success());
        places.database(&hub).await;
        for line in hub.log().lines() {
            places.put(Place::Log, line, line);
        }
        assert!(hub.log().contains("/reset"), "the log tells of the visits");
        places.put(Place::Terminal, "", hub.terminal());
        let found: Vec<String> = secrets.iter().flat_map(|secret| places.find(secret)).collect();
        assert!(found.is_empty(), "{found:#?}");
        // Each kind of place that is searched here holds something that is no secret, and it is found there.
        for (place, there) in [
            (Place::Database, "guest@example.org"),
            (Place::Files, PLANTED),
            (Place::Pages, "guest@example.org"),
            (Place::Commands, ADMIN),
            (Place::Log, "hub::request"),
            (Place::Terminal, "\"public_url\""),
        ] {
            places.prove_at(place, there);
        }
    })
    .await;
}
