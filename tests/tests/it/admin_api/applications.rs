//! A call that names an application is another project's, and counts in the limits of its own key's project all the same.

use serde_json::json;
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both};

use super::client::{Api, text};

#[tokio::test]
async fn nobody_gets_out_of_a_limit_by_naming_an_application() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("eve@example.test", "member", PASSWORD).await;
        let (me, eve) = (owner.user(ADMIN).await, owner.user("eve@example.test").await);
        let project = json!({ "name": "shared", "payer": me });
        let project = owner.post("/projects", &project).await.expect(201);
        let project = text(&project["id"]);
        let member = format!("/projects/{project}/members/{eve}");
        owner.put(&member, &json!({ "role": "member" })).await.expect(200);
        let application = json!({ "application": "z1-app", "pays": false });
        let applications = format!("/projects/{project}/applications");
        owner.post(&applications, &application).await.expect(201);
        let make = async |draft| owner.post(&format!("/users/{eve}/keys"), &draft).await.expect(201);
        make(json!({ "name": "theirs", "project": project })).await;
        let own = make(json!({ "name": "own" })).await;
        let limit =
            json!({ "subject": eve.replace("user_", "proj_"), "measure": "requests", "window": "day", "limit": 2 });
        owner.put("/limits", &limit).await.expect(200);
        let call = async |application: Option<&str>| {
            let call = stage
                .hub
                .post("/v1/chat/completions", &hello("gpt-4o-mini"))
                .bearer(text(&own["key"]));
            let call = match application {
                Some(name) => call.header("x-aigne-hub-client-did", name),
                None => call,
            };
            let (status, body) = call.json().await.unwrap();
            (status.as_u16(), body)
        };
        assert_eq!(call(Some("z1-app")).await.0, 200);
        assert_eq!(call(None).await.0, 200);
        for application in [Some("z1-app"), None] {
            let (status, body) = call(application).await;
            // It is their own project, so they may know how it stands.
            assert_eq!((status, &body["error"]["limit"]["used"]), (429, &json!(2)), "{body}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_no_database_takes_is_none_of_ours() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        for name in ["%00", "a%00b"] {
            owner.delete(&format!("/identity-providers/{name}")).await.expect(404);
        }
    })
    .await;
}
