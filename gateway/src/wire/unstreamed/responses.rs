//! A response as the events of OpenAI's stream: each item opened, told and closed, and the whole at the end.

use serde_json::{Value, json};

use super::{Members, event, is_full};

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    number: u64,
}

impl Writer<'_> {
    fn say(&mut self, name: &str, members: Value) {
        let mut data = json!({ "type": name, "sequence_number": self.number });
        self.number += 1;
        if let (Value::Object(data), Value::Object(members)) = (&mut data, members) {
            data.extend(members);
        }
        event(Some(name), &data, self.out);
    }
}

pub(super) fn write(response: &Members, out: &mut Vec<u8>) {
    let mut writer = Writer { out, number: 0 };
    let mut begun = response.clone();
    for (name, value) in [
        ("status", json!("in_progress")),
        ("output", json!([])),
        ("usage", Value::Null),
        ("completed_at", Value::Null),
        ("incomplete_details", Value::Null),
    ] {
        if begun.contains_key(name) || name == "status" {
            begun.insert(name.into(), value);
        }
    }
    writer.say("response.created", json!({ "response": begun }));
    writer.say("response.in_progress", json!({ "response": begun }));
    let output = response.get("output").and_then(Value::as_array);
    for (index, item) in output.into_iter().flatten().enumerate() {
        if is_full(writer.out) {
            return;
        }
        writer.item(index, item);
    }
    let ended = response.get("status").and_then(Value::as_str);
    let ended = ended.filter(|word| matches!(*word, "incomplete" | "failed" | "cancelled"));
    let last = ended.unwrap_or("completed");
    writer.say(&format!("response.{last}"), json!({ "response": response }));
}

impl Writer<'_> {
    fn item(&mut self, index: usize, item: &Value) {
        let mut begun = emptied(item, &["content", "arguments", "input", "summary"]);
        if let Some(status) = begun.get_mut("status") {
            *status = "in_progress".into();
        }
        self.say(
            "response.output_item.added",
            json!({ "output_index": index, "item": begun }),
        );
        let about = |members: Value| {
            let mut all = json!({ "item_id": item["id"], "output_index": index });
            if let (Value::Object(all), Value::Object(members)) = (&mut all, members) {
                all.extend(members);
            }
            all
        };
        match item["type"].as_str() {
            Some("message") => {
                for (at, part) in item["content"].as_array().into_iter().flatten().enumerate() {
                    if is_full(self.out) {
                        return;
                    }
                    self.part(at, part, &about);
                }
            }
            Some("reasoning") => {
                for (at, part) in item["summary"].as_array().into_iter().flatten().enumerate() {
                    if is_full(self.out) {
                        return;
                    }
                    let place = |members: Value| {
                        let mut all = about(members);
                        all["summary_index"] = at.into();
                        all
                    };
                    let empty = emptied(part, &["text"]);
                    self.say("response.reasoning_summary_part.added", place(json!({ "part": empty })));
                    self.say(
                        "response.reasoning_summary_text.delta",
                        place(json!({ "delta": part["text"] })),
                    );
                    self.say(
                        "response.reasoning_summary_text.done",
                        place(json!({ "text": part["text"] })),
                    );
                    self.say("response.reasoning_summary_part.done", place(json!({ "part": part })));
                }
            }
            Some("function_call") => {
                let arguments = &item["arguments"];
                self.say(
                    "response.function_call_arguments.delta",
                    about(json!({ "delta": arguments })),
                );
                let whole = json!({ "arguments": arguments, "name": item["name"] });
                self.say("response.function_call_arguments.done", about(whole));
            }
            Some("custom_tool_call") => {
                let input = &item["input"];
                self.say(
                    "response.custom_tool_call_input.delta",
                    about(json!({ "delta": input })),
                );
                self.say("response.custom_tool_call_input.done", about(json!({ "input": input })));
            }
            _ => {}
        }
        self.say(
            "response.output_item.done",
            json!({ "output_index": index, "item": item }),
        );
    }

    fn part(&mut self, at: usize, part: &Value, about: &impl Fn(Value) -> Value) {
        let place = |members: Value| {
            let mut all = about(members);
            all["content_index"] = at.into();
            all
        };
        let empty = emptied(part, &["text", "refusal", "annotations"]);
        self.say("response.content_part.added", place(json!({ "part": empty })));
        match part["type"].as_str() {
            Some("output_text") => {
                let logprobs = part.get("logprobs").cloned().unwrap_or_else(|| json!([]));
                let delta = json!({ "delta": part["text"], "logprobs": logprobs });
                self.say("response.output_text.delta", place(delta));
                for (at, source) in part["annotations"].as_array().into_iter().flatten().enumerate() {
                    if is_full(self.out) {
                        return;
                    }
                    let members = json!({ "annotation_index": at, "annotation": source });
                    self.say("response.output_text.annotation.added", place(members));
                }
                let done = json!({ "text": part["text"], "logprobs": logprobs });
                self.say("response.output_text.done", place(done));
            }
            Some("refusal") => {
                self.say("response.refusal.delta", place(json!({ "delta": part["refusal"] })));
                self.say("response.refusal.done", place(json!({ "refusal": part["refusal"] })));
            }
            _ => {}
        }
        self.say("response.content_part.done", place(json!({ "part": part })));
    }
}

/// The same before anything has come to these members: their lists and texts are empty.
fn emptied(whole: &Value, names: &[&str]) -> Value {
    let mut whole = whole.clone();
    for name in names {
        match whole.get_mut(*name) {
            Some(Value::Array(list)) => list.clear(),
            Some(Value::String(text)) => text.clear(),
            _ => {}
        }
    }
    whole
}
