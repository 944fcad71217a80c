//! The two languages of the console and the themes. Texts stand in pairs where they are used: `language.pick("Keys", "密钥")`.
//! Sentences for refusals are in `text/refusal.rs`. Compiles for the browser too, because islands get a language as a prop.

mod number;
#[cfg(test)]
mod pairs;
mod price;
mod reach;
mod refusal;
mod role;

pub use number::{count, percent_of_ppm};
pub use price::percent;
pub use reach::told as told_of_reach;
use serde::{Deserialize, Serialize};

/// A language of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::En, Self::Zh];

    /// The text in this language.
    #[must_use]
    pub const fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    /// The language's tag for `lang` attributes, cookies and preferences.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// What the language calls itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Zh => "中文",
        }
    }

    /// The language of a tag such as `zh`, `zh-Hans-CN` or `en-GB`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let first = tag.trim().split(['-', '_']).next().unwrap_or_default();
        match first.to_ascii_lowercase().as_str() {
            "en" => Some(Self::En),
            "zh" => Some(Self::Zh),
            _ => None,
        }
    }

    /// The language that an `Accept-Language` header likes best; English when it names none of ours.
    #[must_use]
    pub fn negotiate(header: &str) -> Self {
        let mut best = (Self::En, 0.0_f32);
        for part in header.split(',').take(32) {
            let mut pieces = part.split(';');
            let Some(language) = pieces.next().and_then(Self::parse) else {
                continue;
            };
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .map_or(1.0, |text| text.trim().parse::<f32>().unwrap_or(0.0));
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// Light or dark, when a person has chosen. Without a choice the system decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The word in cookies, preferences and `data-theme`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme that this word names; any other word leaves the choice to the system.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }
}

/// The language of the visitor of this request.
#[cfg(feature = "ssr")]
#[must_use]
pub fn use_language() -> Language {
    leptos::prelude::use_context::<crate::context::Visitor>()
        .map(|visitor| visitor.language)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        assert_eq!(Language::negotiate("zh-CN,zh;q=0.9,en;q=0.8"), Language::Zh);
        assert_eq!(Language::negotiate("de, en;q=0.5, zh;q=0.7"), Language::Zh);
        assert_eq!(Language::negotiate("en-GB, zh"), Language::En);
        for nothing in ["", "de", ";q=1", "zh;q=x", "zh;q=0", "*", ",,,"] {
            assert_eq!(Language::negotiate(nothing), Language::En, "{nothing:?}");
        }
    }

    #[test]
    fn tags_are_read_as_they_are_written() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.tag()), Some(language));
        }
    }
}
