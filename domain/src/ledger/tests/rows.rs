//! The rows that storage would hold, folded from effects and from nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// A call's row.
#[derive(Clone, Debug, Default)]
pub(super) struct CallRow {
    /// How often a hold of it was closed.
    pub closed: u32,
    pub settlement: Option<Settlement>,
    /// What corrections gave back, by the lot that had paid.
    pub corrected: BTreeMap<LotId, i64>,
}

/// Everything that storage would hold, folded from effects alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub seq: i64,
    pub booked_at: i64,
    pub totals: Totals,
    pub lots: BTreeMap<LotId, Lot>,
    pub holds: BTreeMap<CallId, Hold>,
    pub calls: BTreeMap<CallId, CallRow>,
    /// Lots that a void has taken from.
    pub voided: BTreeSet<LotId>,
}

impl Rows {
    pub fn fold(&mut self, effects: &Effects) {
        self.seq = effects.seq.0;
        self.booked_at = effects.booked_at.microseconds();
        self.totals = effects.after;
        self.lots.extend(effects.lots.iter().map(|lot| (lot.id, lot.clone())));
        if effects.kind == CommandKind::Void {
            self.voided.extend(effects.lots.iter().map(|lot| lot.id));
        }
        match effects.hold {
            Some(HoldChange::Opened { call, hold }) => {
                self.calls.entry(call).or_default();
                self.holds.insert(call, hold);
            }
            Some(HoldChange::Extended { call, hold }) => {
                self.holds.insert(call, hold);
            }
            Some(HoldChange::Closed { call }) => {
                self.holds.remove(&call);
                self.calls.entry(call).or_default().closed += 1;
            }
            None => {}
        }
        match &effects.outcome {
            Outcome::Settled(settlement) => {
                self.calls.entry(settlement.call).or_default().settlement = Some(settlement.clone());
            }
            Outcome::Corrected { call, returned } => {
                let row = self.calls.entry(*call).or_default();
                for part in returned {
                    *row.corrected.entry(part.from).or_default() += part.amount.nano();
                }
            }
            _ => {}
        }
    }

    /// The parts of a call's settle as storage hands them to a correction.
    pub fn parts(&self, call: CallId) -> Vec<SettledPart> {
        let Some(row) = self.calls.get(&call) else {
            return Vec::new();
        };
        let spent = row.settlement.iter().flat_map(|settlement| &settlement.spent);
        spent
            .map(|spent| SettledPart {
                lot: self.lots[&spent.lot].clone(),
                spent: spent.amount,
                corrected: nano(row.corrected.get(&spent.lot).copied().unwrap_or(0)),
                voided: self.voided.contains(&spent.lot),
            })
            .collect()
    }
}
