//! The books, proved from rows alone. Nothing here asks the account what it thinks; each rule is written again, from
//! its sentence, so that a defect in one place is seen from the other.

mod calls;
mod finding;

pub(super) use finding::Finding;

use std::cmp::Ordering;

use super::{
    rows::Rows,
    world::{Event, World},
    *,
};
use calls::{corrected, settled};

impl Rows {
    fn alive(&self, now: Timestamp) -> i64 {
        self.lots
            .values()
            .filter(|lot| alive(lot, now))
            .map(|lot| lot.remaining.nano())
            .sum()
    }

    fn held(&self) -> i64 {
        self.holds.values().map(|hold| hold.amount.nano()).sum()
    }

    fn spendable(&self, now: Timestamp) -> i64 {
        self.alive(now) - self.held() - self.totals.debt.nano()
    }
}

fn alive(lot: &Lot, now: Timestamp) -> bool {
    let begun = lot.effective_at <= now;
    begun
        && match lot.expires_at {
            Some(end) => now < end,
            None => true,
        }
}

fn ended(lot: &Lot, moment: Timestamp) -> bool {
    lot.expires_at.is_some_and(|end| end <= moment)
}

/// The burn order, said in words: priority, end, gifts, begin, age, id.
fn order(a: &Lot, b: &Lot) -> Ordering {
    let end = |lot: &Lot| lot.expires_at.map_or(i64::MAX, Timestamp::microseconds);
    let paid = |lot: &Lot| u8::from(lot.kind == LotKind::Paid);
    a.priority
        .cmp(&b.priority)
        .then_with(|| end(a).cmp(&end(b)))
        .then_with(|| paid(a).cmp(&paid(b)))
        .then_with(|| a.effective_at.cmp(&b.effective_at))
        .then_with(|| a.created_at.cmp(&b.created_at))
        .then_with(|| a.id.cmp(&b.id))
}

/// Everything that one event broke.
pub(super) fn audit(world: &World<'_>, event: &Event) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut expect = |holds: bool, finding: Finding| {
        if !holds {
            found.push(finding);
        }
    };
    match &event.result {
        Err(_) => expect(world.account == event.before, Finding::RefusedButChanged),
        Ok(effects) => {
            books(world, event, effects, &mut expect);
            limits(event, effects, &mut expect);
            match &event.command {
                Command::Settle { call, charge } | Command::Late { call, charge } => {
                    settled(world, event, effects, *call, *charge, &mut expect);
                }
                Command::Correct { call, amount, .. } => corrected(world, effects, *call, *amount, &mut expect),
                _ => {}
            }
        }
    }
    state(world, &mut expect);
    found.sort_unstable();
    found.dedup();
    found
}

type Expect<'e> = &'e mut dyn FnMut(bool, Finding);

fn books(world: &World<'_>, event: &Event, effects: &Effects, expect: Expect<'_>) {
    let (rows, before) = (&world.rows, &event.rows_before);
    let numbered = i64::from(!matches!(event.command, Command::Hold { .. }));
    expect(rows.seq == before.seq + numbered, Finding::Sequence);
    let earliest = event.now.microseconds().max(event.before.booked_at().microseconds());
    expect(rows.booked_at == earliest, Finding::Clock);
    let sum: i64 = effects.entries.iter().map(|entry| entry.amount.nano()).sum();
    expect(sum == 0, Finding::Unbalanced);
    expect(check(effects.kind, &effects.entries).is_ok(), Finding::Illegal);

    let of_lot = |id: LotId| -> i64 {
        let entries = world.entries.iter().filter(|entry| entry.lot == Some(id));
        -entries.map(|entry| entry.amount.nano()).sum::<i64>()
    };
    for lot in &effects.lots {
        let held = lot.remaining.nano();
        expect(held == of_lot(lot.id) && held <= lot.amount.nano(), Finding::LotDrift);
    }
    let balance: i64 = rows.lots.values().map(|lot| lot.remaining.nano()).sum();
    expect(rows.totals.balance.nano() == balance, Finding::BalanceDrift);
    expect(rows.totals.held.nano() == rows.held(), Finding::HeldDrift);
    let owed = world
        .entries
        .iter()
        .filter(|entry| entry.account == LedgerAccount::Receivable);
    let owed: i64 = owed.map(|entry| entry.amount.nano()).sum();
    expect(rows.totals.debt.nano() == owed, Finding::DebtDrift);
    let rose = rows.totals.debt > before.totals.debt;
    expect(!rose || effects.kind == CommandKind::Debit, Finding::DebtFromNowhere);
    expect(rows.calls.values().all(|call| call.closed <= 1), Finding::EndedTwice);
    taker(event, effects, expect);
}

/// Which account of the house stands on the other side.
fn taker(event: &Event, effects: &Effects, expect: Expect<'_>) {
    let posted = |account| effects.entries.iter().any(|entry| entry.account == account);
    let right = match &event.command {
        Command::Grant(grant) => match grant.kind {
            LotKind::Paid => posted(LedgerAccount::ManualPayment),
            LotKind::Correction => posted(LedgerAccount::Adjustment),
            LotKind::Promo | LotKind::Starter | LotKind::Admin => posted(LedgerAccount::PromoExpense),
        },
        Command::Expire { lot } => match event.rows_before.lots[lot].kind {
            LotKind::Paid | LotKind::Correction => posted(LedgerAccount::Breakage),
            LotKind::Promo | LotKind::Starter | LotKind::Admin => posted(LedgerAccount::PromoExpense),
        },
        Command::Void { lot, .. } => match event.rows_before.lots[lot].kind {
            LotKind::Paid => posted(LedgerAccount::ManualPayment),
            LotKind::Correction => posted(LedgerAccount::Adjustment),
            LotKind::Promo | LotKind::Starter | LotKind::Admin => posted(LedgerAccount::PromoExpense),
        },
        Command::WriteOff { loss, .. } => match loss {
            LossKind::BadDebt => posted(LedgerAccount::BadDebt),
            LossKind::Dispute => posted(LedgerAccount::DisputeLoss),
        },
        _ => true,
    };
    expect(right, Finding::WrongAccount);
}

/// Who may take how much, and when.
fn limits(event: &Event, effects: &Effects, expect: Expect<'_>) {
    let (before, now) = (&event.rows_before, effects.booked_at);
    let spendable = before.spendable(now);
    let repaid = effects
        .entries
        .iter()
        .filter(|entry| entry.account == LedgerAccount::Receivable);
    let repaid: i64 = repaid.map(|entry| (-entry.amount.nano()).max(0)).sum();
    let taken: i64 = before.totals.balance.nano() - effects.after.balance.nano() - repaid;
    match &event.command {
        Command::Hold { amount, .. } | Command::Extend { by: amount, .. } => {
            expect(amount.is_zero() || amount.nano() <= spendable, Finding::Admission);
            expect(before.totals.status == Status::Active, Finding::Blocked);
            match effects.hold {
                Some(HoldChange::Opened { hold, .. }) => expect(hold.authorised_at == now, Finding::Moment),
                Some(HoldChange::Extended { call, hold }) => {
                    expect(hold.authorised_at == before.holds[&call].authorised_at, Finding::Moment);
                }
                _ => expect(false, Finding::Moment),
            }
        }
        Command::Expire { lot } => {
            let lot = &before.lots[lot];
            let used = before.holds.values().any(|hold| !ended(lot, hold.authorised_at));
            expect(ended(lot, now) && !used, Finding::EarlyExpiry);
        }
        Command::Void { lot, .. } => {
            let backs_holds = before.lots[lot].effective_at <= now;
            expect(!backs_holds || taken <= spendable.max(0), Finding::Overtaken);
        }
        Command::Adjust {
            adjustment: Adjustment::Take { .. },
            ..
        }
        | Command::Debit { .. } => {
            expect(taken <= spendable.max(0), Finding::Overtaken);
            let used = |lot: &Lot| {
                let entries = effects.entries.iter().filter(|entry| entry.lot == Some(lot.id));
                entries.map(|entry| entry.amount.nano()).sum()
            };
            in_order(before, &|lot| alive(lot, now), &used, expect);
        }
        _ => {}
    }
    let frees = matches!(
        effects.kind,
        CommandKind::Grant
            | CommandKind::Settle
            | CommandKind::Release
            | CommandKind::ExtendLot
            | CommandKind::Adjust
            | CommandKind::Correct
    );
    if frees && !effects.after.debt.is_zero() {
        let mut after = before.clone();
        after.fold(effects);
        expect(after.alive(now) <= after.held(), Finding::IdleCredit);
    }
}

/// No lot is used while one that comes earlier and could be used keeps something.
fn in_order(before: &Rows, usable: &dyn Fn(&Lot) -> bool, used: &dyn Fn(&Lot) -> i64, expect: Expect<'_>) {
    let mut lots: Vec<&Lot> = before
        .lots
        .values()
        .filter(|lot| !lot.remaining.is_zero() && usable(lot))
        .collect();
    lots.sort_by(|a, b| order(a, b));
    let last = lots.iter().rposition(|lot| used(lot) > 0).unwrap_or(0);
    expect(
        lots.iter().take(last).all(|lot| used(lot) == lot.remaining.nano()),
        Finding::Order,
    );
}

/// What the account is now.
fn state(world: &World<'_>, expect: Expect<'_>) {
    let (account, rows) = (&world.account, &world.rows);
    expect(violations(account).is_empty(), Finding::Violated);
    let same_lots = account.lots().iter().eq({
        let mut lots: Vec<&Lot> = rows.lots.values().filter(|lot| !lot.remaining.is_zero()).collect();
        lots.sort_by(|a, b| order(a, b));
        lots
    });
    let same = account.seq().0 == rows.seq
        && (rows.seq == 0 || account.booked_at() == at(rows.booked_at))
        && account.totals() == rows.totals
        && account.holds().eq(rows.holds.iter().map(|(call, hold)| (*call, *hold)));
    expect(same && same_lots, Finding::RowsDiffer);
    let later = account.booked_at().microseconds() + 1_000;
    for forwards in [true, false] {
        for moment in [account.booked_at().microseconds(), later] {
            expect(pays_out(account, moment, forwards), Finding::Unpayable);
        }
    }
}

/// Ends every running call with a charge of its whole hold, now or long after all lots have ended; nothing may be lost.
fn pays_out(account: &Account, moment: i64, forwards: bool) -> bool {
    let mut account = account.clone();
    let mut open: Vec<(CallId, Hold)> = account.holds().collect();
    if !forwards {
        open.reverse();
    }
    open.into_iter().all(|(call, hold)| {
        while let Some(expiry) = account.due_expiry(at(moment)) {
            if apply(&mut account, &expiry, at(moment)).is_err() {
                return false;
            }
        }
        let command = Command::Settle {
            call,
            charge: hold.amount,
        };
        let effects = apply(&mut account, &command, at(moment));
        effects.is_ok_and(|effects| paid_and_lost(&effects).1 == 0)
    })
}
