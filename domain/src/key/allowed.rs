//! Which models a key may ask: named ones, and all of named providers. Written one a line: `openai/gpt-5`, `anthropic/*`.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    name::{ModelAddress, ModelSlug, ProviderName},
    refusal::Invalid,
};

/// The most names that a key may have.
const MOST: usize = 200;

/// The models that a key may ask. One that names nothing allows all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// Public names of models, as `provider/model`.
    pub models: BTreeSet<String>,
    /// Names of providers, each of whose models is allowed.
    pub providers: BTreeSet<String>,
}

impl Allowed {
    /// Reads names with commas or lines between them.
    ///
    /// # Errors
    /// [`Invalid::Allowed`] for the first that is none, and for too many.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut allowed = Self::default();
        let words = text.split([',', '\n', '\r', ' ', '\t']).filter(|word| !word.is_empty());
        for word in words {
            let ModelAddress::Qualified { provider, model } = ModelAddress::split(word) else {
                return Err(Invalid::Allowed);
            };
            let provider: ProviderName = provider.parse().map_err(|_| Invalid::Allowed)?;
            if model == "*" {
                allowed.providers.insert(provider.into());
            } else {
                let model: ModelSlug = model.parse().map_err(|_| Invalid::Allowed)?;
                allowed.models.insert(format!("{provider}/{model}"));
            }
        }
        if allowed.models.len() + allowed.providers.len() > MOST {
            return Err(Invalid::Allowed);
        }
        Ok(allowed)
    }

    /// Whether it bounds nothing.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.models.is_empty() && self.providers.is_empty()
    }

    /// Whether a model may be asked: its provider's name, and its own public one.
    #[must_use]
    pub fn allows(&self, provider: &str, public_name: &str) -> bool {
        self.is_everything() || self.providers.contains(provider) || self.models.contains(public_name)
    }

    /// Whether it allows nothing that another does not.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        let model = |name: &String| {
            let provider = name.split_once('/').map_or("", |(provider, _)| provider);
            other.allows(provider, name)
        };
        other.is_everything()
            || !self.is_everything() && self.providers.is_subset(&other.providers) && self.models.iter().all(model)
    }

    /// Each name, as it is written.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let providers = self.providers.iter().map(|provider| format!("{provider}/*"));
        providers.chain(self.models.iter().cloned())
    }
}

impl fmt::Display for Allowed {
    /// One a line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, name) in self.names().enumerate() {
            let line = if number == 0 { "" } else { "\n" };
            write!(formatter, "{line}{name}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_wildcards_are_told_apart() {
        let allowed = Allowed::parse("openai/gpt-5, anthropic/*\r\nopenrouter/meta/llama-4").expect("names");
        assert_eq!(
            allowed.to_string(),
            "anthropic/*\nopenai/gpt-5\nopenrouter/meta/llama-4"
        );
        assert!(allowed.allows("openai", "openai/gpt-5"));
        assert!(!allowed.allows("openai", "openai/gpt-5-mini"));
        assert!(allowed.allows("anthropic", "anthropic/claude"));
        assert!(!allowed.allows("anthropic2", "anthropic2/claude"));
        assert!(allowed.allows("openrouter", "openrouter/meta/llama-4"));
        assert!(Allowed::default().allows("x", "x/y"));
        assert_eq!(Allowed::parse(" \n"), Ok(Allowed::default()));
        for wrong in ["gpt-5", "*", "*/x", "/x", "a/", "a b", "Ö/x"] {
            assert_eq!(Allowed::parse(wrong), Err(Invalid::Allowed), "{wrong}");
        }
        let many: String = (0..=MOST).map(|number| format!("p/m{number}\n")).collect();
        assert_eq!(Allowed::parse(&many), Err(Invalid::Allowed));
    }
}
