//! Addresses of identity providers. Whoever can read or change what goes there signs in as anybody, so only TLS will do;
//! plain HTTP is for the machine itself.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::InvalidIdentity;

/// An address of an identity provider, letter by letter as it was given: an issuer with a slash at its end is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdentityUrl(String);

/// What people copy instead of the issuer.
const DISCOVERY: &str = "/.well-known/openid-configuration";

impl IdentityUrl {
    /// The checked text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The issuer that this address names: itself, or what stands before the path of discovery.
    #[must_use]
    pub fn issuer(self) -> Self {
        match self.0.strip_suffix(DISCOVERY) {
            Some(issuer) => Self(issuer.to_owned()),
            None => self,
        }
    }

    /// Scheme, host and port, in lower case.
    #[must_use]
    pub fn place(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let authority = rest.split(['/', '?']).next().unwrap_or_default().to_ascii_lowercase();
        let scheme = scheme.to_ascii_lowercase();
        let port = if scheme == "https" { ":443" } else { ":80" };
        format!("{scheme}://{}", authority.strip_suffix(port).unwrap_or(&authority))
    }
}

impl IdentityUrl {
    /// Whether nobody on the way reads along: what begins with `http://` is this machine.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.0
            .get(..6)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }
}

impl FromStr for IdentityUrl {
    type Err = InvalidIdentity;

    fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
        checked(text.trim()).ok_or(InvalidIdentity::Address)
    }
}

fn checked(text: &str) -> Option<IdentityUrl> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(_) => authority.split_at(authority.find(']')? + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port_is_one = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let own = matches!(host.to_ascii_lowercase().as_str(), "localhost" | "127.0.0.1" | "[::1]");
    let safe = scheme.eq_ignore_ascii_case("https") || (scheme.eq_ignore_ascii_case("http") && own);
    let letters = text.bytes().all(|byte| byte.is_ascii_graphic());
    let plain = letters && !text.contains(['#', '@', '\\', '"', '<', '>']);
    (safe && !host.is_empty() && port_is_one && plain && text.len() <= 400).then(|| IdentityUrl(text.to_owned()))
}

impl TryFrom<String> for IdentityUrl {
    type Error = InvalidIdentity;

    fn try_from(text: String) -> Result<Self, InvalidIdentity> {
        text.parse()
    }
}

impl From<IdentityUrl> for String {
    fn from(url: IdentityUrl) -> Self {
        url.0
    }
}

impl fmt::Display for IdentityUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Option<IdentityUrl> {
        text.parse().ok()
    }

    #[test]
    fn only_tls_leaves_the_machine() {
        for fine in [
            "https://login.example.com",
            "https://login.example.com/",
            "HTTPS://login.example.com:8443/realms/hub",
            "http://127.0.0.1:9000",
            "http://localhost/x",
            "http://[::1]:8080/a?b=c",
        ] {
            assert_eq!(url(fine).map(String::from).as_deref(), Some(fine));
        }
        for wrong in [
            "",
            "http://login.example.com",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "https://",
            "https://:443",
            "https://user@host",
            "https://host#x",
            "https://host:port",
            "https://a b",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "javascript://127.0.0.1",
        ] {
            assert_eq!(url(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn discovery_names_its_issuer_and_a_slash_counts() {
        let issuer = |text: &str| url(text).map(|url| String::from(url.issuer()));
        assert_eq!(
            issuer("https://a.b/x/.well-known/openid-configuration").as_deref(),
            Some("https://a.b/x")
        );
        assert_eq!(issuer("https://a.b/").as_deref(), Some("https://a.b/"));
    }

    #[test]
    fn a_place_is_scheme_host_and_port() {
        let place = |text: &str| url(text).map(|url| url.place());
        assert_eq!(place("https://A.b:443/x"), place("https://a.b"));
        assert_eq!(place("http://127.0.0.1:80"), place("http://127.0.0.1/x"));
        assert_ne!(place("https://a.b"), place("https://a.b:8443"));
        assert_ne!(place("https://a.b"), place("https://a.b.c"));
    }
}
