//! The grammar of OpenAI's Responses stream: events are named and numbered, each item is opened and closed once and holds what its
//! pieces came to, and one of three last words repeats everything.

use serde_json::Value;

use super::said::{Call, Said, events, is_json, must};

/// Reads a stream. `finish` of what it says is `completed`, or the reason why the answer is not complete.
///
/// # Errors
/// The rule that is broken.
pub fn check(stream: &str) -> Result<Said, String> {
    let mut reader = Reader::default();
    for event in events(stream)? {
        reader
            .take(event.name.as_deref(), &event.data)
            .map_err(|rule| format!("{rule}: {}", event.data))?;
    }
    must(reader.ended, "the stream has no last word")?;
    Ok(reader.said)
}

/// Members that the SDKs require of a response.
const REQUIRED: [&str; 14] = [
    "id",
    "created_at",
    "error",
    "incomplete_details",
    "instructions",
    "metadata",
    "model",
    "output",
    "parallel_tool_calls",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
    "status",
];

/// A whole response has what the SDKs require, and this status.
///
/// # Errors
/// The rule that is broken.
pub fn whole(response: &Value, status: &str) -> Result<(), String> {
    must(response["object"] == "response", "the object's name")?;
    for name in REQUIRED {
        must(response.get(name).is_some(), format!("the response has no {name}"))?;
    }
    must(response["status"] == status, format!("the status is not {status}"))?;
    let output = response["output"].as_array().ok_or("output is no list")?;
    for item in output {
        must(
            item["id"].is_string() && item["type"].is_string(),
            "an item without id or type",
        )?;
    }
    if status == "completed" || status == "incomplete" {
        let usage = &response["usage"];
        for name in ["input_tokens", "output_tokens", "total_tokens"] {
            must(usage[name].is_u64(), format!("usage has no {name}"))?;
        }
        must(
            usage["input_tokens_details"]["cached_tokens"].is_u64(),
            "usage has no cached_tokens",
        )?;
        must(
            usage["output_tokens_details"]["reasoning_tokens"].is_u64(),
            "usage has no reasoning_tokens",
        )?;
    }
    must(
        (status == "incomplete") == response["incomplete_details"]["reason"].is_string(),
        "a reason for what is incomplete",
    )
}

#[derive(Default)]
struct Reader {
    said: Said,
    number: u64,
    id: Value,
    /// The item that is open.
    item: Option<Item>,
    output: Vec<Value>,
    ended: bool,
}

/// An item that is open.
struct Item {
    id: String,
    kind: String,
    /// Parts that are closed, and the open one: its kind and its text.
    parts: Vec<Value>,
    open: Option<(String, String)>,
    sources: Vec<Value>,
    /// Text that must not go on.
    closed: bool,
    arguments: String,
    told: bool,
}

impl Reader {
    fn take(&mut self, name: Option<&str>, data: &str) -> Result<(), String> {
        must(!self.ended, "something follows the last word")?;
        let event: Value = serde_json::from_str(data).map_err(|error| error.to_string())?;
        let kind = event["type"].as_str().ok_or("an event without type")?;
        must(name == Some(kind), "name and type differ")?;
        let failed = kind == "response.failed";
        must(
            failed || event["sequence_number"] == self.number,
            "the number is not the next one",
        )?;
        self.number += 1;
        match self.number {
            1 => must(
                failed || kind == "response.created",
                "the first event is not response.created",
            )?,
            2 => must(
                failed || kind == "response.in_progress",
                "the second event is not response.in_progress",
            )?,
            _ => must(
                !["response.created", "response.in_progress"].contains(&kind),
                "a second beginning",
            )?,
        }
        match kind {
            "response.created" | "response.in_progress" => {
                let response = &event["response"];
                whole(response, "in_progress")?;
                if self.id.is_null() {
                    self.id = response["id"].clone();
                }
                must(self.id == response["id"], "the response's id changes")
            }
            "response.output_item.added" => self.open(&event),
            "response.output_item.done" => self.close(&event),
            "response.completed" | "response.incomplete" | "response.failed" => self.last(kind, &event["response"]),
            _ => self.piece(kind, &event),
        }
    }

    fn open(&mut self, event: &Value) -> Result<(), String> {
        must(self.item.is_none(), "an item opens within another")?;
        must(
            event["output_index"] == self.output.len(),
            "the item's index is not the next one",
        )?;
        let item = &event["item"];
        let word = |name: &str| {
            item[name]
                .as_str()
                .map(str::to_owned)
                .ok_or(format!("an item without {name}"))
        };
        self.item = Some(Item {
            id: word("id")?,
            kind: word("type")?,
            parts: Vec::new(),
            open: None,
            sources: Vec::new(),
            closed: false,
            arguments: String::new(),
            told: false,
        });
        Ok(())
    }

    fn piece(&mut self, kind: &str, event: &Value) -> Result<(), String> {
        let item = self.item.as_mut().ok_or("a piece outside of an item")?;
        must(event["output_index"] == self.output.len(), "a piece of another item")?;
        must(
            event["item_id"] == item.id.as_str(),
            "a piece of another item, by its id",
        )?;
        let parts = item.parts.len();
        let here = |name: &str| must(event[name] == parts, "a piece of another part");
        let text = |name: &str| event[name].as_str().ok_or(format!("{name} is no text"));
        match kind {
            "response.content_part.added" | "response.reasoning_summary_part.added" => {
                let content = kind == "response.content_part.added";
                must((item.kind == "message") == content, "a part of the wrong item")?;
                must(item.open.is_none(), "a part opens within another")?;
                here(if content { "content_index" } else { "summary_index" })?;
                let part = event["part"]["type"].as_str().ok_or("a part without type")?;
                item.open = Some((part.to_owned(), String::new()));
                item.closed = false;
                item.sources.clear();
                Ok(())
            }
            "response.output_text.delta" | "response.refusal.delta" | "response.reasoning_summary_text.delta" => {
                let (wanted, said, index) = match kind {
                    "response.output_text.delta" => ("output_text", &mut self.said.text, "content_index"),
                    "response.refusal.delta" => ("refusal", &mut self.said.refusal, "content_index"),
                    _ => ("summary_text", &mut self.said.thoughts, "summary_index"),
                };
                here(index)?;
                let (part, all) = item.open.as_mut().ok_or("text outside of a part")?;
                must(
                    part == wanted && !item.closed,
                    "text in the wrong part, or after its end",
                )?;
                all.push_str(text("delta")?);
                said.push_str(text("delta")?);
                Ok(())
            }
            "response.output_text.annotation.added" => {
                must(
                    event["annotation_index"] == item.sources.len(),
                    "the source's index is not the next one",
                )?;
                item.sources.push(event["annotation"].clone());
                here("content_index")
            }
            "response.output_text.done" | "response.refusal.done" | "response.reasoning_summary_text.done" => {
                let name = if kind == "response.refusal.done" {
                    "refusal"
                } else {
                    "text"
                };
                let (_, all) = item.open.as_ref().ok_or("the end of a text outside of a part")?;
                must(
                    text(name)? == all && !item.closed,
                    "the whole text is not what its pieces were",
                )?;
                item.closed = true;
                Ok(())
            }
            "response.content_part.done" | "response.reasoning_summary_part.done" => {
                let (part, all) = item.open.take().ok_or("the end of a part that is not open")?;
                must(item.closed, "a part ends before its text")?;
                let member = if part == "refusal" { "refusal" } else { "text" };
                must(
                    event["part"]["type"] == part.as_str() && event["part"][member] == all.as_str(),
                    "the whole part is not what its pieces were",
                )?;
                let sources = event["part"].get("annotations").and_then(Value::as_array);
                must(
                    sources.is_none_or(|sources| *sources == item.sources),
                    "the part's sources are not those that were added",
                )?;
                item.parts.push(event["part"].clone());
                Ok(())
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                must(
                    item.kind.ends_with("_call") && !item.told,
                    "arguments of no call, or after their end",
                )?;
                item.arguments.push_str(text("delta")?);
                Ok(())
            }
            "response.function_call_arguments.done" | "response.custom_tool_call_input.done" => {
                let name = if kind.starts_with("response.function") {
                    "arguments"
                } else {
                    "input"
                };
                must(
                    text(name)? == item.arguments,
                    "the arguments are not what their pieces were",
                )?;
                item.told = true;
                Ok(())
            }
            other => Err(format!("an unknown event {other}")),
        }
    }

    fn close(&mut self, event: &Value) -> Result<(), String> {
        let open = self.item.take().ok_or("the end of an item that is not open")?;
        let item = &event["item"];
        must(event["output_index"] == self.output.len(), "the end of another item")?;
        must(
            item["id"] == open.id.as_str() && item["type"] == open.kind.as_str(),
            "an item changes its id or its type",
        )?;
        must(open.open.is_none(), "an item ends before its part")?;
        match open.kind.as_str() {
            "message" => must(
                item["content"].as_array() == Some(&open.parts) && !open.parts.is_empty(),
                "the message is not what its parts were",
            )?,
            "reasoning" => must(
                item["summary"].as_array() == Some(&open.parts),
                "the thought is not what its parts were",
            )?,
            "function_call" | "custom_tool_call" => {
                let member = if open.kind == "function_call" {
                    "arguments"
                } else {
                    "input"
                };
                must(
                    open.told && item[member] == open.arguments.as_str(),
                    "the call is not what its pieces were",
                )?;
                let word = |name: &str| item[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
                self.said.calls.push(Call {
                    id: word("call_id").ok_or("a call without call_id")?,
                    name: word("name").ok_or("a call without name")?,
                    arguments: open.arguments,
                });
            }
            _ => {}
        }
        self.output.push(item.clone());
        Ok(())
    }

    fn last(&mut self, kind: &str, response: &Value) -> Result<(), String> {
        self.ended = true;
        let status = kind.strip_prefix("response.").unwrap_or_default();
        whole(response, status)?;
        must(
            self.id.is_null() || self.id == response["id"],
            "the response's id changes",
        )?;
        if status == "failed" {
            let error = &response["error"];
            must(
                error["code"].is_string() && error["message"].is_string(),
                "an error without code or words",
            )?;
            self.said.error = Some(error.clone());
            return Ok(());
        }
        must(self.item.is_none(), "the answer ends before its item")?;
        must(
            response["output"]
                .as_array()
                .is_some_and(|whole| agrees(whole, &self.output)),
            "the whole answer is not what its items were",
        )?;
        let reason = response["incomplete_details"]["reason"].as_str();
        let whole = reason.is_some()
            || self
                .output
                .iter()
                .all(|item| item["type"] != "function_call" || item["arguments"].as_str().is_some_and(is_json));
        must(whole, "arguments are no JSON")?;
        self.said.usage = Some(response["usage"].clone());
        self.said.finish = Some(reason.unwrap_or("completed").to_owned());
        Ok(())
    }
}

/// The items of the whole answer are what they were when they were done. Only texts may have sources more, at their ends, that were told
/// later.
fn agrees(whole: &[Value], items: &[Value]) -> bool {
    let mut whole = whole.to_vec();
    for (item, done) in whole.iter_mut().zip(items) {
        let parts = item.get_mut("content").and_then(Value::as_array_mut);
        for (part, done) in parts
            .into_iter()
            .flatten()
            .zip(done["content"].as_array().into_iter().flatten())
        {
            let known = done["annotations"].as_array().map_or(0, Vec::len);
            if let Some(sources) = part.get_mut("annotations").and_then(Value::as_array_mut) {
                sources.truncate(known);
            }
        }
    }
    whole == items
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn response(status: &str, output: &Value) -> Value {
        json!({
            "id": "resp_1", "object": "response", "created_at": 1, "status": status, "error": null, "incomplete_details": null,
            "instructions": null, "metadata": {}, "model": "m", "output": output, "parallel_tool_calls": true, "temperature": null,
            "tool_choice": "auto", "tools": [], "top_p": null,
            "usage": {
                "input_tokens": 1, "input_tokens_details": { "cached_tokens": 0 },
                "output_tokens": 1, "output_tokens_details": { "reasoning_tokens": 0 }, "total_tokens": 2,
            },
        })
    }

    fn good() -> Vec<Value> {
        let part = json!({ "type": "output_text", "text": "ab", "annotations": [] });
        let item = json!({ "id": "msg_1", "type": "message", "content": [part] });
        let mut events = vec![
            json!({ "type": "response.created", "response": response("in_progress", &json!([])) }),
            json!({ "type": "response.in_progress", "response": response("in_progress", &json!([])) }),
            json!({ "type": "response.output_item.added", "output_index": 0, "item": { "id": "msg_1", "type": "message", "content": [] } }),
            json!({ "type": "response.content_part.added", "output_index": 0, "item_id": "msg_1", "content_index": 0, "part": { "type": "output_text", "text": "" } }),
            json!({ "type": "response.output_text.delta", "output_index": 0, "item_id": "msg_1", "content_index": 0, "delta": "a" }),
            json!({ "type": "response.output_text.delta", "output_index": 0, "item_id": "msg_1", "content_index": 0, "delta": "b" }),
            json!({ "type": "response.output_text.done", "output_index": 0, "item_id": "msg_1", "content_index": 0, "text": "ab" }),
            json!({ "type": "response.content_part.done", "output_index": 0, "item_id": "msg_1", "content_index": 0, "part": part }),
            json!({ "type": "response.output_item.done", "output_index": 0, "item": item }),
            json!({ "type": "response.completed", "response": response("completed", &json!([item])) }),
        ];
        number(&mut events);
        events
    }

    fn number(events: &mut [Value]) {
        for (number, event) in events.iter_mut().enumerate() {
            event["sequence_number"] = number.into();
        }
    }

    fn checked(events: &[Value]) -> Result<Said, String> {
        let line = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
        check(&events.iter().map(line).collect::<String>())
    }

    #[test]
    fn a_good_stream_says_what_it_says() {
        let said = checked(&good()).unwrap();
        assert_eq!((said.text.as_str(), said.finish.as_deref()), ("ab", Some("completed")));
    }

    /// Each event is needed, none may come twice, and neighbours may not change places.
    #[test]
    fn each_event_has_its_place() {
        let events = good();
        for at in 0..events.len() {
            let mut without = events.clone();
            without.remove(at);
            number(&mut without);
            assert!(checked(&without).is_err(), "without {}", events[at]["type"]);
            let mut twice = events.clone();
            twice.insert(at, events[at].clone());
            number(&mut twice);
            assert!(checked(&twice).is_err(), "twice {}", events[at]["type"]);
            let mut changed = events.clone();
            if at > 0 {
                changed.swap(at - 1, at);
                number(&mut changed);
                assert!(checked(&changed).is_err(), "{} before its time", events[at]["type"]);
            }
        }
    }

    #[test]
    fn numbers_names_and_members_count() {
        let mut numbers = good();
        numbers[4]["sequence_number"] = 9.into();
        assert!(checked(&numbers).is_err());
        let mut usage = good();
        usage[9]["response"]["usage"] = Value::Null;
        assert!(checked(&usage).is_err());
        let mut member = good();
        member[0]["response"].as_object_mut().unwrap().remove("top_p");
        assert!(checked(&member).is_err());
        assert!(check("event: a\ndata: {\"type\":\"b\"}\n\n").is_err());
        let mut failed = good()[..5].to_vec();
        let mut response = response("failed", &json!([]));
        response["error"] = json!({ "code": "c", "message": "m" });
        failed.push(json!({ "type": "response.failed", "response": response, "sequence_number": 5 }));
        assert!(checked(&failed).unwrap().error.is_some());
    }
}
