//! Where the calls of a provider go. Made once for each state of its row: to read an address takes longer than to send to it.

use ::http::Uri;
use domain::catalog::{ProviderKind, Wire};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use crate::providers::SendProblem;

/// The addresses of one provider.
#[derive(Clone, Debug)]
pub struct Addresses(Known);

#[derive(Clone, Debug)]
enum Known {
    Openai(Box<Openai>),
    Anthropic {
        messages: Uri,
        count: Uri,
    },
    /// What comes before a model's name.
    Google {
        models: String,
    },
    Ollama {
        chat: Uri,
        embed: Uri,
    },
}

#[derive(Clone, Debug)]
struct Openai {
    chat: Uri,
    responses: Uri,
    completions: Uri,
    embeddings: Uri,
    images: Uri,
}

/// What stays as it is within one part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Addresses {
    /// Below this base URL, or the kind's own.
    ///
    /// # Errors
    /// Why it makes no address.
    pub fn of(kind: ProviderKind, base_url: Option<&str>) -> Result<Self, String> {
        let uri = |path| parse(below(kind, base_url, path)?.as_str());
        Ok(Self(match kind {
            ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated => {
                Known::Openai(Box::new(Openai {
                    chat: uri("chat/completions")?,
                    responses: uri("responses")?,
                    completions: uri("completions")?,
                    embeddings: uri("embeddings")?,
                    images: uri("images/generations")?,
                }))
            }
            ProviderKind::Anthropic => Known::Anthropic {
                messages: uri("messages")?,
                count: uri("messages/count_tokens")?,
            },
            ProviderKind::Google => Known::Google {
                models: below(kind, base_url, "models/")?.into(),
            },
            ProviderKind::Ollama => Known::Ollama {
                chat: uri("api/chat")?,
                embed: uri("api/embed")?,
            },
        }))
    }

    /// Of a call in this wire, to the model `slug`.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn of_call(&self, wire: Wire, slug: &str, stream: bool) -> Result<Uri, String> {
        match (&self.0, wire) {
            (Known::Openai(of), Wire::OpenaiChat) => Ok(of.chat.clone()),
            (Known::Openai(of), Wire::OpenaiResponses) => Ok(of.responses.clone()),
            (Known::Openai(of), Wire::OpenaiCompletions) => Ok(of.completions.clone()),
            (Known::Openai(of), Wire::OpenaiEmbeddings) => Ok(of.embeddings.clone()),
            (Known::Openai(of), Wire::OpenaiImages) => Ok(of.images.clone()),
            (Known::Anthropic { messages, .. }, Wire::AnthropicMessages) => Ok(messages.clone()),
            (Known::Google { models }, Wire::GoogleGenerate | Wire::GoogleEmbed) => {
                let slug = slug.strip_prefix("models/").unwrap_or(slug);
                let task = match (wire, stream) {
                    (Wire::GoogleEmbed, _) => "batchEmbedContents",
                    (_, true) => "streamGenerateContent?alt=sse",
                    (_, false) => "generateContent",
                };
                parse(&format!("{models}{}:{task}", utf8_percent_encode(slug, PART)))
            }
            (Known::Ollama { chat, .. }, Wire::OllamaChat) => Ok(chat.clone()),
            (Known::Ollama { embed, .. }, Wire::OllamaEmbed) => Ok(embed.clone()),
            (_, wire) => Err(format!("this kind of provider is not asked in {wire:?}")),
        }
    }

    /// Where tokens are counted before anything is asked, for providers that count themselves.
    pub(super) fn of_count(&self) -> Option<Uri> {
        match &self.0 {
            Known::Anthropic { count, .. } => Some(count.clone()),
            Known::Openai(_) | Known::Google { .. } | Known::Ollama { .. } => None,
        }
    }
}

/// The address with what goes on of a client's query.
pub(super) fn with_query(address: Uri, query: Option<&str>) -> Result<Uri, SendProblem> {
    let Some(query) = query else { return Ok(address) };
    let sign = if address.query().is_some() { '&' } else { '?' };
    parse(&format!("{address}{sign}{query}")).map_err(SendProblem::Address)
}

fn parse(address: &str) -> Result<Uri, String> {
    address.parse().map_err(|_| "the base URL makes no address".to_owned())
}

/// What a kind's paths begin with, and what people add to its base URL although it is part of the paths.
const fn ends(kind: ProviderKind) -> (Option<&'static str>, &'static [&'static str]) {
    match kind {
        ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated => (None, &[]),
        ProviderKind::Anthropic => (Some("v1"), &[]),
        ProviderKind::Google => (Some("v1beta"), &[]),
        ProviderKind::Ollama => (None, &["/v1", "/api"]),
    }
}

/// The address of a path below the base URL; of one of its host when it begins with a slash. People give base URLs with and
/// without the version, as the clients of these services do.
pub(super) fn below(kind: ProviderKind, base_url: Option<&str>, path: &str) -> Result<Url, String> {
    let base = base_url.or(kind.default_base_url()).unwrap_or_default();
    let mut base = base.trim_end_matches('/');
    let (version, beside) = ends(kind);
    for end in beside {
        base = base.strip_suffix(end).unwrap_or(base);
    }
    // Google has several versions.
    let is_version = |part: &str| {
        let rest = part.strip_prefix('v');
        rest.is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
    };
    let version = match version.filter(|_| !base.rsplit('/').next().is_some_and(is_version)) {
        Some(version) => format!("{version}/"),
        None => String::new(),
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
    fn a_query_stands_behind_the_path() {
        let with = |address: &str, query| {
            let address = with_query(address.parse().unwrap(), query);
            address.unwrap().to_string()
        };
        assert_eq!(
            with("https://a.example/v1/messages", None),
            "https://a.example/v1/messages"
        );
        assert_eq!(
            with("https://a.example/v1/messages", Some("beta=true")),
            "https://a.example/v1/messages?beta=true"
        );
        assert_eq!(
            with("https://a.example/x?a=b", Some("beta=true")),
            "https://a.example/x?a=b&beta=true"
        );
    }

    #[test]
    fn base_urls_may_leave_out_the_version() {
        let of = |kind, base| below(kind, base, "x").map(String::from).unwrap();
        let anthropic = |base| of(ProviderKind::Anthropic, base);
        for base in [
            None,
            Some("https://api.anthropic.com"),
            Some("https://api.anthropic.com/v1/"),
        ] {
            assert_eq!(anthropic(base), "https://api.anthropic.com/v1/x");
        }
        assert_eq!(
            anthropic(Some("https://a.example/anthropic")),
            "https://a.example/anthropic/v1/x"
        );
        let google = |base| of(ProviderKind::Google, base);
        assert_eq!(google(Some("https://g.example")), "https://g.example/v1beta/x");
        assert_eq!(google(Some("https://g.example/v1")), "https://g.example/v1/x");
        for base in ["http://o.example:1", "http://o.example:1/v1", "http://o.example:1/api/"] {
            assert_eq!(of(ProviderKind::Ollama, Some(base)), "http://o.example:1/x");
        }
    }

    #[test]
    fn a_models_name_cannot_change_where_a_call_goes() {
        let google = Addresses::of(ProviderKind::Google, Some("https://g.example/v1beta")).unwrap();
        let of = |slug, stream| google.of_call(Wire::GoogleGenerate, slug, stream).unwrap().to_string();
        assert_eq!(
            of("models/gemini-2.5-pro", false),
            "https://g.example/v1beta/models/gemini-2.5-pro:generateContent"
        );
        assert_eq!(
            of("../x?key=1#", true),
            "https://g.example/v1beta/models/..%2Fx%3Fkey%3D1%23:streamGenerateContent?alt=sse"
        );
        assert!(google.of_call(Wire::OpenaiChat, "m", false).is_err());
    }
}
