//! Pictures: the checks of `CreateImageRequest` and the shape of `ImagesResponse` (openai-openapi). What each model takes and how
//! many tokens a picture has: OpenAI's guide "Image generation". The picture is always the same, of one point.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::catalogue::Ability;
use super::check::{self, fields};
use super::fault::Fault;
use super::refusal::Refusal;
use super::usage::words;

/// A PNG of one point.
pub(crate) const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// What a family of models takes.
struct Family {
    known: &'static [&'static str],
    sizes: &'static [&'static str],
    qualities: &'static [&'static str],
    most: i64,
    longest: usize,
}

const GPT: Family = Family {
    known: &[
        "background",
        "model",
        "moderation",
        "n",
        "output_compression",
        "output_format",
        "partial_images",
        "prompt",
        "quality",
        "size",
        "stream",
        "user",
    ],
    sizes: &["1024x1024", "1024x1536", "1536x1024", "auto"],
    qualities: &["low", "medium", "high", "auto"],
    most: 10,
    longest: 32_000,
};
const DALL_E_3: Family = Family {
    known: &[
        "model",
        "n",
        "prompt",
        "quality",
        "response_format",
        "size",
        "style",
        "user",
    ],
    sizes: &["1024x1024", "1024x1792", "1792x1024"],
    qualities: &["standard", "hd"],
    most: 1,
    longest: 4_000,
};
const DALL_E_2: Family = Family {
    known: &["model", "n", "prompt", "quality", "response_format", "size", "user"],
    sizes: &["256x256", "512x512", "1024x1024"],
    qualities: &["standard"],
    most: 10,
    longest: 1_000,
};

/// The answer to a request for pictures.
pub(crate) fn answer(body: &Value) -> Result<Value, Refusal> {
    let body = check::object(body)?;
    let (model, ability) = check::model(body)?;
    if ability != Ability::Drawing && Fault::of_model(&model).is_none() {
        let refusal = Refusal::invalid(format!("The model '{model}' does not support image generation."));
        return Err(refusal
            .param("model")
            .code("invalid_value")
            .status(StatusCode::BAD_REQUEST));
    }
    let family = match model.as_str() {
        "dall-e-3" => DALL_E_3,
        "dall-e-2" => DALL_E_2,
        _ => GPT,
    };
    check::unknown(body, family.known)?;
    let prompt = fields::text(body, "prompt")?.ok_or_else(|| fields::missing("prompt"))?;
    if prompt.is_empty() || prompt.chars().count() > family.longest {
        let refusal = Refusal::invalid(format!(
            "Invalid 'prompt': expected a string of 1 to {} characters.",
            family.longest
        ));
        return Err(refusal.param("prompt").code("invalid_value"));
    }
    let count = fields::integer(body, "n", 1, family.most)?.unwrap_or(1);
    let size = one_of(body, "size", family.sizes)?;
    let quality = one_of(body, "quality", family.qualities)?;
    let address = one_of(body, "response_format", &["url", "b64_json"])? != Some("b64_json");
    fields::text(body, "user")?;
    one_of(body, "output_format", &["png", "jpeg", "webp"])?;
    one_of(body, "background", &["transparent", "opaque", "auto"])?;
    one_of(body, "moderation", &["low", "auto"])?;
    one_of(body, "style", &["vivid", "natural"])?;
    fields::integer(body, "output_compression", 0, 100)?;
    fields::integer(body, "partial_images", 0, 3)?;
    if fields::switch(body, "stream")? == Some(true) {
        return Err(Refusal::invalid("This fake streams no pictures.").param("stream"));
    }
    let (gpt, revised) = (family.most == 10 && family.longest == 32_000, model == "dall-e-3");
    let picture = |number: i64| {
        let mut picture = match address && !gpt {
            true => json!({ "url": format!("https://pictures.example.test/{number}.png") }),
            false => json!({ "b64_json": PICTURE }),
        };
        if revised {
            picture["revised_prompt"] = json!(format!("{prompt}, in detail"));
        }
        picture
    };
    let data: Vec<Value> = (0..count).map(picture).collect();
    let mut whole = json!({ "created": 1_700_000_000, "data": data });
    if gpt {
        let (size, quality) = (drawn(size, "1024x1024"), drawn(quality, "medium"));
        let (asked, drawn) = (words(prompt) as u64, tokens(quality, size) * count.unsigned_abs());
        whole["background"] = json!("opaque");
        whole["output_format"] = json!(fields::text(body, "output_format")?.unwrap_or("png"));
        whole["size"] = json!(size);
        whole["quality"] = json!(quality);
        whole["usage"] = json!({
            "total_tokens": asked + drawn,
            "input_tokens": asked,
            "output_tokens": drawn,
            "input_tokens_details": { "text_tokens": asked, "image_tokens": 0 },
        });
    }
    Ok(whole)
}

fn one_of<'a>(body: &'a Map<String, Value>, name: &str, known: &[&str]) -> Result<Option<&'a str>, Refusal> {
    match fields::text(body, name)? {
        Some(value) if !known.contains(&value) => Err(fields::unsupported(name, value, known)),
        value => Ok(value),
    }
}

/// What is drawn where the model decides.
fn drawn<'a>(asked: Option<&'a str>, usual: &'a str) -> &'a str {
    asked.filter(|asked| *asked != "auto").unwrap_or(usual)
}

/// Of one picture.
fn tokens(quality: &str, size: &str) -> u64 {
    match (quality, size) {
        ("low", "1024x1024") => 272,
        ("low", "1024x1536") => 408,
        ("low", _) => 400,
        ("medium", "1024x1024") => 1_056,
        ("medium", "1024x1536") => 1_584,
        ("medium", _) => 1_568,
        (_, "1024x1024") => 4_160,
        (_, "1024x1536") => 6_240,
        _ => 6_208,
    }
}
