//! What is measured: the upstream itself, the bare proxy, or the hub, each by address, key and the names of its models.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::process::Process;
use super::wire::{self, Line};

/// One thing to send calls to.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) address: SocketAddr,
    pub(super) key: String,
    /// What stands before the model's name: `fast/` at the hub.
    pub(super) prefix: &'static str,
    /// The process whose cost counts; none for the upstream, which is only the base line.
    pub(super) process: Option<Process>,
}

impl Target {
    /// A call of about 1 KB.
    pub(super) fn small(&self, model: &str) -> Vec<u8> {
        self.request(&self.key, model, 800, "")
    }

    /// The same with another key.
    pub(super) fn small_of(&self, key: &str, model: &str) -> Vec<u8> {
        self.request(key, model, 800, "")
    }

    /// A call of about 200 KB.
    pub(super) fn large(&self, model: &str) -> Vec<u8> {
        self.request(&self.key, model, 200_000, "")
    }

    /// A streamed call of about 1 KB.
    pub(super) fn streamed(&self, model: &str) -> Vec<u8> {
        self.streamed_of(&self.key, model)
    }

    /// The same with another key.
    pub(super) fn streamed_of(&self, key: &str, model: &str) -> Vec<u8> {
        self.request(
            key,
            model,
            800,
            ",\"stream\":true,\"stream_options\":{\"include_usage\":true}",
        )
    }

    fn request(&self, key: &str, model: &str, content: usize, more: &str) -> Vec<u8> {
        let text = &"What is the answer? ".repeat(content / 20 + 1)[..content];
        let prefix = self.prefix;
        let body = format!(
            "{{\"model\":\"{prefix}{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]{more}}}"
        );
        wire::request(self.address, key, &body)
    }

    /// Processor time of its process so far.
    pub(super) fn cpu(&self) -> io::Result<Duration> {
        self.process.as_ref().map_or(Ok(Duration::ZERO), Process::cpu)
    }

    /// Waits for the first good answer and tells how long that took.
    pub(super) async fn first_answer(&mut self, limit: Duration) -> io::Result<Duration> {
        let start = Instant::now();
        let request = self.small("fast");
        loop {
            let error = match Line::open(self.address).await {
                Ok(mut line) => match line.call(&request).await {
                    Ok(()) => return Ok(start.elapsed()),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if let Some(process) = &mut self.process {
                process.alive()?;
            }
            if start.elapsed() > limit {
                return Err(io::Error::other(format!("{} does not answer: {error}", self.name)));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
