//! `/api/admin/invitations`: who was asked to come. The link is told once, by the answer that made it; whoever has it comes in.

use axum::{Json, extract::State};
use domain::{
    access::{Admin, Reader, Role},
    id::{InvitationId, ProjectId, UserId},
    invitation::{Invitation, InvitationTerms, USUAL_INVITATION_DAYS},
    mail::MailLanguage,
    name::{Email, Label},
    project::ProjectRole,
    refusal::{Refusal, Thing},
    time::Timestamp,
};
use gateway::NewInvitation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdminError, At, By, Freely, Given, Listed, Made, Moment, operation, words};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

const MISSING: Refusal = Refusal::NotFound {
    what: Thing::Invitation,
};

/// An invitation, without its link.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Invitation")]
pub struct InvitationEntry {
    #[schemars(with = "String")]
    id: InvitationId,
    #[schemars(with = "String")]
    email: Email,
    /// What they may do once they are here.
    #[schemars(schema_with = "words::role")]
    role: Role,
    /// A project that they come into as well.
    #[schemars(with = "Option<String>")]
    project_id: Option<ProjectId>,
    #[schemars(with = "Option<String>")]
    project: Option<Label>,
    /// As what; null without a project.
    #[schemars(with = "Option<String>")]
    project_role: Option<ProjectRole>,
    #[schemars(schema_with = "words::invitation_state")]
    state: &'static str,
    /// Who asked; null for the command line.
    #[schemars(with = "Option<String>")]
    invited_by: Option<UserId>,
    created_at: Moment,
    /// Until when its link works.
    expires_at: Moment,
    /// When it was accepted or revoked.
    ended_at: Option<Moment>,
    /// Who came of it.
    #[schemars(with = "Option<String>")]
    accepted_by: Option<UserId>,
}

impl InvitationEntry {
    fn of(invitation: Invitation, now: Timestamp) -> Self {
        Self {
            state: invitation.state(now).as_str(),
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            project_id: invitation.project.as_ref().map(|project| project.id),
            project_role: invitation.project.as_ref().map(|project| project.role),
            project: invitation.project.map(|project| project.name),
            invited_by: invitation.invited_by,
            created_at: invitation.created_at.into(),
            expires_at: invitation.expires_at.into(),
            ended_at: invitation.ended_at.map(Moment),
            accepted_by: invitation.accepted_by,
        }
    }
}

/// An invitation with the one copy of its link.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "NewInvitation")]
pub struct MadeInvitation {
    #[serde(flatten)]
    entry: InvitationEntry,
    /// It works once, for whoever has it. It is not told again.
    link: String,
    /// A mail with another link is on its way.
    mailed: bool,
}

impl MadeInvitation {
    fn of(made: NewInvitation, now: Timestamp) -> Self {
        Self {
            link: made.link.expose().to_owned(),
            mailed: made.mailed,
            entry: InvitationEntry::of(made.invitation, now),
        }
    }
}

/// The newest 200; those that are open before the others.
pub async fn list(State(state): State<HubState>, by: By<Reader>) -> Result<Json<Listed<InvitationEntry>>, AdminError> {
    let gateway = state.gateway();
    let (all, now) = (gateway.invitations().list(&by.proof).await?, gateway.now());
    let entries = all.into_iter().map(|invitation| InvitationEntry::of(invitation, now));
    Ok(Json(Listed::whole(entries.collect())))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Invitations")
        .about("The newest 200; those that are open before the others.")
        .tells::<Listed<InvitationEntry>>(book)
}

async fn find(state: &HubState, reader: &Reader, id: InvitationId) -> Result<InvitationEntry, AdminError> {
    let gateway = state.gateway();
    let found = gateway.invitations().get(reader, id).await?.ok_or(MISSING)?;
    Ok(InvitationEntry::of(found, gateway.now()))
}

/// One invitation.
pub async fn show(
    State(state): State<HubState>,
    by: By<Reader>,
    At(id): At<InvitationId>,
) -> Result<Json<InvitationEntry>, AdminError> {
    Ok(Json(find(&state, &by.proof, id).await?))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("An invitation").tells::<InvitationEntry>(book)
}

/// Somebody to ask.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    #[schemars(with = "String")]
    email: Email,
    /// `member` unless said. Owners are invited by owners.
    #[serde(default)]
    #[schemars(schema_with = "words::role")]
    role: Option<Role>,
    /// A project that they come into as well.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    /// As what; `member` unless said.
    #[serde(default)]
    #[schemars(schema_with = "words::project_role")]
    project_role: Option<ProjectRole>,
    /// For how many days its link works; 7 unless said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 30))]
    days: Option<i64>,
    /// Of the mail: `en` unless said, or `zh-CN`.
    #[serde(default)]
    #[schemars(schema_with = "words::language")]
    language: Option<String>,
}

/// Asks somebody to come.
pub async fn create(
    State(state): State<HubState>,
    by: Freely<Admin>,
    Given(new): Given<Asking>,
) -> Result<Made<MadeInvitation>, AdminError> {
    let gateway = state.gateway();
    if new.project.is_none() && new.project_role.is_some() {
        return Err(AdminError::invalid("project_role", "Say which project it is in."));
    }
    let project_role = new.project_role.unwrap_or(ProjectRole::Member);
    let terms = InvitationTerms {
        role: new.role.unwrap_or(Role::Member),
        days: new.days.unwrap_or(USUAL_INVITATION_DAYS),
        project: new.project.map(|project| (project, project_role)),
    };
    let language = words::read_language(new.language.as_deref())?;
    let made = gateway
        .invitations()
        .create(&by.proof, by.origin(), &new.email, terms, language)
        .await?;
    Ok(Made(MadeInvitation::of(made, gateway.now())))
}

/// What is said of it.
pub fn create_described(book: &mut Book) -> Operation {
    operation("Invite a person")
        .about("The answer holds the link, which is told once; it is mailed, too, where mail is set up.")
        .takes::<Asking>(book)
        .example(&serde_json::json!({ "email": "sam@example.com", "role": "member", "days": 7 }))
        .makes::<MadeInvitation>(book)
}

/// Another link.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resending {
    /// Of the mail: `en` unless said, or `zh-CN`.
    #[serde(default)]
    #[schemars(schema_with = "words::language")]
    language: Option<String>,
}

/// Makes another link; the ones before work no more.
pub async fn resend(
    State(state): State<HubState>,
    by: Freely<Admin>,
    At(id): At<InvitationId>,
    Given(resending): Given<Resending>,
) -> Result<Json<MadeInvitation>, AdminError> {
    let gateway = state.gateway();
    let language: MailLanguage = words::read_language(resending.language.as_deref())?;
    let made = gateway
        .invitations()
        .send_again(&by.proof, by.origin(), id, language)
        .await?;
    Ok(Json(MadeInvitation::of(made, gateway.now())))
}

/// What is said of it.
pub fn resend_described(book: &mut Book) -> Operation {
    operation("Make another link of an invitation")
        .about("It lasts as long as the first did, and is mailed where mail is set up; the ones before work no more.")
        .takes::<Resending>(book)
        .tells::<MadeInvitation>(book)
}

/// Takes an invitation back.
pub async fn revoke(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<InvitationId>,
) -> Result<Json<InvitationEntry>, AdminError> {
    state.gateway().invitations().revoke(&by.proof, by.origin(), id).await?;
    Ok(Json(find(&state, &by.proof.reader(), id).await?))
}

/// What is said of it.
pub fn revoke_described(book: &mut Book) -> Operation {
    operation("Take an invitation back")
        .about("Its link works no more. It stays in the list.")
        .tells::<InvitationEntry>(book)
}
