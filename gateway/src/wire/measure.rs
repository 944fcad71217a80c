//! Measures a request that was read as a whole, for dialects whose bytes never pass. Called by `speech`.

use super::{
    canonical::{File, FileKind, Part, Request, Source, request::Format},
    named,
    openai::request::unpriced,
    scanned::{self, Files, Scanned},
};

/// The figures of a request that came as so many bytes.
pub(super) fn measure(request: Request, body: usize) -> Scanned {
    let (mut files, mut text) = (Files::default(), 0);
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        of_part(part, &mut files, &mut text);
    }
    for tool in &request.tools {
        text += tool.name.len() as u64 + tool.description.as_ref().map_or(0, String::len) as u64;
        text += tool.schema.to_string().len() as u64;
    }
    text += of_format(&request.format);
    let mut scanned = Scanned {
        model: request.model.clone(),
        stream: request.stream,
        include_usage: true,
        chat: true,
        prompt_bytes: text,
        token_numbers: 0,
        bytes: (body as u64).saturating_sub(files.image_bytes),
        files,
        tools: !request.tools.is_empty(),
        output_limit: request.max_tokens.filter(|tokens| *tokens > 0),
        least_output: 0,
        choices: 1,
        picture: None,
        audio: false,
        predicted: 0,
        unlimited: None,
        unpriced: None,
        foreign: None,
        continues: false,
        before: None,
        asked: super::responses::echo::Repeated::NOTHING,
        places: scanned::Places::Read(Box::default()),
    };
    note_extra(&request, &mut scanned);
    scanned.places = scanned::Places::Read(Box::new(request));
    scanned
}

/// What stands in a request beside its text.
pub(super) fn files(request: &Request) -> Files {
    let (mut files, mut text) = (Files::default(), 0);
    named::all(request, |file| of_file(file, &mut files, &mut text));
    files
}

/// Members without a common word are passed on by wires that know them: what of these no price counts, or no limit, and what names
/// something that a provider keeps.
pub(super) fn note_extra(request: &Request, scanned: &mut Scanned) {
    for (name, value) in &request.extra {
        scanned.unpriced = scanned.unpriced.or_else(|| unpriced::of_extra(name, value));
        scanned.files.note_kept(unpriced::kept_in_extra(name, value));
        match name.as_str() {
            "audio" => scanned.audio |= !value.is_null(),
            "container" if names_container(value) => {
                scanned.files.kept.get_or_insert_with(|| name.clone());
            }
            "prediction" => scanned.predicted += value.to_string().len() as u64,
            _ => {}
        }
    }
}

/// It names a machine with what somebody has left there: by its id alone, or beside the skills that it is to have.
fn names_container(value: &serde_json::Value) -> bool {
    value.get("id").unwrap_or(value).is_string()
}

/// A schema is told to the model, with all its names.
fn of_format(format: &Format) -> u64 {
    match format {
        Format::JsonSchema {
            description, schema, ..
        } => (description.as_ref().map_or(0, String::len) + schema.to_string().len()) as u64,
        Format::Text | Format::JsonObject => 0,
    }
}

fn of_part(part: &Part, files: &mut Files, text: &mut u64) {
    match part {
        Part::Text { text: said, .. } | Part::Refusal(said) => *text += said.len() as u64,
        Part::Thought(thought) => *text += thought.text.len() as u64,
        Part::ToolCall(call) => *text += (call.name.len() + call.arguments.len()) as u64,
        Part::ToolResult(result) => result.parts.iter().for_each(|part| of_part(part, files, text)),
        Part::File(file) => of_file(file, files, text),
    }
}

fn of_file(file: &File, files: &mut Files, text: &mut u64) {
    match &file.source {
        Source::Data { mime, base64 } => {
            let mime = match file.kind {
                FileKind::Image => mime,
                FileKind::Document => "application/pdf",
                FileKind::Audio => "audio/wav",
                FileKind::Video => "video/mp4",
            };
            files.embedded(mime, base64.len() as u64);
        }
        Source::Url(url) if file.kind == FileKind::Image => files.image_at(Some(url)),
        Source::Url(url) => {
            files.named("url");
            files.lies_at(Some(url));
        }
        Source::Id(_) => files.keeps("file_id"),
        Source::Text(said) => *text += said.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::canonical::{Message, Role};

    #[test]
    fn a_request_that_was_read_is_measured_by_its_parts() {
        let file = |source| {
            Part::File(File {
                kind: FileKind::Image,
                source,
                name: None,
                detail: None,
                cache: None,
            })
        };
        let request = Request {
            model: "m".to_owned(),
            max_tokens: Some(5),
            messages: vec![Message {
                role: Role::User,
                parts: vec![
                    Part::text("1234"),
                    file(Source::Data {
                        mime: "image/png".to_owned(),
                        base64: "AAAA".to_owned(),
                    }),
                    file(Source::Url("https://example.com".to_owned())),
                    file(Source::Id("f".to_owned())),
                ],
                name: None,
            }],
            ..Request::default()
        };
        let mut costly = request.clone();
        costly.extra.insert("speed".to_owned(), "fast".into());
        assert_eq!(measure(costly, 100).unpriced, Some("speed"));
        for (container, kept) in [
            (serde_json::json!("container_1"), Some("container")),
            (
                serde_json::json!({"id": "container_1", "skills": []}),
                Some("container"),
            ),
            (serde_json::json!({"id": null, "skills": []}), None),
            (serde_json::json!({"skills": []}), None),
        ] {
            let mut naming = Request {
                messages: Vec::new(),
                ..request.clone()
            };
            naming.extra.insert("container".to_owned(), container.clone());
            assert_eq!(measure(naming, 100).files.kept.as_deref(), kept, "{container}");
        }
        let scanned = measure(request, 100);
        assert_eq!(scanned.unpriced, None);
        assert_eq!(
            (scanned.bytes, scanned.prompt_bytes, scanned.output_limit),
            (96, 4, Some(5))
        );
        assert_eq!(
            (scanned.files.count, scanned.files.unmeasured.as_deref()),
            (3, Some("file_id"))
        );
    }
}
