//! What a line of the ledger moved past the balance.

use crate::money::Amount;

/// It, by what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The cost of a call that the hub bears.
    Allocated(Amount),
    /// It became debt.
    Owed(Amount),
    /// Debt that was given up.
    GivenUp(Amount),
    /// Credit that came in, or became free, and repaid debt at once.
    Repaid(Amount),
}

impl Beside {
    /// How much.
    #[must_use]
    pub const fn amount(self) -> Amount {
        match self {
            Self::Allocated(amount) | Self::Owed(amount) | Self::GivenUp(amount) | Self::Repaid(amount) => amount,
        }
    }

    /// What it was, on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allocated(_) => "allocated",
            Self::Owed(_) => "became debt",
            Self::GivenUp(_) => "debt given up",
            Self::Repaid(_) => "repaid debt",
        }
    }
}
