//! Time limits as people type them: seconds with up to three decimals. Storage holds milliseconds.
//!
//! Used by the provider forms and by the sentence that tells a provider's limits.

use crate::text::Language;

/// Reads `120`, `2.5` or `2,5` seconds as milliseconds.
pub fn parse(text: &str) -> Option<u32> {
    let text = text.trim();
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    let thousandths: u32 = format!("{part:0<3}").parse().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(thousandths)
}

/// Milliseconds as a field shows them: `120`, `2.5`.
pub fn plain(milliseconds: u32) -> String {
    let (whole, part) = (milliseconds / 1000, milliseconds % 1000);
    if part == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{part:03}").trim_end_matches('0').to_owned()
    }
}

/// Milliseconds as a sentence says them: `2.5 s`, `15 min`.
pub fn words(milliseconds: u32, language: Language) -> String {
    if milliseconds >= 120_000 && milliseconds.is_multiple_of(60_000) {
        format!("{} {}", milliseconds / 60_000, language.pick("min", "分钟"))
    } else {
        format!("{} {}", plain(milliseconds), language.pick("s", "秒"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        for milliseconds in [100, 1_000, 2_500, 2_050, 120_000, 3_600_000, 999] {
            assert_eq!(parse(&plain(milliseconds)), Some(milliseconds));
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            ".",
            ".5",
            "-1",
            "1e3",
            "1.2345",
            "99999999999",
            "5000000",
            "1.-1",
            "１",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse(" 2,5 "), Some(2_500));
    }
}
