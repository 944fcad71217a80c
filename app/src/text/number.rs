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

/// Parts per million as people read them: at most two decimals, which is for the eye only. What is cut makes a gain smaller and a loss
/// larger, never the other way round.
#[must_use]
pub fn percent_of_ppm(ppm: i64) -> String {
    let sign = if ppm < 0 { "\u{2212}" } else { "" };
    let hundredths = ppm.div_euclid(100).unsigned_abs();
    let text = match (hundredths / 100, hundredths % 100) {
        // What is there must not read as nothing.
        _ if (1..100).contains(&ppm.unsigned_abs()) => {
            format!("0.{:04}", ppm.unsigned_abs()).trim_end_matches('0').to_owned()
        }
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole}.{part:02}").trim_end_matches('0').to_owned(),
    };
    format!("{sign}{text} %")
}

#[cfg(test)]
mod tests {
    use super::percent_of_ppm;

    #[test]
    fn what_is_cut_of_a_share_makes_no_loss_smaller() {
        let told = [
            0,
            200_000,
            33_333,
            31_250,
            -31_250,
            -31_200,
            -100_000,
            50,
            -50,
            99,
            -101,
            i64::MIN,
        ]
        .map(percent_of_ppm);
        assert_eq!(
            told,
            [
                "0 %",
                "20 %",
                "3.33 %",
                "3.12 %",
                "−3.13 %",
                "−3.12 %",
                "−10 %",
                "0.005 %",
                "−0.005 %",
                "0.0099 %",
                "−0.02 %",
                "−922337203685477.59 %"
            ]
        );
    }
}
