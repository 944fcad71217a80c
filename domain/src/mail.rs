//! Mail: by which server it is sent, what kinds of it there are, and what becomes of it. `gateway::mail` sends; what may be
//! typed is decided here.

mod fault;
mod typed;

use serde::{Deserialize, Serialize};

use crate::{id::MailId, name::Email, time::Timestamp};

pub use fault::{MailRefusal, SendFault};
pub use typed::{InvalidMail, TypedMail};

/// How the connection to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS begins in the connection (RFC 3207), and without it nothing is sent.
    StartTls,
    /// TLS from the first byte on (RFC 8314).
    Tls,
    /// None, which somebody has chosen.
    None,
}

impl MailSecurity {
    /// All, in the order of a form.
    pub const ALL: [Self; 3] = [Self::StartTls, Self::Tls, Self::None];

    /// The word in storage and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }

    /// What this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }

    /// The port that servers listen on for it.
    #[must_use]
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// A server that takes mail, without the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// As whom the hub signs in; none where it need not.
    pub user: Option<String>,
}

impl MailServer {
    /// Whether what goes there stays within this machine.
    #[must_use]
    pub fn is_here(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        self.host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
    }

    /// Whether a password that was given for `self` may go to `other`: only to the same server, by a way no worse.
    #[must_use]
    pub fn trusts_like(&self, other: &Self) -> bool {
        let worse = self.security != MailSecurity::None && other.security == MailSecurity::None;
        (&self.host, self.port, &self.user) == (&other.host, other.port, &other.user) && !worse
    }
}

/// From whom mail comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The address.
    pub email: Email,
    /// What stands before it; empty for none.
    pub name: String,
}

/// Everything that is set about mail, without the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    /// Which server takes it.
    pub server: MailServer,
    /// From whom it comes.
    pub sender: Sender,
}

/// In which language a mail is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailLanguage {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl MailLanguage {
    /// The language of a tag such as `zh-CN`; English for all that is not known.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }

    /// The tag in storage.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The text in this language.
    #[must_use]
    pub const fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }
}

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailKind {
    /// A link by which somebody chooses a new password.
    Reset,
    /// A link by which somebody registers; to who is here already, that they are.
    Register,
    /// A link by which somebody proves that an address is theirs.
    Confirm,
    /// A link by which somebody who was invited comes in.
    Invite,
    /// To the address that somebody had before: it was changed.
    Moved,
    /// To whom the password was changed.
    Password,
    /// To whom an identity was linked.
    Linked,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Reset,
        Self::Register,
        Self::Confirm,
        Self::Invite,
        Self::Moved,
        Self::Password,
        Self::Linked,
    ];

    /// The word in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Register => "register",
            Self::Confirm => "confirm",
            Self::Invite => "invite",
            Self::Moved => "moved",
            Self::Password => "password",
            Self::Linked => "linked",
        }
    }

    /// What this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// What has become of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailState {
    /// It is tried, now or later.
    Waiting,
    /// The server has taken it.
    Sent,
    /// It was given up.
    Failed,
}

impl MailState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::Failed];

    /// The word in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// What this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// A mail as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    /// Its id.
    pub id: MailId,
    /// What it is for.
    pub kind: MailKind,
    /// What has become of it.
    pub state: MailState,
    /// To whom it goes.
    pub recipient: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it could not be sent the last time.
    pub problem: Option<SendFault>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, security: MailSecurity, user: Option<&str>) -> MailServer {
        MailServer {
            host: host.into(),
            port: 25,
            security,
            user: user.map(str::to_owned),
        }
    }

    #[test]
    fn a_password_goes_nowhere_else_and_never_in_the_open() {
        let safe = server("mail.example.com", MailSecurity::StartTls, Some("hub"));
        assert!(safe.trusts_like(&safe));
        let worse = MailServer {
            security: MailSecurity::None,
            ..safe.clone()
        };
        assert!(!safe.trusts_like(&worse) && worse.trusts_like(&safe));
        assert!(!safe.trusts_like(&MailServer {
            port: 26,
            ..safe.clone()
        }));
        assert!(!safe.trusts_like(&server("evil.example.com", MailSecurity::StartTls, Some("hub"))));
        assert!(!safe.trusts_like(&server("mail.example.com", MailSecurity::StartTls, Some("other"))));
    }

    #[test]
    fn what_is_here_is_told_by_its_address() {
        for here in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"] {
            assert!(server(here, MailSecurity::None, None).is_here(), "{here}");
        }
        for elsewhere in ["localhost.example.com", "10.0.0.1", "mail", "::2"] {
            assert!(!server(elsewhere, MailSecurity::None, None).is_here(), "{elsewhere}");
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(
            MailSecurity::ALL
                .into_iter()
                .all(|word| MailSecurity::parse(word.as_str()) == Some(word))
        );
        assert!(
            MailKind::ALL
                .into_iter()
                .all(|word| MailKind::parse(word.as_str()) == Some(word))
        );
        assert!(
            MailState::ALL
                .into_iter()
                .all(|word| MailState::parse(word.as_str()) == Some(word))
        );
        for language in [MailLanguage::En, MailLanguage::Zh] {
            assert_eq!(MailLanguage::of_tag(language.tag()), language);
        }
    }
}
