//! The ways in which the fake breaks, their names, and the rules that say which call shows which.
//!
//! What each does to an answer stands in `spoil.rs` (what is said), `course.rs` (its course), `serve.rs` (before the first byte) and `playback.rs`
//! (the connection). Tests and the control interface add rules.

use std::sync::Mutex;

use super::catalogue::bare;
use super::record::lock;

/// A model with this prefix and a fault's name shows that fault: `fault-cut-mid`.
pub const FAULT_MODEL_PREFIX: &str = "fault-";

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// One way to break. Each has a name for model ids and the control interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fault {
            $($(#[$doc])* $variant,)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name, such as `stall-mid`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

faults! {
    /// Reads the request and sends nothing until released.
    StallBefore = "stall-before",
    /// Sends a part, then nothing until released.
    StallMid = "stall-mid",
    /// Closes the connection instead of answering.
    CutBefore = "cut-before",
    /// Closes the connection after a part of the answer.
    CutMid = "cut-mid",
    /// Resets the connection (RST) instead of answering.
    ResetBefore = "reset-before",
    /// Resets the connection (RST) after a part of the answer.
    ResetMid = "reset-mid",
    /// Sends the answer byte by byte, the first events slowly.
    Drip = "drip",
    /// One event in the middle is not JSON (a plain answer: the body is not).
    MalformedFrame = "malformed-frame",
    /// 429 with `retry-after: 2`.
    RateLimited = "429",
    /// 429 without any hint.
    RateLimitedBare = "429-bare",
    /// 429 of type `insufficient_quota`: the operator's money is gone.
    QuotaSpent = "quota",
    /// 402, as OpenRouter and DeepSeek say that the operator's money is gone.
    PaymentRequired = "402",
    /// 500.
    ServerError = "500",
    /// 503.
    Overloaded = "503",
    /// 401 for a credential that was good a moment ago.
    Unauthorized = "401",
    /// 401 whose message repeats the whole credential.
    EchoCredential = "echo-credential",
    /// 403.
    Forbidden = "403",
    /// 413: the provider's own limit on a body.
    TooLarge = "413",
    /// 422, as servers with a schema of their own refuse a field.
    Unprocessable = "422",
    /// 400 whose message quotes the texts of the request.
    QuoteRefused = "quote-400",
    /// 500 whose message quotes them.
    QuoteFailed = "quote-500",
    /// 200, a part of the answer, then an event with an `error` that quotes them.
    QuoteFrame = "quote-frame",
    /// 200 with an HTML page.
    WrongType = "wrong-type",
    /// 302 to another path; a client that follows sends its credential there.
    Redirect = "redirect",
    /// No usage at all, asked for or not.
    UsageMissing = "usage-missing",
    /// The usage chunk comes first instead of last.
    UsageEarly = "usage-early",
    /// The usage chunk comes twice with the same numbers.
    UsageDoubled = "usage-doubled",
    /// Negative, textual and absurd counts.
    UsageNonsense = "usage-nonsense",
    /// More tokens are read from the cache than the prompt has. Chats.
    UsageContradictory = "usage-contradictory",
    /// The usage rides on the chunk with the finish reason, as Groq and Mistral have it.
    UsageWithChoice = "usage-with-choice",
    /// The usage chunk repeats the choice, which has ended, as OpenRouter does.
    UsageRepeatsChoice = "usage-repeats-choice",
    /// 200, a part of the answer, then an event with a top-level `error`.
    ErrorFrame = "error-frame",
    /// 200, a part of the answer, then an `error` event alone, without the `response.failed` that should follow it. Responses.
    BareError = "bare-error",
    /// One event of 8 MiB.
    HugeEvent = "huge-event",
    /// Comment lines and empty lines between events.
    Comments = "comments",
    /// Lines end with CR LF.
    CrLf = "crlf",
    /// The same, and each LF comes a moment after its CR.
    CrLfCut = "crlf-cut",
    /// Lines end with CR alone.
    Cr = "cr",
    /// A byte order mark first, `data:` without the space, an `id:` and a `retry:` line.
    OddFields = "odd-fields",
    /// Each event's JSON stands on several `data:` lines.
    MultiLine = "multi-line",
    /// Pieces of parallel tool calls come in turn instead of one call after the other. The index makes it legal, and
    /// readers must cope, though OpenAI itself finishes one call before the next (its SDK's `stream()` relies on it).
    Interleaved = "interleaved",
    /// The stream ends after the last event's line, without the empty line.
    NoFinalBlank = "no-final-blank",
    /// The stream ends without `[DONE]`.
    NoDone = "no-done",
    /// Anthropic counts at the beginning and not at the end; other wires have no such thing.
    UsageMissingAtTheEnd = "usage-missing-at-the-end",
    /// The last piece of a call's arguments never comes, though the answer ends as if it had. Chats and Messages.
    ArgumentsCut = "arguments-cut",
    /// A word of text comes between two pieces of a call's arguments. Chats; the index makes it legal.
    TextWithinArguments = "text-within-arguments",
    /// Parallel calls have one and the same id. Chats.
    SameId = "same-id",
    /// The last word comes, and no reason for the end before it. Chats and Messages.
    NoFinish = "no-finish",
    /// The stream ends cleanly in the middle: no finish reason, no usage, no `[DONE]`.
    EndsEarly = "ends-early",
    /// Answers as a whole, though a stream is asked for, as servers do that know no `stream`.
    AlwaysWhole = "always-whole",
    /// Streams, though a whole answer is asked for.
    AlwaysStreams = "always-streams",
}

impl Fault {
    /// The fault with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }

    /// It is about how bytes come, whatever they say.
    pub(crate) fn concerns_the_connection(self) -> bool {
        !matches!(
            self,
            Self::UsageMissing
                | Self::UsageNonsense
                | Self::UsageContradictory
                | Self::UsageEarly
                | Self::UsageDoubled
                | Self::UsageWithChoice
                | Self::UsageRepeatsChoice
                | Self::HugeEvent
                | Self::ErrorFrame
                | Self::QuoteFrame
                | Self::BareError
                | Self::UsageMissingAtTheEnd
                | Self::ArgumentsCut
                | Self::TextWithinArguments
                | Self::SameId
                | Self::NoFinish
                | Self::AlwaysWhole
                | Self::AlwaysStreams
        )
    }

    /// Whether the answer is streamed, when it was asked for so or not.
    pub(crate) fn streams(fault: Option<Self>, asked: bool) -> bool {
        match fault {
            Some(Self::AlwaysWhole) => false,
            Some(Self::AlwaysStreams) => true,
            _ => asked,
        }
    }

    /// The fault that a model id asks for.
    #[must_use]
    pub fn of_model(model: &str) -> Option<Self> {
        bare(model).strip_prefix(FAULT_MODEL_PREFIX).and_then(Self::named)
    }

    /// The model id that asks for this fault.
    #[must_use]
    pub fn model(self) -> String {
        format!("{FAULT_MODEL_PREFIX}{}", self.name())
    }
}

/// Which calls show a fault.
#[derive(Debug, Clone)]
pub struct Rule {
    fault: Fault,
    model: Option<String>,
    key: Option<String>,
    left: Option<u32>,
}

impl Rule {
    /// Every call shows it.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            model: None,
            key: None,
            left: None,
        }
    }

    /// Only calls to this model.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Only calls with this credential.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Only the next `count` calls that fit.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.left = Some(count);
        self
    }
}

/// The rules in force, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Rules(Mutex<Vec<Rule>>);

impl Rules {
    pub(crate) fn add(&self, rule: Rule) {
        lock(&self.0).push(rule);
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// The fault for a call; a rule with a count loses one.
    pub(crate) fn take(&self, model: &str, key: &str) -> Option<Fault> {
        let mut rules = lock(&self.0);
        let found = rules.iter_mut().find(|rule| {
            rule.left != Some(0)
                && rule.model.as_deref().is_none_or(|wanted| wanted == model)
                && rule.key.as_deref().is_none_or(|wanted| wanted == key)
        });
        let Some(rule) = found else {
            return Fault::of_model(model);
        };
        if let Some(left) = &mut rule.left {
            *left -= 1;
        }
        Some(rule.fault)
    }
}
