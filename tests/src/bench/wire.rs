//! The load generator's end of a connection: prebuilt requests out, answers counted and thrown away. As little work as
//! possible, since it shares its core with the upstream.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::clock::now_nanos;
use super::fast::MARK;

/// A keep-alive connection.
pub(super) struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What a stream showed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// From the request to the first event.
    pub(super) first: Duration,
    /// The delay of each marked event, from the upstream's write to our read, in nanoseconds.
    pub(super) delays: Vec<u64>,
    /// Marked events that came in one read with an earlier one.
    pub(super) merged: u64,
}

/// The bytes of a POST of a chat.
pub(super) fn request(address: SocketAddr, key: &str, body: &str) -> Vec<u8> {
    request_to(address, key, "/v1/chat/completions", body)
}

/// The bytes of a POST to this path.
pub(super) fn request_to(address: SocketAddr, key: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\ncontent-type: \
         application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// How far a body goes.
#[derive(Clone, Copy)]
enum End {
    At(usize),
    LastChunk,
}

impl Line {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(512 * 1024),
        })
    }

    /// One call whose answer is thrown away; anything but 200 is an error that quotes the answer.
    pub(super) async fn call(&mut self, request: &[u8]) -> io::Result<()> {
        self.exchange(request, |_, _| ()).await
    }

    /// One streamed call.
    pub(super) async fn stream(&mut self, request: &[u8]) -> io::Result<Seen> {
        let mut seen = Seen::default();
        let start = Instant::now();
        let mut from = 0;
        self.exchange(request, |all, head| {
            let now = now_nanos();
            from = from.max(head);
            let mut here = 0;
            while let Some(at) = memmem::find(&all[from..], MARK.as_bytes()) {
                let digits = from + at + MARK.len();
                let Some(time) = all.get(digits..digits + 19) else {
                    break;
                };
                let sent = std::str::from_utf8(time)
                    .ok()
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(now);
                if seen.delays.is_empty() {
                    seen.first = start.elapsed();
                }
                seen.delays.push(now.saturating_sub(sent));
                here += 1;
                from = digits + 19;
            }
            seen.merged += u64::saturating_sub(here, 1);
        })
        .await?;
        if seen.delays.is_empty() {
            return Err(io::Error::other("the stream ended without any marked event"));
        }
        Ok(seen)
    }

    /// Sends, then reads until the answer is whole; after each read `look` sees all so far and where the body begins.
    async fn exchange(&mut self, request: &[u8], mut look: impl FnMut(&[u8], usize)) -> io::Result<()> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::other(format!(
                    "the connection closed early: {}",
                    self.quote()
                )));
            }
            if head.is_none()
                && let Some(at) = memmem::find(&self.buffer, b"\r\n\r\n")
            {
                head = Some((at + 4, end_of(&self.buffer[..at], at + 4)?));
            }
            let Some((start, end)) = head else {
                continue;
            };
            look(&self.buffer, start);
            let whole = match end {
                End::At(length) => self.buffer.len() >= length,
                End::LastChunk => self.buffer.ends_with(b"\r\n0\r\n\r\n"),
            };
            if whole {
                break;
            }
        }
        if !self.buffer.starts_with(b"HTTP/1.1 200") {
            return Err(io::Error::other(format!(
                "not the answer that was asked for: {}",
                self.quote()
            )));
        }
        Ok(())
    }

    fn quote(&self) -> String {
        let shown = &self.buffer[..self.buffer.len().min(600)];
        String::from_utf8_lossy(shown).into_owned()
    }
}

fn end_of(head: &[u8], start: usize) -> io::Result<End> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        return Ok(End::LastChunk);
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.ok_or_else(|| io::Error::other("the answer has neither a length nor chunks"))?;
    let length: usize = length.trim().parse().map_err(io::Error::other)?;
    Ok(End::At(start + length))
}
