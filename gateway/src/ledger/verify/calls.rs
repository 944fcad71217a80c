//! The calls of one account: each says of its charge what the journal says, and the charge comes out again from what was
//! used and the price version that was in force.

use domain::{
    call::Funding,
    id::{AccountId, CallId, PriceId},
    ledger::{Command, Seq},
    money::Amount,
    price::{Drawn, Tariff},
    time::{Micros, Timestamp},
};

use super::{LedgerFinding, LedgerReport, Listed, MOST_FINDINGS, hours::Hours, prices::Prices};
use crate::{
    Error,
    store::{
        Tx,
        ledger::verify::{self, CallRow},
    },
};

/// So long after a call began it was priced at the latest, where its row does not say when, as those of releases before: its body may have taken
/// three minutes to come, and its files were fetched.
const ADMISSION: Micros = Micros::from_seconds(600);

pub(super) struct Calls {
    account: AccountId,
    since: Option<Timestamp>,
    hours: Hours,
    findings: Vec<LedgerFinding>,
}

impl Calls {
    pub fn new(account: AccountId, since: Option<Timestamp>) -> Self {
        Self {
            account,
            since,
            hours: Hours::default(),
            findings: Vec::new(),
        }
    }

    fn find(&mut self, seq: Option<i64>, problem: String) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(LedgerFinding {
                account: Some(self.account),
                seq: seq.map(Seq),
                problem,
            });
        }
    }

    /// Looks at each call.
    pub async fn go_through(
        &mut self,
        tx: &mut Tx,
        prices: &mut Prices<'_>,
        listed: &mut Listed,
        report: &mut LedgerReport,
    ) -> Result<(), Error> {
        // Ids begin with the time.
        let begin = self
            .since
            .map_or(0, |since| domain::id::pack(since.milliseconds(), 0, 0) - 1);
        let mut after = CallId::from_number(begin);
        loop {
            let rows = verify::calls(tx, self.account, after).await?;
            let Some(last) = rows.last().map(|row| row.id) else {
                return Ok(());
            };
            after = CallId::from_number(last);
            report.calls += rows.len() as u64;
            for row in &rows {
                self.hours.add(row);
                self.books(row);
                if let Some(id) = row.price_id.map(PriceId::from_number) {
                    prices.catch_up(tx, id, listed, report).await?;
                }
                self.price(row, prices);
                self.attempts(row);
            }
        }
    }

    /// What it says of its end against the journal.
    fn books(&mut self, row: &CallRow) {
        let call = CallId::from_number(row.id);
        let Some(seq) = row.settle_seq else {
            if let Some(charge) = row.charge {
                self.find(
                    None,
                    format!("{call} was charged {} without a transaction.", shown(charge)),
                );
            } else if let Some(loss) = row.loss {
                self.find(
                    None,
                    format!("{call} tells of a loss of {} without a transaction.", shown(loss)),
                );
            }
            return;
        };
        let paid = match row.kind.as_deref() {
            Some("allocate") => Funding::Allocated,
            _ => Funding::Credit,
        };
        if row.kind.is_some() && Funding::parse(&row.funding) != Some(paid) {
            self.find(Some(seq), format!("{call} tells of another way in which it was paid."));
        }
        match row.kind.as_deref() {
            // Their loss is compared where they are applied again.
            Some("settle" | "release" | "late") => {}
            Some("allocate") => {
                let allocated = row.command.as_deref().and_then(|text| serde_json::from_str(text).ok());
                let fits = matches!(allocated, Some(Command::Allocate { call: of, charge })
                    if of == call && Some(charge.nano()) == row.charge && row.loss.unwrap_or(0) == 0);
                if !fits {
                    self.find(Some(seq), format!("{call} does not say the same."));
                }
            }
            _ => self.find(Some(seq), format!("{call} names it as its end, which it is not.")),
        }
        if row.account_id != Some(self.account.number()) {
            self.find(Some(seq), format!("{call} is booked on the account of somebody else."));
        }
    }

    /// All that was tried stands there, but for a call that ended with its process.
    fn attempts(&mut self, row: &CallRow) {
        let (told, there) = (row.attempts, row.attempts_there);
        if told != there && row.state != "open" && !row.ended_with_its_process() {
            let call = CallId::from_number(row.id);
            self.find(
                row.settle_seq,
                format!("{call} tells of {told} attempts, and {there} stand there."),
            );
        }
    }

    /// Charge and cost, computed again.
    fn price(&mut self, row: &CallRow, prices: &Prices<'_>) {
        let call = CallId::from_number(row.id);
        if row.charge.is_none() && row.cost.is_none() {
            return;
        }
        let Some(id) = row.price_id.map(PriceId::from_number) else {
            return self.find(row.settle_seq, format!("{call} was charged without a price."));
        };
        let Some(version) = prices.get(id) else {
            return self.find(
                row.settle_seq,
                format!("{id}, by which {call} was charged, is not there as it was."),
            );
        };
        let drawn = row.drawn.as_deref().map(str::parse::<Drawn>).transpose();
        let Ok(drawn) = drawn else {
            return self.find(row.settle_seq, format!("What {call} drew cannot be read."));
        };
        let mut same = |what: &str, stored: Option<i64>, tariff: &Tariff| {
            let Some(stored) = stored else { return };
            let quantities = tariff.quantities(row.usage.into(), drawn.as_ref());
            let again = tariff.total(&quantities);
            if again.as_ref().map(|total| total.nano()) != Ok(stored) {
                let again = again.map_or_else(|error| error.to_string(), |total| total.to_string());
                let stored = shown(stored);
                self.find(
                    row.settle_seq,
                    format!("The {what} of {call} is {stored}; its quantities at {id} come to: {again}"),
                );
            }
        };
        same("charge", row.charge, version.sheet.sell());
        same("cost", row.cost, version.sheet.cost());
        let began = Timestamp(row.started_at);
        let priced = row.authorised_at.map_or_else(|| began.plus(ADMISSION), Timestamp);
        // A clock that was set back by a little while the request came priced it before it began.
        if !prices.in_force(version, began.min(priced), began.max(priced)) {
            self.find(row.settle_seq, format!("{id} was not in force when {call} began."));
        }
    }

    /// Compares the sums, and looks for transactions without a call.
    pub async fn end(mut self, tx: &mut Tx, report: &mut LedgerReport) -> Result<Vec<LedgerFinding>, Error> {
        for (seq, call) in verify::without_call(tx, self.account, MOST_FINDINGS).await? {
            self.find(Some(seq), format!("{call} does not name it as its end."));
        }
        let stored = verify::hours(tx, self.account, self.since).await?;
        report.hours += stored.len() as u64;
        let hours = std::mem::take(&mut self.hours);
        // In the same view as the sums: a server of a release before may have come since the last account.
        let counted_less_until = verify::counts_less_until(tx).await?;
        let mut found = Vec::new();
        hours.compare(stored, self.since, counted_less_until, |problem| found.push(problem));
        for problem in found {
            self.find(None, problem);
        }
        Ok(self.findings)
    }
}

fn shown(nano: i64) -> String {
    Amount::from_nano(nano).map_or_else(|| format!("{nano} nano-USD"), |amount| amount.to_string())
}
