//! Sessions: how long they last, and that they end where they are ended.

use tests::console::{Console, Page};
use tests::hub::database;
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

/// For how long the browser shall keep the session's cookie, in seconds.
fn lifetime(page: &Page) -> Option<u64> {
    let lines = page.headers.get_all("set-cookie");
    let line = lines
        .iter()
        .filter_map(|line| line.to_str().ok())
        .find(|line| line.starts_with("hub_session="))?;
    line.split("; ")
        .find_map(|part| part.strip_prefix("Max-Age="))?
        .parse()
        .ok()
}

#[tokio::test]
async fn visitors_are_remembered_for_minutes_and_people_for_days() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        // Minutes until the one stored session ends.
        let stored = async || {
            let query = "SELECT (expires_at - seen_at) / 60000000 FROM session";
            let minutes = database::numbers(&stage.hub.database_url, query).await;
            assert_eq!(minutes.len(), 1);
            minutes[0]
        };
        let days = 14 * 24 * 60;
        let (half_an_hour, two_weeks) = (29..=30, days - 1..=days);
        let mut console = Console::new(stage.hub.address());
        let page = console.open("/sign-in").await;
        let form = page.form("sign_in").with("email", ADMIN);
        let refused = console.send(&form.clone().with("password", "not the password")).await;
        assert_eq!(lifetime(&refused), Some(30 * 60), "a message for the next page");
        assert!(half_an_hour.contains(&stored().await));
        let signed_in = console.send(&form.with("password", PASSWORD)).await;
        assert_eq!(lifetime(&signed_in), Some(14 * 24 * 60 * 60));
        assert!(two_weeks.contains(&stored().await));

        // What a person does later leaves it at that.
        let page = console.open("/account").await;
        let form = page.form("change_password").with("current", "wrong one here");
        let refused = console
            .send(&form.with("new", PASSWORD).with("repeated", PASSWORD))
            .await;
        assert_eq!(lifetime(&refused), Some(14 * 24 * 60 * 60));
        assert!(two_weeks.contains(&stored().await));
        let page = console.follow(refused).await;
        assert!(two_weeks.contains(&stored().await), "reading the message");
        let left = console.send(&page.form("sign_out")).await;
        assert!(lifetime(&left).is_none_or(|seconds| seconds <= 30 * 60));
    })
    .await;
}

#[tokio::test]
async fn sessions_end_everywhere_when_asked_and_when_the_password_changes() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let (mut here, mut there) = (stage.admin().await, stage.admin().await);
        let page = here.open("/account").await;
        here.submit(&page.form("end_other_sessions")).await;
        assert_eq!(here.open("/keys").await.path, "/keys");
        assert!(there.open("/keys").await.path.starts_with("/sign-in"));

        let mut there = stage.admin().await;
        let other = "another long password";
        let page = here.open("/account").await;
        let form = page.form("change_password");
        let refused = form
            .clone()
            .with("current", "wrong one here")
            .with("new", other)
            .with("repeated", other);
        assert_eq!(here.submit(&refused).await.path, "/account");
        assert_eq!(there.open("/keys").await.path, "/keys");
        here.submit(
            &form
                .with("current", PASSWORD)
                .with("new", other)
                .with("repeated", other),
        )
        .await;
        assert_eq!(here.open("/keys").await.path, "/keys");
        assert!(there.open("/keys").await.path.starts_with("/sign-in"));

        stage
            .hub
            .json(
                &["user", "set-password", "--email", ADMIN, "--password-stdin"],
                PASSWORD,
            )
            .await;
        assert!(here.open("/keys").await.path.starts_with("/sign-in"));
        assert_eq!(
            Console::new(stage.hub.address()).sign_in(ADMIN, PASSWORD).await.path,
            "/"
        );
    })
    .await;
}
