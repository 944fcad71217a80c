//! The turns: roles, parts, calls of functions and their results, signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::refusal::Refusal;
use super::admit::Method;
use super::check::{get, known, object};
use super::invalid;
use super::write::SIGNATURE;

/// What a part may hold, one of these.
const DATA: [&str; 7] = [
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
];
/// Stands for the signature of a call that Gemini did not make.
const FOREIGN: &str = "skip_thought_signature_validator";
const TYPES: [&str; 12] = [
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/heic",
    "image/heif",
    "application/pdf",
    "text/plain",
    "text/csv",
    "audio/wav",
    "audio/mp3",
    "audio/mpeg",
    "video/mp4",
];

/// The system's turn as a message.
pub(super) fn instruction(content: &Value) -> Result<Value, Refusal> {
    let content = object(content, "system_instruction")?;
    known(content, &["parts", "role"], "system_instruction")?;
    let parts = get(content, "parts").and_then(Value::as_array);
    let texts: Option<Vec<&str>> = parts.map(|parts| parts.iter().filter_map(|part| part["text"].as_str()).collect());
    let texts = texts.filter(|texts| !texts.is_empty());
    let texts = texts.ok_or_else(|| invalid("* GenerateContentRequest.system_instruction: must have a text part\n"))?;
    Ok(json!({"role": "system", "content": texts.join("\n")}))
}

/// Checks the turns and puts them into messages.
pub(super) fn check(contents: &[Value], method: &Method, messages: &mut Vec<Value>) -> Result<(), Refusal> {
    // Signatures are checked from the last thing on that a person said.
    let said = contents.iter().rposition(|content| {
        let parts = content["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
        content["role"] != "model" && parts.iter().any(|part| function_response(part).is_none())
    });
    // The calls that the next turn has to answer.
    let mut open: Option<usize> = None;
    for (at, content) in contents.iter().enumerate() {
        let place = format!("contents[{at}]");
        let members = object(content, &place)?;
        known(members, &["parts", "role"], &place)?;
        let role = members.get("role").and_then(Value::as_str).unwrap_or("user");
        if role != "user" && role != "model" {
            return Err(invalid("Please use a valid role: user, model."));
        }
        let parts = get(members, "parts")
            .and_then(Value::as_array)
            .filter(|parts| !parts.is_empty());
        let parts = parts.ok_or_else(|| {
            invalid(format!(
                "* GenerateContentRequest.{place}.parts: contents.parts must not be empty.\n"
            ))
        })?;
        for (index, part) in parts.iter().enumerate() {
            self::part(part, &format!("{place}.parts[{index}]"), method)?;
        }
        let calls: Vec<&Value> = parts.iter().filter(|part| function_call(part).is_some()).collect();
        let answers = parts.iter().filter(|part| function_response(part).is_some()).count();
        if answers != open.unwrap_or(0) {
            return Err(invalid(
                "Please ensure that the number of function response parts is equal to the number of function call parts of \
                 the function call turn.",
            ));
        }
        open = (!calls.is_empty()).then_some(calls.len());
        if role == "user" && open.is_some() || role == "model" && (answers > 0 || at == 0 && open.is_some()) {
            return Err(invalid(
                "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
            ));
        }
        let current = said.is_none_or(|said| at > said);
        if let (Some(first), true, true) = (calls.first(), current, method.model.generation >= 30)
            && signature(first).is_none()
        {
            let name = function_call(first)
                .map(|call| call["name"].to_string())
                .unwrap_or_default();
            return Err(invalid(format!(
                "Function call is missing a thought_signature in functionCall parts. This is required for tools to work \
                 correctly, and missing thought_signature may lead to degraded model performance. Additional data, function \
                 call {name}, position {at}."
            )));
        }
        messages.extend(self::messages(role, parts));
    }
    Ok(())
}

fn signature(part: &Value) -> Option<&str> {
    get(part.as_object()?, "thoughtSignature")?.as_str()
}

fn function_call(part: &Value) -> Option<&Value> {
    get(part.as_object()?, "functionCall")
}

fn function_response(part: &Value) -> Option<&Value> {
    get(part.as_object()?, "functionResponse")
}

fn part(part: &Value, place: &str, method: &Method) -> Result<(), Refusal> {
    let members = object(part, place)?;
    let mut names = DATA.to_vec();
    names.extend([
        "thought",
        "thoughtSignature",
        "videoMetadata",
        "mediaResolution",
        "partMetadata",
    ]);
    known(members, &names, place)?;
    let given: Vec<&str> = DATA.into_iter().filter(|name| get(members, name).is_some()).collect();
    let [data] = given.as_slice() else {
        return Err(invalid(format!(
            "* GenerateContentRequest.{place}.data: required oneof field 'data' must have one initialized field\n"
        )));
    };
    let inner = get(members, data).unwrap_or(&Value::Null);
    match *data {
        "inlineData" => blob(inner, place)?,
        "fileData" => {
            let file = object(inner, place)?;
            known(file, &["mimeType", "fileUri", "displayName"], place)?;
            let uri = get(file, "fileUri").and_then(Value::as_str).unwrap_or_default();
            if method.model.generation < 25 || !uri.starts_with("https://") {
                return Err(invalid(format!("Invalid or unsupported file uri: {uri}")));
            }
        }
        "functionCall" => {
            let call = object(inner, place)?;
            known(call, &["id", "name", "args"], place)?;
            name(call, &format!("{place}.function_call"))?;
            if let Some(args) = get(call, "args") {
                object(args, &format!("{place}.function_call.args"))?;
            }
        }
        "functionResponse" => {
            let answer = object(inner, place)?;
            known(
                answer,
                &["id", "name", "response", "parts", "willContinue", "scheduling"],
                place,
            )?;
            name(answer, &format!("{place}.function_response"))?;
            object(
                answer.get("response").unwrap_or(&Value::Null),
                &format!("{place}.function_response.response"),
            )?;
            let files = get(answer, "parts").and_then(Value::as_array);
            if files.is_some() && method.model.generation < 30 {
                return Err(invalid(
                    "Multimodal function responses are not supported for this model.",
                ));
            }
            for file in files.into_iter().flatten() {
                blob(&file["inlineData"], place)?;
            }
        }
        _ => {}
    }
    let Some(signature) = signature(part) else {
        return Ok(());
    };
    let is_ours = STANDARD
        .decode(signature)
        .is_ok_and(|bytes| bytes.starts_with(SIGNATURE.as_bytes()));
    if is_ours || signature == FOREIGN && *data == "functionCall" {
        Ok(())
    } else {
        Err(invalid("Thought signature is not valid."))
    }
}

fn blob(blob: &Value, place: &str) -> Result<(), Refusal> {
    let blob = object(blob, &format!("{place}.inline_data"))?;
    known(
        blob,
        &["mimeType", "data", "displayName"],
        &format!("{place}.inline_data"),
    )?;
    let mime = get(blob, "mimeType").and_then(Value::as_str).unwrap_or_default();
    if !TYPES.contains(&mime) {
        return Err(invalid(format!("Unsupported MIME type: {mime}")));
    }
    let data = get(blob, "data").and_then(Value::as_str).unwrap_or_default();
    match STANDARD.decode(data) {
        Ok(bytes) if !bytes.is_empty() => Ok(()),
        _ => Err(invalid(format!(
            "Invalid value at '{place}.inline_data.data' (TYPE_BYTES), Base64 decoding failed for \"{data}\""
        ))),
    }
}

fn name(function: &Map<String, Value>, place: &str) -> Result<(), Refusal> {
    match function.get("name").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => Ok(()),
        _ => Err(invalid(format!(
            "* GenerateContentRequest.{place}.name: Name cannot be empty.\n"
        ))),
    }
}

/// The same turn as messages of the fake's own requests: one for the words and files, one for each result.
fn messages(role: &str, parts: &[Value]) -> Vec<Value> {
    let mut messages = Vec::new();
    let mut content = Vec::new();
    for part in parts {
        let members = part.as_object();
        let has = |name: &str| members.and_then(|members| get(members, name));
        let is_image = |data: &Value| data["mimeType"].as_str().is_some_and(|mime| mime.starts_with("image/"));
        if let (Some(text), None) = (has("text"), has("thought")) {
            content.push(json!({"type": "text", "text": text}));
        } else if has("inlineData").or_else(|| has("fileData")).is_some_and(is_image) {
            content.push(json!({"type": "image_url"}));
        } else if let Some(answer) = has("functionResponse") {
            let response = &answer["response"];
            let text = [&response["output"], &response["error"]]
                .into_iter()
                .find_map(Value::as_str);
            let text = text.map_or_else(|| response.to_string(), str::to_owned);
            messages.push(json!({"role": "tool", "content": text}));
        }
    }
    if !content.is_empty() {
        let role = if role == "model" { "assistant" } else { "user" };
        messages.push(json!({"role": role, "content": content}));
    }
    messages
}
