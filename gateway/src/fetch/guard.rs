//! Where files may be fetched from: addresses that belong to everybody, and networks that the operator names. Names are looked up
//! here, so that what was checked is what is connected to.

use std::net::{IpAddr, SocketAddr};

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
