//! What a client of this dialect brings back unread: `encrypted_content` of a reasoning item. OpenAI's own is a cipher of OpenAI;
//! ours says whose proof it holds, and for which call of a tool.
//!
//! OpenAI's cipher goes through other dialects together with the name of its item (`rs_….<cipher>`), because both must come back.

/// What stands in an `encrypted_content` that this hub wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sealed {
    /// The proof of the item's own text.
    Signature(String),
    /// A thought in its provider's cipher.
    Thought(String),
    /// The proof that belongs to a call of a tool.
    Call {
        /// The call.
        id: String,
        /// Its proof.
        signature: String,
    },
}

const SIGNATURE: &str = "aigne1.sig.";
const THOUGHT: &str = "aigne1.raw.";
const CALL: &str = "aigne1.call.";

impl Sealed {
    pub(super) fn write(&self) -> String {
        match self {
            Self::Signature(signature) => format!("{SIGNATURE}{signature}"),
            Self::Thought(cipher) => format!("{THOUGHT}{cipher}"),
            // Ids of calls may hold anything, so that their length says where they end.
            Self::Call { id, signature } => format!("{CALL}{}.{id}{signature}", id.len()),
        }
    }

    /// `None` for what others have written.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(signature) = text.strip_prefix(SIGNATURE) {
            return Some(Self::Signature(signature.to_owned()));
        }
        if let Some(cipher) = text.strip_prefix(THOUGHT) {
            return Some(Self::Thought(cipher.to_owned()));
        }
        let (length, rest) = text.strip_prefix(CALL)?.split_once('.')?;
        let (id, signature) = rest.split_at_checked(length.parse().ok()?)?;
        Some(Self::Call {
            id: id.to_owned(),
            signature: signature.to_owned(),
        })
    }
}

/// This hub wrote it, whatever it holds.
pub(super) fn is_ours(text: &str) -> bool {
    text.starts_with("aigne1.")
}

/// OpenAI's cipher with the name of its item.
pub(super) fn own(id: &str, cipher: &str) -> String {
    format!("{id}.{cipher}")
}

/// The name and the cipher of [`own`].
pub(in crate::wire) fn split_own(sealed: &str) -> Option<(&str, &str)> {
    sealed.split_once('.').filter(|(id, _)| id.starts_with("rs_"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_out(one in ".*", other in ".*") {
            for sealed in [
                Sealed::Signature(one.clone()),
                Sealed::Thought(one.clone()),
                Sealed::Call { id: one.clone(), signature: other.clone() },
            ] {
                prop_assert_eq!(Sealed::read(&sealed.write()), Some(sealed));
            }
        }

        #[test]
        fn what_others_wrote_is_left_alone(text in ".*", length in ".{0,3}") {
            let _ = Sealed::read(&format!("aigne1.call.{length}.{text}"));
            prop_assert_eq!(Sealed::read(&format!("gAAAA{text}")), None);
        }
    }
}
