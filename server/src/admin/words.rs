//! The words that members may have, for the document.

use domain::{
    access::Role,
    account::UserState,
    call::{CallState, Concern, Endpoint},
    catalog::{ProviderKind, Thoughts},
    invitation::InvitationState,
    key::{KeyState, Overlap, Scope},
    ledger::{CommandKind, LotKind},
    limit::{Measure, SubjectKind},
    mail::{MailKind, MailLanguage, MailSecurity, MailState},
    price::TierRule,
    project::ProjectRole,
    provider::{DisconnectPolicy, Health, ModelSource},
};
use schemars::{Schema, SchemaGenerator, json_schema};

use super::AdminError;
use crate::contract::shapes::words;

macro_rules! words_of {
    ($($name:ident = $all:expr;)+) => {$(
        pub(super) fn $name(_: &mut SchemaGenerator) -> Schema {
            words($all)
        }
    )+};
}

words_of! {
    scope = Scope::ALL.map(Scope::as_str);
    role = Role::ALL.map(Role::as_str);
    key_state = KeyState::ALL.map(KeyState::as_str);
    overlap = Overlap::ALL.map(Overlap::as_str);
    project_role = ProjectRole::ALL.map(ProjectRole::as_str);
    user_state = UserState::ALL.map(UserState::as_str);
    call_state = CallState::ALL.map(CallState::as_str);
    endpoint = Endpoint::ALL.map(Endpoint::as_str);
    concern = Concern::ALL.map(Concern::as_str);
    provider_kind = ProviderKind::ALL.map(ProviderKind::as_str);
    thoughts = Thoughts::ALL.map(Thoughts::as_str);
    command_kind = CommandKind::ALL.iter().map(|kind| kind.as_str());
    granted = super::credits::GRANTED.map(LotKind::as_str);
    health = [Health::Unknown, Health::Good, Health::Failing].map(Health::as_str);
    model_source = [ModelSource::Listed, ModelSource::Typed].map(ModelSource::as_str);
    disconnect = [DisconnectPolicy::Cancel, DisconnectPolicy::Drain].map(DisconnectPolicy::as_str);
    tier_rule = [TierRule::Whole, TierRule::Marginal].map(TierRule::as_str);
    loss = ["bad_debt", "dispute"];
    way = ["add", "take"];
    measure = Measure::ALL.map(Measure::as_str);
    subject = SubjectKind::ALL.map(SubjectKind::as_str);
    invitation_state = [
        InvitationState::Open,
        InvitationState::Accepted,
        InvitationState::Revoked,
        InvitationState::Expired,
    ]
    .map(InvitationState::as_str);
    language = LANGUAGES.map(MailLanguage::tag);
    mail_security = MailSecurity::ALL.map(MailSecurity::as_str);
    mail_kind = MailKind::ALL.map(MailKind::as_str);
    mail_state = MailState::ALL.map(MailState::as_str);
    mail_source = ["nobody", "console", "configuration"];
    price_state = ["any", "unpriced", "below_cost", "scheduled"];
    identity_kind = ["oidc", "oauth2"];
}

const LANGUAGES: [MailLanguage; 2] = [MailLanguage::En, MailLanguage::Zh];

/// The language of a mail; English unless said.
///
/// # Errors
/// When there is no such language.
pub(super) fn read_language(tag: Option<&str>) -> Result<MailLanguage, AdminError> {
    let Some(tag) = tag else {
        return Ok(MailLanguage::default());
    };
    let found = LANGUAGES.into_iter().find(|language| language.tag() == tag);
    found.ok_or_else(|| AdminError::invalid("language", "Mail is written in `en` or `zh-CN`."))
}

/// An amount of money as it is sent: an exact decimal of US dollars, not below zero.
pub(super) fn amount(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": r"^\d+(\.\d{1,9})?$",
        "description": "An exact amount in US dollars, of which one credit is one, as `25` or `0.000000001`.",
    })
}

/// What a key may be used for.
pub(super) fn scopes(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": scope(generator), "minItems": 1, "uniqueItems": true })
}
