//! `user invite`: a link by which somebody comes.

use domain::{
    access::{Admin, Role},
    invitation::InvitationTerms,
    mail::MailLanguage,
    name::Email,
    project::ProjectRole,
};
use gateway::Origin;
use serde_json::json;

use crate::{
    command::{CommandError, Outcome, open, project},
    config::Config,
};

/// Asks somebody to come, and prints the link, which is known to nobody afterwards.
pub async fn run(
    config: &Config,
    email: &str,
    (role, days): (&str, i64),
    project: Option<(&str, &str)>,
    language: &str,
) -> Result<Outcome, CommandError> {
    let email: Email = email.parse()?;
    let role = Role::parse(role).unwrap_or(Role::Member);
    open::existing(config, async |gateway| {
        let admin = Admin::command_line();
        let project = match project {
            Some((text, role)) => {
                let role = ProjectRole::parse(role).unwrap_or(ProjectRole::Member);
                Some((project::find(gateway, &admin, text).await?.id, role))
            }
            None => None,
        };
        let made = gateway
            .invitations()
            .create(
                &admin,
                Origin::default(),
                &email,
                InvitationTerms { role, days, project },
                MailLanguage::of_tag(language),
            )
            .await?;
        let link = made.link.expose();
        let mailed = if made.mailed {
            "It is mailed to them as well, by the server."
        } else {
            "Mail is not set up, so give it to them yourself."
        };
        let into = made.invitation.project.as_ref();
        let into = into.map_or_else(String::new, |into| {
            format!(", and into {} as {}", into.name, into.role.as_str())
        });
        Ok(Outcome {
            json: json!({ "invitation": made.invitation, "link": link, "mailed": made.mailed }),
            result: format!("{link}\n"),
            sentence: format!(
                "{email} can come as {}{into} by this link, once. {mailed}",
                role.as_str()
            ),
        })
    })
    .await
}
