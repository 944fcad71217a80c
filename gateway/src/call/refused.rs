//! Why the ledger does not admit a call, as the caller is told.

use domain::{
    call::Fault,
    ledger::{Refusal, Shortage},
    money::Amount,
};
use serde::Serialize;

use super::{
    CallError, Caller,
    limited::{self, OverLimitTold},
};
use crate::{Error, Inner};

/// Running calls end within seconds, most of them.
const WAIT: u32 = 5;

/// What the credit came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shortfall {
    /// What can be spent.
    pub spendable: Amount,
    /// What the call would have needed at least.
    pub needed: Amount,
    /// What the account owes; it is paid before anything else.
    pub debt: Amount,
    /// How much credit is missing: with so much more the call is admitted.
    pub missing: Amount,
    /// What running calls hold.
    pub held: Amount,
    /// Whether the end of running calls may be enough.
    pub waiting_helps: bool,
    /// Where credit is to be had.
    pub url: String,
}

/// What an error tells beyond its sentence.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Facts<'a> {
    /// What the credit came to, when it is too little.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<&'a Shortfall>,
    /// The limit that is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<&'a OverLimitTold>,
}

/// The answer for whoever is not admitted.
pub(super) fn refused(inner: &Inner, caller: Caller, error: Error) -> CallError {
    match error {
        Error::Ledger(Refusal::Limit(over)) => limited::over(&over, caller),
        Error::Ledger(Refusal::Shortage(shortage)) => short(inner, caller, &shortage),
        Error::Ledger(Refusal::Blocked) => blocked(),
        Error::Quarantine { account, reason } => {
            tracing::error!(%account, reason, "a call is refused: its account is out of service");
            CallError::new(
                Fault::Hub,
                503,
                "account_out_of_service",
                "The account of this key is out of service until its books have been looked at. Ask whoever runs this hub.",
            )
        }
        Error::LedgerBehind => behind(),
        error => {
            tracing::error!(%error, "a call is refused: the ledger did not answer");
            behind()
        }
    }
}

/// The account admits no call, in whichever mode.
pub(super) fn blocked() -> CallError {
    CallError::new(
        Fault::Credit,
        403,
        "account_blocked",
        "The account of this key is blocked, so it admits no calls. Ask whoever runs this hub.",
    )
}

impl CallError {
    /// The key is bound to other models.
    pub(crate) fn model_not_allowed(public_name: &str) -> Self {
        let sentence = format!(
            "This API key may not ask the model `{public_name}`. `GET /v1/models` lists those that it may ask; whoever keeps the key can allow more in the console under API keys."
        );
        Self {
            param: Some("model".to_owned()),
            ..Self::new(Fault::Key, 403, "model_not_allowed", sentence)
        }
    }
}

fn behind() -> CallError {
    let sentence = "The hub cannot book calls at the moment. Try again in a few seconds.";
    CallError {
        retry_after: Some(2),
        ..CallError::new(Fault::Hub, 503, "ledger_behind", sentence)
    }
}

/// From what can be spent, which is below zero where more is owed or held than is there, up to what is needed.
fn missing(shortage: &Shortage) -> Amount {
    let most = i128::from(Amount::MAX.nano());
    let missing = i128::from(shortage.needed.nano()) - i128::from(shortage.spendable.nano());
    i64::try_from(missing.clamp(0, most))
        .ok()
        .and_then(Amount::from_nano)
        .unwrap_or(Amount::MAX)
}

/// Not enough credit, also in the middle of a stream.
pub(super) fn short(inner: &Inner, caller: Caller, shortage: &Shortage) -> CallError {
    let shortfall = Shortfall {
        spendable: shortage.spendable.or_zero(),
        needed: shortage.needed,
        debt: shortage.debt,
        missing: missing(shortage),
        held: shortage.held,
        waiting_helps: shortage.waiting_helps,
        // Who pays for a project stands on its page.
        url: match caller.pays_own() {
            true => format!("{}/credits", inner.public_url),
            false => format!("{}/projects/{}", inner.public_url, caller.project),
        },
    };
    let Shortfall {
        spendable,
        needed,
        debt,
        missing,
        held,
        url,
        ..
    } = &shortfall;
    let next = if shortage.waiting_helps {
        format!("Running calls hold {held}: try again when they have ended, or add credit at {url}.")
    } else {
        format!("Add credit at {url}: {missing} are missing.")
    };
    let owed = if debt.is_zero() {
        String::new()
    } else {
        format!(", and the account owes {debt}")
    };
    let sentence = format!("This call needs {needed} credits, {spendable} can be spent{owed}. {next}");
    CallError {
        retry_after: shortage.waiting_helps.then_some(WAIT),
        credit: Some(Box::new(shortfall)),
        ..CallError::new(Fault::Credit, 402, "insufficient_credits", sentence)
    }
}
