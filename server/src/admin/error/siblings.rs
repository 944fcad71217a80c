//! The refusals that have a type of their own, as errors of the admin API: of the ledger, of prices, identities, doors, mail, settings.

use domain::{
    door::DoorRefusal,
    identity::{IdentityRefusal, TypedProblem},
    ledger,
    mail::{InvalidMail, MailRefusal},
    price::PriceRefusal,
    setting::InvalidSetting,
};
use http::StatusCode;

use super::{AdminError, word};

impl From<ledger::Refusal> for AdminError {
    fn from(refusal: ledger::Refusal) -> Self {
        use ledger::Refusal::{
            BeyondCorrectable, BeyondDebt, Blocked, Broken, HoldExists, Limit, LotExists, NoHold, NoLot, NotDue,
            NotLater, NothingToVoid, OtherUnderName, Period, Shortage, TooLarge, WrongParts, ZeroAmount,
        };
        let (status, field) = match &refusal {
            NoLot { .. } => (StatusCode::NOT_FOUND, None),
            Period | NotLater { .. } => (StatusCode::UNPROCESSABLE_ENTITY, Some("expires_at")),
            ZeroAmount | TooLarge | BeyondDebt { .. } | BeyondCorrectable { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, Some("amount"))
            }
            Shortage(_)
            | Blocked
            | Limit(_)
            | HoldExists { .. }
            | NoHold { .. }
            | LotExists { .. }
            | NothingToVoid { .. }
            | NotDue { .. }
            | WrongParts { .. }
            | OtherUnderName
            | Broken(_) => (StatusCode::CONFLICT, None),
        };
        let mut error = Self::new(status, word(&refusal, Some("refusal")), refusal.to_string());
        error.field = field.map(str::to_owned);
        error
    }
}

impl From<PriceRefusal> for AdminError {
    fn from(refusal: PriceRefusal) -> Self {
        let (status, field) = match &refusal {
            PriceRefusal::Stale { .. } => (StatusCode::CONFLICT, None),
            PriceRefusal::BelowCost(_) => (StatusCode::UNPROCESSABLE_ENTITY, Some("below_cost_ok")),
            PriceRefusal::Past | PriceRefusal::Fraction => (StatusCode::UNPROCESSABLE_ENTITY, Some("effective_from")),
            PriceRefusal::Empty => (StatusCode::UNPROCESSABLE_ENTITY, Some("sell")),
            PriceRefusal::Tiers | PriceRefusal::NeverCharged(_) => (StatusCode::UNPROCESSABLE_ENTITY, Some("tiers")),
            PriceRefusal::Text => (StatusCode::UNPROCESSABLE_ENTITY, Some("reason")),
        };
        let code = format!("price_{}", word(&refusal, Some("problem")));
        let mut error = Self::new(status, code, refusal.to_string());
        error.field = field.map(str::to_owned);
        error
    }
}

impl From<IdentityRefusal> for AdminError {
    fn from(refusal: IdentityRefusal) -> Self {
        let status = match &refusal {
            IdentityRefusal::Provider => StatusCode::NOT_FOUND,
            IdentityRefusal::FromFile | IdentityRefusal::LastWayIn => StatusCode::CONFLICT,
            // What is wrong is what the provider was said to be.
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let code = format!("identity_{}", refusal.word());
        let mut error = Self::new(status, code, refusal.to_string());
        if matches!(
            refusal,
            IdentityRefusal::Invalid(domain::identity::InvalidIdentity::Secret)
        ) {
            error.field = Some("client_secret".to_owned());
        }
        error
    }
}

impl From<DoorRefusal> for AdminError {
    fn from(refusal: DoorRefusal) -> Self {
        let sentence = refusal.to_string();
        match refusal {
            DoorRefusal::Days => Self::invalid("days", sentence),
            DoorRefusal::Over => Self::new(StatusCode::CONFLICT, "invitation_over", sentence),
            // Admins stand at no door.
            refusal => Self::new(StatusCode::CONFLICT, word(&refusal, Some("kind")), sentence),
        }
    }
}

impl From<MailRefusal> for AdminError {
    fn from(refusal: MailRefusal) -> Self {
        let sentence = refusal.to_string();
        let (status, code) = match refusal {
            MailRefusal::Invalid(InvalidMail::Password) => return Self::invalid("password", sentence),
            MailRefusal::Invalid(InvalidMail::InTheOpen) => return Self::invalid("security", sentence),
            MailRefusal::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_field"),
            MailRefusal::Configured => (StatusCode::CONFLICT, "mail_configured"),
            MailRefusal::NotSetUp => (StatusCode::CONFLICT, "mail_not_set_up"),
            MailRefusal::Fault(_) => (StatusCode::BAD_GATEWAY, "mail_not_sent"),
            MailRefusal::Full => (StatusCode::SERVICE_UNAVAILABLE, "mail_full"),
            MailRefusal::JustSent { .. } => (StatusCode::TOO_MANY_REQUESTS, "mail_just_sent"),
        };
        Self::new(status, code, sentence)
    }
}

impl From<TypedProblem> for AdminError {
    fn from(problem: TypedProblem) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_field",
            super::super::query::sentence(&problem.to_string()),
        )
    }
}

impl From<InvalidSetting> for AdminError {
    fn from(problem: InvalidSetting) -> Self {
        match problem {
            InvalidSetting::Name(_) => Self::new(StatusCode::NOT_FOUND, "setting_not_found", problem.to_string()),
            problem => Self::invalid("value", problem.to_string()),
        }
    }
}
