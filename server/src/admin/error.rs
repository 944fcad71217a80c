//! Errors of the admin API: `{"error":{"code","message","field"?}}`. One mapping for every use-case; the codes are the words that
//! refusals have in storage (`domain::refusal`; its siblings are in `error/siblings.rs`), so they stay.

mod siblings;

use std::borrow::Cow;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{
    limit::InvalidLimit,
    name::InvalidName,
    refusal::{Invalid, Refusal},
};
use gateway::Error;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::json;

use crate::v1::ApiError;

/// An answer of the admin API that is not a success.
#[derive(Clone, Debug)]
pub struct AdminError {
    status: StatusCode,
    /// A stable word for programs.
    code: Cow<'static, str>,
    /// A sentence that says what to do next.
    message: String,
    /// The member of the body, or what stands behind the question mark, that is wrong.
    field: Option<String>,
    retry_after: Option<u32>,
}

impl AdminError {
    pub(super) fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            field: None,
            retry_after: None,
        }
    }

    /// Something in the request that was understood and cannot be.
    pub(super) fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", message).at(field)
    }

    /// About this member of the request, unless it says so already.
    #[must_use]
    pub(super) fn at(mut self, field: &str) -> Self {
        self.field.get_or_insert_with(|| field.to_owned());
        self
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Bytes {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(field) = &self.field {
            error["field"] = field.as_str().into();
        }
        json!({ "error": error }).to_string().into()
    }
}

impl From<Refusal> for AdminError {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::NotSignedIn => StatusCode::UNAUTHORIZED,
            Refusal::NotAllowed
            | Refusal::OwnersOnly
            | Refusal::OnlyLooking
            | Refusal::NotBelow
            | Refusal::DisabledByAdmin
            | Refusal::BoundByAdmin { .. }
            | Refusal::LimitByAdmin
            | Refusal::ByKey
            | Refusal::BeyondKey { .. }
            | Refusal::BeyondLimits
            | Refusal::OtherProject
            | Refusal::TiedKey { .. } => StatusCode::FORBIDDEN,
            Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
            Refusal::Invalid(_) | Refusal::WrongCredentials => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::TryLater { .. } => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            // It was understood and is allowed, and cannot be done as things stand.
            _ => StatusCode::CONFLICT,
        };
        let code = match &refusal {
            Refusal::NotFound { what } => format!("{}_not_found", word(what, None)),
            Refusal::Taken { what } => format!("{}_taken", word(what, None)),
            Refusal::Changed { what } => format!("{}_changed", word(what, None)),
            Refusal::Invalid(_) => "invalid_field".to_owned(),
            Refusal::Internal => "internal_error".to_owned(),
            refusal => word(refusal, Some("kind")),
        };
        let mut error = Self::new(status, code, refusal.to_string());
        match refusal {
            Refusal::Invalid(problem) => error.field = field_of(&problem).map(str::to_owned),
            Refusal::TryLater { seconds } => error.retry_after = Some(seconds),
            // Bounds are called as the members that say them.
            Refusal::BoundByAdmin { bound } | Refusal::BeyondKey { bound } => error.field = Some(word(&bound, None)),
            _ => {}
        }
        error
    }
}

/// Which member of a body such a problem is about, where it is always the same.
const fn field_of(problem: &Invalid) -> Option<&'static str> {
    Some(match problem {
        Invalid::Name(InvalidName::Email) => "email",
        Invalid::Name(InvalidName::Label) => "title",
        Invalid::Name(InvalidName::Provider | InvalidName::Model) => "name",
        Invalid::Name(InvalidName::BaseUrl) => "base_url",
        Invalid::PasswordLength => "password",
        Invalid::Credential | Invalid::CredentialMissing => "secret",
        Invalid::Timeout => "timeouts",
        Invalid::Field => "quirks",
        Invalid::Tokens => "context_tokens",
        Invalid::Scopes => "scopes",
        Invalid::Addresses => "addresses",
        Invalid::Allowed => "allowed",
        Invalid::Expiry => "expires_at",
        Invalid::Application => "application",
        Invalid::Limit(InvalidLimit::SpendOfWhat) => "measure",
        Invalid::Limit(InvalidLimit::Window) => "window",
        Invalid::Limit(InvalidLimit::Most) => "limit",
        _ => return None,
    })
}

/// The word that a value has in storage: itself, or what stands in one of its members.
fn word(value: &impl Serialize, member: Option<&str>) -> String {
    let written = serde_json::to_value(value).unwrap_or_default();
    let word = member.map_or(&written, |member| &written[member]);
    word.as_str().unwrap_or("refused").to_owned()
}

impl From<Error> for AdminError {
    fn from(error: Error) -> Self {
        let sentence = error.to_string();
        match error {
            Error::Refused(Refusal::Internal) => internal(&sentence),
            Error::Refused(refusal) => refusal.into(),
            Error::Ledger(refusal) => refusal.into(),
            Error::Price(refusal) => refusal.into(),
            Error::Setting(problem) => problem.into(),
            Error::Identity(refusal) => refusal.into(),
            Error::Door(refusal) => refusal.into(),
            Error::Mail(refusal) => refusal.into(),
            Error::Key(problem) => problem.into(),
            Error::Quarantine { .. } => Self::new(StatusCode::CONFLICT, "account_out_of_service", sentence),
            Error::InService { .. } => Self::new(StatusCode::CONFLICT, "account_in_service", sentence),
            Error::Unsound { .. } => Self::new(StatusCode::CONFLICT, "books_unsound", sentence),
            Error::Answered(_) => Self::new(StatusCode::CONFLICT, "refused", sentence),
            Error::NoAccount => Refusal::NotFound {
                what: domain::refusal::Thing::User,
            }
            .into(),
            Error::LedgerBehind => Self::new(StatusCode::SERVICE_UNAVAILABLE, "ledger_behind", sentence),
            _ => internal(&sentence),
        }
    }
}

/// The log knows why.
fn internal(why: &str) -> AdminError {
    tracing::error!(error = why, "a request of the admin API failed");
    Refusal::Internal.into()
}

/// What is alike for all machines: keys, bodies, paths.
impl From<ApiError> for AdminError {
    fn from(error: ApiError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self {
            retry_after: error.retry_after(),
            ..Self::new(status, error.code().to_owned(), error.message())
        }
    }
}

impl From<gateway::call::KeyProblem> for AdminError {
    fn from(problem: gateway::call::KeyProblem) -> Self {
        ApiError::from(problem).into()
    }
}

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        door::DoorRefusal, identity::IdentityRefusal, ledger, mail::MailRefusal, price::PriceRefusal, refusal::Thing,
    };

    use super::*;

    fn told(error: impl Into<AdminError>) -> (u16, String, Option<String>) {
        let error = error.into();
        (error.status.as_u16(), error.code.into_owned(), error.field)
    }

    #[test]
    fn codes_are_the_words_of_the_refusals() {
        let field = |name: &str| Some(name.to_owned());
        let cases = [
            (told(Refusal::NotAllowed), (403, "not_allowed", None)),
            (told(Refusal::OwnersOnly), (403, "owners_only", None)),
            (told(Refusal::LastOwner), (409, "last_owner", None)),
            (
                told(Refusal::BoundByAdmin {
                    bound: domain::key::Bound::ExpiresAt,
                }),
                (403, "bound_by_admin", field("expires_at")),
            ),
            (
                told(Refusal::NotFound {
                    what: Thing::IdentityProvider,
                }),
                (404, "identity_provider_not_found", None),
            ),
            (told(Refusal::Taken { what: Thing::User }), (409, "user_taken", None)),
            (
                told(Refusal::Invalid(Invalid::PasswordLength)),
                (422, "invalid_field", field("password")),
            ),
            (told(PriceRefusal::Stale { newest: None }), (409, "price_stale", None)),
            (
                told(PriceRefusal::BelowCost(Vec::new())),
                (422, "price_below_cost", field("below_cost_ok")),
            ),
            (
                told(PriceRefusal::NeverCharged(Vec::new())),
                (422, "price_never_charged", field("tiers")),
            ),
            (told(ledger::Refusal::ZeroAmount), (422, "zero_amount", field("amount"))),
            (told(ledger::Refusal::OtherUnderName), (409, "other_under_name", None)),
            (told(IdentityRefusal::FromFile), (409, "identity_from_file", None)),
            (
                told(Refusal::Invalid(Invalid::Limit(InvalidLimit::Window))),
                (422, "invalid_field", field("window")),
            ),
            (told(DoorRefusal::Days), (422, "invalid_field", field("days"))),
            (told(DoorRefusal::Over), (409, "invitation_over", None)),
            (told(MailRefusal::Configured), (409, "mail_configured", None)),
            (told(MailRefusal::NotSetUp), (409, "mail_not_set_up", None)),
            (told(Refusal::Internal), (500, "internal_error", None)),
        ];
        for (seen, (status, code, field)) in cases {
            assert_eq!(seen, (status, code.to_owned(), field));
        }
    }

    #[test]
    fn what_fails_inside_is_not_told() {
        let error = AdminError::from(Error::PasswordHash("the secret of the machine".to_owned()));
        let body = String::from_utf8_lossy(&error.body()).into_owned();
        assert!(!body.contains("secret") && body.contains("internal_error"), "{body}");
    }
}
