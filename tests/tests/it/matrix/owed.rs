//! What is owed for an answer that has no proper end, by the provider's own account: what it counted before the break is owed as it
//! counted it, the rest by what it had written. Nothing of the hub's own reading is used.

use serde_json::Value;
use tests::upstream::{Fault, Record};

use super::ask::Dialect;
use super::hall::Hall;
use super::truth::{self, Counted};

/// Bytes of one token, where nobody counts.
const BYTES_PER_TOKEN: usize = 4;
/// What the shortest prompt of the matrix says.
const PROMPT: &str = "Tell me of cell0001x";

/// What a provider had told when its answer ended.
#[derive(Debug, Default)]
pub struct Told {
    /// What it had counted, if anything.
    pub counted: Option<Counted>,
    /// Bytes of what its model had written, at the most.
    pub written: usize,
}

fn tokens(bytes: usize) -> i64 {
    i64::try_from(bytes / BYTES_PER_TOKEN).unwrap_or(i64::MAX)
}

/// Asks again, and reads what comes before the break. Faults that come at one place are asked for by the one that ends there, so
/// that nothing has to be waited for and nothing is lost.
pub async fn told(hall: &Hall, record: &Record, fault: Fault) -> Result<Told, String> {
    let same_place = matches!(fault, Fault::StallMid | Fault::ResetMid | Fault::MalformedFrame);
    let shown = if same_place { Fault::CutMid } else { fault };
    let body = String::from_utf8_lossy(&record.body).replace(&fault.model(), &shown.model());
    let again = Record {
        path: record.path.replace(&fault.model(), &shown.model()),
        body: body.into(),
        ..record.clone()
    };
    of(record, &truth::again(hall, &again, |_| false).await?)
}

/// Asks again, and reads as far as the frame in which this word stands first.
pub async fn told_until(hall: &Hall, record: &Record, word: &str) -> Result<Told, String> {
    let end = |text: &str| {
        let begin = text.find(word)?;
        Some(begin + text.get(begin..)?.find('\n')?)
    };
    let text = truth::again(hall, record, |text| end(text).is_some()).await?;
    let end = end(&text).ok_or_else(|| format!("no {word} a second time: {text}"))?;
    of(record, text.get(..end).unwrap_or_default())
}

fn of(record: &Record, text: &str) -> Result<Told, String> {
    let frames = truth::frames(text);
    if frames.is_empty() {
        return Err(format!("the provider tells nothing a second time: {text}"));
    }
    Ok(Told {
        counted: truth::read(&record.path, &frames),
        written: frames.iter().map(written).sum(),
    })
}

/// Bytes that the model wrote in a frame, of whatever wire: texts, thoughts, names and arguments of calls.
fn written(frame: &Value) -> usize {
    let kind = frame["type"].as_str().unwrap_or_default();
    // Events of responses say the same again when a part is done.
    let again = kind.starts_with("response.") && !kind.ends_with(".delta") && kind != "response.output_item.added";
    if again { 0 } else { within("", frame) }
}

fn within(name: &str, value: &Value) -> usize {
    let model_wrote = [
        "text",
        "thinking",
        "content",
        "reasoning_content",
        "delta",
        "partial_json",
        "arguments",
        "input",
        "args",
        "name",
        "thoughtSignature",
    ];
    match value {
        Value::Object(members) if matches!(name, "arguments" | "input" | "args") => {
            Value::from(members.clone()).to_string().len()
        }
        Value::Object(members) => members.iter().map(|(name, value)| within(name, value)).sum(),
        Value::Array(values) => values.iter().map(|value| within(name, value)).sum(),
        Value::String(text) if model_wrote.contains(&name) => text.len(),
        _ => 0,
    }
}

/// What is asked and answered in all, what of that came out of a cache, and what was thought, as far as a dialect tells it.
pub fn parts(dialect: Dialect, truth: &Counted) -> [Option<i64>; 4] {
    let (asked, answered) = (
        truth.input + truth.cached + truth.written + truth.kept,
        truth.output + truth.reasoning,
    );
    match dialect {
        Dialect::AigneOld => [Some(asked), Some(answered), None, None],
        _ => [Some(asked), Some(answered), Some(truth.cached), Some(truth.reasoning)],
    }
}

/// The same as a client reads it.
pub fn told_to_client(dialect: Dialect, usage: &Value) -> [Option<i64>; 4] {
    let (asked, answered, cached, thought) = match dialect {
        Dialect::Chat | Dialect::Completions => (
            &["/prompt_tokens"][..],
            "/completion_tokens",
            Some("/prompt_tokens_details/cached_tokens"),
            Some("/completion_tokens_details/reasoning_tokens"),
        ),
        Dialect::Responses => (
            &["/input_tokens"][..],
            "/output_tokens",
            Some("/input_tokens_details/cached_tokens"),
            Some("/output_tokens_details/reasoning_tokens"),
        ),
        Dialect::Messages => (
            &[
                "/input_tokens",
                "/cache_creation_input_tokens",
                "/cache_read_input_tokens",
            ][..],
            "/output_tokens",
            Some("/cache_read_input_tokens"),
            Some("/output_tokens_details/thinking_tokens"),
        ),
        // What is not there is none.
        Dialect::Aigne => (
            &["/inputTokens"][..],
            "/outputTokens",
            Some("/cacheReadInputTokens"),
            Some("/reasoningTokens"),
        ),
        Dialect::AigneOld => (&["/promptTokens"][..], "/completionTokens", None, None),
    };
    let of = |place: &str| usage.pointer(place).and_then(Value::as_i64).unwrap_or_default();
    [
        Some(asked.iter().map(|place| of(place)).sum()),
        Some(of(answered)),
        cached.map(of),
        thought.map(of),
    ]
}

/// The row says what is owed: of the prompt what the provider had counted, else an estimate of what it was sent; of the answer no
/// less than the provider had counted and the client has `heard` (in bytes), and no more than was written.
pub fn check(row: &Value, record: &Record, told: &Told, heard: usize) -> Result<(), String> {
    let counted = Counted::of_row(row);
    let said = |counted: &Counted| counted.output + counted.reasoning;
    let prompt = |counted: &Counted| Counted {
        output: 0,
        reasoning: 0,
        ..*counted
    };
    let source = row["usage_source"].as_str().unwrap_or_default();
    let (least, most) = (tokens(heard), tokens(told.written));
    let right = match (&told.counted, source) {
        (Some(truth), "provider") => counted == *truth,
        (Some(truth), "mixed") => {
            prompt(&counted) == prompt(truth)
                && counted.reasoning == truth.reasoning
                && (least.max(said(truth))..=most.max(said(truth))).contains(&said(&counted))
        }
        (None, "estimated") => {
            let input = Counted {
                input: counted.input,
                ..Counted::default()
            };
            prompt(&counted) == input
                && (tokens(PROMPT.len())..=tokens(record.body.len())).contains(&counted.input)
                && (least..=most).contains(&said(&counted))
        }
        _ => false,
    };
    if right {
        return Ok(());
    }
    Err(format!(
        "{source}: {counted:?}, but the provider told {told:?} and {heard} bytes were heard"
    ))
}
