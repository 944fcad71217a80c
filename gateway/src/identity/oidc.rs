//! OpenID Connect: discovery and keys, kept for an hour (`oidc/discovered.rs`); the address to sign in at; a code turned into a proof of who it is.
//!
//! The crate `openidconnect` reads and verifies; here is what it is told to insist on, and in which words its errors are
//! passed on. Keys that are unknown are asked for again, not more than once in half a minute.

use chrono::DateTime;
use domain::identity::{IdentityDraft, IdentityRefusal, IdentityUrl, Profile, TokenFault};
use openidconnect::{
    AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, LogoutRequest, Nonce, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse as _,
    core::{CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreTokenResponse},
};

use super::{Known, begin::Asked, egress::EgressError};
use crate::{Inner, SecretText};

mod discovered;
mod told;

pub(super) use discovered::{Discovered, discover};

use discovered::{metadata, newer_keys};

/// So many seconds the clock of a provider may go ahead of the hub's: a token that was issued later than that is believed by nobody.
const CLOCKS_DIFFER: i64 = 120;
/// In the library's words such a token has expired, too; these tell the two apart.
const EARLY: &str = "issued in the future";

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Who was proved, and where they may sign out.
pub(super) struct Proof {
    pub(super) profile: Profile,
    /// The address that ends their session at the provider.
    pub(super) sign_out: Option<SecretText>,
}

/// In words: the provider was not reached, or made no sense.
pub(super) fn unreachable(draft: &IdentityDraft, error: &EgressError) -> IdentityRefusal {
    unusable(draft, error.to_string())
}

fn unusable(draft: &IdentityDraft, reason: String) -> IdentityRefusal {
    let title = draft.title.to_string();
    IdentityRefusal::Unreachable { title, reason }
}

/// An error's word, as far as RFC 6749 (section 5.2) lets it have letters, and no longer than one is.
pub(super) fn code_word(word: &str) -> String {
    let letters = word
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(*letter));
    letters.take(60).collect()
}

fn client(metadata: &ProviderMetadataWithLogout, draft: &IdentityDraft, secret: Option<&SecretText>) -> Client {
    let secret = secret.map(|secret| ClientSecret::new(secret.expose().to_owned()));
    let client = CoreClient::from_provider_metadata(metadata.clone(), ClientId::new(draft.client_id.clone()), secret);
    // Without a word of it, basic is what a provider takes (Discovery 1.0, section 3).
    let methods = metadata.token_endpoint_auth_methods_supported();
    let basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
    client.set_auth_type(if basic {
        AuthType::BasicAuth
    } else {
        AuthType::RequestBody
    })
}

/// The address that the browser goes to.
pub(super) async fn authorize(
    hub: &Inner,
    draft: &IdentityDraft,
    issuer: &IdentityUrl,
    asked: Asked<'_>,
) -> Result<String, IdentityRefusal> {
    let metadata = metadata(hub, draft, issuer).await?;
    let Ok(redirect) = RedirectUrl::new(asked.redirect.to_owned()) else {
        return Err(unusable(draft, "HUB_PUBLIC_URL is not an address".into()));
    };
    let client = client(&metadata, draft, None).set_redirect_uri(redirect);
    let (state, nonce) = (asked.state.to_owned(), asked.nonce.to_owned());
    let scopes = draft.scopes.iter().filter(|scope| *scope != "openid");
    let (url, ..) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || CsrfToken::new(state),
            move || Nonce::new(nonce),
        )
        .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
        .set_pkce_challenge(asked.challenge)
        .url();
    Ok(url.into())
}

/// What came back with the browser, and what it must fit.
pub(super) struct Returned<'a> {
    pub(super) redirect: &'a str,
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) nonce: &'a str,
}

/// Turns a code into a proof: issuer, audience, signature, expiry and nonce of the token all fit.
pub(super) async fn prove(
    hub: &Inner,
    known: &Known,
    issuer: &IdentityUrl,
    returned: Returned<'_>,
) -> Result<Proof, IdentityRefusal> {
    let draft = &known.draft;
    let metadata = metadata(hub, draft, issuer).await?;
    let answer = exchange(hub, known, &metadata, &returned).await?;
    let fault = |fault| IdentityRefusal::Token {
        title: draft.title.to_string(),
        fault,
    };
    let token = answer.id_token().ok_or_else(|| fault(TokenFault::Missing))?;
    let mut verified = verify(hub, known, &metadata, token, returned.nonce);
    if is_unknown_key(&verified)
        && let Some(newer) = newer_keys(hub, issuer, &metadata).await
    {
        verified = verify(hub, known, &newer, token, returned.nonce);
    }
    let subject = verified.map_err(|error| fault(fault_of(&error)))?;
    let client = client(&metadata, draft, known.secret.as_ref());
    let profile = told::profile(hub, draft, &client, &answer, subject).await?;
    let sign_out = sign_out(hub, draft, &metadata, token);
    Ok(Proof { profile, sign_out })
}

async fn exchange(
    hub: &Inner,
    known: &Known,
    metadata: &ProviderMetadataWithLogout,
    returned: &Returned<'_>,
) -> Result<CoreTokenResponse, IdentityRefusal> {
    let draft = &known.draft;
    let Ok(redirect) = RedirectUrl::new(returned.redirect.to_owned()) else {
        return Err(unusable(draft, "HUB_PUBLIC_URL is not an address".into()));
    };
    let client = client(metadata, draft, known.secret.as_ref()).set_redirect_uri(redirect);
    let request = client.exchange_code(AuthorizationCode::new(returned.code.to_owned()));
    let request = request.map_err(|_| unusable(draft, "its discovery names no token endpoint".into()))?;
    let answer = request
        .set_pkce_verifier(PkceCodeVerifier::new(returned.verifier.to_owned()))
        .request_async(&hub.identities.egress)
        .await;
    answer.map_err(|error| match error {
        RequestTokenError::ServerResponse(told) => IdentityRefusal::Code {
            title: draft.title.to_string(),
            code: code_word(told.error().as_ref()),
        },
        RequestTokenError::Request(error) => unreachable(draft, &error),
        // The library keeps the answer, which may hold a token, so its words are not passed on.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => unreachable(draft, &EgressError::Shape),
    })
}

/// The subject of a token in which everything fits.
fn verify(
    hub: &Inner,
    known: &Known,
    metadata: &ProviderMetadataWithLogout,
    token: &CoreIdToken,
    nonce: &str,
) -> Result<String, ClaimsVerificationError> {
    let client = client(metadata, &known.draft, known.secret.as_ref());
    let now = DateTime::from_timestamp_micros(hub.clock.now().microseconds()).unwrap_or_default();
    let verifier = client
        .id_token_verifier()
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |issued| match (issued - now).num_seconds() {
            ..=CLOCKS_DIFFER => Ok(()),
            _ => Err(EARLY.to_owned()),
        });
    let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned()))?;
    Ok(claims.subject().to_string())
}

fn is_unknown_key(verified: &Result<String, ClaimsVerificationError>) -> bool {
    matches!(
        verified,
        Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey
        ))
    )
}

fn fault_of(error: &ClaimsVerificationError) -> TokenFault {
    match error {
        ClaimsVerificationError::Expired(why) if why == EARLY => TokenFault::Early,
        ClaimsVerificationError::Expired(_) => TokenFault::Expired,
        ClaimsVerificationError::InvalidAudience(_) => TokenFault::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => TokenFault::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => TokenFault::Nonce,
        ClaimsVerificationError::InvalidSubject(_) => TokenFault::Subject,
        ClaimsVerificationError::SignatureVerification(_) => TokenFault::Signature,
        _ => TokenFault::Shape,
    }
}

/// Where the person's session at the provider ends, if it offers that.
fn sign_out(
    hub: &Inner,
    draft: &IdentityDraft,
    metadata: &ProviderMetadataWithLogout,
    token: &CoreIdToken,
) -> Option<SecretText> {
    let end = metadata.additional_metadata().end_session_endpoint.clone()?;
    let back = PostLogoutRedirectUrl::new(format!("{}/sign-in", hub.public_url)).ok()?;
    let request = LogoutRequest::from(end)
        .set_id_token_hint(token)
        .set_client_id(ClientId::new(draft.client_id.clone()))
        .set_post_logout_redirect_uri(back);
    Some(SecretText::from(String::from(request.http_get_url())))
}
