//! `/api/admin/projects/{id}/members`: who is in a project, as what.

use axum::{Json, extract::State};
use domain::{
    access::Admin,
    id::{ProjectId, UserId},
    project::ProjectRole,
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    entry::{DetailEntry, find},
    keeper,
};
use crate::{
    admin::{AdminError, By, Freely, Given, Within, operation, words},
    contract::{Book, Operation},
    state::HubState,
};

/// What somebody may do in a project.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    #[schemars(schema_with = "words::project_role")]
    role: ProjectRole,
}

/// Puts somebody into a project, or changes their role in it.
pub async fn set_member(
    State(state): State<HubState>,
    by: Freely<Admin>,
    Within(id, user): Within<ProjectId, UserId>,
    Given(membership): Given<Membership>,
) -> Result<Json<DetailEntry>, AdminError> {
    let gateway = state.gateway();
    let keeper = keeper(gateway, &by.proof, id).await?;
    gateway
        .projects()
        .set_member(&keeper, by.origin(), user, membership.role)
        .await?;
    Ok(Json(find(gateway, &by.viewer, id).await?))
}

/// What is said of it.
pub fn set_member_described(book: &mut Book) -> Operation {
    operation("Put a person into a project, or change their role in it")
        .takes::<Membership>(book)
        .example(&serde_json::json!({ "role": "member" }))
        .tells::<DetailEntry>(book)
}

/// Takes somebody out of a project.
pub async fn remove_member(
    State(state): State<HubState>,
    by: By<Admin>,
    Within(id, user): Within<ProjectId, UserId>,
) -> Result<StatusCode, AdminError> {
    let gateway = state.gateway();
    let keeper = keeper(gateway, &by.proof, id).await?;
    gateway.projects().remove_member(&keeper, by.origin(), user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn remove_member_described(_: &mut Book) -> Operation {
    operation("Take a person out of a project")
        .about("Their keys in it stay and are refused.")
        .leads(StatusCode::NO_CONTENT, "Done.")
}
