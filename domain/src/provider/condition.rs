//! How a provider fares, in one place. The console and the command line only put it into words.

use std::fmt;

use super::{Credential, Health, Provider};
use crate::catalog::CredentialNeed;

/// How a provider fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Calls may not use it.
    Disabled,
    /// It answers from within the hub.
    AlwaysThere,
    /// It refuses calls without a credential, and has none that is enabled.
    CredentialMissing,
    /// No call or test has told yet.
    Unused,
    /// The last use of every credential that was used succeeded, or the last use without one.
    Working,
    /// The last use of some credentials failed, not of all.
    PartlyFailing {
        /// How many.
        failing: usize,
        /// Of how many enabled ones.
        all: usize,
        /// The provider's words, shortened and masked.
        said: Option<String>,
    },
    /// The last use of every credential failed, or the last use without one.
    Failing {
        /// The provider's words, shortened and masked.
        said: Option<String>,
    },
}

impl Condition {
    /// Something is wrong.
    #[must_use]
    pub const fn is_failing(&self) -> bool {
        matches!(self, Self::PartlyFailing { .. } | Self::Failing { .. })
    }

    /// The provider's words about what is wrong.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::PartlyFailing { said, .. } | Self::Failing { said } => said.as_deref(),
            Self::Disabled | Self::AlwaysThere | Self::CredentialMissing | Self::Unused | Self::Working => None,
        }
    }
}

/// In English; the console has its other languages itself.
impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Disabled => "Disabled",
            Self::AlwaysThere => "Always there",
            Self::CredentialMissing => "No credential",
            Self::Unused => "Not used yet",
            Self::Working => "Working",
            Self::PartlyFailing { failing, all, .. } => {
                return write!(formatter, "{failing} of {all} credentials failing");
            }
            Self::Failing { .. } => "Failing",
        })
    }
}

impl Provider {
    /// How it fares: as its enabled credentials do, or as its last use without one went.
    #[must_use]
    pub fn condition(&self) -> Condition {
        let need = self.draft.credential_need();
        if !self.enabled {
            return Condition::Disabled;
        }
        if need == CredentialNeed::None {
            return Condition::AlwaysThere;
        }
        let enabled: Vec<&Credential> = self.credentials.iter().filter(|known| known.enabled).collect();
        if enabled.is_empty() {
            return match (need, self.health) {
                (CredentialNeed::Required, _) => Condition::CredentialMissing,
                (_, Health::Unknown) => Condition::Unused,
                (_, Health::Good) => Condition::Working,
                (_, Health::Failing) => Condition::Failing {
                    said: self.last_error.clone(),
                },
            };
        }
        let failing: Vec<&&Credential> = enabled.iter().filter(|known| known.health == Health::Failing).collect();
        let said = failing.iter().find_map(|known| known.last_error.clone());
        match failing.len() {
            0 if enabled.iter().any(|known| known.health == Health::Good) => Condition::Working,
            0 => Condition::Unused,
            failed if failed == enabled.len() => Condition::Failing { said },
            failing => Condition::PartlyFailing {
                failing,
                all: enabled.len(),
                said,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::ProviderKind,
        id::{CredentialId, ProviderId},
        provider::{DisconnectPolicy, ProviderDraft, Timeouts},
        time::Timestamp,
    };

    fn provider(kind: ProviderKind, preset: Option<&str>, credentials: &[(Health, bool)]) -> Provider {
        let credential = |(health, enabled): &(Health, bool)| Credential {
            id: CredentialId::from_number(1),
            label: "first".parse().expect("label"),
            hint: String::new(),
            enabled: *enabled,
            health: *health,
            last_error: (*health == Health::Failing).then(|| "no".to_owned()),
            last_used_at: None,
            created_at: Timestamp(0),
        };
        Provider {
            id: ProviderId::from_number(1),
            draft: ProviderDraft {
                name: "p".parse().expect("name"),
                title: "P".parse().expect("title"),
                kind,
                preset: preset.map(str::to_owned),
                base_url: None,
                timeouts: Timeouts::DEFAULT,
                disconnect: DisconnectPolicy::Cancel,
                quirks: None,
            },
            enabled: true,
            position: 1,
            health: Health::Unknown,
            last_error: None,
            last_used_at: None,
            created_at: Timestamp(0),
            credentials: credentials.iter().map(credential).collect(),
            models: 0,
            models_enabled: 0,
        }
    }

    #[test]
    fn a_provider_fares_as_its_enabled_credentials_do() {
        let openai = |credentials: &[(Health, bool)]| provider(ProviderKind::Openai, None, credentials).condition();
        assert_eq!(openai(&[]), Condition::CredentialMissing);
        assert_eq!(openai(&[(Health::Failing, false)]), Condition::CredentialMissing);
        assert_eq!(openai(&[(Health::Unknown, true)]), Condition::Unused);
        assert_eq!(
            openai(&[(Health::Unknown, true), (Health::Good, true)]),
            Condition::Working
        );
        let said = Some("no".to_owned());
        assert_eq!(
            openai(&[(Health::Failing, true), (Health::Good, true), (Health::Failing, false)]),
            Condition::PartlyFailing {
                failing: 1,
                all: 2,
                said: said.clone()
            }
        );
        assert_eq!(openai(&[(Health::Failing, true)]), Condition::Failing { said });
    }

    #[test]
    fn without_a_credential_its_own_last_use_tells() {
        for preset in [None, Some("ollama")] {
            let mut server = provider(ProviderKind::OpenaiCompatible, preset, &[]);
            assert_eq!(server.condition(), Condition::Unused);
            server.health = Health::Good;
            assert_eq!(server.condition(), Condition::Working);
            server.health = Health::Failing;
            server.last_error = Some("connection refused".to_owned());
            assert_eq!(server.condition().said(), Some("connection refused"));
            server.enabled = false;
            assert_eq!(server.condition(), Condition::Disabled);
        }
        assert_eq!(
            provider(ProviderKind::OpenaiCompatible, Some("groq"), &[]).condition(),
            Condition::CredentialMissing
        );
        assert_eq!(
            provider(ProviderKind::Simulated, None, &[]).condition(),
            Condition::AlwaysThere
        );
    }
}
