//! How a provider and its credentials fare, as words. A colour never says it alone.
//!
//! Used by the list of providers and by the page of one.

use domain::provider::{Credential, Health, Provider};

use super::offer::{CredentialNeed, Offer};
use crate::{components::Tone, text::Language};

/// A state with its word, and the upstream's own words when something failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How it is meant.
    pub tone: Tone,
    /// The word.
    pub word: String,
    /// What the provider said last, shortened and masked by the gateway.
    pub said: Option<String>,
}

impl Condition {
    fn plain(tone: Tone, word: &str) -> Self {
        Self {
            tone,
            word: word.to_owned(),
            said: None,
        }
    }
}

/// The condition of a provider as the list shows it.
pub fn of_provider(provider: &Provider, language: Language) -> Condition {
    let need = Offer::of(&provider.draft).credential();
    let enabled = || provider.credentials.iter().filter(|credential| credential.enabled);
    if !provider.enabled {
        return Condition::plain(Tone::Off, language.pick("Disabled", "已停用"));
    }
    if need == CredentialNeed::None {
        return Condition::plain(Tone::Good, language.pick("Always there", "始终可用"));
    }
    if enabled().next().is_none() {
        return match need {
            CredentialNeed::Required => Condition::plain(Tone::Warning, language.pick("No credential", "没有凭据")),
            CredentialNeed::Optional | CredentialNeed::None => {
                Condition::plain(Tone::Plain, language.pick("No credential needed", "无需凭据"))
            }
        };
    }
    let failing: Vec<&Credential> = enabled()
        .filter(|credential| credential.health == Health::Failing)
        .collect();
    let said = failing.iter().find_map(|credential| credential.last_error.clone());
    match (provider.health(), enabled().count()) {
        (Health::Good, _) => Condition::plain(Tone::Good, language.pick("Working", "正常")),
        (Health::Unknown, _) => Condition::plain(Tone::Plain, language.pick("Not used yet", "尚未使用")),
        (Health::Failing, all) if failing.len() == all => Condition {
            tone: Tone::Bad,
            word: language.pick("Failing", "失败").to_owned(),
            said,
        },
        (Health::Failing, all) => {
            let word = match language {
                Language::En => format!("{} of {all} credentials failing", failing.len()),
                Language::Zh => format!("{all} 个凭据中有 {} 个失败", failing.len()),
            };
            Condition {
                tone: Tone::Warning,
                word,
                said,
            }
        }
    }
}

/// The condition of one credential.
pub fn of_credential(credential: &Credential, language: Language) -> Condition {
    if !credential.enabled {
        return Condition::plain(Tone::Off, language.pick("Disabled", "已停用"));
    }
    match credential.health {
        Health::Good => Condition::plain(Tone::Good, language.pick("Working", "正常")),
        Health::Unknown => Condition::plain(Tone::Plain, language.pick("Not used yet", "尚未使用")),
        Health::Failing => Condition {
            tone: Tone::Bad,
            word: language.pick("Last use failed", "上次使用失败").to_owned(),
            said: credential.last_error.clone(),
        },
    }
}

/// `2 of 3 good`, or that none is needed.
pub fn credentials_in_words(provider: &Provider, language: Language) -> String {
    let all = provider.credentials.len();
    if all == 0 {
        return match Offer::of(&provider.draft).credential() {
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
    use crate::pages::providers::fields::ProviderFields;

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
