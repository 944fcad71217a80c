//! What a request asks of a model that is known to have no such thing: tools, a schema of the answer, eyes and ears. To leave it out
//! would change what is asked, so it is refused, in the caller's words and before anything is held. Where bytes pass the provider
//! refuses in its own, which are the caller's too.

use domain::{
    call::Dialect,
    catalog::{Abilities, Media},
};

use super::super::{
    RequestProblem,
    canonical::{File, FileKind, Format, Part, Request, Source, Unspeakable},
};

/// The first thing that this model lacks, by the table of abilities.
pub(super) fn lacking(request: &Request, abilities: &Abilities, slug: &str, dialect: Dialect) -> Option<Unspeakable> {
    let unread = abilities.unread();
    let mut parts = request.messages.iter().flat_map(|message| &message.parts);
    if let Some(kind) = parts.find_map(|part| unreadable(part, unread)) {
        return Some(refusal(
            &format!(
                "The model '{slug}' takes no {}. Leave them out, or choose a model that does",
                plural(kind)
            ),
            places(dialect).files,
        ));
    }
    if abilities.lacks_tools() && !request.tools.is_empty() {
        return Some(refusal(
            &format!("The model '{slug}' calls no tools. Leave them out, or choose a model that does"),
            places(dialect).tools,
        ));
    }
    let schema = matches!(request.format, Format::JsonSchema { .. });
    (abilities.lacks_schemas() && schema).then(|| {
        refusal(
            &format!(
                "The model '{slug}' cannot be held to a JSON schema. Ask for JSON in words, or choose a model that can"
            ),
            places(dialect).format,
        )
    })
}

/// The same as a problem of the request, for what is found before anybody is asked.
pub(super) fn beforehand(problem: Unspeakable) -> RequestProblem {
    RequestProblem {
        message: problem.message,
        param: Some(problem.param.into()),
        code: "unsupported_by_provider",
    }
}

/// A writer knows no dialect and names members as OpenAI's chat does: the same in the caller's.
pub(super) fn in_words_of(dialect: Dialect, problem: Unspeakable) -> Unspeakable {
    let places = places(dialect);
    let param = match problem.param.as_str() {
        "messages" => places.files,
        "tools" => places.tools,
        "response_format" => places.format,
        _ => return problem,
    };
    Unspeakable {
        param: param.to_owned(),
        ..problem
    }
}

fn refusal(sentence: &str, param: &str) -> Unspeakable {
    Unspeakable {
        message: format!("{sentence}: `GET /v1/models` tells what each can do."),
        param: param.to_owned(),
    }
}

/// Where these stand in a request of a dialect.
struct Places {
    files: &'static str,
    tools: &'static str,
    format: &'static str,
}

const fn places(dialect: Dialect) -> Places {
    let (files, tools, format) = match dialect {
        Dialect::OpenaiResponses => ("input", "tools", "text.format"),
        Dialect::AnthropicMessages => ("messages", "tools", "output_config.format"),
        Dialect::AigneChat => ("input.messages", "input.tools", "input.responseFormat"),
        Dialect::AigneCompletions => ("messages", "tools", "responseFormat"),
        Dialect::OpenaiChat | Dialect::OpenaiCompletions | Dialect::OpenaiEmbeddings | Dialect::OpenaiImages => {
            ("messages", "tools", "response_format")
        }
    };
    Places { files, tools, format }
}

/// The kind of a file that is said to the model, also within a tool's answer, and that it does not read.
fn unreadable(part: &Part, unread: Media) -> Option<FileKind> {
    match part {
        Part::File(file) => unread_kind(file, unread),
        Part::ToolResult(result) => result.parts.iter().find_map(|part| unreadable(part, unread)),
        Part::Text { .. } | Part::Thought(_) | Part::Refusal(_) | Part::ToolCall(_) => None,
    }
}

fn unread_kind(file: &File, unread: Media) -> Option<FileKind> {
    let is_text = match &file.source {
        Source::Text(_) => true,
        Source::Data { mime, .. } => mime.starts_with("text/") || mime == "application/json",
        Source::Url(_) | Source::Id(_) => false,
    };
    let unread = match file.kind {
        FileKind::Image => unread.image,
        FileKind::Document => unread.document && !is_text,
        FileKind::Audio => unread.audio,
        FileKind::Video => unread.video,
    };
    unread.then_some(file.kind)
}

const fn plural(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "pictures",
        FileKind::Document => "documents",
        FileKind::Audio => "sounds",
        FileKind::Video => "films",
    }
}

#[cfg(test)]
mod tests {
    use domain::catalog::ProviderKind::{self, Anthropic, Google, Ollama, Openai, OpenaiCompatible};
    use serde_json::json;

    use super::*;
    use crate::wire::canonical::{Message, Role, Tool, ToolResult};

    fn said(parts: Vec<Part>) -> Request {
        Request {
            messages: vec![Message {
                role: Role::User,
                parts,
                name: None,
            }],
            ..Request::default()
        }
    }

    fn file(kind: FileKind, mime: &str) -> Part {
        Part::File(File {
            kind,
            source: Source::Data {
                mime: mime.to_owned(),
                base64: "AAAA".to_owned(),
            },
            name: None,
            detail: None,
            cache: None,
        })
    }

    fn result(part: Part) -> Part {
        Part::ToolResult(ToolResult {
            id: "c".to_owned(),
            name: None,
            parts: vec![part],
            failed: false,
            cache: None,
        })
    }

    fn refused(request: &Request, kind: ProviderKind, slug: &str, dialect: Dialect) -> Option<(String, String)> {
        lacking(request, &Abilities::of(kind, slug), slug, dialect).map(|problem| (problem.param, problem.message))
    }

    #[test]
    fn files_that_a_model_is_known_not_to_read_are_refused_wherever_they_stand() {
        let picture = || file(FileKind::Image, "image/png");
        for request in [said(vec![Part::text("Hi"), picture()]), said(vec![result(picture())])] {
            for (kind, slug) in [
                (Openai, "gpt-3.5-turbo"),
                (OpenaiCompatible, "deepseek-chat"),
                (Ollama, "llama3.2"),
                (Anthropic, "claude-2.1"),
            ] {
                let (param, words) = refused(&request, kind, slug, Dialect::OpenaiResponses).unwrap();
                assert!(
                    param == "input" && words.contains(slug) && words.contains("no pictures"),
                    "{words}"
                );
            }
            for (kind, slug) in [
                (Openai, "gpt-4o"),
                (Openai, "ft:something"),
                (OpenaiCompatible, "qwen3.5-plus"),
                (Ollama, "llama3.2-vision"),
                (Google, "gemini-2.5-flash"),
            ] {
                assert_eq!(refused(&request, kind, slug, Dialect::OpenaiChat), None, "{slug}");
            }
        }
        let pdf = said(vec![file(FileKind::Document, "application/pdf")]);
        let (param, words) = refused(&pdf, Openai, "gpt-4-turbo", Dialect::AigneChat).unwrap();
        assert!(param == "input.messages" && words.contains("no documents"), "{words}");
        // A text is a text, and some services read documents out.
        let text = said(vec![file(FileKind::Document, "text/plain")]);
        assert_eq!(refused(&text, Openai, "gpt-4-turbo", Dialect::AigneChat), None);
        assert_eq!(
            refused(&pdf, OpenaiCompatible, "openai/gpt-4-turbo", Dialect::OpenaiChat),
            None
        );
        let sound = said(vec![file(FileKind::Audio, "audio/wav")]);
        let (_, words) = refused(&sound, Openai, "gpt-4o", Dialect::AnthropicMessages).unwrap();
        assert!(words.contains("no sounds"), "{words}");
        assert_eq!(
            refused(&sound, Openai, "gpt-4o-audio-preview", Dialect::OpenaiChat),
            None
        );
    }

    #[test]
    fn tools_and_schemas_are_refused_only_where_their_lack_is_sure() {
        let tools = Request {
            tools: vec![Tool {
                name: "f".to_owned(),
                description: None,
                schema: json!({}),
                strict: None,
                cache: None,
            }],
            ..said(vec![Part::text("Hi")])
        };
        let schema = Request {
            format: Format::JsonSchema {
                name: "x".to_owned(),
                description: None,
                schema: json!({"type": "object"}),
                strict: None,
                nulls: false,
            },
            ..said(vec![Part::text("Hi")])
        };
        for (dialect, tools_at, format_at) in [
            (Dialect::OpenaiChat, "tools", "response_format"),
            (Dialect::OpenaiResponses, "tools", "text.format"),
            (Dialect::AnthropicMessages, "tools", "output_config.format"),
            (Dialect::AigneChat, "input.tools", "input.responseFormat"),
            (Dialect::AigneCompletions, "tools", "responseFormat"),
        ] {
            let (param, words) = refused(&tools, Openai, "o1-mini", dialect).unwrap();
            assert!(param == tools_at && words.contains("calls no tools"), "{words}");
            let (param, words) = refused(&schema, Openai, "gpt-3.5-turbo", dialect).unwrap();
            assert!(param == format_at && words.contains("JSON schema"), "{words}");
        }
        for (kind, slug) in [
            (Openai, "gpt-4o"),
            (OpenaiCompatible, "openai/o1-mini"),
            (Ollama, "gemma3"),
            (OpenaiCompatible, "deepseek-chat"),
            (Google, "somebody-new"),
        ] {
            for request in [&tools, &schema] {
                assert_eq!(refused(request, kind, slug, Dialect::OpenaiChat), None, "{slug}");
            }
        }
        let object = Request {
            format: Format::JsonObject,
            ..said(vec![Part::text("Hi")])
        };
        assert_eq!(refused(&object, Openai, "gpt-3.5-turbo", Dialect::OpenaiChat), None);
    }
}
