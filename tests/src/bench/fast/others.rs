//! The same upstream in the words of Google and of Ollama, for calls that are converted: prebuilt answers, and streams that pace and
//! mark their words as the chat's do.

use std::io;

use memchr::memmem;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{MARK, Plan, whole};
use crate::bench::clock::now_nanos;

/// In whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    Google,
    Ollama,
}

/// Where Google's models stand, each with what is asked of it.
const MODELS: &[u8] = b"POST /v1beta/models/";

impl Words {
    /// Those of a request.
    pub(super) fn of(request: &[u8]) -> Option<Self> {
        if request.starts_with(MODELS) {
            Some(Self::Google)
        } else {
            request.starts_with(b"POST /api/chat ").then_some(Self::Ollama)
        }
    }

    /// The model's name: Google's stands in the path.
    pub(super) fn model(self, request: &[u8]) -> Option<&str> {
        match self {
            Self::Google => {
                let rest = request.strip_prefix(MODELS)?;
                std::str::from_utf8(&rest[..memchr::memchr(b':', rest)?]).ok()
            }
            Self::Ollama => super::model(request),
        }
    }

    /// What is said, and at the end what was counted.
    fn said(self, text: &str, last: bool) -> String {
        match (self, last) {
            (Self::Google, false) => {
                format!(
                    "{{\"candidates\":[{{\"content\":{{\"role\":\"model\",\"parts\":[{{\"text\":\"{text}\"}}]}},\"index\":0}}]}}"
                )
            }
            (Self::Google, true) => format!(
                "{{\"candidates\":[{{\"content\":{{\"role\":\"model\",\"parts\":[{{\"text\":\"{text}\"}}]}},\"finishReason\":\"STOP\",\
                 \"index\":0}}],\"usageMetadata\":{{\"promptTokenCount\":10,\"candidatesTokenCount\":100,\"totalTokenCount\":110}},\
                 \"modelVersion\":\"fast\",\"responseId\":\"fast\"}}"
            ),
            (Self::Ollama, false) => format!(
                "{{\"model\":\"fast\",\"created_at\":\"2026-01-02T03:04:05Z\",\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}},\
                 \"done\":false}}"
            ),
            (Self::Ollama, true) => format!(
                "{{\"model\":\"fast\",\"created_at\":\"2026-01-02T03:04:05Z\",\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}},\
                 \"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":10,\"eval_count\":100}}"
            ),
        }
    }

    /// A whole answer with so many letters.
    pub(super) fn message(self, content: usize) -> Vec<u8> {
        let text = "lorem ipsum dolor ".repeat(content / 18 + 1);
        whole(&self.said(&text[..content], true))
    }

    /// A streamed one.
    pub(super) async fn stream_out(self, stream: &mut TcpStream, plan: Plan) -> io::Result<()> {
        let kind = match self {
            Self::Google => "text/event-stream",
            Self::Ollama => "application/x-ndjson",
        };
        if !plan.think.is_zero() {
            tokio::time::sleep(plan.think).await;
        }
        let mut out = Vec::with_capacity(1024);
        out.extend_from_slice(
            format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n").as_bytes(),
        );
        for number in 0..plan.chunks {
            if number > 0 && !plan.pace.is_zero() {
                tokio::time::sleep(plan.pace).await;
            }
            self.frame(&mut out, &self.said(&format!("{MARK}{:019}", now_nanos()), false));
            stream.write_all(&out).await?;
            out.clear();
        }
        self.frame(&mut out, &self.said("", true));
        out.extend_from_slice(b"0\r\n\r\n");
        stream.write_all(&out).await
    }

    /// One event, or one line, as one HTTP chunk.
    fn frame(self, out: &mut Vec<u8>, data: &str) {
        let text = match self {
            Self::Google => format!("data: {data}\r\n\r\n"),
            Self::Ollama => format!("{data}\n"),
        };
        out.extend_from_slice(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes());
    }

    /// A stream is asked for: by Google's path, by a member that Ollama's clients need not send.
    pub(super) fn streams(self, request: &[u8]) -> bool {
        match self {
            Self::Google => memmem::find(request, b":streamGenerateContent").is_some(),
            Self::Ollama => memmem::find(request, b"\"stream\":false").is_none(),
        }
    }
}
