//! Identifiers: 64 bits, ordered by time, made by `gateway::ids` and shown with a prefix (`call_01jd…`).
//!
//! The number is milliseconds since 2025 (42 bits), the process that made it (10 bits) and a sequence (12 bits).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds between 1970 and the first moment an id can name, 2025-01-01T00:00:00Z.
pub const EPOCH_MILLISECONDS: i64 = 1_735_689_600_000;
/// Bits that hold the number of the process.
pub const PROCESS_BITS: u32 = 10;
/// Bits that count ids within one millisecond of one process.
pub const SEQUENCE_BITS: u32 = 12;

/// Crockford's alphabet in lower case: no letter that reads like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 13;

/// Packs the parts of an id. `process` and `sequence` are cut to their bits; time before 2025 counts as 2025.
#[must_use]
pub fn pack(unix_milliseconds: i64, process: u16, sequence: u16) -> i64 {
    let time = (unix_milliseconds - EPOCH_MILLISECONDS).clamp(0, (1 << 41) - 1);
    let process = i64::from(process) & ((1 << PROCESS_BITS) - 1);
    let sequence = i64::from(sequence) & ((1 << SEQUENCE_BITS) - 1);
    (time << (PROCESS_BITS + SEQUENCE_BITS)) | (process << SEQUENCE_BITS) | sequence
}

/// The text after the prefix: 13 digits of base 32.
fn encode(value: i64) -> [u8; DIGITS] {
    let mut rest = value.cast_unsigned();
    let mut text = [b'0'; DIGITS];
    for digit in text.iter_mut().rev() {
        *digit = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    text
}

fn decode(text: &str) -> Option<i64> {
    if text.len() != DIGITS {
        return None;
    }
    let mut value: u64 = 0;
    for byte in text.bytes() {
        let digit = ALPHABET
            .iter()
            .position(|letter| *letter == byte.to_ascii_lowercase())?;
        if value >> 59 != 0 {
            return None;
        }
        value = (value << 5) | digit as u64;
    }
    i64::try_from(value).ok()
}

/// The text is not an id of the kind that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no id: one looks like `{prefix}070dg5tt81g00`, {DIGITS} letters and digits after `{prefix}`, as lists show it"
)]
pub struct InvalidId {
    /// The prefix that was expected, with its underscore.
    pub prefix: &'static str,
    /// What was given, cut to 40 characters.
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// What stands before the digits when the id is shown.
            pub const PREFIX: &'static str = $prefix;

            /// The id that storage holds under this number.
            #[must_use]
            pub const fn from_number(number: i64) -> Self {
                Self(number)
            }

            /// The number that storage holds.
            #[must_use]
            pub const fn number(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let digits = encode(self.0);
                write!(formatter, "{}{}", $prefix, std::str::from_utf8(&digits).unwrap_or_default())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix($prefix).and_then(decode).map(Self).ok_or_else(|| InvalidId {
                    prefix: $prefix,
                    text: text.chars().take(40).collect(),
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

ids! {
    /// A person who can sign in.
    UserId = "user_";
    /// One of our API keys.
    KeyId = "key_";
    /// People and keys together, with one account that pays.
    ProjectId = "proj_";
    /// A configured upstream.
    ProviderId = "prov_";
    /// A secret of a provider.
    CredentialId = "cred_";
    /// A model of a provider.
    ModelId = "model_";
    /// One request of a client.
    CallId = "call_";
    /// One try upstream within a call.
    AttemptId = "att_";
    /// One change, written down.
    AuditId = "audit_";
    /// One sign-in that has not ended.
    SessionId = "sess_";
    /// One run of the server or of a command.
    ProcessId = "proc_";
    /// Who owes and owns credit.
    AccountId = "acct_";
    /// Credit that came in at once, with one priority and one expiry.
    LotId = "lot_";
    /// An identity provider that was added in the console.
    IdentityProviderId = "idp_";
    /// An identity that somebody signs in with.
    IdentityId = "idn_";
    /// A version of a model's price.
    PriceId = "price_";
    /// How much somebody may use.
    LimitId = "lim_";
    /// A mail that is sent, or was.
    MailId = "mail_";
    /// Somebody who was asked to come.
    InvitationId = "inv_";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_and_number_agree(number in 0..=i64::MAX) {
            let id = CallId::from_number(number);
            prop_assert_eq!(id.to_string().parse::<CallId>(), Ok(id));
        }

        #[test]
        fn text_sorts_like_time(a in 0..=i64::MAX, b in 0..=i64::MAX) {
            let (first, second) = (CallId::from_number(a), CallId::from_number(b));
            prop_assert_eq!(first.to_string().cmp(&second.to_string()), a.cmp(&b));
        }

        #[test]
        fn any_text_is_read_without_panic(text in ".{0,40}") {
            let _ = text.parse::<CallId>();
            let _ = format!("call_{text}").parse::<CallId>();
        }
    }

    #[test]
    fn another_prefix_is_refused() {
        let id = KeyId::from_number(7).to_string();
        assert!(id.parse::<CallId>().is_err());
    }

    #[test]
    fn what_is_no_id_is_told_what_one_looks_like() {
        // The second has the right length, and more than 63 bits.
        for text in ["7", "key_9999999999999"] {
            let told = text.parse::<KeyId>().unwrap_err().to_string();
            assert!(told.starts_with(&format!("`{text}` is no id: ")), "{told}");
            let example = told
                .split('`')
                .find(|word| word.len() == KeyId::PREFIX.len() + DIGITS && *word != text);
            assert!(example.unwrap().parse::<KeyId>().is_ok(), "{told}");
        }
    }

    #[test]
    fn parts_do_not_touch_each_other() {
        let base = pack(EPOCH_MILLISECONDS + 5, 3, 9);
        assert_eq!(base, (5 << 22) | (3 << 12) | 9);
        assert_eq!(pack(EPOCH_MILLISECONDS - 5, u16::MAX, u16::MAX), (1 << 22) - 1);
    }
}
