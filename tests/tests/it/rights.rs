//! What a member sees and does about a key of theirs in the console, where an admin has bound it: forms without a script.

use serde_json::Value;
use tests::console::Console;
use tests::stage::{PASSWORD, Stage, on_both};

const SAM: &str = "sam@example.test";

/// A member binds a key themselves and limits it; what an admin has set they lower, and neither raise nor remove.
#[tokio::test]
async fn a_member_lowers_what_an_admin_has_set_on_their_key() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        stage.hub.create_user(SAM, "member", PASSWORD).await;
        let mut sam = Console::new(stage.hub.address());
        sam.sign_in(SAM, PASSWORD).await;
        let page = sam.open("/keys/new").await;
        // A model is found by a part of its name, and joins those that are listed.
        assert!(page.body.contains(r#"<option value="fake/*""#), "{}", page.body);
        let made = page
            .form("create_key")
            .with("name", "laptop")
            .with("models", "other/one")
            .with("one_more", "fake/*");
        sam.submit(&made).await;
        let keys = stage.hub.json(&["key", "list", "--user", SAM], "").await;
        let key = keys[0]["id"].as_str().unwrap().to_owned();
        let allowed = |keys: &Value| keys[0]["rules"]["allowed"].clone();
        assert_eq!(allowed(&keys)["providers"], serde_json::json!(["fake"]));
        assert_eq!(allowed(&keys)["models"], serde_json::json!(["other/one"]));

        // Her own limit: set, seen, removed.
        let limits = format!("/limits/key/{key}");
        let page = sam.open(&limits).await;
        let set = page
            .form("set_limit")
            .with("measure", "spend")
            .with("window", "day")
            .with("most", "5");
        let page = sam.submit(&set).await;
        assert!(
            page.text().contains("The limit holds from the next call on."),
            "{}",
            page.text()
        );
        let page = sam.submit(&page.form("remove_limit")).await;
        assert!(page.text().contains("The limit is removed"), "{}", page.text());

        // An admin's: lowered, and neither raised nor removed.
        let by_admin = ["limit", "set", "--key", &key, "--spend", "5", "--per", "day"];
        stage.hub.json(&by_admin, "").await;
        let page = sam.open(&limits).await;
        assert!(page.text().contains("An admin has set this limit"), "{}", page.text());
        assert!(page.forms("remove_limit").is_empty());
        let change = page.forms("set_limit").remove(0);
        let refused = sam.submit(&change.clone().with("most", "6")).await;
        let sentence = "An admin has set this limit. You can lower it; ask them to raise or remove it.";
        assert!(refused.text().contains(sentence), "{}", refused.text());
        let page = sam.submit(&change.with("most", "4")).await;
        assert!(
            page.text().contains("The limit holds from the next call on."),
            "{}",
            page.text()
        );
        assert!(page.forms("remove_limit").is_empty());

        // The same with a bound of the key, which stands beside its field.
        let mut owner = stage.admin().await;
        let path = format!("/keys/{key}");
        let page = owner.open(&path).await;
        owner
            .submit(&page.form("save_key").with("models", "fake/gpt-4o-mini"))
            .await;
        let page = sam.open(&path).await;
        let wider = page.form("save_key").with("models", "").with("one_more", "fake/*");
        let refused = sam.submit(&wider).await;
        let sentence = "An admin has set which models this key may ask.";
        assert!(refused.text().contains(sentence), "{}", refused.text());
        let kept = stage.hub.json(&["key", "list", "--user", SAM], "").await;
        assert_eq!(allowed(&kept)["models"], serde_json::json!(["fake/gpt-4o-mini"]));
    })
    .await;
}

/// An invitation names a project: by the form and by the command line.
#[tokio::test]
async fn an_invitation_names_a_project_in_the_console_and_on_the_command_line() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let payer = tests::stage::ADMIN;
        let project = stage
            .hub
            .json(&["project", "create", "--name", "data", "--payer", payer], "")
            .await;
        let mut owner = stage.admin().await;
        let page = owner.open("/invitations/new").await;
        let form = page
            .form("create_invitation")
            .with("email", "guest@example.test")
            .with("role", "member")
            .with("project", project["id"].as_str().unwrap())
            .with("project_role", "reader");
        let page = owner.submit(&form).await;
        assert!(page.text().contains("guest@example.test is invited"), "{}", page.text());
        assert!(page.text().contains("data · Reader"), "{}", page.text());
        let ask = [
            "user",
            "invite",
            "--email",
            "other@example.test",
            "--project",
            "data",
            "--project-role",
            "admin",
        ];
        let made = stage.hub.json(&ask, "").await;
        assert_eq!(
            (
                &made["invitation"]["project"]["name"],
                &made["invitation"]["project"]["role"]
            ),
            (&"data".into(), &"admin".into())
        );
        let link = made["link"].as_str().unwrap();
        let (_, query) = link.split_once('?').unwrap();
        let mut guest = Console::new(stage.hub.address());
        let page = guest.open(&format!("/invite?{query}")).await;
        assert!(
            page.text().contains("You come into the project data."),
            "{}",
            page.text()
        );
        let accept = page
            .form("accept_invitation")
            .with("password", PASSWORD)
            .with("repeated", PASSWORD);
        guest.submit(&accept).await;
        let page = guest
            .open(&format!("/projects/{}", project["id"].as_str().unwrap()))
            .await;
        assert_eq!(page.status, 200);
        assert!(!page.forms("add_member").is_empty(), "they keep it");
    })
    .await;
}

/// Two admins have the same form open: the second one is told what the first has changed, sees it, and undoes nothing unseen.
#[tokio::test]
async fn a_form_that_was_filled_before_somebody_else_changed_it_is_refused() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        stage.hub.create_user(SAM, "member", PASSWORD).await;
        let made = ["key", "create", "--user", SAM, "--name", "laptop"];
        let made = stage.hub.json(&made, "").await;
        let key = made["id"].as_str().unwrap().to_owned();
        let (mut one, mut two) = (stage.admin().await, stage.admin().await);
        let path = format!("/keys/{key}");
        let (early, late) = (one.open(&path).await, two.open(&path).await);
        two.submit(&late.form("save_key").with("models", "fake/gpt-4o")).await;
        // Refused for something else first: it stays the look of before.
        let wrong = early.form("save_key").with("addresses", "nowhere").with("models", "");
        let wrong = one.submit(&wrong).await;
        let again = wrong.form("save_key").with("addresses", "");
        let page = one.submit(&again).await;
        let sentence = "was changed in the meantime";
        assert!(page.text().contains(sentence), "{}", page.text());
        assert!(page.body.contains("fake/gpt-4o</textarea>"), "{}", page.body);
        let keys = stage.hub.json(&["key", "list", "--user", SAM], "").await;
        assert_eq!(
            keys[0]["rules"]["allowed"]["models"],
            serde_json::json!(["fake/gpt-4o"])
        );
        // Upon what it shows now it is changed.
        one.submit(&page.form("save_key").with("models", "fake/*")).await;
        let keys = stage.hub.json(&["key", "list", "--user", SAM], "").await;
        assert_eq!(keys[0]["rules"]["allowed"]["providers"], serde_json::json!(["fake"]));

        let limits = format!("/limits/key/{key}");
        let (early, late) = (one.open(&limits).await, two.open(&limits).await);
        let day = |page: &tests::console::Page, most: &str| {
            let form = page.form("set_limit").with("measure", "requests").with("window", "day");
            form.with("most", most)
        };
        two.submit(&day(&late, "5")).await;
        let page = one.submit(&day(&early, "9")).await;
        assert!(page.text().contains(sentence), "{}", page.text());
        let (change, remove) = (page.forms("set_limit").remove(0), page.form("remove_limit"));
        let late = two.open(&limits).await;
        two.submit(&late.forms("set_limit").remove(0).with("most", "1")).await;
        for stale in [change.with("most", "7"), remove] {
            let page = one.submit(&stale).await;
            assert!(page.text().contains(sentence), "{}", page.text());
        }
        let page = one.open(&limits).await;
        let page = one.submit(&page.form("remove_limit")).await;
        assert!(page.text().contains("The limit is removed"), "{}", page.text());
    })
    .await;
}
