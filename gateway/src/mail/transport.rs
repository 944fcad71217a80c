//! The way to the server, by `lettre`: one connection for each mail, TLS as it was chosen and never less, and what goes wrong
//! in words that help.

use std::{path::Path, time::Duration};

use domain::{
    id::MailId,
    mail::{MailSecurity, MailServer, SendFault},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{self, authentication::Credentials},
};
use tokio::io::AsyncWriteExt as _;

use super::{MailWay, letter::Letter};
use crate::{Inner, SecretText, secrets::mask};

/// How long the connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a whole mail may take; `lettre` itself waits for an answer without an end.
const WHOLE: Duration = Duration::from_secs(20);
/// Codes by which servers refuse user and password (RFC 4954, section 6).
const SIGN_IN: [u16; 5] = [530, 534, 535, 538, 454];

impl Inner {
    /// Sends one letter.
    pub(super) async fn deliver(&self, way: &MailWay, letter: &Letter, to: &str, id: MailId) -> Result<(), SendFault> {
        let host = self
            .public_url
            .split_once("://")
            .map_or("hub", |(_, authority)| authority);
        let host = host
            .rsplit_once(':')
            .map_or(host, |(host, _)| host)
            .trim_matches(['[', ']']);
        let sender = match way {
            MailWay::Server { settings, .. } => &settings.sender,
            MailWay::Folder { sender, .. } => sender,
        };
        let message = letter.message(sender, to, &id.to_string(), host)?;
        let sending = async {
            match way {
                MailWay::Server { settings, password } => by_server(&settings.server, password.as_ref(), message).await,
                MailWay::Folder { folder, .. } => {
                    let written = by_folder(folder, id, &message.formatted()).await;
                    written.map_err(|error| SendFault::Folder {
                        reason: mask(&error.to_string(), &[]),
                    })
                }
            }
        };
        tokio::time::timeout(WHOLE, sending)
            .await
            .unwrap_or(Err(SendFault::Late))
    }
}

/// Writes a mail into a file of its own. It may hold a link that works, so nobody but the owner of this process reads it: the
/// file, and the folder where it is made here, have no rights for others. A folder that exists keeps its mode.
async fn by_folder(folder: &Path, id: MailId, text: &[u8]) -> std::io::Result<()> {
    let mut made = tokio::fs::DirBuilder::new();
    let mut file = tokio::fs::OpenOptions::new();
    made.recursive(true);
    file.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        made.mode(0o700);
        file.mode(0o600);
    }
    made.create(folder).await?;
    let mut file = file.open(folder.join(format!("{id}.eml"))).await?;
    file.write_all(text).await?;
    file.flush().await
}

async fn by_server(server: &MailServer, password: Option<&SecretText>, message: Message) -> Result<(), SendFault> {
    type Smtp = AsyncSmtpTransport<Tokio1Executor>;
    let builder = match server.security {
        MailSecurity::StartTls => Smtp::starttls_relay(&server.host),
        MailSecurity::Tls => Smtp::relay(&server.host),
        MailSecurity::None => Ok(Smtp::builder_dangerous(&server.host)),
    };
    let secret = password.map_or("", SecretText::expose);
    let mut builder = builder
        .map_err(|error| fault(&error, secret))?
        .port(server.port)
        .timeout(Some(CONNECT));
    if let Some(user) = &server.user {
        builder = builder.credentials(Credentials::new(user.clone(), secret.to_owned()));
    }
    let sent = builder.build::<Tokio1Executor>().send(message).await;
    sent.map(drop).map_err(|error| fault(&error, secret))
}

/// What went wrong, without the password, which a server might repeat.
fn fault(error: &smtp::Error, secret: &str) -> SendFault {
    let source = std::error::Error::source(error).map_or_else(|| error.to_string(), root);
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, secret);
    let words = if secret.is_empty() {
        mask(&source, &[])
    } else {
        mask(&source, &[secret, &encoded])
    };
    if let Some(code) = error.status() {
        let code = u16::from(code);
        return match code {
            code if SIGN_IN.contains(&code) => SendFault::SignIn {
                said: format!("{code} {words}"),
            },
            400..500 => SendFault::NotNow { code, said: words },
            _ => SendFault::Refused { code, said: words },
        };
    }
    if error.is_timeout() {
        return SendFault::Late;
    }
    if error.is_tls() || by_tls(error) {
        return SendFault::Tls { reason: words };
    }
    let told = error.to_string();
    if told.contains("STARTTLS") {
        return SendFault::NoStartTls;
    }
    if told.starts_with("Connection error") {
        return SendFault::Unreachable { reason: words };
    }
    SendFault::Broken { reason: words }
}

/// Whether TLS is behind it, which `lettre` calls a connection that failed.
fn by_tls(error: &smtp::Error) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let within = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if cause.is::<rustls::Error>() {
            return true;
        }
        if let Some(within) = within
            && within.is::<rustls::Error>()
        {
            return true;
        }
        next = cause.source();
    }
    false
}

/// The cause of causes, which says most.
fn root(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(next) = deepest.source() {
        deepest = next;
    }
    deepest.to_string()
}
