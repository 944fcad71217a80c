//! Random commands. A step says what to do in terms of "some call" and "some lot"; whoever does it fills in which one, so that
//! a stream stays meaningful when proptest shortens it. `World` does them in memory; the tests of `gateway` take this file
//! too, and do the same streams on databases (`gateway/tests/both/ledger/streams.rs`).

use proptest::{collection::vec, option, prelude::*};

use super::LotKind;

/// One step: the clock moves, due expiries are booked or left for later, and something is asked for.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Mostly forward; sometimes back, sometimes far.
    pub clock: i64,
    /// Whether due expiries are booked first, as the engine does. The rules hold without it.
    pub tidy: bool,
    pub wish: Wish,
}

/// What is asked for. Numbers called `pick` choose among what there is.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    Grant {
        kind: LotKind,
        amount: i64,
        priority: i32,
        begins: i64,
        life: Option<i64>,
    },
    GrantAgain {
        pick: usize,
    },
    Hold {
        amount: i64,
    },
    HoldAgain {
        pick: usize,
    },
    Extend {
        pick: usize,
        by: i64,
    },
    Settle {
        pick: usize,
        charge: i64,
    },
    Release {
        pick: usize,
    },
    Late {
        pick: usize,
        charge: i64,
    },
    Expire {
        pick: usize,
    },
    Void {
        pick: usize,
    },
    ExtendLot {
        pick: usize,
        end: Option<i64>,
    },
    Add {
        amount: i64,
    },
    Take {
        amount: i64,
    },
    Correct {
        pick: usize,
        amount: i64,
    },
    Block,
    Unblock,
    Allocate {
        charge: i64,
    },
    WriteOff {
        amount: i64,
        dispute: bool,
    },
    Debit {
        amount: i64,
    },
}

/// A step of the clock that is long enough for a correction lot to end.
pub(super) const FAR: i64 = 40 * 86_400 * 1_000_000;

pub(super) fn any_stream() -> impl Strategy<Value = Vec<Step>> {
    let steps = prop_oneof![60 => any_step().prop_map(|step| vec![step]), 1 => correction_after_void()];
    vec(steps, 1..60).prop_map(|steps| steps.concat())
}

/// What single wishes would meet too seldom: lots pay for a call, are voided, and then the call is corrected.
fn correction_after_void() -> impl Strategy<Value = Vec<Step>> {
    let pick = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    (1..6_i64, vec(pick(), 1..4), vec(pick(), 1..4)).prop_map(|(amount, voids, corrections)| {
        let grant = Wish::Grant {
            kind: LotKind::Paid,
            amount,
            priority: 0,
            begins: 0,
            life: None,
        };
        // Any open call will do.
        let paid = [
            Wish::Hold { amount },
            Wish::Settle {
                pick: 1,
                charge: amount,
            },
        ];
        let voids = voids.into_iter().map(|pick| Wish::Void { pick });
        let corrections = corrections.into_iter().map(|pick| Wish::Correct { pick, amount: 1 });
        let wishes = [grant].into_iter().chain(paid).chain(voids).chain(corrections);
        wishes
            .map(|wish| Step {
                clock: 0,
                tidy: true,
                wish,
            })
            .collect()
    })
}

fn any_step() -> impl Strategy<Value = Step> {
    let clock = prop_oneof![40 => 0..4_i64, 20 => 0..12_i64, 3 => -15..0_i64, 1 => Just(FAR)];
    (clock, prop::bool::weighted(0.8), any_wish()).prop_map(|(clock, tidy, wish)| Step { clock, tidy, wish })
}

fn any_wish() -> impl Strategy<Value = Wish> {
    let pick = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    let grant = (
        prop::sample::select(LotKind::ALL.to_vec()),
        prop_oneof![1 => Just(0_i64), 20 => 1..13_i64],
        prop_oneof![Just(20), Just(50), 0..3_i32],
        prop_oneof![3 => -3..1_i64, 2 => 0..12_i64],
        option::weighted(0.7, prop_oneof![1 => -2..1_i64, 20 => 1..25_i64]),
    );
    prop_oneof![
        14 => grant.prop_map(|(kind, amount, priority, begins, life)| Wish::Grant { kind, amount, priority, begins, life }),
        1 => pick().prop_map(|pick| Wish::GrantAgain { pick }),
        22 => (0..8_i64).prop_map(|amount| Wish::Hold { amount }),
        1 => pick().prop_map(|pick| Wish::HoldAgain { pick }),
        6 => (pick(), 0..4_i64).prop_map(|(pick, by)| Wish::Extend { pick, by }),
        16 => (pick(), 0..10_i64).prop_map(|(pick, charge)| Wish::Settle { pick, charge }),
        5 => pick().prop_map(|pick| Wish::Release { pick }),
        4 => (pick(), 0..10_i64).prop_map(|(pick, charge)| Wish::Late { pick, charge }),
        2 => pick().prop_map(|pick| Wish::Expire { pick }),
        5 => pick().prop_map(|pick| Wish::Void { pick }),
        4 => (pick(), option::weighted(0.8, -6..20_i64)).prop_map(|(pick, end)| Wish::ExtendLot { pick, end }),
        2 => (0..6_i64).prop_map(|amount| Wish::Add { amount }),
        3 => (0..6_i64).prop_map(|amount| Wish::Take { amount }),
        7 => (pick(), 0..7_i64).prop_map(|(pick, amount)| Wish::Correct { pick, amount }),
        1 => Just(Wish::Block),
        3 => Just(Wish::Unblock),
        1 => (0..5_i64).prop_map(|charge| Wish::Allocate { charge }),
        3 => (0..5_i64, any::<bool>()).prop_map(|(amount, dispute)| Wish::WriteOff { amount, dispute }),
        4 => (0..9_i64).prop_map(|amount| Wish::Debit { amount }),
    ]
}
