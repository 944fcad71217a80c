//! Which addresses in an answer may become links.

/// The address, when it leads to a web page or a mailbox. Everything else (scripts, data, files, our own pages) does not.
pub fn safe(address: &str) -> Option<&str> {
    let address = address.trim();
    let scheme = address.split_once(':')?.0;
    let allowed = ["https", "http", "mailto"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let clean = !address
        .chars()
        .any(|letter| letter.is_control() || letter.is_whitespace());
    (allowed && clean).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn web_and_mail_only() {
        for good in [
            "https://a.example",
            "http://a.example/x?y#z",
            "HTTPS://A",
            "mailto:a@b.c",
        ] {
            assert_eq!(safe(good), Some(good));
        }
        for bad in [
            "",
            "x",
            "/do/x",
            "//host",
            "javascript:alert(1)",
            "java\nscript:x",
            "data:text/html,x",
            "file:///x",
            "https://a\n.b",
            "blob:https://a",
        ] {
            assert_eq!(safe(bad), None, "{bad:?}");
        }
    }
}
