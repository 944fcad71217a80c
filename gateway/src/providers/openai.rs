//! OpenAI, and every service that speaks its wire: one client, told apart by base URL and quirks.

mod probe;

pub(super) use probe::probe;

use ::http::header::AUTHORIZATION;
use domain::call::Endpoint;

use super::{Body, Incoming, Outgoing, SendProblem, words};
use crate::{CredentialEntry, ProviderEntry, http};

/// The address of a path below the base URL; of one of its host when it begins with a slash.
fn address(provider: &ProviderEntry, path: &str) -> Result<reqwest::Url, SendProblem> {
    let base = provider
        .base_url
        .as_deref()
        .or(provider.kind.default_base_url())
        .unwrap_or_default();
    let url = reqwest::Url::parse(&format!("{base}/"))
        .and_then(|base| base.join(path))
        .map_err(|error| SendProblem::Address(error.to_string()))?;
    if url.has_host() {
        Ok(url)
    } else {
        Err(SendProblem::Address("the base URL names no host".to_owned()))
    }
}

fn problem(error: reqwest::Error) -> SendProblem {
    let connecting = error.is_connect();
    let builder = error.is_builder();
    let text = words(&error.without_url());
    if connecting {
        SendProblem::NotConnected(text)
    } else if builder {
        SendProblem::Address(text)
    } else {
        SendProblem::Broken(text)
    }
}

pub(super) async fn send(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    request: Outgoing,
) -> Result<Incoming, SendProblem> {
    let path = match request.endpoint {
        Endpoint::Chat => "chat/completions",
        Endpoint::Embeddings => "embeddings",
    };
    let mut headers = http::request_headers(request.stream);
    if let Some(credential) = credential {
        headers.insert(AUTHORIZATION, credential.authorization.clone());
    }
    let response = provider
        .client
        .post(address(provider, path)?)
        .headers(headers)
        .body(request.body)
        .send()
        .await
        .map_err(problem)?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Incoming {
        status,
        headers,
        body: Body::Network(response),
    })
}
