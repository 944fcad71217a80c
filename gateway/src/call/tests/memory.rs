//! What a call keeps in memory, and for how long.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use domain::call::Dialect;

use crate::{
    CallRow, Inner,
    ledger::{End, Wish},
};

use super::{
    client::{Hub, Setup, next, stream},
    streams::{DONE, stop, text},
    upstream::{Step, Upstream, chunk, end, json, stream_head},
};

/// Bytes that tell whether anybody still has them.
struct Watched(
    #[expect(dead_code, reason = "its being dropped is what is watched")] Arc<()>,
    Vec<u8>,
);

impl AsRef<[u8]> for Watched {
    fn as_ref(&self) -> &[u8] {
        &self.1
    }
}

fn watched(body: &str) -> (Bytes, Weak<()>) {
    let alive = Arc::new(());
    let watch = Arc::downgrade(&alive);
    (Bytes::from_owner(Watched(alive, body.as_bytes().to_vec())), watch)
}

#[tokio::test]
async fn the_request_is_gone_when_its_answer_begins() {
    // Nothing in it has to be edited, so what is sent is a part of these very bytes.
    let ask = r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]}"#;
    let open = vec![
        stream_head(),
        chunk(&text("one")),
        Step::WaitForTest,
        chunk(&stop()),
        chunk(DONE),
        end(),
    ];
    // A first attempt that may be repeated must find the body again.
    let upstream = Upstream::start(vec![json(503, "{}"), open]).await;
    let hub = Hub::with(Setup::at(&upstream.base_url)).await;
    let mut request = hub.request(Dialect::OpenaiChat, "");
    let (body, watch) = watched(ask);
    request.body = body;
    let mut receiver = stream(hub.gateway.call(request).await.unwrap());
    assert_eq!(next(&mut receiver).await, Some(text("one")));
    assert!(
        watch.upgrade().is_none(),
        "the stream runs, and the request is still held"
    );
    upstream.go();
    assert_eq!(next(&mut receiver).await, Some(stop()));
    assert_eq!(next(&mut receiver).await.as_deref(), Some(DONE));
    assert!(upstream.requests().iter().all(|request| request.ends_with(ask)));
    assert_eq!(upstream.requests().len(), 2);
}

/// Futures are moved at each step. What only some calls need within them is boxed, or each call would copy all of it, several times.
#[test]
fn what_books_a_call_is_small() {
    fn size<A, F>(_: impl Fn(A) -> F) -> usize {
        size_of::<F>()
    }
    let end = size(|(inner, row): (&'static Inner, CallRow)| inner.end_call(row, Vec::new(), End::Release));
    let admit =
        size(|(inner, row, wish): (&'static Inner, &'static mut CallRow, Wish)| inner.admit(row, wish, None, false));
    assert!(end < 4_000 && admit < 4_000, "{end} and {admit} bytes");
}
