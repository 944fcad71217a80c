//! Where to go after signing in: a path on this hub and nothing else.

/// Whether a browser that is sent to `path` stays on this origin.
///
/// One slash at the start, and no second one, backslash or control character that browsers read as one.
#[must_use]
pub fn is_local(path: &str) -> bool {
    let rest = path.strip_prefix('/');
    rest.is_some_and(|rest| !rest.starts_with('/')) && !path.contains('\\') && !path.chars().any(char::is_control)
}

/// The address of the sign-in page that comes back to `path`.
#[must_use]
pub fn sign_in(path: &str) -> String {
    if is_local(path) && path != "/" {
        format!("/sign-in?next={}", encoded(path))
    } else {
        "/sign-in".to_owned()
    }
}

/// Percent-encodes all but the letters that never need it.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_origins_are_refused() {
        for path in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "",
            "calls",
            "/a\nb",
            "\\\\x",
        ] {
            assert!(!is_local(path), "{path:?}");
            assert_eq!(sign_in(path), "/sign-in");
        }
        assert!(is_local("/calls?state=failed"));
    }

    #[test]
    fn the_query_survives() {
        assert_eq!(
            sign_in("/calls?state=failed&page=2"),
            "/sign-in?next=/calls%3Fstate%3Dfailed%26page%3D2"
        );
        assert_eq!(sign_in("/"), "/sign-in");
    }
}
