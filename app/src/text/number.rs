//! Numbers, as pages and islands print them.

/// A number with separators: `1,204`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Parts per million as people read them: at most two decimals, cut, which is for the eye only.
#[must_use]
pub fn percent_of_ppm(ppm: i64) -> String {
    let (sign, ppm) = (if ppm < 0 { "\u{2212}" } else { "" }, ppm.unsigned_abs());
    let text = match (ppm / 10_000, ppm % 10_000 / 100) {
        // What is there must not read as nothing.
        (0, 0) if ppm > 0 => format!("0.{ppm:04}").trim_end_matches('0').to_owned(),
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole}.{part:02}").trim_end_matches('0').to_owned(),
    };
    format!("{sign}{text} %")
}
