//! What the forms for providers send, as text, and how it becomes a draft. The first wrong field is named.
//!
//! Used by adding and editing. Names that are taken and the like are the gateway's to refuse.

use domain::{
    catalog::{Quirks, Thoughts, find_preset},
    name::{BaseUrl, Label, ProviderName},
    provider::{DisconnectPolicy, ProviderDraft, Timeouts},
    refusal::Invalid,
};
use serde::{Deserialize, Serialize};

use super::{offer::Offer, seconds};
use crate::form::Back;

/// The text fields of a provider's form, as typed. Never holds a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderFields {
    /// The tile it was made from.
    pub offer: String,
    /// First part of its models' names.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Where its API begins.
    pub base_url: String,
    /// Seconds until a connection stands.
    pub connect: String,
    /// Seconds until the first byte.
    pub first_byte: String,
    /// Seconds between two pieces.
    pub gap: String,
    /// Seconds for the whole attempt.
    pub total: String,
    /// `cancel` or `drain`.
    pub disconnect: String,
    /// `true` when the server takes no `stream_options`. Boxes send that or nothing, and among flattened arguments only texts
    /// are read.
    pub no_stream_options: String,
    /// `true` when it knows `max_tokens` only.
    pub max_tokens_only: String,
    /// `true` when it leaves reasoning out of `completion_tokens`.
    pub reasoning_outside: String,
    /// `true` when it takes ids of calls with nine letters alone.
    pub nine_letter_ids: String,
    /// `true` when it takes no schema of an answer.
    pub json_object_only: String,
    /// In which form it takes earlier thoughts back, a word of [`Thoughts`]; nothing where it takes none.
    pub thoughts: String,
    /// Fields that it refuses, with spaces or commas between them.
    pub forbidden_fields: String,
}

/// What a ticked box sends.
pub const TICKED: &str = "true";

fn ticked(is: bool) -> String {
    if is { TICKED.to_owned() } else { String::new() }
}

/// A field and what is wrong with it.
pub type Problem = (&'static str, Invalid);

impl ProviderFields {
    /// What the form proposes for a tile.
    pub fn proposed(offer: Offer) -> Self {
        let preset = offer.preset();
        let disconnect = DisconnectPolicy::proposed(offer.kind(), preset.as_deref().and_then(find_preset));
        Self {
            offer: offer.id().to_owned(),
            name: offer.proposed_name().to_owned(),
            title: offer.proposed_title().to_owned(),
            base_url: offer.base_url().to_owned(),
            ..Self::default()
        }
        .with_limits(Timeouts::DEFAULT, disconnect)
    }

    /// What the form shows of a provider that exists.
    pub fn of(draft: &ProviderDraft) -> Self {
        Self {
            offer: Offer::of(draft).id().to_owned(),
            name: draft.name.to_string(),
            title: draft.title.to_string(),
            base_url: draft.base_url.as_ref().map(BaseUrl::to_string).unwrap_or_default(),
            ..Self::default()
        }
        .with_limits(draft.timeouts, draft.disconnect)
        .with_quirks(draft.quirks.as_ref())
    }

    fn with_quirks(self, quirks: Option<&Quirks>) -> Self {
        let Some(quirks) = quirks else { return self };
        let fields: Vec<String> = quirks.forbidden_fields.iter().map(ToString::to_string).collect();
        Self {
            no_stream_options: ticked(!quirks.stream_options),
            max_tokens_only: ticked(quirks.max_tokens_only),
            reasoning_outside: ticked(quirks.reasoning_outside_completion),
            nine_letter_ids: ticked(quirks.nine_letter_ids),
            json_object_only: ticked(quirks.json_object_only),
            thoughts: Some(quirks.thoughts)
                .filter(|thoughts| *thoughts != Thoughts::Left)
                .map(|thoughts| thoughts.as_str().to_owned())
                .unwrap_or_default(),
            forbidden_fields: fields.join(" "),
            ..self
        }
    }

    fn with_limits(self, timeouts: Timeouts, disconnect: DisconnectPolicy) -> Self {
        Self {
            connect: seconds::plain(timeouts.connect_ms),
            first_byte: seconds::plain(timeouts.first_byte_ms),
            gap: seconds::plain(timeouts.gap_ms),
            total: seconds::plain(timeouts.total_ms),
            disconnect: disconnect.as_str().to_owned(),
            ..self
        }
    }

    /// The draft that was meant.
    ///
    /// # Errors
    /// The first field of the form that cannot be used.
    pub fn draft(&self) -> Result<ProviderDraft, Problem> {
        let offer = Offer::parse(&self.offer).ok_or(("offer", Invalid::Choice))?;
        Ok(ProviderDraft {
            title: self
                .title
                .parse::<Label>()
                .map_err(|problem| ("title", problem.into()))?,
            name: self
                .name
                .parse::<ProviderName>()
                .map_err(|problem| ("name", problem.into()))?,
            base_url: match offer {
                Offer::Simulated => None,
                Offer::Preset(_) | Offer::Compatible => Some(
                    self.base_url
                        .parse::<BaseUrl>()
                        .map_err(|problem| ("base_url", problem.into()))?,
                ),
            },
            timeouts: self.timeouts()?,
            disconnect: DisconnectPolicy::parse(&self.disconnect).ok_or(("disconnect", Invalid::Choice))?,
            kind: offer.kind(),
            preset: offer.preset(),
            quirks: match offer {
                Offer::Compatible => self.quirks()?,
                Offer::Preset(_) | Offer::Simulated => None,
            },
        })
    }

    /// What differs; nothing is stored where nothing does.
    fn quirks(&self) -> Result<Option<Quirks>, Problem> {
        let forbidden_fields = self
            .forbidden_fields
            .split([' ', ',', '\n', '\r', '\t'])
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().map_err(|_| ("forbidden_fields", Invalid::Field)))
            .collect::<Result<_, _>>()?;
        let thoughts = match self.thoughts.as_str() {
            "" => Thoughts::Left,
            word => Thoughts::parse(word).ok_or(("thoughts", Invalid::Choice))?,
        };
        let quirks = Quirks {
            stream_options: self.no_stream_options != TICKED,
            max_tokens_only: self.max_tokens_only == TICKED,
            reasoning_outside_completion: self.reasoning_outside == TICKED,
            nine_letter_ids: self.nine_letter_ids == TICKED,
            json_object_only: self.json_object_only == TICKED,
            thoughts,
            forbidden_fields,
        };
        Ok(Some(quirks).filter(|quirks| *quirks != Quirks::default()))
    }

    fn timeouts(&self) -> Result<Timeouts, Problem> {
        let limit = |field: &'static str, typed: &str| {
            seconds::parse(typed)
                .filter(|limit| (100..=3_600_000).contains(limit))
                .ok_or((field, Invalid::Timeout))
        };
        let timeouts = Timeouts {
            connect_ms: limit("connect", &self.connect)?,
            first_byte_ms: limit("first_byte", &self.first_byte)?,
            gap_ms: limit("gap", &self.gap)?,
            total_ms: limit("total", &self.total)?,
        };
        // Each is possible by itself, so what remains wrong is that the whole is shorter than a part.
        timeouts.checked().map_err(|problem| ("total", problem))
    }

    /// The way back to a form that was refused, with everything that was typed.
    pub fn back(&self, path: String) -> Back {
        [
            ("offer", &self.offer),
            ("name", &self.name),
            ("title", &self.title),
            ("base_url", &self.base_url),
            ("connect", &self.connect),
            ("first_byte", &self.first_byte),
            ("gap", &self.gap),
            ("total", &self.total),
            ("disconnect", &self.disconnect),
            ("no_stream_options", &self.no_stream_options),
            ("max_tokens_only", &self.max_tokens_only),
            ("reasoning_outside", &self.reasoning_outside),
            ("nine_letter_ids", &self.nine_letter_ids),
            ("json_object_only", &self.json_object_only),
            ("thoughts", &self.thoughts),
            ("forbidden_fields", &self.forbidden_fields),
        ]
        .into_iter()
        .fold(Back::to(path), |back, (field, typed)| back.keeping(field, typed))
    }
}

#[cfg(test)]
mod tests {
    use domain::{catalog::PRESETS, name::InvalidName};

    use super::*;

    #[test]
    fn a_preset_needs_no_change_to_be_added() {
        for preset in PRESETS {
            let draft = ProviderFields::proposed(Offer::Preset(preset)).draft();
            let draft = draft.unwrap_or_else(|problems| panic!("{}: {problems:?}", preset.id));
            assert_eq!(ProviderFields::of(&draft).draft(), Ok(draft.clone()));
            assert_eq!(draft.preset.as_deref(), Some(preset.id));
        }
    }

    #[test]
    fn who_bills_on_is_proposed_to_be_let_to_finish() {
        for (offer, policy) in [
            (Offer::parse("google"), "drain"),
            (Offer::parse("mistral"), "drain"),
            (Offer::parse("openai"), "cancel"),
            (Some(Offer::Compatible), "cancel"),
        ] {
            let offer = offer.unwrap();
            assert_eq!(ProviderFields::proposed(offer).disconnect, policy, "{}", offer.id());
        }
    }

    #[test]
    fn the_wrong_field_is_named() {
        let proposed = || ProviderFields {
            title: "Mine".into(),
            name: "mine".into(),
            ..ProviderFields::proposed(Offer::Compatible)
        };
        let cases = [
            (
                ProviderFields {
                    title: " ".into(),
                    ..proposed()
                },
                ("title", Invalid::Name(InvalidName::Label)),
            ),
            (
                ProviderFields {
                    name: "Not This".into(),
                    ..proposed()
                },
                ("name", Invalid::Name(InvalidName::Provider)),
            ),
            (proposed(), ("base_url", Invalid::Name(InvalidName::BaseUrl))),
            (
                ProviderFields {
                    base_url: "http://host".into(),
                    gap: "soon".into(),
                    ..proposed()
                },
                ("gap", Invalid::Timeout),
            ),
            (
                ProviderFields {
                    offer: "none".into(),
                    ..proposed()
                },
                ("offer", Invalid::Choice),
            ),
        ];
        for (fields, problem) in cases {
            assert_eq!(fields.draft(), Err(problem));
        }
    }

    #[test]
    fn what_differs_on_the_wire_is_kept_for_servers_without_a_preset() {
        let typed = ProviderFields {
            title: "Mine".into(),
            name: "mine".into(),
            base_url: "http://host".into(),
            ..ProviderFields::proposed(Offer::Compatible)
        };
        assert_eq!(typed.draft().map(|draft| draft.quirks), Ok(None));
        let typed = ProviderFields {
            no_stream_options: TICKED.to_owned(),
            forbidden_fields: "store, messages[].name".into(),
            nine_letter_ids: TICKED.to_owned(),
            json_object_only: TICKED.to_owned(),
            thoughts: "details".into(),
            ..typed
        };
        let draft = typed.draft().unwrap_or_else(|problem| panic!("{problem:?}"));
        let quirks = draft.quirks.clone().unwrap_or_default();
        assert!(!quirks.stream_options && quirks.forbidden_fields.len() == 2);
        assert!(quirks.nine_letter_ids && quirks.json_object_only && quirks.thoughts == Thoughts::Details);
        assert_eq!(ProviderFields::of(&draft).draft(), Ok(draft));
        let wrong = ProviderFields {
            thoughts: "deep".into(),
            ..typed.clone()
        };
        assert_eq!(wrong.draft(), Err(("thoughts", Invalid::Choice)));
        let wrong = ProviderFields {
            forbidden_fields: "model".into(),
            ..typed
        };
        assert_eq!(wrong.draft(), Err(("forbidden_fields", Invalid::Field)));
    }

    #[test]
    fn a_part_longer_than_the_whole_is_the_wholes_fault() {
        let fields = ProviderFields {
            total: "1".into(),
            ..ProviderFields::proposed(Offer::Simulated)
        };
        assert_eq!(fields.draft(), Err(("total", Invalid::Timeout)));
    }
}
