//! Reads one `GenerateContentResponse`: a whole answer, or a piece of a streamed one. Both have the same shape, and the
//! pieces of a stream hold what is new. Used by `decode` and `listen`.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::identity;
use crate::wire::{
    canonical::{Citation, Counts, Event, File, FileKind, Finish, Moment, ReadProblem, Source, ToolStart},
    weight::Scale,
};

/// As it comes. Members that are not read are skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk<'a> {
    #[serde(default)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(default, borrow)]
    usage_metadata: Option<&'a RawValue>,
    #[serde(default)]
    model_version: Option<String>,
    #[serde(default)]
    response_id: Option<String>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default, borrow)]
    content: Option<Content<'a>>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    citation_metadata: Option<Value>,
    #[serde(default)]
    grounding_metadata: Option<Value>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(default, borrow)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thought: Option<bool>,
    #[serde(default)]
    thought_signature: Option<String>,
    #[serde(default, borrow)]
    function_call: Option<FunctionCall<'a>>,
    #[serde(default)]
    inline_data: Option<Blob>,
    #[serde(default)]
    file_data: Option<FileData>,
    #[serde(default)]
    executable_code: Option<Code>,
    #[serde(default)]
    code_execution_result: Option<CodeResult>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionCall<'a> {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, borrow)]
    args: Option<&'a RawValue>,
    /// Vertex tells arguments in parts to who asks for it. Nobody here does.
    #[serde(default, borrow)]
    partial_args: Option<&'a RawValue>,
    #[serde(default)]
    will_continue: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blob {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileData {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    file_uri: String,
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
struct CodeResult {
    #[serde(default)]
    output: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default)]
    block_reason: Option<String>,
}

/// What an answer has said so far.
#[derive(Debug, Default)]
pub(super) struct State {
    started: bool,
    /// The provider's name for the answer; makes ids differ between answers.
    id: String,
    /// How many calls have begun.
    calls: usize,
    /// Ids that the provider gave: a call that comes twice is one.
    given: std::collections::HashSet<String>,
    /// Text has been said, so that a citation has something to stand beside.
    spoke: bool,
    /// Why it ended, in Google's word.
    pub(super) finish_reason: Option<String>,
    /// What the usage objects that count the prompt come to.
    pub(super) counts: Counts,
    /// What the model wrote, weighed as in a whole answer: pictures and what its code put out are not free.
    pub(super) scale: Scale,
}

impl State {
    /// Reads a piece, or a list of pieces as `streamGenerateContent` sends without `alt=sse`.
    ///
    /// # Errors
    /// [`ReadProblem`].
    pub(super) fn read(&mut self, data: &[u8], events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        let malformed = |_| ReadProblem::Malformed;
        if data.trim_ascii_start().first() == Some(&b'[') {
            let pieces: Vec<&RawValue> = serde_json::from_slice(data).map_err(malformed)?;
            return pieces
                .into_iter()
                .try_for_each(|piece| self.read_one(piece.get().as_bytes(), events));
        }
        self.read_one(data, events)
    }

    fn read_one(&mut self, data: &[u8], events: &mut Vec<Event>) -> Result<(), ReadProblem> {
        let chunk: Chunk<'_> = serde_json::from_slice(data).map_err(|_| ReadProblem::Malformed)?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let said = super::refusal::of_error(&error);
            return Err(ReadProblem::Reported {
                message: said.message,
                code: said.code,
            });
        }
        if !std::mem::replace(&mut self.started, true) {
            self.id = chunk.response_id.clone().unwrap_or_default();
            events.push(Event::Start {
                id: chunk.response_id,
                model: chunk.model_version,
            });
        }
        let before = events.len();
        // One answer is asked for. What has another number belongs to nobody.
        let candidates = chunk.candidates.into_iter().flatten();
        for candidate in candidates.filter(|candidate| candidate.index.unwrap_or_default() == 0) {
            self.candidate(candidate, events);
        }
        if let Some(reason) = chunk.prompt_feedback.and_then(|feedback| feedback.block_reason) {
            self.finish(reason, Finish::ContentFilter, events);
        }
        self.scale.add(events.get(before..).unwrap_or_default());
        if let Some(usage) = chunk.usage_metadata
            && super::usage::counts_prompt(usage.get())
        {
            let moment = Moment {
                bytes: self.scale.bytes,
                ended: self.finish_reason.is_some(),
                of_one: false,
            };
            self.counts.take(super::usage::report(usage.get().as_bytes()), moment);
        }
        Ok(())
    }

    fn candidate(&mut self, candidate: Candidate<'_>, events: &mut Vec<Event>) {
        let parts = candidate.content.and_then(|content| content.parts);
        for part in parts.into_iter().flatten() {
            self.part(part, events);
        }
        for metadata in [&candidate.citation_metadata, &candidate.grounding_metadata] {
            if let (Some(metadata), true) = (metadata, self.spoke) {
                events.extend(citations(metadata).into_iter().map(Event::Citation));
            }
        }
        if let Some(reason) = candidate.finish_reason {
            let finish = finish(&reason, self.calls > 0);
            self.finish(reason, finish, events);
        }
    }

    fn finish(&mut self, reason: String, finish: Finish, events: &mut Vec<Event>) {
        if self.finish_reason.is_none() {
            self.finish_reason = Some(reason);
            events.push(Event::Finish(finish));
        }
    }

    fn part(&mut self, part: Part<'_>, events: &mut Vec<Event>) {
        let is_thought = part.thought == Some(true);
        if let Some(call) = part.function_call {
            self.call(call, part.thought_signature, events);
            return;
        }
        if let Some(text) = part.text.filter(|text| !text.is_empty()) {
            if is_thought {
                events.push(Event::Thought(text));
            } else {
                self.say(text, events);
            }
        }
        // Drafts of pictures are thoughts, and nobody asked to see them.
        if let (Some(blob), false) = (part.inline_data, is_thought) {
            let source = Source::Data {
                mime: blob.mime_type.clone(),
                base64: blob.data,
            };
            events.push(Event::File(file(&blob.mime_type, source)));
        }
        if let (Some(data), false) = (part.file_data, is_thought) {
            events.push(Event::File(file(&data.mime_type, Source::Url(data.file_uri))));
        }
        if let Some(code) = part.executable_code {
            self.say(format!("\n```python\n{}\n```\n", code.code.trim_end()), events);
        }
        if let Some(result) = part.code_execution_result {
            self.say(format!("\n```\n{}\n```\n", result.output.trim_end()), events);
        }
        if let Some(signature) = part.thought_signature.filter(|signature| !signature.is_empty()) {
            events.push(Event::Signature(identity::mark(&signature)));
        }
    }

    fn say(&mut self, text: String, events: &mut Vec<Event>) {
        self.spoke = true;
        events.push(Event::Text(text));
    }

    fn call(&mut self, call: FunctionCall<'_>, signature: Option<String>, events: &mut Vec<Event>) {
        // A call in parts has no name for us: the answer is refused, lest its tool is run with a part of the arguments.
        let parts = call.partial_args.is_some() || call.will_continue == Some(true);
        let name = call.name.filter(|_| !parts).unwrap_or_default();
        let given = call.id.filter(|id| !id.is_empty());
        if let Some(id) = &given
            && !self.given.insert(id.clone())
        {
            return;
        }
        let index = self.calls;
        self.calls += 1;
        let json = call
            .args
            .map(RawValue::get)
            .filter(|args| *args != "null")
            .unwrap_or("{}");
        let json = compact(json);
        let id = given.unwrap_or_else(|| ToolStart::made_up_id(&self.id, index, &name, &json));
        let (id, signature) = identity::with_signature(id, signature.filter(|signature| !signature.is_empty()));
        events.push(Event::ToolCall(ToolStart {
            index,
            id,
            name,
            signature,
        }));
        events.push(Event::Arguments { index, json });
    }
}

/// JSON without white space between its words: Google indents whole answers, and a call is the same streamed or not.
fn compact(json: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let keep = |letter: &char| {
        let kept = inside || !letter.is_ascii_whitespace();
        (inside, escaped) = match letter {
            _ if escaped => (inside, false),
            '\\' => (inside, inside),
            '"' => (!inside, false),
            _ => (inside, false),
        };
        kept
    };
    json.chars().filter(keep).collect()
}

fn file(mime: &str, source: Source) -> File {
    let kind = match mime.split('/').next() {
        Some("image") => FileKind::Image,
        Some("audio") => FileKind::Audio,
        Some("video") => FileKind::Video,
        _ => FileKind::Document,
    };
    File {
        kind,
        source,
        name: None,
        detail: None,
        cache: None,
    }
}

/// Google's `FinishReason` in common words. A call of a function ends with `STOP`, too.
fn finish(reason: &str, called: bool) -> Finish {
    match reason {
        "STOP" if called => Finish::ToolCalls,
        "STOP" => Finish::Stop,
        "MAX_TOKENS" | "CONTINUATION" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "ESCALATION"
        | "MODEL_ARMOR" => Finish::ContentFilter,
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE" => Finish::Broken(reason.to_owned()),
        other => Finish::Other(other.to_owned()),
    }
}

/// What `citationMetadata` or `groundingMetadata` names.
fn citations(metadata: &Value) -> Vec<Citation> {
    let list = |name: &str| metadata[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut found = Vec::new();
    // The older of the two names is what the first version of the API had.
    for source in list("citations").iter().chain(list("citationSources")) {
        found.push(Citation {
            url: text(&source["uri"]),
            title: text(&source["title"]),
            quoted: None,
            raw: source.clone(),
        });
    }
    let pages = list("groundingChunks");
    for support in list("groundingSupports") {
        let places = support["groundingChunkIndices"].as_array().into_iter().flatten();
        let places = places.filter_map(|place| pages.get(usize::try_from(place.as_u64()?).ok()?));
        for page in places {
            found.push(Citation {
                url: text(&page["web"]["uri"]),
                title: text(&page["web"]["title"]),
                quoted: text(&support["segment"]["text"]),
                raw: support.clone(),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn compact_json_means_the_same(texts in proptest::collection::vec("[ \"\\\\a{}\n]{0,6}", 0..5)) {
            let value = serde_json::json!({"a b": texts, "c": [1, {"d": null}]});
            let compacted = compact(&serde_json::to_string_pretty(&value).unwrap());
            prop_assert_eq!(compacted, value.to_string());
        }
    }
}
