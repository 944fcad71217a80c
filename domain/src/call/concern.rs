//! What somebody should look at among the calls: they cost the hub money, or were charged by an estimate that nobody asked
//! for. The list of calls is narrowed by it, and the page about the books counts it.

use serde::{Deserialize, Serialize};

/// Why a call should be looked at. One call may have several reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Concern {
    /// It was lost with its process while it held credit, and never charged.
    Unbilled,
    /// Its end came after its hold had been given back; what it cost was taken out of what could be spent then.
    Late,
    /// Its answer left after a wait in vain, before its end was in the books.
    Ahead,
    /// It cost more than could be taken for it.
    Loss,
    /// What the provider reported as used was not believed; the charge is an estimate.
    Doubted,
}

impl Concern {
    /// Every reason, in the order in which filters offer them.
    pub const ALL: [Self; 5] = [Self::Unbilled, Self::Late, Self::Ahead, Self::Loss, Self::Doubted];

    /// The word in URLs and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unbilled => "unbilled",
            Self::Late => "late",
            Self::Ahead => "ahead",
            Self::Loss => "loss",
            Self::Doubted => "doubted",
        }
    }

    /// The reason that this word names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|concern| concern.as_str() == text)
    }
}
