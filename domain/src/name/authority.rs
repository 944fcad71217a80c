//! The part of a URL that says where a server is: a host, and perhaps a port.

use std::net::Ipv6Addr;

/// Host and port of `host`, `host:443`, `[::1]` or `[::1]:443`. None: not the shape of one, or a port that nothing listens on.
///
/// ```
/// use domain::name::authority;
/// assert_eq!(authority("hub.example.com:8443"), Some(("hub.example.com", Some(8443))));
/// assert_eq!(authority("[::1]"), Some(("[::1]", None)));
/// assert_eq!(authority("hub.example.com:99999"), None);
/// ```
#[must_use]
pub fn authority(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = match text.find(']') {
        Some(end) => text.split_at(end + 1),
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port = match rest.strip_prefix(':') {
        None if rest.is_empty() => None,
        None => return None,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port| *port > 0)?)
        }
        Some(_) => return None,
    };
    is_host(host).then_some((host, port))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // A full name may end in a dot.
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::authority;

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (text, host, port) in [
            ("localhost", "localhost", None),
            ("a.b.c:1", "a.b.c", Some(1)),
            ("my_service:65535", "my_service", Some(65535)),
            ("127.0.0.1:80", "127.0.0.1", Some(80)),
            ("[fd00::1]:8080", "[fd00::1]", Some(8080)),
            ("[::1]", "[::1]", None),
            ("example.com.", "example.com.", None),
        ] {
            assert_eq!(authority(text), Some((host, port)), "{text}");
        }
        for wrong in [
            "", ":", ":80", "a:", "a:0", "a:65536", "a:+1", "a:1:2", "::1", "[::1", "[a]", "[]", "[::1]x", "[::1]:",
            "a'b", "%zz", "a b", "a..b", ".a", "-a", "*.a", "ü.de", "a@b", "a/b",
        ] {
            assert_eq!(authority(wrong), None, "{wrong}");
        }
    }

    proptest! {
        /// Nothing makes it panic, and what it takes it gives back whole.
        #[test]
        fn what_is_taken_is_all_of_it(text in "[a-z0-9:.\\[\\]%*-]{0,24}|\\PC{0,12}") {
            if let Some((host, port)) = authority(&text) {
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                let zeroes = text.rsplit_once(':').is_some_and(|(_, digits)| digits.starts_with('0'));
                let whole = [host, &port].concat();
                prop_assert!(zeroes || text == whole, "{whole}");
            }
        }
    }
}
