//! The client that calls go through: hyper's pool of connections, and nothing between it and `providers`. What reqwest adds
//! to it (addresses read again for each request, redirects, retries, a body in boxes) cost a call more than the pool does.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use ::http::{Request, Response, Uri};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::ClientConfig;
use tokio::{net::TcpStream, time::timeout};
use tower::Service;

/// How often a silent connection is asked whether the other side is still there, and how often in vain.
const KEEPALIVE_PAUSE: Duration = Duration::from_secs(15);
const KEEPALIVE_TRIES: u32 = 3;

/// Sends requests over connections that are kept.
#[derive(Clone, Debug)]
pub struct Calls(Client<Connector, Full<Bytes>>);

impl Calls {
    /// A client that waits so long for each connection.
    pub(super) fn new(tls: ClientConfig, limit: Duration) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(limit));
        http.set_keepalive(Some(super::KEEPALIVE));
        http.set_keepalive_interval(Some(KEEPALIVE_PAUSE));
        http.set_keepalive_retries(Some(KEEPALIVE_TRIES));
        let https = HttpsConnector::from((http, tls));
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(super::IDLE)
            .build(Connector { https, limit });
        Self(client)
    }

    /// Sends a request and waits for the head of the answer. Its address is absolute.
    ///
    /// # Errors
    /// The pool's, which says whether a connection came about.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        self.0.request(request).await
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Makes connections, each in time: to the host and with it through TLS.
#[derive(Clone, Debug)]
struct Connector {
    https: HttpsConnector<HttpConnector>,
    limit: Duration,
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let (connected, limit) = (self.https.call(address), self.limit);
        Box::pin(async move {
            let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut).into());
            timeout(limit, connected).await.unwrap_or_else(late)
        })
    }
}
