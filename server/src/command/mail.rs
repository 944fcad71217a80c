//! `mail test`.

use clap::Subcommand;
use domain::{access::Admin, mail::MailLanguage, name::Email};
use gateway::Origin;
use serde_json::json;

use super::{CommandError, Outcome, open};
use crate::config::Config;

/// What can be done with mail.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send a mail now, by the way that is set, to see whether it works.
    Test {
        /// To whom.
        #[arg(long)]
        to: String,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let Command::Test { to } = command;
    let to: Email = to.parse()?;
    open::existing(config, async |gateway| {
        let admin = Admin::command_line();
        gateway
            .mail()
            .test(&admin, Origin::default(), &to, MailLanguage::En)
            .await?;
        Ok(Outcome {
            json: json!({ "to": to, "sent": true }),
            result: String::new(),
            sentence: format!("The mail to {to} was sent. Look whether it has come."),
        })
    })
    .await
}
