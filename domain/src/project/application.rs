//! Programs that name themselves in their calls, and whose such calls are.

use serde::{Deserialize, Serialize};

use crate::refusal::Invalid;

/// The most letters of an application's name.
const APPLICATION_LENGTH: usize = 200;

/// A program that names itself in its calls, as AIGNE's clients do by the DID of the application that they run in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Application(String);

impl Application {
    /// Reads a name.
    ///
    /// # Errors
    /// [`Invalid::Application`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.:".contains(&letter);
        if !text.is_empty() && text.len() <= APPLICATION_LENGTH && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::Application)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Application {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Application> for String {
    fn from(application: Application) -> Self {
        application.0
    }
}

/// An application of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectApplication {
    /// Its name.
    pub application: Application,
    /// The project's account pays for calls that name it; else the account of the key does.
    pub pays: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applications_are_plain_names() {
        for good in ["z8ia3xzq2tMq8CRHfaXj1BTYJyYnEcHbqP8cJ", "did:abt:zNK1", " a.b-c_d "] {
            assert_eq!(Application::parse(good).map(String::from).as_deref(), Ok(good.trim()));
        }
        for bad in ["", " ", "a b", "a\nb", "ä", "<x>", &"a".repeat(201)] {
            assert_eq!(Application::parse(bad), Err(Invalid::Application), "{bad:?}");
        }
    }
}
