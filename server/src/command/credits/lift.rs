//! `credits lift-quarantine`: puts an account back into service whose books are sound.

use clap::Args;
use domain::{access::Admin, name::Email};
use gateway::Origin;
use serde_json::json;

use crate::{
    command::{CommandError, Outcome, open, user},
    config::Config,
};

/// Put an account back into service that was taken out of it, once its books are proved to be sound.
#[derive(Debug, Args)]
pub struct Lift {
    /// Whose account, by their e-mail address.
    #[arg(long)]
    user: String,
    /// What was done about it; stands in the list of changes.
    #[arg(long)]
    reason: String,
}

/// Runs it.
pub async fn run(config: &Config, Lift { user, reason }: Lift) -> Result<Outcome, CommandError> {
    let email: Email = user.parse()?;
    let reason = &super::change::reason(&reason)?;
    open::existing(config, async |gateway| {
        let admin = Admin::command_line();
        let user = user::find(gateway, &admin, &email).await?.id;
        let credits = gateway.credits();
        let was = credits
            .lift_quarantine(&admin.money(), Origin::default(), user, reason)
            .await?;
        Ok(Outcome {
            json: json!({ "user": email, "quarantine": was }),
            result: String::new(),
            sentence: format!(
                "The books of {email} are sound, and the account is in service again. It was out of it: {was}."
            ),
        })
    })
    .await
}
