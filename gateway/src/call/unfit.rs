//! What a model is for, against what it is asked for: who asks a chat model for embeddings is told so before anybody is asked or paid.
//! A model that no row of the table knows, and a service that serves models its own way, may be asked for anything.

use domain::{
    call::{Dialect, Endpoint, Fault},
    catalog::{Abilities, ProviderKind, Task, Wire},
};

use super::CallError;

/// The refusal, where the table is sure.
pub(super) fn unfit(dialect: Dialect, kind: ProviderKind, slug: &str, abilities: &Abilities) -> Option<CallError> {
    let what = is_for(dialect, kind, slug, abilities)?;
    Some(CallError {
        param: Some("model".to_owned()),
        ..CallError::new(
            Fault::Caller,
            400,
            "unsupported_by_provider",
            format!("The model '{slug}' {what}. `GET /v1/models` tells what each model is for."),
        )
    })
}

/// What is said of a model that is asked for what it is not for.
fn is_for(dialect: Dialect, kind: ProviderKind, slug: &str, abilities: &Abilities) -> Option<&'static str> {
    // The simulated one says itself what its models are for.
    if !abilities.known || kind == ProviderKind::Simulated {
        return None;
    }
    let asked = dialect.endpoint();
    if abilities.task == Task::Embeddings {
        return (asked != Endpoint::Embeddings)
            .then_some("makes embeddings and nothing else: ask it by `/v1/embeddings`");
    }
    // Ollama and others make embeddings with any model, and some let models draw in a chat.
    let openais = kind == ProviderKind::Openai;
    match asked {
        Endpoint::Embeddings if openais || kind == ProviderKind::Google => Some("makes no embeddings"),
        Endpoint::Images if openais && !abilities.draws() => Some("draws nothing"),
        Endpoint::Chat if openais && abilities.task == Task::Images => {
            Some("draws and does not talk: ask it by `/v1/images/generations`")
        }
        Endpoint::Chat if openais && abilities.task == Task::Other => Some("does not talk"),
        Endpoint::Chat if openais && only_completes(slug) && dialect != Dialect::OpenaiCompletions => {
            Some("only completes texts: ask it by `/v1/completions`")
        }
        Endpoint::Embeddings | Endpoint::Images | Endpoint::Chat => None,
    }
}

fn only_completes(slug: &str) -> bool {
    Wire::of(ProviderKind::Openai, slug, Dialect::OpenaiCompletions) == Wire::OpenaiCompletions
}

#[cfg(test)]
mod tests {
    use domain::catalog::ProviderKind::{Anthropic, Google, Ollama, Openai, OpenaiCompatible, Simulated};

    use super::*;

    #[test]
    fn only_who_is_sure_to_be_refused_is_not_asked() {
        use Dialect::{AigneChat, AnthropicMessages, OpenaiChat, OpenaiCompletions, OpenaiEmbeddings, OpenaiImages};
        for (kind, slug, dialect, fits) in [
            (Openai, "gpt-4o", OpenaiEmbeddings, false),
            (Openai, "gpt-4o", OpenaiImages, false),
            (Openai, "gpt-4o", OpenaiChat, true),
            (Openai, "gpt-4o", OpenaiCompletions, true),
            (Openai, "text-embedding-3-small", OpenaiEmbeddings, true),
            (Openai, "text-embedding-3-small", OpenaiChat, false),
            (Openai, "text-embedding-3-small", OpenaiImages, false),
            (Openai, "gpt-image-1", OpenaiImages, true),
            (Openai, "gpt-image-1", AnthropicMessages, false),
            (Openai, "whisper-1", OpenaiChat, false),
            (Openai, "gpt-3.5-turbo-instruct", OpenaiChat, false),
            (Openai, "gpt-3.5-turbo-instruct", OpenaiCompletions, true),
            (Openai, "davinci-002", AigneChat, false),
            (Openai, "gpt-4o-audio-preview", OpenaiChat, true),
            (Openai, "ft:something", OpenaiEmbeddings, true),
            (Openai, "something-new", OpenaiImages, true),
            (Google, "gemini-2.5-flash", OpenaiEmbeddings, false),
            (Google, "gemini-embedding-001", OpenaiEmbeddings, true),
            (Google, "gemini-embedding-001", AigneChat, false),
            (Google, "gemini-2.5-flash-image", OpenaiChat, true),
            (Google, "gemini-2.5-flash-image", OpenaiImages, true),
            (Anthropic, "claude-haiku-4-5", AnthropicMessages, true),
            (Ollama, "llama3.2", OpenaiEmbeddings, true),
            (Ollama, "nomic-embed-text", OpenaiChat, false),
            (OpenaiCompatible, "llama-3.3-70b", OpenaiEmbeddings, true),
            (OpenaiCompatible, "black-forest-labs/flux.2-pro", OpenaiChat, true),
            (OpenaiCompatible, "text-embedding-v4", OpenaiChat, false),
            (Simulated, "embed", OpenaiChat, true),
        ] {
            let refused = unfit(dialect, kind, slug, &Abilities::of(kind, slug));
            assert_eq!(refused.is_none(), fits, "{kind:?} {slug} {dialect:?}");
            assert!(refused.is_none_or(|error| error.status == 400 && error.message.contains(slug)));
        }
    }
}
