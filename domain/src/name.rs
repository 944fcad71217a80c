//! Names that people choose, checked once when they enter: e-mail addresses, labels, provider names, model names.

mod authority;
mod invisible;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use self::authority::authority;

/// Why a name was refused; the sentence says what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum InvalidName {
    /// Not the shape of an e-mail address.
    #[error("that is not an e-mail address such as name@example.com (at most 254 characters)")]
    Email,
    /// Empty, too long, or with control characters, or letters that cannot be seen or turn text around.
    #[error(
        "a name has 1 to 80 characters, no line breaks, and no letters that cannot be seen or turn the text around"
    )]
    Label,
    /// Not usable as the first part of a model name.
    #[error(
        "a provider's name has 1 to 40 characters out of a-z, 0-9, '-', '_' and '.', and begins with a letter or digit"
    )]
    Provider,
    /// Not usable as a model's name.
    #[error("a model's name has 1 to 200 visible characters without spaces")]
    Model,
    /// Not an address of an HTTP server.
    #[error("a base URL begins with http:// or https://, names a host, and has no user name, query or fragment")]
    BaseUrl,
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $check:ident, $problem:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The checked text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                $check(text).map(Self).ok_or(InvalidName::$problem)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// An e-mail address in lower case: how a person signs in.
    Email, email, Email
);
text_type!(
    /// What a person calls a key, a credential or a provider: free text on one line.
    Label, label, Label
);
text_type!(
    /// The first part of a model name, unique among providers.
    ProviderName, provider, Provider
);
text_type!(
    /// What a provider calls a model; may itself contain slashes.
    ModelSlug, model, Model
);
text_type!(
    /// Where a provider's API begins, without a slash at the end.
    BaseUrl, base_url, BaseUrl
);

/// One word, all of which is seen.
fn is_visible(text: &str) -> bool {
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    text.chars().all(plain) && !invisible::is_in(text)
}

fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, host) = text.rsplit_once('@')?;
    let visible = is_visible(&text);
    let shaped =
        !local.is_empty() && !local.contains('@') && !host.is_empty() && !host.starts_with('.') && !host.ends_with('.');
    (visible && shaped && text.len() <= 254 && !text.contains(['<', '>', '"', ','])).then_some(text)
}

fn label(text: &str) -> Option<String> {
    let text = text.trim();
    let length = text.chars().count();
    let plain = !text.chars().any(char::is_control) && !invisible::is_in(text);
    ((1..=80).contains(&length) && plain).then(|| text.to_owned())
}

impl Label {
    /// A name as storage holds it, which may be from before letters were refused that cannot be seen: it reads as it looks.
    ///
    /// # Errors
    /// [`InvalidName::Label`] for what never was a name.
    pub fn stored(text: &str) -> Result<Self, InvalidName> {
        match invisible::seen(text) {
            seen if seen.trim().is_empty() && !text.trim().is_empty() => "\u{fffd}".parse(),
            seen => seen.parse(),
        }
    }

    /// The same, of JSON that is stored.
    ///
    /// # Errors
    /// What was never a name.
    pub fn read_stored<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::stored(&text).map_err(serde::de::Error::custom)
    }
}

fn provider(text: &str) -> Option<String> {
    let text = text.trim();
    let first = text.bytes().next()?;
    let allowed = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte));
    (allowed && first.is_ascii_alphanumeric() && text.len() <= 40).then(|| text.to_owned())
}

fn model(text: &str) -> Option<String> {
    let text = text.trim();
    ((1..=200).contains(&text.len()) && is_visible(text)).then(|| text.to_owned())
}

fn base_url(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    authority(rest.split('/').next()?)?;
    let plain =
        text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains(['?', '#', '@', '\\', '"', '<', '>']);
    (plain && text.len() <= 400).then(|| text.to_owned())
}

/// A model as clients name it: `provider/model`, or the bare name that a provider uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelAddress<'a> {
    /// `provider/model`, when the part before the first slash can name a provider.
    Qualified {
        /// The part before the first slash.
        provider: &'a str,
        /// Everything after it.
        model: &'a str,
    },
    /// A name without a slash.
    Bare(&'a str),
}

impl<'a> ModelAddress<'a> {
    /// Splits at the first slash. Whether such a provider exists is not decided here: a bare name may hold slashes too.
    #[must_use]
    pub fn split(text: &'a str) -> Self {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => Self::Qualified { provider, model },
            _ => Self::Bare(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(
            "  Ada@Example.COM ".parse::<Email>().map(String::from),
            Ok("ada@example.com".into())
        );
        for wrong in [
            "",
            "ada",
            "@x",
            "a@",
            "a b@c.d",
            "a@b@c",
            "a@.c",
            "<a@b.c>",
            "a@b\n.c",
            "a\u{200b}b@b.cc",
            "\u{202e}a@b.cc",
        ] {
            assert_eq!(wrong.parse::<Email>(), Err(InvalidName::Email), "{wrong:?}");
        }
    }

    #[test]
    fn base_urls_hold_no_surprises() {
        assert_eq!(
            "https://api.example.com/v1/".parse::<BaseUrl>().map(String::from),
            Ok("https://api.example.com/v1".into())
        );
        for good in [
            "http://127.0.0.1:11434/v1",
            "http://[::1]/v1",
            "http://[::1]:8080",
            "http://my_ollama:11434",
        ] {
            assert!(good.parse::<BaseUrl>().is_ok(), "{good}");
        }
        for wrong in [
            "",
            "ftp://x",
            "https://",
            "https://user@host",
            "https://host?x=1",
            "https://host#f",
            "https://host:port",
            "https://host:99999/v1",
            "http://%zz/v1",
            "file:///etc/passwd",
            "https://a b",
        ] {
            assert_eq!(wrong.parse::<BaseUrl>(), Err(InvalidName::BaseUrl), "{wrong:?}");
        }
    }

    #[test]
    fn a_model_is_split_at_the_first_slash() {
        assert_eq!(
            ModelAddress::split("openrouter/meta/llama"),
            ModelAddress::Qualified {
                provider: "openrouter",
                model: "meta/llama"
            }
        );
        assert_eq!(ModelAddress::split("gpt-5"), ModelAddress::Bare("gpt-5"));
        assert_eq!(ModelAddress::split("/x"), ModelAddress::Bare("/x"));
    }

    /// A name with letters that nobody sees is refused, and one that is stored reads as it looks.
    #[test]
    fn names_hold_nothing_unseen() {
        for (unseen, looks) in [
            ("\u{202e}atad", "atad"),
            ("da\u{200b}ta", "data"),
            ("\u{200b}", "\u{fffd}"),
        ] {
            assert_eq!(unseen.parse::<Label>(), Err(InvalidName::Label), "{unseen:?}");
            assert_eq!(Label::stored(unseen).map(String::from).as_deref(), Ok(looks));
        }
        assert_eq!(Label::stored("data").map(String::from).as_deref(), Ok("data"));
        for never in ["", "  ", "a\nb"] {
            assert_eq!(Label::stored(never), Err(InvalidName::Label), "{never:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_accepted_again(text in ".{0,90}") {
            if let Ok(name) = text.parse::<Label>() {
                prop_assert_eq!(name.as_str().parse::<Label>(), Ok(name.clone()));
            }
            if let Ok(name) = text.parse::<ProviderName>() {
                prop_assert_eq!(name.as_str().parse::<ProviderName>(), Ok(name.clone()));
            }
        }
    }
}
