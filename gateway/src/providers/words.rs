//! An error of the network as one sentence that a person can act upon. Called by `providers` wherever bytes go out or come in.
//!
//! The libraries below tell what happened as a chain of errors, each wrapped by the next. Here the chain is searched for
//! the one cause that matters. Addresses stay out, as they may hold what nobody should read.

use std::{
    error::Error,
    io::{self, ErrorKind},
};

use rustls::CertificateError;

/// Every sentence of ours about a provider that was not reached or not understood; `{}` stands for what differs. They are kept as they are
/// here, and the console tells them in its reader's language.
pub const SENTENCES: [&str; 19] = [
    REFUSED,
    LATE,
    NO_WAY,
    RESET,
    CUT,
    "the certificate is not trusted: {}",
    SELF_SIGNED,
    UNKNOWN_ISSUER,
    EXPIRED,
    TOO_EARLY,
    OTHER_HOST,
    "no TLS connection came about: {}; check that the base URL begins as the server speaks",
    "what came back is no valid HTTP ({}); check the base URL",
    "the host name was not found ({}); check the base URL",
    NO_LIST,
    WORDLESS,
    LONG_LIST,
    "no answer within {} seconds",
    "no first byte within {} ms",
];

const REFUSED: &str = "the connection was refused; nothing listens at that address and port";
const LATE: &str = "the connection timed out; the host does not answer at that address and port";
const NO_WAY: &str = "there is no way to the host; check the network of this machine";
const RESET: &str = "the connection was reset by the other side";
const CUT: &str = "the connection was closed before the answer was complete";
const NO_HTTP: &str = "what came back is no valid HTTP";
const UNKNOWN_ISSUER: &str = "no authority that this machine trusts has signed it";
const EXPIRED: &str = "it has expired";
const TOO_EARLY: &str = "it is not valid yet";
const OTHER_HOST: &str = "it was made for another host name";
const SELF_SIGNED: &str = "it has signed itself";
/// A success that is none.
pub(super) const NO_LIST: &str = "the answer is not a list of models; check the base URL";
/// A refusal with an empty body.
pub(super) const WORDLESS: &str = "the provider refused without a word";
/// More than is read.
pub(super) const LONG_LIST: &str = "the list of models is larger than 8 MB";

/// What happened, without the address. Where no known cause is found, the innermost error speaks for itself.
pub(crate) fn words(error: &(dyn Error + 'static)) -> String {
    let chain: Vec<_> = std::iter::successors(Some(error), |error| within(*error)).collect();
    let innermost = chain.last().map(ToString::to_string).unwrap_or_default();
    let named = chain.iter().find_map(|error| cause(*error, &innermost));
    // A limit of ours shows as a time-out that no operating system reports.
    let late = || {
        let reqwest = error.downcast_ref::<reqwest::Error>();
        reqwest.is_some_and(reqwest::Error::is_timeout).then(|| LATE.to_owned())
    };
    named.or_else(late).unwrap_or(innermost)
}

/// What an error wraps. An I/O error shows the error within as itself, and not as its source.
fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// Something answered, and what it said cannot be read as HTTP.
pub(super) fn is_no_http(error: &(dyn Error + 'static)) -> bool {
    let mut chain = std::iter::successors(Some(error), |error| within(*error));
    chain.any(|error| {
        let hyper = error.downcast_ref::<hyper::Error>();
        hyper.is_some_and(hyper::Error::is_parse)
    })
}

/// The sentence for one link of the chain, if it is one that says what happened.
fn cause(error: &(dyn Error + 'static), innermost: &str) -> Option<String> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(match tls {
            rustls::Error::InvalidCertificate(reason) => {
                format!("the certificate is not trusted: {}", distrust(reason))
            }
            other => {
                format!("no TLS connection came about: {other}; check that the base URL begins as the server speaks")
            }
        });
    }
    if is_no_http(error) {
        return Some(format!("{NO_HTTP} ({innermost}); check the base URL"));
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return io_cause(io.kind()).map(str::to_owned);
    }
    // These two have no type of their own that can be asked for.
    match error.to_string().as_str() {
        "dns error" => {
            let reason = innermost.rsplit_once(": ").map_or(innermost, |(_, reason)| reason);
            Some(format!("the host name was not found ({reason}); check the base URL"))
        }
        "connection closed before message completed" => Some(CUT.to_owned()),
        _ => None,
    }
}

fn io_cause(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::ConnectionRefused => REFUSED,
        ErrorKind::TimedOut => LATE,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => NO_WAY,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => RESET,
        ErrorKind::UnexpectedEof => CUT,
        _ => return None,
    })
}

fn distrust(reason: &CertificateError) -> String {
    match reason {
        CertificateError::UnknownIssuer => UNKNOWN_ISSUER.to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => EXPIRED.to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TOO_EARLY.to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => OTHER_HOST.to_owned(),
        CertificateError::Other(other) => match other.to_string() {
            // What people make for a server of their own with one command.
            text if text == "CaUsedAsEndEntity" => SELF_SIGNED.to_owned(),
            text => text,
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write as _, net::TcpListener, time::Duration};

    use domain::provider::Timeouts;
    use http_body_util::BodyExt as _;
    use tokio::{net::TcpStream, time::timeout};

    use super::*;
    use crate::http::Clients;

    /// The words for what a call and a question meet at such an address, which are the same.
    async fn met(clients: &Clients, url: impl Fn() -> String) -> String {
        let mut call = ::http::Request::new(crate::http::Noted::default());
        *call.uri_mut() = url().parse().unwrap();
        let called = match clients.calls.send(call).await {
            Ok(answer) => words(&answer.into_body().collect().await.unwrap_err()),
            Err(error) => words(&error),
        };
        let asked = async { clients.questions.get(url()).send().await?.bytes().await }.await;
        assert_eq!(words(&asked.unwrap_err().without_url()), called);
        assert!(is_listed(&called), "the console cannot tell it in Chinese: {called}");
        called
    }

    fn is_listed(said: &str) -> bool {
        SENTENCES.iter().any(|sentence| match sentence.split_once("{}") {
            Some((before, after)) => said.starts_with(before) && said.ends_with(after),
            None => *sentence == said,
        })
    }

    fn clients() -> Clients {
        crate::http::clients(&Timeouts::DEFAULT).unwrap()
    }

    /// A server that reads a request, says this and hangs up.
    fn saying(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let _ = io::Read::read(&mut socket, &mut [0; 4096]);
            socket.write_all(answer.as_bytes()).unwrap();
        });
        format!("http://{address}/")
    }

    #[tokio::test]
    async fn each_way_to_fail_is_one_plain_sentence() {
        let clients = clients();
        // A port that was free a moment ago, and a name that is reserved for not existing.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(
            met(&clients, || format!("http://{free}/")).await,
            "the connection was refused; nothing listens at that address and port"
        );
        let unknown = met(&clients, || "http://no-such-host.invalid/".to_owned()).await;
        assert!(
            unknown.starts_with("the host name was not found (") && unknown.ends_with("); check the base URL"),
            "{unknown}"
        );
        for cut in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"] {
            assert_eq!(met(&clients, || saying(cut)).await, CUT, "{cut:?}");
        }
        for other in [
            "SSH-2.0-OpenSSH_9.2\r\n",
            "\x15\x03\x01\0\x02\x02\x46",
            "HTTP/1.1 two OK\r\n\r\n",
        ] {
            let told = met(&clients, || saying(other)).await;
            assert!(
                told.starts_with(NO_HTTP) && told.ends_with("; check the base URL"),
                "{told}"
            );
        }
        let plain = || saying("HTTP/1.1 400 Bad Request\r\n\r\n").replace("http:", "https:");
        let plain = met(&clients, plain).await;
        assert!(plain.starts_with("no TLS connection came about: "), "{plain}");
    }

    /// A listener whose queue is full answers nobody, as a host behind a silent firewall.
    #[tokio::test]
    async fn a_connection_that_takes_too_long_is_called_late() {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(joined) = timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
            queue.push(joined.unwrap());
            assert!(queue.len() < 100, "the queue of the listener never fills");
        }
        let timeouts = Timeouts {
            connect_ms: 50,
            ..Timeouts::DEFAULT
        };
        let clients = crate::http::clients(&timeouts).unwrap();
        assert_eq!(met(&clients, || format!("http://{address}/")).await, LATE);
    }

    #[test]
    fn what_is_not_known_speaks_for_itself() {
        let inner = io::Error::other("something new");
        assert_eq!(words(&io::Error::other(inner)), "something new");
        assert_eq!(
            words(&io::Error::from(ErrorKind::ConnectionReset)),
            "the connection was reset by the other side"
        );
        let late = io::Error::new(ErrorKind::TimedOut, "deep within");
        assert_eq!(words(&io::Error::other(late)), LATE);
        for (reason, told) in [
            (CertificateError::Expired, "it has expired"),
            (
                CertificateError::UnknownIssuer,
                "no authority that this machine trusts has signed it",
            ),
            (CertificateError::NotValidForName, "it was made for another host name"),
        ] {
            let error = io::Error::other(rustls::Error::InvalidCertificate(reason));
            assert_eq!(words(&error), format!("the certificate is not trusted: {told}"));
            assert!(is_listed(&words(&error)) && is_listed(told));
        }
    }
}
