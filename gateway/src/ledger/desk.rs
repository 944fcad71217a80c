//! One account under decision: due expiries first, then the command; and what of each is written. The same for both ways of
//! keeping the order, and for the verifier the same hashes.

use std::sync::{Arc, LazyLock};

use domain::{
    access::Actor,
    id::AuditId,
    ledger::{Account, Command, CommandKind, Effects, HoldChange, Refusal, apply},
    limit::Counters,
    money::Amount,
    time::Timestamp,
};
use serde_json::json;

use super::{
    Job, Order,
    told::{self, Charged, EndedHold, Told},
};
use crate::{
    Inner,
    store::{
        calls::CallRow,
        ledger::{
            by_hand::Once,
            facts::CallFacts,
            journal::{Booked, Line, Note},
        },
        limits::Limited,
    },
};

/// An account with the hash of its last transaction.
pub(crate) struct Desk {
    pub account: Account,
    pub chain: Arc<str>,
}

impl Desk {
    /// Books what is due, then the order. What was due is booked also when the order is refused. Nothing is due by a clock
    /// that was set wrongly. The row that comes with the job says afterwards what was decided.
    ///
    /// Limits are looked at before the credit and taken after it, so whichever of them refuses, nothing was taken of any.
    pub fn run(
        &mut self,
        inner: &Inner,
        counters: &mut Counters,
        job: &mut Job,
    ) -> (Vec<Booked>, Option<Result<Effects, Refusal>>) {
        let now = inner.clock.now();
        let mut booked = Vec::with_capacity(1);
        while let Some(expiry) = self.account.due_expiry(now)
            && inner.clock.is_believed()
        {
            let by_the_hub = super::order(self.account.id(), expiry);
            match self.apply(inner, &by_the_hub, None, now) {
                Ok(one) => booked.push(one),
                Err(refusal) => return (booked, Some(Err(refusal))),
            }
        }
        let granted = match job.claim.as_ref().map(|claim| claim.offer(counters, now)).transpose() {
            Ok(granted) => granted,
            Err(over) => return (booked, Some(Err(Refusal::Limit(over)))),
        };
        let mut asked = None;
        let result = job.order.as_mut().map(|order| {
            if let (Command::Hold { amount, .. } | Command::Extend { by: amount, .. }, Some(least)) =
                (&mut order.command, job.least)
            {
                asked = Some(*amount);
                let most = granted.and_then(|granted| Amount::from_nano(granted.spend));
                *amount = self.within_reach(most.unwrap_or(*amount).min(*amount), least, now);
            }
            let held = order.command.call().and_then(|call| self.account.hold(call));
            let row = job.call.as_ref().map(|call| &*call.row);
            self.apply(inner, order, row, now).map(|mut one| {
                if let Some(call) = &mut job.call {
                    call.row.money.note(&one.effects, held);
                    one.in_row = true;
                }
                let effects = one.effects.clone();
                booked.push(one);
                effects
            })
        });
        if let (Some(claim), Some(mut granted)) = (&job.claim, granted)
            && !matches!(result, Some(Err(_)))
        {
            if let Some(Command::Hold { amount, .. } | Command::Extend { by: amount, .. }) =
                job.order.as_ref().map(|order| &order.command)
            {
                granted.spend = amount.nano();
            }
            claim.take(counters, granted, now);
            if let (Some(call), Some(had)) = (&mut job.call, claim.had()) {
                call.row.limited = Limited::of(had.takings);
            }
        }
        // Should this be decided once more, it is decided anew.
        if let (Some(asked), Some(order)) = (asked, &mut job.order)
            && let Command::Hold { amount, .. } | Command::Extend { by: amount, .. } = &mut order.command
        {
            *amount = asked;
        }
        (booked, result)
    }

    /// As much of `most` as can be spent; `least` when not even that can, so that the refusal says what would do.
    fn within_reach(&self, most: Amount, least: Amount, now: Timestamp) -> Amount {
        most.min(self.account.spendable(now).or_zero()).max(least.min(most))
    }

    /// `row`: of the call that it is about, where that comes along.
    fn apply(
        &mut self,
        inner: &Inner,
        order: &Order,
        row: Option<&CallRow>,
        now: Timestamp,
    ) -> Result<Booked, Refusal> {
        let before = self.account.totals();
        let held = order.command.call().and_then(|call| self.account.hold(call));
        let effects = apply(&mut self.account, &order.command, now)?;
        let line = effects.kind.is_journaled().then(|| {
            let command = serde_json::to_string(&order.command).unwrap_or_default();
            let actor = told_actor(&order.actor);
            let call = order.command.call();
            let facts = row.filter(|_| told::charges(effects.kind)).map(CallFacts::from);
            let told = Told {
                before: &self.chain,
                account: effects.account.number(),
                seq: effects.seq.0,
                kind: effects.kind.as_str(),
                booked_at: effects.booked_at.microseconds(),
                call: call.map(domain::id::CallId::number),
                command: &command,
                actor: &actor,
                balance: effects.after.balance.nano(),
                held: effects.after.held.nano(),
                debt: effects.after.debt.nano(),
                entries: effects.entries.iter().map(entry).collect(),
                ends: held
                    .filter(|_| matches!(effects.hold, Some(HoldChange::Closed { .. })))
                    .map(|hold| EndedHold {
                        amount: hold.amount.nano(),
                        authorised_at: hold.authorised_at.microseconds(),
                        person: row.map(|row| row.user.number()),
                    }),
                charged: facts.as_ref().map(Charged::from),
            };
            let hash: Arc<str> = told.hash(&inner.keys).into();
            self.chain = Arc::clone(&hash);
            Line {
                command: command.into(),
                call,
                actor,
                hash,
            }
        });
        let note = order.name.as_ref().and_then(|name| {
            Some(Note {
                id: AuditId::from_number(inner.ids.next(now)),
                at: now,
                actor: order.actor.clone(),
                address: order.address.clone(),
                action: action(order.command.kind())?,
                subject: order.account.to_string(),
                name: name.clone(),
                before: json!(before).to_string(),
                after: told_of(&order.command, &effects).to_string(),
                seal: inner.keys.audit.clone(),
            })
        });
        let once = order.once.as_ref().map(|token| Once {
            token: token.clone(),
            at: now,
            outcome: json!(effects).to_string(),
        });
        Ok(Booked {
            effects,
            line,
            note,
            once,
            in_row: false,
        })
    }
}

/// Who, as JSON. Nearly always the hub itself.
fn told_actor(actor: &Actor) -> Arc<str> {
    static SYSTEM: LazyLock<Arc<str>> = LazyLock::new(|| json!(Actor::System).to_string().into());
    match actor {
        Actor::System => Arc::clone(&SYSTEM),
        other => serde_json::to_string(other).unwrap_or_default().into(),
    }
}

/// An entry as a hash is taken over it.
fn entry(entry: &domain::ledger::Entry) -> (&'static str, Option<i64>, i64) {
    let lot = entry.lot.map(domain::id::LotId::number);
    (entry.account.as_str(), lot, entry.amount.nano())
}

fn told_of(command: &Command, effects: &Effects) -> serde_json::Value {
    let mut told = json!(effects.after);
    if let (Some(told), serde_json::Value::Object(command)) = (told.as_object_mut(), json!(command)) {
        told.extend(command);
        // What a call had taken stands in its own transaction.
        told.remove("parts");
        told.insert("seq".to_owned(), effects.seq.0.into());
    }
    told
}

/// The kind of command that the list of changes calls so.
pub(super) fn kind_of(word: &str) -> Option<CommandKind> {
    CommandKind::ALL
        .iter()
        .copied()
        .find(|kind| action(*kind) == Some(word))
}

/// What the list of changes calls a command that somebody gave by hand.
const fn action(kind: CommandKind) -> Option<&'static str> {
    match kind {
        CommandKind::Grant => Some("credit.grant"),
        CommandKind::Void => Some("credit.void"),
        CommandKind::ExtendLot => Some("credit.extend"),
        CommandKind::Adjust => Some("credit.adjust"),
        CommandKind::Correct => Some("credit.correct"),
        CommandKind::Debit => Some("credit.debit"),
        CommandKind::WriteOff => Some("credit.write_off"),
        CommandKind::Block => Some("account.block"),
        CommandKind::Unblock => Some("account.unblock"),
        _ => None,
    }
}
