//! What differs on the wire of a server without a preset: told on the command line, changed in the form, obeyed by calls, and audited.

use serde_json::json;
use tests::stage::{hello, on_both, within_a_second};

use super::wires;

#[tokio::test]
async fn what_differs_on_the_wire_can_be_told_of_any_server() {
    on_both(async |kind| {
        let stage = tests::stage::Stage::start(kind).await;
        let url = stage.upstream.base_url();
        let odd = stage.hub.provider("openai-compatible", "odd").at(&url);
        let odd = odd.flags(&["--max-tokens-only", "--no-stream-options", "--forbid-field", "store"]);
        let added = odd.credential(stage.upstream.key()).add().await;
        let mut body = hello("gpt-4o-mini");
        body["model"] = json!("odd/gpt-4o-mini");
        body["store"] = json!(true);
        body["max_completion_tokens"] = json!(7);
        body["messages"][0]["name"] = json!("somebody");
        within_a_second(async || stage.chat(&body).send().await.unwrap().status == 200).await;
        let sent = stage.upstream.requests_to("/v1/chat/completions").pop().unwrap().json();
        assert_eq!((&sent["max_tokens"], sent.get("store")), (&json!(7), None), "{sent}");
        assert_eq!(sent["messages"][0]["name"], "somebody");

        // The form shows what is stored, and changes it.
        let mut console = stage.admin().await;
        let id = added["id"].as_str().unwrap();
        let page = console.open(&format!("/providers/{id}/edit")).await;
        let form = page.form("update_provider");
        let page = console.submit(&form.with("forbidden_fields", "model")).await;
        assert!(page.body.contains("cannot be left out"), "{}", page.body);
        let form = page
            .form("update_provider")
            .with("forbidden_fields", "store, messages[].name");
        let page = console.submit(&form).await;
        assert!(
            page.body.contains("knows max_tokens only") && page.body.contains("messages[].name"),
            "{}",
            page.body
        );
        assert_eq!(stage.chat(&body).send().await.unwrap().status, 200);
        let sent = stage.upstream.requests_to("/v1/chat/completions").pop().unwrap().json();
        assert_eq!(
            (sent.get("store"), sent["messages"][0].get("name")),
            (None, None),
            "{sent}"
        );

        // Clients of other dialects: long ids of calls become nine letters, thoughts go back.
        let thinking = json!({"type": "thinking", "thinking": "It is sunny.", "signature": "sig"});
        let call =
            json!({"type": "tool_use", "id": "toolu_0123456789", "name": "get_weather", "input": {"city": "Bern"}});
        let result = json!({"type": "tool_result", "tool_use_id": "toolu_0123456789", "content": "21 degrees"});
        let ask = json!({
            "model": "odd/gpt-4o-mini", "max_tokens": 50,
            "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
            "messages": [
                {"role": "user", "content": "How is it?"},
                {"role": "assistant", "content": [thinking, call]},
                {"role": "user", "content": [result]},
            ],
        });
        let told = async || {
            wires::anthropic(&stage, &ask).send().await.unwrap();
            let mut sent = stage.upstream.requests_to("/v1/chat/completions").pop().unwrap().json();
            sent["messages"][1].take()
        };
        let before = told().await;
        assert_eq!(before["tool_calls"][0]["id"], "toolu_0123456789", "{before}");
        assert_eq!(before.get("reasoning_content"), None, "{before}");
        let page = console.open(&format!("/providers/{id}/edit")).await;
        assert!(page.body.contains("name=\"nine_letter_ids\""), "{}", page.body);
        // A box that is not ticked is no field yet.
        let form = page
            .form("update_provider")
            .and("nine_letter_ids", "true")
            .with("thoughts", "plain");
        let page = console.submit(&form).await;
        assert!(
            page.body.contains("takes earlier thoughts back") && page.body.contains("ids of calls with nine letters"),
            "{}",
            page.body
        );
        let after = told().await;
        assert_eq!(after["tool_calls"][0]["id"].as_str().map(str::len), Some(9), "{after}");
        assert_eq!(after["reasoning_content"], "It is sunny.", "{after}");

        // Every change stands in the audit, the newest first.
        let audit = console.open("/audit?subject=odd").await;
        let newest = audit
            .body
            .split("open=")
            .nth(1)
            .and_then(|rest| rest.split(['"', '&']).next())
            .unwrap();
        let change = console.open(&format!("/audit?subject=odd&open={newest}")).await;
        assert!(change.body.contains("nine_letter_ids"), "{}", change.body);
    })
    .await;
}
