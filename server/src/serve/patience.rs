//! Clients that ask and then do not read. Whoever takes nothing of an answer for too long is cut off: its place is free
//! again, and the call behind a stream ends as if the client had left.
//!
//! Two ways to stand still: over HTTP/1.1 the socket takes no more bytes ([`Patient`]); over h2 the client reads the
//! socket, answers pings, and never opens the window of its stream ([`Watch`], with [`Handed`] around each body).

use std::{
    cell::Cell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep, sleep_until},
};

use super::head::Heard;

/// A socket that fails when the other side takes nothing for too long, and tells when it says something.
#[derive(Debug)]
pub struct Patient<S> {
    stream: S,
    heard: Heard,
    patience: Duration,
    /// Runs while a write waits.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    /// Waits this long for each write.
    pub const fn new(stream: S, patience: Duration, heard: Heard) -> Self {
        Self {
            stream,
            heard,
            patience,
            waiting: None,
        }
    }

    fn judge(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client reads nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.heard.note();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The most of an answer that is handed to a stream of h2 at a time, in bytes. Its client has the patience for each piece, however much of the
/// answer is there already; and what lies in a closed window once the stream has ended is no more than that.
const PIECE: usize = 64 << 10;

tokio::task_local! {
    /// Since when a piece of this h2 stream's answer has waited for the client. Empty while we are the one who waits.
    static WAITING_SINCE: Cell<Option<Instant>>;
}

/// Runs the streams of h2 connections, and drops one whose client takes nothing for too long.
#[derive(Clone, Copy, Debug)]
pub struct Watch(pub Duration);

impl<F> hyper::rt::Executor<F> for Watch
where
    F: Future<Output = ()> + Send + 'static,
{
    #[expect(
        clippy::disallowed_methods,
        reason = "streams are tracked by their connection, and that by the graceful shutdown"
    )]
    fn execute(&self, stream: F) {
        tokio::spawn(watched(stream, self.0));
    }
}

async fn watched(stream: impl Future<Output = ()>, patience: Duration) {
    let mut stream = std::pin::pin!(stream);
    let mut end = std::pin::pin!(sleep(patience));
    let mut since = None;
    std::future::poll_fn(|context| {
        let run = || (stream.as_mut().poll(context), WAITING_SINCE.with(Cell::get));
        let (polled, waiting) = WAITING_SINCE.sync_scope(Cell::new(since), run);
        since = waiting;
        ready_or_late(polled, since.map(|since| since + patience), end.as_mut(), context)
    })
    .await;
}

fn ready_or_late(
    polled: Poll<()>,
    deadline: Option<Instant>,
    mut end: Pin<&mut Sleep>,
    context: &mut Context<'_>,
) -> Poll<()> {
    let (Poll::Pending, Some(deadline)) = (polled, deadline) else {
        return polled;
    };
    if end.deadline() != deadline {
        end.set(sleep_until(deadline));
    }
    end.poll(context)
}

/// The body of an answer, and what is to be kept until that has ended; tells [`Watch`] who waits for whom. Over h2 it comes in pieces.
#[derive(Debug)]
pub struct Handed<B, K> {
    body: B,
    /// What the last piece has left.
    left: Option<Bytes>,
    _kept: K,
}

impl<B, K> Handed<B, K> {
    /// This body; `kept` goes with it.
    pub const fn new(body: B, kept: K) -> Self {
        Self {
            body,
            left: None,
            _kept: kept,
        }
    }

    /// The first piece of this; keeps what is left.
    fn piece(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        match frame.into_data() {
            Ok(mut data) => {
                if data.len() > PIECE {
                    self.left = Some(data.split_off(PIECE));
                }
                Frame::data(data)
            }
            Err(trailers) => trailers,
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin, K: Unpin> Body for Handed<B, K> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = match self.left.take() {
            Some(left) => Poll::Ready(Some(Ok(Frame::data(left)))),
            None => Pin::new(&mut self.body).poll_frame(context),
        };
        let since = matches!(frame, Poll::Ready(Some(Ok(_)))).then(Instant::now);
        // Over HTTP/1.1 nobody listens: the socket itself tells.
        let over_h2 = WAITING_SINCE.try_with(|waiting| waiting.set(since)).is_ok();
        match frame {
            Poll::Ready(Some(Ok(frame))) if over_h2 => Poll::Ready(Some(Ok(self.piece(frame)))),
            frame => frame,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let left = self.left.as_ref().map_or(0, |left| left.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(left));
        }
        hint.set_lower(hint.lower().saturating_add(left));
        hint
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    /// Short, as nothing but its passing is waited for.
    const PATIENCE: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_socket_fails_when_nothing_is_taken() {
        let (ours, _theirs) = tokio::io::duplex(4);
        let mut ours = Patient::new(ours, PATIENCE, Heard::default());
        assert!(ours.write_all(b"0123").await.is_ok());
        let failed = ours.write_all(b"4").await.map_err(|error| error.kind());
        assert_eq!(failed, Err(io::ErrorKind::TimedOut));
    }

    /// Frames of 200,000 bytes that come at once.
    async fn frames() -> Vec<Bytes> {
        let whole: Bytes = (0..200_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let mut body = Handed::new(http_body_util::Full::new(whole.clone()), ());
        let mut frames = Vec::new();
        while !body.is_end_stream() {
            let hint = body.size_hint().exact();
            let taken: usize = frames.iter().map(Bytes::len).sum();
            assert_eq!(hint, Some((whole.len() - taken) as u64));
            let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            frames.push(frame.unwrap().unwrap().into_data().unwrap());
        }
        assert_eq!(frames.concat(), whole);
        frames
    }

    #[tokio::test]
    async fn an_answer_comes_in_pieces_over_h2_and_as_it_is_elsewhere() {
        let pieces = WAITING_SINCE.scope(Cell::new(None), frames()).await;
        let lengths: Vec<usize> = pieces.iter().map(Bytes::len).collect();
        assert_eq!(lengths, [PIECE, PIECE, PIECE, 200_000 - 3 * PIECE]);
        assert_eq!(frames().await.len(), 1);
    }

    #[tokio::test]
    async fn a_stream_ends_when_a_piece_waits_too_long_and_not_when_we_are_slow() {
        let mut done = false;
        let slow_ourselves = async {
            sleep(PATIENCE * 5).await;
            done = true;
        };
        watched(slow_ourselves, PATIENCE).await;
        assert!(done, "who waits for us is not cut off");

        let handed_over = async {
            let mut body = Handed::new(http_body_util::Full::new(bytes::Bytes::from_static(b"x")), ());
            let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            assert!(frame.is_some());
            std::future::pending::<()>().await;
        };
        // Without an end this would hang.
        watched(handed_over, PATIENCE).await;
    }
}
