//! Every price version: unchanged since it was written.

use domain::id::PriceId;

use super::{LedgerFinding, LedgerReport};
use crate::{
    Error,
    store::{Store, prices},
};

/// Reads all versions; what was changed is found.
pub(super) async fn read(store: &Store, report: &mut LedgerReport) -> Result<(), Error> {
    let mut after = PriceId::from_number(0);
    loop {
        let rows = prices::all_after(store, after).await?;
        let Some(last) = rows.last().map(prices::Row::id) else {
            return Ok(());
        };
        after = last;
        for row in rows {
            report.prices += 1;
            let id = row.id();
            if let Err(error) = row.version() {
                report.findings.push(LedgerFinding {
                    account: None,
                    seq: None,
                    problem: format!("{id} was changed after it was published: {error}."),
                });
            }
        }
    }
}
