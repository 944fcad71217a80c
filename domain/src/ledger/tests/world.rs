//! One account under a stream of commands, with the rows that storage would hold beside it.

use super::{
    rows::{CallRow, Rows},
    streams::{Step, Wish},
    *,
};

/// How commands are applied: the real function, or one with a defect.
pub(super) type Apply = dyn Fn(&mut Account, &Command, Timestamp) -> Result<Effects, Refusal>;

/// The account, its rows, and what names the next things.
pub(super) struct World<'a> {
    pub account: Account,
    pub rows: Rows,
    pub entries: Vec<Entry>,
    /// Applied commands as JSON, with the moment they were booked at.
    pub journal: Vec<(String, Timestamp)>,
    pub clock: i64,
    apply: &'a Apply,
    next: i64,
}

/// One command and what came of it.
pub(super) struct Event {
    pub command: Command,
    pub now: Timestamp,
    pub before: Account,
    pub rows_before: Rows,
    pub result: Result<Effects, Refusal>,
}

impl<'a> World<'a> {
    pub fn new(apply: &'a Apply) -> Self {
        Self {
            account: Account::open(AccountId::from_number(1), at(0)),
            rows: Rows::default(),
            entries: Vec::new(),
            journal: Vec::new(),
            clock: 1_000,
            apply,
            next: 1,
        }
    }

    /// The commands of one step, one by one: the due expiries, then the wish.
    pub fn step(
        &mut self,
        step: &Step,
        mut seen: impl FnMut(&Self, Event) -> Result<(), String>,
    ) -> Result<(), String> {
        self.clock += step.clock;
        let now = at(self.clock);
        if step.tidy {
            // Every expiry removes a lot, so more than there are lots is a defect that never ends.
            for _ in 0..=self.account.lots().len() {
                let Some(expiry) = self.account.due_expiry(now) else {
                    break;
                };
                let event = self.run(expiry, now);
                seen(self, event)?;
            }
        }
        let command = self.command(&step.wish);
        let event = self.run(command, now);
        seen(self, event)
    }

    fn run(&mut self, command: Command, now: Timestamp) -> Event {
        let (before, rows_before) = (self.account.clone(), self.rows.clone());
        let result = (self.apply)(&mut self.account, &command, now);
        if let Ok(effects) = &result {
            self.rows.fold(effects);
            self.entries.extend(&effects.entries);
            self.journal
                .push((serde_json::to_string(&command).unwrap(), effects.booked_at));
        }
        Event {
            command,
            now,
            before,
            rows_before,
            result,
        }
    }

    fn fresh(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// Some lot that there was; mostly one that still holds something.
    fn some_lot(&self, pick: usize) -> LotId {
        let open = self.account.lots();
        if !pick.is_multiple_of(5) && !open.is_empty() {
            return open[pick % open.len()].id;
        }
        let all: Vec<LotId> = self.rows.lots.keys().copied().collect();
        if all.is_empty() { lot(0) } else { all[pick % all.len()] }
    }

    /// Some call that there was; mostly one that runs.
    fn some_call(&self, pick: usize) -> CallId {
        let open: Vec<CallId> = self.account.holds().map(|(call, _)| call).collect();
        if !pick.is_multiple_of(9) && !open.is_empty() {
            return open[pick % open.len()];
        }
        let all: Vec<CallId> = self.rows.calls.keys().copied().collect();
        if all.is_empty() { call(0) } else { all[pick % all.len()] }
    }

    /// Some call that was paid for, else any.
    fn some_settled_call(&self, pick: usize) -> CallId {
        let paid = |row: &CallRow| {
            row.settlement
                .as_ref()
                .is_some_and(|settlement| !settlement.spent.is_empty())
        };
        let settled = self.rows.calls.iter().filter(|(_, row)| paid(row));
        let settled: Vec<CallId> = settled.map(|(call, _)| *call).collect();
        if settled.is_empty() {
            self.some_call(pick)
        } else {
            settled[pick % settled.len()]
        }
    }

    /// One that runs or that was given back: storage keeps calls from being charged twice.
    fn some_call_without_charge(&mut self, pick: usize) -> CallId {
        let calls = self.rows.calls.iter().filter(|(_, row)| row.settlement.is_none());
        let calls: Vec<CallId> = calls.map(|(call, _)| *call).collect();
        if calls.is_empty() {
            call(self.fresh())
        } else {
            calls[pick % calls.len()]
        }
    }

    fn command(&mut self, wish: &Wish) -> Command {
        match *wish {
            Wish::Grant {
                kind,
                amount,
                priority,
                begins,
                life,
            } => {
                let number = self.fresh();
                let effective_at = self.clock + begins;
                Command::Grant(Grant {
                    lot: lot(number),
                    kind,
                    amount: nano(amount),
                    priority,
                    effective_at: at(effective_at),
                    expires_at: life.map(|life| at(effective_at + life)),
                    source: format!("grant:{number}"),
                    reason: why(),
                })
            }
            Wish::GrantAgain { pick } => {
                // Only what is still open: storage keeps ids of used-up lots from coming back.
                let open = self.account.lots();
                let known = (!open.is_empty()).then(|| open[pick % open.len()].id);
                Command::Grant(Grant {
                    lot: known.unwrap_or(lot(self.fresh())),
                    ..paid(0, 3)
                })
            }
            Wish::Hold { amount } => Command::Hold {
                call: call(self.fresh()),
                amount: nano(amount),
            },
            Wish::HoldAgain { pick } => {
                // Only a call that runs: storage keeps ended calls from coming back.
                let open: Vec<CallId> = self.account.holds().map(|(call, _)| call).collect();
                let known = (!open.is_empty()).then(|| open[pick % open.len()]);
                Command::Hold {
                    call: known.unwrap_or(call(self.fresh())),
                    amount: nano(1),
                }
            }
            Wish::Extend { pick, by } => Command::Extend {
                call: self.some_call(pick),
                by: nano(by),
            },
            Wish::Settle { pick, charge } => Command::Settle {
                call: self.some_call(pick),
                charge: nano(charge),
            },
            Wish::Release { pick } => Command::Release {
                call: self.some_call(pick),
            },
            Wish::Late { pick, charge } => Command::Late {
                call: self.some_call_without_charge(pick),
                charge: nano(charge),
            },
            Wish::Expire { pick } => Command::Expire {
                lot: self.some_lot(pick),
            },
            Wish::Void { pick } => Command::Void {
                lot: self.some_lot(pick),
                reason: why(),
            },
            Wish::ExtendLot { pick, end } => Command::ExtendLot {
                lot: self.some_lot(pick),
                expires_at: end.map(|end| at(self.clock + end)),
                reason: why(),
            },
            Wish::Add { amount } => Command::Adjust {
                adjustment: Adjustment::Add {
                    lot: lot(self.fresh()),
                    amount: nano(amount),
                },
                reason: why(),
            },
            Wish::Take { amount } => Command::Adjust {
                adjustment: Adjustment::Take { amount: nano(amount) },
                reason: why(),
            },
            Wish::Correct { pick, amount } => {
                let call = self.some_settled_call(pick);
                Command::Correct {
                    call,
                    amount: nano(amount),
                    parts: self.rows.parts(call),
                    lot: lot(self.fresh()),
                    reason: why(),
                }
            }
            Wish::Block => Command::Block { reason: why() },
            Wish::Unblock => Command::Unblock { reason: why() },
            Wish::Allocate { charge } => Command::Allocate {
                call: call(self.fresh()),
                charge: nano(charge),
            },
            Wish::WriteOff { amount, dispute } => Command::WriteOff {
                amount: nano(amount),
                loss: if dispute { LossKind::Dispute } else { LossKind::BadDebt },
                reason: why(),
            },
            Wish::Debit { amount } => debit(amount),
        }
    }
}
