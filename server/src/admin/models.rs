//! `/api/admin/models`: what the upstreams offer, and which of it calls may use.

use axum::{Json, extract::State};
use domain::{
    access::{Admin, Reader},
    catalog::ProviderKind,
    id::{ModelId, ProviderId},
    name::{ModelSlug, ProviderName},
    provider::{Model, ModelSource},
    refusal::{Refusal, Thing},
};
use gateway::{Gateway, ModelEdit};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AdminError, Asked, At, By, Freely, Given, Listed, Made, Moment,
    body::{given, nullable},
    credentials::TestEntry,
    cursor, operation, words,
};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

const MISSING: Refusal = Refusal::NotFound { what: Thing::Model };

/// A model of a provider.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminModel")]
pub struct ModelEntry {
    #[schemars(with = "String")]
    id: ModelId,
    /// As clients name it: `provider/model`.
    model: String,
    #[schemars(with = "String")]
    provider_id: ProviderId,
    #[schemars(with = "String")]
    provider: ProviderName,
    #[schemars(schema_with = "words::provider_kind")]
    provider_kind: ProviderKind,
    /// What the provider calls it.
    #[schemars(with = "String")]
    name: ModelSlug,
    /// Calls may use it, where its provider is enabled too.
    enabled: bool,
    provider_enabled: bool,
    /// `listed` by its provider, or `typed` by an admin.
    #[schemars(schema_with = "words::model_source")]
    source: ModelSource,
    /// What it takes in one call, prompt and answer together; null when nobody has said.
    context_tokens: Option<u64>,
    created_at: Moment,
}

impl From<Model> for ModelEntry {
    fn from(model: Model) -> Self {
        Self {
            id: model.id,
            model: model.public_name(),
            provider_id: model.provider_id,
            provider: model.provider,
            provider_kind: model.kind,
            name: model.slug,
            enabled: model.enabled,
            provider_enabled: model.provider_enabled,
            source: model.source,
            context_tokens: model.context_tokens,
            created_at: model.created_at.into(),
        }
    }
}

/// Which models to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelQuery {
    /// Part of `provider/model`, in any case.
    #[serde(default)]
    q: Option<String>,
    /// Only this provider's.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    provider: Option<ProviderId>,
    /// Only enabled ones, or only others.
    #[serde(default)]
    enabled: Option<bool>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

/// Models, by name.
pub async fn list(
    State(state): State<HubState>,
    by: By<Reader>,
    Asked(asked): Asked<ModelQuery>,
) -> Result<Json<Listed<ModelEntry>>, AdminError> {
    let mut all = state.gateway().models().list(&by.proof).await?;
    all.sort_by_cached_key(Model::public_name);
    let shows = |model: &Model| {
        cursor::holds(&model.public_name(), asked.q.as_deref())
            && asked.provider.is_none_or(|provider| model.provider_id == provider)
            && asked.enabled.is_none_or(|enabled| model.enabled == enabled)
    };
    let page = cursor::page(all, (asked.cursor.as_deref(), asked.limit), shows, Model::public_name)?;
    Ok(Json(Listed::by_name(page, ModelEntry::from)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Models, by name")
        .asks::<ModelQuery>(book)
        .tells::<Listed<ModelEntry>>(book)
}

async fn find(gateway: &Gateway, reader: &Reader, id: ModelId) -> Result<Model, AdminError> {
    let all = gateway.models().list(reader).await?;
    Ok(all.into_iter().find(|model| model.id == id).ok_or(MISSING)?)
}

/// One model.
pub async fn show(
    State(state): State<HubState>,
    by: By<Reader>,
    At(id): At<ModelId>,
) -> Result<Json<ModelEntry>, AdminError> {
    Ok(Json(find(state.gateway(), &by.proof, id).await?.into()))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("A model").tells::<ModelEntry>(book)
}

/// A model that its provider does not list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewModel {
    /// What the provider calls it.
    #[schemars(with = "String")]
    name: ModelSlug,
}

/// Adds a model that its provider does not list.
pub async fn create(
    State(state): State<HubState>,
    by: By<Admin>,
    At(provider): At<ProviderId>,
    Given(new): Given<NewModel>,
) -> Result<Made<ModelEntry>, AdminError> {
    let models = state.gateway().models();
    let model = models.add(&by.proof, by.origin(), provider, &new.name).await?;
    Ok(Made(model.into()))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Add a model that its provider does not list")
        .takes::<NewModel>(book)
        .example(&serde_json::json!({ "name": "gpt-4o-mini" }))
        .makes::<ModelEntry>(book)
}

/// Adds the models that a provider lists.
pub async fn refresh(
    State(state): State<HubState>,
    by: By<Admin>,
    At(provider): At<ProviderId>,
) -> Result<Json<TestEntry>, AdminError> {
    let providers = state.gateway().providers();
    let report = providers.refresh_models(&by.proof, by.origin(), provider).await?;
    Ok(Json(report.into()))
}

/// What is said of it.
pub fn refresh_described(book: &mut Book) -> Operation {
    operation("Add what a provider lists")
        .about("New models may be called at once; none is removed. A provider that refuses is a report and no error.")
        .tells::<TestEntry>(book)
}

/// What to change of a model. What is absent stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelChange {
    /// Whether calls may use it.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    enabled: Option<bool>,
    /// What it takes in one call; null when that is not known.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<u32>", range(min = 1))]
    context_tokens: Option<Option<u32>>,
}

/// Changes a model: all that is asked, or nothing.
pub async fn update(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<ModelId>,
    Given(change): Given<ModelChange>,
) -> Result<Json<ModelEntry>, AdminError> {
    if change.context_tokens == Some(Some(0)) {
        return Err(Refusal::Invalid(domain::refusal::Invalid::Tokens).into());
    }
    let edit = ModelEdit {
        enabled: change.enabled,
        context_tokens: change.context_tokens,
    };
    let models = state.gateway().models();
    Ok(Json(models.edit(&by.proof, by.origin(), id, edit).await?.into()))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change a model")
        .about("What is absent stays. All of it is changed, or nothing where something is refused.")
        .takes::<ModelChange>(book)
        .example(&serde_json::json!({ "context_tokens": 128_000 }))
        .tells::<ModelEntry>(book)
}

/// Whether calls may use any of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllModelsChange {
    enabled: bool,
}

/// How many were changed.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ModelsChanged")]
pub struct ModelsChanged {
    changed: u64,
}

/// Lets calls use all models of a provider, or none.
pub async fn update_all(
    State(state): State<HubState>,
    by: By<Admin>,
    At(provider): At<ProviderId>,
    Given(change): Given<AllModelsChange>,
) -> Result<Json<ModelsChanged>, AdminError> {
    let models = state.gateway().models();
    let changed = models
        .set_all_enabled(&by.proof, by.origin(), provider, change.enabled)
        .await?;
    Ok(Json(ModelsChanged { changed }))
}

/// What is said of it.
pub fn update_all_described(book: &mut Book) -> Operation {
    operation("Enable or disable all models of a provider")
        .takes::<AllModelsChange>(book)
        .tells::<ModelsChanged>(book)
}

/// Removes a model.
pub async fn delete(
    State(state): State<HubState>,
    by: Freely<Admin>,
    At(id): At<ModelId>,
) -> Result<StatusCode, AdminError> {
    state.gateway().models().delete(&by.proof, by.origin(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn delete_described(_: &mut Book) -> Operation {
    operation("Remove a model")
        .about("One that its provider lists comes back with the next refresh.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
