//! `verify-ledger`: proves the books and says what is wrong.

use domain::{
    access::Admin,
    id::{AccountId, UserId},
    name::Email,
    time::Timestamp,
};
use serde_json::json;

use super::{
    CommandError, Outcome,
    credits::expiry::{self, Expiry},
    moments, open, user,
};
use crate::config::Config;

/// Runs it.
pub async fn run(config: &Config, account: Option<String>, since: Option<&str>) -> Result<Outcome, CommandError> {
    let since = since.map(expiry::parse).transpose()?;
    let admin = Admin::command_line();
    open::existing(config, async |gateway| {
        let person = match account.as_deref() {
            None => None,
            // An account has the number of its person.
            Some(id) if id.starts_with(AccountId::PREFIX) => {
                Some(UserId::from_number(id.parse::<AccountId>()?.number()))
            }
            Some(email) => Some(user::find(gateway, &admin, &email.parse::<Email>()?).await?.id),
        };
        // What concerns everybody is kept, for the page about the books.
        let since = since.map(|since| before_now(since, gateway.now())).transpose()?;
        let report = match person {
            Some(_) => {
                let reader = admin.money_reader();
                gateway.credits().verify_since(&reader, person, since).await?
            }
            None => gateway.book_checks().run(&admin.money(), since).await?,
        };
        let sound = report.findings.is_empty();
        let looked = format!(
            "Looked at {}, {}, {} and {}",
            many(report.accounts, "account", "accounts"),
            many(report.transactions, "transaction", "transactions"),
            many(report.entries, "entry", "entries"),
            many(report.calls, "call", "calls")
        );
        let rows: Vec<Vec<String>> = report
            .findings
            .iter()
            .map(|finding| {
                let seq = finding.seq.map(|seq| seq.0.to_string()).unwrap_or_default();
                let account = finding.account.map(|account| account.to_string());
                vec![account.unwrap_or_default(), seq, finding.problem.clone()]
            })
            .collect();
        let table = Outcome::table(moments::told(json!(report)), &["account", "number", "problem"], &rows);
        if sound {
            let sentence = format!("{looked}: the books are sound.");
            return Ok(Outcome { sentence, ..table });
        }
        Err(CommandError::Books {
            sentence: format!(
                "{looked}, and found {} wrong",
                many(rows.len() as u64, "thing", "things")
            ),
            report: Box::new(table),
        })
    })
    .await
}

/// From when on things are looked at. Since a moment that lies ahead nothing can have happened, and nothing would be proved sound.
fn before_now(since: Expiry, now: Timestamp) -> Result<Timestamp, CommandError> {
    let since = since.before(now);
    if since <= now {
        return Ok(since);
    }
    Err(CommandError::Argument(format!(
        "Nothing happened since {}, which lies ahead. Give a moment before now, or a number of days like 7d.",
        expiry::text(since)
    )))
}

fn many(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
