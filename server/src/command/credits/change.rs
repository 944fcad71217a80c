//! Changes of credit by hand: `credits grant|void|extend|adjust|correct|debit|write-off|block|unblock`. Each says why.

use clap::{Args, Subcommand};
use domain::{
    access::Admin,
    credit::{Correction, GrantDraft},
    id::{CallId, LotId},
    ledger::{CommandKind, Effects, LossKind, LotKind, Outcome as Came, Status},
    money::{Amount, Money},
    name::Email,
    refusal::{Refusal, Thing},
};
use gateway::{Credits, Gateway, Origin};
use serde_json::json;

use super::expiry::{self, Expiry};
use crate::{
    command::{CommandError, Outcome, call, open, user},
    config::Config,
};

/// What can be changed.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give credit to somebody.
    Grant {
        #[command(flatten)]
        of: Of,
        /// How much, like 5 or 0.25; one credit is one US dollar.
        #[arg(long, allow_negative_numbers = true)]
        amount: String,
        /// Where it comes from.
        #[arg(long, default_value = "admin", value_parser = ["admin", "promo", "paid", "correction"])]
        kind: String,
        /// Its place among lots: the lowest number is used first. Each kind has one of its own.
        #[arg(long, value_parser = clap::value_parser!(i32).range(0..=1000))]
        priority: Option<i32>,
        /// When it ends: a moment like 2027-01-31T00:00:00Z, or a number of days like 90d. Never, when left out.
        #[arg(long, value_name = "MOMENT|DAYS")]
        expires: Option<String>,
        #[command(flatten)]
        why: Why,
    },
    /// Take back what is left in a lot, as far as no running call may need it.
    Void {
        #[command(flatten)]
        of: Of,
        /// The lot.
        #[arg(long, value_name = "lot_…")]
        lot: String,
        #[command(flatten)]
        why: Why,
    },
    /// Let a lot live longer.
    Extend {
        #[command(flatten)]
        of: Of,
        /// The lot.
        #[arg(long, value_name = "lot_…")]
        lot: String,
        /// Its new end: a moment, a number of days from now like 90d, or `never`.
        #[arg(long, value_name = "MOMENT|DAYS|never")]
        expires: String,
        #[command(flatten)]
        why: Why,
    },
    /// Add credit, or take some that can be spent: --amount 5, --amount=-2.50.
    Adjust {
        #[command(flatten)]
        of: Of,
        /// How much more, or with a minus how much less.
        #[arg(long, allow_hyphen_values = true)]
        amount: String,
        #[command(flatten)]
        why: Why,
    },
    /// Give back what a call was charged, or a part of it.
    Correct {
        /// The call.
        #[arg(long, value_name = "call_…")]
        call: String,
        /// How much.
        #[arg(long, allow_negative_numbers = true)]
        amount: String,
        #[command(flatten)]
        why: Why,
    },
    /// Book that a payment was taken back: what cannot be taken from credit any more becomes debt.
    Debit {
        #[command(flatten)]
        of: Of,
        /// How much.
        #[arg(long, allow_negative_numbers = true)]
        amount: String,
        #[command(flatten)]
        why: Why,
    },
    /// Give up debt.
    WriteOff {
        #[command(flatten)]
        of: Of,
        /// How much.
        #[arg(long, allow_negative_numbers = true)]
        amount: String,
        /// Which loss it is.
        #[arg(long, default_value = "bad-debt", value_parser = ["bad-debt", "dispute"])]
        loss: String,
        #[command(flatten)]
        why: Why,
    },
    /// Admit no more calls of somebody. Those that are running are finished and charged.
    Block {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        why: Why,
    },
    /// Admit somebody's calls again.
    Unblock {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        why: Why,
    },
}

/// Whose credit.
#[derive(Debug, Args)]
pub struct Of {
    /// Their e-mail address.
    #[arg(long)]
    user: String,
}

/// Why, and under which name.
#[derive(Debug, Args)]
pub struct Why {
    /// Why; stands in the ledger.
    #[arg(long)]
    reason: String,
    /// A name of your own for this change, of up to 100 characters: sent again under the same name, it is not booked again,
    /// and another change is refused.
    #[arg(long, value_name = "NAME")]
    once: Option<String>,
}

/// Reads it.
pub(super) fn reason(typed: &str) -> Result<String, CommandError> {
    domain::reason::read(typed).ok_or_else(|| {
        CommandError::Argument("Say why, in --reason, on one line of at most 200 characters.".to_owned())
    })
}

impl Why {
    fn reason(&self) -> Result<String, CommandError> {
        reason(&self.reason)
    }

    /// The use-cases for a change that this is said of.
    fn credits<'a>(&'a self, gateway: &'a Gateway) -> Result<Credits<'a>, CommandError> {
        match self.once.as_deref().map(str::trim) {
            None => Ok(gateway.credits()),
            Some(name) if Credits::is_name(name) => Ok(gateway.credits().once(name)),
            Some(_) => Err(CommandError::Argument(
                "A name for --once has 1 to 100 printable characters. Leave it out to book this however often it is sent."
                    .to_owned(),
            )),
        }
    }
}

/// Runs one of them.
pub async fn run(config: &Config, command: Command) -> Result<Outcome, CommandError> {
    match command {
        Command::Grant {
            of,
            amount,
            kind,
            priority,
            expires,
            why,
        } => {
            let amount: Amount = amount.parse()?;
            let kind = LotKind::parse(&kind).unwrap_or(LotKind::Admin);
            let expires = expires.as_deref().map(expiry::parse).transpose()?;
            let reason = why.reason()?;
            let email: Email = of.user.parse()?;
            open::existing(config, async |gateway| {
                let draft = GrantDraft {
                    kind,
                    amount,
                    priority,
                    expires_at: expires.map(|expires| expires.after(gateway.now())),
                    reason,
                };
                grant(gateway, &email, &why, draft).await
            })
            .await
        }
        Command::Void { of, lot, why } => {
            let lot: LotId = lot.parse()?;
            change(config, &of, &why, async |on| {
                on.credits
                    .void(&on.money, Origin::default(), on.user, lot, &on.reason)
                    .await
            })
            .await
        }
        Command::Extend { of, lot, expires, why } => {
            let lot: LotId = lot.parse()?;
            let expires: Option<Expiry> = match expires.as_str() {
                "never" => None,
                text => Some(expiry::parse(text)?),
            };
            change(config, &of, &why, async |on| {
                let end = expires.map(|expires| expires.after(on.now));
                let here = Origin::default();
                on.credits.extend(&on.money, here, on.user, lot, end, &on.reason).await
            })
            .await
        }
        Command::Adjust { of, amount, why } => {
            let amount: Money = amount.parse()?;
            let size = Amount::from_nano(amount.nano().saturating_abs())
                .ok_or_else(|| CommandError::Argument(format!("No more than {} can be booked.", Amount::MAX)))?;
            let correction = if amount.is_negative() {
                Correction::Take(size)
            } else {
                Correction::Add(size)
            };
            change(config, &of, &why, async |on| {
                let here = Origin::default();
                on.credits
                    .adjust(&on.money, here, on.user, correction, &on.reason)
                    .await
            })
            .await
        }
        Command::Correct { call, amount, why } => {
            let (call, amount): (CallId, Amount) = (call.parse()?, amount.parse()?);
            let reason = why.reason()?;
            open::existing(config, async |gateway| {
                let detail = gateway.calls().detail(&call::command_line()?, call).await?;
                let owner = detail.ok_or(Refusal::NotFound { what: Thing::Call })?.call.payer();
                let (money, here) = (Admin::command_line().money(), Origin::default());
                let credits = why.credits(gateway)?;
                let effects = credits.correct(&money, here, owner, call, amount, &reason).await?;
                Ok(told(&effects))
            })
            .await
        }
        Command::Debit { of, amount, why } => {
            let amount: Amount = amount.parse()?;
            change(config, &of, &why, async |on| {
                let here = Origin::default();
                on.credits.debit(&on.money, here, on.user, amount, &on.reason).await
            })
            .await
        }
        Command::WriteOff { of, amount, loss, why } => {
            let amount: Amount = amount.parse()?;
            let loss = if loss == "dispute" {
                LossKind::Dispute
            } else {
                LossKind::BadDebt
            };
            change(config, &of, &why, async |on| {
                let here = Origin::default();
                on.credits
                    .write_off(&on.money, here, on.user, amount, loss, &on.reason)
                    .await
            })
            .await
        }
        Command::Block { of, why } => status(config, &of, &why, Status::Blocked).await,
        Command::Unblock { of, why } => status(config, &of, &why, Status::Active).await,
    }
}

/// What a change is made with.
struct On<'a> {
    credits: Credits<'a>,
    money: domain::access::Money,
    user: domain::id::UserId,
    reason: String,
    now: domain::time::Timestamp,
}

async fn change(
    config: &Config,
    of: &Of,
    why: &Why,
    work: impl AsyncFnOnce(On<'_>) -> Result<Effects, gateway::Error>,
) -> Result<Outcome, CommandError> {
    let email: Email = of.user.parse()?;
    let reason = why.reason()?;
    open::existing(config, async |gateway| {
        let admin = Admin::command_line();
        let user = user::find(gateway, &admin, &email).await?.id;
        let (credits, now) = (why.credits(gateway)?, gateway.now());
        let on = On {
            credits,
            money: admin.money(),
            user,
            reason,
            now,
        };
        Ok(told(&work(on).await?))
    })
    .await
}

async fn status(config: &Config, of: &Of, why: &Why, status: Status) -> Result<Outcome, CommandError> {
    change(config, of, why, async |on| {
        let here = Origin::default();
        on.credits
            .set_status(&on.money, here, on.user, status, &on.reason)
            .await
    })
    .await
}

async fn grant(gateway: &Gateway, email: &Email, why: &Why, draft: GrantDraft) -> Result<Outcome, CommandError> {
    let admin = Admin::command_line();
    let user = user::find(gateway, &admin, email).await?;
    let credits = why.credits(gateway)?;
    let (lot, effects) = credits.grant(&admin.money(), Origin::default(), user.id, draft).await?;
    let came = effects.lots.iter().find(|came| came.id == lot);
    let amount = came.map_or(Amount::ZERO, |came| came.amount);
    Ok(Outcome {
        json: json!({
            "lot": lot, "account": effects.account, "seq": effects.seq, "amount": amount, "repaid": effects.repaid(),
            "balance": effects.after.balance, "debt": effects.after.debt, "booked_before": effects.booked_before,
        }),
        result: format!("{lot}\n"),
        sentence: format!(
            "{email} got {amount} credits{}. {}{}",
            repaid(&effects),
            standing(&effects),
            before(&effects)
        ),
    })
}

/// What a change came to, by what was booked: one that was booked before tells what came of it then.
fn told(effects: &Effects) -> Outcome {
    let word = word(effects.kind);
    let after = effects.after;
    let mut json = json!({
        "account": effects.account, "seq": effects.seq, "balance": after.balance, "held": after.held,
        "debt": after.debt, "repaid": effects.repaid(), "status": after.status, "booked_before": effects.booked_before,
    });
    let amount = match &effects.outcome {
        Came::Taken { amount } => Some(*amount),
        Came::Debited { taken, owed } => {
            json["owed"] = json!(owed);
            Some(*taken)
        }
        _ => None,
    };
    if let Some(amount) = amount {
        json["taken"] = json!(amount);
    }
    // A void takes something, unless the lot was voided before.
    let (taken, before) = match (effects.kind, amount) {
        (CommandKind::Void, Some(Amount::ZERO)) => (" before; nothing more was taken".to_owned(), ""),
        (_, amount) => (
            amount.map(|amount| format!("; {amount} taken")).unwrap_or_default(),
            before(effects),
        ),
    };
    Outcome {
        json,
        result: format!("{}\n", effects.seq.0),
        sentence: format!("{word}{taken}{}. {}{before}", repaid(effects), standing(effects)),
    }
}

/// What of it repaid debt, where some did.
fn repaid(effects: &Effects) -> String {
    match effects.repaid() {
        Amount::ZERO => String::new(),
        amount => format!("; {amount} repaid debt"),
    }
}

/// That all of this is what came of it then, where it was booked before.
const fn before(effects: &Effects) -> &'static str {
    match effects.booked_before {
        true => " That was booked before; nothing was booked now.",
        false => "",
    }
}

/// How the account stands after it.
fn standing(effects: &Effects) -> String {
    if effects.kind == CommandKind::WriteOff {
        return match effects.after.debt {
            Amount::ZERO => "Nothing is owed any more.".to_owned(),
            debt => format!("{debt} is still owed."),
        };
    }
    let owed = match effects.after.debt {
        Amount::ZERO => String::new(),
        debt => format!(" and {debt} owed"),
    };
    format!("The balance after it is {}{owed}.", effects.after.balance)
}

/// What was done.
const fn word(kind: CommandKind) -> &'static str {
    match kind {
        CommandKind::Void => "Voided",
        CommandKind::ExtendLot => "Extended",
        CommandKind::Adjust => "Adjusted",
        CommandKind::Correct => "Given back",
        CommandKind::Debit => "Debited",
        CommandKind::WriteOff => "Written off",
        CommandKind::Block => "Blocked",
        CommandKind::Unblock => "Unblocked",
        _ => "Booked",
    }
}
