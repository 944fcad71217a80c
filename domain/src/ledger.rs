//! Credit and its books: one account, the commands on it, and the one function that decides them.
//!
//! [`apply`] is pure. Time and ids are arguments, nothing is read or written elsewhere. `gateway` loads an [`Account`],
//! puts commands in one order per account, applies them and commits their [`Effects`]; the verifier applies the stored
//! commands again and must arrive at the stored state.
//!
//! # What holds, and why
//!
//! A hold is an amount and the moment it was authorised; it names no lots. Three promises follow from a single
//! sentence, *all open holds together are covered by the lots that were alive when the latest of them was admitted*:
//!
//! 1. **Each open hold can be paid in full**, in whatever order calls end and however late.
//! 2. **What can be spent is never more than there is**: credit alive now, less open holds, less debt.
//! 3. **A call never makes debt**: beyond its hold it takes only what can be spent; the rest is our loss.
//!
//! Write `H` for the sum of open holds and `C` for what remains in lots that had begun by now and expire after `T`, the
//! moment of the latest admission. The sentence says `H ≤ C`, and every command keeps it:
//! - *hold, extend* by `a`: admitted only when `H + a` ≤ credit alive now; that credit is `C` from then on.
//! - *settle* of a hold `a`: takes at most `a`, and more only out of what can be spent. If anything can be spent, credit
//!   alive now is at least `H` plus that, and all of it expires after `T`. So `C` falls by no more than `H` and that.
//!   The hold's own lots expire after its own moment, which is not after `T`, so they are `C` or more and suffice.
//! - *expire*: a lot that an open hold may use (it was authorised before the lot's end) is not booked as expired yet.
//! - *late, void, adjust, debit, repayment of debt*: take at most what can be spent from lots alive now. A lot that has not
//!   begun is no part of `C` and may be voided whole.
//! - *grant, correct, extend a lot*: only add to `C`; *release* only lowers `H`.
//!
//! It would not be enough to check each hold against the lots of its own moment: two holds could then count on one lot,
//! because lots burn in the account's order and not in the order of their ends.

mod account;
mod chart;
mod command;
mod decide;
mod effects;
mod invariants;
mod lot;
mod refusal;
mod repeat;

pub use account::{Account, Hold, Seq, Status, Totals};
pub use chart::{LedgerAccount, Side, check, postings};
pub use command::{Adjustment, Command, CommandKind, Grant, LossKind, SettledPart};
pub use decide::{apply, decide};
pub use effects::{Effects, Entry, HoldChange, Outcome, Returned, Settlement, Spent};
pub use invariants::{Violation, violations};
pub use lot::{Lot, LotKind};
pub use refusal::{Refusal, Shortage};

#[cfg(test)]
mod tests;
