//! How an amount is printed for people: every digit, some strong and some quiet. The one formatter of all pages.

use super::{LEAST_DECIMALS, decimal};

/// An amount cut into what a reader looks at and the rest. The pieces in order give the whole text; nothing is
/// rounded away.
///
/// Below one the zeros in front are quiet (`0.000`**`776`**), from one on what follows the cents
/// (**`1,437.71`**`2927`). Nothing at all is a plain `0`, so that `0.00` never stands for something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// A true minus below zero; a plus only if [`Parts::with_plus`] asked for it.
    pub sign: &'static str,
    /// Quiet zeros in front, with the point.
    pub lead: String,
    /// What one reads.
    pub strong: String,
    /// Quiet decimals behind the cents.
    pub tail: String,
}

impl Parts {
    pub(super) fn of(value: i128, scale: u32) -> Self {
        let (whole, fraction) = decimal::digits(value, scale, LEAST_DECIMALS);
        let sign = if value < 0 { "\u{2212}" } else { "" };
        if value == 0 {
            return Self {
                strong: whole,
                ..Self::default()
            };
        }
        if whole == "0" {
            let zeros = fraction.len() - fraction.trim_start_matches('0').len();
            let (zeros, strong) = fraction.split_at(zeros);
            return Self {
                sign,
                lead: format!("0.{zeros}"),
                strong: strong.to_owned(),
                tail: String::new(),
            };
        }
        let (cents, tail) = fraction.split_at(LEAST_DECIMALS as usize);
        Self {
            sign,
            lead: String::new(),
            strong: format!("{}.{cents}", grouped(&whole)),
            tail: tail.to_owned(),
        }
    }

    /// With a plus in front of what comes in.
    #[must_use]
    pub fn with_plus(self) -> Self {
        let nothing = self.lead.is_empty() && self.strong == "0";
        Self {
            sign: if self.sign.is_empty() && !nothing {
                "+"
            } else {
                self.sign
            },
            ..self
        }
    }
}

impl std::fmt::Display for Parts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}{}{}{}", self.sign, self.lead, self.strong, self.tail)
    }
}

/// `1234567` as `1,234,567`.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
