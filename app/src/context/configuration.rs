//! What was configured when the hub started, as `server` hands it on for people to look at: plain texts, secrets masked.

use std::sync::Arc;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// Nobody set it.
    Default,
    /// The configuration file at this path.
    File(String),
    /// The environment variable of this name.
    Environment(String),
    /// An argument of `aigne-hub serve`.
    CommandLine,
    /// Set while the hub runs, in the console or by `aigne-hub settings set`.
    Console,
}

/// One value that only the configuration sets.
#[derive(Clone, Debug)]
pub struct Configured {
    /// The environment variable that sets it.
    pub name: &'static str,
    /// The key in the configuration file that sets it.
    pub file_key: String,
    /// What holds, as people may see it.
    pub value: String,
    /// Where that was set.
    pub source: ValueSource,
}

/// All of them, in the order of `aigne-hub config`. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Configuration(Arc<[Configured]>);

impl Configuration {
    /// These values.
    #[must_use]
    pub fn new(values: Vec<Configured>) -> Self {
        Self(values.into())
    }

    /// Each value.
    pub fn iter(&self) -> std::slice::Iter<'_, Configured> {
        self.0.iter()
    }
}

/// The configuration of this hub; empty where the server has not provided it.
#[must_use]
pub fn configuration() -> Configuration {
    leptos::prelude::use_context().unwrap_or_default()
}
