//! The client that calls go through: hyper's pool of connections, and nothing between it and `providers`. What reqwest adds
//! to it (addresses read again for each request, redirects, retries, a body in boxes) cost a call more than the pool does.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use ::http::{Request, Response, Uri};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};
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

/// Whether a connection has taken a request. Before that nobody can have worked on it.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<AtomicBool>);

impl Sent {
    /// It has.
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// It does.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The body of a request, which notes when a connection takes it.
#[derive(Debug, Default)]
pub struct Noted {
    body: Full<Bytes>,
    sent: Sent,
}

impl Noted {
    /// For this body.
    #[must_use]
    pub fn new(body: Bytes, sent: Sent) -> Self {
        Self {
            body: Full::new(body),
            sent,
        }
    }
}

impl Body for Noted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.note();
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Sends requests over connections that are kept.
#[derive(Clone, Debug)]
pub struct Calls(Client<Connector, Noted>);

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
    pub async fn send(&self, request: Request<Noted>) -> Result<Response<Incoming>, Error> {
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
