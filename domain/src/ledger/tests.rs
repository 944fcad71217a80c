//! Proofs. `streams` makes random commands; `world` runs them and keeps in `rows` what storage would; `audit` proves the
//! books from those rows alone; `coins` is the same ledger written naively; `bugs` plants defects that must be found.
//! `calls`, `lots`, `debts`, `corrections` and `limits` are scenarios by name.

mod audit;
mod bugs;
mod calls;
mod coins;
mod corrections;
mod debts;
mod limits;
mod lots;
mod properties;
mod repeats;
mod rows;
mod streams;
mod words;
mod world;

use super::*;
use crate::{
    id::{AccountId, CallId, LotId},
    money::{Amount, Money},
    time::Timestamp,
};

fn at(microseconds: i64) -> Timestamp {
    Timestamp(microseconds)
}

fn nano(count: i64) -> Amount {
    Amount::from_nano(count).unwrap()
}

fn call(number: i64) -> CallId {
    CallId::from_number(number)
}

fn lot(number: i64) -> LotId {
    LotId::from_number(number)
}

fn why() -> String {
    "because".to_owned()
}

/// A grant of paid credit without end; cases change what they are about.
fn paid(number: i64, amount: i64) -> Grant {
    Grant {
        lot: lot(number),
        kind: LotKind::Paid,
        amount: nano(amount),
        priority: LotKind::Paid.default_priority(),
        effective_at: at(0),
        expires_at: None,
        source: format!("grant:{number}"),
        reason: why(),
    }
}

/// The same, with an end.
fn until(end: i64, grant: Grant) -> Command {
    Command::Grant(Grant {
        expires_at: Some(at(end)),
        ..grant
    })
}

fn hold(number: i64, amount: i64) -> Command {
    Command::Hold {
        call: call(number),
        amount: nano(amount),
    }
}

fn settle(number: i64, charge: i64) -> Command {
    Command::Settle {
        call: call(number),
        charge: nano(charge),
    }
}

fn release(number: i64) -> Command {
    Command::Release { call: call(number) }
}

fn void(number: i64) -> Command {
    Command::Void {
        lot: lot(number),
        reason: why(),
    }
}

fn debit(amount: i64) -> Command {
    Command::Debit {
        amount: nano(amount),
        reason: why(),
    }
}

/// An account in a scenario: every step is applied at a moment, due expiries first, as the engine does.
struct Scene {
    account: Account,
}

impl Scene {
    fn new() -> Self {
        Self {
            account: Account::open(AccountId::from_number(1), at(0)),
        }
    }

    fn with(commands: impl IntoIterator<Item = Command>) -> Self {
        let mut scene = Self::new();
        for command in commands {
            scene.must(0, &command);
        }
        scene
    }

    fn run(&mut self, moment: i64, command: &Command) -> Result<Effects, Refusal> {
        self.book_expiries(moment);
        let result = apply(&mut self.account, command, at(moment));
        assert_eq!(violations(&self.account), [], "after {command:?}");
        result
    }

    fn must(&mut self, moment: i64, command: &Command) -> Effects {
        self.run(moment, command).unwrap()
    }

    fn refused(&mut self, moment: i64, command: &Command) -> Refusal {
        let before = self.account.clone();
        let refusal = apply(&mut self.account, command, at(moment)).unwrap_err();
        assert_eq!(self.account, before, "a refusal changes nothing");
        refusal
    }

    fn book_expiries(&mut self, moment: i64) -> Vec<Effects> {
        let mut booked = Vec::new();
        while let Some(expiry) = self.account.due_expiry(at(moment)) {
            booked.push(apply(&mut self.account, &expiry, at(moment)).unwrap());
        }
        booked
    }

    fn spendable(&self, moment: i64) -> i64 {
        self.account.spendable(at(moment)).nano()
    }

    fn left(&self, number: i64) -> i64 {
        self.account.lot(lot(number)).map_or(0, |lot| lot.remaining.nano())
    }
}

/// What a settle paid and lost.
fn paid_and_lost(effects: &Effects) -> (i64, i64) {
    match &effects.outcome {
        Outcome::Settled(settlement) => (settlement.paid.nano(), settlement.loss.nano()),
        other => panic!("not a settle: {other:?}"),
    }
}

fn taken(effects: &Effects) -> i64 {
    match effects.outcome {
        Outcome::Taken { amount } => amount.nano(),
        ref other => panic!("nothing was taken: {other:?}"),
    }
}

/// The entries in short: account and amount.
fn entries(effects: &Effects) -> Vec<(LedgerAccount, i64)> {
    effects
        .entries
        .iter()
        .map(|entry| (entry.account, entry.amount.nano()))
        .collect()
}
