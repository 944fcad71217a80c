//! Pictures: OpenAI's `/v1/images/generations` and AIGNE's two addresses, at providers that draw in OpenAI's words, in Gemini's, and
//! within the hub. What was drawn, counted, held and charged stands in the call's row, on either database.

use std::time::Duration;

use serde_json::{Value, json};
use tests::client::Call;
use tests::hub::Kind;
use tests::stage::{SOON, Stage, call_id, on_both, with};
use tests::till::{audit, balance, charged, grant, nano, number, sell};
use tests::upstream::Fault;

const PATH: &str = "/v1/images/generations";
const FRAMEWORK: &str = "/api/v2/image";
const OLDER: &str = "/api/v2/image/generations";

/// A hub that knows the models which draw: of OpenAI's words under `fake`, of Gemini's under `gem`, of its own under `sim`.
async fn gallery(kind: Kind) -> Stage {
    let stage = Stage::prepare(kind).await;
    for model in ["gpt-image-1", "dall-e-3", "dall-e-2"] {
        stage
            .hub
            .json(&["model", "add", "--provider", "fake", "--name", model], "")
            .await;
    }
    let google = stage.hub.provider("google", "gem").at(&stage.upstream.google_url());
    let google = google.models(["gemini-2.5-flash-image", "gemini-2.5-flash"]);
    google.credential(stage.upstream.key()).add().await;
    stage.hub.provider("simulated", "sim").add().await;
    stage
}

async fn price(stage: &Stage, model: &str, prices: &[&str]) {
    stage
        .hub
        .json(&[&["price", "set", "--model", model], prices].concat(), "")
        .await;
}

async fn draw(stage: &Stage, path: &str, body: &Value) -> (u16, Value, Value) {
    let answer = stage.post(path, body).send().await.unwrap();
    let (status, id) = (answer.status.as_u16(), call_id(&answer));
    let told = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    (status, told, stage.row(&id).await)
}

fn asked(model: &str) -> Value {
    json!({ "model": model, "prompt": "a small cat" })
}

fn framework(model: &str, more: Value) -> Value {
    let input = json!({ "prompt": "a small cat", "modelOptions": { "model": model }, "outputFileType": "url" });
    json!({ "input": with(input, more), "agent": "$CHAT_MODEL", "options": { "streaming": false } })
}

#[tokio::test]
async fn pictures_are_paid_by_the_token_or_by_the_piece() {
    on_both(async |kind| {
        let mut stage = gallery(kind).await;
        let tokens = [
            "--input-per-million",
            "5",
            "--output-image-per-million",
            "40",
            "--output-per-million",
            "1",
        ];
        price(&stage, "fake/gpt-image-1", &tokens).await;
        let pieces = ["--image", "1024x1024/standard=0.04", "--image", "1792x1024/hd=0.12"];
        price(&stage, "fake/dall-e-3", &pieces).await;
        price(
            &stage,
            "gem/gemini-2.5-flash-image",
            &["--input-per-million", "0.30", "--output-per-million", "30"],
        )
        .await;
        sell(&stage.hub).await;
        grant(&stage.hub, "10").await;
        stage.hub.serve().await;

        // By the token: 3 words asked, two pictures of 272 tokens each.
        let body = with(
            asked("fake/gpt-image-1"),
            json!({ "n": 2, "quality": "low", "size": "1024x1024" }),
        );
        let (status, told, row) = draw(&stage, PATH, &body).await;
        assert_eq!((status, told["data"].as_array().unwrap().len()), (200, 2), "{told}");
        assert!(told["data"][1]["b64_json"].is_string());
        assert_eq!(
            (&row["usage"]["input_uncached"], &row["usage"]["output_image"]),
            (&json!(3), &json!(544))
        );
        assert_eq!(
            (&row["endpoint"], &row["drawn"]),
            (&json!("images"), &json!("2 1024x1024/low")),
            "{row}"
        );
        assert_eq!(nano(&row["charge"]), 3 * 5_000 + 544 * 40_000);

        // By the piece, of the size that it has where nothing is said.
        let (status, told, row) = draw(&stage, PATH, &asked("fake/dall-e-3")).await;
        assert_eq!(status, 200, "{told}");
        assert!(
            told["data"][0]["url"].as_str().unwrap().starts_with("https://")
                && told["data"][0]["revised_prompt"].is_string()
        );
        assert_eq!(
            (&row["drawn"], nano(&row["charge"])),
            (&json!("1 1024x1024/standard"), 40_000_000),
            "{row}"
        );
        let large = with(asked("fake/dall-e-3"), json!({ "size": "1792x1024", "quality": "hd" }));
        assert_eq!(nano(&draw(&stage, PATH, &large).await.2["charge"]), 120_000_000);
        // What has no price is refused before anybody is asked.
        let before = stage.upstream.requests_to(PATH).len();
        let other = with(asked("fake/dall-e-3"), json!({ "size": "1024x1792" }));
        let (status, told, _) = draw(&stage, PATH, &other).await;
        assert_eq!(
            (status, &told["error"]["code"]),
            (404, &json!("model_unpriced")),
            "{told}"
        );
        assert!(
            told["error"]["message"]
                .as_str()
                .unwrap()
                .contains("image/1024x1792/standard"),
            "{told}"
        );
        assert_eq!(stage.upstream.requests_to(PATH).len(), before);

        // Gemini draws in a chat's words, and counts pictures apart.
        let (status, told, row) = draw(&stage, PATH, &asked("gem/gemini-2.5-flash-image")).await;
        assert_eq!(
            (status, &told["usage"]["output_tokens"]),
            (200, &json!(1_290)),
            "{told}"
        );
        assert_eq!(
            (&row["usage"]["output_image"], &row["drawn"]),
            (&json!(1_290), &json!("1 auto/auto")),
            "{row}"
        );
        assert_eq!(nano(&row["charge"]), 3 * 300 + 1_290 * 30_000);

        let (spendable, held) = balance(&stage.hub).await;
        assert_eq!((spendable + charged(&stage.hub).await, held), (10_000_000_000, 0));
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn who_cannot_pay_for_all_of_them_gets_none_in_each_dialect() {
    on_both(async |kind| {
        let mut stage = gallery(kind).await;
        price(&stage, "fake/dall-e-2", &["--image", "1024x1024/standard=0.02"]).await;
        sell(&stage.hub).await;
        grant(&stage.hub, "0.05").await;
        stage.hub.serve().await;
        let three = json!({ "n": 3 });
        let (status, told, row) = draw(&stage, PATH, &with(asked("fake/dall-e-2"), three.clone())).await;
        assert_eq!(
            (status, &told["error"]["code"]),
            (402, &json!("insufficient_credits")),
            "{told}"
        );
        assert_eq!(
            (&told["error"]["credit"]["spendable"], &row["state"]),
            (&json!("0.05"), &json!("failed")),
            "{told}"
        );
        let (status, told, _) = draw(&stage, FRAMEWORK, &framework("fake/dall-e-2", three.clone())).await;
        assert_eq!((status, &told["error"]["type"]), (402, &json!("NOT_ENOUGH")), "{told}");
        let (status, told, _) = draw(&stage, OLDER, &with(asked("fake/dall-e-2"), three)).await;
        assert_eq!((status, &told["error"]["type"]), (402, &json!("NOT_ENOUGH")), "{told}");
        assert_eq!(stage.upstream.requests_to(PATH).len(), 0);
        // Two are paid for.
        let (status, _, row) = draw(&stage, PATH, &with(asked("fake/dall-e-2"), json!({ "n": 2 }))).await;
        assert_eq!((status, nano(&row["charge"])), (200, 40_000_000), "{row}");
        // A limit of the key is told in each dialect, too.
        let limit = [
            "limit",
            "set",
            "--key",
            &stage.key_id,
            "--requests",
            "0",
            "--per",
            "day",
        ];
        stage.hub.json(&limit, "").await;
        tests::stage::within_a_second(async || draw(&stage, PATH, &asked("fake/dall-e-2")).await.0 == 429).await;
        let (status, told, _) = draw(&stage, FRAMEWORK, &framework("fake/dall-e-2", json!({}))).await;
        assert_eq!(
            (status, told["error"]["limit"]["measure"].as_str()),
            (429, Some("requests")),
            "{told}"
        );
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn aignes_clients_draw_in_both_their_shapes() {
    on_both(async |kind| {
        let mut stage = gallery(kind).await;
        price(
            &stage,
            "fake/gpt-image-1",
            &["--input-per-million", "5", "--output-per-million", "40"],
        )
        .await;
        price(&stage, "fake/dall-e-3", &["--image", "1024x1024/standard=0.04"]).await;
        price(
            &stage,
            "gem/gemini-2.5-flash-image",
            &["--input-per-million", "1", "--output-per-million", "30"],
        )
        .await;
        sell(&stage.hub).await;
        grant(&stage.hub, "10").await;
        stage.hub.serve().await;

        let (status, told, row) = draw(
            &stage,
            FRAMEWORK,
            &framework("fake/gpt-image-1", json!({ "n": 2, "quality": "low" })),
        )
        .await;
        assert_eq!((status, told["images"].as_array().unwrap().len()), (200, 2), "{told}");
        let image = &told["images"][0];
        assert_eq!(
            (&image["type"], &image["mimeType"]),
            (&json!("file"), &json!("image/png"))
        );
        assert_eq!(
            (&told["model"], &told["modelWithProvider"]),
            (&json!("gpt-image-1"), &json!("fake/gpt-image-1"))
        );
        assert_eq!(
            (&told["usage"]["inputTokens"], &told["usage"]["outputTokens"]),
            (&json!(3), &json!(544))
        );
        assert_eq!(told["usage"]["creditPrefix"], "$");
        assert_eq!(told["usage"]["aigneHubCredits"].to_string(), "0.021775", "{row}");
        // OpenAI is told in its own words, and of nothing that is ours.
        let sent = stage.upstream.requests_to(PATH).pop().unwrap().json();
        assert_eq!(
            sent,
            json!({ "model": "gpt-image-1", "prompt": "a small cat", "n": 2, "quality": "low" })
        );

        let (status, told, _) = draw(&stage, FRAMEWORK, &framework("fake/dall-e-3", json!({}))).await;
        assert_eq!((status, &told["images"][0]["type"]), (200, &json!("url")), "{told}");

        // The older one. That bytes are wanted goes without saying for one model, and is told the other.
        for (model, key) in [("fake/gpt-image-1", "b64_json"), ("fake/dall-e-3", "b64_json")] {
            let body = with(asked(model), json!({ "responseFormat": "b64_json", "quality": null }));
            let (status, told, _) = draw(&stage, OLDER, &body).await;
            assert_eq!((status, &told["data"]), (200, &told["images"]), "{told}");
            let image = &told["images"][0];
            assert!(
                image[key].is_string() && image["base64"] == image[key] && image["b64Json"] == image[key],
                "{told}"
            );
            assert!(told["usage"]["aigneHubCredits"].is_number());
        }

        // A picture to begin with goes to Gemini as bytes, and nowhere else.
        let from = json!({ "image": [{ "type": "file", "data": "iVBORw0KGgo=", "mimeType": "image/png" }] });
        let (status, told, row) = draw(
            &stage,
            FRAMEWORK,
            &framework(
                "gem/gemini-2.5-flash-image",
                with(from.clone(), json!({ "size": "1536x1024" })),
            ),
        )
        .await;
        assert_eq!(
            (status, &told["images"][0]["type"]),
            (200, &json!("file")),
            "{told} {row}"
        );
        let sent = stage.upstream.requests().pop().unwrap().json();
        assert_eq!(sent["contents"][0]["parts"][0]["inlineData"]["mimeType"], "image/png");
        assert_eq!(sent["generationConfig"]["imageConfig"]["aspectRatio"], "3:2");
        assert_eq!(stage.upstream.violations(), Vec::<String>::new());
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused_in_the_callers_words() {
    on_both(async |kind| {
        let mut stage = gallery(kind).await;
        stage.hub.serve().await;
        let of = async |path: &str, body: Value| {
            let (status, told) = stage.post(path, &body).json().await.unwrap();
            (
                status.as_u16(),
                told["error"]["param"].as_str().unwrap_or_default().to_owned(),
                told,
            )
        };
        let gemini = "gem/gemini-2.5-flash-image";
        for (body, param) in [
            (json!({ "prompt": "x" }), "model"),
            (with(asked("fake/gpt-image-1"), json!({ "stream": true })), "stream"),
            (with(asked("fake/gpt-image-1"), json!({ "size": 7 })), "size"),
            // The provider's own words.
            (with(asked("fake/gpt-image-1"), json!({ "size": "3x3" })), "size"),
            (with(asked("fake/dall-e-3"), json!({ "n": 2 })), "n"),
            (json!({ "model": "fake/gpt-image-1" }), "prompt"),
            // Ours, of what the provider cannot be told.
            (with(asked(gemini), json!({ "n": 2 })), "n"),
            (json!({ "model": gemini, "prompt": " " }), "prompt"),
            (with(asked(gemini), json!({ "stream": "yes" })), "stream"),
            (
                with(
                    asked("fake/gpt-image-1"),
                    json!({ "image": "data:image/png;base64,AAAA" }),
                ),
                "",
            ),
        ] {
            let (status, told_param, told) = of(PATH, body.clone()).await;
            // The stage's provider is of the compatible kind: what it takes to begin with is its own matter.
            let passes = param.is_empty();
            assert_eq!((status, told_param.as_str()), (400, param), "{body} {told}");
            assert!(told["error"]["type"] == "invalid_request_error" || passes, "{told}");
        }
        let (status, _, told) = of(PATH, json!({ "model": gemini, "prompt": "something forbidden" })).await;
        assert_eq!(
            (status, &told["error"]["code"]),
            (400, &json!("content_policy_violation")),
            "{told}"
        );
        for (body, param) in [
            (json!({}), "input"),
            (json!({ "input": {} }), "input.prompt"),
            (
                framework(
                    "fake/gpt-image-1",
                    json!({ "image": [{ "type": "local", "path": "/x" }] }),
                ),
                "input.image",
            ),
        ] {
            let (status, told_param, told) = of(FRAMEWORK, body.clone()).await;
            assert_eq!((status, told_param.as_str()), (400, param), "{body} {told}");
        }
        // Nobody draws here: a chat's model of Gemini, and one that another provider would have to have.
        let before = stage.upstream.requests().len();
        let (status, param, told) = of(PATH, asked("gem/gemini-2.5-flash")).await;
        assert_eq!((status, param.as_str()), (400, "model"), "{told}");
        assert_eq!(stage.upstream.requests().len(), before, "nobody was asked");
        // The provider's refusal comes to AIGNE's clients in their dialect.
        for (path, body) in [
            (FRAMEWORK, framework("fake/gpt-image-1", json!({ "size": "3x3" }))),
            (OLDER, with(asked("fake/gpt-image-1"), json!({ "size": "3x3" }))),
        ] {
            let (status, _, told) = of(path, body).await;
            let error = &told["error"];
            assert_eq!((status, &error["type"]), (400, &json!("INVALID_REQUEST")), "{told}");
            assert!(error["timestamp"].is_string(), "{told}");
            assert!(error["message"].as_str().unwrap().contains("'3x3'"), "{told}");
        }
        let (status, _, told) = of(FRAMEWORK, json!({ "input": { "prompt": "x" } })).await;
        assert_eq!((status, &told["error"]["type"]), (404, &json!("NOT_FOUND")), "{told}");
        let (status, _, told) = of(PATH, asked(&format!("fake/{}", Fault::Overloaded.model()))).await;
        assert_eq!(status, 503, "{told}");
        let (status, told) = stage.hub.post(PATH, &asked("fake/gpt-image-1")).json().await.unwrap();
        assert_eq!(
            (status.as_u16(), &told["error"]["type"]),
            (401, &json!("authentication_error")),
            "{told}"
        );
    })
    .await;
}

/// A provider bills what it has drawn, whoever waits for it.
#[tokio::test]
async fn who_leaves_pays_for_what_was_drawn() {
    on_both(async |kind| {
        let mut stage = gallery(kind).await;
        price(
            &stage,
            "sim/draw",
            &["--input-per-million", "1", "--output-per-million", "100"],
        )
        .await;
        sell(&stage.hub).await;
        grant(&stage.hub, "10").await;
        stage.hub.serve().await;
        let body = with(asked("sim/draw"), json!({ "simulated": { "delay_ms": 3_000 } }));
        let asking = tokio::spawn(Call::post(stage.hub.address(), PATH, &body).bearer(&stage.key).send());
        let open = "SELECT COUNT(*) FROM call WHERE state = 'open'";
        tests::stage::within_a_second(async || number(&stage.hub, open).await == 1).await;
        asking.abort();
        let paid = async {
            while charged(&stage.hub).await != 3 * 1_000 + 272 * 100_000 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(SOON, paid).await.expect("what was drawn is paid");
        audit(&stage.hub).await;
    })
    .await;
}

#[tokio::test]
async fn who_draws_is_told_to_clients() {
    on_both(async |kind| {
        let mut stage = gallery(kind).await;
        price(&stage, "fake/dall-e-3", &["--image", "1024x1024/standard=0.04"]).await;
        stage.hub.serve().await;
        let (_, list) = stage.get("/v1/models").json().await.unwrap();
        let of = |id: &str| {
            list["data"]
                .as_array()
                .unwrap()
                .iter()
                .find(|model| model["id"] == id)
                .unwrap()["abilities"]
                .clone()
        };
        for id in [
            "fake/gpt-image-1",
            "fake/dall-e-3",
            "gem/gemini-2.5-flash-image",
            "sim/draw",
        ] {
            assert!(of(id)["output"].as_array().unwrap().contains(&json!("image")), "{id}");
        }
        assert_eq!(of("fake/gpt-image-1")["refuses"], json!(["response_format"]));
        assert_eq!(of("fake/gpt-4o-mini")["output"], json!(["text"]));
        for kind in ["image", "image_generation"] {
            let (_, list) = stage
                .hub
                .get(&format!("/api/ai/models?type={kind}"))
                .json()
                .await
                .unwrap();
            let keys: Vec<&str> = list
                .as_array()
                .unwrap()
                .iter()
                .map(|model| model["key"].as_str().unwrap())
                .collect();
            assert!(
                keys.contains(&"fake/dall-e-3") && keys.contains(&"sim/draw") && !keys.contains(&"fake/gpt-4o"),
                "{keys:?}"
            );
            assert!(
                list.as_array()
                    .unwrap()
                    .iter()
                    .all(|model| model["type"] == "image_generation")
            );
        }
    })
    .await;
}

/// The same words draw the same picture, a real one, without any provider.
#[tokio::test]
async fn the_simulated_provider_draws() {
    on_both(async |kind| {
        use base64::Engine as _;
        let mut stage = gallery(kind).await;
        stage.hub.serve().await;
        let (status, told, row) = draw(&stage, PATH, &asked("sim/draw")).await;
        assert_eq!((status, &row["drawn"]), (200, &json!("1 auto/auto")), "{told}");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(told["data"][0]["b64_json"].as_str().unwrap())
            .unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"));
        let again = draw(&stage, FRAMEWORK, &framework("sim/draw", json!({}))).await.1;
        assert_eq!(again["images"][0]["data"], told["data"][0]["b64_json"]);
    })
    .await;
}

/// What the provider counts is believed, what it does not count is estimated.
#[tokio::test]
async fn pictures_that_nobody_counted_are_estimated() {
    on_both(async |kind| {
        let mut stage = gallery(kind).await;
        stage.hub.serve().await;
        let body = asked(&format!("fake/{}", Fault::UsageMissing.model()));
        let (status, told, row) = draw(&stage, PATH, &body).await;
        assert_eq!((status, &row["usage_source"]), (200, &json!("estimated")), "{told}");
        assert_eq!(
            (&row["usage"]["output_image"], &row["drawn"]),
            (&json!(1_290), &json!("1 auto/auto")),
            "{row}"
        );
        let (_, _, row) = draw(&stage, PATH, &asked("fake/dall-e-2")).await;
        assert_eq!(
            (&row["usage_source"], &row["usage"]["output_image"]),
            (&json!("provider"), &json!(0)),
            "{row}"
        );
        let wrong = stage.hub.get(PATH).bearer(&stage.key);
        assert_eq!(wrong.send().await.unwrap().status.as_u16(), 405);
    })
    .await;
}
