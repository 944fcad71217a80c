//! Where the calls of a provider go. Made once for each state of its row: to read an address takes longer than to send to it.

use ::http::Uri;
use domain::catalog::{ProviderKind, Wire};
use reqwest::Url;

/// The addresses of one provider.
#[derive(Clone, Debug)]
pub struct Addresses(Known);

#[derive(Clone, Debug)]
enum Known {
    Openai { chat: Uri, embeddings: Uri },
    Anthropic { messages: Uri },
}

impl Addresses {
    /// Below this base URL, or the kind's own.
    ///
    /// # Errors
    /// Why it makes no address.
    pub fn of(kind: ProviderKind, base_url: Option<&str>) -> Result<Self, String> {
        let uri = |path| {
            let address = below(kind, base_url, path)?;
            address
                .as_str()
                .parse()
                .map_err(|_| "the base URL makes no address".to_owned())
        };
        Ok(Self(match kind {
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated => Known::Openai {
                chat: uri("chat/completions")?,
                embeddings: uri("embeddings")?,
            },
            ProviderKind::Anthropic => Known::Anthropic {
                messages: uri("messages")?,
            },
        }))
    }

    /// Of a call in this wire, to this model.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn of_call(&self, wire: Wire, _slug: &str, _stream: bool) -> Result<Uri, String> {
        match (&self.0, wire) {
            (Known::Openai { chat, .. }, Wire::OpenaiChat) => Ok(chat.clone()),
            (Known::Openai { embeddings, .. }, Wire::OpenaiEmbeddings) => Ok(embeddings.clone()),
            (Known::Anthropic { messages }, Wire::AnthropicMessages) => Ok(messages.clone()),
            (known, wire) => Err(format!("{wire:?} is not spoken at {known:?}")),
        }
    }
}

/// What a kind's paths begin with. People give base URLs with and without it, as the clients of these services do.
const fn version(kind: ProviderKind) -> Option<&'static str> {
    match kind {
        ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated => None,
        ProviderKind::Anthropic => Some("v1"),
    }
}

/// The address of a path below the base URL; of one of its host when it begins with a slash.
pub(super) fn below(kind: ProviderKind, base_url: Option<&str>, path: &str) -> Result<Url, String> {
    let base = base_url.or(kind.default_base_url()).unwrap_or_default();
    let base = base.trim_end_matches('/');
    let version = match version(kind) {
        Some(version) if base.rsplit('/').next() != Some(version) => format!("{version}/"),
        _ => String::new(),
    };
    let url = Url::parse(&format!("{base}/{version}"))
        .and_then(|base| base.join(path))
        .map_err(|error| error.to_string())?;
    if url.has_host() {
        Ok(url)
    } else {
        Err("the base URL names no host".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_may_leave_out_the_version() {
        let of = |base| below(ProviderKind::Anthropic, base, "messages").map(String::from);
        let wanted = Ok("https://api.anthropic.com/v1/messages".to_owned());
        assert_eq!(of(None), wanted);
        assert_eq!(of(Some("https://api.anthropic.com")), wanted);
        assert_eq!(of(Some("https://api.anthropic.com/v1")), wanted);
        assert_eq!(
            of(Some("https://api.example/anthropic")),
            Ok("https://api.example/anthropic/v1/messages".to_owned())
        );
    }
}
