//! The calls of one account: each says of its end what the journal says.

use domain::{
    id::{AccountId, CallId},
    ledger::{Command, Seq},
    money::Amount,
    time::Timestamp,
};

use super::{LedgerFinding, LedgerReport, MOST_FINDINGS};
use crate::{
    Error,
    store::{
        Tx,
        ledger::verify::{self, CallRow},
    },
};

pub(super) struct Calls {
    account: AccountId,
    since: Option<Timestamp>,
    findings: Vec<LedgerFinding>,
}

impl Calls {
    pub fn new(account: AccountId, since: Option<Timestamp>) -> Self {
        Self {
            account,
            since,
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
    pub async fn go_through(&mut self, tx: &mut Tx, report: &mut LedgerReport) -> Result<(), Error> {
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
                self.books(row);
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
            }
            return;
        };
        match row.kind.as_deref() {
            Some("settle" | "release") => {}
            Some("allocate") => {
                let allocated = row.command.as_deref().and_then(|text| serde_json::from_str(text).ok());
                let fits = matches!(allocated, Some(Command::Allocate { call: of, charge })
                    if of == call && Some(charge.nano()) == row.charge);
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

    /// Looks for transactions without a call.
    pub async fn end(mut self, tx: &mut Tx) -> Result<Vec<LedgerFinding>, Error> {
        for (seq, call) in verify::without_call(tx, self.account, MOST_FINDINGS).await? {
            self.find(Some(seq), format!("{call} does not name it as its end."));
        }
        Ok(self.findings)
    }
}

fn shown(nano: i64) -> String {
    Amount::from_nano(nano).map_or_else(|| format!("{nano} nano-USD"), |amount| amount.to_string())
}
