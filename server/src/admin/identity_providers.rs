//! `/api/admin/identity-providers`: who else may say who somebody is. Those of the configuration file are shown, and changed nowhere
//! but there. How one is described stands in `identity_providers/draft.rs`.

mod draft;

use axum::{Json, extract::State};
use domain::{
    access::{Admin, Reader},
    identity::IdentityProvider,
    refusal::{Refusal, Thing},
};
use gateway::{Gateway, IdentityReport};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use self::draft::{IdentityChange, NewIdentity, WayEntry};
use super::{AdminError, At, By, Freely, Given, Listed, Made, operation};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

const MISSING: Refusal = Refusal::NotFound {
    what: Thing::IdentityProvider,
};

/// An identity provider.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "IdentityProvider")]
pub struct IdentityEntry {
    /// Its name in addresses.
    slug: String,
    /// `console`, or `file`, which alone can change it then.
    source: &'static str,
    /// What stands on its button.
    title: String,
    enabled: bool,
    #[serde(flatten)]
    way: WayEntry,
    client_id: String,
    /// A secret is stored.
    has_secret: bool,
    scopes: Vec<String>,
    /// The domains whose people it may bring; none for all.
    domains: Vec<String>,
    /// Which claim makes which role, as `groups: hub-admins = admin`.
    roles: Vec<String>,
    /// Its addresses of mail count as verified where it says nothing of that.
    trusts_mail: bool,
    /// One of the file has the same slug and stands in its place.
    shadowed: bool,
    /// People who are linked to its issuer.
    people: i64,
    /// What the provider must be told to send people back to.
    callback_url: String,
}

impl IdentityEntry {
    fn of(gateway: &Gateway, provider: IdentityProvider) -> Self {
        let draft = provider.draft;
        Self {
            callback_url: gateway.identity_providers().callback(draft.slug.as_str()),
            source: if provider.id.is_some() { "console" } else { "file" },
            slug: draft.slug.to_string(),
            title: draft.title.to_string(),
            enabled: provider.enabled,
            way: WayEntry::of(&draft.way),
            client_id: draft.client_id,
            has_secret: provider.has_secret,
            scopes: draft.scopes,
            domains: draft.domains,
            roles: draft.rules.to_string().lines().map(str::to_owned).collect(),
            trusts_mail: draft.trusts_mail,
            shadowed: provider.shadowed,
            people: provider.people,
        }
    }
}

/// All: those of the file first.
pub async fn list(State(state): State<HubState>, by: By<Reader>) -> Result<Json<Listed<IdentityEntry>>, AdminError> {
    let gateway = state.gateway();
    let all = gateway.identity_providers().list(&by.proof).await?;
    let all = all.into_iter().map(|provider| IdentityEntry::of(gateway, provider));
    Ok(Json(Listed::whole(all.collect())))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Identity providers")
        .about("All of them on one page, those of the configuration file first.")
        .tells::<Listed<IdentityEntry>>(book)
}

async fn find(gateway: &Gateway, reader: &Reader, slug: &str) -> Result<IdentityProvider, AdminError> {
    Ok(gateway.identity_providers().get(reader, slug).await?.ok_or(MISSING)?)
}

/// One of them.
pub async fn show(
    State(state): State<HubState>,
    by: By<Reader>,
    At(slug): At<String>,
) -> Result<Json<IdentityEntry>, AdminError> {
    let gateway = state.gateway();
    let provider = find(gateway, &by.proof, &slug).await?;
    Ok(Json(IdentityEntry::of(gateway, provider)))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("An identity provider").tells::<IdentityEntry>(book)
}

/// Adds one.
pub async fn create(
    State(state): State<HubState>,
    by: Freely<Admin>,
    Given(new): Given<NewIdentity>,
) -> Result<Made<IdentityEntry>, AdminError> {
    let gateway = state.gateway();
    let (draft, secret) = (new.draft()?, new.secret());
    gateway
        .identity_providers()
        .create(&by.proof, by.origin(), &draft, secret)
        .await?;
    let provider = find(gateway, &by.proof.reader(), draft.slug.as_str()).await?;
    Ok(Made(IdentityEntry::of(gateway, provider)))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Add an identity provider")
        .about("People may sign in by it at once. Ask `/test` whether it answers.")
        .takes::<NewIdentity>(book)
        .example(&serde_json::json!({
            "slug": "company", "title": "Company", "issuer": "https://login.example.com", "client_id": "hub",
            "client_secret": "…", "domains": ["example.com"], "roles": ["groups: hub-admins = admin"],
        }))
        .makes::<IdentityEntry>(book)
}

/// Changes one, then whether it is enabled.
pub async fn update(
    State(state): State<HubState>,
    by: Freely<Admin>,
    At(slug): At<String>,
    Given(change): Given<IdentityChange>,
) -> Result<Json<IdentityEntry>, AdminError> {
    let (gateway, providers) = (state.gateway(), state.gateway().identity_providers());
    let before = find(gateway, &by.proof.reader(), &slug).await?;
    let draft = change.draft(&before.draft)?;
    let enabled = change.enabled.filter(|enabled| *enabled != before.enabled);
    if draft != before.draft || change.secret().is_some() || enabled.is_some() {
        providers
            .edit(&by.proof, by.origin(), (&draft, change.secret()), enabled)
            .await?;
    }
    let after = find(gateway, &by.proof.reader(), &slug).await?;
    Ok(Json(IdentityEntry::of(gateway, after)))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change an identity provider")
        .about(
            "What is absent stays; its slug and its kind do anyway. All of it is changed, or nothing where something is refused. Another scheme, host or port drops the client's secret unless a new \
one comes along.",
        )
        .takes::<IdentityChange>(book)
        .tells::<IdentityEntry>(book)
}

/// What a provider said of itself.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "IdentityTest")]
pub struct TestEntry {
    /// The public keys that it signs with; none of plain OAuth 2.
    keys: usize,
    /// It ends sessions on request.
    signs_out: bool,
    /// It was only reached, as there is nothing more to ask.
    only_reached: bool,
}

impl From<IdentityReport> for TestEntry {
    fn from(report: IdentityReport) -> Self {
        Self {
            keys: report.keys,
            signs_out: report.signs_out,
            only_reached: report.only_reached,
        }
    }
}

/// Asks a provider whether it answers.
pub async fn test(
    State(state): State<HubState>,
    by: By<Admin>,
    At(slug): At<String>,
) -> Result<Json<TestEntry>, AdminError> {
    let gateway = state.gateway();
    let provider = find(gateway, &by.proof.reader(), &slug).await?;
    let report = gateway.identity_providers().test(&by.proof, &provider.draft).await?;
    Ok(Json(report.into()))
}

/// What is said of it.
pub fn test_described(book: &mut Book) -> Operation {
    operation("Ask an identity provider whether it answers")
        .about("One that does not is told as 422 `identity_unreachable`.")
        .tells::<TestEntry>(book)
}

/// Removes one.
pub async fn delete(
    State(state): State<HubState>,
    by: Freely<Admin>,
    At(slug): At<String>,
) -> Result<StatusCode, AdminError> {
    let providers = state.gateway().identity_providers();
    // Whoever names a slug means it.
    providers.delete(&by.proof, by.origin(), &slug, &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn delete_described(_: &mut Book) -> Operation {
    operation("Delete an identity provider")
        .about("Who was linked to it stays linked to its issuer, should that come back.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
