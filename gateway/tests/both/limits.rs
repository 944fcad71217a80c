//! Limits of models and providers go with what they are on, and the list of changes tells of them.

use domain::{
    access::Admin,
    audit::AuditFilter,
    limit::{Measure, Span, Subject, Window},
    page::{Cursor, PageSize},
    refusal::{Refusal, Thing},
};
use gateway::{Error, Gateway, LimitDraft, Origin, ProcessKind};
use serde_json::{Value, json};

use crate::{
    hub::{Database, on_both},
    providers::with_models,
};

const HERE: Origin<'static> = Origin::at(None);

fn a_day(subject: Subject, most: i64) -> LimitDraft {
    LimitDraft {
        subject,
        measure: Measure::Requests,
        window: Window::Calendar(Span::Day),
        most,
    }
}

/// What stood before the newest change, which is of this action.
async fn before_newest(hub: &Gateway, action: &str) -> Value {
    let (filter, size) = (AuditFilter::default(), PageSize::default());
    let reader = Admin::system().reader();
    let page = hub.audit().page(&reader, &filter, Cursor::Newest, size).await.unwrap();
    assert_eq!(page.rows[0].action, action);
    serde_json::from_str(page.rows[0].before.as_deref().unwrap()).unwrap()
}

async fn limits(database: &Database) -> i64 {
    database.numbers("SELECT COUNT(*) FROM usage_limit").await[0]
}

#[tokio::test]
async fn limits_go_with_a_model_and_a_provider_and_are_told_in_the_list_of_changes() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = Admin::system();
        let provider = with_models(&hub, "p", &["m", "n"]).await;
        let other = with_models(&hub, "q", &["m"]).await;
        let models = hub.models().list(&root.reader()).await.unwrap();
        let model = |name: &str| models.iter().find(|model| model.public_name() == name).unwrap().id;
        for (subject, most) in [
            (model("p/m").into(), 3),
            (model("p/n").into(), 4),
            (provider.id.into(), 5),
            (model("q/m").into(), 6),
            (other.id.into(), 7),
        ] {
            hub.limits().set(&root, HERE, a_day(subject, most)).await.unwrap();
        }
        let edit = hub.models().set_enabled(&root, HERE, model("p/m"), false).await;
        edit.unwrap();
        let told =
            |on: &str, most: &str| json!({ "limit": "requests per day", "rolling": false, "most": most, "on": on });
        hub.models().delete(&root, HERE, model("p/m")).await.unwrap();
        let before = before_newest(&hub, "model.delete").await;
        assert_eq!(
            (&before["model"], &before["enabled"], &before["limits"]),
            (&json!("p/m"), &json!(false), &json!([told("p/m", "3")])),
            "{before}"
        );
        assert_eq!(limits(&database).await, 4);
        hub.providers().delete(&root, HERE, provider.id, "p").await.unwrap();
        let before = before_newest(&hub, "provider.delete").await;
        assert_eq!(before["limits"], json!([told("p/n", "4"), told("p", "5")]), "{before}");
        assert_eq!(
            (&before["name"], &before["enabled"]),
            (&json!("p"), &json!(true)),
            "{before}"
        );
        // Those of others stay, and a limit of what is gone is not made.
        assert_eq!(limits(&database).await, 2);
        let gone = hub.limits().set(&root, HERE, a_day(provider.id.into(), 1)).await;
        assert!(
            matches!(gone, Err(Error::Refused(Refusal::NotFound { what: Thing::Provider }))),
            "{gone:?}"
        );
    })
    .await;
}

/// Of a model that goes while somebody limits it no limit is left behind, on whichever server.
#[tokio::test]
async fn no_limit_outlives_its_model() {
    on_both(async |database| {
        let hub = database.serve().await;
        let command = database.open(ProcessKind::Command).await.unwrap();
        let root = Admin::system();
        let names: Vec<String> = (0..20).map(|number| format!("m{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        with_models(&hub, "p", &names).await;
        for model in hub.models().list(&root.reader()).await.unwrap() {
            let (deletes, limits) = (hub.models(), command.limits());
            let (deleted, _) = tokio::join!(
                deletes.delete(&root, HERE, model.id),
                limits.set(&root, HERE, a_day(model.id.into(), 1))
            );
            deleted.unwrap();
        }
        assert_eq!(limits(&database).await, 0);
    })
    .await;
}
