//! Reads an event stream as the WHATWG standard "Server-sent events" says, for judging what clients of the hub get.
//! Written apart from the hub's own reader, so that the two can disagree.

use serde_json::Value;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `event:`, where there is one.
    pub name: Option<String>,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

/// What a stream holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stream {
    /// The events that an empty line has finished.
    pub events: Vec<Event>,
    /// Lines after the last empty line: clients throw these away.
    pub unfinished: bool,
}

/// Reads a whole stream. Lines end with CR LF, LF or CR; a byte order mark at the start is skipped.
#[must_use]
pub fn read(text: &str) -> Stream {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut stream = Stream::default();
    let (mut name, mut data): (Option<String>, Option<String>) = (None, None);
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What follows the last line end is no line.
    stream.unfinished = lines.pop().is_some_and(|rest| !rest.is_empty());
    for line in lines {
        if line.is_empty() {
            if let Some(data) = data.take() {
                stream.events.push(Event {
                    name: name.take(),
                    data,
                });
            }
            name = None;
            stream.unfinished = false;
            continue;
        }
        stream.unfinished |= !line.starts_with(':');
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = Some(value.to_owned()),
            "data" => match &mut data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => data = Some(value.to_owned()),
            },
            _ => {}
        }
    }
    stream
}

/// A stream of chat chunks, judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chat {
    /// The chunks, without errors.
    pub chunks: Vec<Value>,
    /// Events with a top-level `error`.
    pub errors: Vec<Value>,
    /// `[DONE]` was the last event.
    pub done: bool,
}

impl Chat {
    /// Reads a stream of chat chunks.
    ///
    /// # Errors
    /// A sentence, when a client that keeps to the standard would stumble: an unfinished or unreadable event, or
    /// something after `[DONE]` or after an error.
    pub fn read(text: &str) -> Result<Self, String> {
        let stream = read(text);
        if stream.unfinished {
            return Err(format!("the last event is not finished: {:?}", tail(text)));
        }
        let mut chat = Self::default();
        for event in stream.events {
            if chat.done {
                return Err(format!("an event after [DONE]: {:?}", event.data));
            }
            if event.data == "[DONE]" {
                chat.done = true;
                continue;
            }
            let value: Value =
                serde_json::from_str(&event.data).map_err(|error| format!("{:?} is not JSON: {error}", event.data))?;
            if value["error"].is_object() {
                chat.errors.push(value["error"].clone());
            } else if chat.errors.is_empty() {
                chat.chunks.push(value);
            } else {
                return Err(format!("a chunk after an error: {value}"));
            }
        }
        Ok(chat)
    }

    /// The text of the first choice.
    #[must_use]
    pub fn content(&self) -> String {
        let deltas = self.chunks.iter().flat_map(|chunk| chunk["choices"].as_array());
        let first = deltas.flatten().filter(|choice| choice["index"] == 0);
        first.filter_map(|choice| choice["delta"]["content"].as_str()).collect()
    }

    /// The usage objects, in order.
    #[must_use]
    pub fn usages(&self) -> Vec<&Value> {
        let usages = self.chunks.iter().map(|chunk| &chunk["usage"]);
        usages.filter(|usage| !usage.is_null()).collect()
    }

    /// The finish reason of the first choice.
    #[must_use]
    pub fn finish(&self) -> Option<&str> {
        self.chunks
            .iter()
            .find_map(|chunk| chunk["choices"][0]["finish_reason"].as_str())
    }
}

fn tail(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(200);
    text.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_marks_and_comments_are_understood() {
        let plain = read("data: a\ndata:b\n\n: note\n\nevent: x\ndata: c\n\n");
        assert_eq!(plain.events.len(), 2);
        assert_eq!(plain.events[0].data, "a\nb");
        assert_eq!(plain.events[1].name.as_deref(), Some("x"));
        assert!(!plain.unfinished);
        assert_eq!(read("\u{feff}data: a\r\n\r\ndata: b\r\r").events.len(), 2);
    }

    #[test]
    fn stumbling_blocks_are_named() {
        for text in [
            "data: {}\n",
            "data: {",
            "data: {\n\n",
            "data: [DONE]\n\ndata: {}\n\n",
            "data: {\"error\":{}}\n\ndata: {}\n\n",
        ] {
            assert!(Chat::read(text).is_err(), "{text:?}");
        }
        let good = Chat::read("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\ndata: [DONE]\n\n");
        assert!(good.is_ok_and(|chat| chat.done && chat.content() == "hi"));
    }
}
