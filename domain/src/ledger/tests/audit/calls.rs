//! What must be true of a settled and of a corrected call.

use super::{Expect, Finding, ended, in_order};
use crate::ledger::tests::{
    world::{Event, World},
    *,
};

pub(super) fn settled(
    world: &World<'_>,
    event: &Event,
    effects: &Effects,
    call: CallId,
    charge: Amount,
    expect: Expect<'_>,
) {
    let Outcome::Settled(settlement) = &effects.outcome else {
        return expect(false, Finding::Settlement);
    };
    let (before, now) = (&event.rows_before, effects.booked_at);
    let spent: i64 = settlement.spent.iter().map(|spent| spent.amount.nano()).sum();
    let posted = |account| -> i64 {
        let entries = effects.entries.iter().filter(|entry| entry.account == account);
        entries.map(|entry| entry.amount.nano()).sum()
    };
    let (paid, loss) = (settlement.paid.nano(), settlement.loss.nano());
    let adds_up = settlement.charge == charge
        && paid + loss == charge.nano()
        && spent == paid
        && posted(LedgerAccount::UsageLoss) == loss
        && posted(LedgerAccount::RevenueUsage) == -charge.nano()
        && posted(LedgerAccount::Credit) + posted(LedgerAccount::Receivable) == paid;
    expect(adds_up, Finding::Settlement);
    let hold = match (effects.kind, before.holds.get(&call)) {
        (CommandKind::Settle, Some(hold)) => *hold,
        (CommandKind::Late, None) => Hold {
            amount: Amount::ZERO,
            authorised_at: now,
        },
        _ => return expect(false, Finding::EndedTwice),
    };
    let payable = charge.nano().min(hold.amount.nano() + before.spendable(now).max(0));
    expect(paid == payable, Finding::PaidWrongly);
    let pays = |lot: &Lot| lot.effective_at <= now && !ended(lot, hold.authorised_at);
    expect(
        settlement.spent.iter().all(|spent| pays(&before.lots[&spent.lot])),
        Finding::Period,
    );
    let used = |lot: &Lot| {
        settlement
            .spent
            .iter()
            .filter(|spent| spent.lot == lot.id)
            .map(|spent| spent.amount.nano())
            .sum()
    };
    in_order(before, &pays, &used, expect);
    expect(!world.rows.holds.contains_key(&call), Finding::EndedTwice);
}

pub(super) fn corrected(world: &World<'_>, effects: &Effects, call: CallId, amount: Amount, expect: Expect<'_>) {
    let Outcome::Corrected { returned, .. } = &effects.outcome else {
        return expect(false, Finding::Correction);
    };
    let now = effects.booked_at;
    let sum: i64 = returned.iter().map(|part| part.amount.nano()).sum();
    let row = &world.rows.calls[&call];
    let within = row
        .settlement
        .iter()
        .flat_map(|settlement| &settlement.spent)
        .all(|spent| {
            let back = row.corrected.get(&spent.lot).copied().unwrap_or(0);
            back <= spent.amount.nano()
        });
    let month = now.microseconds() + 30 * 86_400 * 1_000_000;
    let closed = |lot: &Lot| ended(lot, now) || world.rows.voided.contains(&lot.id);
    let end = |lot: &Lot| lot.expires_at.map_or(i64::MAX, Timestamp::microseconds);
    let moved = returned.iter().filter(|part| part.from != part.to);
    let latest = moved
        .map(|part| end(&world.rows.lots[&part.from]))
        .fold(month, i64::max);
    let lives = returned.iter().all(|part| {
        let (from, to) = (&world.rows.lots[&part.from], &world.rows.lots[&part.to]);
        if part.from == part.to {
            !closed(from)
        } else {
            closed(from) && to.kind == LotKind::Correction && end(to) == latest
        }
    });
    expect(sum == amount.nano() && within && lives, Finding::Correction);
}
