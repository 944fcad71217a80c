//! Who asks is looked at when they have said what they want, too: what was taken from them while their request was on its way is
//! gone.

use std::net::SocketAddr;

use serde_json::{Value, json};
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
}

impl Held {
    async fn begin(address: SocketAddr, path: &str, head: &str, body: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n{head}\r\n",
            body.len()
        );
        let (first, rest) = body.as_bytes().split_at(5);
        stream.write_all(&[head.as_bytes(), first].concat()).await.unwrap();
        Self {
            stream,
            rest: rest.to_vec(),
        }
    }

    /// Sends the rest, and gives the status of the answer.
    async fn finish(mut self) -> u16 {
        self.stream.write_all(&self.rest).await.unwrap();
        let mut answer = Vec::new();
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
        for way in ["suspended", "role", "disabled", "revoked"] {
            let robot = Api::of(&stage.hub, "eve@example.test").await;
            let key = format!("/keys/{}", robot.key_id);
            let before = users().await;
            // Whoever makes people knows that it would do.
            let held = Held::begin(address, "/api/admin/users", &with_key(&robot.key), &back).await;
            match way {
                "suspended" => edit(format!("/users/{eve}"), json!({ "suspended": true })).await,
                "role" => edit(format!("/users/{eve}"), json!({ "role": "member" })).await,
                "disabled" => edit(key, json!({ "disabled": true })).await,
                _ => drop(owner.post(&format!("{key}/revoke"), &json!({})).await.expect(200)),
            }
            let status = held.finish().await;
            assert!((401..404).contains(&status), "{way}: {status}");
            assert_eq!(users().await, before, "{way}");
            edit(format!("/users/{eve}"), json!({ "suspended": false, "role": "admin" })).await;
        }
        // Where nothing is taken it is done.
        let robot = Api::of(&stage.hub, "eve@example.test").await;
        let held = Held::begin(address, "/api/admin/users", &with_key(&robot.key), &back).await;
        assert_eq!(held.finish().await, 201);
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
        owner.delete(&format!("/projects/{project}/payer")).await.expect(204);
        within_a_second(async || held().await.finish().await == 403).await;
        let before = calls();
        assert_eq!(on_its_way.finish().await, 403);
        assert_eq!(calls(), before, "nobody was asked");
    })
    .await;
}
