//! The same upstream in Anthropic's words, for calls that are converted and for those that pass: prebuilt messages, and streams
//! that pace and mark their words as the chat's do.

use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{MARK, Plan, whole};
use crate::bench::clock::now_nanos;

/// A whole answer with so many letters.
pub(super) fn message(model: &str, content: usize) -> Vec<u8> {
    let text = "lorem ipsum dolor ".repeat(content / 18 + 1);
    whole(&format!(
        "{{\"id\":\"msg_fast\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"{model}\",\"content\":[{{\"type\":\"text\",\
         \"text\":\"{}\"}}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{{\"input_tokens\":10,\
         \"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":100}}}}",
        &text[..content]
    ))
}

/// A streamed one.
pub(super) async fn stream_out(stream: &mut TcpStream, plan: Plan) -> io::Result<()> {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    if !plan.think.is_zero() {
        tokio::time::sleep(plan.think).await;
    }
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(HEAD);
    event(
        &mut out,
        "message_start",
        "\"message\":{\"id\":\"msg_fast\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"fast\",\"content\":[],\
         \"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}",
    );
    event(
        &mut out,
        "content_block_start",
        "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}",
    );
    for number in 0..plan.chunks {
        if number > 0 && !plan.pace.is_zero() {
            tokio::time::sleep(plan.pace).await;
        }
        let time = now_nanos();
        let delta = format!("\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{MARK}{time:019}\"}}");
        event(&mut out, "content_block_delta", &delta);
        stream.write_all(&out).await?;
        out.clear();
    }
    event(&mut out, "content_block_stop", "\"index\":0");
    event(
        &mut out,
        "message_delta",
        "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":100}",
    );
    event(&mut out, "message_stop", "");
    out.extend_from_slice(b"0\r\n\r\n");
    stream.write_all(&out).await
}

/// One event as one HTTP chunk.
fn event(out: &mut Vec<u8>, name: &str, members: &str) {
    let comma = if members.is_empty() { "" } else { "," };
    let text = format!("event: {name}\ndata: {{\"type\":\"{name}\"{comma}{members}}}\n\n");
    out.extend_from_slice(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes());
}
