//! What an audit can find wrong. Each has at least one planted defect that it is found by.

macro_rules! findings {
    ($($(#[$doc:meta])* $name:ident;)+) => {
        /// What can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::ledger::tests) enum Finding {
            $($(#[$doc])* $name,)+
        }

        impl Finding {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

findings! {
    /// A refused command changed something.
    RefusedButChanged;
    /// Numbers have a gap.
    Sequence;
    /// A booking lies before the one before it, or not at the caller's now when it could.
    Clock;
    /// A transaction does not add up to zero.
    Unbalanced;
    /// A transaction posts where its kind must not.
    Illegal;
    /// Credit went to or came from the wrong account of the house.
    WrongAccount;
    /// A lot does not hold what its entries say, or more than it may.
    LotDrift;
    /// The balance is not the sum of lots.
    BalanceDrift;
    /// The held sum is not the sum of holds.
    HeldDrift;
    /// The debt is not what the entries say.
    DebtDrift;
    /// Debt that no refund or dispute made.
    DebtFromNowhere;
    /// Free credit beside debt.
    IdleCredit;
    /// A call was admitted for more than could be spent.
    Admission;
    /// A call was admitted on a blocked account.
    Blocked;
    /// A hold is not dated to its admission.
    Moment;
    /// A call ended twice.
    EndedTwice;
    /// Charge, payment, loss and entries of a settle do not add up.
    Settlement;
    /// A call was paid less than hold and spendable credit allow, or more.
    PaidWrongly;
    /// A lot paid outside of its period.
    Period;
    /// A lot paid before one that comes earlier.
    Order;
    /// A lot expired that had not ended or that a call could still use.
    EarlyExpiry;
    /// Somebody took credit that calls hold.
    Overtaken;
    /// More was given back than was paid, or into a lot that had ended or was voided.
    Correction;
    /// The account says so itself.
    Violated;
    /// An open hold cannot be paid in full.
    Unpayable;
    /// Rows and account differ.
    RowsDiffer;
}
