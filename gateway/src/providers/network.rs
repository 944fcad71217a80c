//! Every provider in the network: one way to send, told apart by address, by the header that holds the credential, and by
//! what else its kind wants to see.

mod address;
mod probe;

pub use address::Addresses;
pub(super) use probe::probe;

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header::AUTHORIZATION};
use domain::catalog::ProviderKind;
use hyper_util::client::legacy;

use super::{
    Body, Incoming, Outgoing, SendProblem,
    words::{is_no_http, words},
};
use crate::{CredentialEntry, ProviderEntry, http};

/// The version of Anthropic's API that this hub knows, for clients that name none.
const ANTHROPIC_VERSION: (HeaderName, HeaderValue) = (
    HeaderName::from_static("anthropic-version"),
    HeaderValue::from_static("2023-06-01"),
);

fn problem(error: &legacy::Error) -> SendProblem {
    let text = words(error);
    if error.is_connect() {
        SendProblem::NotConnected(text)
    } else if is_no_http(error) {
        SendProblem::NoHttp(text)
    } else {
        SendProblem::Broken(text)
    }
}

/// Puts in what a kind of provider wants to see of who asks.
fn identify(kind: ProviderKind, credential: Option<&CredentialEntry>, headers: &mut HeaderMap) {
    if kind == ProviderKind::Anthropic {
        headers.entry(ANTHROPIC_VERSION.0).or_insert(ANTHROPIC_VERSION.1);
    }
    if let Some(credential) = credential {
        let (name, value) = match kind {
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Ollama | ProviderKind::Simulated => {
                (AUTHORIZATION, &credential.authorization)
            }
            ProviderKind::Anthropic => (HeaderName::from_static("x-api-key"), &credential.bare),
            ProviderKind::Google => (HeaderName::from_static("x-goog-api-key"), &credential.bare),
        };
        headers.insert(name, value.clone());
    }
}

pub(super) async fn send(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    outgoing: Outgoing<'_>,
) -> Result<Incoming, SendProblem> {
    let address = addresses(provider)?.of_call(outgoing.wire, outgoing.slug, outgoing.stream);
    post(provider, credential, outgoing, address.map_err(SendProblem::Address)?).await
}

fn addresses(provider: &ProviderEntry) -> Result<&Addresses, SendProblem> {
    let addresses = provider.addresses.as_ref();
    addresses.map_err(|reason| SendProblem::Address(reason.clone()))
}

pub(super) async fn count(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    outgoing: Outgoing<'_>,
) -> Result<Incoming, SendProblem> {
    let none = || SendProblem::Address("this kind of provider counts no tokens".to_owned());
    let address = addresses(provider)?.of_count().ok_or_else(none)?;
    post(provider, credential, outgoing, address).await
}

async fn post(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    outgoing: Outgoing<'_>,
    address: Uri,
) -> Result<Incoming, SendProblem> {
    let mut headers = http::request_headers(outgoing.stream);
    for (name, value) in outgoing.headers {
        headers.append(name, value.clone());
    }
    identify(provider.kind, credential, &mut headers);
    let mut request = Request::new(http::Noted::new(outgoing.body, outgoing.sent));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = address::with_query(address, outgoing.query)?;
    *request.headers_mut() = headers;
    let response = provider
        .clients
        .calls
        .send(request)
        .await
        .map_err(|error| problem(&error))?;
    let (head, body) = response.into_parts();
    Ok(Incoming {
        status: head.status,
        headers: head.headers,
        body: Body::Network(body),
    })
}
