//! The grammar of AIGNE Hub's older stream, `/api/v2/chat/completions`: frames of JSON without a name, each with one delta of the
//! assistant's; what the call came to in the last one and nothing after it; or an error in its place.

use serde_json::Value;

use super::said::{Call, Said, events, must};

/// Reads a stream.
///
/// # Errors
/// The rule that is broken.
pub fn check(stream: &str) -> Result<Said, String> {
    let mut said = Said::default();
    for event in events(stream)? {
        must(
            said.usage.is_none() && said.error.is_none(),
            "something follows the end",
        )?;
        must(event.name.is_none(), "a frame has a name")?;
        let data: Value = serde_json::from_str(&event.data).map_err(|error| format!("{error}: {}", event.data))?;
        if data["usage"].is_object() {
            said.usage = Some(data["usage"].clone());
        } else if data["error"].is_object() {
            must(data["error"]["message"].is_string(), "an error without words")?;
            said.error = Some(data["error"].clone());
        } else {
            let delta = &data["delta"];
            must(delta["role"] == "assistant", "a delta of nobody")?;
            said.text.push_str(delta["content"].as_str().unwrap_or_default());
            said.thoughts.push_str(delta["thoughts"].as_str().unwrap_or_default());
            if delta["toolCalls"].is_array() {
                // Clients replace what they have.
                said.calls = calls(&delta["toolCalls"]);
            }
        }
    }
    must(
        said.usage.is_some() != said.error.is_some(),
        "neither what it came to nor an error at the end",
    )?;
    Ok(said)
}

/// Calls as they stand in frames and whole answers: their arguments are text.
#[must_use]
pub fn calls(list: &Value) -> Vec<Call> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let call = |call: &Value| Call {
        id: text(&call["id"]),
        name: text(&call["function"]["name"]),
        arguments: text(&call["function"]["arguments"]),
    };
    list.as_array().into_iter().flatten().map(call).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_comes_once_and_last() {
        let piece = "data: {\"delta\":{\"role\":\"assistant\",\"content\":\"a\"}}\n\n";
        let last = "data: {\"usage\":{\"totalTokens\":3}}\n\n";
        let said = check(&[piece, piece, last].concat()).unwrap();
        assert_eq!((said.text.as_str(), said.usage.is_some()), ("aa", true));
        assert!(check(piece).is_err());
        assert!(check(&[last, piece].concat()).is_err());
        assert!(check(&[last, last].concat()).is_err());
        assert!(check(&format!("event: x\n{last}")).is_err());
        assert!(check("data: {\"delta\":{\"content\":\"a\"}}\n\n").is_err());
        let error = check("data: {\"error\":{\"message\":\"no\"}}\n\n").unwrap();
        assert!(error.error.is_some());
    }
}
