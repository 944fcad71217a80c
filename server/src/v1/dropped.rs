//! What of a request its provider could not be told, as a header: `seed, logit_bias, and 3 more`.
//!
//! Names come from the client and may be anything, of any length and number, while clients read headers of a few KB only and a header
//! is of visible letters. So a letter that is none, a comma and a percent sign are written as in a URL, and what is too long is cut.

use std::fmt::Write as _;

use http::HeaderValue;

/// The header.
pub(super) const NAME: &str = "x-aigne-dropped";
/// The longest name, in bytes as they are written.
const LONGEST: usize = 64;
/// The names take no more than this together, in bytes; how many are left out is said beyond it.
const ROOM: usize = 1000;

/// The header's value. None where nothing was dropped.
pub(super) fn header(names: &[String]) -> Option<HeaderValue> {
    let mut told = String::new();
    for (at, name) in names.iter().enumerate() {
        let name = written(name);
        if told.len() + name.len() > ROOM {
            let left = names.len() - at;
            let _ = write!(told, ", and {left} more");
            break;
        }
        if at > 0 {
            told.push_str(", ");
        }
        told.push_str(&name);
    }
    if told.is_empty() {
        return None;
    }
    HeaderValue::try_from(told).ok()
}

/// A name in letters that a header takes, and never nothing.
fn written(name: &str) -> String {
    let mut written = String::new();
    for byte in name.bytes() {
        let plain = byte.is_ascii_graphic() && !matches!(byte, b',' | b'%');
        let width = if plain { 1 } else { 3 };
        if written.len() + width > LONGEST {
            return written;
        }
        if plain {
            written.push(byte.into());
        } else {
            let _ = write!(written, "%{byte:02X}");
        }
    }
    if written.is_empty() {
        written.push_str("\"\"");
    }
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(names: &[&str]) -> Option<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        header(&names).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn names_stand_there_as_they_are_and_strange_ones_do_no_harm() {
        assert_eq!(told(&[]), None);
        assert_eq!(told(&["seed", "messages[].name"]).unwrap(), "seed, messages[].name");
        assert_eq!(
            told(&["a\r\nb: c\0", "x,y", "Zürich", "50%", ""]).unwrap(),
            "a%0D%0Ab:%20c%00, x%2Cy, Z%C3%BCrich, 50%25, \"\""
        );
        assert_eq!(told(&["x".repeat(65).as_str()]).unwrap(), "x".repeat(64));
        // No escape is cut.
        assert_eq!(told(&["é".repeat(20).as_str()]).unwrap(), "%C3%A9".repeat(10) + "%C3");
        let many: Vec<String> = (0..400).map(|at| format!("unknown_member_{at:03}")).collect();
        let value = header(&many).unwrap();
        let value = value.to_str().unwrap();
        assert!(
            value.len() < 1100 && value.starts_with("unknown_member_000, unknown_member_001"),
            "{value}"
        );
        assert!(value.ends_with(", and 350 more"), "{value}");
    }

    proptest! {
        #[test]
        fn any_names_make_a_short_header_of_visible_letters(names in prop::collection::vec(any::<String>(), 1..100)) {
            let value = header(&names).unwrap();
            let value = value.to_str().unwrap();
            prop_assert!(value.len() <= 1100, "{}", value.len());
            prop_assert!(value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()));
            // Every name is told or counted.
            let told: Vec<&str> = value.split(", ").collect();
            let left = told.last().and_then(|last| last.strip_prefix("and ")?.strip_suffix(" more")?.parse::<usize>().ok());
            let count = told.len() - usize::from(left.is_some()) + left.unwrap_or_default();
            prop_assert_eq!(count, names.len());
            prop_assert!(told.iter().all(|name| (1..=LONGEST).contains(&name.len())));
        }
    }
}
