//! A random wish made definite: which call it is about is settled by what came of the ones before, so that the same deeds can
//! be done again.

use std::cell::Cell;

use domain::{
    call::{CallState, Funding},
    credit::Correction,
    id::{AccountId, LotId, UserId},
    ledger::{Effects, Grant, LossKind, Status},
    time::{Micros, Timestamp},
};
use gateway::{CallRow, Error, Origin};

use super::{
    super::bank::{Bank, ROOT, nano},
    SECOND, Wish,
};

/// No call runs for so long.
const LONGEST: i64 = Micros::from_days(1).0;

/// What is done on an account; calls by their place among all of its calls.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    Hold(usize, i64),
    Extend(usize, i64),
    Settle(usize, i64),
    Release(usize),
    Allocate(usize, i64),
    Correct(usize, i64),
    /// About a call that has ended.
    Again(Box<Deed>),
    ByHand(Wish),
}

impl Deed {
    /// Something is looked at before it is decided, which takes a wait.
    pub(super) const fn is_alone(&self) -> bool {
        matches!(self, Self::ByHand(_) | Self::Correct(..) | Self::Again(_))
    }

    /// The running call that it is about.
    pub(super) const fn call(&self) -> Option<usize> {
        match self {
            Self::Hold(call, _) | Self::Extend(call, _) | Self::Settle(call, _) | Self::Release(call) => Some(*call),
            _ => None,
        }
    }
}

/// A bank, somebody's account there, and its calls.
pub(super) struct Till<'a> {
    bank: &'a Bank,
    pub(super) user: UserId,
    /// Calls are admitted in memory where the account is kept, as real ones are.
    pub(super) admits: bool,
    /// How many were.
    pub(super) in_memory: Cell<usize>,
    calls: Vec<CallRow>,
    open: Vec<usize>,
    ended: Vec<usize>,
}

impl<'a> Till<'a> {
    pub(super) const fn new(bank: &'a Bank, user: UserId) -> Self {
        Self {
            bank,
            user,
            admits: false,
            in_memory: Cell::new(0),
            calls: Vec::new(),
            open: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// It will be asked for the calls that these deeds are about, each done at its moment.
    pub(super) fn foresee<'d>(&mut self, deeds: impl Iterator<Item = (Timestamp, &'d Deed)>) {
        let new = deeds.filter(|(_, deed)| matches!(deed, Deed::Hold(..) | Deed::Allocate(..)));
        self.calls = new.map(|(at, _)| self.bank.row_at(self.user, at)).collect();
    }

    /// Ends of calls that run for longer than any does.
    pub(super) fn overdue(&self) -> Vec<Deed> {
        let now = self.bank.now();
        let is_overdue = |call: &&usize| now.since(self.calls[**call].started_at).0 >= LONGEST;
        let calls = self.open.iter().filter(is_overdue);
        calls.map(|call| Deed::Release(*call)).collect()
    }

    /// The same of those that stand as open.
    pub(super) async fn left(&self) -> Vec<Deed> {
        let begun = self.bank.now().plus(Micros(-LONGEST)).microseconds();
        let open = format!("SELECT id FROM call WHERE state = 'open' AND started_at <= {begun}");
        let open = self.bank.database.numbers(&open).await;
        let calls = self.calls.iter().enumerate();
        let left = calls.filter(|(_, call)| open.contains(&call.id.number()));
        left.map(|(place, _)| Deed::Release(place)).collect()
    }

    /// Makes a wish definite; none when there is nothing that it could be about.
    pub(super) fn choose(&mut self, wish: &Wish) -> Option<Deed> {
        // Mostly a call that runs; sometimes one that has ended.
        let some = |pick: usize, deed: &dyn Fn(usize) -> Deed| match self.open.get(pick % self.open.len().max(1)) {
            Some(place) if !pick.is_multiple_of(7) => Some(deed(*place)),
            _ => self.ended.last().map(|place| Deed::Again(Box::new(deed(*place)))),
        };
        Some(match wish {
            Wish::Hold { amount } => Deed::Hold(self.new_call(), *amount),
            Wish::Allocate { charge } => Deed::Allocate(self.new_call(), *charge),
            Wish::Extend { pick, by } => some(*pick, &|call| Deed::Extend(call, *by))?,
            Wish::Settle { pick, charge } => some(*pick, &|call| Deed::Settle(call, *charge))?,
            Wish::Release { pick } => some(*pick, &Deed::Release)?,
            // A call that has ended is settled once more.
            Wish::Late { pick, charge } => Deed::Again(Box::new(Deed::Settle(self.an_ended_one(*pick)?, *charge))),
            Wish::Correct { pick, amount } => Deed::Correct(self.an_ended_one(*pick)?, *amount),
            // A hub gives a new number to whatever is asked for, and books expiries by itself.
            Wish::GrantAgain { .. } | Wish::HoldAgain { .. } | Wish::Expire { .. } => return None,
            other => Deed::ByHand(other.clone()),
        })
    }

    /// One of the last calls that have ended.
    fn an_ended_one(&self, pick: usize) -> Option<usize> {
        let place = self.ended.len().checked_sub(1 + pick % self.ended.len().clamp(1, 4))?;
        self.ended.get(place).copied()
    }

    fn new_call(&mut self) -> usize {
        self.calls.push(self.bank.row_of(self.user));
        self.calls.len() - 1
    }

    /// Which calls run now.
    pub(super) fn remember(&mut self, deed: &Deed, done: bool) {
        match deed {
            Deed::Hold(call, _) if done => self.open.push(*call),
            Deed::Settle(call, _) | Deed::Release(call) => {
                self.open.retain(|running| running != call);
                self.ended.push(*call);
            }
            _ => {}
        }
    }

    pub(super) async fn act(&self, deed: &Deed) -> Result<Effects, Error> {
        let (bank, ledger) = (self.bank, self.bank.hub.ledger());
        let end = |call: usize| CallRow {
            state: CallState::Succeeded,
            ..self.calls[call].clone()
        };
        match deed {
            Deed::Hold(call, amount) if self.admits => {
                let (effects, in_memory) = ledger.admit(self.calls[*call].clone(), nano(*amount)).await?;
                self.in_memory.set(self.in_memory.get() + usize::from(in_memory));
                Ok(effects)
            }
            Deed::Hold(call, amount) => ledger.hold(self.calls[*call].clone(), nano(*amount)).await,
            Deed::Extend(call, by) => {
                let account = AccountId::of_person(self.user);
                ledger.extend(account, self.calls[*call].id, nano(*by)).await
            }
            Deed::Settle(call, charge) => {
                let row = bank.priced(end(*call), *charge);
                ledger.settle(row, Vec::new(), nano(*charge)).await
            }
            Deed::Release(call) => ledger.release(end(*call), Vec::new()).await,
            Deed::Allocate(call, charge) => {
                let mut row = bank.priced(end(*call), *charge);
                (row.money.funding, row.money.charge) = (Funding::Allocated, Some(nano(*charge)));
                ledger.allocate(row, Vec::new(), nano(*charge)).await
            }
            Deed::Correct(call, amount) => {
                let (credits, call) = (bank.hub.credits(), self.calls[*call].id);
                let here = Origin::default();
                credits
                    .correct(&ROOT.money(), here, self.user, call, nano(*amount), "because")
                    .await
            }
            Deed::Again(deed) => Box::pin(self.act(deed)).await,
            Deed::ByHand(wish) => by_hand(bank, self.user, wish).await,
        }
    }
}

async fn by_hand(bank: &Bank, user: UserId, wish: &Wish) -> Result<Effects, Error> {
    let (credits, here) = (bank.hub.credits(), Origin::default());
    let balance = bank.balance_of(user).await;
    // Those that have ended too: a hold may keep one from being booked as that.
    let lots = [balance.lots, balance.ended_lots].concat();
    // A lot of nobody is refused.
    let lot = |pick: usize| lots.get(pick % lots.len().max(1)).map_or(NO_LOT, |lot| lot.id);
    let end = |life: &Option<i64>| life.map(|life| bank.now().plus(Micros(life * SECOND)));
    match wish {
        Wish::Grant {
            kind,
            amount,
            priority,
            begins,
            life,
        } => {
            let effective_at = bank.now().plus(Micros(begins * SECOND));
            let lot = LotId::from_number(bank.hub.new_call_id().number());
            let grant = Grant {
                lot,
                kind: *kind,
                amount: nano(*amount),
                priority: *priority,
                effective_at,
                expires_at: life.map(|life| effective_at.plus(Micros(life * SECOND))),
                source: format!("grant:{lot}"),
                reason: "because".to_owned(),
            };
            let account = AccountId::of_person(user);
            bank.hub.ledger().grant(account, "somebody", grant).await
        }
        Wish::Void { pick } => credits.void(&ROOT.money(), here, user, lot(*pick), "because").await,
        Wish::ExtendLot { pick, end: life } => {
            let end = end(life);
            credits
                .extend(&ROOT.money(), here, user, lot(*pick), end, "because")
                .await
        }
        Wish::Add { amount } => {
            let correction = Correction::Add(nano(*amount));
            credits.adjust(&ROOT.money(), here, user, correction, "because").await
        }
        Wish::Take { amount } => {
            let correction = Correction::Take(nano(*amount));
            credits.adjust(&ROOT.money(), here, user, correction, "because").await
        }
        Wish::Debit { amount } => credits.debit(&ROOT.money(), here, user, nano(*amount), "because").await,
        Wish::WriteOff { amount, dispute } => {
            let loss = if *dispute { LossKind::Dispute } else { LossKind::BadDebt };
            credits
                .write_off(&ROOT.money(), here, user, nano(*amount), loss, "because")
                .await
        }
        Wish::Block => {
            credits
                .set_status(&ROOT.money(), here, user, Status::Blocked, "because")
                .await
        }
        Wish::Unblock => {
            credits
                .set_status(&ROOT.money(), here, user, Status::Active, "because")
                .await
        }
        about_a_call => unreachable!("{about_a_call:?} is about a call"),
    }
}

const NO_LOT: domain::id::LotId = domain::id::LotId::from_number(1);
