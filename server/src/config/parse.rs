//! Turns the text of a setting into a value, with one error that names the key, its source and what is allowed.

use std::ops::RangeInclusive;

use super::{
    ConfigError,
    keys::KEYS,
    source::{Raw, Source},
};

/// The error for a setting whose text was not accepted.
pub fn refused(raw: &Raw, key: &'static str, allowed: impl Into<String>) -> ConfigError {
    let (text, source) = raw.get(key);
    let secret = KEYS.iter().any(|known| known.name == key && known.secret);
    let value = if secret {
        "(hidden)".to_owned()
    } else {
        without_password(text)
    };
    ConfigError::Value {
        key,
        value,
        source_name: source.to_string(),
        allowed: allowed.into(),
    }
}

/// A whole number within a range.
pub fn number(raw: &Raw, key: &'static str, range: RangeInclusive<u64>) -> Result<u64, ConfigError> {
    let found = raw.get(key).0.parse().ok().filter(|number| range.contains(number));
    found.ok_or_else(|| {
        refused(
            raw,
            key,
            format!("a whole number from {} to {}", range.start(), range.end()),
        )
    })
}

/// The parts of a list that is joined by commas; empty parts are skipped.
pub fn list(raw: &Raw, key: &'static str) -> Vec<String> {
    raw.get(key)
        .0
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A number of bytes: `4096`, `512KB`, `32MB`; units of 1024.
pub fn bytes(raw: &Raw, key: &'static str, range: RangeInclusive<usize>) -> Result<usize, ConfigError> {
    let text = raw.get(key).0.to_ascii_uppercase();
    let (digits, unit) = match (text.strip_suffix("KB"), text.strip_suffix("MB")) {
        (Some(digits), _) => (digits, 1024),
        (_, Some(digits)) => (digits, 1024 * 1024),
        (None, None) => (text.as_str(), 1),
    };
    let found = digits
        .trim()
        .parse::<usize>()
        .ok()
        .and_then(|number| number.checked_mul(unit));
    found.filter(|size| range.contains(size)).ok_or_else(|| {
        let (least, most) = (size(*range.start()), size(*range.end()));
        refused(
            raw,
            key,
            format!("a size such as 512KB or 32MB, from {least} to {most}"),
        )
    })
}

/// As people write it, in the largest unit that fits.
fn size(bytes: usize) -> String {
    match bytes {
        _ if bytes.is_multiple_of(1024 * 1024) => format!("{}MB", bytes / (1024 * 1024)),
        _ if bytes.is_multiple_of(1024) => format!("{}KB", bytes / 1024),
        _ => bytes.to_string(),
    }
}

/// A URL with its passwords replaced, so that it may be shown. What is not the shape of a URL may still hold one, so rather too much is
/// hidden than too little.
pub fn without_password(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, url),
    };
    // The last sign counts: a password that was not percent-encoded may itself hold slashes, question marks and at signs.
    let shown = match (rest.rsplit_once('@'), scheme) {
        (None, _) => masked_pairs(rest),
        (Some((_, place)), None) => format!("***@{}", masked_pairs(place)),
        (Some((who, place)), Some(_)) => {
            let user = who.split(':').next().unwrap_or_default();
            format!("{}:***@{}", masked_pairs(user), masked_pairs(place))
        }
    };
    match scheme {
        Some(scheme) => format!("{scheme}://{shown}"),
        None => shown,
    }
}

/// The same with the values of `password=…` hidden, wherever they stand.
fn masked_pairs(text: &str) -> String {
    let pairs = text.split_inclusive(['?', '&']).map(|pair| {
        let (word, sign) = match pair.strip_suffix(['?', '&']) {
            Some(word) => (word, &pair[word.len()..]),
            None => (pair, ""),
        };
        match word.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("password") => format!("{name}=***{sign}"),
            _ => pair.to_owned(),
        }
    });
    pairs.collect()
}

/// Whether somebody set this key at all.
pub fn is_set(raw: &Raw, key: &'static str) -> bool {
    raw.get(key).1 != Source::Default
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(key: &'static str, text: &str) -> Raw {
        let mut raw = Raw::default();
        raw.set(key, text.to_owned(), Source::Environment("HUB_TEST"));
        raw
    }

    #[test]
    fn sizes_have_units() {
        let size = |text| bytes(&with("HUB_BODY_LIMIT", text), "HUB_BODY_LIMIT", 1024..=1 << 30).ok();
        assert_eq!(size("4096"), Some(4096));
        assert_eq!(size("512kb"), Some(512 * 1024));
        assert_eq!(size("32 MB"), Some(32 << 20));
        for wrong in ["0", "-1", "2GB", "MB", "99999999999999999999MB", "1025MB"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
        let refused = bytes(&with("HUB_BODY_MEMORY", "much"), "HUB_BODY_MEMORY", 1024..=1 << 40);
        let sentence = refused.map_err(|error| error.to_string()).err().unwrap_or_default();
        assert!(sentence.contains("from 1KB to 1048576MB"), "what it takes: {sentence}");
    }

    #[test]
    fn errors_name_key_source_and_range() {
        let error = number(&with("HUB_DRAIN_SECONDS", "soon"), "HUB_DRAIN_SECONDS", 0..=3600)
            .map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err(
                "HUB_DRAIN_SECONDS is \"soon\" (environment HUB_TEST), but it must be a whole number from 0 to 3600."
                    .into()
            )
        );
    }

    #[test]
    fn secrets_do_not_reach_errors() {
        let error = refused(&with("HUB_MASTER_KEY", "c2VjcmV0"), "HUB_MASTER_KEY", "other").to_string();
        assert!(!error.contains("c2VjcmV0"), "{error}");
        let error = refused(
            &with("HUB_DATABASE_URL", "mysql://me:pass/word@host/db"),
            "HUB_DATABASE_URL",
            "other",
        )
        .to_string();
        assert!(error.contains("mysql") && !error.contains("word"), "{error}");
    }

    #[test]
    fn passwords_are_masked() {
        assert_eq!(
            without_password("postgres://me:secret@host:5432/db?sslmode=require"),
            "postgres://me:***@host:5432/db?sslmode=require"
        );
        assert_eq!(
            without_password("postgres://host/db?user=me&password=secret"),
            "postgres://host/db?user=me&password=***"
        );
        assert_eq!(without_password("sqlite://data/hub.db"), "sqlite://data/hub.db");
        assert_eq!(without_password("plain"), "plain");
        assert_eq!(
            without_password("postgres://me:ge?he/i&m@host/db?x=1"),
            "postgres://me:***@host/db?x=1"
        );
        assert_eq!(without_password("smtp://me:ge?heim@host:25"), "smtp://me:***@host:25");
        assert_eq!(without_password("postgres:/me:secret@host/db"), "***@host/db");
        assert_eq!(
            without_password("postgres://host/db?user=me@x&sslpassword=secret"),
            "postgres://host/db?user=me:***@x&sslpassword=***"
        );
    }
}
