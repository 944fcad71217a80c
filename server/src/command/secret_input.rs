//! Reads a password or credential: from standard input where asked, else typed unseen at the terminal.

use std::io::{IsTerminal as _, Read as _};

use gateway::SecretText;

use super::CommandError;

/// Longer input is no secret but a mistake.
const LIMIT: u64 = 64 * 1024;

/// Reads one secret. `option` is named when there is no terminal to ask at.
pub fn read(from_stdin: bool, prompt: &str, option: &str) -> Result<SecretText, CommandError> {
    let text = if from_stdin {
        let mut text = String::new();
        std::io::stdin()
            .lock()
            .take(LIMIT)
            .read_to_string(&mut text)
            .map_err(CommandError::Input)?;
        text
    } else if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("{prompt}: ")).map_err(CommandError::Input)?
    } else {
        return Err(CommandError::Argument(format!(
            "There is no terminal to ask at. Pass {option} and send the secret on standard input."
        )));
    };
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(CommandError::Argument(format!("{prompt} is empty.")));
    }
    Ok(SecretText::from(secret.to_owned()))
}
