//! A small HTTP client for tests: sends exactly the headers it is told, shows what came back, and reads streams chunk by
//! chunk as they arrive. It has no pool: each request is a connection, so dropping an answer is leaving. Official SDKs
//! and browsers are tested elsewhere.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::contract::{self, Promise};

/// A request in the making.
#[derive(Debug, Clone)]
pub struct Call {
    address: SocketAddr,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    promised: bool,
}

/// An answer whose headers have arrived; the body is read on demand. Dropping it closes the connection.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    /// What the hub's document says of the route, and what came so far.
    promise: Option<(Promise, Vec<u8>)>,
    _connection: JoinSet<()>,
}

impl Call {
    /// `GET path`.
    #[must_use]
    pub fn get(address: SocketAddr, path: &str) -> Self {
        Self::new(address, Method::GET, path)
    }

    /// `POST path` with a JSON body.
    #[must_use]
    pub fn post(address: SocketAddr, path: &str, body: &Value) -> Self {
        Self::new(address, Method::POST, path)
            .body(body.to_string())
            .header("content-type", "application/json")
    }

    /// Any method, without a body.
    #[must_use]
    pub fn new(address: SocketAddr, method: Method, path: &str) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(host) = HeaderValue::from_str(&address.to_string()) {
            headers.insert(HOST, host);
        }
        Self {
            address,
            method,
            path: path.to_owned(),
            headers,
            body: Bytes::new(),
            promised: false,
        }
    }

    /// Of a hub: the answer must be as its OpenAPI document says.
    #[must_use]
    pub fn promised(mut self) -> Self {
        self.promised = true;
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With this header, replacing one of the same name. A value that cannot be a header is left out.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Without this header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// With `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// With another content type.
    #[must_use]
    pub fn content_type(self, value: &str) -> Self {
        self.header("content-type", value)
    }

    /// Sends it and waits for the headers of the answer.
    ///
    /// # Errors
    /// When the connection cannot be made or ends before an answer.
    pub async fn send(self) -> io::Result<Answer> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        let mut running = JoinSet::new();
        running.spawn(async move {
            // How the connection ended shows in the answer.
            let _ = connection.await;
        });
        let promise = match self.promised {
            true => contract::of_hub().promise(&self.method, &self.path),
            false => None,
        };
        let sent = self.body.clone();
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.path.parse().map_err(io::Error::other)?;
        *request.headers_mut() = self.headers;
        let (parts, body) = sender
            .send_request(request)
            .await
            .map_err(io::Error::other)?
            .into_parts();
        if let Some(promise) = &promise {
            Promise::insist(promise.head(parts.status, &parts.headers));
            if parts.status.is_success() {
                Promise::insist(promise.taken(&sent));
            }
        }
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
            promise: promise.map(|promise| (promise, Vec::new())),
            _connection: running,
        })
    }

    /// Sends it and reads the whole answer as text.
    ///
    /// # Errors
    /// As [`Call::send`] and [`Answer::text`].
    pub async fn text(self) -> io::Result<(StatusCode, String)> {
        let answer = self.send().await?;
        Ok((answer.status, answer.text().await?))
    }

    /// Sends it and reads the whole answer as JSON.
    ///
    /// # Errors
    /// As [`Call::text`], and when it is not JSON.
    pub async fn json(self) -> io::Result<(StatusCode, Value)> {
        let (status, text) = self.text().await?;
        serde_json::from_str(&text)
            .map(|value| (status, value))
            .map_err(io::Error::other)
    }
}

impl Answer {
    /// The next bytes, as they arrived; `None` at the clean end.
    ///
    /// # Errors
    /// When the connection broke.
    ///
    /// # Panics
    /// At the end of an answer of a hub that is not as its document says.
    pub async fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
                if let Some((_, came)) = &mut self.promise {
                    came.extend_from_slice(&data);
                }
                return Ok(Some(data));
            }
        }
        // Whole: now it can be judged.
        if let Some((promise, came)) = self.promise.take() {
            Promise::insist(promise.body(self.status, &self.headers, &came));
        }
        Ok(None)
    }

    /// All that is left.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn bytes(mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }

    /// All that is left, as text; bytes that are not UTF-8 are an error.
    ///
    /// # Errors
    /// When the connection broke or the text is not UTF-8.
    pub async fn text(self) -> io::Result<String> {
        String::from_utf8(self.bytes().await?).map_err(io::Error::other)
    }

    /// The value of a header, when it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The `data:` payloads of a well-formed stream (LF line ends), `[DONE]` left out, as JSON.
///
/// # Errors
/// When a payload is not JSON.
pub fn events(stream: &str) -> Result<Vec<Value>, serde_json::Error> {
    let payloads = stream.lines().filter_map(|line| line.strip_prefix("data: "));
    payloads
        .filter(|payload| *payload != "[DONE]")
        .map(serde_json::from_str)
        .collect()
}
