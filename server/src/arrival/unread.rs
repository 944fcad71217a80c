//! Requests that are answered before they were read to their end: who has no key, who asks for nothing that there is.
//!
//! HTTP/1 has no other way out of such a request than closing the connection, and the client, which wrote on meanwhile, loses its
//! next request or even the answer. So what is still to come is read and thrown away, for a short time; where that does not
//! suffice, the answer says that the connection ends.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{body::Body, extract::Request, response::Response};
use bytes::Bytes;
use http::{
    HeaderValue,
    header::{CONNECTION, EXPECT},
};
use http_body::{Body as _, Frame, SizeHint};

/// How long is read on. Some megabytes come in that time, which are thrown away as they come.
const PATIENCE: Duration = Duration::from_secs(2);

/// The body of a request, of which its handler has another end.
pub struct Rest(Arc<Mutex<Read>>);

struct Read {
    body: Body,
    ended: bool,
}

impl Rest {
    /// Of a request that has a body. Who waits to be told before sending it gets no word of it here.
    pub fn of(request: &mut Request) -> Option<Self> {
        if request.body().is_end_stream() || request.headers().contains_key(EXPECT) {
            return None;
        }
        let body = std::mem::take(request.body_mut());
        let read = Arc::new(Mutex::new(Read { body, ended: false }));
        *request.body_mut() = Body::new(Lent(Arc::clone(&read)));
        Some(Self(read))
    }

    /// Reads what its handler has left.
    pub async fn read_on(self, response: &mut Response) {
        let mut lent = Lent(self.0);
        let to_the_end = poll_fn(|context| {
            while !lent.is_end_stream() {
                match ready!(Pin::new(&mut lent).poll_frame(context)) {
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break,
                }
            }
            Poll::Ready(())
        });
        if tokio::time::timeout(PATIENCE, to_the_end).await.is_err() {
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// What a handler reads.
struct Lent(Arc<Mutex<Read>>);

impl Lent {
    fn read(&self) -> MutexGuard<'_, Read> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl http_body::Body for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut read = self.read();
        let frame = ready!(Pin::new(&mut read.body).poll_frame(context));
        read.ended = !matches!(frame, Some(Ok(_)));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let read = self.read();
        read.ended || read.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.read().body.size_hint()
    }
}
