//! What a provider tells: which of its addresses may be used, and who somebody is. What the signed token leaves out is asked
//! of `userinfo`, whose subject must be the token's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::identity::{IdentityDraft, IdentityRefusal, IdentityUrl, Profile, TokenFault};
use openidconnect::{
    AdditionalClaims, OAuth2TokenResponse as _, ProviderMetadataWithLogout, SubjectIdentifier, TokenResponse as _,
    UserInfoClaims, UserInfoError,
    core::{CoreGenderClaim, CoreTokenResponse},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Client, unreachable, unusable};
use crate::{
    Inner,
    identity::{
        claims::{self, Claims},
        egress::EgressError,
    },
};

/// Every claim that has no field of its own in the library.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Rest {
    #[serde(flatten)]
    all: Claims,
}

impl AdditionalClaims for Rest {}

/// The addresses of a discovery must be as safe as the one that an admin typed: only who is on this machine may name it.
pub(super) fn check(metadata: &ProviderMetadataWithLogout, issuer: &IdentityUrl) -> Result<(), String> {
    let addresses = [
        Some(metadata.authorization_endpoint().as_str()),
        metadata.token_endpoint().map(|url| url.as_str()),
        metadata.userinfo_endpoint().map(|url| url.as_str()),
        Some(metadata.jwks_uri().as_str()),
        metadata
            .additional_metadata()
            .end_session_endpoint
            .as_ref()
            .map(|url| url.as_str()),
    ];
    let safe = |address: &&str| {
        let address = address.parse::<IdentityUrl>();
        address.is_ok_and(|address| address.has_tls() || !issuer.has_tls())
    };
    if !addresses.into_iter().flatten().all(|address| safe(&address)) {
        return Err("its discovery names an address without https://".to_owned());
    }
    metadata
        .token_endpoint()
        .map(drop)
        .ok_or_else(|| "its discovery names no token endpoint".to_owned())
}

/// Who it is, by a token that was verified.
pub(super) async fn profile(
    hub: &Inner,
    draft: &IdentityDraft,
    client: &Client,
    answer: &CoreTokenResponse,
    subject: String,
) -> Result<Profile, IdentityRefusal> {
    let fault = |fault| IdentityRefusal::Token {
        title: draft.title.to_string(),
        fault,
    };
    let token = answer.id_token().map(ToString::to_string).unwrap_or_default();
    let mut told = payload(&token).ok_or_else(|| fault(TokenFault::Shape))?;
    if !Profile::is_subject(&subject) {
        return Err(fault(TokenFault::Subject));
    }
    let lacks = |name: &str| claims::find(&told, name).is_none();
    if lacks("email") || lacks("email_verified") || draft.rules.claims().any(lacks) {
        add(&mut told, userinfo(hub, draft, client, answer, &subject).await?);
    }
    let text = |name: &str| claims::find(&told, name).and_then(claims::text);
    Ok(Profile {
        issuer: draft.way.issuer().into_owned(),
        subject,
        email: text("email").and_then(|email| email.parse().ok()),
        verified: claims::find(&told, "email_verified").and_then(claims::flag),
        name: text("name"),
        role: draft.rules.role(|name| claims::texts(&told, name)),
        projects: draft.rules.projects(|name| claims::texts(&told, name)),
    })
}

/// The claims of a token whose signature was verified.
fn payload(token: &str) -> Option<Claims> {
    let part = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// What the token says itself holds. An address and whether it is verified come from the same place: the one must not
/// vouch for the other's.
fn add(told: &mut Claims, more: Claims) {
    // Whatever the token says of an address that it does not name is said of none.
    if !told.contains_key("email") {
        told.remove("email_verified");
    }
    let other_mail = told.get("email").is_some_and(|own| more.get("email") != Some(own));
    for (name, value) in more {
        if !(told.contains_key(&name) || (other_mail && name == "email_verified")) {
            told.insert(name, value);
        }
    }
}

async fn userinfo(
    hub: &Inner,
    draft: &IdentityDraft,
    client: &Client,
    answer: &CoreTokenResponse,
    subject: &str,
) -> Result<Claims, IdentityRefusal> {
    // The library takes it for a header without looking.
    let token = answer.access_token();
    if !token.secret().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unreachable(draft, &EgressError::Shape));
    }
    let expected = SubjectIdentifier::new(subject.to_owned());
    let Ok(request) = client.user_info(token.clone(), Some(expected)) else {
        // There is none: the token said all that there is.
        return Ok(Claims::new());
    };
    let told: Result<UserInfoClaims<Rest, CoreGenderClaim>, _> = request.request_async(&hub.identities.egress).await;
    let told = told.map_err(|error| match error {
        UserInfoError::Request(error) => unreachable(draft, &error),
        UserInfoError::ClaimsVerification(_) => IdentityRefusal::Token {
            title: draft.title.to_string(),
            fault: TokenFault::Subject,
        },
        UserInfoError::Response(status, ..) if status != http::StatusCode::OK => {
            unreachable(draft, &EgressError::Status(status))
        }
        _ => unusable(draft, "what it tells of people cannot be read".to_owned()),
    })?;
    match serde_json::to_value(&told) {
        Ok(Value::Object(told)) => Ok(told),
        _ => Ok(Claims::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(value: Value) -> Claims {
        let Value::Object(claims) = value else {
            panic!("an object")
        };
        claims
    }

    #[test]
    fn what_is_signed_holds_and_no_address_is_vouched_for_by_another() {
        let more = serde_json::json!({ "email": "b@c.d", "email_verified": true, "groups": ["x"], "sub": "2" });
        let mut told = claims(serde_json::json!({ "sub": "1", "email": "a@b.c" }));
        add(&mut told, claims(more.clone()));
        assert_eq!(told["sub"], "1");
        assert_eq!(told["email"], "a@b.c");
        assert!(!told.contains_key("email_verified") && told.contains_key("groups"));
        let mut told = claims(serde_json::json!({ "sub": "1" }));
        add(&mut told, claims(more));
        assert_eq!(
            (&told["email"], &told["email_verified"]),
            (&"b@c.d".into(), &true.into())
        );
        let unverified = serde_json::json!({ "email": "b@c.d", "email_verified": false });
        let mut told = claims(serde_json::json!({ "sub": "1", "email_verified": true }));
        add(&mut told, claims(unverified));
        assert_eq!(told["email_verified"], false);
    }
}
