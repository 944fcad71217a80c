//! The accept loop: HTTP/1.1 and h2c on one port, small packets sent at once, slow clients cut off, a graceful end.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use domain::network::Network;
use gateway::Gateway;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::{
    head::{HeadTimer, Heard},
    patience::{Handed, Patient, Watch},
    shares::Shares,
    stop::Stop,
};
use crate::arrival::Peer;

/// How long a connection may rest until the next request begins. Longer than common proxies keep idle connections, so that they
/// close first and never write into a closing one.
const REST: Duration = Duration::from_secs(75);
/// How long a client may take for the head of a request from its first byte on, if it may not stand still for less.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// How long a client may be silent after it has connected. Until hyper knows which protocol is spoken it sets no limit of
/// its own, and silent sockets would fill all places.
const SILENCE: Duration = Duration::from_secs(15);
/// What every h2 connection begins with: its preface, of this length.
const PREFACE_LENGTH: usize = 24;
/// How often the rest of a preface is looked for.
const PREFACE_PAUSE: Duration = Duration::from_millis(20);
/// Largest head of a request, in bytes. Each connection may keep one while it comes, and nobody has shown a key by then. It is also the most
/// that is read of a body at a time.
const HEAD: usize = 64 << 10;
/// Requests at a time on one h2 connection.
const H2_STREAMS: u32 = 256;
/// Pause after the system refused a connection, for want of file descriptors say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How much clients may ask of the server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at a time.
    pub connections: usize,
    /// How long a client may take nothing of an answer.
    pub patience: Duration,
    /// How long running answers may take after a stop signal.
    pub drain: Duration,
    /// Proxies, which may have all of the connections.
    pub trusted: Vec<Network>,
}

/// Serves until a signal comes, or another process takes the ledger over. Then lets running answers end in time, unless
/// a second signal comes, and closes the engine.
pub async fn until_stopped(listener: TcpListener, router: Router, limits: Limits, gateway: &Gateway, mut stop: Stop) {
    let Limits {
        connections,
        patience,
        drain,
        trusted,
    } = limits;
    let server = Arc::new(server(patience));
    let stopping = CancellationToken::new();
    let graceful = GracefulShutdown::new();
    let free = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
    let shares = Shares::new(connections, trusted);
    loop {
        // Waiting for a place before accepting leaves the rest in the system's queue instead of in our memory.
        let place = tokio::select! {
            place = Arc::clone(&free).acquire_owned() => place,
            () = end(&mut stop, gateway) => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = end(&mut stop, gateway) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(share) = shares.take(peer.ip()) else {
            continue;
        };
        let (server, router, watcher) = (Arc::clone(&server), router.clone(), graceful.watcher());
        let stopping = stopping.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "connections are tracked by the graceful shutdown above"
        )]
        tokio::spawn(async move {
            // Pieces of a stream are small; waiting to fill packets would hold them back.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a socket refused TCP_NODELAY");
            }
            let speaks = tokio::select! {
                speaks = tokio::time::timeout(SILENCE, speaks(&stream)) => speaks.unwrap_or_default(),
                () = stopping.cancelled() => false,
            };
            if speaks {
                // A client that goes away is no event of ours.
                let _ = watcher
                    .watch(connection(&server, (stream, patience), Peer(peer), router))
                    .await;
            }
            drop((place, share));
        });
    }
    drop(listener);
    stopping.cancel();
    tracing::info!(seconds = drain.as_secs(), "stopping; running answers may end");
    let began = tokio::time::Instant::now();
    // A second signal asks to stop at once, also one that has come by now.
    let left = tokio::select! {
        ended = tokio::time::timeout(drain, graceful.shutdown()) => {
            if ended.is_err() {
                tracing::warn!("some answers did not end in time and are cut off");
            }
            drain.saturating_sub(began.elapsed())
        }
        () = stop.asked() => {
            tracing::warn!("asked to stop once more; answers that still run are cut off");
            Duration::ZERO
        }
    };
    gateway.shutdown(left).await;
}

/// Comes when the server is to end. To wait for it anew misses nothing.
async fn end(stop: &mut Stop, gateway: &Gateway) {
    tokio::select! {
        () = stop.asked() => {}
        () = gateway.deposed() => {}
    }
}

fn server(patience: Duration) -> auto::Builder<Watch> {
    let mut server = auto::Builder::new(Watch(patience));
    server
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(REST)
        .max_buf_size(HEAD);
    server
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(H2_STREAMS)
        .keep_alive_interval(Some(REST));
    server
}

/// Waits until the client has said enough for its protocol to be known. `false` when it has left.
async fn speaks(stream: &TcpStream) -> bool {
    let mut start = [0_u8; PREFACE_LENGTH];
    loop {
        match stream.peek(&mut start).await {
            Ok(0) | Err(_) => return false,
            // Only the preface of h2 begins like this, and a part of it keeps hyper waiting.
            Ok(length) if length < PREFACE_LENGTH && b"PRI * HTTP/2.0".starts_with(&start[..length.min(14)]) => {
                tokio::time::sleep(PREFACE_PAUSE).await;
            }
            Ok(_) => return true,
        }
    }
}

/// A connection that is served by `S`.
type Served<S> = auto::Connection<'static, TokioIo<Patient<TcpStream>>, S, Watch>;

/// One connection, from its first byte to its last.
fn connection(
    server: &auto::Builder<Watch>,
    (stream, patience): (TcpStream, Duration),
    peer: Peer,
    router: Router,
) -> Served<
    impl hyper::service::Service<
        Request<Incoming>,
        Response = http::Response<Handed<Body>>,
        Error = Infallible,
        Future: Send,
    > + use<>,
> {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let answered = router.clone().call(request);
        async move { answered.await.map(|response| response.map(Handed)) }
    });
    let heard = Heard::default();
    let mut server = server.clone();
    server
        .http1()
        .timer(HeadTimer::new(heard.clone(), patience.min(HEAD_PATIENCE)));
    let stream = Patient::new(stream, patience, heard);
    server.serve_connection(TokioIo::new(stream), service).into_owned()
}
