//! Providers, credentials and models.

use domain::{
    access::Admin,
    catalog::ProviderKind,
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
    refusal::Refusal,
};
use gateway::{Error, Gateway, Origin, ProcessKind, SecretText};
use sqlx::Connection as _;

use crate::hub::{Database, on_both, within_a_second};

const HERE: Origin<'static> = Origin::at(None);

fn draft(name: &str, url: &str) -> ProviderDraft {
    ProviderDraft {
        name: name.parse().unwrap(),
        title: name.parse().unwrap(),
        kind: ProviderKind::OpenaiCompatible,
        preset: None,
        base_url: Some(url.parse().unwrap()),
        timeouts: Timeouts::DEFAULT,
        disconnect: DisconnectPolicy::Cancel,
        quirks: None,
    }
}

pub(crate) async fn with_models(hub: &Gateway, name: &str, models: &[&str]) -> domain::provider::Provider {
    let root = Admin::system();
    let provider = hub
        .providers()
        .create(&root, HERE, &draft(name, "https://api.example.com/v1"))
        .await
        .unwrap();
    for model in models {
        hub.models()
            .add(&root, HERE, provider.id, &model.parse().unwrap())
            .await
            .unwrap();
    }
    provider
}

#[tokio::test]
async fn a_bare_name_goes_to_the_first_provider_in_order() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = Admin::system();
        let (one, two) = (
            with_models(&hub, "one", &["gpt", "only/one"]).await,
            with_models(&hub, "two", &["gpt"]).await,
        );
        let served = |name: &str| {
            hub.snapshot()
                .resolve(name)
                .map(|candidate| candidate.public_name.to_string())
        };
        assert_eq!(served("gpt").as_deref(), Some("one/gpt"));
        assert_eq!(served("two/gpt").as_deref(), Some("two/gpt"));
        assert_eq!(
            served("only/one").as_deref(),
            Some("one/only/one"),
            "bare names may hold slashes"
        );
        assert_eq!(served("two/only/one"), None);
        hub.providers().move_to(&root, HERE, two.id, 1).await.unwrap();
        assert_eq!(served("gpt").as_deref(), Some("two/gpt"));
        hub.providers().set_enabled(&root, HERE, two.id, false).await.unwrap();
        assert_eq!(served("gpt").as_deref(), Some("one/gpt"));
        let models = hub.models().list(&root.reader()).await.unwrap();
        hub.models()
            .set_enabled(
                &root,
                HERE,
                models.iter().find(|model| model.public_name() == "one/gpt").unwrap().id,
                false,
            )
            .await
            .unwrap();
        assert_eq!(served("gpt"), None);
        hub.providers().delete(&root, HERE, one.id, "one").await.unwrap();
        assert_eq!(hub.models().list(&root.reader()).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn another_host_drops_the_credentials_and_another_path_keeps_them() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = Admin::system();
        let provider = with_models(&hub, "p", &[]).await;
        let secret = SecretText::from("sk-provider-0123456789".to_owned());
        hub.providers()
            .add_credential(&root, HERE, provider.id, &"main".parse().unwrap(), &secret)
            .await
            .unwrap();
        let kept = hub
            .providers()
            .update(&root, HERE, provider.id, &draft("p", "https://API.example.com:443/v2"))
            .await
            .unwrap();
        assert_eq!(kept.credentials.len(), 1);
        assert_eq!(kept.credentials[0].hint, "6789");
        assert_eq!(
            hub.snapshot().provider(provider.id).unwrap().credentials[0]
                .secret
                .expose(),
            "sk-provider-0123456789"
        );
        let moved = hub
            .providers()
            .update(&root, HERE, provider.id, &draft("p", "https://api.evil.example/v2"))
            .await
            .unwrap();
        assert!(moved.credentials.is_empty());
        assert!(hub.snapshot().provider(provider.id).unwrap().credentials.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_credential_copied_to_another_row_opens_nothing() {
    on_both(async |database: Database| {
        let hub = database.serve().await;
        let root = Admin::system();
        let provider = with_models(&hub, "p", &[]).await;
        for name in ["one", "two"] {
            let secret = SecretText::from(format!("sk-provider-{name}-0123456789"));
            hub.providers()
                .add_credential(&root, HERE, provider.id, &name.parse().unwrap(), &secret)
                .await
                .unwrap();
        }
        let swap =
            "UPDATE credential SET sealed = (SELECT sealed FROM credential WHERE label = 'one') WHERE label = 'two'";
        if database.url.starts_with("sqlite") {
            sqlx::query(swap)
                .execute(&mut sqlx::SqliteConnection::connect(&database.url).await.unwrap())
                .await
                .unwrap();
        } else {
            sqlx::query(swap)
                .execute(&mut sqlx::PgConnection::connect(&database.url).await.unwrap())
                .await
                .unwrap();
        }
        hub.shutdown(std::time::Duration::ZERO).await;
        drop(hub);
        let again = database.serve().await;
        let opened: Vec<String> = again
            .snapshot()
            .provider(provider.id)
            .unwrap()
            .credentials
            .iter()
            .map(|known| known.label.to_string())
            .collect();
        assert_eq!(opened, ["one"]);
    })
    .await;
}

#[tokio::test]
async fn a_provider_goes_only_by_its_typed_name() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = Admin::system();
        let provider = with_models(&hub, "p", &["m"]).await;
        let wrong = hub.providers().delete(&root, HERE, provider.id, "P").await;
        assert!(matches!(wrong, Err(Error::Refused(Refusal::ConfirmationMismatch))));
        assert!(matches!(
            hub.providers()
                .create(&root, HERE, &draft("p", "https://b.example"))
                .await,
            Err(Error::Refused(Refusal::Taken { .. }))
        ));
        hub.providers().delete(&root, HERE, provider.id, "p").await.unwrap();
        assert!(hub.providers().list(&root.reader()).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn another_process_sees_a_change_within_a_second() {
    on_both(async |database| {
        let hub = database.serve().await;
        let command = database.open(ProcessKind::Command).await.unwrap();
        with_models(&command, "p", &["m"]).await;
        within_a_second(|| hub.snapshot().resolve("p/m").is_some()).await;
    })
    .await;
}

#[tokio::test]
async fn a_name_that_begins_with_a_provider_is_served_by_no_other() {
    on_both(async |database| {
        let hub = database.serve().await;
        let root = Admin::system();
        with_models(&hub, "router", &["openai/x", "openai/y", "meta/llama"]).await;
        let served = |name: &str| {
            let snapshot = hub.snapshot();
            let found = snapshot
                .resolve(name)
                .map(|candidate| candidate.public_name.to_string());
            let model = snapshot.model(name).map(|model| model.public_name.to_string());
            assert_eq!(found, model, "{name}");
            found
        };
        assert_eq!(
            served("openai/x").as_deref(),
            Some("router/openai/x"),
            "nobody else is called so"
        );
        let openai = with_models(&hub, "openai", &["x"]).await;
        assert_eq!(served("openai/x").as_deref(), Some("openai/x"));
        assert_eq!(served("openai/y"), None, "it has no such model");
        hub.providers()
            .set_enabled(&root, HERE, openai.id, false)
            .await
            .unwrap();
        assert_eq!(
            served("openai/x"),
            None,
            "what was switched off is not served elsewhere"
        );
        assert_eq!(served("router/openai/x").as_deref(), Some("router/openai/x"));
        assert_eq!(served("meta/llama").as_deref(), Some("router/meta/llama"));
        hub.providers().delete(&root, HERE, openai.id, "openai").await.unwrap();
        assert_eq!(served("openai/x").as_deref(), Some("router/openai/x"));
    })
    .await;
}
