//! From which address a request came: the peer's, or what trusted proxies say. Used for delays, sessions and audit.

use std::net::IpAddr;

use domain::network::Network;
use http::HeaderMap;

/// The client's address. X-Forwarded-For is read from its end, and only as far as trusted proxies wrote it.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    for entry in lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.rsplit(','))
    {
        // What a trusted proxy could not have written ends the chain.
        let Some(address) = entry_address(entry) else {
            return client;
        };
        client = address;
        if !is_trusted(address) {
            return client;
        }
    }
    client
}

/// `1.2.3.4`, `1.2.3.4:5678`, `::1` or `[::1]:5678`.
fn entry_address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let address = entry.parse::<IpAddr>().ok();
    let with_port = || entry.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address
        .or_else(with_port)
        .or_else(bracketed)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn resolve(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let trusted: Option<Vec<Network>> = trusted.iter().map(|text| Network::parse(text)).collect();
        Some(client(peer.parse().ok()?, &headers, &trusted?).to_string())
    }

    #[test]
    fn strangers_cannot_choose_their_address() {
        assert_eq!(
            resolve("203.0.113.9", &["1.1.1.1"], &[]).as_deref(),
            Some("203.0.113.9")
        );
        assert_eq!(
            resolve("203.0.113.9", &["1.1.1.1"], &["10.0.0.0/8"]).as_deref(),
            Some("203.0.113.9")
        );
        // A client that sends the header itself only lengthens the part that is not read.
        assert_eq!(
            resolve("10.0.0.2", &["6.6.6.6, 203.0.113.9"], &["10.0.0.0/8"]).as_deref(),
            Some("203.0.113.9")
        );
    }

    #[test]
    fn chains_of_proxies_are_followed() {
        assert_eq!(
            resolve("10.0.0.2", &["203.0.113.9, 10.0.0.7"], &["10.0.0.0/8"]).as_deref(),
            Some("203.0.113.9")
        );
        assert_eq!(
            resolve("10.0.0.2", &["203.0.113.9", "10.0.0.7"], &["10.0.0.0/8"]).as_deref(),
            Some("203.0.113.9")
        );
        assert_eq!(
            resolve("::ffff:10.0.0.2", &["[2001:db8::1]:443"], &["10.0.0.0/8"]).as_deref(),
            Some("2001:db8::1")
        );
        assert_eq!(
            resolve("10.0.0.2", &["203.0.113.9:80"], &["10.0.0.0/8"]).as_deref(),
            Some("203.0.113.9")
        );
    }

    #[test]
    fn nonsense_ends_the_chain() {
        assert_eq!(
            resolve("10.0.0.2", &["203.0.113.9, unknown"], &["10.0.0.0/8"]).as_deref(),
            Some("10.0.0.2")
        );
        assert_eq!(resolve("10.0.0.2", &[], &["10.0.0.0/8"]).as_deref(), Some("10.0.0.2"));
        assert_eq!(
            resolve("10.0.0.2", &["10.0.0.3"], &["10.0.0.0/8"]).as_deref(),
            Some("10.0.0.3")
        );
    }

    proptest! {
        /// Whatever the header says: without a trusted proxy it is the peer, else the peer or an address that stands there.
        #[test]
        fn any_chain_gives_the_peer_or_one_of_its_addresses(
            lines in proptest::collection::vec(
                prop_oneof![
                    proptest::collection::vec(any::<u8>(), 0..40),
                    "([0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}(:[0-9]{1,6})?|\\[?[0-9a-f:]{0,20}\\]?|10\\.0\\.0\\.[0-9])(, ?10\\.0\\.0\\.[0-9]){0,3}"
                        .prop_map(String::into_bytes),
                ],
                0..4,
            ),
            trusts in any::<bool>(),
        ) {
            let peer: IpAddr = [10, 0, 0, 2].into();
            let trusted: Vec<Network> = trusts.then(|| Network::parse("10.0.0.0/8")).flatten().into_iter().collect();
            let mut headers = HeaderMap::new();
            for line in lines {
                if let Ok(line) = HeaderValue::from_bytes(&line) {
                    headers.append("x-forwarded-for", line);
                }
            }
            let found = client(peer, &headers, &trusted);
            let all = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
            let stands_there = all.flat_map(|line| line.split(',')).filter_map(entry_address).any(|one| one == found);
            prop_assert!(found == peer || trusts && stands_there);
        }
    }
}
