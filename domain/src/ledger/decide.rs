//! From a command to its effects. Deciding only reads; taking over what was decided cannot fail. So a refused command
//! leaves its account as it was, and the stored effects are the whole truth.

mod calls;
mod credit;
mod debt;
mod draft;

use super::{Account, Command, CommandKind, Effects, Outcome, Refusal, Status};
use crate::time::Timestamp;
use draft::Draft;

/// Applies a command, or refuses it and leaves the account unchanged.
///
/// # Errors
/// Why the command is not applied.
pub fn apply(account: &mut Account, command: &Command, now: Timestamp) -> Result<Effects, Refusal> {
    let effects = decide(account, command, now)?;
    account.absorb(&effects);
    Ok(effects)
}

/// What applying would do, without doing it.
///
/// # Errors
/// Why the command would not be applied.
pub fn decide(account: &Account, command: &Command, now: Timestamp) -> Result<Effects, Refusal> {
    let mut draft = Draft::new(account, now);
    let outcome = match command {
        Command::Grant(grant) => credit::grant(&mut draft, grant)?,
        Command::Hold { call, amount } => calls::hold(&mut draft, *call, *amount)?,
        Command::Extend { call, by } => calls::extend(&mut draft, *call, *by)?,
        Command::Settle { call, charge } => calls::settle(&mut draft, *call, *charge)?,
        Command::Release { call } => calls::release(&mut draft, *call)?,
        Command::Late { call, charge } => calls::late(&mut draft, *call, *charge)?,
        Command::Expire { lot } => credit::expire(&mut draft, *lot)?,
        Command::Void { lot, .. } => credit::void(&mut draft, *lot)?,
        Command::ExtendLot { lot, expires_at, .. } => credit::extend(&mut draft, *lot, *expires_at)?,
        Command::Adjust { adjustment, .. } => credit::adjust(&mut draft, adjustment)?,
        Command::Correct {
            call,
            amount,
            parts,
            lot,
            ..
        } => calls::correct(&mut draft, *call, *amount, parts, *lot)?,
        Command::Block { .. } => status(&mut draft, Status::Blocked),
        Command::Unblock { .. } => status(&mut draft, Status::Active),
        Command::Allocate { charge, .. } => calls::allocate(&mut draft, *charge),
        Command::WriteOff { amount, loss, .. } => debt::write_off(&mut draft, *amount, *loss)?,
        Command::Debit { amount, .. } => debt::debit(&mut draft, *amount)?,
    };
    if brings_credit(command.kind()) {
        debt::repay(&mut draft);
    }
    draft.finish(command.kind(), outcome)
}

fn status(draft: &mut Draft<'_>, status: Status) -> Outcome {
    draft.totals.status = status;
    Outcome::Done
}

/// Commands after which more credit can be free than before.
const fn brings_credit(kind: CommandKind) -> bool {
    matches!(
        kind,
        CommandKind::Grant
            | CommandKind::Settle
            | CommandKind::Release
            | CommandKind::ExtendLot
            | CommandKind::Adjust
            | CommandKind::Correct
    )
}
