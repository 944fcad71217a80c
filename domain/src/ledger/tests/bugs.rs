//! Defects, planted one at a time. Each is a ledger that decides on a distorted view of the account, or reports
//! something else than it decided; the audit must see it. A rule that no defect can break would prove nothing.

use std::collections::BTreeMap;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

use super::{
    audit::{Finding, audit},
    streams::any_stream,
    world::{Apply, World},
    *,
};

/// What a defective ledger believes.
struct View {
    now: Timestamp,
    booked_at: Timestamp,
    totals: Totals,
    lots: Vec<Lot>,
    holds: BTreeMap<CallId, Hold>,
}

/// Decides on a distorted view, distorts the effects too if asked, and applies them to the real account. Sums move by
/// as much as the decision moved them, so that only the planted defect is wrong.
fn distort(
    account: &mut Account,
    command: &Command,
    now: Timestamp,
    view: impl FnOnce(&mut View),
    then: impl FnOnce(&mut Effects),
) -> Result<Effects, Refusal> {
    let mut seen = View {
        now,
        booked_at: account.booked_at(),
        totals: account.totals(),
        lots: account.lots().to_vec(),
        holds: account.holds().collect(),
    };
    view(&mut seen);
    let believed = seen.totals;
    let imagined = Account::assemble(
        account.id(),
        account.seq(),
        seen.booked_at,
        believed,
        seen.lots,
        seen.holds,
    );
    let mut effects = decide(&imagined, command, seen.now)?;
    let real = account.totals();
    let moved = |real: Amount, from: Amount, to: Amount| nano((real.nano() + to.nano() - from.nano()).max(0));
    let after = effects.after;
    effects.after = Totals {
        balance: moved(real.balance, believed.balance, after.balance),
        held: moved(real.held, believed.held, after.held),
        debt: moved(real.debt, believed.debt, after.debt),
        status: if after.status == believed.status {
            real.status
        } else {
            after.status
        },
    };
    for lot in &mut effects.lots {
        if let Some(real) = account.lot(lot.id) {
            lot.priority = real.priority;
            lot.effective_at = real.effective_at;
        }
    }
    effects.booked_at = now.max(account.booked_at());
    then(&mut effects);
    account.absorb(&effects);
    Ok(effects)
}

/// Runs the same streams every time until the defect shows as what it is.
fn caught(finding: Finding, buggy: &Apply) {
    let mut runner = TestRunner::deterministic();
    for _ in 0..1_500 {
        let steps = any_stream().new_tree(&mut runner).unwrap().current();
        let mut world = World::new(buggy);
        let mut found = Vec::new();
        for step in steps {
            let ended = world.step(&step, |world, event| {
                found = audit(world, &event);
                if found.is_empty() { Ok(()) } else { Err(String::new()) }
            });
            if ended.is_err() {
                break;
            }
        }
        if found.contains(&finding) {
            return;
        }
    }
    panic!("nobody noticed {finding:?}");
}

macro_rules! bugs {
    ($($(#[$doc:meta])* $name:ident => $finding:ident, $kinds:pat, $view:expr, $then:expr;)+) => {
        $(
            $(#[$doc])*
            #[test]
            fn $name() {
                caught(Finding::$finding, &|account, command, now| match command.kind() {
                    $kinds => distort(account, command, now, $view, $then),
                    _ => apply(account, command, now),
                });
            }
        )+

        const CAUGHT: &[Finding] = &[$(Finding::$finding),+];
    };
}

use CommandKind as Kind;

/// A view or a report that is right.
fn honest<T>(_: &mut T) {}

fn nothing_held(view: &mut View) {
    view.totals.held = Amount::ZERO;
}

fn entry_of(effects: &mut Effects, account: LedgerAccount) -> Option<&mut Entry> {
    effects.entries.iter_mut().find(|entry| entry.account == account)
}

/// The report shows the decision's moment and not the one it was made at.
fn authorised_now(effects: &mut Effects) {
    if let Some(HoldChange::Opened { hold, .. }) = &mut effects.hold {
        hold.authorised_at = effects.booked_at;
    }
}

bugs! {
    admission_forgets_open_holds => Admission, Kind::Hold, nothing_held, honest;
    admission_forgets_debt => Admission, Kind::Hold, |view| view.totals.debt = Amount::ZERO, honest;
    admission_counts_lots_that_have_not_begun => Admission, Kind::Hold,
        |view| view.lots.iter_mut().for_each(|lot| lot.effective_at = at(i64::MIN)), honest;
    admission_counts_the_instant_of_expiry => Admission, Kind::Hold,
        |view| {
            view.now = at(view.now.max(view.booked_at).microseconds() - 1);
            view.booked_at = view.now;
        },
        authorised_now;
    extension_needs_no_credit => Admission, Kind::Extend, |view| {
        nothing_held(view);
        view.totals.debt = Amount::ZERO;
    }, honest;
    blocked_accounts_admit_calls => Blocked, Kind::Hold, |view| view.totals.status = Status::Active, honest;
    a_hold_is_dated_back => Moment, Kind::Hold, honest, |effects| {
        if let Some(HoldChange::Opened { hold, .. }) = &mut effects.hold {
            hold.authorised_at = at(hold.authorised_at.microseconds() - 5);
        }
    };
    extension_moves_the_moment_of_admission => Moment, Kind::Extend, honest, |effects| {
        if let Some(HoldChange::Extended { hold, .. }) = &mut effects.hold {
            hold.authorised_at = effects.booked_at;
        }
    };
    settle_takes_what_others_hold => PaidWrongly, Kind::Settle, nothing_held, honest;
    a_late_charge_takes_what_others_hold => PaidWrongly, Kind::Late, nothing_held, honest;
    a_late_charge_makes_debt => DebtFromNowhere, Kind::Late, honest, |effects| {
        if let Some(entry) = entry_of(effects, LedgerAccount::UsageLoss) {
            entry.account = LedgerAccount::Receivable;
            let loss = Amount::try_from(entry.amount).unwrap();
            effects.after.debt = effects.after.debt.checked_add(loss).unwrap();
        }
    };
    settle_takes_what_others_hold_and_they_cannot_be_paid => Unpayable, Kind::Settle, nothing_held, honest;
    settle_ignores_what_can_be_spent_beyond_the_hold => PaidWrongly, Kind::Settle,
        |view| view.totals.debt = Amount::MAX, |effects| {
            effects.after.debt = Amount::ZERO;
        };
    settle_spends_lots_that_ended_before_the_call => Period, Kind::Settle,
        |view| view.holds.values_mut().for_each(|hold| hold.authorised_at = at(i64::MIN)), honest;
    settle_spends_lots_that_have_not_begun => Period, Kind::Settle,
        |view| view.lots.iter_mut().for_each(|lot| lot.effective_at = at(i64::MIN)), honest;
    settle_forgets_the_loss => Unbalanced, Kind::Settle, honest,
        |effects| effects.entries.retain(|entry| entry.account != LedgerAccount::UsageLoss);
    settle_reports_less_than_it_charges => Settlement, Kind::Settle, honest, |effects| {
        if let Outcome::Settled(settlement) = &mut effects.outcome {
            settlement.paid = settlement.paid.less(nano(1));
        }
    };
    a_call_makes_debt => DebtFromNowhere, Kind::Settle, honest, |effects| {
        if let Some(entry) = entry_of(effects, LedgerAccount::UsageLoss) {
            entry.account = LedgerAccount::Receivable;
            let loss = Amount::try_from(entry.amount).unwrap();
            effects.after.debt = effects.after.debt.checked_add(loss).unwrap();
        }
    };
    settle_leaves_the_hold_open => EndedTwice, Kind::Settle, honest, |effects| effects.hold = None;
    settle_posts_to_another_account => Illegal, Kind::Settle, honest, |effects| {
        if let Some(entry) = entry_of(effects, LedgerAccount::RevenueUsage) {
            entry.account = LedgerAccount::Adjustment;
        }
    };
    lots_burn_in_reverse => Order, Kind::Settle | Kind::Adjust | Kind::Debit, |view| view.lots.reverse(), honest;
    lots_burn_by_end_and_not_by_priority => Order, Kind::Settle,
        |view| view.lots.sort_by_key(|lot| (lot.expires_at.is_none(), lot.expires_at)), honest;
    paid_credit_burns_before_gifts => Order, Kind::Settle,
        |view| view.lots.sort_by_key(|lot| (lot.priority, lot.expires_at.is_none(), lot.expires_at, lot.kind != LotKind::Paid)), honest;
    expiry_does_not_wait_for_calls => EarlyExpiry, Kind::Expire, |view| view.holds.clear(), honest;
    expiry_comes_an_instant_early => EarlyExpiry, Kind::Expire,
        |view| view.now = at(view.now.max(view.booked_at).microseconds() + 1), honest;
    void_takes_what_calls_hold => Overtaken, Kind::Void, nothing_held, honest;
    an_adjustment_takes_what_calls_hold => Unpayable, Kind::Adjust, nothing_held, honest;
    a_dispute_takes_what_calls_hold => Violated, Kind::Debit, nothing_held, honest;
    a_dispute_forgets_the_debt => DebtDrift, Kind::Debit, honest, |effects| effects.after.debt = Amount::ZERO;
    repayment_is_forgotten => IdleCredit, Kind::Grant | Kind::Release | Kind::Settle,
        |view| view.totals.debt = Amount::ZERO, honest;
    a_grant_holds_a_unit_too_much => LotDrift, Kind::Grant, honest, |effects| {
        effects.lots[0].remaining = effects.lots[0].remaining.checked_add(nano(1)).unwrap();
        effects.after.balance = effects.after.balance.checked_add(nano(1)).unwrap();
    };
    the_cached_balance_drifts => BalanceDrift, Kind::Settle, honest,
        |effects| effects.after.balance = effects.after.balance.checked_add(nano(1)).unwrap();
    the_cached_hold_sum_drifts => HeldDrift, Kind::Release, honest,
        |effects| effects.after.held = effects.after.held.checked_add(nano(1)).unwrap();
    numbers_have_gaps => Sequence, Kind::Hold, honest, |effects| effects.seq.0 += 1;
    gifts_that_expire_count_as_income => WrongAccount, Kind::Expire, honest, |effects| {
        if let Some(entry) = entry_of(effects, LedgerAccount::PromoExpense) {
            entry.account = LedgerAccount::Breakage;
        }
    };
    a_correction_opens_a_lot_that_has_ended => Correction, Kind::Correct,
        |view| {
            view.now = at(i64::MIN);
            view.booked_at = at(i64::MIN);
        },
        honest;
}

/// What is caught is the defect, not the way it was planted.
#[test]
fn a_view_that_is_right_is_found_right() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..200 {
        let steps = any_stream().new_tree(&mut runner).unwrap().current();
        let mut world = World::new(&|account, command, now| distort(account, command, now, honest, honest));
        for step in steps {
            let checked = world.step(&step, |world, event| match audit(world, &event).first() {
                None => Ok(()),
                Some(finding) => Err(format!("{finding:?} by {:?}", event.command)),
            });
            assert_eq!(checked, Ok(()));
        }
    }
}

#[test]
fn a_correction_forgets_the_one_before() {
    caught(Finding::Correction, &|account, command, now| {
        let mut command = command.clone();
        if let Command::Correct { parts, .. } = &mut command {
            parts.iter_mut().for_each(|part| part.corrected = Amount::ZERO);
        }
        apply(account, &command, now)
    });
}

#[test]
fn a_correction_fills_a_lot_that_was_voided() {
    caught(Finding::Correction, &|account, command, now| {
        let mut command = command.clone();
        if let Command::Correct { parts, .. } = &mut command {
            parts.iter_mut().for_each(|part| part.voided = false);
        }
        apply(account, &command, now)
    });
}

#[test]
fn the_books_follow_a_clock_that_steps_back() {
    caught(Finding::Clock, &|account, command, now| {
        distort(account, command, now, honest, |effects| effects.booked_at = now)
    });
}

#[test]
fn a_refused_command_is_counted() {
    caught(Finding::RefusedButChanged, &|account, command, now| {
        let result = apply(account, command, now);
        if result.is_err() {
            let unblock = Command::Unblock { reason: why() };
            apply(account, &unblock, now)?;
        }
        result
    });
}

#[test]
fn a_changed_lot_is_not_written() {
    caught(Finding::RowsDiffer, &|account, command, now| {
        apply(account, command, now).map(|effects| Effects {
            lots: Vec::new(),
            ..effects
        })
    });
}

#[test]
fn each_rule_of_the_audit_has_a_defect_that_breaks_it() {
    let elsewhere = [
        Finding::Correction,
        Finding::Clock,
        Finding::RefusedButChanged,
        Finding::RowsDiffer,
    ];
    for finding in Finding::ALL {
        assert!(CAUGHT.contains(finding) || elsewhere.contains(finding), "{finding:?}");
    }
}
