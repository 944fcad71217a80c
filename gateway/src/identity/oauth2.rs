//! Plain OAuth 2 without discovery, by what an admin has typed: GitHub's kind. What it says of somebody is as good as the
//! connection, as nothing is signed.
//!
//! Shapes: <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps> (the code, the token, errors
//! with status 200) and <https://docs.github.com/en/rest/users/emails> (`email`, `primary`, `verified`).

use domain::identity::{IdentityDraft, IdentityRefusal, Plain, Profile};
use http::{HeaderValue, Method, StatusCode, header};
use openidconnect::{HttpRequest, url};
use serde_json::Value;

use super::{
    Known,
    begin::Asked,
    claims::{self, Claims},
    egress::{Egress, EgressError},
    oidc::{code_word, unreachable},
};

/// Where the browser goes.
pub(super) fn authorize(draft: &IdentityDraft, plain: &Plain, asked: &Asked<'_>) -> Option<String> {
    let mut url = url::Url::parse(plain.authorize.as_str()).ok()?;
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &draft.client_id)
        .append_pair("redirect_uri", asked.redirect)
        .append_pair("scope", &draft.scopes.join(" "))
        .append_pair("state", asked.state)
        .append_pair("code_challenge", asked.challenge.as_str())
        .append_pair("code_challenge_method", "S256");
    Some(url.into())
}

/// Turns a code into what the provider says of somebody.
pub(super) async fn profile(
    egress: &Egress,
    known: &Known,
    plain: &Plain,
    redirect: &str,
    code: &str,
    verifier: &str,
) -> Result<Profile, IdentityRefusal> {
    let lost = |error| unreachable(&known.draft, &error);
    let token = token(egress, known, plain, redirect, code, verifier).await?;
    let told = get(egress, plain.userinfo.as_str(), &token).await.map_err(lost)?;
    let Value::Object(told) = told else {
        return Err(lost(EgressError::Shape));
    };
    let (mut email, mut verified) = own_mail(plain, &told);
    if let Some(list) = &plain.emails {
        let list = get(egress, list.as_str(), &token).await.map_err(lost)?;
        (email, verified) = listed_mail(&list);
    }
    let subject = claims::find(&told, &plain.fields.subject).and_then(claims::text);
    let subject = subject.filter(|subject| Profile::is_subject(subject));
    Ok(Profile {
        issuer: known.draft.way.issuer().into_owned(),
        subject: subject.ok_or_else(|| lost(EgressError::Shape))?,
        email: email.and_then(|email| email.parse().ok()),
        verified,
        name: claims::find(&told, &plain.fields.name).and_then(claims::text),
        role: known.draft.rules.role(|name| claims::texts(&told, name)),
        projects: known.draft.rules.projects(|name| claims::texts(&told, name)),
    })
}

async fn token(
    egress: &Egress,
    known: &Known,
    plain: &Plain,
    redirect: &str,
    code: &str,
    verifier: &str,
) -> Result<HeaderValue, IdentityRefusal> {
    let lost = |error| unreachable(&known.draft, &error);
    let body = form(known, redirect, code, verifier);
    let mut request = asking(Method::POST, plain.token.as_str(), body).map_err(lost)?;
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    let (status, told) = egress.ask_json(request).await.map_err(lost)?;
    // GitHub tells errors with status 200.
    if let Some(word) = told.get("error").and_then(Value::as_str) {
        return Err(IdentityRefusal::Code {
            title: known.draft.title.to_string(),
            code: code_word(word),
        });
    }
    let token = told.get("access_token").and_then(Value::as_str);
    let token = token.filter(|token| status == StatusCode::OK && !token.is_empty());
    let mut bearer = token
        .and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok())
        .ok_or_else(|| lost(EgressError::Shape))?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

/// The question for a token. The client proves itself in the body, as GitHub wants it.
fn form(known: &Known, redirect: &str, code: &str, verifier: &str) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("client_id", &known.draft.client_id)
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect)
        .append_pair("code_verifier", verifier);
    if let Some(secret) = &known.secret {
        form.append_pair("client_secret", secret.expose());
    }
    form.finish().into_bytes()
}

async fn get(egress: &Egress, address: &str, token: &HeaderValue) -> Result<Value, EgressError> {
    let mut request = asking(Method::GET, address, Vec::new())?;
    request.headers_mut().insert(header::AUTHORIZATION, token.clone());
    match egress.ask_json(request).await? {
        (StatusCode::OK, value) => Ok(value),
        (status, _) => Err(EgressError::Status(status)),
    }
}

fn asking(method: Method, address: &str, body: Vec<u8>) -> Result<HttpRequest, EgressError> {
    let request = http::Request::builder().method(method).uri(address).body(body);
    request.map_err(|_| EgressError::Shape)
}

fn own_mail(plain: &Plain, told: &Claims) -> (Option<String>, Option<bool>) {
    let email = claims::find(told, &plain.fields.email).and_then(claims::text);
    let verified = claims::find(told, &plain.fields.verified).and_then(claims::flag);
    (email, verified)
}

/// The primary address of a list. Another one is not taken: which of several is meant is the person's to say.
fn listed_mail(list: &Value) -> (Option<String>, Option<bool>) {
    let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let primary = entries.iter().find(|entry| entry["primary"] == true);
    let email = primary.and_then(|entry| entry["email"].as_str()).map(str::to_owned);
    (email, primary.map(|entry| entry["verified"] == true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_primary_address_is_taken() {
        let list = serde_json::json!([
            { "email": "a@evil.example", "primary": false, "verified": true },
            { "email": "octocat@github.com", "primary": true, "verified": true },
        ]);
        assert_eq!(listed_mail(&list), (Some("octocat@github.com".to_owned()), Some(true)));
        let unverified = serde_json::json!([{ "email": "a@b.c", "primary": true, "verified": false }]);
        assert_eq!(listed_mail(&unverified), (Some("a@b.c".to_owned()), Some(false)));
        for nothing in [serde_json::json!([]), serde_json::json!({"message": "x"}), Value::Null] {
            assert_eq!(listed_mail(&nothing), (None, None));
        }
    }
}
