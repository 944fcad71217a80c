//! An upstream that does exactly what a test tells it to, byte by byte, over a real connection.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What the upstream does with one request.
#[derive(Clone)]
pub enum Step {
    Send(Vec<u8>),
    Wait(u64),
    /// Until the test says so.
    WaitForTest,
    /// Ends the connection as if the machine had died.
    Reset,
    /// Until the other side closes.
    WaitForClose,
}

pub fn send(text: impl AsRef<[u8]>) -> Step {
    Step::Send(text.as_ref().to_vec())
}

/// A whole answer with a length.
pub fn answer(status: u16, headers: &str, body: &str) -> Vec<Step> {
    vec![send(format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    ))]
}

pub fn json(status: u16, body: &str) -> Vec<Step> {
    answer(status, "content-type: application/json\r\n", body)
}

/// One chunk of a chunked body.
pub fn chunk(text: &str) -> Step {
    send(format!("{:x}\r\n{text}\r\n", text.len()))
}

/// The head of a stream; chunks follow.
pub fn stream_head() -> Step {
    send(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nx-request-id: up-1\r\n\r\n",
    )
}

/// A proper end of chunks.
pub fn end() -> Step {
    send("0\r\n\r\n")
}

#[derive(Default)]
struct Shared {
    /// Scripts of the requests to come, in order; the last one repeats.
    scripts: Mutex<Vec<Vec<Step>>>,
    requests: Mutex<Vec<String>>,
    closed: Mutex<usize>,
    go: Notify,
    close_seen: Notify,
}

pub struct Upstream {
    pub base_url: String,
    shared: Arc<Shared>,
    listener: tokio::task::JoinHandle<()>,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Upstream {
    pub async fn start(scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            scripts: Mutex::new(scripts),
            ..Shared::default()
        });
        let serving = Arc::clone(&shared);
        #[expect(clippy::disallowed_methods, reason = "the upstream of a test, ended with it")]
        let listener = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let shared = Arc::clone(&serving);
                #[expect(clippy::disallowed_methods, reason = "a connection of a test")]
                tokio::spawn(async move {
                    serve(stream, &shared).await;
                    *shared.closed.lock().unwrap() += 1;
                    shared.close_seen.notify_one();
                });
            }
        });
        Self {
            base_url,
            shared,
            listener,
        }
    }

    /// Every request so far: head and body as one text.
    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Lets a `WaitForTest` go on.
    pub fn go(&self) {
        self.shared.go.notify_one();
    }

    /// Waits until a connection was closed by the hub.
    pub async fn closed(&self) {
        tokio::time::timeout(Duration::from_secs(5), self.shared.close_seen.notified())
            .await
            .expect("the connection stays open");
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) {
    while let Some(request) = read_request(&mut stream).await {
        shared.requests.lock().unwrap().push(request);
        let script = {
            let mut scripts = shared.scripts.lock().unwrap();
            if scripts.len() > 1 {
                scripts.remove(0)
            } else {
                scripts[0].clone()
            }
        };
        for step in script {
            match step {
                Step::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                }
                Step::Wait(milliseconds) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
                Step::WaitForTest => shared.go.notified().await,
                Step::Reset => {
                    stream.set_zero_linger().unwrap();
                    return;
                }
                Step::WaitForClose => {
                    let mut byte = [0];
                    let _ = stream.read(&mut byte).await;
                    return;
                }
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if let Some(head) = memchr::memmem::find(&bytes, b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= head + 4 + length {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
