//! What a search finds: one thing, and where it is looked at.

use serde::{Deserialize, Serialize};

use crate::text::Language;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HitKind {
    /// A page of the console.
    Page,
    /// A call.
    Call,
    /// A person.
    User,
    /// An API key.
    Key,
    /// A model.
    Model,
    /// An upstream.
    Provider,
}

impl HitKind {
    /// In the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Page,
        Self::Call,
        Self::User,
        Self::Key,
        Self::Model,
        Self::Provider,
    ];

    /// What a group of them is called.
    #[must_use]
    pub const fn title(self, language: Language) -> &'static str {
        match self {
            Self::Page => language.pick("Pages", "页面"),
            Self::Call => language.pick("Calls", "调用"),
            Self::User => language.pick("Users", "用户"),
            Self::Key => language.pick("API keys", "API 密钥"),
            Self::Model => language.pick("Models", "模型"),
            Self::Provider => language.pick("Providers", "提供商"),
        }
    }

    /// Its icon; a page brings its own.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Page => "right",
            Self::Call => "calls",
            Self::User => "users",
            Self::Key => "key",
            Self::Model => "model",
            Self::Provider => "provider",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its icon.
    pub icon: String,
    /// What it is called.
    pub title: String,
    /// What else tells it from others; may be empty.
    pub note: String,
    /// Other words that find it, not shown: its name in the other language.
    #[serde(default)]
    pub also: String,
    /// The address of the page that shows it.
    pub href: String,
}

impl Hit {
    /// A hit with the icon of its kind.
    #[must_use]
    pub fn new(kind: HitKind, title: impl Into<String>, note: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            kind,
            icon: kind.icon().to_owned(),
            title: title.into(),
            note: note.into(),
            also: String::new(),
            href: href.into(),
        }
    }

    /// Each word stands in its title, its note, or among the other words that find it.
    #[must_use]
    pub fn matches(&self, words: &str) -> bool {
        let text = format!("{} {} {}", self.title, self.note, self.also).to_lowercase();
        words.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_by_parts_of_its_name_in_either_language() {
        let mut hit = Hit::new(HitKind::Page, "API keys", "", "/keys");
        hit.also = "API 密钥".to_owned();
        for words in ["api", "KEYS", "key api", "密钥", ""] {
            assert!(hit.matches(words), "{words}");
        }
        assert!(!hit.matches("keys usage"));
    }
}
