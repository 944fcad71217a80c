//! Exact decimal text of integers, both ways: the one reader and the one writer behind every type of money.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that is not the number that was asked for. The sentence names what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("`{text}` {problem}")]
pub struct InvalidNumber {
    /// What was given, cut to 40 characters.
    pub text: String,
    /// What is wrong with it.
    pub problem: NumberProblem,
}

/// What is wrong with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberProblem {
    /// Not digits with at most one point between them.
    #[error("is not a decimal number; write it like 12 or 0.25, without spaces, commas or exponents")]
    Shape,
    /// Finer than the unit. Nothing is rounded behind anybody's back.
    #[error("has more than {allowed} decimals")]
    TooFine {
        /// How many decimals the unit has.
        allowed: u32,
    },
    /// Beyond what can be held.
    #[error("is too large")]
    TooLarge,
    /// Below the smallest value that makes sense here.
    #[error("is too small")]
    TooSmall,
}

/// Reads `-12.5` as an integer with `scale` decimals. Zeros behind the last decimal are harmless and accepted.
pub(super) fn parse(text: &str, scale: u32) -> Result<i128, NumberProblem> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(NumberProblem::Shape),
        Some(split) => split,
        None => (digits, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(NumberProblem::Shape);
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = usize::try_from(scale)
        .ok()
        .and_then(|scale| scale.checked_sub(fraction.len()))
        .ok_or(NumberProblem::TooFine { allowed: scale })?;
    let mut value: i128 = 0;
    for digit in whole
        .bytes()
        .chain(fraction.bytes())
        .chain(std::iter::repeat_n(b'0', missing))
    {
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_add(i128::from(digit - b'0')))
            .ok_or(NumberProblem::TooLarge)?;
    }
    Ok(if negative { -value } else { value })
}

/// Whole part and decimals of an integer with `scale` decimals, without its sign and without zeros at the end beyond
/// `least` decimals.
pub(super) fn digits(value: i128, scale: u32, least: u32) -> (String, String) {
    let one = 10_u128.pow(scale);
    let (whole, part) = (value.unsigned_abs() / one, value.unsigned_abs() % one);
    // With each charge, and what is wider than a register takes several times as long to write.
    let (whole, mut fraction) = match (u64::try_from(whole), u64::try_from(part)) {
        (Ok(whole), Ok(part)) => (whole.to_string(), format!("{part:0width$}", width = scale as usize)),
        _ => (whole.to_string(), format!("{part:0width$}", width = scale as usize)),
    };
    let kept = fraction.trim_end_matches('0').len().max(least as usize);
    fraction.truncate(kept);
    (whole, fraction)
}

/// Writes what [`parse`] reads.
pub(super) fn write(formatter: &mut fmt::Formatter<'_>, value: i128, scale: u32, least: u32) -> fmt::Result {
    let (whole, fraction) = digits(value, scale, least);
    let sign = if value < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    write!(formatter, "{sign}{whole}{point}{fraction}")
}

/// The error for this text.
pub(super) fn invalid(text: &str, problem: NumberProblem) -> InvalidNumber {
    InvalidNumber {
        text: text.chars().take(40).collect(),
        problem,
    }
}

/// `Display`, `FromStr` and JSON as a decimal string (JSON's own numbers are floats to many readers). Arguments: the
/// type, its decimals, the decimals that are always written, and how to get at the integer and back.
macro_rules! text_and_serde {
    ($name:ident, $scale:expr, $least:expr, $get:expr, $make:expr) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::money::decimal::write(formatter, i128::from(($get)(self)), $scale, $least)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::money::InvalidNumber;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::money::decimal::parse(text, $scale)
                    .and_then($make)
                    .map_err(|problem| $crate::money::decimal::invalid(text, problem))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use text_and_serde;
