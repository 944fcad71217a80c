//! A fake mail server (SMTP, RFC 5321) that is as strict as real ones and breaks on demand. It keeps what it has taken, so that a
//! test can read it as its receiver would ([`letter`]).
//!
//! It refuses a sender that is not its own, a wrong password, anything but STARTTLS where that is wanted, and whatever is not
//! written as mail is. Its certificate is made for `localhost` by an authority of its own ([`AUTHORITY`]), whose secret key
//! nobody has.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub mod letter;
mod speak;
mod tls;

pub use letter::Letter;

/// The authority that has signed the server's certificate, as a file for `SSL_CERT_FILE`.
pub const AUTHORITY: &str = include_str!("post/authority.pem");

/// How connections are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all, and nothing is offered.
    Open,
    /// By STARTTLS, before which nothing else is taken.
    StartTls,
    /// From the first byte on.
    Wrapped,
}

/// What goes wrong with the next mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The receiver is answered with this code and these words.
    Recipient(u16, &'static str),
    /// The end of the text is answered so.
    Data(u16, &'static str),
    /// Nothing is said after the receiver was named.
    Stall,
    /// The connection is cut within the text.
    Cut,
}

/// How a fake is set up.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How connections are protected.
    pub protection: Protection,
    /// User and password; none where nobody signs in.
    pub account: Option<(String, String)>,
    /// The one address that it sends for.
    pub sender: String,
}

#[derive(Debug, Default)]
struct Kept {
    letters: Vec<Letter>,
    faults: VecDeque<Fault>,
    violations: Vec<String>,
    sign_ins: usize,
}

/// The fake; it ends when it is dropped.
#[derive(Debug)]
pub struct PostOffice {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    _tasks: JoinSet<()>,
}

impl PostOffice {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// The system's, when it does not listen.
    pub async fn start(rules: Rules) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let kept = Arc::new(Mutex::new(Kept::default()));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&kept);
        let acceptor = tls::acceptor()?;
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (rules, kept, acceptor) = (rules.clone(), Arc::clone(&shared), acceptor.clone());
                connections.spawn(async move {
                    // Who leaves is no fault of the server's.
                    let _ = speak::serve(stream, &rules, &kept, &acceptor).await;
                });
            }
        });
        Ok(Self {
            address,
            kept,
            _tasks: tasks,
        })
    }

    /// Its port; its name is `localhost`.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// What goes wrong with the mails that come next, one each.
    pub fn spoil(&self, faults: impl IntoIterator<Item = Fault>) {
        self.with(|kept| kept.faults.extend(faults));
    }

    /// Every mail that it has taken.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.with(|kept| kept.letters.clone())
    }

    /// What was not said as it must be.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.with(|kept| kept.violations.clone())
    }

    /// How often somebody has signed in with the right password.
    #[must_use]
    pub fn sign_ins(&self) -> usize {
        self.with(|kept| kept.sign_ins)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut kept)
    }
}
