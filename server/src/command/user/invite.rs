//! `user invite`: a link by which somebody comes.

use domain::{
    access::{Admin, Role},
    mail::MailLanguage,
    name::Email,
};
use gateway::Origin;
use serde_json::json;

use crate::{
    command::{CommandError, Outcome, open},
    config::Config,
};

/// Asks somebody to come, and prints the link, which is known to nobody afterwards.
pub async fn run(config: &Config, email: &str, role: &str, days: i64, language: &str) -> Result<Outcome, CommandError> {
    let email: Email = email.parse()?;
    let role = Role::parse(role).unwrap_or(Role::Member);
    open::existing(config, async |gateway| {
        let made = gateway
            .invitations()
            .create(
                &Admin::command_line(),
                Origin::default(),
                &email,
                (role, days),
                MailLanguage::of_tag(language),
            )
            .await?;
        let link = made.link.expose();
        let mailed = if made.mailed {
            "It is mailed to them as well, by the server."
        } else {
            "Mail is not set up, so give it to them yourself."
        };
        Ok(Outcome {
            json: json!({ "invitation": made.invitation, "link": link, "mailed": made.mailed }),
            result: format!("{link}\n"),
            sentence: format!("{email} can come as {} by this link, once. {mailed}", role.as_str()),
        })
    })
    .await
}
