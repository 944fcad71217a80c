//! When keys and credentials were last used: of what was used, and of nothing else. An orderly end writes what is still in
//! memory, so that no test has to wait for the next writing.

use serde_json::{Value, json};
use tests::stage::{ADMIN, PROVIDER, Stage, call_id, hello, on_both};
use tests::upstream::Fault;

/// The member of a list with this value of a field.
fn find<'a>(list: &'a Value, field: &str, value: &str) -> &'a Value {
    let found = list.as_array().unwrap().iter().find(|one| one[field] == value);
    found.unwrap_or_else(|| panic!("{value} is not listed: {list}"))
}

#[tokio::test]
async fn keys_and_credentials_know_when_they_were_last_used() {
    on_both(async |kind| {
        let mut stage = Stage::prepare(kind).await;
        let idle = stage.hub.create_key(ADMIN, "idle").await;
        let url = stage.upstream.base_url();
        stage.hub.add_provider("idle", &url, stage.upstream.key()).await;
        let keys = stage.hub.json(&["key", "list"], "").await;
        assert_eq!(find(&keys, "id", &stage.key_id)["last_used_at"], Value::Null, "{keys}");
        let moment = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("no moment: {value}"));
        // Adding a provider tests its credential, which is a use.
        let used =
            |providers: &Value, name: &str| moment(&find(providers, "name", name)["credentials"][0]["last_used_at"]);
        let before = stage.hub.json(&["provider", "list"], "").await;

        let mut last = i64::MIN;
        let mut last_of_credential = used(&before, PROVIDER);
        // The second run overwrites what the first has written; a failed call is a use as well.
        for fault in [None, Some(Fault::ServerError)] {
            stage.hub.serve().await;
            if let Some(fault) = fault {
                stage.upstream.fault_once(fault);
            }
            let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
            let id = call_id(&answer);
            answer.text().await.unwrap();
            let began = moment(&stage.row(&id).await["started_at"]);
            let process = stage.hub.take_process();
            process.ask_to_stop().await;
            assert!(process.ended().await.success());

            let keys = stage.hub.json(&["key", "list"], "").await;
            let at = moment(&find(&keys, "id", &stage.key_id)["last_used_at"]);
            assert!(at >= began && at > last, "{at} {began} {last}");
            last = at;
            assert_eq!(
                find(&keys, "id", idle["id"].as_str().unwrap())["last_used_at"],
                Value::Null
            );
            let providers = stage.hub.json(&["provider", "list"], "").await;
            let at = used(&providers, PROVIDER);
            assert!(
                at >= began && at > last_of_credential,
                "{at} {began} {last_of_credential}"
            );
            last_of_credential = at;
            assert_eq!(
                used(&providers, "idle"),
                used(&before, "idle"),
                "nothing was sent with it"
            );
            let health = &find(&providers, "name", PROVIDER)["credentials"][0]["health"];
            assert_eq!(health, &json!(if fault.is_some() { "failing" } else { "good" }));
        }
    })
    .await;
}
