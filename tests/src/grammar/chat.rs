//! The grammar of OpenAI's chat stream: the role first, each call begun once and in order, one reason for the end, usage after it
//! where it was asked for, `[DONE]` last; or an error last and no `[DONE]`.

use serde_json::Value;

use super::said::{Call, Said, events, is_json, must};

/// Reads a stream of one choice. `usage` tells whether the client asked for usage.
///
/// # Errors
/// The rule that is broken.
pub fn check(stream: &str, usage: bool) -> Result<Said, String> {
    let mut reader = Reader {
        usage,
        ..Reader::default()
    };
    for event in events(stream)? {
        reader
            .take(&event.data)
            .map_err(|rule| format!("{rule}: {}", event.data))?;
    }
    reader.end()
}

#[derive(Default)]
struct Reader {
    usage: bool,
    said: Said,
    id: Option<Value>,
    begun: bool,
    done: bool,
}

impl Reader {
    fn take(&mut self, data: &str) -> Result<(), String> {
        must(!self.done, "something follows [DONE]")?;
        must(self.said.error.is_none(), "something follows an error")?;
        if data == "[DONE]" {
            must(self.said.finish.is_some(), "[DONE] before a reason for the end")?;
            must(
                self.usage == self.said.usage.is_some(),
                "usage stands there unasked, or is missing",
            )?;
            self.done = true;
            return Ok(());
        }
        let chunk: Value = serde_json::from_str(data).map_err(|error| error.to_string())?;
        if let Some(error) = chunk.get("error") {
            must(
                error["message"].is_string() && error["type"].is_string(),
                "an error without words",
            )?;
            self.said.error = Some(error.clone());
            return Ok(());
        }
        must(chunk["object"] == "chat.completion.chunk", "the object's name")?;
        must(
            chunk["created"].is_u64() && chunk["model"].is_string(),
            "created or model is missing",
        )?;
        let id = self.id.get_or_insert_with(|| chunk["id"].clone());
        must(id.is_string() && *id == chunk["id"], "the id changes")?;
        let choices = chunk["choices"].as_array().ok_or("choices is no list")?;
        if choices.is_empty() {
            must(
                self.said.finish.is_some() && self.said.usage.is_none(),
                "usage at the wrong place, or twice",
            )?;
            must(chunk["usage"]["total_tokens"].is_u64(), "usage without a total")?;
            self.said.usage = Some(chunk["usage"].clone());
            return Ok(());
        }
        must(
            chunk.get("usage") == self.usage.then_some(&Value::Null),
            "usage is not null where it was asked for, or is there",
        )?;
        must(choices.len() == 1 && choices[0]["index"] == 0, "more than one choice")?;
        self.choice(&choices[0])
    }

    fn choice(&mut self, choice: &Value) -> Result<(), String> {
        must(self.said.finish.is_none(), "a choice goes on after its end")?;
        let delta = choice["delta"].as_object().ok_or("a choice without delta")?;
        let role = delta.get("role");
        must(self.begun != role.is_some(), "the role is not in the first delta alone")?;
        must(role.is_none_or(|role| role == "assistant"), "another role")?;
        self.begun = true;
        let text = |name: &str| match delta.get(name) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text.as_str()),
            Some(_) => Err(format!("{name} is no text")),
        };
        self.said.text.push_str(text("content")?);
        self.said.refusal.push_str(text("refusal")?);
        self.said.thoughts.push_str(text("reasoning_content")?);
        for call in delta.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
            self.call(call)?;
        }
        for list in ["annotations", "images", "reasoning_details"] {
            must(delta.get(list).is_none_or(Value::is_array), "a list is none")?;
        }
        match &choice["finish_reason"] {
            Value::Null => Ok(()),
            Value::String(reason) => self.finish(reason),
            _ => Err("finish_reason is no text".to_owned()),
        }
    }

    fn call(&mut self, call: &Value) -> Result<(), String> {
        let index = call["index"].as_u64().ok_or("a call without index")? as usize;
        let arguments = &call["function"]["arguments"];
        must(arguments.is_string(), "a call's piece without arguments")?;
        if call.get("id").is_some() {
            must(
                index == self.said.calls.len(),
                "calls do not begin in order, or one begins twice",
            )?;
            must(call["type"] == "function", "a call of another type")?;
            let word = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            self.said.calls.push(Call {
                id: word(&call["id"]).ok_or("a call without id")?,
                name: word(&call["function"]["name"]).ok_or("a call without name")?,
                arguments: String::new(),
            });
        } else {
            must(call["function"].get("name").is_none(), "a call's name comes twice")?;
        }
        let open = self
            .said
            .calls
            .get_mut(index)
            .ok_or("a piece of a call that has not begun")?;
        open.arguments.push_str(arguments.as_str().unwrap_or_default());
        Ok(())
    }

    fn finish(&mut self, reason: &str) -> Result<(), String> {
        let known = ["stop", "length", "tool_calls", "content_filter", "function_call"];
        must(known.contains(&reason), "an unknown reason for the end")?;
        must(
            reason != "tool_calls" || !self.said.calls.is_empty(),
            "no tool was called",
        )?;
        let whole = reason != "tool_calls" || self.said.calls.iter().all(|call| is_json(&call.arguments));
        must(whole, "arguments are no JSON")?;
        self.said.finish = Some(reason.to_owned());
        Ok(())
    }

    fn end(self) -> Result<Said, String> {
        must(
            self.done != self.said.error.is_some(),
            "neither [DONE] nor an error at the end, or both",
        )?;
        Ok(self.said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = r#"{"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#;

    fn stream(events: &[String]) -> String {
        events.iter().map(|event| format!("data: {event}\n\n")).collect()
    }

    fn chunk(delta: &str, finish: &str) -> String {
        format!(
            r#"{{"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
        )
    }

    fn checked(events: &[String]) -> Result<Said, String> {
        check(&stream(events), false)
    }

    #[test]
    fn a_good_stream_says_what_it_says() {
        let begin = r#"{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]}"#;
        let piece = r#"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#;
        let events = [
            FIRST.to_owned(),
            chunk(r#"{"content":"a"}"#, "null"),
            chunk(begin, "null"),
            chunk(piece, "null"),
            chunk("{}", "\"tool_calls\""),
            "[DONE]".to_owned(),
        ];
        let said = checked(&events).unwrap();
        assert_eq!(
            (said.text.as_str(), said.calls.len(), said.finish.as_deref()),
            ("a", 1, Some("tool_calls"))
        );
        let failed = [FIRST.to_owned(), r#"{"error":{"message":"m","type":"t"}}"#.to_owned()];
        assert!(checked(&failed).unwrap().error.is_some());
    }

    #[test]
    fn each_broken_rule_is_found() {
        let first = || FIRST.to_owned();
        let end = || chunk("{}", "\"stop\"");
        let done = || "[DONE]".to_owned();
        let usage = || {
            r#"{"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"total_tokens":1}}"#.to_owned()
        };
        let call = |index: usize| {
            chunk(
                &format!(
                    r#"{{"tool_calls":[{{"index":{index},"id":"c","type":"function","function":{{"name":"f","arguments":""}}}}]}}"#
                ),
                "null",
            )
        };
        let cases = [
            vec![],
            vec![first()],
            vec![first(), end()],
            vec![first(), done()],
            vec![first(), end(), done(), done()],
            vec![first(), end(), usage(), done()],
            vec![first(), first(), end(), done()],
            vec![chunk(r#"{"content":"a"}"#, "null"), end(), done()],
            vec![first(), end(), end(), done()],
            vec![first(), chunk("{}", "\"odd\""), done()],
            vec![first(), chunk("{}", "\"tool_calls\""), done()],
            vec![first(), call(1), end(), done()],
            vec![first(), call(0), call(0), end(), done()],
            vec![first(), call(0), chunk("{}", "\"tool_calls\""), done()],
            vec![first(), r#"{"error":{"message":"m","type":"t"}}"#.to_owned(), done()],
            vec![first(), "{".to_owned()],
            vec![first(), end().replace("\"a\"", "\"b\""), done()],
        ];
        for events in cases {
            assert!(checked(&events).is_err(), "{events:?}");
        }
        assert!(check(&stream(&[first(), end(), done()]), true).is_err());
        assert!(check("data: x", false).is_err());
    }
}
