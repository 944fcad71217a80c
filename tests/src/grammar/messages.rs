//! The grammar of a stream in Anthropic's Messages, after how the `anthropic` SDKs put one together:
//!
//! `message_start (content_block_start content_block_delta* content_block_stop)* message_delta+ message_stop`
//!
//! with pings anywhere, each name twice (in `event:` and in `type`), blocks numbered from 0 and one at a time, and each piece of
//! its block's kind. An `error` may end a stream at any place; nothing follows it.

use serde_json::{Map, Value, json};

use super::said::{Call, Event, Said, events, must};

/// What a stream says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The message as the SDK puts it together; `Null` when it never began.
    pub message: Value,
    /// The error that ended it.
    pub error: Option<Value>,
    /// The names of all events but pings, in order.
    pub names: Vec<String>,
}

impl Told {
    /// All of its text.
    #[must_use]
    pub fn text(&self) -> String {
        self.blocks("text")
            .map(|block| block["text"].as_str().unwrap_or_default())
            .collect()
    }

    /// The same in no dialect's words.
    #[must_use]
    pub fn said(&self) -> Said {
        let joined = |kind: &str, name: &str| -> String {
            self.blocks(kind)
                .map(|block| block[name].as_str().unwrap_or_default())
                .collect()
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let calls = self.blocks("tool_use").map(|block| Call {
            id: text(&block["id"]),
            name: text(&block["name"]),
            arguments: block["input"].to_string(),
        });
        Said {
            text: self.text(),
            thoughts: joined("thinking", "thinking"),
            refusal: String::new(),
            calls: calls.collect(),
            finish: self.message["stop_reason"].as_str().map(str::to_owned),
            usage: self.message.get("usage").cloned(),
            error: self.error.clone(),
        }
    }

    /// The blocks of a kind.
    pub fn blocks(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let blocks = self.message["content"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        blocks.iter().filter(move |block| block["type"] == kind)
    }
}

/// Reads a whole stream.
///
/// # Errors
/// The rule that is broken.
pub fn check(stream: &str) -> Result<Told, String> {
    check_events(&events(stream)?)
}

/// Reads the events of a stream.
///
/// # Errors
/// The rule that is broken.
pub fn check_events(events: &[Event]) -> Result<Told, String> {
    let mut reading = Reading::default();
    for event in events {
        reading.take(event).map_err(|rule| format!("{rule}: {}", event.data))?;
    }
    reading.finish()
}

#[derive(Default)]
struct Reading {
    told: Told,
    content: Vec<Value>,
    /// The open block's arguments so far, where it is a call.
    open: Option<String>,
    stopping: bool,
    ended: bool,
}

fn is_text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("{value} is no text"))
}

fn is_count(usage: &Value, name: &str) -> Result<(), String> {
    must(usage[name].is_u64(), format!("{name} is no count"))
}

impl Reading {
    fn take(&mut self, event: &Event) -> Result<(), String> {
        must(!self.ended, "something follows the end")?;
        let data: Value = serde_json::from_str(&event.data).map_err(|error| error.to_string())?;
        let kind = is_text(&data["type"])?.to_owned();
        must(event.name.as_deref() == Some(&kind), "the event is named otherwise")?;
        if kind == "ping" {
            return must(self.told.message.is_object(), "a ping before the beginning");
        }
        self.told.names.push(kind.clone());
        if kind == "error" {
            self.ended = true;
            is_text(&data["error"]["type"])?;
            is_text(&data["error"]["message"])?;
            self.told.error = Some(data["error"].clone());
            return Ok(());
        }
        must(
            (kind == "message_start") != self.told.message.is_object(),
            "not exactly one beginning",
        )?;
        match kind.as_str() {
            "message_start" => self.start(&data["message"]),
            "content_block_start" => self.open(&data),
            "content_block_delta" => self.grow(&data),
            "content_block_stop" => self.close(&data),
            "message_delta" => self.stopping(&data),
            "message_stop" => {
                must(self.stopping, "an end without its reason")?;
                self.ended = true;
                Ok(())
            }
            _ => Err("no SDK knows this event".to_owned()),
        }
    }

    fn start(&mut self, message: &Value) -> Result<(), String> {
        for name in ["id", "model"] {
            must(!is_text(&message[name])?.is_empty(), format!("{name} is empty"))?;
        }
        must(
            message["type"] == "message" && message["role"] == "assistant",
            "it is no message",
        )?;
        must(message["content"] == json!([]), "it begins with content")?;
        must(
            message["stop_reason"].is_null() && message.get("stop_sequence").is_some_and(Value::is_null),
            "it begins with its end",
        )?;
        is_count(&message["usage"], "input_tokens")?;
        is_count(&message["usage"], "output_tokens")?;
        self.told.message = message.clone();
        Ok(())
    }

    fn index(&self, data: &Value, wanted: usize) -> Result<(), String> {
        must(!self.stopping, "content after the reason of the end")?;
        must(data["index"] == json!(wanted), format!("the index should be {wanted}"))
    }

    fn open(&mut self, data: &Value) -> Result<(), String> {
        self.index(data, self.content.len())?;
        must(self.open.is_none(), "the block before is still open")?;
        let block = &data["content_block"];
        match is_text(&block["type"])? {
            "text" => {
                is_text(&block["text"])?;
            }
            "thinking" => {
                is_text(&block["thinking"])?;
                is_text(&block["signature"])?;
            }
            "redacted_thinking" => {
                is_text(&block["data"])?;
            }
            "tool_use" | "server_tool_use" => {
                must(
                    !is_text(&block["id"])?.is_empty() && !is_text(&block["name"])?.is_empty(),
                    "a call without a name",
                )?;
                must(block["input"].is_object(), "input is no object")?;
            }
            other => must(other.ends_with("_tool_result"), "no SDK knows this block")?,
        }
        self.content.push(block.clone());
        self.open = Some(String::new());
        Ok(())
    }

    fn grow(&mut self, data: &Value) -> Result<(), String> {
        self.index(data, self.content.len().saturating_sub(1))?;
        let (Some(open), Some(block)) = (&mut self.open, self.content.last_mut()) else {
            return Err("no block is open".to_owned());
        };
        let delta = &data["delta"];
        let kind = is_text(&block["type"])?.to_owned();
        let append = |block: &mut Value, name: &str| -> Result<(), String> {
            let more = is_text(&delta[name])?;
            block[name] = json!(format!("{}{more}", block[name].as_str().unwrap_or_default()));
            Ok(())
        };
        match (is_text(&delta["type"])?, kind.as_str()) {
            ("text_delta", "text") => append(block, "text"),
            ("thinking_delta", "thinking") => append(block, "thinking"),
            ("signature_delta", "thinking") => {
                // SDKs keep the last one.
                must(block["signature"] == "", "a second signature")?;
                block["signature"] = json!(is_text(&delta["signature"])?);
                Ok(())
            }
            ("citations_delta", "text") => {
                is_text(&delta["citation"]["type"])?;
                match block["citations"].as_array_mut() {
                    Some(citations) => citations.push(delta["citation"].clone()),
                    None => block["citations"] = json!([delta["citation"]]),
                }
                Ok(())
            }
            ("input_json_delta", "tool_use" | "server_tool_use") => {
                open.push_str(is_text(&delta["partial_json"])?);
                Ok(())
            }
            (delta, block) => Err(format!("a {delta} within a {block} block")),
        }
    }

    fn close(&mut self, data: &Value) -> Result<(), String> {
        self.index(data, self.content.len().saturating_sub(1))?;
        let Some(arguments) = self.open.take() else {
            return Err("no block is open".to_owned());
        };
        if let Some(block) = self.content.last_mut().filter(|_| !arguments.is_empty()) {
            let input: Map<String, Value> =
                serde_json::from_str(&arguments).map_err(|error| format!("the input is no object: {error}"))?;
            block["input"] = Value::Object(input);
        }
        Ok(())
    }

    fn stopping(&mut self, data: &Value) -> Result<(), String> {
        must(self.open.is_none(), "a block is still open")?;
        let reason = &data["delta"]["stop_reason"];
        if !reason.is_null() {
            const REASONS: [&str; 7] = [
                "end_turn",
                "max_tokens",
                "stop_sequence",
                "tool_use",
                "pause_turn",
                "refusal",
                "model_context_window_exceeded",
            ];
            must(REASONS.contains(&is_text(reason)?), "no SDK knows this reason")?;
            self.stopping = true;
        }
        must(data["delta"].get("stop_sequence").is_some(), "stop_sequence is missing")?;
        for (name, value) in data["usage"].as_object().into_iter().flatten() {
            if name.ends_with("_tokens") {
                must(value.is_u64() || value.is_null(), format!("{name} is no count"))?;
            }
            if !value.is_null() {
                // Cumulative: the last one counts.
                self.told.message["usage"][name] = value.clone();
            }
        }
        for name in ["stop_reason", "stop_sequence"] {
            self.told.message[name] = data["delta"][name].clone();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Told, String> {
        must(self.ended, "the stream has no end")?;
        if self.told.message.is_object() {
            self.told.message["content"] = Value::Array(self.content);
        }
        Ok(self.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}"#;
    const TEXT: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    const SAID: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}"#;
    const CLOSE: &str = r#"{"type":"content_block_stop","index":0}"#;
    const CALL: &str = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}"#;
    const END: &str = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}"#;
    const STOP: &str = r#"{"type":"message_stop"}"#;
    const ERROR: &str = r#"{"type":"error","error":{"type":"api_error","message":"m"}}"#;

    fn stream(events: &[&str]) -> String {
        let lines = events.iter().map(|data| {
            let value: Value = serde_json::from_str(data).unwrap();
            format!("event: {}\ndata: {data}\n\n", value["type"].as_str().unwrap())
        });
        lines.collect()
    }

    #[test]
    fn good_streams_are_put_together() {
        let told = check(&stream(&[START, TEXT, SAID, SAID, CLOSE, END, STOP])).unwrap();
        assert_eq!(told.text(), "hihi");
        assert_eq!(told.message["usage"], json!({"input_tokens": 3, "output_tokens": 9}));
        let told = check(&stream(&[START, CALL, CLOSE, END, STOP])).unwrap();
        assert_eq!(told.message["content"][0]["input"], json!({}));
        let told = check(&stream(&[START, TEXT, SAID, ERROR])).unwrap();
        assert_eq!((told.text().as_str(), told.error.is_some()), ("hi", true));
    }

    #[test]
    fn every_other_stream_is_refused() {
        let cases: [(&[&str], &str); 15] = [
            (&[], "no end"),
            (&[START], "no end"),
            (&[TEXT], "one beginning"),
            (&[START, START], "one beginning"),
            (&[START, TEXT, TEXT], "index should be 1"),
            (&[START, SAID], "no block is open"),
            (&[START, TEXT, CLOSE, CLOSE], "no block is open"),
            (&[START, TEXT, CLOSE, SAID], "no block is open"),
            (&[START, TEXT, END], "still open"),
            (&[START, CALL, SAID], "text_delta within a tool_use"),
            (&[START, STOP], "without its reason"),
            (&[START, END], "no end"),
            (&[START, END, TEXT], "after the reason"),
            (&[START, END, STOP, STOP], "follows the end"),
            (&[ERROR, STOP], "follows the end"),
        ];
        for (events, fault) in cases {
            let found = check(&stream(events)).unwrap_err();
            assert!(found.contains(fault), "{events:?}: {found}");
        }
    }

    #[test]
    fn names_counts_and_inputs_are_looked_at() {
        let named = stream(&[START, END, STOP]).replace("event: message_stop", "event: stop");
        assert!(check(&named).unwrap_err().contains("named otherwise"));
        let counts = stream(&[&START.replace(":3,", ":\"3\",")]);
        assert!(check(&counts).unwrap_err().contains("input_tokens"));
        let odd =
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"[1]"}}"#;
        assert!(
            check(&stream(&[START, CALL, odd, CLOSE]))
                .unwrap_err()
                .contains("no object")
        );
        assert!(check(&format!("{}data: 1\n", stream(&[START, END, STOP]))).is_err());
    }
}
