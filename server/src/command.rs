//! The command line: `aigne-hub COMMAND`. One file per group; all but `serve`, `config`, `openapi` and `licenses` open the
//! database, do one thing through the same use-cases as the console, and end.
//!
//! Results go to standard output (with `--json` as one JSON value), sentences for people to standard error. So does why a
//! command failed, with `--json` as one line `{"error":{"message","exit_code"}}`.

mod call;
mod credits;
mod error;
mod first_key;
mod identity_provider;
mod key;
mod licenses;
mod limit;
mod mail;
mod migrate;
mod model;
mod moments;
pub mod open;
mod openapi;
mod output;
mod price;
mod project;
mod provider;
mod secret_input;
mod secrets;
mod settings;
mod user;
mod verify_audit;
mod verify_ledger;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{
    config::{self, Config, Overrides},
    serve, telemetry,
};

pub use error::CommandError;
pub use output::{Outcome, fail};

/// What the person typed.
#[derive(Debug, Parser)]
#[command(
    name = "aigne-hub",
    version,
    about = "One endpoint in front of every AI provider.",
    after_help = "Exit codes: 0 done; 1 refused or failed; 2 wrong arguments; 3 wrong configuration; 4 the server or the database could not be opened, or the database failed. Failures are told on standard error, with --json as {\"error\":{\"message\",\"exit_code\"}}."
)]
pub struct Arguments {
    /// The configuration file; else HUB_CONFIG, else hub.toml here if there is one.
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the console.
    Serve {
        /// Add a simulated provider and print a key to try it. Only on a loopback address.
        #[arg(long)]
        demo: bool,
        /// Address and port, instead of HUB_LISTEN.
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<String>,
    },
    /// Print the effective settings and where each was set.
    Config,
    /// People who can sign in.
    #[command(subcommand)]
    User(user::Command),
    /// How mail is sent.
    #[command(subcommand)]
    Mail(mail::Command),
    /// API keys.
    #[command(subcommand)]
    Key(key::Command),
    /// People and keys together, with an account that pays.
    #[command(subcommand)]
    Project(project::Command),
    /// Upstreams.
    #[command(subcommand)]
    Provider(provider::Command),
    /// Models of providers.
    #[command(subcommand)]
    Model(model::Command),
    /// What calls cost and are sold for.
    #[command(subcommand)]
    Price(price::Command),
    /// Who else may say who somebody is.
    #[command(subcommand)]
    IdentityProvider(identity_provider::Command),
    /// The log of calls.
    #[command(subcommand)]
    Call(call::Command),
    /// Credit of people.
    #[command(subcommand)]
    Credits(credits::Command),
    /// How much keys, projects, people, models and providers may use.
    #[command(subcommand)]
    Limit(limit::Command),
    /// Settings that change while the hub runs.
    #[command(subcommand)]
    Settings(settings::Command),
    /// Prove the books from what is stored. May run beside a server. The exit code is 1 when something is wrong.
    VerifyLedger {
        /// Only the account of the person with this e-mail address, or with this id.
        #[arg(long, value_name = "EMAIL|acct_…")]
        account: Option<String>,
        /// Only accounts on which something happened since: a moment like 2027-01-31T00:00:00Z, or days ago like 7d.
        #[arg(long, value_name = "MOMENT|DAYS")]
        since: Option<String>,
    },
    /// Prove that nobody but the hub has written the list of changes. May run beside a server. The exit code is 1 when
    /// something is wrong.
    VerifyAudit,
    /// Bring the database up to date. Needs the server stopped.
    Migrate,
    /// The hub's own secrets.
    #[command(subcommand)]
    Secrets(secrets::Command),
    /// Print the OpenAPI document of every route for machines. A running hub serves it at /openapi.json.
    Openapi,
    /// Print the licences of everything that this binary is made of.
    Licenses,
}

impl Arguments {
    /// Reads what was typed.
    ///
    /// # Errors
    /// The exit code, when help was asked for or what was typed is wrong; that is told already.
    pub fn read() -> Result<Self, u8> {
        Self::try_parse().map_err(|error| {
            let json = std::env::args_os().any(|word| word == "--json");
            if json && error.use_stderr() {
                fail(&in_one_line(&error.to_string()), WRONG_ARGUMENTS, true);
                return WRONG_ARGUMENTS;
            }
            // A terminal that is gone reads nothing.
            let _ = error.print();
            u8::try_from(error.exit_code()).unwrap_or(WRONG_ARGUMENTS)
        })
    }

    /// Whether results are wanted as JSON.
    #[must_use]
    pub const fn json(&self) -> bool {
        self.json
    }

    /// Reads the configuration as these arguments ask.
    ///
    /// # Errors
    /// See [`config::ConfigError`].
    pub fn configuration(&self) -> Result<Config, CommandError> {
        let listen = match &self.command {
            Command::Serve { listen, .. } => listen.clone(),
            _ => None,
        };
        Ok(Config::load(&Overrides {
            file: self.config.clone(),
            listen,
        })?)
    }

    /// Does what was asked.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub async fn run(self, config: &Config) -> Result<Outcome, CommandError> {
        if let Command::Serve { demo, .. } = self.command {
            serve::run(config, serve::Options { demo, json: self.json }).await?;
            return Ok(Outcome::silent());
        }
        telemetry::start_command(&config.process, config::is_log_set(config));
        for warning in config.warnings() {
            tracing::warn!("{warning}");
        }
        match self.command {
            Command::Serve { .. } => Ok(Outcome::silent()),
            Command::Config => {
                config.master_key()?;
                Ok(Outcome {
                    json: config::as_json(config),
                    result: config::as_text(config),
                    sentence: String::new(),
                })
            }
            Command::User(command) => user::run(config, command).await,
            Command::Mail(command) => mail::run(config, command).await,
            Command::Key(command) => key::run(config, command).await,
            Command::Project(command) => project::run(config, command).await,
            Command::Provider(command) => provider::run(config, command).await,
            Command::Model(command) => model::run(config, command).await,
            Command::Price(command) => price::run(config, command).await,
            Command::IdentityProvider(command) => identity_provider::run(config, command).await,
            Command::Call(command) => call::run(config, &command).await,
            Command::Credits(command) => credits::run(config, command).await,
            Command::Limit(command) => limit::run(config, command).await,
            Command::Settings(command) => settings::run(config, command).await,
            Command::VerifyLedger { account, since } => verify_ledger::run(config, account, since.as_deref()).await,
            Command::VerifyAudit => verify_audit::run(config).await,
            Command::Migrate => migrate::run(config).await,
            Command::Secrets(command) => secrets::run(config, &command).await,
            Command::Openapi => Ok(openapi::run()),
            Command::Licenses => licenses::run(),
        }
    }
}

/// The exit code for wrong arguments.
const WRONG_ARGUMENTS: u8 = 2;

/// What clap says first; usage and tips follow after an empty line.
fn in_one_line(text: &str) -> String {
    let said = text.trim().split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = said.trim_start_matches("error: ").split_whitespace().collect();
    format!(
        "{}. `--help` tells what can be said.",
        words.join(" ").trim_end_matches('.')
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn json_may_stand_anywhere() {
        for words in [
            ["aigne-hub", "--json", "provider", "list"],
            ["aigne-hub", "provider", "list", "--json"],
        ] {
            assert!(Arguments::try_parse_from(words).is_ok_and(|arguments| arguments.json()));
        }
    }
}
