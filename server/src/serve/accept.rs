//! The accept loop: HTTP/1.1 and h2c on one port, small packets sent at once, slow clients cut off, a graceful end.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use domain::network::Network;
use gateway::Gateway;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service as _;

use super::{
    head::{HeadTimer, Heard},
    patience::{Handed, Patient, Watch},
    rest::{Rest, Running},
    shares::Shares,
    stop::Stop,
};
use crate::arrival::Peer;

/// How long a connection may rest until the next request begins, whichever protocol it speaks. Longer than common proxies keep idle connections, so that they
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
    let free = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
    let shares = Shares::new(connections, trusted);
    let server = Arc::new(server(patience));
    let stopping = CancellationToken::new();
    let running = TaskTracker::new();
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
        let (server, router, stopping) = (Arc::clone(&server), router.clone(), stopping.clone());
        running.spawn(async move {
            // Pieces of a stream are small; waiting to fill packets would hold them back.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a socket refused TCP_NODELAY");
            }
            let speaks = tokio::select! {
                speaks = tokio::time::timeout(SILENCE, speaks(&stream)) => speaks.unwrap_or_default(),
                () = stopping.cancelled() => None,
            };
            if let Some(spoken) = speaks {
                // hyper itself ends a connection of HTTP/1.1 that rests, and counts from when all of an answer was written.
                let rest = (spoken == Spoken::H2).then_some(REST);
                serve(&server, (stream, patience, rest), (Peer(peer), router), &stopping).await;
            }
            drop((place, share));
        });
    }
    drop(listener);
    stopping.cancel();
    running.close();
    tracing::info!(seconds = drain.as_secs(), "stopping; running answers may end");
    let began = tokio::time::Instant::now();
    // A second signal asks to stop at once, also one that has come by now.
    let left = tokio::select! {
        ended = tokio::time::timeout(drain, running.wait()) => {
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

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoken {
    H1,
    H2,
}

/// Waits until the client has said enough for its protocol to be known. None when it has left.
async fn speaks(stream: &TcpStream) -> Option<Spoken> {
    let mut start = [0_u8; PREFACE_LENGTH];
    loop {
        match stream.peek(&mut start).await {
            Ok(0) | Err(_) => return None,
            // Only the preface of h2 begins like this, and a part of it keeps hyper waiting.
            Ok(length) if length < PREFACE_LENGTH && b"PRI * HTTP/2.0".starts_with(&start[..length.min(14)]) => {
                tokio::time::sleep(PREFACE_PAUSE).await;
            }
            Ok(length) if length >= PREFACE_LENGTH && start.starts_with(b"PRI * HTTP/2.0") => return Some(Spoken::H2),
            Ok(_) => return Some(Spoken::H1),
        }
    }
}

/// Serves a client to the end: its own, or, once all of it is to stop, that of what runs still. Where its `rest` is counted here, and nothing has run for as
/// long, it is told to leave, and has as long as one may take nothing for what it has not taken yet.
async fn serve(
    server: &auto::Builder<Watch>,
    (stream, patience, rest): (TcpStream, Duration, Option<Duration>),
    (peer, router): (Peer, Router),
    stopping: &CancellationToken,
) {
    let resting = rest.map(|patience| (Rest::new(), patience));
    let counted = resting.as_ref().map(|(resting, _)| resting.clone());
    let mut connection = pin!(connection(server, (stream, patience), (peer, router), counted));
    let rested = tokio::select! {
        // A client that goes away is no event of ours.
        _ = connection.as_mut() => return,
        () = stopping.cancelled() => None,
        rested = async {
            match resting {
                Some((resting, rest)) => {
                    resting.over(rest).await;
                    resting
                }
                None => std::future::pending().await,
            }
        } => Some(rested),
    };
    connection.as_mut().graceful_shutdown();
    let Some(rested) = rested else {
        let _ = connection.await;
        return;
    };
    // The stream of an answer ends when its last piece is handed over, which then lies in a window that the client may never open. Counted from now
    // on: a request that was on its way is still served, and to its end.
    drop(rested.begin());
    tokio::select! {
        _ = connection.as_mut() => {}
        () = rested.over(patience) => {}
    }
}

/// An answer, and of a connection whose rest is counted here that it runs.
type Answer = http::Response<Handed<Body, Option<Running>>>;

/// A connection that is served by `S`.
type Served<S> = auto::Connection<'static, TokioIo<Patient<TcpStream>>, S, Watch>;

/// One connection, from its first byte to its last.
fn connection(
    server: &auto::Builder<Watch>,
    (stream, patience): (TcpStream, Duration),
    (peer, router): (Peer, Router),
    rest: Option<Rest>,
) -> Served<impl hyper::service::Service<Request<Incoming>, Response = Answer, Error = Infallible, Future: Send> + use<>>
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let (answered, running) = (router.clone().call(request), rest.as_ref().map(Rest::begin));
        async move {
            answered
                .await
                .map(|response| response.map(|body| Handed::new(body, running)))
        }
    });
    let heard = Heard::default();
    let mut server = server.clone();
    server
        .http1()
        .timer(HeadTimer::new(heard.clone(), patience.min(HEAD_PATIENCE)));
    let stream = Patient::new(stream, patience, heard);
    server.serve_connection(TokioIo::new(stream), service).into_owned()
}

#[cfg(test)]
mod tests;
