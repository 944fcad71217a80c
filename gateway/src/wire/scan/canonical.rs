//! Measures a request that was read as a whole, for dialects whose bytes never pass.

use super::super::{
    canonical::{File, FileKind, Part, Request, Source},
    scanned::{self, Files, Scanned},
};

/// The figures of a request that came as so many bytes.
pub(in super::super) fn measure(request: Request, body: usize) -> Scanned {
    let (mut files, mut text) = (Files::default(), 0);
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        of_part(part, &mut files, &mut text);
    }
    for tool in &request.tools {
        text += tool.name.len() as u64 + tool.description.as_ref().map_or(0, String::len) as u64;
        text += tool.schema.to_string().len() as u64;
    }
    Scanned {
        model: request.model.clone(),
        stream: request.stream,
        include_usage: true,
        chat: true,
        prompt_bytes: text,
        bytes: (body as u64).saturating_sub(files.image_bytes),
        files,
        tools: !request.tools.is_empty(),
        output_limit: request.max_tokens.filter(|tokens| *tokens > 0),
        choices: 1,
        audio: false,
        predicted: 0,
        unlimited: None,
        unpriced: None,
        places: scanned::Places::Read(Box::new(request)),
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
        Source::Url(_) if file.kind == FileKind::Image => files.image_at(),
        Source::Url(_) => files.named("url"),
        Source::Id(_) => files.named("file_id"),
        Source::Text(said) => *text += said.len() as u64,
    }
}
