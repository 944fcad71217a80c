//! One account's journal, applied again from the first command on.

use std::collections::{BTreeMap, HashMap};

use domain::{
    id::{AccountId, CallId, LotId},
    ledger::{Account, Command, CommandKind, Effects, Entry, Hold, Lot, Outcome, Seq, Status, Totals, apply, check},
    money::Amount,
    time::Timestamp,
};

use super::{LedgerFinding, compare_lots};
use crate::{
    ledger::told::Told,
    secrets::HubKeys,
    store::ledger::{
        facts::CallFacts,
        read::{CallEnd, CallHold, EntryRow, JournalRow, Standing},
    },
};

/// Stands for holds that were lost with their process before they were written. No call has this number.
const LOST: CallId = CallId::from_number(-1);

pub(super) struct Replay<'a> {
    keys: &'a HubKeys,
    /// As it came out so far; none once a command could not be applied again.
    account: Option<Account>,
    id: AccountId,
    seq: i64,
    /// When the last transaction was booked; none before the first.
    booked_at: Option<i64>,
    chain: String,
    lots: BTreeMap<LotId, Lot>,
    /// Holds that are still to be admitted, the next one last.
    waiting: Vec<CallHold>,
    calls: HashMap<CallId, CallHold>,
    /// Calls that were charged and never held anything.
    unheld: HashMap<CallId, CallEnd>,
    /// Holds that were given back although their calls say that something later ended them: a late charge is to come.
    given_back: HashMap<CallId, i64>,
    findings: Vec<LedgerFinding>,
    lost: Vec<Lost>,
}

/// A transaction at which more was held than calls held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    pub seq: i64,
    /// In microseconds.
    pub booked_at: i64,
}

impl<'a> Replay<'a> {
    /// `holds` in the order in which they were admitted; `extensions` are commands as JSON.
    pub fn new(
        keys: &'a HubKeys,
        id: AccountId,
        holds: Vec<CallHold>,
        unheld: Vec<(CallId, CallEnd)>,
        extensions: &[String],
    ) -> Self {
        let calls = holds.iter().map(|hold| (hold.call, hold.clone())).collect();
        let mut waiting = holds;
        // At first a hold was less by what it was extended by.
        let mut extended: HashMap<CallId, Vec<Amount>> = HashMap::new();
        for extension in extensions {
            if let Ok(Command::Extend { call, by }) = serde_json::from_str(extension) {
                extended.entry(call).or_default().push(by);
            }
        }
        for hold in &mut waiting {
            for by in extended.get(&hold.call).into_iter().flatten() {
                hold.hold.amount = hold.hold.amount.less(*by);
            }
        }
        waiting.reverse();
        Self {
            keys,
            account: Some(Account::open(id, Timestamp(0))),
            id,
            seq: 0,
            booked_at: None,
            chain: String::new(),
            lots: BTreeMap::new(),
            waiting,
            calls,
            unheld: unheld.into_iter().collect(),
            given_back: HashMap::new(),
            findings: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// The last number that was looked at.
    pub const fn seq(&self) -> i64 {
        self.seq
    }

    pub fn find(&mut self, seq: Option<i64>, problem: String) {
        self.findings.push(LedgerFinding {
            account: Some(self.id),
            seq: seq.map(Seq),
            problem,
        });
    }

    /// Where holds were found that no call tells of, in order.
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// The next rows with their entries, and what the calls say that they charged.
    pub fn step(&mut self, rows: &[JournalRow], entries: &[EntryRow], facts: &HashMap<i64, CallFacts>) {
        let mut entries = entries;
        for row in rows {
            let first = entries.partition_point(|entry| entry.seq < row.seq);
            let last = entries.partition_point(|entry| entry.seq <= row.seq);
            if let Some(orphan) = entries.get(..first).and_then(<[_]>::first) {
                self.find(Some(orphan.seq), "It has entries and no transaction.".to_owned());
            }
            self.transaction(row, entries.get(first..last).unwrap_or_default(), facts);
            entries = entries.get(last..).unwrap_or_default();
        }
    }

    fn transaction(&mut self, row: &JournalRow, stored: &[EntryRow], facts: &HashMap<i64, CallFacts>) {
        let at = Some(row.seq);
        if row.seq != self.seq + 1 {
            self.find(at, format!("The number before it is {}.", self.seq));
            self.account = None;
        }
        self.admit();
        self.seq = row.seq;
        self.booked_at = Some(row.booked_at);
        let told = Told {
            before: &self.chain,
            account: self.id.number(),
            seq: row.seq,
            kind: &row.kind,
            booked_at: row.booked_at,
            call: row.call_id,
            command: &row.command,
            actor: &row.actor,
            balance: row.balance,
            held: row.held,
            debt: row.debt,
            entries: stored
                .iter()
                .map(|entry| (entry.ledger_account.as_str(), entry.lot_id, entry.amount))
                .collect(),
            // Whoever is charged late holds nothing any more.
            ends: row
                .call_id
                .filter(|_| row.kind == "settle" || row.kind == "release")
                .and_then(|call| self.calls.get(&CallId::from_number(call)))
                .and_then(|call| Told::ends(&row.hash, call.hold, call.person)),
            charged: Told::charged(&row.hash, facts.get(&row.seq)),
        };
        let of_a_hold = told.ends.is_some();
        let of_a_charge = told.charged.is_some();
        if told.hash(self.keys) != row.hash {
            self.find(
                at,
                if of_a_charge {
                    "Its hash does not fit: it, its entries, or what the row of its call says of what it used, cost and held was changed after it was booked."
                } else if of_a_hold {
                    "Its hash does not fit: it, its entries, or the hold or the person of its call were changed after they were booked."
                } else {
                    "Its hash does not fit: it or its entries were changed after they were booked."
                }
                .to_owned(),
            );
        }
        self.chain.clone_from(&row.hash);
        if stored.iter().zip(1..).any(|(entry, n)| entry.n != n) {
            self.find(at, "Its entries are not numbered as they were booked.".to_owned());
        }
        let entries: Option<Vec<Entry>> = stored.iter().map(EntryRow::entry).collect();
        let (Some(kind), Some(entries)) = (CommandKind::parse(&row.kind), entries) else {
            return self.find(at, "It names a kind or an account that there is not.".to_owned());
        };
        if let Err(violation) = check(kind, &entries) {
            self.find(at, format!("Its entries are no {}: {violation}.", row.kind));
        }
        match serde_json::from_str::<Command>(&row.command) {
            Ok(command) if command.kind() == kind && command.call().map(CallId::number) == row.call_id => {
                self.again(row, &command, &entries);
            }
            _ => {
                self.find(at, "Its command is not of its kind, or cannot be read.".to_owned());
                self.account = None;
            }
        }
    }

    /// Applies the command again and compares.
    fn again(&mut self, row: &JournalRow, command: &Command, stored: &[Entry]) {
        let Some(account) = self.account.take() else { return };
        let at = Some(row.seq);
        if row.booked_at < account.booked_at().microseconds() {
            self.find(at, "It was booked before the command before it.".to_owned());
        }
        let (account, effects, lost) = match applied(account, command, Timestamp(row.booked_at), row.held) {
            Ok(done) => done,
            Err(problem) => return self.find(at, problem),
        };
        if lost {
            let (seq, booked_at) = (row.seq, row.booked_at);
            self.lost.push(Lost { seq, booked_at });
        }
        if effects.entries != stored {
            self.find(at, "Its entries are not those of its command.".to_owned());
        }
        let after = [effects.after.balance, effects.after.held, effects.after.debt].map(Amount::nano);
        if after != [row.balance, row.held, row.debt] || effects.booked_at.microseconds() != row.booked_at {
            self.find(at, "Its sums are not those of its command.".to_owned());
        }
        self.call(row, command, &effects);
        for lot in effects.lots {
            self.lots.insert(lot.id, lot);
        }
        self.account = Some(account);
    }

    /// The row of the call that a command ended must say so.
    fn call(&mut self, row: &JournalRow, command: &Command, effects: &Effects) {
        let (charge, loss) = match (command, &effects.outcome) {
            (Command::Release { .. }, _) => (None, None),
            (_, Outcome::Settled(settlement)) => (Some(settlement.charge.nano()), Some(settlement.loss.nano())),
            _ => return,
        };
        let told = command.call().and_then(|call| {
            let held = self.calls.get(&call).map(|call| call.end);
            held.or_else(|| self.unheld.get(&call).copied())
        });
        let fits = told.is_some_and(|end| end.by == Some(row.seq) && end.charge == charge && end.loss == loss);
        match command {
            Command::Release { call } if told.is_some_and(|end| end.by > Some(row.seq)) => {
                self.given_back.insert(*call, row.seq);
            }
            Command::Late { call, .. } if fits => {
                self.given_back.remove(call);
            }
            _ if fits => {}
            _ => self.find(Some(row.seq), "The row of its call does not say the same.".to_owned()),
        }
    }

    /// Admits the holds that come after the last command.
    fn admit(&mut self) {
        while let Some(hold) = self.waiting.pop_if(|hold| hold.after <= self.seq) {
            let Some(account) = &mut self.account else { continue };
            let command = Command::Hold {
                call: hold.call,
                amount: hold.hold.amount,
            };
            if let Err(refusal) = apply(account, &command, hold.hold.authorised_at) {
                self.find(
                    Some(self.seq),
                    format!("{} was admitted after it: {refusal}", hold.call),
                );
            }
        }
    }

    /// Compares what came out with what stands.
    pub fn end(mut self, standing: &Standing, lots: Vec<Lot>) -> Vec<LedgerFinding> {
        self.admit();
        if standing.seq != self.seq {
            self.find(
                None,
                format!(
                    "Its last number is {}, the journal ends with {}.",
                    standing.seq, self.seq
                ),
            );
        }
        if standing.person != self.id.number() {
            self.find(None, "It stands as that of another person.".to_owned());
        }
        // By this clock lots end: one that was put forward would have them booked as expired.
        if standing.booked_at != self.booked_at.unwrap_or(standing.created_at) {
            self.find(None, "Its clock is not that of its last transaction.".to_owned());
        }
        if standing.chain != self.chain {
            self.find(None, "Its hash is not that of its last transaction.".to_owned());
        }
        if let Some(reason) = &standing.quarantine {
            self.find(None, format!("It is out of service: {reason}"));
        }
        if !self.waiting.is_empty() {
            self.find(
                None,
                "A call was admitted after a transaction that there is not.".to_owned(),
            );
        }
        for seq in std::mem::take(&mut self.given_back).into_values() {
            self.find(Some(seq), "The row of its call does not say the same.".to_owned());
        }
        let Some(account) = self.account.take() else {
            return self.findings;
        };
        let totals = account.totals();
        let stands = (standing.balance, standing.debt, Status::parse(&standing.status));
        if stands != (totals.balance.nano(), totals.debt.nano(), Some(totals.status)) {
            self.find(None, "Balance, debt or status are not those of the journal.".to_owned());
        }
        let open: BTreeMap<CallId, Hold> = account.holds().collect();
        let stored = self.calls.values().filter(|call| call.end.by.is_none());
        if open != stored.map(|call| (call.call, call.hold)).collect() {
            self.find(None, "The open holds are not those of the journal.".to_owned());
        }
        let replayed = std::mem::take(&mut self.lots);
        compare_lots(lots, &replayed, |problem| self.find(None, problem));
        self.findings
    }
}

/// Applies a command. Where more was held than the rows of calls tell, the rest was held by calls that were lost: as much
/// stands in for them, and that it does is told: whether they can have been lost is for `lost` to say.
fn applied(
    mut account: Account,
    command: &Command,
    now: Timestamp,
    held: i64,
) -> Result<(Account, Effects, bool), String> {
    let before = account.clone();
    match apply(&mut account, command, now) {
        Ok(effects) if effects.after.held.nano() >= held => Ok((account, effects, false)),
        Ok(effects) => {
            let lost = Amount::from_nano(held - effects.after.held.nano()).unwrap_or_default();
            let mut account = with(&before, lost, true)?;
            let effects = apply(&mut account, command, now).map_err(|refusal| refused(&refusal))?;
            Ok((with(&account, lost, false)?, effects, true))
        }
        Err(refusal) => Err(refused(&refusal)),
    }
}

fn refused(refusal: &domain::ledger::Refusal) -> String {
    format!("Its command cannot have been applied: {refusal}")
}

/// The account with as much held by lost calls, or without it again.
fn with(account: &Account, lost: Amount, there: bool) -> Result<Account, String> {
    let Totals { held, .. } = account.totals();
    let hold = Hold {
        amount: lost,
        authorised_at: account.booked_at(),
    };
    let (held, extra) = if there {
        (held.checked_add(lost), Some((LOST, hold)))
    } else {
        (held.checked_sub(lost), None)
    };
    let totals = Totals {
        held: held.ok_or("More was held than there is.")?,
        ..account.totals()
    };
    let holds = account.holds().filter(|(call, _)| *call != LOST).chain(extra);
    let lots = account.lots().to_vec();
    Account::load(account.id(), account.seq(), account.booked_at(), totals, lots, holds)
        .map_err(|violation| format!("What was held then cannot have been: {violation}."))
}
