//! Settings are told to programs as the console's page tells them to people: the same ones, with the same values and sources, to the same roles.

use serde_json::{Value, json};
use tests::console::Console;
use tests::stage::{ADMIN, PASSWORD, Stage, on_both};

use super::client::{Api, text};

/// A source in the words of the page, with what stands beside it.
fn on_the_page(source: &Value) -> (&'static str, Option<&str>) {
    let told = |name: &str| source[name].as_str();
    match text(&source["kind"]) {
        "default" => ("Default", None),
        "file" => ("File", told("path")),
        "environment" => ("Environment", told("variable")),
        "command_line" => ("Command line", None),
        "console" => ("Saved", None),
        other => panic!("{other}"),
    }
}

async fn both_tell_the_same(stage: &Stage, email: &str) -> Vec<Value> {
    let api = Api::of(&stage.hub, email).await;
    let mut console = Console::new(stage.hub.address());
    console.sign_in(email, PASSWORD).await;
    let page = console.open("/settings").await;
    let rows: Vec<&str> = page.body.split("<li id=\"").skip(1).collect();
    let rows: Vec<&str> = rows.into_iter().filter(|row| row.contains("setting-title")).collect();
    let told = api.get("/settings").await.expect(200);
    let told = told["data"].as_array().unwrap().clone();
    assert_eq!(rows.len(), told.len(), "as many for {email}");
    for entry in &told {
        let (name, value) = (text(&entry["name"]), text(&entry["value"]));
        let row = rows.iter().find(|row| row.starts_with(&format!("{name}\""))).unwrap();
        let shown = tests::console::form::text(&format!("<li id=\"{row}"));
        let (source, beside) = on_the_page(&entry["source"]);
        let end = shown.split("Source:").nth(1).unwrap();
        assert!(end.contains(source), "{entry}: {shown}");
        assert!(beside.is_none_or(|beside| end.contains(beside)), "{entry}: {shown}");
        // What is changed here stands on the page in words.
        let changeable = entry["changeable"].as_bool().unwrap();
        assert!(changeable || shown.contains(value), "{entry}: {shown}");
        assert_eq!(changeable, entry["file_key"].is_null() && entry["default"].is_string());
        // By its name it is the same.
        assert_eq!(api.get(&format!("/settings/{name}")).await.expect(200), *entry);
    }
    told
}

#[tokio::test]
async fn settings_are_told_with_their_sources_as_on_the_page() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        let api = Api::of(&stage.hub, ADMIN).await;
        api.patch("/settings/starter-credit", &json!({ "value": "1" }))
            .await
            .expect(200);
        let told = both_tell_the_same(&stage, ADMIN).await;
        let find = |name: &str| told.iter().find(|entry| entry["name"] == name).unwrap();
        let credit = find("starter-credit");
        assert_eq!(
            (&credit["value"], &credit["source"]),
            (&json!("1.00"), &json!({ "kind": "console" }))
        );
        assert_eq!(find("mode")["source"], json!({ "kind": "default" }));
        let key = find("HUB_MASTER_KEY");
        assert!(!text(&key["value"]).is_empty() && key["changeable"] == false, "{key}");
        let database = find("HUB_DATABASE_URL");
        assert_eq!(database["source"]["kind"], "environment", "{database}");
        // Who keeps money and no more sees what is changed here.
        stage.hub.create_user("billing@example.test", "billing", PASSWORD).await;
        let told = both_tell_the_same(&stage, "billing@example.test").await;
        assert!(told.iter().all(|entry| entry["changeable"] == true));
        let api = Api::of(&stage.hub, "billing@example.test").await;
        assert_eq!(api.get("/settings/HUB_LISTEN").await.error().0, "setting_not_found");
    })
    .await;
}
