//! Reads both shapes. Whatever has no name here goes on under OpenAI's spelling of it, as the framework lets its users send any
//! option of a model (`outputFormat` is `output_format`).

use serde_json::{Map, Value, json};

use super::{
    super::{
        super::{RequestProblem, canonical::Source, openai::data_url},
        fields::{self, Fields, missing, wrong},
        media,
    },
    Asked, DEFAULT_MODEL, Shape,
};

/// Members that speak to the hub or to the framework, not to the model.
const OURS: [&str; 11] = [
    "model",
    "modelOptions",
    "prompt",
    "image",
    "n",
    "outputFileType",
    "preferInputFileType",
    "userContext",
    "memories",
    "agent",
    "options",
];

/// The same request in OpenAI's words.
///
/// # Errors
/// [`RequestProblem`] when it is not what its shape says.
pub fn read(shape: Shape, body: &[u8]) -> Result<Asked, RequestProblem> {
    let whole = fields::parse(body)?;
    let top = Fields::of(&whole, "");
    let empty = Map::new();
    let (members, options) = match shape {
        Shape::Generations => (&whole, &empty),
        Shape::Framework => {
            let input = top.get(&["input"]);
            let input = input.ok_or_else(|| missing("input", "Send what is to be drawn as 'input.prompt'."))?;
            let input = input.as_object().ok_or_else(|| wrong("input", "input", "an object"))?;
            let options = match input.get("modelOptions").filter(|options| !options.is_null()) {
                Some(options) => {
                    let wrong = || wrong("input.modelOptions", "input.modelOptions", "an object");
                    options.as_object().ok_or_else(wrong)?
                }
                None => &empty,
            };
            (input, options)
        }
    };
    let place = match shape {
        Shape::Framework => "input",
        Shape::Generations => "",
    };
    let fields = Fields::of(members, place);
    let model = match Fields::of(options, "input.modelOptions").text(&["model"])? {
        Some(model) => Some(model),
        None => match fields.text(&["model"])? {
            Some(model) => Some(model),
            None => top.text(&["model"])?,
        },
    };
    let model = model.filter(|model| !model.is_empty()).unwrap_or(DEFAULT_MODEL);
    let prompt = fields.text(&["prompt"])?.filter(|prompt| !prompt.is_empty());
    let prompt = prompt.ok_or_else(|| match shape {
        Shape::Framework => missing("input.prompt", "Say in 'input.prompt' what is to be drawn."),
        Shape::Generations => missing("prompt", "Say in 'prompt' what is to be drawn."),
    })?;
    let mut request = Map::new();
    request.insert("model".to_owned(), Value::from(model));
    request.insert("prompt".to_owned(), Value::from(prompt));
    if let Some(count) = fields.whole(&["n"])? {
        request.insert("n".to_owned(), json!(count));
    }
    let from = pictures(fields)?;
    if !from.is_empty() {
        request.insert("image".to_owned(), Value::from(from));
    }
    for (name, value) in options.iter().chain(members) {
        if !OURS.contains(&name.as_str()) && !value.is_null() {
            request.insert(snake(name), value.clone());
        }
    }
    Ok(Asked {
        model: model.to_owned(),
        body: Value::Object(request).to_string().into_bytes(),
    })
}

/// The pictures to begin with, as addresses or as addresses that are content.
fn pictures(fields: Fields<'_>) -> Result<Vec<Value>, RequestProblem> {
    let Some(image) = fields.get(&["image"]) else {
        return Ok(Vec::new());
    };
    let param = if fields.param.is_empty() {
        "image"
    } else {
        "input.image"
    };
    let list = match image {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    let one = |picture: &Value| {
        let source = match picture {
            Value::String(text) => media::from_url(text),
            other => {
                let item = Fields::within(other, param, param)?;
                let kind = item.text(&["type"])?.unwrap_or("url");
                media::read(&item, kind, None)?.source
            }
        };
        match source {
            Source::Data { mime, base64 } => Ok(Value::from(data_url::write(&mime, &base64))),
            Source::Url(url) => Ok(Value::from(url)),
            Source::Text(_) | Source::Id(_) => Err(wrong(param, param, "a picture")),
        }
    };
    list.into_iter().map(one).collect()
}

/// `outputFormat` as `output_format`.
fn snake(name: &str) -> String {
    let mut written = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            written.push('_');
        }
        written.push(letter.to_ascii_lowercase());
    }
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn body(shape: Shape, text: &str) -> Value {
        serde_json::from_slice(&read(shape, text.as_bytes()).unwrap().body).unwrap()
    }

    #[test]
    fn both_shapes_become_openais() {
        let framework = r#"{"input":{"prompt":"a cat","n":2,"size":"1024x1024","outputFormat":"webp","image":[{"type":"file","data":"AAAA","mimeType":"image/jpeg"},{"type":"url","url":"https://a.example/b.png"}],"modelOptions":{"model":"openai/gpt-image-1","quality":"high"},"outputFileType":"url"},"agent":"$CHAT_MODEL","options":{"streaming":false}}"#;
        assert_eq!(
            body(Shape::Framework, framework),
            json!({
                "model": "openai/gpt-image-1", "prompt": "a cat", "n": 2, "size": "1024x1024", "output_format": "webp",
                "image": ["data:image/jpeg;base64,AAAA", "https://a.example/b.png"], "quality": "high",
            })
        );
        let older = r#"{"prompt":"a cat","responseFormat":"b64_json","size":null,"image":"https://a.example/b.png"}"#;
        assert_eq!(
            body(Shape::Generations, older),
            json!({"model": "openai/dall-e-2", "prompt": "a cat", "response_format": "b64_json", "image": ["https://a.example/b.png"]})
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (shape, text, param) in [
            (Shape::Framework, "{}", "input"),
            (Shape::Framework, r#"{"input":"a cat"}"#, "input"),
            (
                Shape::Framework,
                r#"{"input":{"modelOptions":{"model":"m"}}}"#,
                "input.prompt",
            ),
            (Shape::Framework, r#"{"input":{"prompt":7}}"#, "input.prompt"),
            (
                Shape::Framework,
                r#"{"input":{"prompt":"x","modelOptions":7}}"#,
                "input.modelOptions",
            ),
            (
                Shape::Framework,
                r#"{"input":{"prompt":"x","image":[{"type":"local","path":"/a"}]}}"#,
                "input.image",
            ),
            (Shape::Generations, "{}", "prompt"),
            (Shape::Generations, r#"{"prompt":"x","n":"two"}"#, "n"),
        ] {
            let problem = read(shape, text.as_bytes()).unwrap_err();
            assert_eq!(problem.param.as_deref(), Some(param), "{text}: {}", problem.message);
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), name in ".{0,12}") {
            for shape in [Shape::Framework, Shape::Generations] {
                let _ = read(shape, &bytes);
                let _ = read(shape, json!({"prompt": "x", "input": {"prompt": "x", &name: 1}, &name: "y"}).to_string().as_bytes());
            }
        }
    }
}
