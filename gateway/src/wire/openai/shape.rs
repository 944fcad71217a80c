//! The pieces that a whole chat answer and a streamed one share: words for ends, usage, calls of tools, sources of texts,
//! thoughts, pictures. Used by [`super::write`] and [`super::stream::Writer`].

use domain::usage::Usage;
use serde_json::{Value, json};

use crate::wire::{
    canonical::{Citation, File, Finish, Source, ToolStart},
    openai::data_url,
};

/// The answer's id: our call's.
pub(super) fn id(call: &str) -> String {
    format!("chatcmpl-{call}")
}

/// OpenAI's word for why an answer ends. Services that stop "normally" after calling tools (Gemini) are corrected.
pub(super) fn finish(finish: &Finish, tools: bool, refused: bool) -> &'static str {
    match finish {
        // A turn that is paused is not done; clients go on after this word.
        Finish::Length | Finish::ContextFull | Finish::Pause => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
        // In this dialect a refusal that is written out ends as any other answer does.
        Finish::Refusal if !refused => "content_filter",
        _ if tools => "tool_calls",
        Finish::Stop | Finish::StopSequence(_) | Finish::Refusal | Finish::Broken(_) | Finish::Other(_) => "stop",
    }
}

/// The same for a client that speaks of functions.
pub(super) fn old_finish(finish: &'static str) -> &'static str {
    match finish {
        "tool_calls" => "function_call",
        other => other,
    }
}

/// The usage object. Everything that went in is `prompt_tokens`, and everything that came out `completion_tokens`.
pub(in crate::wire) fn usage(usage: &Usage) -> Value {
    let (prompt, completion) = (usage.input_total(), usage.output_total());
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read,
            "audio_tokens": usage.input_audio,
            "cache_write_tokens": usage.cache_write_5m.saturating_add(usage.cache_write_1h),
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.output_reasoning,
            "audio_tokens": usage.output_audio,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}

/// The beginning of a call, with Google's signature where its own endpoint for OpenAI's clients puts it.
pub(super) fn tool_call(start: &ToolStart, index: Option<usize>, arguments: &str) -> Value {
    let mut call = json!({
        "id": start.id,
        "type": "function",
        "function": { "name": start.name, "arguments": arguments },
    });
    if let Some(index) = index {
        call["index"] = index.into();
    }
    if let Some(signature) = &start.signature {
        call["extra_content"] = json!({ "google": { "thought_signature": signature } });
    }
    call
}

/// The same of a tool that takes free text, which its client knows by this name.
pub(super) fn free_call(start: &ToolStart, name: &str, index: Option<usize>, input: &str) -> Value {
    let mut call = tool_call(start, index, "");
    call["type"] = "custom".into();
    if let Some(members) = call.as_object_mut() {
        members.shift_remove("function");
        members.insert("custom".into(), json!({ "name": name, "input": input }));
    }
    call
}

/// Where the characters `from..to` of the answer come from. A source without address has no counterpart among OpenAI's own
/// annotations and gets one of the same build.
pub(super) fn annotation(citation: &Citation, from: usize, to: usize) -> Value {
    if citation.raw.get("url_citation").is_some_and(Value::is_object) {
        return citation.raw.clone();
    }
    let title = citation.title.as_deref().unwrap_or_default();
    let mut source = match &citation.url {
        Some(url) => json!({ "url": url, "title": title, "start_index": from, "end_index": to }),
        None => json!({ "title": title, "start_index": from, "end_index": to }),
    };
    if let Some(quoted) = &citation.quoted {
        source["content"] = quoted.as_str().into();
    }
    if citation.url.is_some() {
        json!({ "type": "url_citation", "url_citation": source })
    } else {
        json!({ "type": "file_citation", "file_citation": source })
    }
}

/// A picture (or another file) that the model made, as OpenRouter writes it.
pub(super) fn image(file: &File, index: usize) -> Value {
    let url = match &file.source {
        Source::Url(url) | Source::Text(url) | Source::Id(url) => url.clone(),
        Source::Data { mime, base64 } => data_url::write(mime, base64),
    };
    json!({ "type": "image_url", "image_url": { "url": url }, "index": index })
}

/// Thoughts that must come back unchanged: `reasoning_details`, OpenRouter's shape, which our reader takes back.
#[derive(Debug, Default)]
pub(super) struct Details {
    entries: Vec<Value>,
    /// One of them carries a proof or a cipher. Else the plain text says all there is.
    needed: bool,
}

impl Details {
    pub(super) fn text(&mut self, text: &str, signature: Option<&str>) {
        let index = self.entries.len();
        let mut entry = json!({ "type": "reasoning.text", "text": text, "index": index });
        if let Some(signature) = signature {
            entry["signature"] = signature.into();
            self.needed = true;
        }
        self.entries.push(entry);
    }

    pub(super) fn sealed(&mut self, sealed: &str) {
        let index = self.entries.len();
        self.needed = true;
        self.entries
            .push(json!({ "type": "reasoning.encrypted", "data": sealed, "index": index }));
    }

    /// What must come back; nothing where the plain text says it all.
    pub(super) fn take(&mut self) -> Option<Value> {
        let entries = std::mem::take(&mut self.entries);
        self.needed.then_some(Value::Array(entries))
    }

    /// There is no thought.
    pub(super) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Every thought, whether or not it must come back.
    pub(super) fn all(self) -> Value {
        Value::Array(self.entries)
    }
}
