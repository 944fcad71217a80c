//! The way out to identity providers: one question with a limit of time and of size. `oidc` hands it to the library,
//! `oauth2` asks by it.

use std::{future::Future, pin::Pin, time::Duration};

use domain::identity::IdentityUrl;
use futures_util::StreamExt as _;
use http::{HeaderValue, StatusCode, header::ACCEPT};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde_json::Value;

use crate::{http::ClientError, providers::words};

/// How long one question may take, connection and answer together.
const LIMIT: Duration = Duration::from_secs(10);
/// No document of discovery, key set or token is larger.
const LARGEST: usize = 1024 * 1024;

/// A question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// Not asked: a discovery may name any address, and one that is not as safe as what an admin may type is none.
    #[error("it names an address without https://")]
    Unsafe,
    /// Not reached, or cut off.
    #[error("{0}")]
    Broken(String),
    /// Too slow.
    #[error("no answer within 10 seconds")]
    Late,
    /// Too long.
    #[error("the answer is longer than 1 MB")]
    TooLarge,
    /// Answered with an error.
    #[error("it answered with status {0}")]
    Status(StatusCode),
    /// Answered with something else.
    #[error("the answer is not the JSON that was expected")]
    Shape,
}

/// Asks identity providers.
#[derive(Clone, Debug)]
pub struct Egress {
    client: reqwest::Client,
    /// Asks nobody without TLS, this machine neither.
    tls: bool,
}

impl Egress {
    pub(super) fn new() -> Result<Self, ClientError> {
        Ok(Self {
            client: crate::http::identities()?,
            tls: false,
        })
    }

    /// The same, for what an issuer's discovery names: only where the issuer is this machine that may be this machine, too. Any other would have the hub
    /// look where it cannot itself.
    pub(super) fn named_by(&self, issuer: &IdentityUrl) -> Self {
        Self {
            client: self.client.clone(),
            tls: issuer.has_tls(),
        }
    }

    /// Asks one question. Redirects are answers like others: who is asked is what an admin named, and nobody else.
    pub(super) async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        tokio::time::timeout(LIMIT, self.answer(request))
            .await
            .map_err(|_| EgressError::Late)?
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, EgressError> {
        let address = request.uri().to_string().parse::<IdentityUrl>();
        if !address.is_ok_and(|address| address.has_tls() || !self.tls) {
            return Err(EgressError::Unsafe);
        }
        let broken = |error: reqwest::Error| EgressError::Broken(words::words(&error));
        let request = reqwest::Request::try_from(request).map_err(broken)?;
        let response = self.client.execute(request).await.map_err(broken)?;
        let mut answer = http::Response::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(broken)?;
            if answer.body().len() + piece.len() > LARGEST {
                return Err(EgressError::TooLarge);
            }
            answer.body_mut().extend_from_slice(&piece);
        }
        Ok(answer)
    }

    /// Asks for JSON and takes nothing else, whatever the status is.
    pub(super) async fn ask_json(&self, mut request: HttpRequest) -> Result<(StatusCode, Value), EgressError> {
        request
            .headers_mut()
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        let answer = self.ask(request).await?;
        match serde_json::from_slice(answer.body()) {
            Ok(value) => Ok((answer.status(), value)),
            Err(_) if answer.status().is_success() => Err(EgressError::Shape),
            Err(_) => Err(EgressError::Status(answer.status())),
        }
    }
}

impl<'c> AsyncHttpClient<'c> for Egress {
    type Error = EgressError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, EgressError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of a discovery are asked for before anybody looks at the rest of it.
    #[tokio::test]
    async fn an_address_without_tls_is_not_asked() {
        let egress = Egress::new().unwrap();
        // Nobody answers there: whoever asked would wait ten seconds, or be told that it is not reached.
        for address in [
            "http://192.0.2.1/jwks",
            "http://0.0.0.0:1/",
            "http://127.0.0.1.example/",
            "/jwks",
        ] {
            let request = http::Request::get(address).body(Vec::new()).unwrap();
            assert!(
                matches!(egress.ask(request).await, Err(EgressError::Unsafe)),
                "{address}"
            );
        }
        let request = http::Request::get("http://127.0.0.1:1/jwks").body(Vec::new()).unwrap();
        assert!(matches!(egress.ask(request).await, Err(EgressError::Broken(_))));
    }

    /// A discovery elsewhere has the hub look at no port of its own machine.
    #[tokio::test]
    async fn who_is_elsewhere_names_nothing_here() {
        for (issuer, asked) in [
            ("https://login.example", false),
            ("HTTPS://login.example", false),
            ("http://127.0.0.1:1", true),
        ] {
            let egress = Egress::new().unwrap().named_by(&issuer.parse().unwrap());
            for address in [
                "http://127.0.0.1:1/jwks",
                "http://localhost:1/jwks",
                "http://[::1]:1/jwks",
            ] {
                let request = http::Request::get(address).body(Vec::new()).unwrap();
                let answer = egress.ask(request).await;
                assert_eq!(
                    matches!(answer, Err(EgressError::Broken(_))),
                    asked,
                    "{issuer} {address} {answer:?}"
                );
                assert_eq!(
                    matches!(answer, Err(EgressError::Unsafe)),
                    !asked,
                    "{issuer} {address} {answer:?}"
                );
            }
        }
    }
}
