//! `serve --demo`: a simulated provider, and a key that works at once. Each start replaces the key of the last one.

use domain::{
    access::{Admin, Capability, Role, Viewer},
    account::DEMO_EMAIL,
    catalog::ProviderKind,
    name::{Email, Label, ModelSlug},
    provider::{DisconnectPolicy, Provider, ProviderDraft, Timeouts},
    refusal::Refusal,
    setting::{Mode, Setting},
};
use gateway::{Error, Gateway, Origin, SecretText};

/// What the simulated provider is called where there is none yet; a number follows when that name is taken.
const PROVIDER_NAME: &str = "simulated";
/// The model that repeats what was said.
const MODEL: &str = "echo";
const KEY_NAME: &str = "demo";
/// More names than anybody gives away.
const NAMES: u32 = 1_000;

/// What the demo hands out.
pub struct Demo {
    /// A key that works.
    pub key: SecretText,
    /// A model that answers, as clients name it.
    pub model: String,
    /// Commands to be run before it answers: an admin has chosen that calls want credit.
    pub first: Vec<String>,
}

/// Adds what is missing and hands out a fresh key.
pub async fn prepare(gateway: &Gateway) -> Result<Demo, Error> {
    let admin = Admin::system();
    let model = model(gateway, &admin).await?;
    let user = demo_user(gateway, &admin).await?;
    for key in gateway.keys().list(&user).await? {
        if key.revoked_at.is_none() && key.name.as_str() == KEY_NAME {
            gateway.keys().revoke_any(&admin, Origin::default(), key.id).await?;
        }
    }
    let name: Label = KEY_NAME.parse().map_err(Refusal::from)?;
    let made = gateway
        .keys()
        .create_for(&admin, Origin::default(), user.id, &name)
        .await?;
    let mode = gateway.options().get(&admin.money_reader(), Setting::Mode).await?;
    // Prices and credit stand in books for ever: nobody but people puts something there.
    let first = if mode == Mode::ServiceProvider.as_str() {
        vec![
            format!("aigne-hub price set --model {model} --input-per-million 1 --output-per-million 1"),
            format!("aigne-hub credits grant --user {DEMO_EMAIL} --amount 5 --reason demo"),
        ]
    } else {
        Vec::new()
    };
    Ok(Demo {
        key: made.secret,
        model,
        first,
    })
}

/// A simulated model that can be called; enables or adds it where it cannot.
async fn model(gateway: &Gateway, admin: &Admin) -> Result<String, Error> {
    let origin = Origin::default();
    let provider = provider(gateway, admin).await?;
    if !provider.enabled {
        gateway
            .providers()
            .set_enabled(admin, origin, provider.id, true)
            .await?;
    }
    let known = gateway.models().list(&admin.reader()).await?;
    let echo = known
        .into_iter()
        .find(|model| model.provider_id == provider.id && model.slug.as_str() == MODEL);
    let echo = match echo {
        Some(echo) => echo,
        None => {
            let slug: ModelSlug = MODEL.parse().map_err(Refusal::from)?;
            gateway.models().add(admin, origin, provider.id, &slug).await?
        }
    };
    if !echo.enabled {
        gateway.models().set_enabled(admin, origin, echo.id, true).await?;
    }
    Ok(echo.public_name())
}

/// The simulated provider, one that is enabled if there are several; adds one where there is none.
async fn provider(gateway: &Gateway, admin: &Admin) -> Result<Provider, Error> {
    let all = gateway.providers().list(&admin.reader()).await?;
    let simulated = all
        .iter()
        .filter(|provider| provider.draft.kind == ProviderKind::Simulated);
    if let Some(found) = simulated.min_by_key(|provider| !provider.enabled) {
        return Ok(found.clone());
    }
    let taken = |name: &str| all.iter().any(|provider| provider.draft.name.as_str() == name);
    let name = std::iter::once(PROVIDER_NAME.to_owned())
        .chain((2..NAMES).map(|number| format!("{PROVIDER_NAME}-{number}")))
        .find(|name| !taken(name))
        .unwrap_or_default();
    let draft = ProviderDraft {
        name: name.parse().map_err(Refusal::from)?,
        title: "Simulated".parse().map_err(Refusal::from)?,
        kind: ProviderKind::Simulated,
        preset: None,
        base_url: None,
        timeouts: Timeouts::DEFAULT,
        disconnect: DisconnectPolicy::Cancel,
        quirks: None,
    };
    let provider = gateway.providers().create(admin, Origin::default(), &draft).await?;
    gateway
        .providers()
        .refresh_models(admin, Origin::default(), provider.id)
        .await?;
    Ok(provider)
}

/// Whose key it is. Somebody who may call, whatever an admin has made of them since.
async fn demo_user(gateway: &Gateway, admin: &Admin) -> Result<Viewer, Error> {
    let email: Email = DEMO_EMAIL.parse().map_err(Refusal::from)?;
    let (users, origin) = (gateway.users(), Origin::default());
    let user = match users.find_by_email(&admin.money_reader(), &email).await? {
        Some(user) => user,
        None => {
            users
                .create_without_password(admin, origin, &email, Role::Member)
                .await?
        }
    };
    if user.suspended {
        users.set_suspended(admin, origin, user.id, false).await?;
    }
    if !user.role.may(Capability::Call) {
        users.set_role(admin, origin, user.id, Role::Member).await?;
    }
    Ok(Viewer {
        id: user.id,
        email: user.email,
        role: user.role,
        key: None,
    })
}
