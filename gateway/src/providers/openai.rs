//! OpenAI, and every service that speaks its wire: one client, told apart by base URL and quirks.

mod probe;

pub(super) use probe::probe;

use ::http::{Method, Request, Uri, header::AUTHORIZATION};
use domain::{call::Endpoint, catalog::ProviderKind};
use http_body_util::Full;
use hyper_util::client::legacy;

use super::{Body, Incoming, Outgoing, SendProblem, words};
use crate::{CredentialEntry, ProviderEntry, http};

/// Where calls of a provider go. Made once for each state of its row: to read an address takes longer than to send to it.
#[derive(Clone, Debug)]
pub struct Addresses {
    chat: Uri,
    embeddings: Uri,
}

impl Addresses {
    /// Below this base URL, or the kind's own.
    ///
    /// # Errors
    /// Why it makes no address.
    pub fn of(kind: ProviderKind, base_url: Option<&str>) -> Result<Self, String> {
        let uri = |path| {
            let address = address(kind, base_url, path)?;
            address
                .as_str()
                .parse()
                .map_err(|_| "the base URL makes no address".to_owned())
        };
        Ok(Self {
            chat: uri("chat/completions")?,
            embeddings: uri("embeddings")?,
        })
    }
}

/// The address of a path below the base URL; of one of its host when it begins with a slash.
fn address(kind: ProviderKind, base_url: Option<&str>, path: &str) -> Result<reqwest::Url, String> {
    let base = base_url.or(kind.default_base_url()).unwrap_or_default();
    let url = reqwest::Url::parse(&format!("{base}/"))
        .and_then(|base| base.join(path))
        .map_err(|error| error.to_string())?;
    if url.has_host() {
        Ok(url)
    } else {
        Err("the base URL names no host".to_owned())
    }
}

fn problem(error: &legacy::Error) -> SendProblem {
    let text = words(error);
    if error.is_connect() {
        SendProblem::NotConnected(text)
    } else {
        SendProblem::Broken(text)
    }
}

pub(super) async fn send(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    outgoing: Outgoing,
) -> Result<Incoming, SendProblem> {
    let addresses = provider.addresses.as_ref();
    let addresses = addresses.map_err(|reason| SendProblem::Address(reason.clone()))?;
    let address = match outgoing.endpoint {
        Endpoint::Chat => &addresses.chat,
        Endpoint::Embeddings => &addresses.embeddings,
    };
    let mut headers = http::request_headers(outgoing.stream);
    if let Some(credential) = credential {
        headers.insert(AUTHORIZATION, credential.authorization.clone());
    }
    let mut request = Request::new(Full::new(outgoing.body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = address.clone();
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
