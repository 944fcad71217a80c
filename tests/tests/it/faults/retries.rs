//! Second attempts: only where the first is provably free of cost, and each is a row.

use serde_json::json;
use tests::hub::Hub;
use tests::stage::{ADMIN, PASSWORD, Stage, call_id, hello, on_both, streamed};
use tests::upstream::{Fault, Rule, Settings, Upstream};

#[tokio::test]
async fn an_overloaded_provider_is_asked_once_more() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for body in [hello("gpt-4o-mini"), streamed(hello("gpt-4o-mini"))] {
            stage.upstream.fault_once(Fault::Overloaded);
            let answer = stage.chat(&body).send().await.unwrap();
            assert_eq!(answer.status, 200);
            let id = call_id(&answer);
            answer.bytes().await.unwrap();
            let row = stage.row(&id).await;
            assert_eq!(
                (&row["state"], &row["attempt_count"], &row["failure"]),
                (&json!("succeeded"), &json!(2), &json!(null))
            );
            assert_eq!(
                (&row["attempts"][0]["status"], &row["attempts"][0]["number"]),
                (&json!(503), &json!(1))
            );
            assert_eq!(row["attempts"][0]["failure"]["code"], "provider_overloaded");
            assert_eq!(
                (&row["attempts"][1]["status"], &row["attempts"][1]["failure"]),
                (&json!(200), &json!(null))
            );
        }
    })
    .await;
}

#[tokio::test]
async fn what_may_be_billed_is_never_sent_twice() {
    on_both(async |kind| {
        let stage = Stage::start(kind).await;
        for fault in [Fault::CutBefore, Fault::ResetBefore, Fault::ServerError, Fault::CutMid] {
            let before = stage.upstream.requests_to("/v1/chat/completions").len();
            stage.upstream.fault_once(fault);
            let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
            assert!(answer.status.is_server_error(), "{fault:?}");
            assert_eq!(
                stage.upstream.requests_to("/v1/chat/completions").len(),
                before + 1,
                "{fault:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_credential_that_is_refused_gives_way_to_another() {
    on_both(async |kind| {
        let good = "sk-second-credential-00000000001";
        let settings = Settings {
            keys: vec!["sk-first-credential-000000000001".to_owned(), good.to_owned()],
            ..Settings::default()
        };
        let upstream = Upstream::with(settings).await.unwrap();
        let mut hub = Hub::new(kind).await;
        hub.create_user(ADMIN, "admin", PASSWORD).await;
        let made = hub.create_key(ADMIN, "test").await;
        let added = hub.add_provider("fake", &upstream.base_url(), upstream.key()).await;
        hub.serve().await;
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let stage = Stage {
            key: text(&made["key"]),
            key_id: text(&made["id"]),
            provider_id: text(&added["id"]),
            hub,
            upstream,
        };

        let mut console = stage.admin().await;
        let page = console.open(&format!("/providers/{}", stage.provider_id)).await;
        let form = page
            .form("add_credential")
            .with("label", "spare")
            .with("credential", good);
        let after = console.submit(&form).await;
        assert!(after.body.contains("spare") && !after.body.contains(good));

        stage
            .upstream
            .add_rule(Rule::new(Fault::RateLimited).key(stage.upstream.key()));
        for _ in 0..4 {
            let answer = stage.chat(&hello("gpt-4o-mini")).send().await.unwrap();
            assert_eq!(answer.status, 200);
            let row = stage.row(&call_id(&answer)).await;
            let attempts = row["attempts"].as_array().unwrap();
            assert_eq!(attempts.last().unwrap()["status"], 200);
            let served = stage.upstream.requests_to("/v1/chat/completions");
            let wanted = format!("Bearer {good}");
            assert_eq!(served.last().unwrap().header("authorization"), Some(wanted.as_str()));
            assert!(attempts.len() <= 2);
        }
        // The one that was limited rests, so most calls never tried it.
        let limited = stage.upstream.requests_to("/v1/chat/completions");
        let first = format!("Bearer {}", stage.upstream.key());
        assert!(
            limited
                .iter()
                .filter(|record| record.header("authorization") == Some(&first))
                .count()
                <= 1
        );
    })
    .await;
}
