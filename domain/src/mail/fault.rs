//! Why a mail was not sent, in words that help whoever runs the hub; and what is refused about mail.

use serde::{Deserialize, Serialize};

use super::InvalidMail;

/// What went wrong with one try. The server's own words are cut, on one line, and without the password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum SendFault {
    /// Nobody answers there.
    #[error("The mail server could not be reached: {reason}. Check its name and its port.")]
    Unreachable {
        /// The system's words.
        reason: String,
    },
    /// It answers and then says nothing.
    #[error(
        "The mail server did not answer in time. Check name, port and kind of protection: a port for TLS says nothing to who begins without."
    )]
    Late,
    /// TLS does not come about.
    #[error(
        "No protected connection to the mail server came about: {reason}. Check the kind of protection and the server's certificate."
    )]
    Tls {
        /// The library's words.
        reason: String,
    },
    /// It offers no STARTTLS.
    #[error("The mail server offers no STARTTLS, so nothing was sent. Choose TLS, or a server that offers it.")]
    NoStartTls,
    /// It does not take user and password.
    #[error("The mail server does not take user and password: {said}")]
    SignIn {
        /// Its answer.
        said: String,
    },
    /// It refuses for now.
    #[error("The mail server does not take it now ({code}): {said}")]
    NotNow {
        /// Its code, such as 451.
        code: u16,
        /// Its answer.
        said: String,
    },
    /// It refuses for good.
    #[error("The mail server refuses it ({code}): {said}")]
    Refused {
        /// Its code, such as 550.
        code: u16,
        /// Its answer.
        said: String,
    },
    /// The connection ended before all was said.
    #[error("The mail server ended the connection: {reason}.")]
    Broken {
        /// The library's words.
        reason: String,
    },
    /// The folder for mail cannot be written.
    #[error("The folder for mail cannot be written: {reason}.")]
    Folder {
        /// The system's words.
        reason: String,
    },
    /// The address cannot be written into a mail.
    #[error("This address cannot be written into a mail.")]
    Address,
    /// Nothing says how mail is sent.
    #[error("Mail is not set up.")]
    NotSetUp,
    /// Nobody is to get it any more.
    #[error("Nobody is to get this mail any more, so it was not sent.")]
    Nobody,
}

impl SendFault {
    /// Another try would end alike.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Address | Self::Nobody)
    }
}

/// Why something about mail is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum MailRefusal {
    /// A field cannot stand.
    #[error("{0}")]
    Invalid(#[from] InvalidMail),
    /// The environment or the file says how mail is sent, and wins.
    #[error("How mail is sent is said by the configuration of this server. Change it there.")]
    Configured,
    /// Nothing says how mail is sent.
    #[error("This hub sends no mail yet. An owner sets it up under Settings, Mail.")]
    NotSetUp,
    /// A test that failed.
    #[error("{0}")]
    Fault(#[from] SendFault),
    /// Too much waits to be sent.
    #[error("Too much mail waits to be sent. Try again later.")]
    Full,
    /// It was sent a moment ago.
    #[error(
        "That mail was sent a moment ago. Look into the mailbox, and into its folder for spam; another one can be sent in {seconds} seconds."
    )]
    JustSent {
        /// Until another may be asked for.
        seconds: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_survives_storage() {
        let fault = SendFault::Refused {
            code: 550,
            said: "no such user".into(),
        };
        let text = serde_json::to_string(&fault).unwrap();
        assert_eq!(serde_json::from_str::<SendFault>(&text).unwrap(), fault);
        assert!(fault.is_final() && !SendFault::Late.is_final());
    }
}
