//! Why a question got no answer at all: it never reached the engine. A type of its own, and a small one: the console's
//! error knows every refusal of ledger and prices, and all that would have to come along into the browser.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

use crate::text::Language;

/// What went wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Unheard {
    /// Nobody is signed in any more.
    #[error("nobody is signed in")]
    SignedOut,
    /// The question is larger than the hub takes.
    #[error("the question is too large")]
    TooLarge,
    /// Browser and hub could not understand each other.
    #[error("the connection to the hub failed")]
    Lost,
}

impl Unheard {
    /// The sentence for the person.
    #[must_use]
    pub const fn sentence(self, language: Language) -> &'static str {
        match self {
            Self::SignedOut => language.pick(
                "You are signed out. Sign in again in another tab, then try again.",
                "登录已失效。请在另一个标签页重新登录，然后重试。",
            ),
            Self::TooLarge => language.pick(
                "The files of this conversation are too much together. Take some off, or begin a new conversation.",
                "本次对话的文件总量过大，请移除一些，或开始新对话。",
            ),
            Self::Lost => language.pick(
                "The connection to the hub broke off. Try again.",
                "与 Hub 的连接中断，请重试。",
            ),
        }
    }

    /// What an answer says that is not ours: the console's fences answer in the words of its own error.
    fn told(text: &str) -> Self {
        if text.contains("NotSignedIn") || text.contains("SignedOut") {
            Self::SignedOut
        } else if text.contains("TooLarge") {
            Self::TooLarge
        } else {
            Self::Lost
        }
    }
}

impl FromServerFnError for Unheard {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        // Here these mean that the request could not be read. In the browser some of them concern the answer.
        #[cfg(feature = "ssr")]
        if matches!(
            error,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_)
        ) {
            crate::context::set_status(http::StatusCode::BAD_REQUEST);
        }
        let _ = error;
        Self::Lost
    }

    fn de(data: leptos::server_fn::Bytes) -> Self {
        Self::told(&String::from_utf8_lossy(&data))
    }
}

#[cfg(feature = "ssr")]
impl From<crate::error::AppError> for Unheard {
    fn from(error: crate::error::AppError) -> Self {
        match error.refusal() {
            domain::refusal::Refusal::NotSignedIn => Self::SignedOut,
            _ => Self::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unheard;

    #[test]
    fn every_fence_is_understood() {
        let cases = [
            (r#"{"Refused":"NotSignedIn"}"#, Unheard::SignedOut),
            (r#""SignedOut""#, Unheard::SignedOut),
            (r#"{"Undelivered":"TooLarge"}"#, Unheard::TooLarge),
            ("<html>", Unheard::Lost),
        ];
        for (text, expected) in cases {
            assert_eq!(Unheard::told(text), expected, "{text}");
        }
    }
}
