//! `/api/v2/embeddings`: the framework's request beside OpenAI's, and an answer that readers of both understand. What goes to
//! the engine is OpenAI's embeddings request.
//!
//! The package in which the framework defines embeddings is not public; the original hub spread that package's output over the
//! answer. So the vectors stand here twice: as `embeddings`, in the order of the inputs, and as OpenAI's `data`, which the
//! original's own pages read.

use serde::Serialize;
use serde_json::{Map, Value, json, value::RawValue};

use super::{
    super::{
        RequestProblem,
        canonical::{End, Ids},
    },
    bare, fields,
    fields::{Fields, missing},
    usage::{self, Told},
};

/// A request in OpenAI's words.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    /// The model, as the client names it.
    pub model: String,
    /// The body.
    pub body: Vec<u8>,
    /// Members for which OpenAI has no word, by where they stand.
    pub dropped: Vec<String>,
}

/// Members of OpenAI's request that go on as they are, in either spelling.
const PASSED: [(&str, &[&str]); 2] = [
    ("encoding_format", &["encoding_format", "encodingFormat"]),
    ("user", &["user"]),
];
/// Members that are read here, or speak to the hub or to the framework and not to the model.
const OURS: [&str; 10] = [
    "model",
    "modelOptions",
    "input",
    "dimensions",
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
/// [`RequestProblem`] when it is neither the framework's nor OpenAI's.
pub fn read(body: &[u8]) -> Result<Asked, RequestProblem> {
    let whole = fields::parse(body)?;
    let top = Fields::of(&whole, "");
    // The framework puts everything into an object; OpenAI's input is never one.
    let framework = top.get(&["input"]).filter(|input| input.is_object());
    let fields = match framework {
        Some(input) => Fields::within(input, "input", "input")?,
        None => top,
    };
    let options = fields.object(&["modelOptions"], "input.modelOptions")?;
    let mut model = match &options {
        Some(options) => options.text(&["model"])?,
        None => None,
    };
    if model.is_none() {
        model = fields.text(&["model"])?;
    }
    if model.is_none() {
        model = top.text(&["model"])?;
    }
    let model = model.filter(|model| !model.is_empty());
    let model = model.ok_or_else(|| missing("model", "You must name a model: set 'input.modelOptions.model'."))?;
    let input = fields
        .get(&["input"])
        .filter(|input| input.is_string() || input.is_array());
    let input = input.ok_or_else(|| missing("input", "Send a text or an array of texts as 'input.input'."))?;
    let mut request = Map::new();
    request.insert("model".to_owned(), Value::from(model));
    request.insert("input".to_owned(), input.clone());
    let dimensions = match &options {
        Some(options) => options.whole(&["dimensions"])?,
        None => None,
    };
    let dimensions = match dimensions {
        Some(dimensions) => Some(dimensions),
        None => fields.whole(&["dimensions"])?,
    };
    if let Some(dimensions) = dimensions {
        request.insert("dimensions".to_owned(), json!(dimensions));
    }
    // Numbers are what both readers take; left out, some services send base64.
    request.insert("encoding_format".to_owned(), json!("float"));
    for (name, spellings) in PASSED {
        let said = options.as_ref().and_then(|options| options.get(spellings));
        if let Some(value) = said.or_else(|| fields.get(spellings)) {
            request.insert(name.to_owned(), value.clone());
        }
    }
    let place = if framework.is_some() { "input." } else { "" };
    let mut dropped: Vec<String> = unknown(fields).map(|name| format!("{place}{name}")).collect();
    let within = options.into_iter().flat_map(unknown);
    dropped.extend(within.map(|name| format!("{place}modelOptions.{name}")));
    dropped.sort();
    Ok(Asked {
        model: model.to_owned(),
        body: Value::Object(request).to_string().into_bytes(),
        dropped,
    })
}

/// Members that say something and are told to nobody.
fn unknown(fields: Fields<'_>) -> impl Iterator<Item = &str> {
    let known = |name: &str| OURS.contains(&name) || PASSED.iter().any(|(_, spellings)| spellings.contains(&name));
    fields.names().filter(move |name| !known(name))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    embeddings: Vec<&'a RawValue>,
    data: Vec<Entry<'a>>,
    model: &'a str,
    usage: Told<'a>,
    model_with_provider: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    object: &'static str,
    index: usize,
    embedding: &'a RawValue,
}

/// What of OpenAI's answer matters. The numbers stay as they were written.
#[derive(serde::Deserialize)]
struct Answered<'a> {
    #[serde(borrow)]
    data: Vec<Vector<'a>>,
    #[serde(default)]
    model: Option<String>,
}

#[derive(serde::Deserialize)]
struct Vector<'a> {
    #[serde(default)]
    index: Option<usize>,
    #[serde(borrow)]
    embedding: &'a RawValue,
}

/// The answer, made of OpenAI's. None when that is not what it should be.
#[must_use]
pub fn answer(openai: &[u8], end: &End, ids: &Ids) -> Option<Vec<u8>> {
    let mut answered: Answered<'_> = serde_json::from_slice(openai).ok()?;
    answered.data.sort_by_key(|vector| vector.index);
    let embeddings: Vec<&RawValue> = answered.data.iter().map(|vector| vector.embedding).collect();
    let whole = Whole {
        data: embeddings
            .iter()
            .enumerate()
            .map(|(index, embedding)| Entry {
                object: "embedding",
                index,
                embedding,
            })
            .collect(),
        embeddings,
        model: answered.model.as_deref().unwrap_or_else(|| bare(&ids.model)),
        usage: usage::told(end, ids),
        model_with_provider: &ids.model,
    };
    serde_json::to_vec(&whole).ok()
}

#[cfg(test)]
mod tests {
    use domain::usage::Usage;
    use proptest::prelude::*;

    use super::{
        super::{super::canonical::Finish, golden},
        *,
    };

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in any::<prop::sample::Index>()) {
            let (end, ids) = (golden::end(Finish::Stop), golden::ids());
            let asked = br#"{"input":{"input":["a","b"],"modelOptions":{"model":"m","dimensions":8}}}"#;
            let answered = br#"{"data":[{"index":18446744073709551615,"embedding":[0.1]},{"embedding":"AAAA"}],"model":"e"}"#;
            let damaged = |whole: &[u8]| [&whole[..cut.index(whole.len())], &bytes].concat();
            for bytes in [bytes.clone(), damaged(asked)] {
                let _ = read(&bytes);
            }
            for bytes in [bytes.clone(), damaged(answered)] {
                let told = answer(&bytes, &end, &ids);
                prop_assert!(told.is_none_or(|told| told.len() > 2));
            }
        }
    }

    #[test]
    fn both_shapes_become_openais() {
        let expected =
            br#"{"model":"openai/text-embedding-3-small","input":["a","b"],"dimensions":8,"encoding_format":"float"}"#;
        for body in [
            r#"{"input":{"input":["a","b"],"modelOptions":{"model":"openai/text-embedding-3-small","dimensions":8}},"agent":"x"}"#,
            r#"{"input":{"input":["a","b"],"dimensions":8},"model":"openai/text-embedding-3-small"}"#,
            r#"{"model":"openai/text-embedding-3-small","input":["a","b"],"dimensions":8}"#,
        ] {
            assert_eq!(read(body.as_bytes()).unwrap().body, expected, "{body}");
        }
        for (body, param) in [
            (r#"{"input":"a"}"#, "model"),
            (r#"{"model":"m"}"#, "input"),
            (r#"{"input":{"modelOptions":{"model":"m"}}}"#, "input"),
            (r#"{"model":7,"input":"a"}"#, "model"),
        ] {
            assert_eq!(
                read(body.as_bytes()).unwrap_err().param.as_deref(),
                Some(param),
                "{body}"
            );
        }
    }

    #[test]
    fn what_openai_knows_goes_on_and_the_rest_is_named() {
        let of = |body: &str| {
            let asked = read(body.as_bytes()).unwrap();
            (serde_json::from_slice::<Value>(&asked.body).unwrap(), asked.dropped)
        };
        let wanted = json!({"model": "m", "input": "a", "encoding_format": "base64", "user": "u"});
        for (body, dropped) in [
            (
                r#"{"model":"m","input":"a","encoding_format":"base64","user":"u","truncate":"END","dimensions":null,"x":null}"#,
                vec!["truncate"],
            ),
            (
                r#"{"input":{"input":"a","user":"u","task":"query","modelOptions":{"model":"m","encodingFormat":"base64","inputType":"query"}},"agent":"x","options":{"userContext":{}}}"#,
                vec!["input.modelOptions.inputType", "input.task"],
            ),
        ] {
            let (sent, told) = of(body);
            assert_eq!(
                (sent, told),
                (wanted.clone(), dropped.into_iter().map(str::to_owned).collect()),
                "{body}"
            );
        }
        assert_eq!(
            of(r#"{"input":{"input":"a","modelOptions":{"model":"m"}},"agent":"x"}"#).1,
            Vec::<String>::new()
        );
    }

    #[test]
    fn vectors_keep_their_digits_and_take_their_order() {
        let openai = br#"{"object":"list","data":[{"index":1,"embedding":[0.25,-1e-7]},{"index":0,"embedding":[0.10000000149011612]}],"model":"e"}"#;
        let end = End {
            finish: Finish::Stop,
            usage: Usage {
                input_uncached: 4,
                ..Usage::default()
            },
            charge: Some("0.00000008".to_owned()),
        };
        let ids = Ids {
            call: "call_1".to_owned(),
            model: "openai/e".to_owned(),
            created: 0,
        };
        let written = answer(openai, &end, &ids).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&written),
            concat!(
                r#"{"embeddings":[[0.10000000149011612],[0.25,-1e-7]],"#,
                r#""data":[{"object":"embedding","index":0,"embedding":[0.10000000149011612]},{"object":"embedding","index":1,"embedding":[0.25,-1e-7]}],"#,
                r#""model":"e","usage":{"inputTokens":4,"outputTokens":0,"modelCallId":"call_1","aigneHubCredits":0.00000008,"creditPrefix":"$"},"#,
                r#""modelWithProvider":"openai/e"}"#
            )
        );
        assert_eq!(answer(b"{}", &end, &ids), None);
    }
}
