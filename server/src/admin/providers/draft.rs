//! How a provider is described: what is sent to add one or to change one, and what that comes to.

mod quirks;
mod timeouts;

use domain::{
    catalog::{Preset, ProviderKind, Quirks, find_preset},
    name::{BaseUrl, Label, ProviderName},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::admin::{
    AdminError,
    body::{given, nullable},
    words,
};

pub use quirks::QuirksEntry;
pub use timeouts::{TimeoutsChange, TimeoutsEntry};

/// A provider to add: a preset, or a kind with a name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProvider {
    /// A service that the hub knows, such as `deepseek`; everything else is then known unless said.
    #[serde(default)]
    preset: Option<String>,
    /// How it is spoken to; the preset's unless said.
    #[serde(default)]
    #[schemars(schema_with = "words::provider_kind")]
    kind: Option<ProviderKind>,
    /// The first part of its models' names; the preset's unless said.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    name: Option<ProviderName>,
    /// What people read; the preset's, or the name, unless said.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    title: Option<Label>,
    /// Where its API begins; that of its preset or kind unless said.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    base_url: Option<BaseUrl>,
    #[serde(default)]
    timeouts: Option<TimeoutsChange>,
    /// What happens upstream when a client leaves. Unless said `drain` for those that are known to bill the whole answer anyway, and
    /// `cancel` for others.
    #[serde(default)]
    #[schemars(schema_with = "words::disconnect")]
    disconnect: Option<DisconnectPolicy>,
    /// Of servers without a preset alone.
    #[serde(default)]
    quirks: Option<QuirksEntry>,
}

impl NewProvider {
    /// What it comes to.
    ///
    /// # Errors
    /// What is missing, or does not go together.
    pub fn draft(self) -> Result<ProviderDraft, AdminError> {
        let preset = self.preset.as_deref().map(known).transpose()?;
        let kind = self.kind.or(preset.map(|preset| preset.kind));
        let kind = kind.ok_or_else(|| AdminError::invalid("kind", "Say which kind of provider it is, or a preset."))?;
        let name = match (self.name, preset) {
            (Some(name), _) => name,
            (None, Some(preset)) => preset.id.parse().map_err(|problem| wrong("name", &problem))?,
            (None, None) => return Err(AdminError::invalid("name", "Say what its models' names begin with.")),
        };
        let title = match (self.title, preset) {
            (Some(title), _) => title,
            (None, Some(preset)) => preset.title.parse().map_err(|problem| wrong("title", &problem))?,
            (None, None) => name.as_str().parse().map_err(|problem| wrong("title", &problem))?,
        };
        let usual = preset.map(|preset| preset.base_url).or(kind.default_base_url());
        let base_url = match (self.base_url, usual) {
            (Some(url), _) => Some(url),
            (None, Some(url)) => Some(url.parse().map_err(|problem| wrong("base_url", &problem))?),
            (None, None) => None,
        };
        let quirks = self.quirks.map(Quirks::from);
        told_in_vain(kind, preset, quirks.as_ref())?;
        Ok(ProviderDraft {
            name,
            title,
            kind,
            preset: preset.map(|preset| preset.id.to_owned()),
            base_url: base_url.filter(|_| kind != ProviderKind::Simulated),
            timeouts: match self.timeouts {
                Some(change) => change.of(Timeouts::DEFAULT),
                None => Timeouts::DEFAULT,
            },
            disconnect: self
                .disconnect
                .unwrap_or_else(|| DisconnectPolicy::proposed(kind, preset)),
            quirks,
        })
    }
}

/// What to change of a provider. What is absent stays; its kind and its preset do anyway.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderChange {
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    name: Option<ProviderName>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    title: Option<Label>,
    /// Another scheme, host or port drops the provider's secrets.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    base_url: Option<BaseUrl>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "TimeoutsChange")]
    timeouts: Option<TimeoutsChange>,
    #[serde(default, deserialize_with = "given")]
    #[schemars(schema_with = "words::disconnect")]
    disconnect: Option<DisconnectPolicy>,
    /// All of them anew; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<QuirksEntry>")]
    quirks: Option<Option<QuirksEntry>>,
    /// Whether calls may use it.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub enabled: Option<bool>,
    /// Its place in the order, from 1 on; the others close up.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "u32", range(min = 1))]
    pub position: Option<u32>,
}

impl ProviderChange {
    /// What the provider comes to be; none where it stays as it is.
    ///
    /// # Errors
    /// What does not go together.
    pub fn draft(self, before: &ProviderDraft) -> Result<Option<ProviderDraft>, AdminError> {
        if self.position == Some(0) {
            return Err(AdminError::invalid("position", "Places are counted from 1."));
        }
        let quirks = match self.quirks {
            Some(quirks) => quirks.map(Quirks::from),
            None => before.quirks.clone(),
        };
        told_in_vain(before.kind, before.known_preset(), quirks.as_ref())?;
        if before.kind == ProviderKind::Simulated && self.base_url.is_some() {
            return Err(AdminError::invalid("base_url", "A simulated provider has no address."));
        }
        let after = ProviderDraft {
            name: self.name.unwrap_or_else(|| before.name.clone()),
            title: self.title.unwrap_or_else(|| before.title.clone()),
            kind: before.kind,
            preset: before.preset.clone(),
            base_url: self.base_url.or_else(|| before.base_url.clone()),
            timeouts: self
                .timeouts
                .map_or(before.timeouts, |change| change.of(before.timeouts)),
            disconnect: self.disconnect.unwrap_or(before.disconnect),
            quirks,
        };
        Ok(Some(after).filter(|after| after != before))
    }
}

fn known(id: &str) -> Result<&'static Preset, AdminError> {
    find_preset(id).ok_or_else(|| {
        let known: Vec<&str> = domain::catalog::PRESETS.iter().map(|preset| preset.id).collect();
        AdminError::invalid(
            "preset",
            format!("There is no such preset. Known: {}.", known.join(", ")),
        )
    })
}

fn wrong(field: &str, problem: &domain::name::InvalidName) -> AdminError {
    AdminError::invalid(field, crate::admin::query::sentence(&problem.to_string()))
}

/// Quirks of a service that knows its own would be dropped in silence.
fn told_in_vain(kind: ProviderKind, preset: Option<&Preset>, quirks: Option<&Quirks>) -> Result<(), AdminError> {
    if quirks.is_some() && (kind != ProviderKind::OpenaiCompatible || preset.is_some()) {
        return Err(AdminError::invalid(
            "quirks",
            "Only an openai-compatible server without a preset is told what differs on its wire; the others are known.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::body::read;

    fn draft(body: &str) -> Result<ProviderDraft, String> {
        let told = |error: AdminError| String::from_utf8_lossy(&error.body()).into_owned();
        read::<NewProvider>(body.as_bytes())
            .and_then(NewProvider::draft)
            .map_err(told)
    }

    #[test]
    fn every_preset_is_enough() {
        for preset in domain::catalog::PRESETS {
            let draft = draft(&format!("{{\"preset\":\"{}\"}}", preset.id)).expect("a draft");
            assert_eq!((draft.name.as_str(), draft.kind), (preset.id, preset.kind));
            assert_eq!(draft.base_url.as_ref().map(BaseUrl::as_str), Some(preset.base_url));
        }
    }

    #[test]
    fn what_is_missing_or_in_vain_is_named() {
        for (body, field) in [
            ("{}", "kind"),
            (r#"{"kind":"openai"}"#, "name"),
            (r#"{"preset":"none"}"#, "preset"),
            (r#"{"preset":"deepseek","quirks":{"max_tokens_only":true}}"#, "quirks"),
            (r#"{"kind":"openai","name":"A B"}"#, "name"),
            (r#"{"kind":"openai","name":"a","base_url":"file:///etc"}"#, "base_url"),
            (
                r#"{"kind":"openai","name":"a","timeouts":{"gap_ms":-1}}"#,
                "timeouts.gap_ms",
            ),
            (r#"{"kind":"openai","name":"a","credential":"sk"}"#, "credential"),
        ] {
            let told = draft(body).expect_err("refused");
            assert!(told.contains(&format!("\"field\":\"{field}\"")), "{body}: {told}");
        }
    }

    #[test]
    fn what_is_absent_stays() {
        let before = draft(
            r#"{"kind":"openai-compatible","name":"a","base_url":"http://a.b/v1","quirks":{"max_tokens_only":true}}"#,
        )
        .expect("a draft");
        let change = |body: &str| {
            let change: ProviderChange = read(body.as_bytes()).expect("a change");
            change.draft(&before).expect("possible")
        };
        assert_eq!(change("{}"), None);
        assert_eq!(change(r#"{"enabled":false}"#), None);
        let after = change(r#"{"timeouts":{"gap_ms":200},"quirks":null}"#).expect("changed");
        assert_eq!(
            (after.timeouts.gap_ms, after.timeouts.connect_ms, after.quirks),
            (200, 5_000, None)
        );
    }
}
