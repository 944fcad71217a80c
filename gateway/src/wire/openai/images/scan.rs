//! What a call for pictures needs to know before anybody is asked: how many, of which kind, and what they begin with.

use domain::{call::Endpoint, price::ImageKind};

use super::super::{
    super::{
        RequestProblem,
        json::{self, Value},
        scanned::{Files, Scanned},
    },
    data_url,
    images::members,
    request,
};

fn problem(param: &'static str, code: &'static str, message: &str) -> RequestProblem {
    RequestProblem {
        message: message.to_owned(),
        param: Some(param.into()),
        code,
    }
}

/// Reads a request.
///
/// # Errors
/// [`RequestProblem`] when it is not a JSON object, when a member that decides something has the wrong type, is missing or
/// stands there twice, or when it asks for a stream.
pub(crate) fn scan(body: &[u8]) -> Result<Scanned, RequestProblem> {
    let mut scanned = request::scan(Endpoint::Images, body)?;
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let (mut size, mut quality) = (None, None);
    let (mut streams, mut twice) = (false, None);
    let mut files = Files::default();
    // It was read before, so it can be read again.
    json::read_object(text, |member| {
        if scanned.foreign.is_none() && !members::is_known(&member) {
            scanned.foreign = Some(members::shown(&member.name));
        }
        match &*member.name {
            "prompt" => scanned.prompt_bytes += member.value.text_bytes,
            "size" if size.is_some() => twice = Some("size"),
            "size" => size = Some(member.value),
            "quality" if quality.is_some() => twice = Some("quality"),
            "quality" => quality = Some(member.value),
            "stream" => streams |= member.value.as_bool() == Some(true),
            "image" | "images" | "mask" => pictures(&member.value, &mut files),
            _ => {}
        }
    })
    .ok();
    if let Some(name) = twice {
        let message = format!("The field '{name}' stands in the request more than once.");
        return Err(problem(name, "duplicate_field", &message));
    }
    if streams {
        let sentence = "Pictures are not streamed here: leave 'stream' out, and they come when they are done.";
        return Err(problem("stream", "unsupported_parameter", sentence));
    }
    let kind = ImageKind::asked(word("size", size)?.as_deref(), word("quality", quality)?.as_deref());
    scanned.picture = Some(kind);
    scanned.unlimited = scanned.unlimited.filter(|name| *name == "n");
    scanned.bytes = scanned.bytes.saturating_sub(files.image_bytes);
    files.kept = files.kept.or(scanned.files.kept);
    scanned.files = files;
    Ok(scanned)
}

fn word(name: &'static str, value: Option<Value<'_>>) -> Result<Option<String>, RequestProblem> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let wrong = || {
        let message = format!("Invalid type for '{name}': expected a string.");
        problem(name, "invalid_type", &message)
    };
    value.as_str().map(|text| Some(text.into_owned())).ok_or_else(wrong)
}

/// One picture to begin with, or several: each a text, or an object that holds one.
fn pictures(value: &Value<'_>, files: &mut Files) {
    if value.raw().starts_with(b"[") {
        value.elements(|one| pictures(&one, files));
    } else if value.is_object() {
        value.members(|member| match &*member.name {
            "image_url" | "url" => picture(&member.value, files),
            name if name.ends_with("_id") && !member.value.is_null() => files.keeps(name),
            _ => {}
        });
    } else if !value.is_null() {
        picture(value, files);
    }
}

fn picture(value: &Value<'_>, files: &mut Files) {
    let Some(text) = value.as_str() else { return };
    let written = (value.raw().len() as u64).saturating_sub(2);
    match data_url::is_content(text.as_bytes()) {
        true => {
            let kind = text.get(5..).and_then(|rest| rest.split([';', ',']).next());
            files.embedded(kind.unwrap_or_default(), written);
        }
        false => files.image_at(Some(&text)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(body: &str) -> (String, &'static str) {
        let problem = scan(body.as_bytes()).unwrap_err();
        (problem.param.unwrap_or_default().into_owned(), problem.code)
    }

    #[test]
    fn how_many_and_of_which_kind() {
        let scanned = scan(br#"{"model":"m","prompt":"a cat","n":3,"size":"1536x1024","quality":"High"}"#).unwrap();
        assert_eq!((scanned.choices, scanned.chat, scanned.stream), (3, false, false));
        assert_eq!(scanned.picture.unwrap().to_string(), "1536x1024/high");
        assert_eq!((scanned.prompt_bytes, scanned.files.count), (5, 0));
        let plain = scan(br#"{"model":"m","prompt":"x","size":null,"stream":false}"#).unwrap();
        assert_eq!(
            (plain.choices, plain.picture.unwrap().to_string().as_str()),
            (1, "auto/auto")
        );
        for n in ["0", "-1", "\"2\"", "1.5", "129"] {
            let scanned = scan(format!(r#"{{"model":"m","prompt":"x","n":{n}}}"#).as_bytes()).unwrap();
            assert_eq!(scanned.unlimited, Some("n"), "{n}");
        }
    }

    #[test]
    fn what_the_price_does_not_know_is_named() {
        let foreign = |member: &str| {
            let scanned = scan(format!(r#"{{"model":"m","prompt":"x",{member}}}"#).as_bytes()).unwrap();
            scanned.foreign
        };
        for (member, name) in [
            (r#""batch_size":4"#, "batch_size"),
            (r#""num_images":8"#, "num_images"),
            (r#""number_of_images":8"#, "number_of_images"),
            (r#""num_return_sequences":8"#, "num_return_sequences"),
            (r#""image_size":"4096x4096""#, "image_size"),
            (r#""width":4096"#, "width"),
            (r#""height":4096"#, "height"),
            (r#""resolution":"4K""#, "resolution"),
            (r#""aspect_ratio":"1:1""#, "aspect_ratio"),
            (r#""parameters":{"n":8,"size":"4096x4096"}"#, "parameters"),
            (r#""steps":100"#, "steps"),
            (r#""num_inference_steps":100"#, "num_inference_steps"),
            (r#""extra":{}"#, "extra"),
            (r#""b\u0061tch_size":4"#, "batch_size"),
            (r#""Batch_Size":4"#, "Batch_Size"),
            (r#""seed":1,"samples":2,"steps":3"#, "samples"),
            // Known ones, with values that cost more or nobody knows.
            (r#""partial_images":3"#, "partial_images"),
            (r#""stream":"yes""#, "stream"),
            (r#""style":"vector_illustration""#, "style"),
            (r#""output_format":"gif""#, "output_format"),
            (r#""output_format":"svg""#, "output_format"),
            (r#""frame_count":16"#, "frame_count"),
            (r#""input_fidelity":"high""#, "input_fidelity"),
            (r#""prompt":["x","y"]"#, "prompt"),
            (r#""prompt":{"text":"x"}"#, "prompt"),
        ] {
            assert_eq!(foreign(member).as_deref(), Some(name), "{member}");
        }
        for member in [
            r#""n":2,"size":"1024x1024","quality":"high""#,
            r#""image":"data:image/png;base64,AAAA","images":[],"mask":null"#,
            r#""background":"transparent","moderation":"low","user":"u","safety_identifier":"s""#,
            r#""output_format":"webp","output_compression":80,"response_format":"url""#,
            r#""style":"natural","input_fidelity":"low","stream":false,"partial_images":0"#,
            r#""seed":7,"negative_prompt":"dogs","guidance_scale":2.5,"watermark":true"#,
            r#""simulated":{"delay_ms":3}"#,
            r#""batch_size":null"#,
            // What has no price whatever is asked for is told as that.
            r#""service_tier":"priority","sequential_image_generation":"auto""#,
        ] {
            assert_eq!(foreign(member), None, "{member}");
        }
        let long = format!(r#""{}":1"#, "a".repeat(9_999));
        assert_eq!(foreign(&long).map(|name| name.len()), Some(100));
    }

    #[test]
    fn pictures_to_begin_with_are_counted() {
        let body = br#"{"model":"m","prompt":"x","image":["data:image/png;base64,AAAA",{"image_url":"https://a.example/b.png"}]}"#;
        let scanned = scan(body).unwrap();
        assert_eq!((scanned.files.count, scanned.files.addresses.len()), (2, 1));
        assert!(scanned.bytes < body.len() as u64 && scanned.files.images);
        // What is no picture is read as a text.
        let odd = format!(
            r#"{{"model":"m","prompt":"x","image":"data:image/png, {}"}}"#,
            "word ".repeat(99)
        );
        assert_eq!(scan(odd.as_bytes()).unwrap().bytes, odd.len() as u64);
        let kept = scan(br#"{"model":"m","prompt":"x","images":[{"file_id":"file-1"}]}"#).unwrap();
        assert_eq!(kept.files.kept.as_deref(), Some("file_id"));
    }

    #[test]
    fn what_decides_must_be_what_it_is() {
        assert_eq!(refused(r#"{"prompt":"x"}"#), ("model".into(), "missing_model"));
        assert_eq!(refused(r#"{"model":"m","size":1024}"#), ("size".into(), "invalid_type"));
        assert_eq!(
            refused(r#"{"model":"m","size":"a","size":"b"}"#),
            ("size".into(), "duplicate_field")
        );
        assert_eq!(
            refused(r#"{"model":"m","quality":"a","quality":"b"}"#),
            ("quality".into(), "duplicate_field")
        );
        assert_eq!(refused(r#"{"model":"m","n":1,"n":2}"#), ("n".into(), "duplicate_field"));
        assert_eq!(
            refused(r#"{"model":"m","stream":true}"#),
            ("stream".into(), "unsupported_parameter")
        );
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), image in ".{0,40}") {
            let _ = scan(&body);
            let image = serde_json::Value::from(image);
            let _ = scan(format!(r#"{{"model":"m","image":[{image},{{"url":{image}}}]}}"#).as_bytes());
        }
    }
}
