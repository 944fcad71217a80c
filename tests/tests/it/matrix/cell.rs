//! One cell: one client of one dialect asks one provider for one thing.

use std::time::{Duration, Instant};

use serde_json::Value;
use tests::client::Call;
use tests::grammar::said::Said;
use tests::stage::{SOON, call_id};
use tests::till::nano;
use tests::upstream::{ASIDE, Fault, HUGE_CONTENT, Record};

use super::across;
use super::ask::{self, Dialect, TOOLS};
use super::feature::Feature;
use super::hall::{Hall, Provider};
use super::hear;
use super::owed;
use super::truth::{self, Counted};

#[derive(Clone, Copy)]
pub struct Cell {
    pub number: usize,
    pub dialect: Dialect,
    pub provider: Provider,
    pub feature: Feature,
    pub stream: bool,
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let way = if self.stream { "streamed" } else { "whole" };
        let Self {
            dialect,
            provider,
            feature,
            ..
        } = self;
        write!(formatter, "{dialect:?} -> {} {feature:?} {way}", provider.name)
    }
}

fn parsed(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))
}

/// The beginning of what may be long.
fn cut(text: &str) -> String {
    text.chars().take(600).collect()
}

pub fn must(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

/// What a provider that fails becomes for the client: the status, and what stands in `Retry-After`. Ollama does not say how long.
fn failure(fault: Fault, provider: &str) -> (u16, Option<&'static str>) {
    match fault {
        Fault::RateLimited if provider != "ollama" => (429, Some("2")),
        Fault::RateLimited => (429, None),
        Fault::RateLimitedBare => (429, None),
        Fault::StallBefore => (504, None),
        Fault::Overloaded => (503, None),
        _ => (502, None),
    }
}

/// Bytes of what a client heard.
fn bytes_of(said: &Said) -> usize {
    let calls = said.calls.iter().map(|call| call.name.len() + call.arguments.len());
    said.text.len() + said.thoughts.len() + said.refusal.len() + calls.sum::<usize>()
}

impl Cell {
    /// A word that stands in no other cell.
    pub fn marker(&self) -> String {
        format!("cell{:04}x", self.number)
    }

    /// Both sides speak the same: what the provider writes reaches the client as it is, oddities included.
    fn passes(&self) -> bool {
        self.dialect != Dialect::Completions && self.provider.passes(self.dialect)
    }

    /// The provider counts the answer before it has written it, and never again.
    fn counts_a_placeholder(&self, fault: Fault) -> bool {
        self.provider.name == "anthropic" && matches!(fault, Fault::UsageEarly | Fault::UsageMissingAtTheEnd)
    }

    /// The provider counts nothing where this wire has its counters. Responses and Ollama tell them with the last event alone.
    fn counts_nothing(&self, fault: Fault) -> bool {
        let at_the_end = match self.provider.name {
            "responses" | "ollama" => true,
            name => name == "openai" && self.dialect == Dialect::Responses,
        };
        // Chats count in a stream only where that is asked for, which nobody does who asks for no stream.
        let unasked = matches!(self.provider.name, "compatible" | "openai") && !at_the_end;
        fault == Fault::UsageMissing
            || fault == Fault::UsageEarly && at_the_end
            || fault == Fault::AlwaysStreams && unasked
    }

    pub fn call(&self, hall: &Hall) -> Call {
        let model = self.provider.model(self.feature);
        let body = ask::request(self.dialect, self.feature, self.stream, &model, &self.marker());
        let call = hall.hub.post(self.dialect.path(), &body);
        match self.dialect {
            Dialect::Messages => call
                .header("x-api-key", &hall.key)
                .header("anthropic-version", "2023-06-01"),
            _ => call.bearer(&hall.key),
        }
    }

    pub async fn run(&self, hall: &Hall) -> Result<(), String> {
        if self.feature == (Feature::Leaving { whole: true }) {
            return self.leaves_a_whole(hall).await;
        }
        let answer = self.call(hall).send().await.map_err(|error| error.to_string())?;
        let (id, status) = (call_id(&answer), answer.status.as_u16());
        let wait = answer.header("retry-after").map(str::to_owned);
        if self.feature == (Feature::Leaving { whole: false }) {
            must(status == 200, || format!("status {status}"))?;
            return self.leaves_a_stream(hall, &id, answer).await;
        }
        let text = answer.text().await.map_err(|error| error.to_string())?;
        if let Feature::Fails(fault) = self.feature {
            let wanted = failure(fault, self.provider.name);
            must((status, wait.as_deref()) == wanted, || {
                format!("status {status}, wait {wait:?}, not {wanted:?}: {text}")
            })?;
            hear::error(self.dialect, &parsed(&text)?)?;
            let row = self.row(hall, &id, "failed").await?;
            return self.paid(&row, Counted::default());
        }
        if let (Feature::Breaks(fault), 502 | 504) = (self.feature, status) {
            // It broke before there was a word to send, so it could still be told by a status.
            hear::error(self.dialect, &parsed(&text)?)?;
            let row = self.row(hall, &id, "failed").await?;
            return self.owes_nothing(hall, &row, fault).await;
        }
        must(status == 200, || format!("status {status}: {text}"))?;
        if let Feature::Odd(fault) = self.feature {
            return self.odd(hall, &id, fault, &text).await;
        }
        let said = self.hear(&text)?;
        if let Feature::Breaks(fault) = self.feature {
            return self
                .broken(hall, &id, fault, &said)
                .await
                .map_err(|why| format!("{why}\n{text}"));
        }
        must(said.error.is_none(), || format!("an error: {text}"))?;
        self.says(&said).map_err(|why| format!("{why}\n{text}"))?;
        let record = self.record(hall)?;
        let truth = self.counted(hall, &id).await?;
        self.tells(&said, truth).map_err(|why| format!("{why}\n{text}"))?;
        let across = across::check(hall, &record, self.feature, &said).await;
        across.map_err(|why| format!("{why}\n{text}"))?;
        match self.feature {
            Feature::Cache { hour } => {
                let (written, other) = if hour {
                    (truth.kept, truth.written)
                } else {
                    (truth.written, truth.kept)
                };
                must(written > 0 && other == 0, || format!("nothing was kept: {truth:?}"))
            }
            _ => Ok(()),
        }
    }

    fn hear(&self, text: &str) -> Result<Said, String> {
        match self.stream {
            true => hear::stream(self.dialect, text).map_err(|rule| format!("{rule}\n{text}")),
            false => hear::whole(self.dialect, &parsed(text)?),
        }
    }

    /// The answer broke: the client hears of it, and pays for what it has heard.
    async fn broken(&self, hall: &Hall, id: &str, fault: Fault, said: &Said) -> Result<(), String> {
        let error = said.error.as_ref().map(Value::to_string);
        let error = error.ok_or_else(|| "no error".to_owned())?;
        let row = self.row(hall, id, "failed").await?;
        let code = match (fault, self.provider.name) {
            (Fault::StallMid, _) => "provider_timeout",
            (Fault::CutMid | Fault::ResetMid | Fault::EndsEarly | Fault::NoFinish, _) => "upstream_interrupted",
            (Fault::MalformedFrame | Fault::ArgumentsCut, _) => "provider_answer_unreadable",
            (Fault::ErrorFrame, "anthropic") => "provider_overloaded",
            _ => "",
        };
        must(code.is_empty() || row["failure"]["code"] == code, || {
            format!("not {code}: {row}")
        })?;
        // What the provider itself tells is told by its kind, in whatever dialect.
        must(code != "provider_overloaded" || error.contains("overloaded"), || {
            format!("not overloaded: {error}")
        })?;
        let heard = bytes_of(said);
        let counted = Counted::of_row(&row);
        if heard == 0 && counted.output + counted.reasoning == 0 {
            return self.owes_nothing(hall, &row, fault).await;
        }
        let record = self.last_record(hall)?;
        let told = owed::told(hall, &record, fault).await?;
        owed::check(&row, &record, &told, heard)?;
        self.paid(&row, counted)
    }

    /// Of an answer without a word nothing is charged; and there was none.
    async fn owes_nothing(&self, hall: &Hall, row: &Value, fault: Fault) -> Result<(), String> {
        let told = owed::told(hall, &self.last_record(hall)?, fault).await?;
        // A call that is told in one piece waits for its end, and nobody has had any of it.
        let waits = fault == Fault::ArgumentsCut && self.dialect == Dialect::AigneOld;
        let counted = Counted::of_row(row);
        let silent = counted.output + counted.reasoning == 0 && (told.written == 0 || waits);
        must(silent, || format!("words were kept back: {told:?}, {row}"))?;
        self.paid(row, Counted::default())
    }

    /// The answer came oddly: it is whole all the same, and counted.
    async fn odd(&self, hall: &Hall, id: &str, fault: Fault, text: &str) -> Result<(), String> {
        // What was put into another form is the hub's own writing, whoever speaks.
        let reshaped = matches!(fault, Fault::AlwaysWhole | Fault::AlwaysStreams);
        if reshaped || !self.passes() {
            let said = self.hear(text).map_err(|rule| cut(&rule))?;
            must(said.error.is_none(), || format!("an error: {}", cut(text)))?;
            let whole = match fault {
                Fault::TextWithinArguments | Fault::SameId => {
                    self.says(&said)?;
                    let distinct = said.calls.first().map(|call| &call.id) != said.calls.last().map(|call| &call.id);
                    must(distinct, || format!("two calls with one id: {said:?}"))?;
                    fault == Fault::SameId || said.text.contains(ASIDE.trim())
                }
                Fault::HugeEvent => said.text.len() >= HUGE_CONTENT,
                _ => said.text.contains(&self.marker()),
            };
            must(whole, || format!("text: {}", cut(&said.text)))?;
        }
        let source = match (self.counts_a_placeholder(fault), self.counts_nothing(fault)) {
            // The prompt as the provider counts it; of the answer at least what was heard.
            (true, _) => "mixed",
            (_, true) => "estimated",
            _ => return self.counted(hall, id).await.map(|_| ()),
        };
        let row = self.row(hall, id, "succeeded").await?;
        must(row["usage_source"] == source, || {
            format!("where usage comes from: {row}")
        })?;
        let record = self.record(hall)?;
        let mut told = owed::told(hall, &record, fault).await?;
        if source == "estimated" {
            // It has no counters there, or nobody reads them there.
            told.counted = None;
        }
        // What passes may break the grammar as its provider does.
        let heard = self.hear(text).map_or(0, |said| bytes_of(&said));
        owed::check(&row, &record, &told, heard.max(self.marker().len()))?;
        self.paid(&row, Counted::of_row(&row))
    }

    /// The row says what the provider counts, and its charge is the price of that.
    async fn counted(&self, hall: &Hall, id: &str) -> Result<Counted, String> {
        let row = self.row(hall, id, "succeeded").await?;
        must(row["usage_source"] == "provider", || {
            format!("where usage comes from: {row}")
        })?;
        let record = self.record(hall)?;
        let truth = truth::of(hall, &record).await?;
        let counted = Counted::of_row(&row);
        must(counted == truth, || {
            format!("counted {counted:?}, the provider {truth:?}; {}", row["raw_usage"])
        })?;
        self.paid(&row, truth)?;
        Ok(truth)
    }

    /// What the provider says, said to the client.
    fn says(&self, said: &Said) -> Result<(), String> {
        let calls = self.feature.calls();
        let names: Vec<&str> = said.calls.iter().map(|call| call.name.as_str()).collect();
        must(names == TOOLS[..calls], || format!("calls {names:?}"))?;
        for call in &said.calls {
            let arguments: Value = serde_json::from_str(&call.arguments).map_err(|error| error.to_string())?;
            must(arguments["city"].is_string() && !call.id.is_empty(), || {
                format!("{call:?}")
            })?;
        }
        let marker = self.marker();
        match self.feature {
            Feature::Plain | Feature::Reasoning => must(said.text.contains(&marker), || format!("text: {}", said.text)),
            Feature::ToolResult => must(said.text.contains(&format!("sunny in {marker}")), || {
                format!("text: {}", said.text)
            }),
            Feature::Image => must(said.text.contains("1 image"), || format!("text: {}", said.text)),
            Feature::JsonSchema => {
                let json: Value =
                    serde_json::from_str(&said.text).map_err(|error| format!("{error}: {}", said.text))?;
                must(json["city"].is_string(), || format!("json: {json}"))
            }
            _ => Ok(()),
        }
    }

    /// Why the answer ends, that it was thought about, and what was counted, as far as its dialect tells them.
    fn tells(&self, said: &Said, truth: Counted) -> Result<(), String> {
        let calls = self.feature.calls() > 0;
        let wanted = match (self.dialect, calls) {
            (Dialect::Chat, true) => Some("tool_calls"),
            (Dialect::Messages, true) => Some("tool_use"),
            (Dialect::Chat | Dialect::Completions, _) => Some("stop"),
            (Dialect::Messages, false) => Some("end_turn"),
            (Dialect::Responses, _) => Some("completed"),
            (Dialect::Aigne | Dialect::AigneOld, _) => None,
        };
        let told = said.finish.as_deref();
        must(told == wanted, || format!("it ends with {told:?}, not {wanted:?}"))?;
        // Chats of OpenAI's count thoughts and show none.
        let shown = match self.provider.name {
            "anthropic" | "google" | "ollama" | "responses" => true,
            name => name == "openai" && self.dialect == Dialect::Responses,
        };
        must(
            self.feature != Feature::Reasoning || !shown || !said.thoughts.is_empty(),
            || "no thoughts".to_owned(),
        )?;
        let caches = !matches!(self.provider.name, "anthropic" | "ollama") && self.dialect != Dialect::Completions;
        must(self.feature != Feature::Plain || !caches || truth.cached > 0, || {
            format!("nothing came out of a cache: {truth:?}")
        })?;
        let usage = said.usage.as_ref().ok_or("no usage")?;
        let (wanted, told) = (
            owed::parts(self.dialect, &truth),
            owed::told_to_client(self.dialect, usage),
        );
        must(told == wanted, || {
            format!("usage told: {usage}, so {told:?} and not {wanted:?}: the provider counts {truth:?}")
        })
    }

    /// What the provider got from this cell.
    pub fn record(&self, hall: &Hall) -> Result<Record, String> {
        let mut mine = self.records(hall);
        must(mine.len() == 1, || format!("{} requests at the provider", mine.len()))?;
        Ok(mine.remove(0))
    }

    /// What the provider got last: it was asked again where it had failed before the first word.
    fn last_record(&self, hall: &Hall) -> Result<Record, String> {
        self.records(hall)
            .pop()
            .ok_or_else(|| "no request at the provider".to_owned())
    }

    pub fn records(&self, hall: &Hall) -> Vec<Record> {
        let marker = self.marker();
        let mine = |record: &Record| memchr::memmem::find(&record.body, marker.as_bytes()).is_some();
        hall.upstream.requests().into_iter().filter(mine).collect()
    }

    pub async fn row(&self, hall: &Hall, id: &str, state: &str) -> Result<Value, String> {
        let begin = Instant::now();
        loop {
            let call = hall.hub.get(&format!("/v1/calls/{id}")).bearer(&hall.key);
            let (_, row) = call.json().await.map_err(|error| error.to_string())?;
            if row["state"] != "open" {
                must(row["state"] == state, || format!("not {state}: {row}"))?;
                return Ok(row);
            }
            must(begin.elapsed() < SOON, || format!("it stays open: {row}"))?;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The charge is the price of these tokens.
    pub fn paid(&self, row: &Value, counted: Counted) -> Result<(), String> {
        let charge = if row["charge"].is_null() {
            0
        } else {
            nano(&row["charge"])
        };
        let wanted = counted.price();
        must(charge == wanted, || {
            format!("charged {charge}, {counted:?} cost {wanted}")
        })
    }
}
