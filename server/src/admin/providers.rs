//! `/api/admin/providers`: upstreams. How one is described stands in `providers/draft.rs`, their secrets in `credentials`, their
//! models in `models`.

mod draft;

use axum::{Json, extract::State};
use domain::{
    access::{Admin, Reader},
    catalog::ProviderKind,
    id::ProviderId,
    name::{BaseUrl, Label, ProviderName},
    provider::{DisconnectPolicy, Health, Provider},
    refusal::{Refusal, Thing},
};
use gateway::{Gateway, ProviderEdit};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use self::draft::{NewProvider, ProviderChange, QuirksEntry, TimeoutsEntry};
use super::{
    AdminError, At, By, Freely, Given, Listed, Made, Moment,
    credentials::{CredentialEntry, TestEntry},
    operation, words,
};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

const MISSING: Refusal = Refusal::NotFound { what: Thing::Provider };

/// An upstream.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminProvider")]
pub struct ProviderEntry {
    #[schemars(with = "String")]
    id: ProviderId,
    /// The first part of its models' names.
    #[schemars(with = "String")]
    name: ProviderName,
    /// What people read.
    #[schemars(with = "String")]
    title: Label,
    #[schemars(schema_with = "words::provider_kind")]
    kind: ProviderKind,
    /// The preset that it was made from.
    preset: Option<String>,
    /// Null of simulated providers alone.
    #[schemars(with = "Option<String>")]
    base_url: Option<BaseUrl>,
    timeouts: TimeoutsEntry,
    #[schemars(schema_with = "words::disconnect")]
    disconnect: DisconnectPolicy,
    /// Where its wire differs from OpenAI's, where an admin has said so.
    quirks: Option<QuirksEntry>,
    enabled: bool,
    /// Its place when a bare model name is looked up, from 1 on.
    position: i64,
    /// How its last use without a credential went.
    #[schemars(schema_with = "words::health")]
    health: Health,
    /// Its words when that failed, shortened and masked.
    last_error: Option<String>,
    last_used_at: Option<Moment>,
    created_at: Moment,
    credentials: Vec<CredentialEntry>,
    /// How many models it has.
    models: i64,
    models_enabled: i64,
}

impl From<Provider> for ProviderEntry {
    fn from(provider: Provider) -> Self {
        let draft = provider.draft;
        Self {
            id: provider.id,
            name: draft.name,
            title: draft.title,
            kind: draft.kind,
            preset: draft.preset,
            base_url: draft.base_url,
            timeouts: draft.timeouts.into(),
            disconnect: draft.disconnect,
            quirks: draft.quirks.map(QuirksEntry::from),
            enabled: provider.enabled,
            position: provider.position,
            health: provider.health,
            last_error: provider.last_error,
            last_used_at: provider.last_used_at.map(Moment),
            created_at: provider.created_at.into(),
            credentials: provider.credentials.into_iter().map(CredentialEntry::from).collect(),
            models: provider.models,
            models_enabled: provider.models_enabled,
        }
    }
}

/// Every provider in its order.
pub async fn list(State(state): State<HubState>, by: By<Reader>) -> Result<Json<Listed<ProviderEntry>>, AdminError> {
    let all = state.gateway().providers().list(&by.proof).await?;
    Ok(Json(Listed::whole(all.into_iter().map(ProviderEntry::from).collect())))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Providers, in their order")
        .about("All of them on one page.")
        .tells::<Listed<ProviderEntry>>(book)
}

pub(super) async fn find(gateway: &Gateway, reader: &Reader, id: ProviderId) -> Result<Provider, AdminError> {
    Ok(gateway.providers().get(reader, id).await?.ok_or(MISSING)?)
}

/// One provider.
pub async fn show(
    State(state): State<HubState>,
    by: By<Reader>,
    At(id): At<ProviderId>,
) -> Result<Json<ProviderEntry>, AdminError> {
    Ok(Json(find(state.gateway(), &by.proof, id).await?.into()))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("A provider").tells::<ProviderEntry>(book)
}

/// Adds a provider after all others.
pub async fn create(
    State(state): State<HubState>,
    by: By<Admin>,
    Given(new): Given<NewProvider>,
) -> Result<Made<ProviderEntry>, AdminError> {
    let draft = new.draft()?;
    let providers = state.gateway().providers();
    let provider = providers.create(&by.proof, by.origin(), &draft).await?;
    Ok(Made(provider.into()))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Add a provider")
        .about("Calls may use it at once. It has no secret and no models yet: store the one, then refresh the others.")
        .takes::<NewProvider>(book)
        .example(&serde_json::json!({ "preset": "deepseek" }))
        .makes::<ProviderEntry>(book)
}

/// Changes a provider; then whether it is enabled; then its place.
pub async fn update(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<ProviderId>,
    Given(change): Given<ProviderChange>,
) -> Result<Json<ProviderEntry>, AdminError> {
    let gateway = state.gateway();
    let before = find(gateway, &by.proof.reader(), id).await?;
    let edit = ProviderEdit {
        enabled: change.enabled,
        position: change.position.map(i64::from),
        draft: change.draft(&before.draft)?,
    };
    // What a key may ask is said by names.
    let renames = edit.draft.as_ref().is_some_and(|draft| draft.name != before.draft.name);
    let origin = if renames { by.freely() } else { by.origin() };
    if edit.draft.is_some() || edit.enabled.is_some() || edit.position.is_some() {
        gateway.providers().edit(&by.proof, origin, id, &edit).await?;
    }
    Ok(Json(find(gateway, &by.proof.reader(), id).await?.into()))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change a provider")
        .about(
            "What is absent stays. All of it is changed, or nothing where something is refused. Another scheme, host or port drops its secrets: each belongs to the place that it was entered for.",
        )
        .takes::<ProviderChange>(book)
        .example(&serde_json::json!({ "enabled": false }))
        .tells::<ProviderEntry>(book)
}

/// Asks a provider for its models with its first enabled secret, or none.
pub async fn test(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<ProviderId>,
) -> Result<Json<TestEntry>, AdminError> {
    let providers = state.gateway().providers();
    let report = providers.test_credential(&by.proof, by.origin(), id, None).await?;
    Ok(Json(report.into()))
}

/// What is said of it.
pub fn test_described(book: &mut Book) -> Operation {
    operation("Ask a provider whether it answers")
        .about("With its first enabled secret, or without one. A provider that refuses is a report and no error.")
        .tells::<TestEntry>(book)
}

/// Removes a provider with its secrets and models. Its calls stay in the log.
pub async fn delete(
    State(state): State<HubState>,
    by: Freely<Admin>,
    At(id): At<ProviderId>,
) -> Result<StatusCode, AdminError> {
    let gateway = state.gateway();
    let provider = find(gateway, &by.proof.reader(), id).await?;
    // Whoever names an id means it: what the console has typed is its name.
    let typed = provider.draft.name.as_str();
    gateway.providers().delete(&by.proof, by.origin(), id, typed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn delete_described(_: &mut Book) -> Operation {
    operation("Delete a provider")
        .about("With its secrets and models. Its calls stay in the log.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
