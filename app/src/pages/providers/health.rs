//! How a provider and its credentials fare, as words. A colour never says it alone.
//!
//! Used by the list of providers and by the page of one.

use domain::provider::{Condition, Credential, Health, Provider};

use super::offer::CredentialNeed;
use crate::{
    components::Tone,
    text::{Language, told_of_reach},
};

/// How something fares with its word, and the upstream's own words when something failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How it is meant.
    pub tone: Tone,
    /// The word.
    pub word: String,
    /// What the provider said last, shortened and masked by the gateway.
    pub said: Option<String>,
}

impl Told {
    fn plain(tone: Tone, word: &str) -> Self {
        Self {
            tone,
            word: word.to_owned(),
            said: None,
        }
    }
}

/// How a provider fares, as every page shows it. What it is was decided in `domain`.
pub fn of_provider(provider: &Provider, language: Language) -> Told {
    let condition = provider.condition();
    let (tone, chinese) = match &condition {
        Condition::Disabled => (Tone::Off, "已停用".to_owned()),
        Condition::AlwaysThere => (Tone::Good, "始终可用".to_owned()),
        Condition::CredentialMissing => (Tone::Warning, "没有凭据".to_owned()),
        Condition::Unused => (Tone::Plain, "尚未使用".to_owned()),
        Condition::Working => (Tone::Good, "正常".to_owned()),
        Condition::PartlyFailing { failing, all, .. } => (Tone::Warning, format!("{all} 个凭据中有 {failing} 个失败")),
        Condition::Failing { .. } => (Tone::Bad, "失败".to_owned()),
    };
    Told {
        tone,
        word: match language {
            Language::En => condition.to_string(),
            Language::Zh => chinese,
        },
        said: condition.said().map(|said| told_of_reach(said, language).into_owned()),
    }
}

/// What was said when it last failed.
pub fn said_of(credential: &Credential, language: Language) -> Option<String> {
    let said = credential.last_error.as_deref();
    said.map(|said| told_of_reach(said, language).into_owned())
}

/// The condition of one credential.
pub fn of_credential(credential: &Credential, language: Language) -> Told {
    if !credential.enabled {
        return Told::plain(Tone::Off, language.pick("Disabled", "已停用"));
    }
    match credential.health {
        Health::Good => Told::plain(Tone::Good, language.pick("Working", "正常")),
        Health::Unknown => Told::plain(Tone::Plain, language.pick("Not used yet", "尚未使用")),
        Health::Failing => Told {
            tone: Tone::Bad,
            word: language.pick("Last use failed", "上次使用失败").to_owned(),
            said: said_of(credential, language),
        },
    }
}

/// `2 of 3 good`, or that none is needed.
pub fn credentials_in_words(provider: &Provider, language: Language) -> String {
    let all = provider.credentials.len();
    if all == 0 {
        return match provider.draft.credential_need() {
            CredentialNeed::Required => language.pick("none", "无"),
            CredentialNeed::Optional | CredentialNeed::None => language.pick("none needed", "无需"),
        }
        .to_owned();
    }
    let good = provider
        .credentials
        .iter()
        .filter(|credential| credential.enabled && credential.health == Health::Good)
        .count();
    match language {
        Language::En => format!("{good} of {all} good"),
        Language::Zh => format!("{all} 个中 {good} 个正常"),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        id::{CredentialId, ProviderId},
        time::Timestamp,
    };

    use super::*;
    use crate::pages::providers::{fields::ProviderFields, offer::Offer};

    fn credential(health: Health, enabled: bool) -> Credential {
        Credential {
            id: CredentialId::from_number(1),
            label: "first".parse().expect("label"),
            hint: String::new(),
            enabled,
            health,
            last_error: (health == Health::Failing).then(|| "Incorrect API key".to_owned()),
            last_used_at: None,
            created_at: Timestamp(0),
        }
    }

    fn provider(offer: &str, credentials: Vec<Credential>) -> Provider {
        let offer = Offer::parse(offer).expect("an offer");
        Provider {
            id: ProviderId::from_number(1),
            draft: ProviderFields::proposed(offer).draft().expect("usable"),
            enabled: true,
            position: 1,
            health: Health::Unknown,
            last_error: None,
            last_used_at: None,
            created_at: Timestamp(0),
            credentials,
            models: 0,
            models_enabled: 0,
        }
    }

    #[test]
    fn the_upstreams_words_are_carried_on() {
        let broken = provider("openai", vec![credential(Health::Failing, true)]);
        let condition = of_provider(&broken, Language::En);
        assert_eq!(
            (condition.tone, condition.said.as_deref()),
            (Tone::Bad, Some("Incorrect API key"))
        );
        let half = provider(
            "openai",
            vec![credential(Health::Failing, true), credential(Health::Good, true)],
        );
        assert_eq!(of_provider(&half, Language::En).word, "1 of 2 credentials failing");
        assert_eq!(credentials_in_words(&half, Language::Zh), "2 个中 1 个正常");
    }

    #[test]
    fn a_server_without_a_secret_has_a_condition_of_its_own() {
        let mut server = provider("ollama", Vec::new());
        assert_eq!(of_provider(&server, Language::En).word, "Not used yet");
        server.health = Health::Failing;
        server.last_error = Some("connection refused".to_owned());
        let told = of_provider(&server, Language::Zh);
        assert_eq!(
            (told.tone, told.said.as_deref()),
            (Tone::Bad, Some("connection refused"))
        );
    }

    #[test]
    fn a_missing_secret_matters_only_where_one_is_needed() {
        assert_eq!(
            of_provider(&provider("openai", Vec::new()), Language::En).tone,
            Tone::Warning
        );
        assert_eq!(
            of_provider(
                &provider("openai", vec![credential(Health::Failing, false)]),
                Language::En
            )
            .tone,
            Tone::Warning
        );
        assert_eq!(
            of_provider(&provider("ollama", Vec::new()), Language::En).tone,
            Tone::Plain
        );
        assert_eq!(
            of_provider(&provider("simulated", Vec::new()), Language::En).tone,
            Tone::Good
        );
    }
}
