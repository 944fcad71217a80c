//! What a page or a server function answers when it cannot do what was asked: a refusal, or a broken connection.
//!
//! Forms of pages get it back as a sentence; what islands need of it is `islands::playground::unheard`. Causes that only the operator may know are logged once, here, when
//! the engine's error is turned into it; the person reads a sentence and the request id.

mod delivery;
mod door;
mod identity;
mod money;
mod price;

use domain::{
    door::DoorRefusal,
    identity::{IdentityRefusal, TypedProblem},
    mail::MailRefusal,
    money::InvalidNumber,
    name::InvalidName,
    refusal::{Invalid, Refusal},
};
use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

pub use delivery::Delivery;
pub use money::MoneyProblem;
pub use price::PriceProblem;

use crate::text::Language;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum AppError {
    /// Turned away, or failed on our side (`Refusal::Internal`).
    #[error("{0}")]
    Refused(Refusal),
    /// A new password was typed in two ways. Only forms know that, so it is no refusal of the engine.
    #[error("the two passwords differ")]
    PasswordsDiffer,
    /// A present password was typed wrongly by somebody who is signed in.
    #[error("the present password is wrong")]
    WrongPassword,
    /// A form about money that was understood and is not booked.
    #[error("{0}")]
    Money(MoneyProblem),
    /// A version of a price that was understood and is not published.
    #[error("{0}")]
    Price(PriceProblem),
    /// An identity provider brings nobody, or is not taken as it was typed.
    #[error("{0}")]
    Identity(IdentityRefusal),
    /// Somebody does not come in.
    #[error("{0}")]
    Door(DoorRefusal),
    /// Something about mail is not done.
    #[error("{0}")]
    Mail(MailRefusal),
    /// A form that was not read, so that nothing was done.
    #[error("{0}")]
    Undelivered(Delivery),
    /// Browser and hub could not understand each other.
    #[error("the connection to the hub failed: {0}")]
    Transport(String),
}

impl AppError {
    /// What the asker may know.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::PasswordsDiffer => Refusal::ConfirmationMismatch,
            Self::WrongPassword => Refusal::WrongCredentials,
            Self::Undelivered(_)
            | Self::Money(_)
            | Self::Price(_)
            | Self::Identity(_)
            | Self::Door(_)
            | Self::Mail(_) => Refusal::Invalid(Invalid::Choice),
            Self::Transport(_) => Refusal::Internal,
        }
    }

    /// The sentence for the person.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        match self {
            Self::Refused(refusal) => language.refusal(refusal),
            Self::PasswordsDiffer => language
                .pick(
                    "The two passwords differ. Type the same one twice.",
                    "两次输入的密码不一致，请重新输入。",
                )
                .to_owned(),
            Self::WrongPassword => language
                .pick("That is not your current password.", "当前密码不正确。")
                .to_owned(),
            Self::Money(problem) => problem.sentence(language),
            Self::Price(problem) => problem.sentence(language),
            Self::Identity(refusal) => identity::sentence(refusal, language),
            Self::Door(refusal) => door::door(refusal, language),
            Self::Mail(refusal) => door::mail(refusal, language),
            Self::Undelivered(delivery) => delivery.sentence(language).to_owned(),
            Self::Transport(_) => language
                .pick(
                    "The connection to the hub broke off. Try again.",
                    "与 Hub 的连接中断，请重试。",
                )
                .to_owned(),
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        // These mean that the request could not be read.
        if matches!(
            error,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_)
        ) {
            crate::context::set_status(http::StatusCode::BAD_REQUEST);
        }
        match error {
            // A form that lacks a field was not made by our page.
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Undelivered(Delivery::Fields),
            other => Self::Transport(other.to_string()),
        }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Invalid> for AppError {
    fn from(problem: Invalid) -> Self {
        Self::Refused(Refusal::Invalid(problem))
    }
}

impl From<PriceProblem> for AppError {
    fn from(problem: PriceProblem) -> Self {
        Self::Price(problem)
    }
}

impl From<InvalidName> for AppError {
    fn from(problem: InvalidName) -> Self {
        Self::Refused(problem.into())
    }
}

impl From<IdentityRefusal> for AppError {
    fn from(refusal: IdentityRefusal) -> Self {
        Self::Identity(refusal)
    }
}

impl From<TypedProblem> for AppError {
    fn from(problem: TypedProblem) -> Self {
        match problem.refusal() {
            Ok(refusal) => Self::Refused(refusal),
            Err(refusal) => Self::Identity(refusal),
        }
    }
}

impl From<MoneyProblem> for AppError {
    fn from(problem: MoneyProblem) -> Self {
        Self::Money(problem)
    }
}

impl From<InvalidNumber> for AppError {
    fn from(invalid: InvalidNumber) -> Self {
        Self::Money(invalid.into())
    }
}

impl From<gateway::Error> for AppError {
    fn from(error: gateway::Error) -> Self {
        match error {
            gateway::Error::Ledger(refusal) => return Self::Money(MoneyProblem::Ledger(refusal)),
            gateway::Error::LedgerBehind => return Self::Money(MoneyProblem::Behind),
            gateway::Error::Setting(problem) => return Self::Money(MoneyProblem::Setting(problem)),
            gateway::Error::Identity(refusal) => return Self::Identity(refusal),
            gateway::Error::Door(refusal) => return Self::Door(refusal),
            gateway::Error::Mail(refusal) => return Self::Mail(refusal),
            gateway::Error::Price(refusal) => return Self::Price(PriceProblem::Refused(refusal)),
            _ => {}
        }
        if let gateway::Error::Quarantine { account, reason } = &error {
            tracing::error!(%account, reason, "an account is out of service");
            return Self::Money(MoneyProblem::OutOfService);
        }
        let refusal = error.refusal();
        if refusal == Refusal::Internal {
            tracing::error!(%error, "the console could not answer");
        }
        Self::Refused(refusal)
    }
}

impl From<crate::context::SessionFailed> for AppError {
    fn from(error: crate::context::SessionFailed) -> Self {
        tracing::error!(%error, "the console could not answer");
        Self::Refused(Refusal::Internal)
    }
}
