//! The grid of conversions: every dialect that chats at every wire that answers. `fixtures/grid` holds a file for each of its fields and
//! cases; a dialect, a wire or a case that is added here, or to the domain, is missed there until it has its files.

use domain::{
    call::{Dialect, Endpoint},
    catalog::{ProviderKind, Wire},
};

/// A provider of a wire: what the files call the wire, its kind, and a model that does what the cases ask for.
pub(crate) struct Provider {
    pub name: &'static str,
    pub wire: Wire,
    pub kind: ProviderKind,
    pub slug: &'static str,
}

/// One provider for each wire in which a chat may be asked.
pub(crate) fn providers() -> Vec<Provider> {
    let asked = Wire::ALL.into_iter().filter_map(|wire| {
        let (name, kind, slug) = match wire {
            Wire::OpenaiChat => ("chat", ProviderKind::OpenaiCompatible, "gpt-5-mini"),
            // One of those that only answer there, whatever the client speaks.
            Wire::OpenaiResponses => ("responses", ProviderKind::Openai, "o1-pro"),
            Wire::AnthropicMessages => ("messages", ProviderKind::Anthropic, "claude-haiku-4-5"),
            Wire::GoogleGenerate => ("gemini", ProviderKind::Google, "gemini-3-pro-preview"),
            Wire::OllamaChat => ("ollama", ProviderKind::Ollama, "qwen3-vl:8b"),
            // Only its own dialect is asked in it, byte by byte.
            Wire::OpenaiCompletions => return None,
            Wire::OpenaiEmbeddings | Wire::OpenaiImages | Wire::GoogleEmbed | Wire::OllamaEmbed => return None,
        };
        Some(Provider { name, wire, kind, slug })
    });
    asked.collect()
}

/// The dialects that chat.
pub(crate) fn dialects() -> impl Iterator<Item = Dialect> {
    Dialect::ALL
        .into_iter()
        .filter(|dialect| dialect.endpoint() == Endpoint::Chat)
}

/// What the files call a dialect.
pub(crate) const fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenaiChat => "chat",
        Dialect::OpenaiCompletions => "completions",
        Dialect::OpenaiResponses => "responses",
        Dialect::OpenaiEmbeddings => "embeddings",
        Dialect::OpenaiImages => "images",
        Dialect::AnthropicMessages => "messages",
        Dialect::AigneChat => "aigne",
        Dialect::AigneCompletions => "aigne-completions",
    }
}

/// What is asked in each dialect.
pub(crate) const fn requests(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        // It has prompts alone.
        Dialect::OpenaiCompletions => &["schema", "tools"],
        _ => &["choice", "files", "schema", "thinking", "tools"],
    }
}

/// What is answered in each wire; each is asked for by the request of the same name, others by `tools`.
pub(crate) const fn answers(wire: Wire) -> &'static [&'static str] {
    match wire {
        // It has no word for a refusal.
        Wire::OllamaChat => &["length", "schema", "tools"],
        _ => &["length", "refusal", "schema", "tools"],
    }
}
