//! What admins and members do at the console, as forms without scripts: the journeys behind the pages, and their audit.

use tests::console::Console;
use tests::hub::Hub;
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both};
use tests::upstream::Upstream;

#[tokio::test]
async fn from_set_up_to_a_call_with_forms_alone() {
    on_both(async |kind| {
        let upstream = Upstream::start().await.unwrap();
        let mut hub = Hub::new(kind).await;
        hub.serve().await;
        let link = hub.process().greeting["setup_link"].as_str().unwrap().to_owned();
        let mut console = Console::new(hub.address());
        let page = console.open(link.trim_start_matches(&hub.origin())).await;
        let form = page
            .form("complete_setup")
            .with("email", ADMIN)
            .with("password", PASSWORD)
            .with("repeated", PASSWORD);
        assert_eq!(console.submit(&form).await.path, "/");

        let page = console.open("/providers/new?preset=compatible").await;
        let form = page
            .form("create_provider")
            .with("title", "My server")
            .with("name", "mine");
        let wrong = form
            .clone()
            .with("base_url", &upstream.base_url())
            .with("credential", "sk-not-the-right-credential-1");
        let page = console.submit(&wrong).await;
        assert!(page.path.starts_with("/providers/prov_"), "{}", page.path);
        assert!(
            page.body.contains("Incorrect API key provided"),
            "the provider's own words are shown: {}",
            page.body
        );
        assert!(!page.body.contains("sk-not-the-right-credential-1"));
        let form = page
            .form("add_credential")
            .with("label", "right")
            .with("credential", upstream.key());
        let page = console.submit(&form).await;
        assert!(!page.body.contains(upstream.key()), "a credential is never shown again");
        let page = console.submit(&page.form("refresh_models")).await;
        assert!(page.body.contains("My server lists "), "{}", page.body);
        let found = console.open("/models?q=gpt-4o-mini").await;
        assert!(found.body.contains("mine/gpt-4o-mini"), "{}", found.body);

        let page = console.open("/keys/new").await;
        let page = console.submit(&page.form("create_key").with("name", "first")).await;
        assert!(page.path.ends_with("/created"), "{}", page.path);
        let begin = page.body.find("sk-hub-").unwrap();
        let key: String = page.body[begin..]
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter))
            .collect();
        assert!(
            page.body.contains(&format!("{}/v1", hub.origin())),
            "snippets name the address"
        );
        let again = console.open(&page.path).await;
        assert!(!again.body.contains(&key), "a key is shown once");

        let mut body = hello("gpt-4o-mini");
        body["model"] = serde_json::json!("mine/gpt-4o-mini");
        let answer = hub
            .post("/v1/chat/completions", &body)
            .bearer(&key)
            .send()
            .await
            .unwrap();
        let id = tests::stage::call_id(&answer);
        assert_eq!(answer.status, 200);
        let page = console.open("/calls").await;
        assert!(
            page.body.contains(&id) && page.text().contains("mine/gpt-4o-mini"),
            "{}",
            page.text()
        );
        let page = console.open(&format!("/calls/{id}")).await;
        assert!(
            page.status == 200 && page.body.contains("first") && page.body.contains("req_fake"),
            "{}",
            page.body
        );

        let page = console.open("/audit").await;
        for action in [
            "Owner set up",
            "Provider added",
            "Credential added",
            "Models refreshed",
            "API key made",
        ] {
            assert!(
                page.text().contains(action),
                "{action} is not in the audit: {}",
                page.text()
            );
        }
        for secret in [key.as_str(), upstream.key(), PASSWORD, "sk-not-the-right-credential-1"] {
            assert!(!page.body.contains(secret));
        }
    })
    .await;
}

#[tokio::test]
async fn moving_a_provider_to_another_host_drops_its_credentials() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let elsewhere = Upstream::start().await.unwrap();
        stage
            .set_provider(&[("base_url", &format!("{}/deeper", stage.upstream.base_url()))])
            .await;
        let credentials = async || {
            let providers = stage.hub.json(&["provider", "list"], "").await;
            providers[0]["credentials"].as_array().unwrap().len()
        };
        assert_eq!(credentials().await, 1, "another path is the same place");
        stage.set_provider(&[("base_url", &elsewhere.base_url())]).await;
        assert_eq!(credentials().await, 0);
        let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
        assert!(!answer.status.is_success());
        let leaked = elsewhere.requests().iter().any(|record| {
            record
                .headers
                .values()
                .any(|value| value.to_str().is_ok_and(|text| text.contains(stage.upstream.key())))
        });
        assert!(!leaked, "the credential went to another host");
    })
    .await;
}

#[tokio::test]
async fn a_provider_is_disabled_enabled_and_deleted_by_its_typed_name() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let status = async || stage.chat(&hello("gpt-4o-mini")).send().await.unwrap().status.as_u16();
        let mut console = stage.admin().await;
        let path = format!("/providers/{}", stage.provider_id);
        let page = console.open(&path).await;
        let page = console.submit(&page.form("switch_provider")).await;
        assert_eq!(status().await, 404);
        console.submit(&page.form("switch_provider")).await;
        assert_eq!(status().await, 200);
        let page = console.open(&format!("{path}/delete")).await;
        let form = page.form("delete_provider");
        let page = console.submit(&form.clone().with("typed", "fak")).await;
        assert!(page.path.ends_with("/delete"), "{}", page.path);
        assert_eq!(status().await, 200);
        assert_eq!(console.submit(&form.with("typed", "fake")).await.path, "/providers");
        assert_eq!(status().await, 404);
        let calls = console.open("/calls").await;
        assert!(
            calls.text().contains("fake/gpt-4o-mini"),
            "the log outlives what it names"
        );
    })
    .await;
}

#[tokio::test]
async fn the_last_owner_stays() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let users = stage.hub.json(&["user", "list"], "").await;
        let path = format!("/users/{}", users[0]["id"].as_str().unwrap());
        let mut console = stage.admin().await;
        let page = console.open(&path).await;
        for (function, form) in [
            ("suspend_user", page.form("suspend_user")),
            ("set_user_role", page.form("set_user_role").with("role", "member")),
        ] {
            let page = console.submit(&form).await;
            assert!(page.body.contains("last active owner"), "{function}: {}", page.body);
        }
        assert_eq!(console.open("/users").await.status, 200);
        let users = stage.hub.json(&["user", "list"], "").await;
        assert_eq!(
            (users[0]["role"].as_str(), users[0]["suspended"].as_bool()),
            (Some("owner"), Some(false))
        );
    })
    .await;
}

#[tokio::test]
async fn language_and_theme_are_remembered() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let mut console = stage.admin().await;
        let page = console.open("/account").await;
        let page = console
            .submit(&page.form("set_language").with("language", "zh-CN"))
            .await;
        assert!(page.body.contains("<html lang=\"zh"), "{}", page.body);
        let page = console.submit(&page.form("set_theme").with("theme", "dark")).await;
        assert!(page.body.contains("data-theme=\"dark\""), "{}", page.body);
        // Another browser of the same person.
        let mut other = Console::new(stage.hub.address());
        let page = other.sign_in(ADMIN, PASSWORD).await;
        assert!(page.body.contains("<html lang=\"zh") && page.body.contains("data-theme=\"dark\""));
    })
    .await;
}
