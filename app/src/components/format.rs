//! Numbers and spans as text. Times are in `time`.

use domain::time::Micros;

pub use crate::text::count;

/// A span as people compare it: `84 µs`, `402 ms`, `3.1 s`, `2 min 5 s`.
#[must_use]
pub fn span(span: Micros) -> String {
    let micros = span.0.max(0);
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        10_000..999_500 => format!("{} ms", (micros + 500) / 1_000),
        999_500..59_950_000 => {
            let tenths = (micros + 50_000) / 100_000;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => {
            let seconds = (micros + 500_000) / 1_000_000;
            match (seconds / 3_600, seconds % 3_600 / 60, seconds % 60) {
                (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
                (hours, minutes, _) => format!("{hours} h {minutes} min"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        let texts = [0, 7, 999, 1_000, 29_114_730].map(count);
        assert_eq!(texts, ["0", "7", "999", "1,000", "29,114,730"]);
    }

    #[test]
    fn spans_keep_what_matters() {
        let texts = [
            -4,
            0,
            84,
            1_249,
            402_400,
            999_499,
            999_500,
            3_149_999,
            59_949_999,
            59_950_000,
            125_000_000,
            7_380_000_000,
        ]
        .map(|micros| span(Micros(micros)));
        let expected = [
            "0 µs",
            "0 µs",
            "84 µs",
            "1.2 ms",
            "402 ms",
            "999 ms",
            "1.0 s",
            "3.1 s",
            "59.9 s",
            "1 min 0 s",
            "2 min 5 s",
            "2 h 3 min",
        ];
        assert_eq!(texts, expected);
    }
}
