//! What the properties of `torn` are made of: real answers of every wire and real requests of every dialect (the golden fixtures), a
//! way to damage and to cut them, and all that a client gets of a stream that arrives in pieces.

use bytes::Bytes;
use domain::{
    call::Dialect,
    catalog::{ProviderKind, Quirks, Wire},
    usage::Usage,
};
use proptest::prelude::*;

use super::{
    super::{
        canonical::{End, Finish, Ids, Opening},
        ear::Ear,
        ndjson,
        openai::stream::Verdict,
        sse::{self, Batch, TooLarge},
    },
    Kept, Speech,
};

macro_rules! fixtures {
    ($($path:literal),* $(,)?) => { &[$(include_bytes!(concat!("../../../fixtures/", $path))),*] };
}

/// Streams as providers send them.
pub fn streams(wire: Wire) -> &'static [&'static [u8]] {
    match wire {
        Wire::OpenaiCompletions => fixtures!["completions/stream-openai.sse"],
        Wire::OpenaiChat | Wire::OpenaiEmbeddings | Wire::OpenaiImages => fixtures![
            "openai/stream-openai.sse",
            "openai/stream-openrouter.sse",
            "openai/stream-groq.sse",
            "openai/stream-deepseek.sse",
        ],
        Wire::OpenaiResponses => fixtures![
            "responses/stream/plain.in.sse",
            "responses/stream/tools-and-reasoning.in.sse",
            "responses/stream/custom-and-hosted.in.sse",
        ],
        Wire::AnthropicMessages => fixtures![
            "anthropic/streams/text.in.sse",
            "anthropic/streams/thinking.in.sse",
            "anthropic/streams/tools.in.sse",
            "anthropic/streams/error.in.sse",
        ],
        Wire::GoogleGenerate | Wire::GoogleEmbed => fixtures![
            "google/answers/stream_text.in.sse",
            "google/answers/stream_thoughts.in.sse",
            "google/answers/stream_tools.in.sse",
            "google/answers/stream_error.in.sse",
        ],
        Wire::OllamaChat | Wire::OllamaEmbed => fixtures![
            "ollama/answers/stream_text.in.ndjson",
            "ollama/answers/stream_tools.in.ndjson",
            "ollama/answers/stream_error.in.ndjson",
        ],
    }
}

/// Whole answers as providers send them.
pub fn answers(wire: Wire) -> &'static [&'static [u8]] {
    match wire {
        Wire::OpenaiCompletions => fixtures!["completions/answer.json"],
        Wire::OpenaiChat => fixtures!["openai/chat.json"],
        Wire::OpenaiEmbeddings => &[
            br#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.25,-1.5e-3]},{"object":"embedding","index":1,"embedding":[1,0]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":2,"total_tokens":2}}"#,
            br#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPgAAwL8="},{"object":"embedding","index":1,"embedding":"AACAPwAAAAA="}],"model":"text-embedding-3-small","usage":{"prompt_tokens":2,"total_tokens":2}}"#,
        ],
        Wire::OpenaiImages => fixtures!["openai/images/gpt-image.in.json", "openai/images/dall-e.in.json"],
        Wire::OpenaiResponses => fixtures![
            "responses/answer/plain.in.json",
            "responses/answer/tools-and-reasoning.in.json",
        ],
        Wire::AnthropicMessages => fixtures!["anthropic/answers/everything.in.json"],
        Wire::GoogleGenerate => fixtures!["google/answers/grounded.in.json", "google/answers/signatures.in.json"],
        Wire::GoogleEmbed => &[
            br#"{"embeddings":[{"values":[0.25,-1.5e-3]},{"values":[1,0]}],"usageMetadata":{"promptTokenCount":2}}"#,
            br#"{"embeddings":[{"values":[0.25,-1.5e-3]},{"values":[1,0]}]}"#,
        ],
        Wire::OllamaChat => fixtures!["ollama/answers/tools.in.json", "ollama/answers/error.in.json"],
        Wire::OllamaEmbed => &[
            br#"{"model":"all-minilm","embeddings":[[0.25,-1.5e-3],[1,0]],"total_duration":14143917,"load_duration":1019500,"prompt_eval_count":2}"#,
        ],
    }
}

/// Requests as clients send them.
pub fn requests(dialect: Dialect) -> &'static [&'static [u8]] {
    match dialect {
        Dialect::OpenaiChat => fixtures![
            "anthropic/from-openai/tools.in.json",
            "anthropic/from-openai/thoughts-and-files.in.json",
        ],
        Dialect::OpenaiCompletions => &[
            br#"{"model":"p/m","prompt":["a","b"],"suffix":"c","max_tokens":9,"n":2,"stream":true,"stop":["x"],"logit_bias":{"5":1}}"#,
        ],
        Dialect::OpenaiEmbeddings => {
            &[br#"{"model":"p/m","input":["a","b"],"dimensions":8,"encoding_format":"base64","user":"u"}"#]
        }
        Dialect::OpenaiImages => &[
            br#"{"model":"p/m","prompt":"a cat","n":2,"size":"1024x1024","quality":"high","response_format":"url","image":["data:image/png;base64,AAAA"]}"#,
        ],
        Dialect::OpenaiResponses => fixtures!["responses/request/codex.in.json", "responses/request/items.in.json"],
        Dialect::AnthropicMessages => fixtures![
            "anthropic/requests/claude-code.in.json",
            "anthropic/requests/thinking.in.json",
        ],
        Dialect::AigneChat => fixtures!["aigne/chat/tools.in.json", "aigne/chat/files.in.json"],
        Dialect::AigneCompletions => fixtures!["aigne/completions/chat.in.json", "aigne/completions/snake.in.json"],
    }
}

/// A kind of provider that has this wire.
pub const fn kind(wire: Wire) -> ProviderKind {
    match wire {
        Wire::OpenaiChat
        | Wire::OpenaiResponses
        | Wire::OpenaiCompletions
        | Wire::OpenaiEmbeddings
        | Wire::OpenaiImages => ProviderKind::Openai,
        Wire::AnthropicMessages => ProviderKind::Anthropic,
        Wire::GoogleGenerate | Wire::GoogleEmbed => ProviderKind::Google,
        Wire::OllamaChat | Wire::OllamaEmbed => ProviderKind::Ollama,
    }
}

/// Every dialect at every wire that may answer it.
pub fn speeches() -> Vec<Speech> {
    let mut all = Vec::new();
    for dialect in Dialect::ALL {
        for wire in Wire::ALL
            .into_iter()
            .filter(|wire| wire.embeds() == (dialect == Dialect::OpenaiEmbeddings))
            // Only who asks in it is answered in it.
            .filter(|wire| *wire != Wire::OpenaiCompletions || dialect == Dialect::OpenaiCompletions)
            // What Gemini draws is not read as a chat is.
            .filter(|wire| (*wire == Wire::OpenaiImages) == (dialect == Dialect::OpenaiImages))
        {
            all.push(Speech {
                dialect,
                kind: kind(wire),
                wire,
            });
        }
    }
    all
}

/// What is done to bytes.
#[derive(Clone, Debug)]
pub struct Damage {
    bytes: Vec<(prop::sample::Index, u8)>,
    /// A piece that is taken from one place and put at another.
    moved: Option<(prop::sample::Index, prop::sample::Index, usize)>,
    /// Nothing follows from here on.
    end: Option<prop::sample::Index>,
}

impl Damage {
    /// Does it.
    pub fn done(&self, whole: &[u8]) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        if let Some((from, to, length)) = &self.moved {
            let start = from.index(bytes.len());
            let piece = bytes[start..(start + length).min(bytes.len())].to_vec();
            let place = to.index(bytes.len());
            bytes.splice(place..place, piece);
        }
        for (place, byte) in &self.bytes {
            let place = place.index(bytes.len());
            bytes[place] = *byte;
        }
        if let Some(end) = &self.end {
            bytes.truncate(end.index(bytes.len()));
        }
        bytes
    }
}

/// None, or some.
pub fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"\n\r{}[]\",:0- \\\xff\xef".to_vec())];
    let place = any::<prop::sample::Index>;
    (
        prop::collection::vec((place(), byte), 0..4),
        prop::option::of((place(), place(), 1..200_usize)),
        prop::option::weighted(0.3, place()),
    )
        .prop_map(|(bytes, moved, end)| Damage { bytes, moved, end })
}

/// The places where a stream is cut.
pub fn cuts() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 0..12)
}

/// Cuts bytes there.
pub fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The provider said its last word.
    Done,
    /// The bytes ended.
    Silence,
    /// An event could not be read.
    Malformed,
    /// The provider reported an error.
    Error,
}

/// All that a client gets of a stream, and all that the hub knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// For the client.
    pub out: Vec<u8>,
    /// How it ended.
    pub ending: Ending,
    /// Bytes of what was said.
    pub text_bytes: u64,
    /// Why the answer ended.
    pub finish: Option<String>,
    /// What was counted.
    pub counted: Option<Result<Usage, String>>,
}

enum Framer {
    Events(sse::Framer),
    Lines(ndjson::Framer),
}

impl Framer {
    fn push(&mut self, piece: &[u8]) -> Result<Batch, TooLarge> {
        let piece = Bytes::copy_from_slice(piece);
        match self {
            Self::Events(framer) => framer.push(piece),
            Self::Lines(framer) => framer.push(&piece),
        }
    }

    fn finish(&mut self) -> Batch {
        match self {
            Self::Events(framer) => framer.finish(),
            Self::Lines(framer) => framer.finish(),
        }
    }
}

fn ids() -> Ids {
    Ids {
        call: "call_0000000000000".to_owned(),
        model: "p/m".to_owned(),
        created: 1_800_000_000,
    }
}

/// Takes what one batch says; gives how the stream ended, if it did.
fn take(ear: &mut Ear, batch: &Batch, out: &mut Vec<u8>) -> Option<Ending> {
    for event in batch.events() {
        let verdict = ear.hear(&event);
        out.extend(ear.written());
        match verdict {
            Verdict::Pass | Verdict::Without(_) => out.extend_from_slice(&batch.bytes[event.span]),
            Verdict::Drop => {}
            Verdict::Done => return Some(Ending::Done),
            Verdict::Error(_) => return Some(Ending::Error),
            Verdict::Malformed => return Some(Ending::Malformed),
        }
    }
    None
}

/// Carries a stream that comes in these pieces, none of whose events is larger than `limit`.
///
/// # Errors
/// [`TooLarge`].
pub fn carry(speech: Speech, pieces: &[&[u8]], limit: usize) -> Result<Carried, TooLarge> {
    let quirks = Quirks::default();
    let opening = Opening {
        include_usage: true,
        ..Opening::default()
    };
    let mut ear = speech.ear(&quirks, ids, opening, &Kept::Nothing);
    let mut framer = match speech.wire.sends_lines() {
        true => Framer::Lines(ndjson::Framer::new(limit)),
        false => Framer::Events(sse::Framer::new(limit)),
    };
    let (mut out, mut ending) = (Vec::new(), None);
    for piece in pieces {
        ending = take(&mut ear, &framer.push(piece)?, &mut out);
        if ending.is_some() {
            break;
        }
    }
    if ending.is_none() {
        ending = take(&mut ear, &framer.finish(), &mut out);
    }
    let report = ear.report();
    let carried = (ear.text_bytes(), ear.finish_reason().map(str::to_owned));
    out.extend(ear.end(end()));
    Ok(Carried {
        out,
        ending: ending.unwrap_or(Ending::Silence),
        text_bytes: carried.0,
        finish: carried.1,
        counted: report.map(|report| report.usage),
    })
}

/// An end of which nothing is known.
pub fn end() -> End {
    End {
        finish: Finish::Stop,
        usage: Usage::default(),
        charge: None,
    }
}

/// Names for what is told.
pub fn named() -> Ids {
    ids()
}
