//! Everybody's keys, in pages; by the admin API and in the console.

use serde_json::{Value, json};
use tests::console::{Console, Page};
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

use super::client::{Api, text};

/// A page reads its own keys and no others: one that cannot be read any more is in the way of its own page alone.
#[tokio::test]
async fn pages_of_keys_stay_whole_and_know_nothing_of_each_other() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let sam = json!({ "email": "sam@many.test" });
        let sam = api.post("/users", &sam).await.expect(201);
        let sam = text(&sam["id"]).to_owned();
        let mut made = Vec::new();
        for number in 0..53_u32 {
            let bound = json!({ "name": format!("k{number}"), "allowed": ["fake/gpt-4o-mini"] });
            let draft = if number.is_multiple_of(2) {
                bound
            } else {
                json!({ "name": format!("k{number}") })
            };
            let key = api.post(&format!("/users/{sam}/keys"), &draft).await.expect(201);
            made.push(text(&key["id"]).to_owned());
        }
        // Newest first, whoever comes and goes; an earlier secret is no key of its own.
        let first = api.get(&format!("/keys?user={sam}&limit=25")).await.expect(200);
        api.delete(&format!("/keys/{}", made[28])).await.expect(204);
        api.post(&format!("/users/{sam}/keys"), &json!({ "name": "late" }))
            .await
            .expect(201);
        api.post(&format!("/keys/{}/rotate", api.key_id), &json!({}))
            .await
            .expect(200);
        let next = text(&first["next_cursor"]).to_owned();
        let second = api
            .get(&format!("/keys?user={sam}&limit=25&cursor={next}"))
            .await
            .expect(200);
        let ids = |page: &Value| -> Vec<String> {
            let rows = page["data"].as_array().unwrap().iter();
            rows.map(|row| text(&row["id"]).to_owned()).collect()
        };
        assert_eq!(ids(&first), made[28..].iter().rev().cloned().collect::<Vec<_>>());
        assert_eq!(ids(&second), made[3..28].iter().rev().cloned().collect::<Vec<_>>());
        let bound = |row: &Value| !row["allowed"].is_null();
        for row in second["data"].as_array().unwrap() {
            let number: u32 = text(&row["name"])[1..].parse().unwrap();
            assert_eq!(bound(row), number.is_multiple_of(2), "{row}");
        }
        let next = text(&second["next_cursor"]).to_owned();
        let last = api
            .get(&format!("/keys?user={sam}&limit=25&cursor={next}"))
            .await
            .expect(200);
        assert_eq!((ids(&last).len(), &last["next_cursor"]), (3, &Value::Null));
        let projects = api.all("/keys?project=proj_0000000000000").await;
        assert!(projects.is_empty(), "{projects:?}");
        let all = api.all("/keys").await;
        assert_eq!(all.iter().filter(|row| text(&row["user_id"]) == sam).count(), 53);

        let oldest = "UPDATE api_key SET name = '' WHERE name = 'k0'";
        tests::hub::database::execute(&stage.hub.database_url, oldest).await;
        api.get("/keys?limit=25").await.expect(200);
        api.get(&format!("/keys/{}", made[50])).await.expect(200);
        assert_eq!(api.get(&format!("/keys/{}", made[0])).await.status, 500);
    })
    .await;
}

/// Where a page leads on to in this direction.
fn way(page: &Page, rel: &str) -> String {
    let links = page.body.split("<a ").skip(1);
    let link = links
        .filter_map(|link| link.split('>').next())
        .find(|link| link.contains(&format!("rel=\"{rel}\"")));
    let link = link.unwrap_or_else(|| panic!("{} leads to no {rel}: {}", page.path, page.text()));
    let href = link
        .split("href=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    href.split('#').next().unwrap().replace("&amp;", "&")
}

/// So too in the console: where one key cannot be read, all pages are made but the one that it stands on.
#[tokio::test]
async fn pages_of_the_console_read_their_own_keys_and_no_others() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        let email = "sam@many.test";
        stage.hub.create_user(email, "member", PASSWORD).await;
        let sam = api.user(email).await;
        let mut place = String::new();
        for number in 0..103 {
            let draft = json!({ "name": format!("k{number}.") });
            let key = api.post(&format!("/users/{sam}/keys"), &draft).await.expect(201);
            text(&key["project_id"]).clone_into(&mut place);
        }
        let (mut admin, mut own) = (stage.admin().await, Console::new(stage.hub.address()));
        own.sign_in(email, PASSWORD).await;
        let rename = async |from: &str, to: &str| {
            let rename = format!("UPDATE api_key SET name = '{to}' WHERE name = '{from}'");
            tests::hub::database::execute(&stage.hub.database_url, &rename).await;
        };
        rename("k0.", "").await;
        for path in ["/", "/calls", &format!("/users/{sam}/delete")] {
            let page = admin.ask(path).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(
                !path.ends_with("delete") || page.text().contains("Their keys (103)"),
                "{}",
                page.text()
            );
        }
        for path in ["/", "/calls"] {
            assert_eq!(own.ask(path).await.status, 200, "{path}");
        }
        for (by_admin, path) in [
            (true, "/keys?all=1&user=sam%40many.test&state=active".to_owned()),
            (true, format!("/users/{sam}")),
            (false, "/keys".to_owned()),
            (false, format!("/projects/{place}")),
        ] {
            let window = if by_admin { &mut admin } else { &mut own };
            let first = window.ask(&path).await;
            assert_eq!(first.status, 200, "{path}");
            assert!(first.text().contains("50 of 103"), "{path}: {}", first.text());
            assert!(
                first.text().contains("k53.") && !first.text().contains("k52."),
                "{path}"
            );
            let second = window.ask(&way(&first, "next")).await;
            assert!(
                second.text().contains("k52.") && second.text().contains("k3."),
                "{path}"
            );
            let older = way(&second, "next");
            assert_eq!(window.ask(&older).await.status, 500, "{older}");
            rename("", "k0.").await;
            let last = window.ask(&older).await;
            assert!(
                last.text().contains("3 of 103") && last.text().contains("k0."),
                "{older}"
            );
            let back = window.ask(&way(&last, "prev")).await;
            assert!(
                back.text().contains("k52.") && !back.text().contains("k2."),
                "{}",
                back.path
            );
            rename("k0.", "").await;
        }
    })
    .await;
}
