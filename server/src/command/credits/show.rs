//! `credits balance`, `credits ledger`: what somebody has, and how it came about.

use clap::Subcommand;
use domain::{
    access::Admin,
    credit::{Balance, LedgerLine, LotView},
    name::Email,
    page::{Cursor, PageSize},
};
use gateway::Gateway;
use serde_json::json;

use super::expiry;
use crate::{
    command::{CommandError, Outcome, call, moments, open, user},
    config::Config,
};

/// What can be looked at.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print what somebody has.
    Balance {
        /// Their e-mail address.
        #[arg(long)]
        user: String,
    },
    /// List the newest lines of somebody's ledger.
    Ledger {
        /// Their e-mail address.
        #[arg(long)]
        user: String,
        /// How many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    match command {
        Command::Balance { user } => {
            let email: Email = user.parse()?;
            open::existing(config, async |gateway| {
                let user = user::find(gateway, &Admin::command_line(), &email).await?;
                let viewer = call::command_line()?;
                let balance = gateway.credits().balance(&viewer, user.id).await?;
                Ok(shown(&balance, &gateway.credits().lots(&viewer, user.id).await?))
            })
            .await
        }
        Command::Ledger { user, limit } => {
            let email: Email = user.parse()?;
            open::existing(config, async |gateway| ledger(gateway, &email, limit as usize).await).await
        }
    }
}

async fn ledger(gateway: &Gateway, email: &Email, limit: usize) -> Result<Outcome, CommandError> {
    let user = user::find(gateway, &Admin::command_line(), email).await?;
    let viewer = call::command_line()?;
    let mut lines: Vec<LedgerLine> = Vec::new();
    let mut cursor = Cursor::Newest;
    while lines.len() < limit {
        let size = PageSize::nearest(100);
        let page = gateway.credits().ledger(&viewer, user.id, cursor, size).await?;
        lines.extend(page.rows);
        match page.older.and_then(|seq| seq.parse().ok()) {
            Some(seq) => cursor = Cursor::Before(seq),
            None => break,
        }
    }
    lines.truncate(limit);
    let rows: Vec<Vec<String>> = lines.iter().map(row).collect();
    let titles = ["number", "at", "what", "change", "balance", "owed", "call", "reason"];
    Ok(Outcome::table(moments::told(json!(lines)), &titles, &rows))
}

fn shown(balance: &Balance, views: &[LotView]) -> Outcome {
    let lots = balance.lots.iter().map(|lot| {
        let end = lot.expires_at.map_or_else(|| "never".to_owned(), expiry::text);
        let origin = views.iter().find(|view| view.lot.id == lot.id);
        let origin = origin.and_then(|view| view.origin.as_ref());
        format!(
            "{}  {:<10}  {} of {}  priority {}  from {}  ends {end}  {}\n",
            lot.id,
            lot.kind.as_str(),
            lot.remaining,
            lot.amount,
            lot.priority,
            expiry::text(lot.effective_at),
            origin.map(|origin| origin.reason.as_str()).unwrap_or_default()
        )
    });
    let spendable = balance.spendable.or_zero();
    let mut result = format!(
        "spendable  {}\nbalance    {}\nheld       {}\nowed       {}\nstatus     {}\n",
        spendable,
        balance.balance,
        balance.held,
        balance.debt,
        balance.status.as_str()
    );
    let ended = balance.ended_sum();
    if !ended.is_zero() {
        result.push_str(&format!(
            "ended      {ended}, not booked yet and no part of the balance\n"
        ));
    }
    if let Some(damage) = &balance.damage {
        result.push_str(&format!(
            "out of service: {damage}; these figures are as they are stored\n"
        ));
    }
    result.extend(lots);
    let mut json = json!(balance);
    json["spendable"] = json!(spendable);
    json["ended"] = json!(ended);
    Outcome {
        json: moments::told(json),
        result,
        sentence: String::new(),
    }
}

fn row(line: &LedgerLine) -> Vec<String> {
    vec![
        line.seq.0.to_string(),
        expiry::text(line.booked_at),
        match line.beside() {
            Some(beside) => format!("{} ({} {})", line.kind.as_str(), beside.as_str(), beside.amount()),
            None => line.kind.as_str().to_owned(),
        },
        line.change.to_string(),
        line.balance.to_string(),
        line.debt.to_string(),
        line.call.map(|call| call.to_string()).unwrap_or_default(),
        line.reason().unwrap_or_default().to_owned(),
    ]
}
