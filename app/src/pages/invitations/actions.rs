//! What admins do about invitations. Thin doors to `gateway::Invitations`.

use domain::{
    access::Role,
    door::DoorRefusal,
    id::InvitationId,
    invitation::InvitationTerms,
    mail::MailLanguage,
    name::Email,
    project::ProjectRole,
    refusal::{Invalid, Refusal, Thing},
};
use gateway::NewInvitation;
use leptos::prelude::*;

use super::{LIST, page_of};
use crate::{
    context::{address, admin, gateway, missing},
    error::AppError,
    form::{AtField as _, Back, Done, encode, parse, submit},
    pages::providers::press::press,
    text::{Language, use_language},
};

/// The flash that carries the link to the page that shows it.
pub const ONCE: &str = "invitation-link";

/// Asks somebody to come.
#[server]
pub async fn create_invitation(
    #[server(default)] email: String,
    #[server(default)] role: String,
    #[server(default)] days: String,
    #[server(default)] project: String,
    #[server(default)] project_role: String,
    #[server(default)] language: String,
) -> Result<(), AppError> {
    let back = Back::to(format!("{LIST}/new"))
        .keeping("email", &email)
        .keeping("role", &role)
        .keeping("days", &days)
        .keeping("project", &project)
        .keeping("project_role", &project_role)
        .keeping("language", &language);
    submit(back, async move {
        let (admin, address, gateway) = (admin()?, address()?, gateway()?);
        let email = parse::<Email>("email", &email)?;
        let role = Role::parse(&role).ok_or(Invalid::Choice).at("role")?;
        let days = days
            .trim()
            .parse()
            .map_err(|_| AppError::Door(DoorRefusal::Days))
            .at("days")?;
        let project = match project.trim() {
            "" => None,
            text => {
                let id = text.parse().map_err(|_| missing(Thing::Project)).at("project")?;
                let role = ProjectRole::parse(&project_role)
                    .ok_or(Invalid::Choice)
                    .at("project_role")?;
                Some((id, role))
            }
        };
        let language = MailLanguage::of_tag(&language);
        let terms = InvitationTerms { role, days, project };
        let made = gateway
            .invitations()
            .create(&admin, address.origin(), &email, terms, language)
            .await;
        let made = match made {
            Err(error) if error.refusal() == Refusal::OwnersOnly => return Err(error).at("role"),
            Err(gateway::Error::Door(DoorRefusal::Days)) => {
                return Err(AppError::Door(DoorRefusal::Days)).at("days");
            }
            Err(error) if matches!(error.refusal(), Refusal::Archived | Refusal::NotFound { .. }) => {
                return Err(error).at("project");
            }
            made => made.at("email")?,
        };
        Ok(shown(&made))
    })
    .await
}

/// Makes another link and sends it.
#[server]
pub async fn resend_invitation(id: String) -> Result<(), AppError> {
    press(back_to(&id), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = invitation_id(&id)?;
        let tongue = MailLanguage::of_tag(language.tag());
        let made = gateway
            .invitations()
            .send_again(&admin, address.origin(), id, tongue)
            .await?;
        Ok(shown(&made))
    })
    .await
}

/// Takes an invitation back.
#[server]
pub async fn revoke_invitation(id: String) -> Result<(), AppError> {
    press(back_to(&id), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = invitation_id(&id)?;
        gateway.invitations().revoke(&admin, address.origin(), id).await?;
        let words = language.pick(
            "The invitation is revoked. Its link works no more.",
            "邀请已撤销，链接已失效。",
        );
        Ok(Done::to(page_of(id)).saying(words))
    })
    .await
}

/// To the page that shows the link once.
fn shown(made: &NewInvitation) -> Done {
    let language = use_language();
    let email = &made.invitation.email;
    let words = match (language, made.mailed) {
        (Language::En, true) => format!("{email} is invited, and a mail is on its way."),
        (Language::En, false) => format!("{email} is invited. Give them the link: mail is not set up."),
        (Language::Zh, true) => format!("已邀请 {email}，邮件正在发送。"),
        (Language::Zh, false) => format!("已邀请 {email}。尚未设置邮件，请自行转交链接。"),
    };
    Done::to(page_of(made.invitation.id))
        .saying(words)
        .once(ONCE, made.link.expose())
}

fn invitation_id(text: &str) -> Result<InvitationId, AppError> {
    text.parse().map_err(|_| missing(Thing::Invitation))
}

fn back_to(id: &str) -> String {
    id.parse().map_or_else(|_| format!("{LIST}/{}", encode(id)), page_of)
}
