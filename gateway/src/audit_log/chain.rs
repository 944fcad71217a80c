//! Proving that nobody but the hub has written the list of changes: every entry is linked to the one before, and the end is
//! sealed. What a database alone cannot tell is that all of it was put back to an older state, as from a backup.

use domain::{access::Reader, id::AuditId};
use serde::Serialize;

use super::AuditLog;
use crate::{
    Error,
    secrets::AuditSeal,
    store::{
        StoreError, Tx,
        audit::chain::{self, Link},
    },
};

/// Entries that are read at once.
const PIECE: i64 = 500;
/// Findings that are told; the first ones say enough.
const MOST_FINDINGS: usize = 50;

/// What is wrong with the list of changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChainFinding {
    /// An entry does not fit its link, or not the entry before.
    #[error("entry {number} ({id}) is not as the hub has written it, or not in its place")]
    Changed {
        /// Its place.
        number: i64,
        /// Its id.
        id: AuditId,
    },
    /// Entries are missing in the middle.
    #[error("entries {from} to {to} were deleted")]
    Missing {
        /// The first one.
        from: i64,
        /// The last one.
        to: i64,
    },
    /// Entries are missing at the end.
    #[error("the newest entries, {from} to {to}, were deleted")]
    CutOff {
        /// The first one.
        from: i64,
        /// The last one.
        to: i64,
    },
    /// There are more entries than the chain has.
    #[error("{more} entries follow after the end of the chain, which the hub has not written")]
    Beyond {
        /// How many.
        more: i64,
    },
    /// The row that says where the chain ends is gone, or somebody has written it.
    #[error("the end of the chain was deleted, or not written by the hub")]
    End,
    /// Entries from before there was a chain were deleted, or some were added.
    #[error("{were} entries are from before there was a chain, and now there are {are} without a place in it")]
    Unchained {
        /// How many there were.
        were: i64,
        /// How many there are.
        are: i64,
    },
}

/// What came of looking at the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Entries in the chain.
    pub entries: i64,
    /// Of these, how many were looked at: the newest.
    pub looked_at: i64,
    /// Entries from before there was a chain; only their number is watched.
    pub unchained: i64,
    /// What is wrong, at most 50 things.
    pub findings: Vec<ChainFinding>,
}

impl AuditLog<'_> {
    /// Proves the chain, or its newest `most` entries. May run beside a live server: it reads one state of the database.
    ///
    /// # Errors
    /// The database's. What is wrong with the chain is in the report.
    pub async fn verify(&self, _: &Reader, most: Option<i64>) -> Result<ChainReport, Error> {
        let mut tx = self.0.store.begin_read().await?;
        Ok(prove(&mut tx, &self.0.keys.audit, most, |_| {}).await?)
    }
}

/// Proves the chain, or its newest `most` entries, and shows each entry that is as the hub has written it.
pub(crate) async fn prove(
    tx: &mut Tx,
    seal: &AuditSeal,
    most: Option<i64>,
    mut show: impl FnMut(&Link),
) -> Result<ChainReport, StoreError> {
    let mut report = ChainReport::default();
    let end = chain::end(tx).await?;
    let sealed = end.as_ref().is_some_and(|end| end.is_sealed(seal));
    if !sealed {
        report.findings.push(ChainFinding::End);
    }
    let unchained = chain::unchained(tx).await?;
    if let Some(end) = &end {
        (report.entries, report.unchained) = (end.entries, end.unchained);
        if end.unchained != unchained {
            report.findings.push(ChainFinding::Unchained {
                were: end.unchained,
                are: unchained,
            });
        }
    }
    let skipped = most.map_or(0, |most| (report.entries - most).max(0));
    let mut last = match skipped {
        0 => Some(String::new()),
        // An entry that is missing is found as such below, by those that follow it.
        place => chain::link_of(tx, place).await?,
    };
    let mut place = skipped;
    loop {
        let piece = chain::after(tx, place, PIECE).await?;
        let Some(newest) = piece.last().map(|link| link.number) else {
            break;
        };
        for link in piece {
            report.looked_at += 1;
            if link.number != place + 1 {
                report.findings.push(ChainFinding::Missing {
                    from: place + 1,
                    to: link.number - 1,
                });
            } else if last
                .as_deref()
                .is_none_or(|last| link.expected(seal, last) != link.chain)
            {
                report.findings.push(ChainFinding::Changed {
                    number: link.number,
                    id: AuditId::from_number(link.id),
                });
            } else {
                show(&link);
            }
            place = link.number;
            last = Some(link.chain);
        }
        place = newest;
        if report.findings.len() >= MOST_FINDINGS {
            report.findings.truncate(MOST_FINDINGS);
            return Ok(report);
        }
    }
    if let Some(end) = end {
        if place < end.entries {
            report.findings.push(ChainFinding::CutOff {
                from: place + 1,
                to: end.entries,
            });
        } else if place > end.entries {
            report.findings.push(ChainFinding::Beyond {
                more: place - end.entries,
            });
        } else if sealed && last.as_deref() != Some(end.last.as_str()) {
            // The last entry and its link were both written anew.
            report.findings.push(ChainFinding::End);
        }
    }
    Ok(report)
}
