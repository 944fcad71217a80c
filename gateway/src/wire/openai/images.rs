//! Pictures in OpenAI's dialect: `POST /v1/images/generations`. `scan` reads what a call needs to know; where the provider
//! speaks the same, bytes pass, and `usage` reads what it counted; `members` knows what a request may say where it is paid, and `cut` takes
//! pictures away that nobody asked for. For a provider with another wire the request is read whole
//! (`read`), and the answer is written in OpenAI's shape.
//!
//! Sources: openai-openapi, `CreateImageRequest` and `ImagesResponse`; openai-python `images.py`.

mod cut;
mod members;
mod read;
mod scan;
pub(crate) mod usage;

use serde::Serialize;

use crate::wire::canonical::{End, picture::Picture};

pub(crate) use cut::first;
pub(crate) use read::read;
pub(crate) use scan::scan;

/// `ImagesResponse`.
#[derive(Serialize)]
struct Whole<'a> {
    created: i64,
    data: Vec<Image<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_format: Option<&'a str>,
    usage: Told,
}

#[derive(Serialize)]
struct Image<'a> {
    b64_json: &'a str,
}

/// `ImageGenUsage`.
#[derive(Serialize)]
struct Told {
    input_tokens: u64,
    input_tokens_details: Parts,
    output_tokens: u64,
    total_tokens: u64,
}

#[derive(Serialize)]
struct Parts {
    image_tokens: u64,
    text_tokens: u64,
}

/// The body of an answer with these pictures.
pub(crate) fn write(pictures: &[Picture], end: &End, created: i64) -> Vec<u8> {
    let (input, output) = (end.usage.input_total(), end.usage.output_total());
    let format = pictures.first().and_then(|picture| picture.mime.strip_prefix("image/"));
    let whole = Whole {
        created,
        data: pictures
            .iter()
            .map(|picture| Image {
                b64_json: &picture.base64,
            })
            .collect(),
        output_format: format,
        usage: Told {
            input_tokens: input,
            input_tokens_details: Parts {
                image_tokens: end.usage.input_image,
                text_tokens: input.saturating_sub(end.usage.input_image),
            },
            output_tokens: output,
            total_tokens: input.saturating_add(output),
        },
    };
    // Texts and numbers always are JSON.
    serde_json::to_vec(&whole).unwrap_or_default()
}
