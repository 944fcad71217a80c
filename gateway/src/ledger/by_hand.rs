//! Orders by hand before they are decided: one that was booked under its name already is not booked again, another one
//! under that name is refused, and one that gives back a charge is told what the call had taken.
//!
//! Whoever calls this keeps other orders by hand on the account away until this one is durable: by the account's row
//! (`direct`), or by a lock and a look behind everything that is queued (`owned`).

use domain::{
    ledger::{Command, Effects, Refusal},
    time::Timestamp,
};

use super::Order;
use crate::{
    Error, Inner,
    store::{Tx, change, ledger::by_hand},
};

/// What is to become of an order.
pub(super) enum Look {
    /// Its name is taken: it was booked before, with these effects, or something else was.
    Before(Box<Result<Effects, Refusal>>),
    /// It is to be decided, as it is now.
    New(Box<Order>),
}

/// Whether somebody did it by hand.
pub(super) const fn is_by_hand(order: &Order) -> bool {
    order.name.is_some()
}

/// Whether whoever gives an order may still do so. As long as the transaction is open nothing is taken from them: whoever does needs its
/// lock, and comes before this or after what is decided.
///
/// To be asked before anything else is locked: a change has this lock before it asks for accounts.
pub(super) async fn still_may(inner: &Inner, tx: &mut Tx, order: &Order) -> Result<(), Error> {
    let Some(seen) = order.seen else { return Ok(()) };
    change::lock(tx).await?;
    let who = (&order.actor, order.address.as_deref());
    seen.stands(tx, who, inner.clock.now()).await
}

/// Looks at an order by hand that is given now.
pub(super) async fn look(tx: &mut Tx, order: &Order, now: Timestamp) -> Result<Look, Error> {
    if let Some(token) = &order.once
        && let Some(before) = by_hand::booked(tx, order.account, token).await?
    {
        let effects = Effects {
            booked_before: true,
            ..before.effects
        };
        let answer = match order.command.repeats(now, &before.command, before.at) {
            true => Ok(effects),
            false => Err(Refusal::OtherUnderName),
        };
        return Ok(Look::Before(Box::new(answer)));
    }
    let mut order = Box::new(order.clone());
    if let Command::Correct { call, parts, .. } = &mut order.command {
        *parts = by_hand::parts(tx, order.account, *call).await?;
    }
    Ok(Look::New(order))
}
