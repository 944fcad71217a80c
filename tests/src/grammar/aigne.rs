//! The grammar of `/api/v2/chat`'s stream: frames of JSON without a name, each with one delta of texts or of members; what the call
//! came to in the last one and nothing after it; or an event `error` last.

use serde_json::Value;

use super::said::{Call, Said, events, must};

/// Reads a stream.
///
/// # Errors
/// The rule that is broken.
pub fn check(stream: &str) -> Result<Said, String> {
    let (mut said, mut begun) = (Said::default(), false);
    for event in events(stream)? {
        must(
            said.usage.is_none() && said.error.is_none(),
            "something follows the end",
        )?;
        let data: Value = serde_json::from_str(&event.data).map_err(|error| format!("{error}: {}", event.data))?;
        match event.name.as_deref() {
            None => take(&data, &mut begun, &mut said).map_err(|rule| format!("{rule}: {}", event.data))?,
            Some("error") => {
                must(
                    data["message"].is_string() && data["type"].is_string(),
                    "an error without words",
                )?;
                said.error = Some(data);
            }
            Some(name) => return Err(format!("an event named {name}")),
        }
    }
    must(
        said.usage.is_some() != said.error.is_some(),
        "neither what it came to nor an error at the end",
    )?;
    Ok(said)
}

fn take(frame: &Value, begun: &mut bool, said: &mut Said) -> Result<(), String> {
    let delta = frame["delta"].as_object().ok_or("no delta")?;
    must(delta.len() == 1, "a delta is of texts or of members")?;
    if let Some(texts) = delta.get("text") {
        must(*begun, "a text before the model's name")?;
        said.text.push_str(texts["text"].as_str().unwrap_or_default());
        said.thoughts.push_str(texts["thoughts"].as_str().unwrap_or_default());
        return Ok(());
    }
    let members = delta.get("json").ok_or("a delta of neither")?;
    must(
        members["model"].is_string() != *begun,
        "the model's name is told once, at first",
    )?;
    *begun = true;
    if let Some(calls) = members["toolCalls"].as_array() {
        must(
            said.calls.is_empty() && !calls.is_empty(),
            "calls are told once, all of them",
        )?;
        said.calls = calls.iter().map(call).collect();
    }
    if let Some(json) = members["json"].as_object() {
        said.text.push_str(&Value::Object(json.clone()).to_string());
    }
    if members["usage"].is_object() {
        must(
            members["modelWithProvider"].is_string(),
            "the last frame names no provider",
        )?;
        said.usage = Some(members["usage"].clone());
        said.finish = members["finishReason"].as_str().map(str::to_owned);
    }
    Ok(())
}

/// A call as it stands in frames and whole answers.
#[must_use]
pub fn call(call: &Value) -> Call {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Call {
        id: text(&call["id"]),
        name: text(&call["function"]["name"]),
        arguments: call["function"]["arguments"].to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_broken_rule_is_found() {
        let frame = |delta: &str| format!("data: {{\"delta\":{delta}}}");
        let begin = frame(r#"{"json":{"model":"m"}}"#);
        let text = frame(r#"{"text":{"text":"a"}}"#);
        let end = frame(r#"{"json":{"usage":{},"modelWithProvider":"p/m"}}"#);
        let error = "event: error\ndata: {\"message\":\"m\",\"type\":\"t\"}".to_owned();
        let checked = |events: &[&String]| {
            let stream: String = events.iter().map(|event| format!("{event}\n\n")).collect();
            check(&stream)
        };
        assert_eq!(checked(&[&begin, &text, &text, &end]).unwrap().text, "aa");
        assert!(checked(&[&begin, &text, &error]).unwrap().error.is_some());
        assert!(checked(&[&error]).is_ok());
        for events in [
            vec![],
            vec![&begin, &text],
            vec![&text, &end],
            vec![&begin, &begin, &end],
            vec![&begin, &end, &text],
            vec![&begin, &error, &end],
            vec![&begin, &end, &error],
            vec![&begin, &"data: [DONE]".to_owned()],
            vec![&begin, &frame(r#"{"text":{},"json":{}}"#), &end],
        ] {
            assert!(checked(&events).is_err(), "{events:?}");
        }
    }
}
