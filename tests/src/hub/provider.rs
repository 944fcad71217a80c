//! Adds providers by the command line: `aigne-hub provider add` with what a test names, and nothing else.

use serde_json::Value;

use super::Hub;

/// A provider that is about to be added.
#[must_use = "`add` adds it"]
#[derive(Debug)]
pub struct NewProvider<'a> {
    hub: &'a Hub,
    arguments: Vec<String>,
    credential: String,
}

impl Hub {
    /// One of this kind under this name.
    pub fn provider(&self, kind: &str, name: &str) -> NewProvider<'_> {
        NewProvider::new(self).flags(&["--kind", kind, "--name", name])
    }

    /// One of a known service under this name.
    pub fn provider_of_preset(&self, preset: &str, name: &str) -> NewProvider<'_> {
        NewProvider::new(self).flags(&["--preset", preset, "--name", name])
    }
}

impl<'a> NewProvider<'a> {
    fn new(hub: &'a Hub) -> Self {
        Self {
            hub,
            arguments: ["provider", "add"].map(str::to_owned).to_vec(),
            credential: String::new(),
        }
    }

    /// What else the command is told, as it stands.
    pub fn flags(mut self, flags: &[&str]) -> Self {
        self.arguments.extend(flags.iter().map(|flag| (*flag).to_owned()));
        self
    }

    /// Where it is reached.
    pub fn at(self, base_url: &str) -> Self {
        self.flags(&["--base-url", base_url])
    }

    /// What it is reached with.
    pub fn credential(mut self, credential: &str) -> Self {
        credential.clone_into(&mut self.credential);
        self.flags(&["--credential-stdin"])
    }

    /// Models that are typed in beside those which it lists.
    pub fn models<Name: AsRef<str>>(self, names: impl IntoIterator<Item = Name>) -> Self {
        names
            .into_iter()
            .fold(self, |provider, name| provider.flags(&["--model", name.as_ref()]))
    }

    /// Adds it; what the command answers.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn add(self) -> Value {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        self.hub.json(&arguments, &self.credential).await
    }
}
