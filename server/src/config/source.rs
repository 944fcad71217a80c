//! Finds the text of each setting: command line over environment over file over default. Meaning is not checked here.

use std::{collections::BTreeMap, ffi::OsString, fmt, path::PathBuf};

use super::{
    ConfigError, identity,
    keys::{KEYS, Key, OTHER_VARIABLES},
    nearest,
};

/// Where the file is looked for when nothing names one.
pub const DEFAULT_FILE: &str = "hub.toml";

/// What the command line sets.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--config`: the file to read.
    pub file: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
}

/// Where a value was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// The environment variable of this name.
    Environment(&'static str),
    /// An argument.
    CommandLine,
}

impl Source {
    /// One word for JSON.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File(_) => "file",
            Self::Environment(_) => "environment",
            Self::CommandLine => "command line",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path) => write!(formatter, "file {}", path.display()),
            Self::Environment(name) => write!(formatter, "environment {name}"),
            Self::CommandLine => formatter.write_str("command line"),
        }
    }
}

/// The text of every setting and where it came from.
#[derive(Clone, Default)]
pub struct Raw {
    values: BTreeMap<&'static str, (String, Source)>,
    /// HUB_NEW_MASTER_KEY, which only `secrets rotate` reads.
    pub new_master_key: Option<String>,
    /// Identity providers, which only the file can name.
    pub identity_providers: Vec<gateway::FiledProvider>,
    /// Sentences about variables that are not settings.
    pub warnings: Vec<String>,
}

/// Some of the texts are secrets.
impl fmt::Debug for Raw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Raw").finish_non_exhaustive()
    }
}

impl Raw {
    /// The text of a setting, trimmed, and its source. A setting that nobody set has its default.
    #[must_use]
    pub fn get(&self, key: &'static str) -> (&str, Source) {
        match self.values.get(key) {
            Some((text, source)) => (text.trim(), source.clone()),
            None => (
                KEYS.iter()
                    .find(|known| known.name == key)
                    .map_or("", |known| known.default),
                Source::Default,
            ),
        }
    }

    /// Sets a value; an empty text leaves what was there.
    pub fn set(&mut self, key: &'static str, text: String, source: Source) {
        if !text.trim().is_empty() {
            self.values.insert(key, (text, source));
        }
    }
}

/// Reads the file, then the environment, then the arguments.
pub fn read(overrides: &Overrides) -> Result<Raw, ConfigError> {
    let variables = texts(std::env::vars_os())?;
    let mut raw = Raw::default();
    from_variables(&mut raw, variables.into_iter(), overrides)?;
    Ok(raw)
}

/// The variables that are text. One of ours that is none is refused: passed over, it would be as if it had not been set.
fn texts(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Vec<(String, String)>, ConfigError> {
    let mut texts = Vec::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => texts.push((name, value)),
            Err(_) if name.starts_with("HUB_") || name == "DATABASE_URL" => return Err(ConfigError::NotText(name)),
            Err(_) => {}
        }
    }
    Ok(texts)
}

/// Merges everything into `raw`; split from [`read`] so that tests need no real environment.
fn from_variables(
    raw: &mut Raw,
    variables: impl Iterator<Item = (String, String)>,
    overrides: &Overrides,
) -> Result<(), ConfigError> {
    let variables: BTreeMap<String, String> = variables.collect();
    let named = overrides.file.clone().or_else(|| {
        variables
            .get("HUB_CONFIG")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    });
    let file = named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.is_file()));
    if let Some(path) = file {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| ConfigError::Unreadable {
            path: shown,
            reason: error.to_string(),
        })?;
        from_file(raw, &text, &path)?;
    }
    if let Some(url) = variables.get("DATABASE_URL") {
        raw.set("HUB_DATABASE_URL", url.clone(), Source::Environment("DATABASE_URL"));
    }
    for key in KEYS {
        if let Some(value) = variables.get(key.name) {
            raw.set(key.name, value.clone(), Source::Environment(key.name));
        }
    }
    raw.new_master_key = variables
        .get("HUB_NEW_MASTER_KEY")
        .filter(|text| !text.trim().is_empty())
        .cloned();
    raw.warnings.extend(unknown_variables(variables.keys()));
    if let Some(listen) = &overrides.listen {
        raw.set("HUB_LISTEN", listen.clone(), Source::CommandLine);
    }
    Ok(())
}

fn unknown_variables<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    names
        .filter(|name| name.starts_with("HUB_") && !OTHER_VARIABLES.contains(&name.as_str()))
        .filter(|name| KEYS.iter().all(|key| key.name != name.as_str()))
        .map(|name| {
            let hint = nearest::hint(name, KEYS.iter().map(|key| key.name.to_owned()));
            format!("The environment variable {name} is not a setting and has no effect.{hint}")
        })
        .collect()
}

fn from_file(raw: &mut Raw, text: &str, path: &std::path::Path) -> Result<(), ConfigError> {
    let shown = || path.display().to_string();
    let table: toml::Table = text.parse().map_err(|error| syntax(text, path, &error))?;
    for (word, value) in table {
        if word == identity::SECTION {
            raw.identity_providers = identity::providers(&value, path)?;
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| key.file_key() == word) else {
            let hint = match KEYS.iter().find(|key| key.name.eq_ignore_ascii_case(&word)) {
                Some(key) => format!(" In a file it is called {}.", key.file_key()),
                None => nearest::hint(&word, KEYS.iter().map(Key::file_key)),
            };
            return Err(ConfigError::UnknownKey {
                path: shown(),
                found: word,
                hint,
            });
        };
        let text = plain(&value).ok_or_else(|| ConfigError::Value {
            key: key.name,
            value: value.type_str().to_owned(),
            source_name: Source::File(path.to_owned()).to_string(),
            allowed: "a text, a number, a truth value or a list of texts".to_owned(),
        })?;
        raw.set(key.name, text, Source::File(path.to_owned()));
    }
    Ok(())
}

/// What is wrong and where, in one line.
fn syntax(text: &str, path: &std::path::Path, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.get(..at).unwrap_or(text);
    let (lines, last) = before.rsplit_once('\n').unwrap_or(("", before));
    ConfigError::Syntax {
        path: path.display().to_string(),
        line: if before.contains('\n') {
            lines.split('\n').count() + 1
        } else {
            1
        },
        column: last.chars().count() + 1,
        reason: error.message().lines().collect::<Vec<_>>().join(", "),
    }
}

/// A TOML value as the environment would spell it; lists are joined by commas.
fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(items) => items
            .iter()
            .map(plain)
            .collect::<Option<Vec<_>>>()
            .map(|texts| texts.join(",")),
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(variables: &[(&str, &str)], overrides: &Overrides) -> Raw {
        let mut raw = Raw::default();
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert!(from_variables(&mut raw, variables, overrides).is_ok());
        raw
    }

    #[test]
    fn what_is_ours_is_text() {
        use std::os::unix::ffi::OsStringExt as _;
        let of = |name: &str| texts([(name.into(), OsString::from_vec(vec![b'a', 0xff]))].into_iter());
        assert!(matches!(of("HUB_MASTER_KEY"), Err(ConfigError::NotText(name)) if name == "HUB_MASTER_KEY"));
        assert!(of("DATABASE_URL").is_err());
        assert_eq!(of("LS_COLORS").ok(), Some(Vec::new()));
    }

    #[test]
    fn later_sources_win() {
        let given = [
            ("HUB_LISTEN", "127.0.0.1:1"),
            ("DATABASE_URL", "postgres://a/b"),
            ("HUB_LOG", ""),
        ];
        let found = raw(&given, &Overrides::default());
        assert_eq!(
            found.get("HUB_LISTEN"),
            ("127.0.0.1:1", Source::Environment("HUB_LISTEN"))
        );
        assert_eq!(
            found.get("HUB_DATABASE_URL"),
            ("postgres://a/b", Source::Environment("DATABASE_URL"))
        );
        assert_eq!(found.get("HUB_LOG"), ("info", Source::Default));
        let found = raw(
            &given,
            &Overrides {
                listen: Some("127.0.0.1:2".into()),
                file: None,
            },
        );
        assert_eq!(found.get("HUB_LISTEN"), ("127.0.0.1:2", Source::CommandLine));
    }

    #[test]
    fn the_own_variable_beats_the_common_one() {
        let found = raw(
            &[("HUB_DATABASE_URL", "sqlite://x"), ("DATABASE_URL", "postgres://a/b")],
            &Overrides::default(),
        );
        assert_eq!(found.get("HUB_DATABASE_URL").0, "sqlite://x");
    }

    #[test]
    fn misspelt_variables_are_named() {
        let found = raw(
            &[("HUB_LISTENS", "x"), ("HUB_CONFIG", ""), ("PATH", "y")],
            &Overrides::default(),
        );
        assert_eq!(found.warnings.len(), 1);
        assert!(
            found
                .warnings
                .iter()
                .all(|text| text.contains("HUB_LISTENS") && text.contains("Did you mean HUB_LISTEN?"))
        );
    }

    #[test]
    fn files_hold_texts_numbers_and_lists() {
        let mut raw = Raw::default();
        let text = "listen = \"127.0.0.1:9\"\ndrain_seconds = 5\ncors_origins = [\"https://a\", \"https://b\"]\n";
        assert!(from_file(&mut raw, text, "hub.toml".as_ref()).is_ok());
        assert_eq!(raw.get("HUB_DRAIN_SECONDS").0, "5");
        assert_eq!(raw.get("HUB_CORS_ORIGINS").0, "https://a,https://b");
        let wrong = from_file(&mut raw, "lsten = \"x\"", "hub.toml".as_ref()).map_err(|error| error.to_string());
        assert!(wrong.is_err_and(|text| text.contains("\"lsten\"") && text.contains("Did you mean listen?")));
        assert!(from_file(&mut raw, "listen = 1.5", "hub.toml".as_ref()).is_err());
        // The name that the environment and `config` have for it.
        let wrong = from_file(&mut raw, "HUB_BODY_LIMIT = \"1MB\"", "hub.toml".as_ref());
        let wrong = wrong.map_err(|error| error.to_string());
        assert!(wrong.is_err_and(|text| text.contains("In a file it is called body_limit.")));
    }

    #[test]
    fn mistakes_in_a_file_are_told_by_their_place_and_without_what_stands_there() {
        for (text, place) in [
            ("listen", "line 1, column 7"),
            ("log = \"debug\"\n\nsmtp_password = \"s3cret\n", "line 3, column "),
            ("# é\nlog = s3cret", "line 2, column 7"),
            ("log = \"a\"\nlog = \"s3cret\"\n", "line 2, column 1"),
            ("\"s3cret", "line 1, column "),
            ("[[s3cret]\nx=1", "line 1, column "),
        ] {
            let error = from_file(&mut Raw::default(), text, "hub.toml".as_ref());
            let sentence = error.map_err(|error| error.to_string()).err().unwrap_or_default();
            assert!(
                sentence.starts_with("hub.toml") && sentence.contains(place),
                "{sentence}"
            );
            assert!(!sentence.contains("s3cret") && !sentence.contains('\n'), "{sentence}");
        }
    }
}
