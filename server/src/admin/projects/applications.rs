//! `/api/admin/projects/{id}/applications`: programs whose calls are a project's.

use axum::extract::State;
use domain::{access::Admin, id::ProjectId, project::Application};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    entry::{DetailEntry, find},
    keeper,
};
use crate::{
    admin::{AdminError, At, By, Freely, Given, Made, Within, operation},
    contract::{Book, Operation},
    state::HubState,
};

/// A program whose calls are to be the project's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// As it names itself in `x-aigne-hub-client-did`.
    application: String,
    /// The project's account pays for its calls; else, and unless said, the account of the key does.
    #[serde(default)]
    pays: bool,
}

/// Says that an application belongs to a project.
pub async fn add_application(
    State(state): State<HubState>,
    by: Freely<Admin>,
    At(id): At<ProjectId>,
    Given(new): Given<NewApplication>,
) -> Result<Made<DetailEntry>, AdminError> {
    let gateway = state.gateway();
    let application = read_application(&new.application)?;
    gateway
        .projects()
        .add_application(&by.proof, by.origin(), id, &application, new.pays)
        .await?;
    Ok(Made(find(gateway, &by.viewer, id).await?))
}

/// What is said of it.
pub fn add_application_described(book: &mut Book) -> Operation {
    operation("Say that an application belongs to a project")
        .about("Calls of the project's people that name it are the project's.")
        .takes::<NewApplication>(book)
        .makes::<DetailEntry>(book)
}

/// Takes an application from a project.
pub async fn remove_application(
    State(state): State<HubState>,
    by: By<Admin>,
    Within(id, application): Within<ProjectId, String>,
) -> Result<StatusCode, AdminError> {
    let gateway = state.gateway();
    let keeper = keeper(gateway, &by.proof, id).await?;
    let application = read_application(&application)?;
    gateway
        .projects()
        .remove_application(&keeper, by.origin(), &application)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn remove_application_described(_: &mut Book) -> Operation {
    operation("Take an application from a project").leads(StatusCode::NO_CONTENT, "Done.")
}

fn read_application(text: &str) -> Result<Application, AdminError> {
    Application::parse(text).map_err(|problem| AdminError::invalid("application", problem.to_string()))
}
