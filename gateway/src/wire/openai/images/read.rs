//! Reads a whole request, for a provider that draws in other words.

use serde_json::{Map, Value};

use super::super::data_url;
use crate::wire::canonical::{
    Source, Unspeakable,
    picture::{Picture, Wanted},
};

/// What goes without saying: it changes nothing of what is drawn, or is done anyway.
fn says_nothing(name: &str, value: &Value) -> bool {
    match name {
        "model" | "user" | "safety_identifier" => true,
        "response_format" => value == "b64_json",
        "quality" | "background" | "moderation" => value == "auto",
        _ => value.is_null(),
    }
}

/// Reads a request.
///
/// # Errors
/// [`Unspeakable`], with the member that is wrong.
pub(crate) fn read(body: &[u8]) -> Result<Wanted, Unspeakable> {
    let body: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| wrong("", "The body of the request is not a JSON object."))?;
    let mut wanted = Wanted {
        count: 1,
        ..Wanted::default()
    };
    for (name, value) in body {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("prompt", Value::String(prompt)) => wanted.prompt = prompt,
            ("n", value) => {
                let count = value.as_u64().filter(|count| *count > 0);
                wanted.count = count.ok_or_else(|| wrong("n", "n must be a whole number above 0."))?;
            }
            ("stream", Value::Bool(false)) => {}
            ("stream", _) => {
                return Err(wrong(
                    "stream",
                    "stream must be false: pictures come when they are done.",
                ));
            }
            ("size", Value::String(size)) => wanted.size = Some(size).filter(|size| size != "auto"),
            ("image" | "images", value) => pictures(value, &mut wanted.from)?,
            (name, value) if says_nothing(name, &value) => {}
            (name, _) => wanted.extra.push(name.to_owned()),
        }
    }
    if wanted.prompt.trim().is_empty() {
        return Err(wrong("prompt", "Say in 'prompt' what is to be drawn."));
    }
    wanted.extra.sort();
    Ok(wanted)
}

fn pictures(value: Value, from: &mut Vec<Picture>) -> Result<(), Unspeakable> {
    match value {
        Value::Array(list) => list.into_iter().try_for_each(|one| pictures(one, from)),
        Value::String(text) => match data_url::source(text) {
            Source::Data { mime, base64 } if mime.starts_with("image/") => {
                from.push(Picture { mime, base64 });
                Ok(())
            }
            _ => Err(content()),
        },
        Value::Object(mut object) => {
            let place = ["image_url", "url"].into_iter().find_map(|name| object.remove(name));
            let text = place.filter(Value::is_string).ok_or_else(content)?;
            pictures(text, from)
        }
        _ => Err(content()),
    }
}

fn content() -> Unspeakable {
    wrong(
        "image",
        "A picture to begin with must be sent as content: data:image/png;base64,…",
    )
}

fn wrong(param: &str, message: &str) -> Unspeakable {
    Unspeakable {
        message: message.to_owned(),
        param: param.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_request_is_read_whole() {
        let wanted = read(br#"{"model":"m","prompt":"a cat","n":1,"size":"1024x1024","quality":"high","response_format":"b64_json","user":"u","stream":false,"image":"data:image/png;base64,AAAA","background":"auto"}"#).unwrap();
        assert_eq!((wanted.prompt.as_str(), wanted.count), ("a cat", 1));
        assert_eq!(wanted.size.as_deref(), Some("1024x1024"));
        assert_eq!(wanted.extra, ["quality"]);
        assert_eq!(
            (wanted.from[0].mime.as_str(), wanted.from[0].base64.as_str()),
            ("image/png", "AAAA")
        );
        for (body, param) in [
            (r#"{"model":"m"}"#, "prompt"),
            (r#"{"prompt":" "}"#, "prompt"),
            (r#"{"prompt":"x","n":0}"#, "n"),
            (r#"{"prompt":"x","stream":"yes"}"#, "stream"),
            (r#"{"prompt":"x","image":"https://a.example/b.png"}"#, "image"),
            (r#"{"prompt":"x","image":[{"file_id":"f"}]}"#, "image"),
        ] {
            assert_eq!(read(body.as_bytes()).unwrap_err().param, param, "{body}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }
    }
}
