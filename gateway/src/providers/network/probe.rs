//! Asks for the models, and whether the credential is accepted, without a call that costs.
//!
//! Most services list their models only to those they know, so the list is the proof. Where everybody gets it, the preset
//! names another path that proves the credential. A server that has neither says nothing about the credential at all.

use std::time::Duration;

use ::http::header::CONTENT_TYPE;
use domain::{catalog::ProviderKind, provider::Health};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::timeout;

use super::{
    super::{Listed, Probed, SendProblem, words},
    address::below,
    identify,
};
use crate::{
    CredentialEntry, ProviderEntry, http,
    secrets::mask,
    wire::{json, openai::error},
};

/// Largest list of models that is read.
const LIST_LIMIT: usize = 8 << 20;
/// More models than any service has.
const LIST_LENGTH: usize = 5_000;
/// More pages than any service has.
const MOST_PAGES: usize = 20;
/// An admin waits for each answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Proves the credential where the preset says how, then asks for the models.
pub(in super::super) async fn probe(provider: &ProviderEntry, credential: Option<&CredentialEntry>) -> Probed {
    let proof = match (provider.proof, credential) {
        (Some(path), Some(_)) => Some(ask(provider, credential, path).await),
        _ => None,
    };
    let proved = proof.as_ref().map(Answer::health);
    if let Some(answer) = proof.filter(|answer| answer.health() == Health::Failing) {
        return answer.probed(Health::Failing, None);
    }
    let (listed, models) = list(provider, credential).await;
    // An open list says that the server is there, and nothing about the credential.
    let told = match (listed.health(), &models) {
        (Health::Good, None) => Health::Failing,
        (Health::Good, Some(_)) if provider.proof.is_some() => Health::Unknown,
        (health, _) => health,
    };
    match proved {
        Some(Health::Good) => listed.probed(Health::Good, models),
        Some(Health::Unknown | Health::Failing) | None => listed.probed(told, models),
    }
}

/// Asks for the list, page by page. What a later page fails at is no fault of the first, but then there may be more models.
async fn list<'a>(provider: &ProviderEntry, credential: Option<&'a CredentialEntry>) -> (Answer<'a>, Option<Names>) {
    let first = match provider.kind {
        ProviderKind::Anthropic => "models?limit=1000",
        ProviderKind::Google => "models?pageSize=1000",
        ProviderKind::Ollama => "api/tags",
        ProviderKind::Openai | ProviderKind::OpenaiCompatible | ProviderKind::Simulated => "models",
    };
    let answer = ask(provider, credential, first).await;
    let mut found = answer.body().and_then(names);
    let mut next = answer.body().and_then(|body| next_page(first, body));
    let mut pages = 1;
    while let (Some(path), Some(known)) = (next.take(), &mut found) {
        known.cut |= pages == MOST_PAGES || known.models.len() >= LIST_LENGTH;
        if known.cut {
            break;
        }
        let page = ask(provider, credential, &path).await;
        let Some((body, more)) = page.body().and_then(|body| Some((body, names(body)?))) else {
            known.cut = true;
            break;
        };
        known.models.extend(more.models);
        known.cut |= more.cut;
        next = next_page(first, body);
        pages += 1;
    }
    if let Some(known) = &mut found {
        known.models.sort_unstable();
        known.models.dedup_by(|one, other| one.slug == other.slug);
    }
    (answer, found)
}

/// Where a list goes on: Anthropic says `has_more` and `last_id`, Google `nextPageToken`.
fn next_page(first: &str, body: &[u8]) -> Option<String> {
    let list: serde_json::Value = serde_json::from_slice(body).ok()?;
    let (name, token) = match (list["has_more"].as_bool(), list["nextPageToken"].as_str()) {
        (Some(true), _) => ("after_id", list["last_id"].as_str()?),
        (_, Some(token)) => ("pageToken", token),
        _ => return None,
    };
    let token = utf8_percent_encode(token, NON_ALPHANUMERIC);
    (first.contains('?')).then(|| format!("{first}&{name}={token}"))
}

/// What came of one question.
struct Answer<'a> {
    outcome: Result<(u16, Vec<u8>), String>,
    secret: &'a str,
}

impl Answer<'_> {
    /// 404 and 405 say that the question has no place here. They say nothing about calls.
    fn health(&self) -> Health {
        match &self.outcome {
            Ok((200..=299, _)) => Health::Good,
            Ok((404 | 405, _)) => Health::Unknown,
            Ok(_) | Err(_) => Health::Failing,
        }
    }

    /// The body of a success.
    fn body(&self) -> Option<&[u8]> {
        match &self.outcome {
            Ok((200..=299, body)) => Some(body),
            Ok(_) | Err(_) => None,
        }
    }

    fn probed(self, health: Health, found: Option<Names>) -> Probed {
        let words = match &self.outcome {
            Ok((200..=299, _)) if found.is_some() => String::new(),
            Ok((200..=299, _)) => words::NO_LIST.to_owned(),
            Ok((_, body)) => {
                let said = error::read(body).message;
                if said.trim().is_empty() {
                    words::WORDLESS.to_owned()
                } else {
                    said
                }
            }
            Err(words) => words.clone(),
        };
        Probed {
            health,
            cut: found.as_ref().is_some_and(|found| found.cut),
            models: found.map(|found| found.models),
            status: self.outcome.ok().map(|(status, _)| status),
            message: mask(&words, &[self.secret]),
        }
    }
}

async fn ask<'a>(provider: &ProviderEntry, credential: Option<&'a CredentialEntry>, path: &str) -> Answer<'a> {
    let outcome = match timeout(PATIENCE, get(provider, credential, path)).await {
        Ok(answered) => answered.map_err(|problem| problem.to_string()),
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
    };
    Answer {
        outcome,
        secret: credential.map_or("", |known| known.secret.expose()),
    }
}

fn not_asked(error: reqwest::Error) -> SendProblem {
    SendProblem::Broken(words(&error.without_url()))
}

async fn get(
    provider: &ProviderEntry,
    credential: Option<&CredentialEntry>,
    path: &str,
) -> Result<(u16, Vec<u8>), SendProblem> {
    let address = below(provider.kind, provider.base_url.as_deref(), path).map_err(SendProblem::Address)?;
    let mut headers = http::request_headers(false);
    headers.remove(CONTENT_TYPE);
    identify(provider.kind, credential, &mut headers);
    let request = provider.clients.questions.get(address).headers(headers);
    let mut response = request.send().await.map_err(not_asked)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(not_asked)? {
        if body.len() + piece.len() > LIST_LIMIT {
            return Err(SendProblem::Broken(words::LONG_LIST.to_owned()));
        }
        body.extend_from_slice(&piece);
    }
    Ok((status, body))
}

/// What services call the number of tokens that a model takes: Anthropic, Google, OpenRouter and Together, Groq, vLLM, Mistral.
const CONTEXT: [&str; 6] = [
    "max_input_tokens",
    "inputTokenLimit",
    "context_length",
    "context_window",
    "max_model_len",
    "max_context_length",
];

/// Google's model answers or makes embeddings.
fn is_callable(methods: &json::Value<'_>) -> bool {
    let mut found = false;
    methods.elements(|method| {
        let method = method.as_str();
        found |= matches!(method.as_deref(), Some("generateContent" | "embedContent"));
    });
    found
}

/// The models of a list, each once and in order.
struct Names {
    models: Vec<Listed>,
    /// It has more.
    cut: bool,
}

/// The models in `{"data":[{"id":…}]}`; a bare array and `models` instead of `data` are understood too.
fn names(body: &[u8]) -> Option<Names> {
    std::str::from_utf8(body).ok()?;
    let whole = json::read(body).ok()?;
    let list = if whole.is_object() {
        whole.member("data").or_else(|| whole.member("models"))?
    } else {
        whole
    };
    if !list.raw().starts_with(b"[") {
        return None;
    }
    let (mut listed, mut cut) = (Vec::<Listed>::new(), false);
    list.elements(|model| {
        let name = model
            .as_str()
            .or_else(|| model.member("id")?.as_str())
            .or_else(|| model.member("name")?.as_str());
        // Google writes its models as paths, and lists what makes no text too.
        let name = name.map(|name| match name.strip_prefix("models/") {
            Some(bare) => bare.to_owned().into(),
            None => name,
        });
        if model
            .member("supportedGenerationMethods")
            .is_some_and(|does| !is_callable(&does))
        {
            return;
        }
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            if listed.len() == LIST_LENGTH {
                cut = true;
                return;
            }
            let told = CONTEXT.iter().find_map(|field| model.member(field)?.as_u64());
            listed.push(Listed {
                slug: name.into_owned(),
                context_tokens: told
                    .and_then(|tokens| u32::try_from(tokens).ok())
                    .filter(|tokens| *tokens > 0),
            });
        }
    });
    listed.sort_unstable();
    listed.dedup_by(|one, other| one.slug == other.slug);
    Some(Names { models: listed, cut })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LIST_LENGTH, Listed, next_page};

    fn names(body: &[u8]) -> Option<Vec<Listed>> {
        super::names(body).map(|found| found.models)
    }

    proptest! {
        /// Whatever a list is cut or filled with: nothing panics, names are there and each once.
        #[test]
        fn no_list_makes_it_panic(
            noise in prop::collection::vec(any::<u8>(), 0..100),
            cut in any::<prop::sample::Index>(),
            id in ".{0,10}",
            tokens in any::<u64>(),
        ) {
            let model = serde_json::json!({"id": id, "name": [id], "context_length": tokens, "supportedGenerationMethods": ["generateContent"]});
            let whole = serde_json::json!({"data": [model, id, tokens, null], "has_more": true, "last_id": id, "nextPageToken": id}).to_string();
            let damaged = [&whole.as_bytes()[..cut.index(whole.len())], &noise].concat();
            for body in [whole.as_bytes(), &noise, &damaged] {
                let _ = next_page("models?limit=1000", body);
                let listed = names(body).unwrap_or_default();
                prop_assert!(listed.len() <= LIST_LENGTH && listed.iter().all(|model| !model.slug.is_empty()));
                prop_assert!(listed.windows(2).all(|pair| pair[0].slug < pair[1].slug));
            }
        }
    }

    #[test]
    fn lists_of_several_pages_go_on() {
        let anthropic = br#"{"data":[{"type":"model","id":"claude-x","max_input_tokens":200000}],"has_more":true,"first_id":"a","last_id":"claude x&y"}"#;
        let next = next_page("models?limit=1000", anthropic);
        assert_eq!(next.as_deref(), Some("models?limit=1000&after_id=claude%20x%26y"));
        let google = br#"{"models":[{"name":"models/gemini-x","inputTokenLimit":1048576,"supportedGenerationMethods":["generateContent","countTokens"]},{"name":"models/imagen","supportedGenerationMethods":["predict"]}],"nextPageToken":"t"}"#;
        assert_eq!(
            next_page("models?pageSize=1000", google).as_deref(),
            Some("models?pageSize=1000&pageToken=t")
        );
        let one = |slug: &str, tokens| Listed {
            slug: slug.to_owned(),
            context_tokens: Some(tokens),
        };
        assert_eq!(names(anthropic), Some(vec![one("claude-x", 200_000)]));
        assert_eq!(names(google), Some(vec![one("gemini-x", 1_048_576)]));
        for last in [
            &br#"{"data":[],"has_more":false,"last_id":"x"}"#[..],
            br#"{"data":[]}"#,
            b"[]",
        ] {
            assert_eq!(next_page("models?limit=1000", last), None);
        }
    }

    #[test]
    fn lists_are_read_in_every_known_shape() {
        let of = |slug: &str, context_tokens| Listed {
            slug: slug.to_owned(),
            context_tokens,
        };
        let wanted = Some(vec![of("a", None), of("b/c", None)]);
        assert_eq!(
            names(br#"{"object":"list","data":[{"id":"b/c","object":"model"},{"id":"a"},{"id":"a"}]}"#),
            wanted
        );
        assert_eq!(names(br#"[{"id":"a"},{"name":"b/c"},{}]"#), wanted);
        assert_eq!(names(br#"{"models":["a","b/c"]}"#), wanted);
        let told = br#"[{"id":"a","context_length":128000},{"id":"b","max_model_len":8192},{"id":"c","context_window":"9"},{"id":"d","context_window":0}]"#;
        let wanted = vec![
            of("a", Some(128_000)),
            of("b", Some(8_192)),
            of("c", None),
            of("d", None),
        ];
        assert_eq!(names(told), Some(wanted));
        assert_eq!(names(br#"{"data":[]}"#), Some(Vec::new()));
        for other in [&b"<html>"[..], b"{}", br#"{"data":{}}"#, b"\xff", b""] {
            assert_eq!(names(other), None);
        }
    }

    #[test]
    fn a_list_that_is_too_long_is_cut_and_says_so() {
        for (count, cut) in [(LIST_LENGTH, false), (LIST_LENGTH + 1, true), (100_000, true)] {
            let names: Vec<_> = (0..count).map(|number| format!("m{number}")).collect();
            let found = super::names(serde_json::json!({ "data": names }).to_string().as_bytes()).unwrap();
            assert_eq!((found.models.len(), found.cut), (LIST_LENGTH, cut), "{count}");
        }
    }
}
