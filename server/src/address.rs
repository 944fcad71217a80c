//! From which address a request came: the peer's, or what trusted proxies say. Used for delays, sessions and audit.

use std::net::{IpAddr, Ipv6Addr};

use domain::network::Network;
use http::HeaderMap;

/// Whom nobody can tell: what stands where the client's address should cannot be read. No network that somebody trusts or
/// binds a key to holds it, but for those of everybody.
pub const UNKNOWN: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// The client's address. X-Forwarded-For is read from its end, and only as far as trusted proxies wrote it: each hop that one of
/// them passed on is a hop, also where its bytes are no address. That one is [`UNKNOWN`], never the proxy that wrote it.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    // Bytes, not text: a client may send some that are none, and a proxy appends the true address to them in the same line.
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    while is_trusted(client) {
        let Some(hop) = hops.next() else {
            return client;
        };
        let Some(address) = hop_address(hop) else {
            return UNKNOWN;
        };
        client = address;
    }
    client
}

/// `1.2.3.4`, `1.2.3.4:5678`, `::1` or `[::1]:5678`.
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let entry = str::from_utf8(hop).ok()?.trim();
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

    fn resolve<Line: AsRef<[u8]>>(peer: &str, forwarded: &[Line], trusted: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line.as_ref()).ok()?);
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
    fn without_a_header_it_is_the_last_that_is_known() {
        assert_eq!(
            resolve::<&str>("10.0.0.2", &[], &["10.0.0.0/8"]).as_deref(),
            Some("10.0.0.2")
        );
        assert_eq!(
            resolve("10.0.0.2", &["10.0.0.3"], &["10.0.0.0/8"]).as_deref(),
            Some("10.0.0.3")
        );
    }

    #[test]
    fn bytes_that_are_no_text_hide_no_address() {
        // A proxy that appends writes into the line that the client began, whatever it is made of.
        let lines: [&[&[u8]]; 4] = [
            &[b"\xff, 203.0.113.9"],
            &[b"6.6.6.6", b"\xff, 203.0.113.9"],
            &[b"6.6.6.6, \xff", b"203.0.113.9"],
            &[b"6.6.6.6, \xff, 203.0.113.9, 10.0.0.7"],
        ];
        for lines in lines {
            assert_eq!(
                resolve("10.0.0.2", lines, &["10.0.0.0/8"]).as_deref(),
                Some("203.0.113.9"),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn a_hop_that_cannot_be_read_is_nobody_and_never_the_proxy() {
        let lines: [&[&[u8]]; 6] = [
            &[b"203.0.113.9, unknown"],
            &[b"203.0.113.9, \xff"],
            &[b"203.0.113.9", b"\xff"],
            &[b"203.0.113.9, \xff, 10.0.0.7"],
            &[b"203.0.113.9,"],
            &[b""],
        ];
        for lines in lines {
            assert_eq!(
                resolve("10.0.0.2", lines, &["10.0.0.0/8"]).as_deref(),
                Some("::"),
                "{lines:?}"
            );
        }
        // Whom nobody trusts is not asked for the way before them.
        let untrusted: &[&[u8]] = &[b"\xff"];
        assert_eq!(
            resolve("203.0.113.9", untrusted, &["10.0.0.0/8"]).as_deref(),
            Some("203.0.113.9")
        );
    }

    proptest! {
        /// Whatever the header says: without a trusted proxy it is the peer, else the peer, nobody, or an address that stands there.
        #[test]
        fn any_chain_gives_the_peer_nobody_or_one_of_its_addresses(
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
            let all = headers.get_all("x-forwarded-for").iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
            let stands_there = all.filter_map(hop_address).any(|one| one == found);
            prop_assert!(found == peer || trusts && (found == UNKNOWN || stands_there));
        }
    }
}
