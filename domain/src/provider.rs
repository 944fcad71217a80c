//! Providers, their credentials and models, as admins see them. Secrets are never part of these types.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::{CredentialNeed, Preset, ProviderKind, Quirks, WireFacts, chat_facts, find_preset},
    id::{CredentialId, ModelId, ProviderId},
    name::{BaseUrl, Label, ModelSlug, ProviderName},
    refusal::Invalid,
    time::Timestamp,
};

/// What happens upstream when a client leaves in the middle of an answer. Calls for pictures, and with files, come to their end anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisconnectPolicy {
    /// Stop the provider at once and estimate what it had produced.
    Cancel,
    /// Let the provider finish and take its own count, as some bill the whole answer anyway.
    Drain,
}

impl DisconnectPolicy {
    /// The word in storage and forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Drain => "drain",
        }
    }

    /// What is proposed for a provider until an admin chooses: where leaving stops no billing, the whole answer is paid for, and
    /// only who reads it to its end knows what it came to.
    #[must_use]
    pub fn proposed(kind: ProviderKind, preset: Option<&Preset>) -> Self {
        match chat_facts(kind, preset).cancel_stops_billing {
            true => Self::Cancel,
            false => Self::Drain,
        }
    }

    /// The policy that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Cancel, Self::Drain]
            .into_iter()
            .find(|policy| policy.as_str() == text)
    }
}

/// The four time limits of an attempt, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect_ms: u32,
    /// From the request's last byte to the first of a streamed answer.
    pub first_byte_ms: u32,
    /// Between two pieces of an answer.
    pub gap_ms: u32,
    /// The whole attempt.
    pub total_ms: u32,
}

impl Timeouts {
    /// Patient enough for reasoning models, short enough to notice a dead server.
    pub const DEFAULT: Self = Self {
        connect_ms: 5_000,
        first_byte_ms: 120_000,
        gap_ms: 60_000,
        total_ms: 900_000,
    };

    /// How long the first byte may take. An answer that is not streamed comes when it is finished: for it the whole counts.
    #[must_use]
    pub fn to_first_byte_ms(&self, stream: bool) -> u32 {
        if stream {
            self.first_byte_ms.min(self.total_ms)
        } else {
            self.total_ms
        }
    }

    /// Checks that each limit makes sense beside the others.
    ///
    /// # Errors
    /// [`Invalid::Timeout`] when one lies outside 100 ms to 1 hour or exceeds the total.
    pub fn checked(self) -> Result<Self, Invalid> {
        let each = [self.connect_ms, self.first_byte_ms, self.gap_ms, self.total_ms];
        let sensible = each
            .into_iter()
            .all(|limit| (100..=3_600_000).contains(&limit) && limit <= self.total_ms);
        if sensible { Ok(self) } else { Err(Invalid::Timeout) }
    }
}

/// What an admin says about a provider when adding or changing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderDraft {
    /// First part of its models' names.
    pub name: ProviderName,
    /// What people read.
    pub title: Label,
    /// How it is spoken to.
    pub kind: ProviderKind,
    /// The preset it was made from, for logo and quirks.
    pub preset: Option<String>,
    /// Where its API begins; simulated providers have none.
    pub base_url: Option<BaseUrl>,
    /// Time limits of an attempt.
    pub timeouts: Timeouts,
    /// What happens when a client leaves.
    pub disconnect: DisconnectPolicy,
    /// Where the wire of a server without a preset differs from OpenAI's; a preset knows its own.
    pub quirks: Option<Quirks>,
}

impl ProviderDraft {
    /// The preset it was made from, where this version knows it.
    #[must_use]
    pub fn known_preset(&self) -> Option<&'static Preset> {
        self.preset.as_deref().and_then(find_preset)
    }

    /// Where its wire differs from OpenAI's: what its preset knows, or what an admin said.
    #[must_use]
    pub fn effective_quirks(&self) -> Quirks {
        match self.known_preset() {
            Some(preset) => preset.quirks(),
            None => self.quirks.clone().unwrap_or_default(),
        }
    }

    /// Where its streams count, and whether leaving one saves anything.
    #[must_use]
    pub fn facts(&self) -> WireFacts {
        chat_facts(self.kind, self.known_preset())
    }

    /// Whether it is reached with a secret.
    #[must_use]
    pub fn credential_need(&self) -> CredentialNeed {
        CredentialNeed::of(self.kind, self.known_preset())
    }
}

/// How a provider or credential fared lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Never called.
    Unknown,
    /// The last use succeeded.
    Good,
    /// The last use failed; the text beside it says how.
    Failing,
}

impl Health {
    /// The word in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Good => "good",
            Self::Failing => "failing",
        }
    }

    /// The state that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "good" => Self::Good,
            "failing" => Self::Failing,
            _ => Self::Unknown,
        }
    }
}

/// A provider as the console and the command line list it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// What was said about it.
    #[serde(flatten)]
    pub draft: ProviderDraft,
    /// Calls may use it.
    pub enabled: bool,
    /// Its place when a bare model name is looked up; the lowest comes first.
    pub position: i64,
    /// How its last use without a credential went, by a call or a test.
    pub health: Health,
    /// Its words when that failed, shortened and masked.
    pub last_error: Option<String>,
    /// When it was last used without a credential.
    pub last_used_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
    /// Its secrets, without the secrets.
    pub credentials: Vec<Credential>,
    /// How many models it has.
    pub models: i64,
    /// How many of them are enabled.
    pub models_enabled: i64,
}

/// A provider's secret as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// What the admin calls it.
    pub label: Label,
    /// The last four characters, where the secret is long enough to give them away; else empty.
    pub hint: String,
    /// Calls may use it.
    pub enabled: bool,
    /// How its last use went.
    pub health: Health,
    /// The provider's words when it failed, shortened and masked.
    pub last_error: Option<String>,
    /// When it was last used, by a call or a test.
    pub last_used_at: Option<Timestamp>,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// A model of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its id.
    pub id: ModelId,
    /// Whose it is.
    pub provider_id: ProviderId,
    /// The provider's name.
    pub provider: ProviderName,
    /// What people call the provider.
    pub provider_title: Label,
    /// How the provider is spoken to.
    pub kind: ProviderKind,
    /// What the provider calls the model.
    pub slug: ModelSlug,
    /// Calls may use it; also needs its provider enabled.
    pub enabled: bool,
    /// The provider itself may be used.
    pub provider_enabled: bool,
    /// Where the row comes from.
    pub source: ModelSource,
    /// How many tokens it takes in one call, prompt and answer together; absent when nobody has said.
    pub context_tokens: Option<u64>,
    /// When the row was made.
    pub created_at: Timestamp,
}

impl Model {
    /// The name clients use: `provider/model`.
    #[must_use]
    pub fn public_name(&self) -> String {
        format!("{}/{}", self.provider, self.slug)
    }
}

/// Where a model's row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelSource {
    /// The provider listed it.
    Listed,
    /// An admin typed it in.
    Typed,
}

impl ModelSource {
    /// The word in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Typed => "typed",
        }
    }

    /// The source that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == "typed" { Self::Typed } else { Self::Listed }
    }
}

/// What a live test of a provider found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestReport {
    /// Good: it accepted the credential, or answered without one. Failing: it refused, or was not reached. Unknown: it is
    /// there, but this way it cannot say whether calls will succeed.
    pub health: Health,
    /// It told which models it has.
    pub listed: bool,
    /// The provider's status, when it answered.
    pub status: Option<u16>,
    /// The provider's own words, or ours about the connection; shortened and masked.
    pub message: String,
    /// Models the provider listed.
    pub models: Vec<String>,
    /// It has more than these: the rest of its list was not read.
    pub cut: bool,
    /// How long the test took, in milliseconds.
    pub duration_ms: u32,
}

mod condition;

pub use condition::Condition;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_may_exceed_the_total() {
        assert_eq!(Timeouts::DEFAULT.checked(), Ok(Timeouts::DEFAULT));
        assert_eq!(
            Timeouts {
                gap_ms: 900_001,
                ..Timeouts::DEFAULT
            }
            .checked(),
            Err(Invalid::Timeout)
        );
        assert_eq!(
            Timeouts {
                connect_ms: 99,
                ..Timeouts::DEFAULT
            }
            .checked(),
            Err(Invalid::Timeout)
        );
        assert_eq!(
            Timeouts {
                total_ms: 3_600_001,
                ..Timeouts::DEFAULT
            }
            .checked(),
            Err(Invalid::Timeout)
        );
    }
}
