//! Settings of the network: where to listen, how browsers reach the hub, whom to believe, how much to accept.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use domain::{name::authority, network::Network};

use super::{
    ConfigError, Raw,
    parse::{bytes, is_set, list, number, refused},
};

/// Where to listen and whom to believe.
#[derive(Clone, Debug)]
pub struct NetworkSettings {
    /// Address and port to serve on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How browsers reach the hub, without a slash at the end; absent follows the listen address.
    pub public_url: Option<String>,
    /// Largest request body on `/v1`, in bytes.
    pub body_limit: usize,
    /// What all requests may take together, in bytes: never less than one body may.
    pub body_memory: usize,
    /// Client connections at a time.
    pub connections: usize,
    /// How long a client may stand still, sending a body or taking an answer.
    pub client_patience: Duration,
    /// Whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<Network>,
    /// Networks that files which requests name may be fetched from although they are not public.
    pub fetch_allow: Vec<Network>,
    /// Web origins that may call `/v1`; `*` alone means all.
    pub cors_origins: Vec<String>,
}

impl NetworkSettings {
    pub(super) fn from_raw(raw: &Raw) -> Result<Self, ConfigError> {
        let listen = raw.get("HUB_LISTEN").0.parse();
        let listen = listen.map_err(|_| {
            refused(
                raw,
                "HUB_LISTEN",
                "an address and a port, such as 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080",
            )
        })?;
        let connections = number(raw, "HUB_CONNECTIONS", 8..=1_000_000)?;
        let body_limit = bytes(raw, "HUB_BODY_LIMIT", 1024..=1 << 30)?;
        Ok(Self {
            listen,
            public_url: public_url(raw)?,
            body_limit,
            body_memory: bytes(raw, "HUB_BODY_MEMORY", 1024..=1 << 40)?.max(body_limit),
            connections: usize::try_from(connections).unwrap_or(usize::MAX),
            client_patience: Duration::from_secs(number(raw, "HUB_CLIENT_SECONDS", 1..=3600)?),
            trusted_proxies: networks(raw, "HUB_TRUSTED_PROXIES")?,
            fetch_allow: networks(raw, "HUB_FETCH_ALLOW")?,
            cors_origins: cors_origins(raw)?,
        })
    }

    /// How browsers reach a hub that is bound to `bound`, without a slash at the end.
    #[must_use]
    pub fn public_url_for(&self, bound: SocketAddr) -> String {
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", reachable(bound)))
    }
}

/// An address that a client on the same machine can connect to: "every address" becomes loopback.
#[must_use]
pub fn reachable(bound: SocketAddr) -> SocketAddr {
    let address = match bound.ip() {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
        address => address,
    };
    SocketAddr::new(address, bound.port())
}

fn public_url(raw: &Raw) -> Result<Option<String>, ConfigError> {
    if !is_set(raw, "HUB_PUBLIC_URL") {
        return Ok(None);
    }
    let text = raw.get("HUB_PUBLIC_URL").0.trim_end_matches('/');
    // Cookies and links assume that the hub has its host name to itself.
    origin(text).map(Some).ok_or_else(|| {
        refused(
            raw,
            "HUB_PUBLIC_URL",
            "an address such as https://hub.example.com, without a path",
        )
    })
}

/// Accepts `scheme://host[:port]` and nothing more, and gives it as browsers write an origin: in lower case, without the port that the
/// scheme has anyway.
fn origin(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (host, port) = authority(rest)?;
    let port = port.filter(|port| *port != usual).map(|port| format!(":{port}"));
    Some(format!(
        "{scheme}://{}{}",
        host.to_ascii_lowercase(),
        port.unwrap_or_default()
    ))
}

fn networks(raw: &Raw, key: &'static str) -> Result<Vec<Network>, ConfigError> {
    let each = list(raw, key).into_iter().map(|text| Network::parse(&text));
    let all: Option<Vec<Network>> = each.collect();
    all.ok_or_else(|| {
        refused(
            raw,
            key,
            "a list of addresses or networks, such as 10.0.0.0/8, 192.168.1.5, fd00::/8",
        )
    })
}

fn cors_origins(raw: &Raw) -> Result<Vec<String>, ConfigError> {
    let told = list(raw, "HUB_CORS_ORIGINS");
    let origins = if told == ["*"] {
        Some(told)
    } else {
        told.iter().map(|text| origin(text)).collect()
    };
    origins.ok_or_else(|| {
        refused(
            raw,
            "HUB_CORS_ORIGINS",
            "a list of origins such as https://app.example.com (no path), or * alone",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    fn with(key: &'static str, text: &str) -> Raw {
        let mut raw = Raw::default();
        raw.set(key, text.to_owned(), Source::CommandLine);
        raw
    }

    #[test]
    fn networks_are_read_in_both_places() {
        for key in ["HUB_TRUSTED_PROXIES", "HUB_FETCH_ALLOW"] {
            let read = |text| NetworkSettings::from_raw(&with(key, text)).ok();
            let count = |settings: NetworkSettings| settings.trusted_proxies.len() + settings.fetch_allow.len();
            assert_eq!(read("10.0.0.0/8, ::1").map(count), Some(2), "{key}");
            assert!(read("10.0.0.0/33").is_none() && read("host").is_none(), "{key}");
        }
    }

    #[test]
    fn public_urls_are_origins() {
        let url = |text| {
            NetworkSettings::from_raw(&with("HUB_PUBLIC_URL", text))
                .ok()
                .and_then(|settings| settings.public_url)
        };
        assert_eq!(url("https://hub.example.com/"), Some("https://hub.example.com".into()));
        assert_eq!(url("http://[::1]:8080"), Some("http://[::1]:8080".into()));
        assert_eq!(
            url("HTTPS://Hub.Example.com:443"),
            Some("https://hub.example.com".into())
        );
        for wrong in [
            "hub.example.com",
            "ftp://x",
            "https://x/path",
            "https://x?y",
            "https://user@x",
            "http://:8080",
            "http://a:99999",
            "http://a:0",
            "http://a'b",
        ] {
            assert_eq!(url(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_public_url_follows_the_bound_address() {
        let settings = NetworkSettings::from_raw(&Raw::default());
        let url = settings
            .ok()
            .map(|settings| settings.public_url_for(SocketAddr::from(([0, 0, 0, 0], 81))));
        assert_eq!(url.as_deref(), Some("http://127.0.0.1:81"));
    }

    #[test]
    fn origins_are_checked() {
        let origins = |text| {
            NetworkSettings::from_raw(&with("HUB_CORS_ORIGINS", text))
                .ok()
                .map(|settings| settings.cors_origins.join(" "))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            origins("https://A.example:443, http://localhost:3000"),
            some("https://a.example http://localhost:3000")
        );
        assert_eq!(origins("*"), some("*"));
        for wrong in [
            "*,https://a.example",
            "https://a.example/path",
            "http://*.a",
            "http://a:99999",
        ] {
            assert_eq!(origins(wrong), None, "{wrong}");
        }
    }
}
