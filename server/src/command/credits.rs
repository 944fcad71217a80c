//! `credits grant`, `credits void` and every other change by hand (`change`), `credits balance`, `credits ledger` (`show`),
//! `credits lift-quarantine` (`lift`).

mod change;
pub(super) mod expiry;
mod lift;
mod show;

use clap::Subcommand;

use super::{CommandError, Outcome};
use crate::config::Config;

pub use expiry::text as moment;

/// What can be done with credit.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Change what somebody has.
    #[command(flatten)]
    Change(change::Command),
    /// Look at it.
    #[command(flatten)]
    Show(show::Command),
    /// Put an account back into service that was taken out of it, once its books are proved to be sound.
    LiftQuarantine(lift::Lift),
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    match command {
        Command::Change(command) => change::run(config, command).await,
        Command::Show(command) => show::run(config, command).await,
        Command::LiftQuarantine(wanted) => lift::run(config, wanted).await,
    }
}
