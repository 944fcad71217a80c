//! Why a command did not do what was asked: one sentence and an exit code, never a trace.

use std::net::SocketAddr;

use domain::{
    id::InvalidId,
    money::InvalidNumber,
    name::{Email, InvalidName},
    price::PriceRefusal,
    refusal::{Refusal, Thing},
    setting::InvalidSetting,
};
use gateway::OpenError;

use super::Outcome;
use crate::config::ConfigError;

/// What ends a command early.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database or the keys cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A command that only looks, or changes what is there, was started where nothing is.
    #[error(
        "there is no hub here yet: {0}. Start this where your hub is, or name it by HUB_DATA_DIR or HUB_DATABASE_URL; `aigne-hub serve` makes a new one."
    )]
    NothingHere(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}.")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// Why not, and what to do.
        reason: String,
    },
    /// The demo hands out a key to whoever reads the terminal, so it stays on this machine.
    #[error("serve --demo only listens on this machine, but HUB_LISTEN is {0}. Use 127.0.0.1, or leave --demo out.")]
    DemoInPublic(SocketAddr),
    /// Turned away by a rule of the product, or failed inside.
    #[error("{}", sentence(.0))]
    Refused(#[from] gateway::Error),
    /// A key would be of a project that its owner is not in.
    #[error(
        "{email} is not in the project {project}. Put them into it first: `aigne-hub project member add {project} --user {email}`."
    )]
    NotInProject {
        /// Whose the key would be.
        email: Email,
        /// The project, as it was named.
        project: String,
    },
    /// The books are not sound.
    #[error("the books are not sound. {sentence}.")]
    Books {
        /// What was looked at.
        sentence: String,
        /// What is wrong; printed all the same.
        report: Box<Outcome>,
    },
    /// The list of changes is not as the hub has written it.
    #[error("the list of changes is not as the hub has written it. {sentence}.")]
    Chain {
        /// What was looked at.
        sentence: String,
        /// What is wrong; printed all the same.
        report: Box<Outcome>,
    },
    /// An argument that is not what it should be.
    #[error("{0}")]
    Argument(String),
    /// Standard input could not be read.
    #[error("cannot read standard input: {0}.")]
    Input(std::io::Error),
    /// The static files are not there, and the licences are one of them.
    #[error(
        "this binary was built without its static files, and the licences are one of them. `make build` makes one that has them."
    )]
    NoNotices,
    /// Another process keeps the ledger that this server owned.
    #[error(
        "the connection to the database was lost, and another process keeps the ledger since. What this server held in memory is worth nothing any more: start it again."
    )]
    Deposed,
    /// The runtime could not be started.
    #[error("cannot start threads: {0}.")]
    Runtime(std::io::Error),
}

impl CommandError {
    /// What is to be printed although the command failed.
    #[must_use]
    pub fn report(&self) -> Option<&Outcome> {
        match self {
            Self::Books { report, .. } | Self::Chain { report, .. } => Some(report),
            _ => None,
        }
    }

    /// As `--help` documents.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(gateway::Error::Store(error)) if error.is_outage() => 4,
            Self::Refused(_)
            | Self::NotInProject { .. }
            | Self::NoNotices
            | Self::Books { .. }
            | Self::Chain { .. } => 1,
            Self::Argument(_) | Self::Input(_) => 2,
            Self::Config(_) | Self::DemoInPublic(_) => 3,
            Self::Open(_) | Self::NothingHere(_) | Self::Listen { .. } | Self::Deposed | Self::Runtime(_) => 4,
        }
    }
}

/// A person at a terminal may read what the log would say.
fn sentence(error: &gateway::Error) -> String {
    if let gateway::Error::Ledger(refusal) = error {
        return refusal.to_string();
    }
    if let gateway::Error::Price(refusal @ PriceRefusal::BelowCost(_)) = error {
        return format!("{refusal} `--below-cost-ok` says so.");
    }
    match error.refusal() {
        Refusal::Internal => error.to_string(),
        refusal @ Refusal::NotFound { what } => match list_of(what) {
            Some(command) => format!("{refusal} `aigne-hub {command}` shows what there is."),
            None => refusal.to_string(),
        },
        refusal => refusal.to_string(),
    }
}

/// The command that lists such things.
const fn list_of(what: Thing) -> Option<&'static str> {
    match what {
        Thing::User => Some("user list"),
        Thing::Key => Some("key list"),
        Thing::Project => Some("project list"),
        Thing::Provider => Some("provider list"),
        Thing::Model => Some("model list"),
        Thing::Call => Some("call list"),
        Thing::IdentityProvider => Some("identity-provider list"),
        Thing::Credential
        | Thing::Member
        | Thing::Application
        | Thing::Session
        | Thing::Lot
        | Thing::Page
        | Thing::Connection
        | Thing::Identity
        | Thing::Limit
        | Thing::Mail
        | Thing::Invitation => None,
    }
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(gateway::Error::Refused(refusal))
    }
}

impl From<InvalidName> for CommandError {
    fn from(problem: InvalidName) -> Self {
        Self::Argument(format!("{problem}."))
    }
}

impl From<InvalidNumber> for CommandError {
    fn from(problem: InvalidNumber) -> Self {
        Self::Argument(format!("{problem}."))
    }
}

impl From<InvalidSetting> for CommandError {
    fn from(problem: InvalidSetting) -> Self {
        Self::Argument(problem.to_string())
    }
}

impl From<InvalidId> for CommandError {
    fn from(problem: InvalidId) -> Self {
        Self::Argument(format!("{problem}."))
    }
}
