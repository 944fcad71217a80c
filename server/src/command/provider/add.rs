//! `provider add`: from a preset or from its parts, with a credential, and with the models that it lists or that are named.

use clap::Args;
use domain::{
    access::Admin,
    catalog::{PRESETS, Preset, ProviderKind, Quirks, Thoughts, find_preset},
    name::{Label, ModelSlug},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
};
use gateway::{Origin, Providers};
use serde_json::json;

use crate::{
    command::{CommandError, Outcome, open, secret_input},
    config::Config,
};

/// What describes a provider.
#[derive(Debug, Args)]
pub struct Arguments {
    /// openai, openai-compatible, anthropic, google, ollama or simulated; a preset knows its own.
    #[arg(long, required_unless_present = "preset")]
    kind: Option<String>,
    /// First part of its models' names; by default the preset's.
    #[arg(long, required_unless_present = "preset")]
    name: Option<String>,
    /// A known service: openai, anthropic, google, deepseek, xai, openrouter, poe, doubao, mistral, groq, ollama.
    #[arg(long)]
    preset: Option<String>,
    /// What people read; by default the preset's title or the name.
    #[arg(long)]
    title: Option<String>,
    /// Where its API begins, such as http://127.0.0.1:8000/v1.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Read its credential (API key) from standard input.
    #[arg(long)]
    credential_stdin: bool,
    /// What happens when a client leaves in the middle of an answer: cancel (stop the provider and estimate) or drain (let it finish
    /// and take its own count). By default drain for those that are known to bill the whole answer anyway, cancel for others.
    #[arg(long, value_name = "POLICY", value_parser = disconnect)]
    disconnect: Option<DisconnectPolicy>,
    /// The server takes no `stream_options`: it reports usage unasked, or refuses the field.
    #[arg(long)]
    no_stream_options: bool,
    /// The server knows `max_tokens` only; `max_completion_tokens` is renamed.
    #[arg(long)]
    max_tokens_only: bool,
    /// The server's `completion_tokens` leaves reasoning out.
    #[arg(long)]
    reasoning_outside_completion: bool,
    /// The server takes ids of calls of tools of nine letters and digits alone.
    #[arg(long)]
    nine_letter_ids: bool,
    /// The server refuses a JSON schema of the answer and takes `json_object`; the schema is told in words.
    #[arg(long)]
    json_object_only: bool,
    /// In which form the server takes earlier thoughts back: left (not at all), plain (as `reasoning_content`) or details (as
    /// `reasoning_details`, with their proofs).
    #[arg(long, value_name = "FORM", value_parser = thoughts)]
    thoughts: Option<Thoughts>,
    /// A field that the server refuses, such as `store` or `messages[].name`; may be repeated.
    #[arg(long = "forbid-field", value_name = "FIELD")]
    forbidden_fields: Vec<String>,
    /// A model to add even if the provider does not list it; may be repeated.
    #[arg(long = "model", value_name = "NAME")]
    models: Vec<String>,
}

/// Adds the provider, then asks it for its models.
pub async fn run(config: &Config, arguments: Arguments, admin: &Admin) -> Result<Outcome, CommandError> {
    let draft = draft(&arguments)?;
    let slugs: Vec<ModelSlug> = arguments
        .models
        .iter()
        .map(|name| name.parse())
        .collect::<Result<_, _>>()?;
    let credential = if arguments.credential_stdin {
        Some(secret_input::read(true, "The credential", "--credential-stdin")?)
    } else {
        None
    };
    let label: Label = "default".parse()?;
    let origin = Origin::default();
    open::with(config, async |gateway| {
        if let Some(secret) = &credential {
            Providers::check_credential(secret)?;
        }
        let provider = gateway.providers().create(admin, origin, &draft).await?;
        let credential_id = match &credential {
            Some(secret) => Some(gateway.providers().add_credential(admin, origin, provider.id, &label, secret).await?),
            None => None,
        };
        let report = gateway.providers().refresh_models(admin, origin, provider.id).await?;
        for slug in &slugs {
            if !report.models.iter().any(|listed| listed == slug.as_str()) {
                gateway.models().add(admin, origin, provider.id, slug).await?;
            }
        }
        let provider = gateway.providers().get(&admin.reader(), provider.id).await?.unwrap_or(provider);
        let listed = if report.listed {
            let more = if report.cut { "more than " } else { "" };
            format!("It lists {more}{} models.", report.models.len())
        } else {
            format!("It could not list its models: {} Add them with `model add`.", with_stop(&report.message))
        };
        Ok(Outcome {
            json: json!({ "id": provider.id, "name": provider.draft.name, "credential_id": credential_id, "provider": provider, "test": report }),
            result: format!("{}\n", provider.id),
            sentence: format!("Added {} with {} models. {listed}", provider.draft.name, provider.models),
        })
    })
    .await
}

fn with_stop(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

fn draft(arguments: &Arguments) -> Result<ProviderDraft, CommandError> {
    let preset = arguments.preset.as_deref().map(preset).transpose()?;
    let kind = match (&arguments.kind, preset) {
        (Some(word), _) => ProviderKind::parse(word)
            .ok_or_else(|| CommandError::Argument(format!("There is no kind {word:?}: {}.", kinds())))?,
        (None, Some(preset)) => preset.kind,
        (None, None) => {
            return Err(CommandError::Argument(format!(
                "Say which --kind of provider it is: {}.",
                kinds()
            )));
        }
    };
    let name = arguments
        .name
        .as_deref()
        .or(preset.map(|preset| preset.id))
        .unwrap_or_default()
        .parse()?;
    let title = arguments
        .title
        .as_deref()
        .or(preset.map(|preset| preset.title))
        .or(arguments.name.as_deref())
        .unwrap_or_default()
        .parse()?;
    let base_url = arguments
        .base_url
        .as_deref()
        .or(preset.map(|preset| preset.base_url))
        .or(kind.default_base_url());
    if kind == ProviderKind::OpenaiCompatible && base_url.is_none() {
        return Err(CommandError::Argument(
            "This kind of provider needs --base-url, or a --preset that knows it.".to_owned(),
        ));
    }
    if kind == ProviderKind::Simulated && arguments.base_url.is_some() {
        return Err(CommandError::Argument(
            "The simulated provider answers by itself; leave --base-url out.".to_owned(),
        ));
    }
    Ok(ProviderDraft {
        name,
        title,
        kind,
        preset: preset.map(|preset| preset.id.to_owned()),
        base_url: base_url
            .filter(|_| kind != ProviderKind::Simulated)
            .map(str::parse)
            .transpose()?,
        timeouts: Timeouts::DEFAULT,
        disconnect: arguments
            .disconnect
            .unwrap_or_else(|| DisconnectPolicy::proposed(kind, preset)),
        quirks: quirks(arguments, kind, preset)?,
    })
}

/// What was said about the wire of a server without a preset.
fn quirks(arguments: &Arguments, kind: ProviderKind, preset: Option<&Preset>) -> Result<Option<Quirks>, CommandError> {
    let quirks = Quirks {
        stream_options: !arguments.no_stream_options,
        reasoning_outside_completion: arguments.reasoning_outside_completion,
        max_tokens_only: arguments.max_tokens_only,
        forbidden_fields: arguments
            .forbidden_fields
            .iter()
            .map(|text| {
                text.parse()
                    .map_err(|problem| CommandError::Argument(format!("--forbid-field {text}: {problem}.")))
            })
            .collect::<Result<_, _>>()?,
        nine_letter_ids: arguments.nine_letter_ids,
        json_object_only: arguments.json_object_only,
        thoughts: arguments.thoughts.unwrap_or_default(),
    };
    if quirks == Quirks::default() {
        return Ok(None);
    }
    if kind != ProviderKind::OpenaiCompatible || preset.is_some() {
        let sentence = "Only an openai-compatible server without a --preset needs to be told what differs on its wire; the others are known.";
        return Err(CommandError::Argument(sentence.to_owned()));
    }
    Ok(Some(quirks))
}

fn thoughts(word: &str) -> Result<Thoughts, String> {
    Thoughts::parse(word).ok_or_else(|| format!("there are {}", Thoughts::ALL.map(Thoughts::as_str).join(", ")))
}

fn disconnect(word: &str) -> Result<DisconnectPolicy, String> {
    DisconnectPolicy::parse(word).ok_or_else(|| "there are cancel, drain".to_owned())
}

fn preset(id: &str) -> Result<&'static Preset, CommandError> {
    let known = || PRESETS.iter().map(|preset| preset.id).collect::<Vec<_>>().join(", ");
    find_preset(id).ok_or_else(|| CommandError::Argument(format!("There is no preset {id:?}. Known: {}.", known())))
}

fn kinds() -> String {
    ProviderKind::ALL.map(ProviderKind::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(kind: Option<&str>, preset: Option<&str>, base_url: Option<&str>) -> Arguments {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Arguments {
            kind: text(kind),
            name: preset.is_none().then(|| "mine".to_owned()),
            preset: text(preset),
            title: None,
            base_url: text(base_url),
            credential_stdin: false,
            no_stream_options: false,
            max_tokens_only: false,
            reasoning_outside_completion: false,
            nine_letter_ids: false,
            json_object_only: false,
            disconnect: None,
            thoughts: None,
            forbidden_fields: Vec::new(),
            models: Vec::new(),
        }
    }

    #[test]
    fn who_bills_on_is_let_to_finish_unless_said_otherwise() {
        let of = |kind: Option<&str>, preset: Option<&str>, chosen: Option<&str>| {
            let mut arguments = arguments(kind, preset, None);
            arguments.disconnect = chosen.and_then(DisconnectPolicy::parse);
            draft(&arguments).unwrap().disconnect
        };
        assert_eq!(of(Some("google"), None, None), DisconnectPolicy::Drain);
        assert_eq!(of(None, Some("groq"), None), DisconnectPolicy::Drain);
        assert_eq!(of(Some("google"), None, Some("cancel")), DisconnectPolicy::Cancel);
        assert_eq!(of(Some("anthropic"), None, None), DisconnectPolicy::Cancel);
        assert_eq!(of(None, Some("deepseek"), Some("drain")), DisconnectPolicy::Drain);
        assert!(disconnect("stop").is_err());
    }

    #[test]
    fn only_a_server_without_a_preset_is_told_what_differs() {
        let said = |mut arguments: Arguments| {
            arguments.max_tokens_only = true;
            arguments.nine_letter_ids = true;
            arguments.json_object_only = true;
            arguments.thoughts = thoughts("plain").ok();
            arguments.forbidden_fields = vec!["store".to_owned(), "messages[].name".to_owned()];
            draft(&arguments).map_err(|error| error.to_string())
        };
        let told = said(arguments(
            Some("openai-compatible"),
            None,
            Some("http://127.0.0.1:1/v1"),
        ));
        let quirks = told.ok().and_then(|draft| draft.quirks).unwrap_or_default();
        assert!(quirks.max_tokens_only && quirks.stream_options && quirks.forbidden_fields.len() == 2);
        assert!(quirks.nine_letter_ids && quirks.json_object_only && quirks.thoughts == Thoughts::Plain);
        assert!(said(arguments(None, Some("mistral"), None)).is_err_and(|sentence| sentence.contains("--preset")));
        let mut wrong = arguments(Some("openai-compatible"), None, Some("http://127.0.0.1:1/v1"));
        wrong.forbidden_fields = vec!["model".to_owned()];
        assert!(draft(&wrong).is_err());
    }

    #[test]
    fn presets_fill_in_what_is_missing() {
        let draft = draft(&arguments(None, Some("deepseek"), None)).map_err(|error| error.to_string());
        assert!(draft.is_ok_and(|draft| {
            draft.name.as_str() == "deepseek"
                && draft
                    .base_url
                    .is_some_and(|url| url.as_str() == "https://api.deepseek.com")
        }));
    }

    #[test]
    fn a_compatible_server_needs_its_address() {
        let error = draft(&arguments(Some("openai-compatible"), None, None))
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(error.contains("--base-url"), "{error}");
        assert!(
            draft(&arguments(
                Some("openai-compatible"),
                None,
                Some("http://127.0.0.1:1/v1")
            ))
            .is_ok()
        );
        assert!(draft(&arguments(Some("simulated"), None, None)).is_ok_and(|draft| draft.base_url.is_none()));
        assert!(draft(&arguments(Some("openal"), None, None)).is_err());
    }
}
