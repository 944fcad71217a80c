//! Who asks is looked at when they have said what they want, too: what was taken from them while their request was on its way is
//! gone.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tests::hub::database::amid_a_change;
use tests::stage::{ADMIN, PASSWORD, Stage, hello, on_both, within_a_second};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::client::{Api, text};

/// A request whose head and first bytes have come, and whose rest has not.
struct Held {
    stream: TcpStream,
    rest: Vec<u8>,
    /// What was answered already, where the body is not waited for.
    answer: Vec<u8>,
}

impl Held {
    async fn begin(address: SocketAddr, path: &str, head: &str, body: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: {}\r\n{head}\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // It is told to go on once somebody waits for its body: whoever asks was looked at by then.
        let mut answer = Vec::new();
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            let came = stream.read_buf(&mut answer).await.unwrap();
            assert!(came > 0, "{}", String::from_utf8_lossy(&answer));
        }
        if answer.starts_with(b"HTTP/1.1 100 ") {
            answer.clear();
        }
        let (first, rest) = body.as_bytes().split_at(5);
        // Whoever was answered is not heard any more.
        let _ = stream.write_all(first).await;
        Self {
            stream,
            rest: rest.to_vec(),
            answer,
        }
    }

    /// Whether it was let in, and its body is waited for.
    fn is_waited_for(&self) -> bool {
        self.answer.is_empty()
    }

    /// Sends the rest, and gives the status of the answer.
    async fn finish(mut self) -> u16 {
        let mut answer = self.answer;
        if answer.is_empty() {
            self.stream.write_all(&self.rest).await.unwrap();
        }
        self.stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("no answer: {answer}"))
    }
}

fn with_key(key: &str) -> String {
    format!("authorization: Bearer {key}\r\ncontent-type: application/json\r\n")
}

#[tokio::test]
async fn what_is_taken_while_a_body_comes_is_gone() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        let address = stage.hub.address();
        let users = async || owner.all("/users").await.len();
        stage.hub.create_user("eve@example.test", "admin", PASSWORD).await;
        let eve = owner.user("eve@example.test").await;
        let back = json!({ "email": "back@example.test", "role": "admin", "password": PASSWORD }).to_string();
        let edit = async |path: String, what: Value| drop(owner.patch(&path, &what).await.expect(200));
        let project = owner
            .post(
                "/projects",
                &json!({ "name": "shared", "payer": owner.user(ADMIN).await }),
            )
            .await
            .expect(201);
        let place = format!("/projects/{}/members/{eve}", text(&project["id"]));
        for way in ["suspended", "role", "disabled", "revoked", "addresses", "left"] {
            let mut robot = Api::of(&stage.hub, "eve@example.test").await;
            if way == "left" {
                owner.put(&place, &json!({ "role": "member" })).await.expect(200);
                robot = Api::of_project(&stage.hub, "eve@example.test", Some(text(&project["id"]))).await;
            }
            let key = format!("/keys/{}", robot.key_id);
            let before = users().await;
            // Whoever makes people knows that it would do.
            let held = Held::begin(address, "/api/admin/users", &with_key(&robot.key), &back).await;
            // What is no change, and is looked at by nobody later.
            let mail = json!({ "to": "somebody@example.test" }).to_string();
            let sends = Held::begin(address, "/api/admin/mail/test", &with_key(&robot.key), &mail).await;
            assert!(held.is_waited_for() && sends.is_waited_for(), "{way}");
            match way {
                "addresses" => edit(key, json!({ "addresses": ["192.0.2.0/24"] })).await,
                "left" => drop(owner.delete(&place).await.expect(204)),
                "suspended" => edit(format!("/users/{eve}"), json!({ "suspended": true })).await,
                "role" => edit(format!("/users/{eve}"), json!({ "role": "member" })).await,
                "disabled" => edit(key, json!({ "disabled": true })).await,
                _ => drop(owner.post(&format!("{key}/revoke"), &json!({})).await.expect(200)),
            }
            let status = held.finish().await;
            assert!((401..404).contains(&status), "{way}: {status}");
            assert_eq!(users().await, before, "{way}");
            let status = sends.finish().await;
            assert!((401..404).contains(&status), "{way}: {status}");
            edit(format!("/users/{eve}"), json!({ "suspended": false, "role": "admin" })).await;
        }
        // Where nothing is taken it is done.
        let robot = Api::of(&stage.hub, "eve@example.test").await;
        let held = Held::begin(address, "/api/admin/users", &with_key(&robot.key), &back).await;
        assert_eq!(held.finish().await, 201);
        let mail = json!({ "to": "somebody@example.test" }).to_string();
        let sends = Held::begin(address, "/api/admin/mail/test", &with_key(&robot.key), &mail).await;
        let status = sends.finish().await;
        assert!(!(401..404).contains(&status), "{status}");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_signed_out_everywhere_does_nothing_more() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("eve@example.test", "member", PASSWORD).await;
        let eve = owner.user("eve@example.test").await;
        let mut console = tests::console::Console::new(stage.hub.address());
        for ends in [true, false] {
            console.sign_in("eve@example.test", PASSWORD).await;
            let form = console.open("/keys/new").await.form("create_key").with("name", "after");
            let head = format!(
                "cookie: {}\r\naccept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\norigin: http://{}\r\n",
                console.cookie_header(),
                stage.hub.address()
            );
            let held = Held::begin(stage.hub.address(), &form.action, &head, &form.encoded()).await;
            assert!(held.is_waited_for());
            if ends {
                let path = format!("/users/{eve}/sign-out");
                owner.post(&path, &json!({})).await.expect(200);
            }
            let status = held.finish().await;
            assert!((300..404).contains(&status), "{status}");
            let keys = owner.all("/keys").await;
            let hers = keys.iter().filter(|key| text(&key["user_id"]) == eve).count();
            assert_eq!(hers, usize::from(!ends), "{keys:?}");
        }
    })
    .await;
}

/// The look within a change, behind that at the whole body: a form of the console and a program's request wait for a change that takes
/// their right away, which nobody saw when they began to.
#[tokio::test]
async fn what_is_taken_while_a_change_waits_is_gone() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        let url = &stage.hub.database_url;
        stage.hub.create_user("eve@example.test", "admin", PASSWORD).await;
        let path = format!("/users/{}", owner.user("eve@example.test").await);
        let back = json!({ "suspended": false, "role": "admin" });
        let (hers, nothing) = (
            "(SELECT id FROM person WHERE email = 'eve@example.test')",
            "UPDATE setting SET value = value WHERE name = 'none'".to_owned(),
        );
        let ways = [
            ("session", format!("DELETE FROM session WHERE person_id = {hers}")),
            (
                "secured",
                format!("UPDATE person SET secured = secured + 1 WHERE id = {hers}"),
            ),
            (
                "suspended",
                format!("UPDATE person SET suspended = 1 WHERE id = {hers}"),
            ),
            ("role", format!("UPDATE person SET role = 'member' WHERE id = {hers}")),
            ("", nothing.clone()),
        ];
        let named = async |list: &str, name: &str| {
            let rows = owner.all(list).await;
            rows.iter().filter(|one| one["name"] == name).count()
        };
        for (way, taken) in ways {
            let mut console = tests::console::Console::new(stage.hub.address());
            console.sign_in("eve@example.test", PASSWORD).await;
            let name = format!("Eve {way}.");
            let form = console.open("/keys/new").await.form("create_key").with("name", &name);
            let page = amid_a_change(url, &taken, console.send(&form)).await;
            assert!((300..404).contains(&page.status.as_u16()), "{way}: {}", page.status);
            assert_eq!(named("/keys", &name).await, usize::from(way.is_empty()), "{way}");
            owner.patch(&path, &back).await.expect(200);
        }
        let ways = [
            (
                "revoked",
                format!("UPDATE api_key SET revoked_at = 1 WHERE person_id = {hers}"),
            ),
            (
                "disabled",
                format!("UPDATE api_key SET disabled_at = 1 WHERE person_id = {hers}"),
            ),
            (
                "suspended",
                format!("UPDATE person SET suspended = 1 WHERE id = {hers}"),
            ),
            ("role", format!("UPDATE person SET role = 'member' WHERE id = {hers}")),
            ("", nothing),
        ];
        for (way, taken) in ways {
            let robot = Api::of(&stage.hub, "eve@example.test").await;
            let name = format!("Robot {way}.");
            let named_so = json!({ "name": name });
            let told = amid_a_change(url, &taken, robot.patch(&path, &named_so)).await;
            let expected = if way.is_empty() { 200..201 } else { 401..404 };
            assert!(expected.contains(&told.status), "{way}: {} {}", told.status, told.body);
            assert_eq!(named("/users", &name).await, usize::from(way.is_empty()), "{way}");
            owner.patch(&path, &back).await.expect(200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_payer_who_withdrew_pays_for_no_call_that_was_on_its_way() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        stage.hub.create_user("eve@example.test", "member", PASSWORD).await;
        let eve = owner.user("eve@example.test").await;
        let me = owner.user(ADMIN).await;
        let project = owner
            .post("/projects", &json!({ "name": "shared", "payer": me }))
            .await
            .expect(201);
        let project = text(&project["id"]).to_owned();
        let member = json!({ "role": "member" });
        owner
            .put(&format!("/projects/{project}/members/{eve}"), &member)
            .await
            .expect(200);
        let draft = json!({ "name": "theirs", "project": project });
        let key = owner.post(&format!("/users/{eve}/keys"), &draft).await.expect(201);
        let chat = hello("gpt-4o-mini").to_string();
        let head = with_key(text(&key["key"]));
        let address = stage.hub.address();
        let calls = || {
            stage
                .upstream
                .requests()
                .iter()
                .filter(|one| one.path.ends_with("/chat/completions"))
                .count()
        };
        let held = async || Held::begin(address, "/v1/chat/completions", &head, &chat).await;
        assert_eq!(held().await.finish().await, 200);
        let on_its_way = held().await;
        assert!(on_its_way.is_waited_for());
        owner.delete(&format!("/projects/{project}/payer")).await.expect(204);
        within_a_second(async || held().await.finish().await == 403).await;
        let before = calls();
        assert_eq!(on_its_way.finish().await, 403);
        assert_eq!(calls(), before, "nobody was asked");
    })
    .await;
}

/// Where no key tells: a question of the playground, with scripts and without, is looked at when all of it is there.
#[tokio::test]
async fn whoever_is_signed_out_while_they_ask_is_answered_by_nobody() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let owner = Api::of(&stage.hub, ADMIN).await;
        let address = stage.hub.address();
        stage.hub.create_user("eve@example.test", "billing", PASSWORD).await;
        let eve = format!("/users/{}", owner.user("eve@example.test").await);
        let model = "fake/gpt-4o-mini";
        let question = json!({ "question": { "model": model, "messages": [{ "role": "user", "content": "Hi" }] } });
        let streamed = ("islands/playground/ask/ask", "application/octet-stream", "application/json");
        let once = ("pages/playground/once/ask_once", "text/html", "application/x-www-form-urlencoded");
        for (path, accept, kind, body, refused) in [
            (streamed.0, streamed.1, streamed.2, question.to_string(), [401, 403]),
            // Back to its page, with a sentence.
            (once.0, once.1, once.2, format!("model={model}&message=Hi"), [302, 302]),
        ] {
            for (way, expected) in [
                ("", 200),
                ("signed out", refused[0]),
                ("suspended", refused[0]),
                ("auditor", refused[1]),
                // Who may ask still is answered.
                ("member", 200),
            ] {
                let mut console = tests::console::Console::new(address);
                console.sign_in("eve@example.test", PASSWORD).await;
                let head = format!(
                    "cookie: {}\r\naccept: {accept}\r\ncontent-type: {kind}\r\nsec-fetch-site: same-origin\r\norigin: http://{address}\r\nreferer: http://{address}/playground\r\n",
                    console.cookie_header(),
                );
                let before = stage.upstream.requests().len();
                let held = Held::begin(address, &format!("/do/app/{path}"), &head, &body).await;
                assert!(held.is_waited_for(), "{path} {way}");
                match way {
                    "" => {}
                    "signed out" => drop(owner.post(&format!("{eve}/sign-out"), &json!({})).await.expect(200)),
                    "suspended" => drop(owner.patch(&eve, &json!({ "suspended": true })).await.expect(200)),
                    role => drop(owner.patch(&eve, &json!({ "role": role })).await.expect(200)),
                }
                let status = held.finish().await;
                let redirected = if (300..400).contains(&status) { 302 } else { status };
                assert_eq!(redirected, expected, "{path} {way}: {status}");
                let asked = stage.upstream.requests().len() - before;
                assert_eq!(asked, usize::from(expected == 200), "{path} {way}");
                let again = json!({ "suspended": false, "role": "billing" });
                owner.patch(&eve, &again).await.expect(200);
            }
        }
    })
    .await;
}
