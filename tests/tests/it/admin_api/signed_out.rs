//! Whoever signs out, or is signed out, asks nothing more: an answer of the playground that runs by then ends within a second and is charged
//! for what came until then, on the server that was asked and on another one. Nobody else's does, nor one's own in another window.

use serde_json::{Value, json};
use tests::console::Console;
use tests::hub::{Hub, Kind};
use tests::stage::{ADMIN, PASSWORD, Stage, on_both, within_a_second};
use tests::upstream::Fault;
use tokio::task::JoinHandle;

use super::client::{Api, text};

const EVE: &str = "eve@example.test";

async fn window(at: &Hub) -> Console {
    let mut console = Console::new(at.address());
    console.sign_in(EVE, PASSWORD).await;
    console
}

/// An answer that said its first words and nothing since, in this window.
async fn asked(window: &Console, at: &Hub) -> JoinHandle<String> {
    let model = Fault::StallMid.model();
    let question = json!({ "question": { "model": model, "messages": [{ "role": "user", "content": "Hi" }] } });
    let call = at
        .post("/do/app/islands/playground/ask/ask", &question)
        .header("accept", "application/octet-stream")
        .header("origin", &at.origin())
        .header("sec-fetch-site", "same-origin")
        .header("cookie", &window.cookie_header());
    let mut answer = call.send().await.unwrap();
    assert_eq!(answer.status, 200);
    let mut told = String::new();
    while !told.contains(r#"{"text":"#) {
        let chunk = answer.chunk().await.unwrap();
        let chunk = chunk.unwrap_or_else(|| panic!("it ended: {told}"));
        told.push_str(&String::from_utf8_lossy(&chunk));
    }
    tokio::spawn(async move { told + &answer.text().await.unwrap() })
}

/// The same without scripts, which waits for all of it.
async fn asked_once(stage: &Stage, window: &Console) -> JoinHandle<()> {
    let mut window = window.clone();
    let form = window.open("/playground").await.form("ask_once");
    let form = form.with("model", &Fault::StallBefore.model()).with("message", "Hi");
    let before = stage.upstream.requests().len();
    let answer = tokio::spawn(async move { drop(window.send(&form).await) });
    stage
        .upstream
        .wait_for_requests(before + 1, tests::stage::SOON)
        .await
        .unwrap();
    answer
}

/// Everything on the server `at`, while `api` asks another one, or the same.
async fn end_in_each_way(stage: &Stage, api: &Api, at: &Hub) {
    stage.hub.create_user(EVE, "member", PASSWORD).await;
    let eve = format!("/users/{}", api.user(EVE).await);
    for way in [
        "sign_out",
        "end_session",
        "end_all_sessions",
        "end_other_sessions",
        "change_password",
        "by an admin",
    ] {
        let (mut mine, mut elsewhere) = (window(at).await, window(&stage.hub).await);
        let (running, other) = (asked(&mine, at).await, asked(&elsewhere, &stage.hub).await);
        let whole = asked_once(stage, &mine).await;
        let account = elsewhere.open("/account").await;
        let stays = match way {
            "sign_out" => {
                let page = mine.open("/account").await;
                mine.send(&page.form("sign_out")).await;
                true
            }
            "end_session" => {
                // Of all but this window.
                for form in account.forms("end_session") {
                    elsewhere.send(&form).await;
                }
                true
            }
            "change_password" => {
                let form = account.form("change_password").with("current", PASSWORD);
                let form = form
                    .with("new", "another long password")
                    .with("repeated", "another long password");
                elsewhere.submit(&form).await;
                true
            }
            "end_other_sessions" => {
                elsewhere.submit(&account.form(way)).await;
                true
            }
            "end_all_sessions" => {
                elsewhere.send(&account.form(way)).await;
                false
            }
            _ => {
                api.post(&format!("{eve}/sign-out"), &json!({})).await.expect(200);
                false
            }
        };
        within_a_second(async || running.is_finished() && whole.is_finished()).await;
        let told = running.await.unwrap();
        let call = told.split('"').find(|word| word.starts_with("call_")).unwrap();
        let call = api.get(&format!("/calls/{call}")).await.expect(200);
        let call = if call["call"].is_object() { &call["call"] } else { &call };
        assert_eq!(
            (text(&call["state"]), text(&call["failure"]["code"])),
            ("cancelled", "signed_out"),
            "{way}: {call}"
        );
        let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
        assert!(
            last["end"]
                .to_string()
                .contains("The call was ended while it ran. You have signed out"),
            "{way}: {last}"
        );
        if stays {
            assert!(!other.is_finished(), "{way}: another session goes on");
            other.abort();
        } else {
            within_a_second(async || other.is_finished()).await;
        }
        let password = json!({ "password": PASSWORD });
        api.put(&format!("{eve}/password"), &password).await.expect(204);
    }
}

#[tokio::test]
async fn an_answer_ends_with_the_session_in_which_it_was_asked() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        end_in_each_way(&stage, &api, &stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn it_ends_on_another_server_too() {
    let mut stage = Stage::prepare(Kind::Postgres).await;
    let mut twin = stage.hub.twin();
    let master = std::fs::read_to_string(stage.hub.data().join("master.key")).unwrap();
    twin.set("HUB_MASTER_KEY", master.trim());
    stage.hub.serve().await;
    twin.serve().await;
    let api = Api::of(&stage.hub, ADMIN).await;
    end_in_each_way(&stage, &api, &twin).await;
}
