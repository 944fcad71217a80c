//! Where files may be fetched from: addresses that belong to everybody, and networks that the operator names. Names are looked up
//! here, so that what was checked is what is connected to.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use domain::network::{Network, is_public};
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use super::Problem;

/// Lets through what may be fetched.
#[derive(Debug)]
pub(super) struct Guard {
    allowed: Vec<Network>,
}

impl Guard {
    pub(super) const fn new(allowed: Vec<Network>) -> Self {
        Self { allowed }
    }

    fn lets(&self, address: IpAddr) -> bool {
        is_public(address) || self.allowed.iter().any(|network| network.contains(address))
    }

    /// Checks what stands in an address itself. A host that is a number is never looked up, so it is checked here.
    pub(super) fn check(&self, address: &Url) -> Result<(), Problem> {
        if !matches!(address.scheme(), "http" | "https")
            || !address.username().is_empty()
            || address.password().is_some()
        {
            return Err(Problem::Address);
        }
        let host = address.host_str().ok_or(Problem::Address)?;
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(number) if !self.lets(number) => Err(Problem::Unreachable),
            _ => Ok(()),
        }
    }
}

impl Guard {
    /// Checks an address that a provider is told, which may look there from where it stands: beside this hub, often. Names are
    /// not looked up, as it is not this hub that goes there; numbers and this machine's own name are what they are.
    pub(super) fn check_told(&self, address: &str) -> Result<(), Problem> {
        let address = Url::parse(address.trim()).map_err(|_| Problem::Address)?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(Problem::Address);
        }
        let host = address.host_str().ok_or(Problem::Address)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let number = match host.parse::<IpAddr>() {
            Ok(number) => Some(number),
            Err(_) if host == "localhost" || host.ends_with(".localhost") => Some(Ipv4Addr::LOCALHOST.into()),
            Err(_) => None,
        };
        match number {
            Some(number) if !self.lets(number) => Err(Problem::Unreachable),
            _ => Ok(()),
        }
    }
}

/// A name leads nowhere that anybody may go.
#[derive(Debug, thiserror::Error)]
#[error("this name leads to no public address")]
struct NotPublic;

/// What the client asks for the addresses of a name.
#[derive(Clone, Debug)]
pub(super) struct Lookup(pub(super) std::sync::Arc<Guard>);

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = std::sync::Arc::clone(&self.0);
        Box::pin(async move {
            // The port is the client's to put in.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| guard.lets(address.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_told_public_addresses_only() {
        let guard = Guard::new(Vec::new());
        for told in [
            "http://169.254.169.254/latest/meta-data",
            "http://127.0.0.1:8080/",
            "http://2130706433/",
            "http://0x7f.1/",
            " http://10.0.0.1/a.png",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost/",
            "file:///etc/passwd",
            "gs://bucket/a.png",
            "ftp://example.com/a.png",
            "/etc/passwd",
            "",
        ] {
            assert!(guard.check_told(told).is_err(), "{told}");
        }
        for told in [
            "https://example.com/a.png",
            "HTTP://example.com/a.png?x=127.0.0.1",
            "https://8.8.8.8/a.png",
            "https://localhost.example.com/a.png",
        ] {
            assert!(guard.check_told(told).is_ok(), "{told}");
        }
        let guard = Guard::new(Network::parse("10.0.0.0/8").into_iter().collect());
        assert!(guard.check_told("http://10.1.2.3/a.png").is_ok());
        assert!(guard.check_told("http://127.0.0.1/a.png").is_err());
    }
}
