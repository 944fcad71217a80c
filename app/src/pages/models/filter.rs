//! Which models the list shows, as its address says it. What cannot be read is left out.

use domain::{id::ProviderId, provider::Model};

use super::abilities::{self, Ability};
use crate::{
    form::{Query, encode},
    text::Language,
};

/// Everything that the address may hold.
pub const KNOWN: [&str; 5] = ["q", "provider", "ability", "state", "page"];

/// Whether a value of this name can be understood.
pub fn means(name: &str, value: &str) -> bool {
    match name {
        "provider" => value.parse::<ProviderId>().is_ok(),
        "ability" => Ability::parse(value).is_some(),
        "state" => ModelState::parse(value).is_some(),
        "page" => value.parse::<usize>().is_ok(),
        _ => true,
    }
}

/// The filters of the list of models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of the public name, in any case.
    pub text: String,
    /// Only of this provider.
    pub provider: Option<ProviderId>,
    /// Only those that are known to do this.
    pub ability: Option<Ability>,
    /// Only in this state.
    pub state: Option<ModelState>,
}

impl Filter {
    /// The filters in the address of this page.
    pub fn read(query: &Query) -> Self {
        Self {
            text: query.get("q").unwrap_or_default().chars().take(200).collect(),
            provider: query.parsed("provider"),
            ability: query.get("ability").and_then(|word| Ability::parse(&word)),
            state: query.get("state").and_then(|word| ModelState::parse(&word)),
        }
    }

    /// Whether the list shows this model.
    pub fn admits(&self, model: &Model) -> bool {
        self.provider.is_none_or(|id| id == model.provider_id)
            && self
                .ability
                .is_none_or(|ability| abilities::of(model).contains(&ability))
            && self.state.is_none_or(|state| state == ModelState::of(model))
            && (self.text.is_empty() || model.public_name().to_lowercase().contains(&self.text.to_lowercase()))
    }

    /// The address of the list with these filters, from its first page.
    pub fn address(&self) -> String {
        let pairs = [
            ("q", Some(self.text.clone()).filter(|text| !text.is_empty())),
            ("provider", self.provider.map(|id| id.to_string())),
            ("ability", self.ability.map(|ability| ability.as_str().to_owned())),
            ("state", self.state.map(|state| state.as_str().to_owned())),
        ];
        let query: Vec<String> = pairs
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}={}", encode(&value))))
            .collect();
        if query.is_empty() {
            "/models".to_owned()
        } else {
            format!("/models?{}", query.join("&"))
        }
    }
}

/// Whether calls may use a model, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelState {
    /// They may.
    Enabled,
    /// The model itself is disabled.
    Disabled,
    /// The model is enabled, its provider is not.
    ProviderDisabled,
}

impl ModelState {
    /// Every state, in the order of the links.
    pub const ALL: [Self; 3] = [Self::Enabled, Self::Disabled, Self::ProviderDisabled];

    /// The state of a model.
    pub const fn of(model: &Model) -> Self {
        match (model.enabled, model.provider_enabled) {
            (false, _) => Self::Disabled,
            (true, false) => Self::ProviderDisabled,
            (true, true) => Self::Enabled,
        }
    }

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::ProviderDisabled => "provider-disabled",
        }
    }

    /// The state that this word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The word for people.
    pub const fn word(self, language: Language) -> &'static str {
        match self {
            Self::Enabled => language.pick("Enabled", "已启用"),
            Self::Disabled => language.pick("Disabled", "已停用"),
            Self::ProviderDisabled => language.pick("Provider disabled", "提供商已停用"),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{catalog::ProviderKind, id::ModelId, provider::ModelSource, time::Timestamp};

    use super::*;

    fn model(slug: &str, enabled: bool, provider_enabled: bool) -> Model {
        Model {
            id: ModelId::from_number(1),
            provider_id: ProviderId::from_number(7),
            provider: "openai".parse().expect("name"),
            provider_title: "OpenAI".parse().expect("title"),
            kind: ProviderKind::Openai,
            slug: slug.parse().expect("slug"),
            enabled,
            provider_enabled,
            source: ModelSource::Listed,
            context_tokens: None,
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn every_filter_narrows() {
        let mini = model("gpt-5-mini", true, true);
        let by = |text: &str| Filter {
            text: text.into(),
            ..Filter::default()
        };
        assert!(by("").admits(&mini) && by("OPENAI/GPT").admits(&mini) && !by("claude").admits(&mini));
        assert!(
            !Filter {
                provider: Some(ProviderId::from_number(8)),
                ..Filter::default()
            }
            .admits(&mini)
        );
        for (model, state) in [
            (mini, ModelState::Enabled),
            (model("a", false, true), ModelState::Disabled),
            (model("b", false, false), ModelState::Disabled),
            (model("c", true, false), ModelState::ProviderDisabled),
        ] {
            let admitted: Vec<_> = ModelState::ALL
                .into_iter()
                .filter(|state| {
                    Filter {
                        state: Some(*state),
                        ..Filter::default()
                    }
                    .admits(&model)
                })
                .collect();
            assert_eq!(admitted, [state]);
        }
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in ModelState::ALL {
            assert_eq!(ModelState::parse(state.as_str()), Some(state));
        }
        assert_eq!(ModelState::parse("on"), None);
    }
}
