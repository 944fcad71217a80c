//! What an admin types about mail, and what may stand there.

use serde::{Deserialize, Serialize};

use super::{MailSecurity, MailServer, MailSettings, Sender};
use crate::name::{InvalidName, Label};

/// The fields of the form, and of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedMail {
    /// The server's name or address.
    pub host: String,
    /// Its port; empty for the usual one.
    pub port: String,
    /// `starttls`, `tls` or `none`.
    pub security: String,
    /// As whom the hub signs in; empty where it need not.
    pub user: String,
    /// The sender's address.
    pub from: String,
    /// What stands before it; empty for none.
    pub from_name: String,
}

/// What cannot stand there; the sentence says what can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum InvalidMail {
    /// Not the name of a server.
    #[error("A server is named like mail.example.com or 192.0.2.1, without a port and without spaces.")]
    Host,
    /// Not a port.
    #[error("A port is a number from 1 to 65535: usually 587 with STARTTLS, 465 with TLS.")]
    Port,
    /// Not a way to protect the connection.
    #[error("The connection is protected by `starttls`, by `tls`, or by `none`.")]
    Security,
    /// Not a user's name.
    #[error("A user's name has at most 200 visible characters.")]
    User,
    /// Not a password.
    #[error("A password for mail has 1 to 400 characters and no line breaks.")]
    Password,
    /// Not an address.
    #[error("The sender is an address such as hub@example.com.")]
    Sender,
    /// Not a name.
    #[error("The sender's name has at most 80 characters and no line breaks.")]
    SenderName,
    /// A password would travel in the open.
    #[error(
        "Without TLS a password can be read on its way. Choose STARTTLS or TLS, or leave user and password empty; only within this machine it may go like that."
    )]
    InTheOpen,
}

impl From<InvalidName> for InvalidMail {
    fn from(_: InvalidName) -> Self {
        Self::Sender
    }
}

impl TypedMail {
    /// The settings, or the field that is wrong and why.
    ///
    /// # Errors
    /// The first field that cannot stand.
    pub fn settings(&self) -> Result<MailSettings, (&'static str, InvalidMail)> {
        let security = MailSecurity::parse(self.security.trim()).ok_or(("security", InvalidMail::Security))?;
        let host = host(&self.host).ok_or(("host", InvalidMail::Host))?;
        let port = match self.port.trim() {
            "" => security.usual_port(),
            typed => typed
                .parse()
                .ok()
                .filter(|port| *port > 0)
                .ok_or(("port", InvalidMail::Port))?,
        };
        let user = self.user.trim();
        if user.chars().count() > 200 || user.chars().any(char::is_control) {
            return Err(("user", InvalidMail::User));
        }
        let email = self.from.parse().map_err(|_| ("from", InvalidMail::Sender))?;
        let name = match self.from_name.trim() {
            "" => String::new(),
            typed => typed
                .parse::<Label>()
                .map_err(|_| ("from_name", InvalidMail::SenderName))?
                .into(),
        };
        let server = MailServer {
            host,
            port,
            security,
            user: (!user.is_empty()).then(|| user.to_owned()),
        };
        if server.user.is_some() && security == MailSecurity::None && !server.is_here() {
            return Err(("security", InvalidMail::InTheOpen));
        }
        Ok(MailSettings {
            server,
            sender: Sender { email, name },
        })
    }
}

/// A name or an address, and nothing beside it.
fn host(typed: &str) -> Option<String> {
    let host = typed.trim().trim_start_matches('[').trim_end_matches(']');
    let letters = |host: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        host.bytes().all(plain) && !host.starts_with(['.', '-'])
    };
    let fits = (1..=253).contains(&host.len()) && (letters(host) || host.parse::<std::net::Ipv6Addr>().is_ok());
    fits.then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> TypedMail {
        TypedMail {
            host: " Mail.Example.com ".into(),
            security: "starttls".into(),
            user: "hub".into(),
            from: "Hub@example.com".into(),
            ..TypedMail::default()
        }
    }

    #[test]
    fn what_may_stand_there_is_taken() {
        let settings = typed().settings().expect("can stand");
        assert_eq!(
            (settings.server.host.as_str(), settings.server.port),
            ("mail.example.com", 587)
        );
        assert_eq!(settings.sender.email.as_str(), "hub@example.com");
        let here = TypedMail {
            host: "[::1]".into(),
            security: "none".into(),
            ..typed()
        };
        assert_eq!(here.settings().map(|settings| settings.server.port), Ok(25));
    }

    #[test]
    fn what_may_not_is_named() {
        let cases = [
            (
                "host",
                TypedMail {
                    host: "a b".into(),
                    ..typed()
                },
            ),
            (
                "host",
                TypedMail {
                    host: "a:25".into(),
                    ..typed()
                },
            ),
            (
                "host",
                TypedMail {
                    host: "a\r\nb".into(),
                    ..typed()
                },
            ),
            (
                "host",
                TypedMail {
                    host: String::new(),
                    ..typed()
                },
            ),
            (
                "port",
                TypedMail {
                    port: "0".into(),
                    ..typed()
                },
            ),
            (
                "port",
                TypedMail {
                    port: "65536".into(),
                    ..typed()
                },
            ),
            (
                "security",
                TypedMail {
                    security: "ssl".into(),
                    ..typed()
                },
            ),
            (
                "security",
                TypedMail {
                    security: "none".into(),
                    ..typed()
                },
            ),
            (
                "user",
                TypedMail {
                    user: "a\nb".into(),
                    ..typed()
                },
            ),
            (
                "from",
                TypedMail {
                    from: "hub".into(),
                    ..typed()
                },
            ),
            (
                "from_name",
                TypedMail {
                    from_name: "Hub\r\nBcc: x@y.z".into(),
                    ..typed()
                },
            ),
        ];
        for (field, typed) in cases {
            assert_eq!(typed.settings().map_err(|(wrong, _)| wrong), Err(field), "{typed:?}");
        }
    }
}
