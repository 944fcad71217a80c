//! Pictures of Gemini's models: `generateContent` with the modality `IMAGE`. One picture an answer, which comes as a part with
//! bytes; what is said beside it nobody has asked for.
//!
//! Source: <https://ai.google.dev/gemini-api/docs/image-generation>.

use serde_json::{Map, Value, json};

use super::chunk::State;
use crate::wire::canonical::{
    Dropped, Event, Finish, ReadProblem, Report, Source, Target, Unspeakable,
    picture::{Drawing, Picture, Wanted},
};

/// Sizes that clients of OpenAI name, and the shapes that Google knows instead.
const SHAPES: [(&str, &str); 6] = [
    ("1024x1024", "1:1"),
    ("1536x1024", "3:2"),
    ("1024x1536", "2:3"),
    ("1792x1024", "16:9"),
    ("1024x1792", "9:16"),
    ("1344x768", "16:9"),
];
/// Shapes that Google knows.
const KNOWN: [&str; 10] = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];

/// Writes the request.
///
/// # Errors
/// [`Unspeakable`] for several pictures, and for a model that draws by another method.
pub(crate) fn write(wanted: &Wanted, target: &Target<'_>) -> Result<(Vec<u8>, Vec<Dropped>), Unspeakable> {
    let name = target.slug.strip_prefix("models/").unwrap_or(target.slug);
    if !name.starts_with("gemini-") {
        return Err(unspeakable(
            "model",
            "Of this provider's models only those of Gemini that draw can be asked for pictures. Choose one like gemini-2.5-flash-image.",
        ));
    }
    if wanted.count > 1 {
        return Err(unspeakable(
            "n",
            "This model draws one picture at a time. Ask for one, several times.",
        ));
    }
    let mut dropped: Vec<Dropped> = wanted.extra.iter().map(|name| Dropped(name.clone())).collect();
    let mut config = Map::new();
    config.insert("responseModalities".to_owned(), json!(["TEXT", "IMAGE"]));
    if let Some(size) = &wanted.size {
        match shape(size) {
            Some(shape) => {
                config.insert("imageConfig".to_owned(), json!({ "aspectRatio": shape }));
            }
            None => dropped.push(Dropped("size".to_owned())),
        }
    }
    let from = wanted
        .from
        .iter()
        .map(|picture| json!({"inlineData": {"mimeType": picture.mime, "data": picture.base64}}));
    let parts: Vec<Value> = from.chain([json!({"text": wanted.prompt})]).collect();
    let body = json!({
        "contents": [{"role": "user", "parts": parts}],
        "generationConfig": config,
    });
    dropped.sort();
    // A tree of values always is JSON.
    Ok((serde_json::to_vec(&body).unwrap_or_default(), dropped))
}

fn shape(size: &str) -> Option<&'static str> {
    let of_size = SHAPES.iter().find(|(known, _)| *known == size).map(|(_, shape)| *shape);
    of_size.or_else(|| KNOWN.into_iter().find(|shape| *shape == size))
}

fn unspeakable(param: &str, message: &str) -> Unspeakable {
    Unspeakable {
        message: message.to_owned(),
        param: param.to_owned(),
    }
}

/// Reads the answer.
///
/// # Errors
/// [`ReadProblem`].
pub(crate) fn answer(body: &[u8]) -> Result<(Drawing, Option<Report>), ReadProblem> {
    let (mut state, mut events) = (State::default(), Vec::new());
    state.read(body, &mut events)?;
    let mut drawing = Drawing::default();
    for event in events {
        match event {
            Event::File(file) => {
                if let Source::Data { mime, base64 } = file.source
                    && mime.starts_with("image/")
                    && !base64.is_empty()
                {
                    drawing.pictures.push(Picture { mime, base64 });
                }
            }
            Event::Finish(Finish::ContentFilter) => drawing.refused = state.finish_reason.clone(),
            _ => {}
        }
    }
    Ok((drawing, state.counts.report().cloned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TARGET: Target<'static> = Target {
        slug: "gemini-2.5-flash-image",
        cap: None,
    };

    #[test]
    fn a_shape_is_told_where_google_knows_it() {
        let of = |size: &str| {
            let wanted = Wanted {
                prompt: "a cat".to_owned(),
                count: 1,
                size: Some(size.to_owned()),
                extra: vec!["quality".to_owned()],
                ..Wanted::default()
            };
            let (body, dropped) = write(&wanted, &TARGET).unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let dropped: Vec<String> = dropped.into_iter().map(|dropped| dropped.0).collect();
            (
                body["generationConfig"]["imageConfig"]["aspectRatio"].clone(),
                dropped.join(","),
            )
        };
        assert_eq!(of("1536x1024"), (json!("3:2"), "quality".to_owned()));
        assert_eq!(of("21:9"), (json!("21:9"), "quality".to_owned()));
        assert_eq!(of("512x512"), (Value::Null, "quality,size".to_owned()));
    }

    #[test]
    fn what_it_does_not_draw_is_refused() {
        let refused = |count, slug| {
            let wanted = Wanted {
                prompt: "a cat".to_owned(),
                count,
                ..Wanted::default()
            };
            write(&wanted, &Target { slug, cap: None }).map_err(|problem| problem.param)
        };
        assert_eq!(refused(2, TARGET.slug), Err("n".to_owned()));
        assert_eq!(refused(1, "imagen-4.0-generate-001"), Err("model".to_owned()));
        assert!(refused(1, "models/gemini-2.5-flash-image").is_ok());
    }

    #[test]
    fn pictures_come_as_parts_and_refusals_as_reasons() {
        let body = br#"{"candidates":[{"content":{"parts":[{"text":"Here."},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":1290,"totalTokenCount":1294,"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]}}"#;
        let (drawing, report) = answer(body).unwrap();
        assert_eq!(drawing.pictures.len(), 1);
        assert_eq!(report.unwrap().usage.unwrap().output_image, 1_290);
        let empty = br#"{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":""}}]},"finishReason":"STOP"}]}"#;
        assert_eq!(answer(empty).unwrap().0.pictures, []);
        let none = answer(br#"{"candidates":[{"finishReason":"IMAGE_SAFETY"}]}"#)
            .unwrap()
            .0;
        assert_eq!(
            (none.pictures.len(), none.refused.as_deref()),
            (0, Some("IMAGE_SAFETY"))
        );
        let blocked = answer(br#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}"#)
            .unwrap()
            .0;
        assert_eq!(blocked.refused.as_deref(), Some("PROHIBITED_CONTENT"));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = answer(&body);
        }
    }
}
