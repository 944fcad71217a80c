//! The ledger once more, the slow way: credit is a heap of coins worth one nano-USD each, sorted again whenever
//! somebody pays. No sums are kept, nothing is planned ahead; a payment goes coin by coin.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// What all coins of a lot have in common.
#[derive(Clone, Debug)]
struct Mint {
    priority: i32,
    begins: i64,
    ends: i64,
    paid: bool,
    made: i64,
    /// How many coins there ever were.
    minted: usize,
    /// Somebody has taken coins of it back.
    voided: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Coins {
    now: i64,
    commands: i64,
    mints: BTreeMap<LotId, Mint>,
    heap: Vec<LotId>,
    /// How many coins, and since when.
    holds: BTreeMap<CallId, (usize, i64)>,
    owed: usize,
    blocked: bool,
}

/// What a settle came to: paid, lost.
pub(super) type Paid = Option<(usize, usize)>;

const NEVER: i64 = i64::MAX;

fn count(amount: Amount) -> usize {
    usize::try_from(amount.nano()).unwrap()
}

impl Coins {
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies a command, or names the refusal by its word.
    pub fn apply(&mut self, command: &Command, now: Timestamp) -> Result<Paid, &'static str> {
        let mut after = self.clone();
        after.now = after.now.max(now.microseconds());
        let paid = after.decide(command)?;
        let frees_credit = matches!(
            command,
            Command::Grant(_)
                | Command::Settle { .. }
                | Command::Release { .. }
                | Command::ExtendLot { .. }
                | Command::Adjust { .. }
                | Command::Correct { .. }
        );
        while frees_credit && after.owed > 0 && after.alive().len() > after.held() {
            after.pay_one(&|mint, now| mint.begins <= now && now < mint.ends);
            after.owed -= 1;
        }
        after.commands += i64::from(!matches!(command, Command::Hold { .. }));
        *self = after;
        Ok(paid)
    }

    fn decide(&mut self, command: &Command) -> Result<Paid, &'static str> {
        let alive = |mint: &Mint, now: i64| mint.begins <= now && now < mint.ends;
        match command {
            Command::Grant(grant) => {
                let ends = grant.expires_at.map_or(NEVER, Timestamp::microseconds);
                let begins = grant.effective_at.microseconds();
                if grant.amount.is_zero() {
                    return Err("zero_amount");
                }
                if ends <= begins || ends <= self.now {
                    return Err("period");
                }
                let mint = Mint {
                    priority: grant.priority,
                    begins,
                    ends,
                    paid: grant.kind == LotKind::Paid,
                    made: self.now,
                    minted: count(grant.amount),
                    voided: false,
                };
                self.mint(grant.lot, mint)?;
            }
            Command::Hold { call, amount } => {
                if self.holds.contains_key(call) {
                    return Err("hold_exists");
                }
                self.admit(count(*amount))?;
                self.holds.insert(*call, (count(*amount), self.now));
            }
            Command::Extend { call, by } => {
                let (amount, since) = *self.holds.get(call).ok_or("no_hold")?;
                self.admit(count(*by))?;
                self.holds.insert(*call, (amount + count(*by), since));
            }
            Command::Settle { call, charge } => {
                let (amount, since) = *self.holds.get(call).ok_or("no_hold")?;
                let mut free = self.free();
                let mut paid = 0;
                while paid < count(*charge) {
                    if paid >= amount {
                        if free <= 0 {
                            break;
                        }
                        free -= 1;
                    }
                    assert!(
                        self.pay_one(&|mint, now| mint.begins <= now && since < mint.ends),
                        "a promise was broken"
                    );
                    paid += 1;
                }
                self.holds.remove(call);
                return Ok(Some((paid, count(*charge) - paid)));
            }
            Command::Late { call, charge } => {
                if self.holds.contains_key(call) {
                    return Err("hold_exists");
                }
                let mut paid = 0;
                while paid < count(*charge) && self.free() > 0 {
                    assert!(self.pay_one(&alive), "what can be spent is not there");
                    paid += 1;
                }
                return Ok(Some((paid, count(*charge) - paid)));
            }
            Command::Release { call } => {
                self.holds.remove(call).ok_or("no_hold")?;
            }
            Command::Expire { lot } => {
                let ends = self.mint_of(*lot)?.ends;
                if ends > self.now || self.holds.values().any(|(_, since)| *since < ends) {
                    return Err("not_due");
                }
                self.heap.retain(|coin| coin != lot);
            }
            Command::Void { lot, .. } => {
                let begun = self.mint_of(*lot)?.begins <= self.now;
                let mut free = if begun { self.free() } else { i64::MAX };
                let before = self.heap.len();
                self.heap.retain(|coin| {
                    let goes = coin == lot && free > 0;
                    free -= i64::from(goes);
                    !goes
                });
                if self.heap.len() == before {
                    return Err("nothing_to_void");
                }
                self.mints.get_mut(lot).unwrap().voided = true;
            }
            Command::ExtendLot { lot, expires_at, .. } => {
                let new = expires_at.map_or(NEVER, Timestamp::microseconds);
                let ends = self.mint_of(*lot)?.ends;
                if new <= ends || new <= self.now {
                    return Err("not_later");
                }
                self.mints.get_mut(lot).unwrap().ends = new;
            }
            Command::Adjust { adjustment, .. } => match adjustment {
                Adjustment::Add { amount, .. } | Adjustment::Take { amount } if amount.is_zero() => {
                    return Err("zero_amount");
                }
                Adjustment::Add { lot, amount } => self.mint(*lot, self.correction(count(*amount), NEVER))?,
                Adjustment::Take { amount } => {
                    if self.free() < amount.nano() {
                        return Err("shortage");
                    }
                    for _ in 0..count(*amount) {
                        self.pay_one(&alive);
                    }
                }
            },
            Command::Correct { amount, parts, lot, .. } => self.correct(count(*amount), parts, *lot)?,
            Command::Block { .. } => self.blocked = true,
            Command::Unblock { .. } => self.blocked = false,
            Command::Allocate { .. } => {}
            Command::WriteOff { amount, .. } => {
                if amount.is_zero() {
                    return Err("zero_amount");
                }
                self.owed = self.owed.checked_sub(count(*amount)).ok_or("beyond_debt")?;
            }
            Command::Debit { amount, .. } => {
                if amount.is_zero() {
                    return Err("zero_amount");
                }
                let mut free = self.free();
                for _ in 0..count(*amount) {
                    if free > 0 {
                        self.pay_one(&alive);
                        free -= 1;
                    } else {
                        self.owed += 1;
                    }
                }
            }
        }
        Ok(None)
    }

    fn correct(&mut self, amount: usize, parts: &[SettledPart], new: LotId) -> Result<(), &'static str> {
        if amount == 0 {
            return Err("zero_amount");
        }
        // One entry per coin that can still come back, the last that was paid first.
        let coins: Vec<LotId> = parts
            .iter()
            .rev()
            .flat_map(|part| std::iter::repeat_n(part.lot.id, count(part.spent) - count(part.corrected)))
            .collect();
        if coins.len() < amount {
            return Err("beyond_correctable");
        }
        let mut made = 0;
        let mut ends = self.now + 30 * 86_400 * 1_000_000;
        for coin in &coins[..amount] {
            let mint = &self.mints[coin];
            if mint.voided || mint.ends <= self.now {
                made += 1;
                ends = ends.max(mint.ends);
            } else {
                self.heap.push(*coin);
            }
        }
        if made > 0 {
            self.mint(new, self.correction(made, ends))?;
        }
        Ok(())
    }

    fn correction(&self, minted: usize, ends: i64) -> Mint {
        Mint {
            priority: 30,
            begins: self.now,
            ends,
            paid: false,
            made: self.now,
            minted,
            voided: false,
        }
    }

    fn mint(&mut self, lot: LotId, mint: Mint) -> Result<(), &'static str> {
        if self.heap.contains(&lot) {
            return Err("lot_exists");
        }
        self.heap.extend(std::iter::repeat_n(lot, mint.minted));
        self.mints.insert(lot, mint);
        Ok(())
    }

    /// The mint of a lot of which there are coins.
    fn mint_of(&self, lot: LotId) -> Result<&Mint, &'static str> {
        if self.heap.contains(&lot) {
            Ok(&self.mints[&lot])
        } else {
            Err("no_lot")
        }
    }

    fn admit(&self, amount: usize) -> Result<(), &'static str> {
        if self.blocked {
            return Err("blocked");
        }
        if amount > 0 && self.free() < i64::try_from(amount).unwrap() {
            return Err("shortage");
        }
        Ok(())
    }

    fn alive(&self) -> Vec<LotId> {
        let alive = |coin: &&LotId| self.mints[coin].begins <= self.now && self.now < self.mints[coin].ends;
        self.heap.iter().filter(alive).copied().collect()
    }

    fn held(&self) -> usize {
        self.holds.values().map(|(amount, _)| amount).sum()
    }

    fn free(&self) -> i64 {
        let count = |many: usize| i64::try_from(many).unwrap();
        count(self.alive().len()) - count(self.held()) - count(self.owed)
    }

    /// Sorts the heap and takes away the first coin that may pay.
    fn pay_one(&mut self, may: &dyn Fn(&Mint, i64) -> bool) -> bool {
        self.sort();
        let first = self.heap.iter().position(|coin| may(&self.mints[coin], self.now));
        first.map(|index| self.heap.remove(index)).is_some()
    }

    fn sort(&mut self) {
        let Self { heap, mints, .. } = self;
        heap.sort_by_key(|coin| {
            let mint = &mints[coin];
            (mint.priority, mint.ends, mint.paid, mint.begins, mint.made, *coin)
        });
    }

    /// Where the account differs.
    pub fn differs(&mut self, account: &Account) -> Option<String> {
        self.sort();
        let mut seen = BTreeSet::new();
        let order: Vec<LotId> = self.heap.iter().filter(|coin| seen.insert(**coin)).copied().collect();
        let ours: Vec<(LotId, usize)> = account
            .lots()
            .iter()
            .map(|lot| (lot.id, count(lot.remaining)))
            .collect();
        let theirs: Vec<(LotId, usize)> = order
            .iter()
            .map(|lot| (*lot, self.heap.iter().filter(|coin| *coin == lot).count()))
            .collect();
        let holds: BTreeMap<CallId, (usize, i64)> = account
            .holds()
            .map(|(call, hold)| (call, (count(hold.amount), hold.authorised_at.microseconds())))
            .collect();
        let totals = account.totals();
        let same = ours == theirs
            && holds == self.holds
            && count(totals.debt) == self.owed
            && (totals.status == Status::Blocked) == self.blocked
            && account.seq().0 == self.commands
            && account.spendable(at(self.now)).nano() == self.free()
            && (self.commands == 0 || account.booked_at().microseconds() == self.now);
        (!same).then(|| format!("account {account:#?}\nis not {self:#?}"))
    }
}
