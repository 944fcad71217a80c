//! Tells pictures in both shapes. What a provider gives as an address stays one; what it gives as bytes is a file, which the
//! client takes in the place of an address.

use serde::{Deserialize, Serialize};

use super::{
    super::{
        super::canonical::{End, Ids},
        bare,
        usage::{self, Told},
    },
    Shape,
};

/// What of OpenAI's answer matters.
#[derive(Deserialize)]
struct Answered {
    data: Vec<Image>,
    #[serde(default)]
    output_format: Option<String>,
}

#[derive(Deserialize)]
struct Image {
    #[serde(default)]
    b64_json: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Framework<'a> {
    images: Vec<File<'a>>,
    usage: Told<'a>,
    model: &'a str,
    model_with_provider: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum File<'a> {
    Url {
        url: &'a str,
        #[serde(rename = "mimeType")]
        mime: &'a str,
    },
    File {
        data: &'a str,
        #[serde(rename = "mimeType")]
        mime: &'a str,
    },
}

#[derive(Serialize)]
struct Generations<'a> {
    images: &'a [Spelt<'a>],
    data: &'a [Spelt<'a>],
    model: &'a str,
    usage: Told<'a>,
}

/// A picture under all the names that clients of the original look for.
#[derive(Serialize)]
struct Spelt<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b64_json: Option<&'a str>,
    #[serde(rename = "b64Json", skip_serializing_if = "Option::is_none")]
    b64: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

/// The answer, made of OpenAI's. None when that is not what it should be.
#[must_use]
pub fn answer(shape: Shape, openai: &[u8], end: &End, ids: &Ids) -> Option<Vec<u8>> {
    let answered: Answered = serde_json::from_slice(openai).ok()?;
    let (model, told) = (bare(&ids.model), usage::told(end, ids));
    let written = match shape {
        Shape::Framework => {
            let format = answered.output_format.as_deref();
            serde_json::to_vec(&Framework {
                images: answered
                    .data
                    .iter()
                    .map(|image| file(image, format))
                    .collect::<Option<_>>()?,
                usage: told,
                model,
                model_with_provider: &ids.model,
            })
        }
        Shape::Generations => {
            let images: Vec<Spelt<'_>> = answered.data.iter().map(spelt).collect::<Option<_>>()?;
            serde_json::to_vec(&Generations {
                images: &images,
                data: &images,
                model,
                usage: told,
            })
        }
    };
    written.ok()
}

fn file<'a>(image: &'a Image, format: Option<&str>) -> Option<File<'a>> {
    match (&image.b64_json, &image.url) {
        (Some(data), _) => Some(File::File { data, mime: mime(data) }),
        (None, Some(url)) => Some(File::Url {
            url,
            mime: match format {
                Some("jpeg") => "image/jpeg",
                Some("webp") => "image/webp",
                _ => "image/png",
            },
        }),
        (None, None) => None,
    }
}

fn spelt(image: &Image) -> Option<Spelt<'_>> {
    let (base64, url) = (image.b64_json.as_deref(), image.url.as_deref());
    (base64.is_some() || url.is_some()).then_some(Spelt {
        base64,
        b64_json: base64,
        b64: base64,
        url,
    })
}

/// The type that the first bytes tell, in base64.
fn mime(base64: &str) -> &'static str {
    const BEGINNINGS: [(&str, &str); 3] = [("/9j/", "image/jpeg"), ("UklGR", "image/webp"), ("R0lGOD", "image/gif")];
    let known = BEGINNINGS.iter().find(|(beginning, _)| base64.starts_with(beginning));
    known.map_or("image/png", |(_, mime)| mime)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::super::{super::canonical::Finish, golden},
        *,
    };

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in any::<prop::sample::Index>(), data in ".{0,12}") {
            let (end, ids) = (golden::end(Finish::Stop), golden::ids());
            let whole = serde_json::json!({"data": [{"b64_json": data}, {"url": data}], "output_format": data}).to_string();
            let damaged = [&whole.as_bytes()[..cut.index(whole.len())], &bytes].concat();
            for shape in [Shape::Framework, Shape::Generations] {
                prop_assert!(answer(shape, whole.as_bytes(), &end, &ids).is_some());
                for body in [&bytes, &damaged] {
                    let told = answer(shape, body, &end, &ids);
                    prop_assert!(told.is_none_or(|told| told.len() > 2));
                }
            }
        }
    }

    #[test]
    fn pictures_are_told_in_both_shapes() {
        let (end, ids) = (golden::end(Finish::Stop), golden::ids());
        let bytes = golden::input("images/openai.in.json");
        for (shape, file) in [
            (Shape::Framework, "images/framework.out.json"),
            (Shape::Generations, "images/generations.out.json"),
        ] {
            golden::expect(file, &answer(shape, &bytes, &end, &ids).unwrap());
            for none in [&b"{}"[..], br#"{"data":[{}]}"#, br#"{"data":7}"#] {
                assert_eq!(answer(shape, none, &end, &ids), None);
            }
        }
    }
}
