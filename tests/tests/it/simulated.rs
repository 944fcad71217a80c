//! A simulated provider says "simulated" wherever it shows, whatever an admin calls it.

use serde_json::{Value, json};
use tests::console::Console;
use tests::hub::Hub;
use tests::stage::{ADMIN, PASSWORD, call_id, on_both};

#[tokio::test]
async fn simulated_answers_say_so_under_any_name() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let arguments = [
            "provider",
            "add",
            "--kind",
            "simulated",
            "--name",
            "acme",
            "--title",
            "Acme",
        ];
        hub.json(&arguments, "").await;
        let made = hub.create_key(ADMIN, "k").await;
        let key = made["key"].as_str().unwrap();
        hub.serve().await;

        let (_, list) = hub.get("/v1/models").bearer(key).json().await.unwrap();
        for model in list["data"].as_array().unwrap() {
            assert_eq!(model["owned_by"], "simulated", "{model}");
        }
        let embed = json!({"model": "acme/embed", "input": "a"});
        let (_, answer) = hub.post("/v1/embeddings", &embed).bearer(key).json().await.unwrap();
        assert!(answer.to_string().contains("simulated"), "{answer}");

        let chat = json!({"model": "acme/echo", "messages": [{"role": "user", "content": "Hi"}]});
        let answer = hub
            .post("/v1/chat/completions", &chat)
            .bearer(key)
            .send()
            .await
            .unwrap();
        let id = call_id(&answer);
        let (_, row): (_, Value) = hub.get(&format!("/v1/calls/{id}")).bearer(key).json().await.unwrap();
        assert_eq!(row["provider_kind"], "simulated", "{row}");

        let mut console = Console::new(hub.address());
        console.sign_in(ADMIN, PASSWORD).await;
        for path in [
            "/",
            "/calls",
            &format!("/calls?open={id}"),
            &format!("/calls/{id}"),
            "/models",
            "/providers",
        ] {
            let page = console.open(path).await;
            let said = tests::console::form::text(&page.body).to_lowercase();
            assert!(said.contains("simulated"), "{path}: {said}");
        }
        // Without scripts, too.
        let page = console.open("/playground?model=acme/echo").await;
        let form = page.form("ask_once").with("message", "Hello there");
        let page = console.send(&form).await;
        let said = tests::console::form::text(&page.body);
        let (_, answered) = said.split_once("Hello there").unwrap();
        assert!(answered.contains("simulated"), "{said}");
        for command in [["call", "list"], ["model", "list"], ["provider", "list"]] {
            let ran = hub.run(&command, "").await;
            for line in ran.stdout.lines().skip(1) {
                assert!(line.contains("simulated"), "{command:?}: {line}");
            }
        }
    })
    .await;
}
