//! How many of the places for connections one address may have, or one site's network of IPv6. A client that opens all of them and asks for nothing would keep
//! everybody else out, health checks among them; so some are always left for others.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::network::{Network, site};
use tokio::time::Instant;

/// How often it is logged that an address has its share.
const SILENCE: Duration = Duration::from_secs(60);

/// The shares of all addresses.
#[derive(Debug)]
pub(super) struct Shares {
    /// Places of one address.
    most: usize,
    /// Behind these are many clients.
    trusted: Vec<Network>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: HashMap<IpAddr, usize>,
    told: Option<Instant>,
}

/// A place that counts for its address until it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    shares: Arc<Shares>,
    /// None of a proxy.
    whose: Option<IpAddr>,
}

impl Shares {
    /// Of so many places; proxies that are trusted may have all.
    pub(super) fn new(places: usize, trusted: Vec<Network>) -> Arc<Self> {
        Arc::new(Self {
            most: (places - places / 4).max(1),
            trusted,
            state: Mutex::default(),
        })
    }

    /// A place for this address, unless it has its share.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Share> {
        let peer = peer.to_canonical();
        let is_proxy = self.trusted.iter().any(|network| network.contains(peer));
        let whose = (!is_proxy).then(|| site(peer));
        if let Some(whose) = whose {
            let mut state = self.state();
            let taken = state.taken.entry(whose).or_default();
            if *taken >= self.most {
                state.tell(whose, self.most);
                return None;
            }
            *taken += 1;
        }
        Some(Share {
            shares: Arc::clone(self),
            whose,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, whose: IpAddr, most: usize) {
        let now = Instant::now();
        if self.told.is_some_and(|told| now - told < SILENCE) {
            return;
        }
        self.told = Some(now);
        tracing::warn!(
            address = %whose,
            connections = most,
            "an address has as many connections as one may have (three quarters of HUB_CONNECTIONS), and more of them are closed; if it is a proxy, name it in HUB_TRUSTED_PROXIES"
        );
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(whose) = self.whose else { return };
        let mut state = self.shares.state();
        if let Some(taken) = state.taken.get_mut(&whose) {
            *taken -= 1;
            if *taken == 0 {
                state.taken.remove(&whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_leaves_places_to_the_others_and_no_trace() {
        let shares = Shares::new(8, vec![Network::parse("10.0.0.0/8").unwrap()]);
        let take = |address: &str| shares.take(address.parse().unwrap());
        for (greedy, same, other) in [
            ("203.0.113.9", "::ffff:203.0.113.9", "203.0.113.10"),
            ("2001:db8::1", "2001:db8:0:ff::7", "2001:db8:1::1"),
        ] {
            let mut taken: Vec<Option<Share>> = (0..6).map(|_| take(greedy)).collect();
            assert!(taken.iter().all(Option::is_some));
            assert!(take(greedy).is_none() && take(same).is_none(), "{greedy}");
            assert!(take(other).is_some(), "{other}");
            taken.pop();
            assert!(take(same).is_some(), "{same}");
        }
        let proxied: Vec<Option<Share>> = (0..20).map(|_| take("10.1.2.3")).collect();
        assert!(proxied.iter().all(Option::is_some));
        assert!(shares.state().taken.is_empty());
    }
}
