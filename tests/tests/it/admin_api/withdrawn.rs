//! Who may not call any more, calls no more: what runs by then ends within a second, in its client's words, and is charged for what
//! came until then. So on the server that was asked, and on another one.

use std::sync::Mutex;

use http::Method;
use serde_json::{Value, json};
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, SOON, Stage, call_id, hello, on_both, streamed, with, within_a_second};
use tests::upstream::Fault;

use super::client::{Api, text};

/// In which way somebody's calls end, what they are told, and how it is made good again; an empty path: they make a new key.
fn ways(user: &str, key: &str) -> [(&'static str, Method, String, Value, Value); 8] {
    let (user, key) = (format!("/users/{user}"), format!("/keys/{key}"));
    [
        (
            "suspended_user",
            Method::PATCH,
            user.clone(),
            json!({ "suspended": true }),
            json!({ "suspended": false }),
        ),
        (
            "suspended_user",
            Method::PATCH,
            user,
            json!({ "role": "auditor" }),
            json!({ "role": "member" }),
        ),
        (
            "disabled_api_key",
            Method::PATCH,
            key.clone(),
            json!({ "disabled": true }),
            json!({ "disabled": false }),
        ),
        // What is left of it does not let this call be.
        (
            "scope_not_allowed",
            Method::PATCH,
            key.clone(),
            json!({ "scopes": ["usage"] }),
            json!({ "scopes": ["inference", "usage"] }),
        ),
        (
            "model_not_allowed",
            Method::PATCH,
            key.clone(),
            json!({ "allowed": ["fake/gpt-4o"] }),
            json!({ "allowed": null }),
        ),
        (
            "address_not_allowed",
            Method::PATCH,
            key.clone(),
            json!({ "addresses": ["192.0.2.0/24"] }),
            json!({ "addresses": null }),
        ),
        (
            "revoked_api_key",
            Method::POST,
            format!("{key}/revoke"),
            Value::Null,
            Value::Null,
        ),
        ("revoked_api_key", Method::DELETE, key, Value::Null, Value::Null),
    ]
}

/// A stream that said its first words and nothing since.
struct Waiting {
    id: String,
    rest: tokio::task::JoinHandle<String>,
}

async fn begin(hub: &Hub, key: &str, path: &str) -> Waiting {
    let body = streamed(with(hello(&Fault::StallMid.model()), json!({ "max_tokens": 100 })));
    let mut answer = hub.post(path, &body).bearer(key).send().await.unwrap();
    assert_eq!(answer.status, 200);
    let id = call_id(&answer);
    assert!(!answer.chunk().await.unwrap().unwrap().is_empty());
    let rest = tokio::spawn(async move { answer.text().await.unwrap() });
    Waiting { id, rest }
}

/// Everything on the server `at`, while `api` asks another one, or the same.
async fn end_in_each_way(stage: &Stage, api: &Api, at: &Hub) {
    for fault in [Fault::StallMid, Fault::StallBefore] {
        let models = api.get(&format!("/models?q={}", fault.model())).await.expect(200);
        let path = format!("/models/{}/price/versions", text(&models["data"][0]["id"]));
        let price = json!({ "cost": { "input": "1000", "output": "1000" } });
        api.post(&path, &price).await.expect(201);
    }
    let mode = json!({ "value": "service-provider" });
    api.patch("/settings/mode", &mode).await.expect(200);
    let [sam, other] = ["sam@example.test", "other@example.test"];
    for email in [sam, other] {
        stage.hub.create_user(email, "member", PASSWORD).await;
        let credits = format!("/users/{}/credits/grants", api.user(email).await);
        let grant = json!({ "amount": "100", "reason": "to be charged" });
        api.post(&credits, &grant).await.expect(201);
    }
    let user = api.user(sam).await;
    let make = async |email: &str| {
        let made = stage.hub.create_key(email, "made").await;
        let (id, key) = (text(&made["id"]).to_owned(), text(&made["key"]).to_owned());
        within_a_second(async || at.get("/v1/models").bearer(&key).send().await.unwrap().status == 200).await;
        (id, key)
    };
    let (_, others) = make(other).await;
    let bystander = begin(at, &others, "/v1/chat/completions").await;
    for number in 0..8 {
        let (id, key) = make(sam).await;
        let (code, method, path, body, back) = ways(&user, &id)[number].clone();
        let running = [
            begin(at, &key, "/v1/chat/completions").await,
            begin(at, &key, "/v1/messages").await,
        ];
        // One that is answered as a whole, and waits for it.
        let whole = at
            .post("/v1/chat/completions", &hello(&Fault::StallBefore.model()))
            .bearer(&key);
        let before = stage.upstream.requests().len();
        let whole = tokio::spawn(async move { whole.json().await.unwrap() });
        stage.upstream.wait_for_requests(before + 1, SOON).await.unwrap();
        let ask = async |body: &Value| {
            let call = api.call(method.clone(), &path);
            let call = if body.is_null() {
                call
            } else {
                call.body(body.to_string()).content_type("application/json")
            };
            let told = api.hear(call).await;
            assert!((200..300).contains(&told.status), "{}", told.body);
        };
        ask(&body).await;
        within_a_second(async || running.iter().all(|one| one.rest.is_finished()) && whole.is_finished()).await;
        let (status, refused) = whole.await.unwrap();
        let wanted = if code.ends_with("_not_allowed") { 403 } else { 401 };
        assert_eq!(
            (status.as_u16(), text(&refused["error"]["code"])),
            (wanted, code),
            "{refused}"
        );
        for (waiting, end) in running.into_iter().zip(["[DONE]", "message_stop"]) {
            let told = waiting.rest.await.unwrap();
            assert!(
                !told.contains(end) && told.contains("The call was ended while it ran"),
                "{code}: {told}"
            );
            // Anthropic's dialect has no place for a code.
            assert!(told.contains(code) || end == "message_stop", "{told}");
            let call = api.get(&format!("/calls/{}", waiting.id)).await.expect(200);
            let call = if call["call"].is_object() { &call["call"] } else { &call };
            assert_eq!(
                (text(&call["state"]), text(&call["failure"]["code"])),
                ("cancelled", code),
                "{call}"
            );
            let charge: f64 = call["charge"].as_str().unwrap_or("0").parse().unwrap();
            assert!(charge > 0.0, "what came is paid: {call}");
        }
        if !back.is_null() {
            ask(&back).await;
            within_a_second(async || at.get("/v1/models").bearer(&key).send().await.unwrap().status == 200).await;
        }
    }
    // Nobody else's.
    assert!(!bystander.rest.is_finished());
    bystander.rest.abort();
}

#[tokio::test]
async fn running_answers_end_with_the_right_to_ask() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        end_in_each_way(&stage, &api, &stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn they_end_on_another_server_too() {
    let mut stage = Stage::prepare(Kind::Postgres).await;
    let mut twin = stage.hub.twin();
    let master = std::fs::read_to_string(stage.hub.data().join("master.key")).unwrap();
    twin.set("HUB_MASTER_KEY", master.trim());
    stage.hub.serve().await;
    twin.serve().await;
    let api = Api::of(&stage.hub, ADMIN).await;
    end_in_each_way(&stage, &api, &twin).await;
}

/// A member is taken out of a project; and whoever has a shell on the machine makes somebody an auditor, beside the server.
#[tokio::test]
async fn they_end_whoever_says_so() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("sam@example.test", "member", PASSWORD).await;
        let sam = api.user("sam@example.test").await;
        let project = api.post("/projects", &json!({ "name": "Shared" })).await.expect(201);
        let member = format!("/projects/{}/members/{sam}", text(&project["id"]));
        api.put(&member, &json!({ "role": "member" })).await.expect(200);
        let make = async |draft: Value| {
            let made = api.post(&format!("/users/{sam}/keys"), &draft).await.expect(201);
            text(&made["key"]).to_owned()
        };
        let own = make(json!({ "name": "own" })).await;
        let shared = make(json!({ "name": "shared", "project": project["id"] })).await;
        // A third one is somebody else's, of a project that a third person pays for.
        for email in ["mia@example.test", "payer@example.test"] {
            stage.hub.create_user(email, "member", PASSWORD).await;
        }
        let (mia, payer) = (api.user("mia@example.test").await, api.user("payer@example.test").await);
        let draft = json!({ "name": "Paid", "payer": payer });
        let other = api.post("/projects", &draft).await.expect(201);
        let other = text(&other["id"]);
        api.put(
            &format!("/projects/{other}/members/{mia}"),
            &json!({ "role": "member" }),
        )
        .await
        .expect(200);
        let draft = json!({ "name": "paid", "project": other });
        let made = api.post(&format!("/users/{mia}/keys"), &draft).await.expect(201);
        let (paid, key) = (text(&made["key"]).to_owned(), format!("/keys/{}", text(&made["id"])));
        let running = Mutex::new(Vec::new());
        for key in [&own, &shared, &paid] {
            let waiting = begin(&stage.hub, key, "/v1/chat/completions").await;
            running.lock().unwrap().push(waiting);
        }
        let ended = |place: usize| running.lock().unwrap()[place].rest.is_finished();
        // What is left of this key lets its call be.
        let narrowed = json!({ "allowed": ["fake/*"], "addresses": ["127.0.0.0/8"], "scopes": ["inference"] });
        api.patch(&key, &narrowed).await.expect(200);
        api.delete(&member).await.expect(204);
        within_a_second(async || ended(1)).await;
        assert!(!ended(0), "the other key is no matter of that project");
        let set_role = ["user", "set-role", "--email", "sam@example.test", "--role", "auditor"];
        stage.hub.json(&set_role, "").await;
        within_a_second(async || ended(0)).await;
        assert!(!ended(2));
        // Whose account pays spends nothing any more.
        let suspend = json!({ "suspended": true });
        api.patch(&format!("/users/{payer}"), &suspend).await.expect(200);
        within_a_second(async || ended(2)).await;
        let [own, shared, paid]: [Waiting; 3] = std::mem::take(&mut *running.lock().unwrap()).try_into().ok().unwrap();
        assert!(own.rest.await.unwrap().contains("suspended_user"));
        assert!(shared.rest.await.unwrap().contains("not_a_project_member"));
        assert!(paid.rest.await.unwrap().contains("unpaid_project"));
    })
    .await;
}
