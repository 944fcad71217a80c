//! `settings get`, `settings set`.

use clap::Subcommand;
use domain::{access::Admin, setting::Setting};
use gateway::{Gateway, Origin};
use serde_json::json;

use super::{CommandError, Outcome, open};
use crate::config::Config;

/// What can be done with settings.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the value of a setting, or every setting with its value.
    Get {
        /// mode, starter-credit, starter-days, hold-output-tokens, registration, registration-domains or local-passwords. All of them,
        /// when left out.
        name: Option<String>,
    },
    /// Set a value.
    Set {
        /// mode, starter-credit, starter-days, hold-output-tokens, registration, registration-domains or local-passwords.
        name: String,
        /// enterprise or service-provider; an amount of credit, 0 for none; a number of days; a number of tokens; open, invitation
        /// or closed; domains of addresses like "example.com example.org", "" for any; on or off.
        value: String,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    match command {
        Command::Get { name: None } => open::existing(config, async |gateway| all(gateway, &admin).await).await,
        Command::Get { name: Some(name) } => {
            let setting = Setting::parse(&name)?;
            open::existing(config, async |gateway| {
                let value = gateway.options().get(&admin.money_reader(), setting).await?;
                Ok(outcome(setting, &value, String::new()))
            })
            .await
        }
        Command::Set { name, value } => {
            let setting = Setting::parse(&name)?;
            // Refused before anything is opened.
            setting.read(&value)?;
            open::existing(config, async |gateway| {
                let value = gateway
                    .options()
                    .set(&admin.money(), Origin::default(), setting, &value)
                    .await?;
                let sentence = format!("{} is {value} from now on.", setting.as_str());
                Ok(outcome(setting, &value, sentence))
            })
            .await
        }
    }
}

async fn all(gateway: &Gateway, admin: &Admin) -> Result<Outcome, CommandError> {
    let (mut json, mut rows) = (serde_json::Map::new(), Vec::new());
    for setting in Setting::ALL {
        let value = gateway.options().get(&admin.money_reader(), setting).await?;
        json.insert(setting.as_str().to_owned(), json!(value));
        rows.push(vec![setting.as_str().to_owned(), value]);
    }
    Ok(Outcome::table(json.into(), &["name", "value"], &rows))
}

fn outcome(setting: Setting, value: &str, sentence: String) -> Outcome {
    Outcome {
        json: json!({ "name": setting.as_str(), "value": value }),
        result: format!("{value}\n"),
        sentence,
    }
}

#[cfg(test)]
mod tests {
    use clap::Subcommand as _;

    use super::*;

    #[test]
    fn the_help_names_every_setting() {
        let command = Command::augment_subcommands(clap::Command::new("settings"));
        for subcommand in ["get", "set"] {
            let found = command.find_subcommand(subcommand).expect("a subcommand");
            let name = found.get_arguments().find(|argument| argument.get_id() == "name");
            let help = name.and_then(clap::Arg::get_help).expect("a help").to_string();
            for setting in Setting::ALL {
                assert!(help.contains(setting.as_str()), "{subcommand}: {}", setting.as_str());
            }
        }
    }
}
