//! Why somebody does not come in who has no account yet, or has lost the way into it.

use serde::{Deserialize, Serialize};

/// A request at the door that is not granted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum DoorRefusal {
    /// A link that was used, is too old, or never was one.
    #[error("This link is not valid any more: it works once, and for a limited time. Ask for a new one.")]
    Link,
    /// The address has got an account since.
    #[error("There is an account with this address already. Sign in to it, or ask for a new password.")]
    Known,
    /// Nobody registers by themselves.
    #[error("Nobody can register here by themselves. Ask an admin for an invitation.")]
    Closed,
    /// Addresses of this domain may not register.
    #[error("People of {domain} cannot register here by themselves. Ask an admin for an invitation.")]
    Domain {
        /// The part after the sign.
        domain: String,
    },
    /// Somebody asks too often from there.
    #[error("Too many requests came from your network. Try again in {seconds} seconds.")]
    TooMany {
        /// Seconds until the next one is looked at.
        seconds: u32,
    },
    /// Days outside what makes sense.
    #[error("An invitation lasts 1 to 30 days.")]
    Days,
    /// It was accepted, revoked, or is too old.
    #[error("This invitation is over: it was accepted, revoked, or its time has run out. Make a new one.")]
    Over,
    /// The address is one's own already.
    #[error("That is your address already, and it is verified.")]
    Same,
}
