//! `verify-audit`: proves that nobody but the hub has written the list of changes.

use domain::access::Admin;
use serde_json::json;

use super::{CommandError, Outcome, open};
use crate::config::Config;

/// Runs it.
pub async fn run(config: &Config) -> Result<Outcome, CommandError> {
    let reader = Admin::command_line().reader();
    open::existing(config, async |gateway| {
        let report = gateway.audit().verify(&reader, None).await?;
        let mut looked = format!("Looked at {} entries in the chain", report.looked_at);
        if report.unchained > 0 {
            looked.push_str(&format!(
                " ({} more are from before there was one, and only counted)",
                report.unchained
            ));
        }
        let rows: Vec<Vec<String>> = report
            .findings
            .iter()
            .map(|finding| vec![finding.to_string()])
            .collect();
        let table = Outcome::table(json!(report), &["problem"], &rows);
        if report.findings.is_empty() {
            let sentence = format!("{looked}: the chain is intact.");
            return Ok(Outcome { sentence, ..table });
        }
        Err(CommandError::Chain {
            sentence: format!("{looked}, and found {} things that are wrong", rows.len()),
            report: Box::new(table),
        })
    })
    .await
}
