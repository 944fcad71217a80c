//! A simulated provider says "simulated" wherever it shows, whatever an admin calls it, and keeps the pace that it is asked for.

use serde_json::{Value, json};
use tests::console::Console;
use tests::hub::Hub;
use tests::stage::{ADMIN, PASSWORD, SOON, call_id, on_both};

#[tokio::test]
async fn simulated_answers_say_so_under_any_name() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let acme = hub.provider("simulated", "acme");
        acme.flags(&["--title", "Acme"]).add().await;
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

#[tokio::test]
async fn simulated_answers_keep_the_pace_that_was_asked_for() {
    on_both(async |kind| {
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        hub.provider("simulated", "acme").add().await;
        let made = hub.create_key(ADMIN, "k").await;
        let key = made["key"].as_str().unwrap();
        hub.serve().await;
        let stream = |delay: u64, pace: u64| {
            let body = json!({
                "model": "acme/text", "stream": true, "messages": [{"role": "user", "content": "Hi"}],
                "simulated": {"delay_ms": delay, "pace_ms": pace},
            });
            hub.post("/v1/chat/completions", &body).bearer(key)
        };
        let hurried = async || {
            let answer = stream(0, 0).send().await.unwrap();
            let text = answer.text().await.unwrap();
            assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
        };
        // No clock is read: whoever was asked to pause for a minute is overtaken by who was not.
        let state = async |number: usize| {
            hub.calls()
                .await
                .into_iter()
                .nth(number)
                .map(|call| call["state"].clone())
        };
        let mut paced = stream(0, 60_000).send().await.unwrap();
        let first = paced.chunk().await.unwrap().unwrap();
        assert!(
            first.starts_with(b"data: {") && !first.windows(8).any(|part| part == b"This tex"),
            "{first:?}"
        );
        hurried().await;
        assert_eq!(
            (state(0).await, state(1).await),
            (Some(json!("succeeded")), Some(json!("open")))
        );

        let delayed = tokio::spawn(stream(60_000, 0).send());
        let begin = std::time::Instant::now();
        while state(0).await != Some(json!("open")) {
            assert!(begin.elapsed() < SOON, "the third call does not begin");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        hurried().await;
        assert_eq!(
            (state(0).await, state(1).await),
            (Some(json!("succeeded")), Some(json!("open")))
        );
        assert!(!delayed.is_finished(), "it sends nothing before its delay is over");
        delayed.abort();
    })
    .await;
}
