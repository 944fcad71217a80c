//! `serve --demo`: a simulated provider, and a key that works at once. Each start replaces the key of the last one.

use domain::{
    access::{Admin, Role, Viewer},
    catalog::ProviderKind,
    name::{Email, Label, ModelSlug, ProviderName},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
    refusal::Refusal,
};
use gateway::{Error, Gateway, Origin, SecretText};

/// Whose key the demo hands out. Nobody can sign in as them: they have no password.
const DEMO_EMAIL: &str = "demo@localhost";

const PROVIDER_NAME: &str = "simulated";
const KEY_NAME: &str = "demo";

/// Adds what is missing and hands out a fresh key.
pub async fn prepare(gateway: &Gateway) -> Result<SecretText, Error> {
    let admin = Admin::system();
    add_provider(gateway, &admin).await?;
    let user = demo_user(gateway, &admin).await?;
    for key in gateway.keys().list(&user).await? {
        if key.revoked_at.is_none() && key.name.as_str() == KEY_NAME {
            gateway.keys().revoke_any(&admin, Origin::default(), key.id).await?;
        }
    }
    let name: Label = KEY_NAME.parse().map_err(Refusal::from)?;
    Ok(gateway
        .keys()
        .create_for(&admin, Origin::default(), user.id, &name)
        .await?
        .secret)
}

async fn add_provider(gateway: &Gateway, admin: &Admin) -> Result<(), Error> {
    if gateway
        .providers()
        .list(admin)
        .await?
        .iter()
        .any(|provider| provider.draft.kind == ProviderKind::Simulated)
    {
        return Ok(());
    }
    let name: ProviderName = PROVIDER_NAME.parse().map_err(Refusal::from)?;
    let title: Label = "Simulated".parse().map_err(Refusal::from)?;
    let draft = ProviderDraft {
        name,
        title,
        kind: ProviderKind::Simulated,
        preset: None,
        base_url: None,
        timeouts: Timeouts::DEFAULT,
        disconnect: DisconnectPolicy::Cancel,
    };
    let provider = gateway.providers().create(admin, Origin::default(), &draft).await?;
    let report = gateway
        .providers()
        .refresh_models(admin, Origin::default(), provider.id)
        .await?;
    if !report.passed {
        let echo: ModelSlug = "echo".parse().map_err(Refusal::from)?;
        gateway
            .models()
            .add(admin, Origin::default(), provider.id, &echo)
            .await?;
    }
    Ok(())
}

async fn demo_user(gateway: &Gateway, admin: &Admin) -> Result<Viewer, Error> {
    let email: Email = DEMO_EMAIL.parse().map_err(Refusal::from)?;
    let user = match gateway.users().find_by_email(admin, &email).await? {
        Some(user) => user,
        None => {
            gateway
                .users()
                .create_without_password(admin, Origin::default(), &email, Role::Member)
                .await?
        }
    };
    Ok(Viewer {
        id: user.id,
        email: user.email,
        role: user.role,
    })
}
