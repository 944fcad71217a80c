//! `/api/admin/providers/{id}/credentials`: the secrets of providers. They go in and never come out.

use axum::Json;
use axum::extract::State;
use domain::{
    access::Admin,
    id::{CredentialId, ProviderId},
    name::Label,
    provider::{Credential, Health, TestReport},
    refusal::{Refusal, Thing},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdminError, At, By, Given, Made, Moment, Secret, Within, operation, providers, words};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

/// A provider's secret, without the secret.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminCredential")]
pub struct CredentialEntry {
    #[schemars(with = "String")]
    id: CredentialId,
    #[schemars(with = "String")]
    label: Label,
    /// The last four characters, where the secret is long enough to give them away; else empty.
    hint: String,
    enabled: bool,
    #[schemars(schema_with = "words::health")]
    health: Health,
    /// The provider's words when it failed, shortened and masked.
    last_error: Option<String>,
    last_used_at: Option<Moment>,
    created_at: Moment,
}

impl From<Credential> for CredentialEntry {
    fn from(credential: Credential) -> Self {
        Self {
            id: credential.id,
            label: credential.label,
            hint: credential.hint,
            enabled: credential.enabled,
            health: credential.health,
            last_error: credential.last_error,
            last_used_at: credential.last_used_at.map(Moment),
            created_at: credential.created_at.into(),
        }
    }
}

/// A secret to store.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredential {
    /// What it is called.
    #[schemars(with = "String")]
    label: Label,
    /// 1 to 4096 printable characters. No answer holds it.
    secret: Secret,
}

/// Stores a secret for a provider.
pub async fn create(
    State(state): State<HubState>,
    by: By<Admin>,
    At(provider): At<ProviderId>,
    Given(new): Given<NewCredential>,
) -> Result<Made<CredentialEntry>, AdminError> {
    let gateway = state.gateway();
    let id = gateway
        .providers()
        .add_credential(&by.proof, by.origin(), provider, &new.label, &new.secret.0)
        .await?;
    Ok(Made(find(&state, &by, provider, id).await?))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Store a secret for a provider")
        .about("It is sealed and never told again. Whether the provider takes it is asked by `/test`.")
        .takes::<NewCredential>(book)
        .makes::<CredentialEntry>(book)
}

async fn find(
    state: &HubState,
    by: &By<Admin>,
    provider: ProviderId,
    id: CredentialId,
) -> Result<CredentialEntry, AdminError> {
    let provider = providers::find(state.gateway(), &by.proof.reader(), provider).await?;
    let found = provider.credentials.into_iter().find(|credential| credential.id == id);
    let missing = Refusal::NotFound {
        what: Thing::Credential,
    };
    Ok(found.ok_or(missing)?.into())
}

/// Whether calls may use it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialChange {
    enabled: bool,
}

/// Lets calls use a credential, or not.
pub async fn update(
    State(state): State<HubState>,
    by: By<Admin>,
    Within(provider, id): Within<ProviderId, CredentialId>,
    Given(change): Given<CredentialChange>,
) -> Result<Json<CredentialEntry>, AdminError> {
    let gateway = state.gateway();
    gateway
        .providers()
        .set_credential_enabled(&by.proof, by.origin(), provider, id, change.enabled)
        .await?;
    Ok(Json(find(&state, &by, provider, id).await?))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Enable or disable a secret of a provider")
        .takes::<CredentialChange>(book)
        .tells::<CredentialEntry>(book)
}

/// Asks the provider for its models with a credential.
pub async fn test(
    State(state): State<HubState>,
    by: By<Admin>,
    Within(provider, id): Within<ProviderId, CredentialId>,
) -> Result<Json<TestEntry>, AdminError> {
    let providers = state.gateway().providers();
    let report = providers
        .test_credential(&by.proof, by.origin(), provider, Some(id))
        .await?;
    Ok(Json(report.into()))
}

/// What is said of it.
pub fn test_described(book: &mut Book) -> Operation {
    operation("Ask a provider whether it takes a secret")
        .about("A provider that refuses is a report and no error.")
        .tells::<TestEntry>(book)
}

/// What a live test of a provider found.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "ProviderTest")]
pub struct TestEntry {
    /// `good`: it accepted the credential, or answered without one. `failing`: it refused, or was not reached. `unknown`: it
    /// is there, and this way it cannot say whether calls will succeed.
    #[schemars(schema_with = "words::health")]
    health: Health,
    /// It told which models it has.
    listed: bool,
    /// The provider's status, when it answered.
    status: Option<u16>,
    /// The provider's own words, or the hub's about the connection; shortened and masked.
    message: String,
    /// Models that the provider listed.
    models: Vec<String>,
    /// It has more than these: the rest of its list was not read.
    cut: bool,
    duration_ms: u32,
}

impl From<TestReport> for TestEntry {
    fn from(report: TestReport) -> Self {
        Self {
            health: report.health,
            listed: report.listed,
            status: report.status,
            message: report.message,
            models: report.models,
            cut: report.cut,
            duration_ms: report.duration_ms,
        }
    }
}

/// Removes a credential.
pub async fn delete(
    State(state): State<HubState>,
    by: By<Admin>,
    Within(provider, id): Within<ProviderId, CredentialId>,
) -> Result<StatusCode, AdminError> {
    let providers = state.gateway().providers();
    providers
        .delete_credential(&by.proof, by.origin(), provider, id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn delete_described(_: &mut Book) -> Operation {
    operation("Remove a secret of a provider").leads(StatusCode::NO_CONTENT, "Done.")
}
