//! One connection of the fake: commands and answers, in the order that RFC 5321 wants.

use std::io;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Fault, Kept, Letter, Protection, Rules};

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

struct Wire {
    stream: Box<dyn Stream>,
    read: Vec<u8>,
}

impl Wire {
    /// One line without its end. Lines end with CR LF, and a line that does not is told by `Err(Some)`.
    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                let text = String::from_utf8_lossy(&line).into_owned();
                return match text.strip_suffix("\r\n") {
                    Some(line) => Ok(line.to_owned()),
                    None => Err(io::Error::other("a line ends with LF alone")),
                };
            }
            let mut piece = [0; 4096];
            let count = self.stream.read(&mut piece).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.read.extend_from_slice(&piece[..count]);
        }
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }
}

#[derive(Default)]
struct Talk {
    greeted: bool,
    protected: bool,
    signed_in: bool,
    from: Option<String>,
    to: Vec<String>,
}

/// Serves one connection to its end.
pub(super) async fn serve(
    stream: TcpStream,
    rules: &Rules,
    kept: &Mutex<Kept>,
    acceptor: &TlsAcceptor,
) -> io::Result<()> {
    let wrapped = rules.protection == Protection::Wrapped;
    let stream: Box<dyn Stream> = if wrapped {
        Box::new(acceptor.accept(stream).await?)
    } else {
        Box::new(stream)
    };
    let mut wire = Wire {
        stream,
        read: Vec::new(),
    };
    let mut talk = Talk {
        protected: wrapped,
        ..Talk::default()
    };
    wire.say("220 localhost fake mail server").await?;
    loop {
        let line = match wire.line().await {
            Err(error) if error.kind() == io::ErrorKind::Other => {
                note(kept, error.to_string());
                return Err(error);
            }
            line => line?,
        };
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if !rest.is_empty() => {
                talk.greeted = true;
                let mut offers = vec!["localhost".to_owned(), "8BITMIME".to_owned()];
                if rules.protection == Protection::StartTls && !talk.protected {
                    offers.push("STARTTLS".to_owned());
                } else if rules.account.is_some() {
                    offers.push("AUTH PLAIN LOGIN".to_owned());
                }
                let last = offers.len() - 1;
                for (place, offer) in offers.iter().enumerate() {
                    let sign = if place == last { ' ' } else { '-' };
                    wire.say(&format!("250{sign}{offer}")).await?;
                }
            }
            "STARTTLS" if talk.greeted && rules.protection == Protection::StartTls && !talk.protected => {
                wire.say("220 go on").await?;
                // What was sent before the handshake counts for nothing (RFC 3207, section 4.2).
                if !wire.read.is_empty() {
                    note(kept, "something was sent before TLS began".to_owned());
                }
                let stream = acceptor.accept(wire.stream).await?;
                wire = Wire {
                    stream: Box::new(stream),
                    read: Vec::new(),
                };
                talk = Talk {
                    protected: true,
                    ..Talk::default()
                };
            }
            "QUIT" => return wire.say("221 bye").await,
            "NOOP" => wire.say("250 fine").await?,
            "RSET" => {
                (talk.from, talk.to) = (None, Vec::new());
                wire.say("250 forgotten").await?;
            }
            _ if !talk.greeted => wire.say("503 say EHLO first").await?,
            _ if rules.protection == Protection::StartTls && !talk.protected => {
                note(kept, format!("{verb} came before TLS"));
                wire.say("530 5.7.0 Must issue a STARTTLS command first").await?;
            }
            "AUTH" => sign_in(&mut wire, rest, rules, kept, &mut talk).await?,
            _ if rules.account.is_some() && !talk.signed_in => wire.say("530 5.7.0 Authentication required").await?,
            "MAIL" => match address(rest, "FROM:") {
                Some(from) if from == rules.sender => {
                    talk.from = Some(from);
                    wire.say("250 fine").await?;
                }
                _ => wire.say("553 5.7.1 Sender address rejected: not owned by user").await?,
            },
            "RCPT" if talk.from.is_some() => {
                let fault = next(kept, |fault| matches!(fault, Fault::Recipient(..) | Fault::Stall));
                match (fault, address(rest, "TO:")) {
                    (Some(Fault::Recipient(code, words)), _) => wire.say(&format!("{code} {words}")).await?,
                    (Some(_), _) => std::future::pending().await,
                    (None, Some(to)) if to.contains('@') => {
                        talk.to.push(to);
                        wire.say("250 fine").await?;
                    }
                    (None, _) => wire.say("501 that is no address").await?,
                }
            }
            "DATA" if !talk.to.is_empty() => {
                wire.say("354 go on").await?;
                take(&mut wire, kept, &mut talk).await?;
            }
            _ => wire.say("503 not now").await?,
        }
    }
}

/// The text of a mail.
async fn take(wire: &mut Wire, kept: &Mutex<Kept>, talk: &mut Talk) -> io::Result<()> {
    let fault = next(kept, |fault| matches!(fault, Fault::Data(..) | Fault::Cut));
    let mut text = String::new();
    loop {
        let line = match wire.line().await {
            Err(error) if error.kind() == io::ErrorKind::Other => {
                note(kept, error.to_string());
                return Err(error);
            }
            line => line?,
        };
        if fault == Some(Fault::Cut) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if line == "." {
            break;
        }
        if line.len() > 998 {
            note(kept, "a line is longer than 998 bytes".to_owned());
        }
        // A dot at the beginning is doubled (RFC 5321, section 4.5.2).
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push_str("\r\n");
    }
    if let Some(Fault::Data(code, words)) = fault {
        return wire.say(&format!("{code} {words}")).await;
    }
    let (from, to) = (talk.from.take().unwrap_or_default(), std::mem::take(&mut talk.to));
    match Letter::read(&from, &to, &text) {
        Ok(letter) => {
            lock(kept).letters.push(letter);
            wire.say("250 2.0.0 taken").await
        }
        Err(problem) => {
            note(kept, problem.clone());
            wire.say(&format!("554 {problem}")).await
        }
    }
}

async fn sign_in(wire: &mut Wire, rest: &str, rules: &Rules, kept: &Mutex<Kept>, talk: &mut Talk) -> io::Result<()> {
    let Some((user, password)) = &rules.account else {
        return wire.say("502 nobody signs in here").await;
    };
    let (way, first) = rest.split_once(' ').unwrap_or((rest, ""));
    let wanted = STANDARD.encode(format!("\0{user}\0{password}"));
    let right = match way.to_ascii_uppercase().as_str() {
        "PLAIN" => first == wanted,
        "LOGIN" => {
            wire.say("334 VXNlcm5hbWU6").await?;
            let name = wire.line().await?;
            wire.say("334 UGFzc3dvcmQ6").await?;
            name == STANDARD.encode(user) && wire.line().await? == STANDARD.encode(password)
        }
        _ => return wire.say("504 no such way").await,
    };
    if right {
        talk.signed_in = true;
        lock(kept).sign_ins += 1;
        return wire.say("235 2.7.0 welcome").await;
    }
    // Some servers repeat what they were told.
    wire.say(&format!("535 5.7.8 Authentication failed: {first}")).await
}

fn address(rest: &str, word: &str) -> Option<String> {
    let rest = rest
        .get(..word.len())
        .filter(|begin| begin.eq_ignore_ascii_case(word))
        .map(|_| &rest[word.len()..])?;
    let (address, _) = rest.trim().strip_prefix('<')?.split_once('>')?;
    Some(address.to_owned())
}

/// The next thing that goes wrong, if it goes wrong here.
fn next(kept: &Mutex<Kept>, here: impl Fn(&Fault) -> bool) -> Option<Fault> {
    let mut kept = lock(kept);
    if kept.faults.front().is_some_and(here) {
        kept.faults.pop_front()
    } else {
        None
    }
}

fn note(kept: &Mutex<Kept>, violation: String) {
    lock(kept).violations.push(violation);
}

fn lock(kept: &Mutex<Kept>) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
