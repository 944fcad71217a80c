//! What goes across untouched: the bytes of pictures, and calls of tools with their arguments. What the provider got is read from its
//! record, what it said by asking it the same again; both by what each provider's documents say, without the hub's own reading.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use tests::grammar::said::{Call, Said};
use tests::upstream::Record;

use super::ask::{PIXEL, TOOLS};
use super::cell::must;
use super::feature::Feature;
use super::hall::Hall;
use super::truth;

/// The bytes of the picture and the call in the conversation are at the provider, the calls in its answer at the client.
///
/// # Errors
/// What came instead.
pub async fn check(hall: &Hall, record: &Record, feature: Feature, heard: &Said) -> Result<(), String> {
    let sent = match feature {
        Feature::Image => vec![decoded(&PIXEL.into())?],
        _ => Vec::new(),
    };
    let got = pictures(record)?;
    must(got == sent, || format!("pictures at the provider: {got:?}"))?;
    let sent = match feature {
        Feature::ToolResult => vec![(TOOLS[0].to_owned(), json!({ "city": "Paris" }))],
        _ => Vec::new(),
    };
    let got = told(record);
    must(got == sent, || format!("calls at the provider: {got:?}"))?;
    if feature.calls() == 0 {
        return Ok(());
    }
    let answer = truth::again(hall, record, |_| false).await?;
    let wanted = said(&record.path, &truth::frames(&answer));
    let heard = read(&heard.calls)?;
    must(wanted.len() == feature.calls() && heard == wanted, || {
        format!("calls {heard:?}, the provider's {wanted:?}")
    })
}

/// A call by the tool's name and its arguments.
type Called = (String, Value);

/// Calls as a client has them. Their arguments must be JSON.
fn read(calls: &[Call]) -> Result<Vec<Called>, String> {
    let one = |call: &Call| {
        let arguments = serde_json::from_str(&call.arguments);
        arguments
            .map(|arguments| (call.name.clone(), arguments))
            .map_err(|error| format!("{error}: {call:?}"))
    };
    calls.iter().map(one).collect()
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value[name].as_array().into_iter().flatten()
}

/// Every element of the lists under `inner` in the elements of the list under `outer`.
fn within<'a>(body: &'a Value, outer: &str, inner: &'static str) -> impl Iterator<Item = &'a Value> + use<'a> {
    list(body, outer).flat_map(move |one| list(one, inner))
}

fn decoded(base64: &Value) -> Result<Vec<u8>, String> {
    let text = base64.as_str().ok_or_else(|| format!("no base64: {base64}"))?;
    STANDARD.decode(text).map_err(|error| format!("{error}: {text}"))
}

/// The bytes of an address that is content.
fn of_address(address: &Value) -> Result<Vec<u8>, String> {
    let text = address.as_str().unwrap_or_default();
    let base64 = text.strip_prefix("data:image/png;base64,");
    base64
        .ok_or_else(|| format!("no PNG: {text}"))
        .and_then(|base64| decoded(&base64.into()))
}

/// The pictures that the provider got, as bytes. Each must be base64, and say to be a PNG where the wire tells kinds.
fn pictures(record: &Record) -> Result<Vec<Vec<u8>>, String> {
    let body = &record.json();
    let is_png = |kind: &Value| match kind == "image/png" {
        true => Ok(()),
        false => Err(format!("no PNG: {kind}")),
    };
    match &*record.path {
        "/v1/chat/completions" => within(body, "messages", "content")
            .filter(|part| part["type"] == "image_url")
            .map(|part| of_address(&part["image_url"]["url"]))
            .collect(),
        "/v1/responses" => within(body, "input", "content")
            .filter(|part| part["type"] == "input_image")
            .map(|part| of_address(&part["image_url"]))
            .collect(),
        "/v1/messages" => within(body, "messages", "content")
            .filter(|block| block["type"] == "image")
            .map(|block| is_png(&block["source"]["media_type"]).and_then(|()| decoded(&block["source"]["data"])))
            .collect(),
        "/api/chat" => within(body, "messages", "images").map(decoded).collect(),
        _ => within(body, "contents", "parts")
            .filter(|part| part["inlineData"].is_object())
            .map(|part| is_png(&part["inlineData"]["mimeType"]).and_then(|()| decoded(&part["inlineData"]["data"])))
            .collect(),
    }
}

fn named(name: &Value, arguments: &Value) -> Called {
    let name = name.as_str().unwrap_or_default().to_owned();
    // Text in some wires; what is none shows as the text that it is.
    let read = arguments.as_str().and_then(|text| serde_json::from_str(text).ok());
    (name, read.unwrap_or_else(|| arguments.clone()))
}

fn of_function(call: &Value) -> Called {
    named(&call["function"]["name"], &call["function"]["arguments"])
}

/// The calls in the conversation that the provider got.
fn told(record: &Record) -> Vec<Called> {
    let body = &record.json();
    let is = |kind: &'static str| move |one: &&Value| one["type"] == kind;
    match &*record.path {
        "/v1/chat/completions" | "/api/chat" => within(body, "messages", "tool_calls").map(of_function).collect(),
        "/v1/responses" => list(body, "input")
            .filter(is("function_call"))
            .map(|item| named(&item["name"], &item["arguments"]))
            .collect(),
        "/v1/messages" => within(body, "messages", "content")
            .filter(is("tool_use"))
            .map(|block| named(&block["name"], &block["input"]))
            .collect(),
        _ => within(body, "contents", "parts").filter_map(of_part).collect(),
    }
}

fn of_part(part: &Value) -> Option<Called> {
    let call = &part["functionCall"];
    call.is_object().then(|| named(&call["name"], &call["args"]))
}

/// The calls in an answer of the provider asked under this path, whole or as the frames of a stream.
fn said(path: &str, frames: &[Value]) -> Vec<Called> {
    match path {
        "/v1/chat/completions" => chat(frames),
        "/v1/responses" => frames
            .iter()
            .flat_map(|frame| {
                // Each item is told whole when it is done.
                let done = (frame["type"] == "response.output_item.done").then_some(&frame["item"]);
                list(frame, "output").chain(done)
            })
            .filter(|item| item["type"] == "function_call")
            .map(|item| named(&item["name"], &item["arguments"]))
            .collect(),
        "/v1/messages" => messages(frames),
        "/api/chat" => frames
            .iter()
            .flat_map(|frame| list(&frame["message"], "tool_calls"))
            .map(of_function)
            .collect(),
        _ => frames.iter().flat_map(parts).filter_map(of_part).collect(),
    }
}

fn parts(frame: &Value) -> impl Iterator<Item = &Value> {
    list(frame, "candidates").flat_map(|candidate| list(&candidate["content"], "parts"))
}

/// Pieces of one call have its index; a whole answer has each in one piece.
fn chat(frames: &[Value]) -> Vec<Called> {
    let mut calls: Vec<(String, String)> = Vec::new();
    for choice in frames.iter().flat_map(|frame| list(frame, "choices")) {
        for call in list(&choice["message"], "tool_calls") {
            calls.push((String::new(), String::new()));
            grow(&mut calls, None, call);
        }
        for piece in list(&choice["delta"], "tool_calls") {
            let index = piece["index"].as_u64().and_then(|index| usize::try_from(index).ok());
            while index.is_some_and(|index| calls.len() <= index) {
                calls.push((String::new(), String::new()));
            }
            grow(&mut calls, index, piece);
        }
    }
    let read = |(name, arguments): (String, String)| named(&name.into(), &arguments.into());
    calls.into_iter().map(read).collect()
}

/// The call of this index, or the last one, goes on.
fn grow(calls: &mut [(String, String)], index: Option<usize>, piece: &Value) {
    let at = index.unwrap_or(calls.len().saturating_sub(1));
    if let Some((name, arguments)) = calls.get_mut(at) {
        *name += piece["function"]["name"].as_str().unwrap_or_default();
        *arguments += piece["function"]["arguments"].as_str().unwrap_or_default();
    }
}

/// A whole answer has its blocks, a stream begins each and tells its input in pieces.
fn messages(frames: &[Value]) -> Vec<Called> {
    let mut open: Map<String, Value> = Map::new();
    let mut calls = Vec::new();
    for frame in frames {
        let whole = list(frame, "content").filter(|block| block["type"] == "tool_use");
        calls.extend(whole.map(|block| named(&block["name"], &block["input"])));
        let index = frame["index"].to_string();
        match frame["type"].as_str() {
            Some("content_block_start") if frame["content_block"]["type"] == "tool_use" => {
                calls.push(named(&frame["content_block"]["name"], &"".into()));
                open.insert(index, "".into());
            }
            Some("content_block_delta") => {
                if let Some(Value::String(input)) = open.get_mut(&index) {
                    *input += frame["delta"]["partial_json"].as_str().unwrap_or_default();
                }
            }
            Some("content_block_stop") => {
                if let (Some(input), Some(call)) = (open.remove(&index), calls.last_mut()) {
                    *call = named(&call.0.clone().into(), &input);
                }
            }
            _ => {}
        }
    }
    calls
}
