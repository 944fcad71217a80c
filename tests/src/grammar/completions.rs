//! The grammar of OpenAI's legacy completions stream: pieces of one text, one reason for the end, usage after it where it was asked
//! for, `[DONE]` last; or an error last and no `[DONE]`.

use serde_json::Value;

use super::said::{Said, events, must};

/// Reads a stream of one choice. `usage` tells whether the client asked for usage.
///
/// # Errors
/// The rule that is broken.
pub fn check(stream: &str, usage: bool) -> Result<Said, String> {
    let (mut said, mut done) = (Said::default(), false);
    for event in events(stream)? {
        must(!done && said.error.is_none(), "something follows the end")?;
        if event.data == "[DONE]" {
            must(said.finish.is_some(), "[DONE] before a reason for the end")?;
            done = true;
            continue;
        }
        let chunk: Value = serde_json::from_str(&event.data).map_err(|error| error.to_string())?;
        if let Some(error) = chunk.get("error") {
            said.error = Some(error.clone());
            continue;
        }
        take(&chunk, usage, &mut said).map_err(|rule| format!("{rule}: {}", event.data))?;
    }
    must(
        done != said.error.is_some(),
        "neither [DONE] nor an error at the end, or both",
    )?;
    must(
        !done || usage == said.usage.is_some(),
        "usage stands there unasked, or is missing",
    )?;
    Ok(said)
}

fn take(chunk: &Value, usage: bool, said: &mut Said) -> Result<(), String> {
    must(chunk["object"] == "text_completion", "the object's name")?;
    must(
        chunk["id"].is_string() && chunk["created"].is_u64() && chunk["model"].is_string(),
        "id, created or model is missing",
    )?;
    let choices = chunk["choices"].as_array().ok_or("choices is no list")?;
    let Some(choice) = choices.first() else {
        must(
            said.finish.is_some() && said.usage.is_none(),
            "usage at the wrong place, or twice",
        )?;
        must(chunk["usage"]["total_tokens"].is_u64(), "usage without a total")?;
        said.usage = Some(chunk["usage"].clone());
        return Ok(());
    };
    must(
        chunk.get("usage") == usage.then_some(&Value::Null),
        "usage is not null where it was asked for, or is there",
    )?;
    must(
        choices.len() == 1 && choice["index"] == 0 && choice.get("logprobs").is_some(),
        "not one choice",
    )?;
    must(said.finish.is_none(), "a choice goes on after its end")?;
    said.text.push_str(choice["text"].as_str().ok_or("text is no text")?);
    match &choice["finish_reason"] {
        Value::Null => Ok(()),
        Value::String(reason) if ["stop", "length", "content_filter"].contains(&reason.as_str()) => {
            said.finish = Some(reason.clone());
            Ok(())
        }
        _ => Err("an unknown reason for the end".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_broken_rule_is_found() {
        let chunk = |choices: &str| {
            format!(r#"data: {{"id":"a","object":"text_completion","created":1,"model":"m","choices":{choices}}}"#)
        };
        let piece = |finish: &str| {
            chunk(&format!(
                r#"[{{"text":"a","index":0,"logprobs":null,"finish_reason":{finish}}}]"#
            ))
        };
        let (text, end, done) = (piece("null"), piece("\"stop\""), "data: [DONE]".to_owned());
        let usage = chunk("[]").replace("[]}", r#"[],"usage":{"total_tokens":1}}"#);
        let checked = |events: &[&String]| {
            let stream: String = events.iter().map(|event| format!("{event}\n\n")).collect();
            check(&stream, false)
        };
        assert_eq!(checked(&[&text, &end, &done]).unwrap().text, "aa");
        for events in [
            vec![],
            vec![&text, &end],
            vec![&text, &done],
            vec![&end, &end, &done],
            vec![&end, &text, &done],
            vec![&end, &usage, &done],
            vec![&end, &done, &done],
            vec![&piece("\"tool_calls\""), &done],
        ] {
            assert!(checked(&events).is_err(), "{events:?}");
        }
    }
}
