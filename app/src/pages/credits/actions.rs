//! What those who keep money can do with credit: grant, adjust, prolong, void, give back, block. Thin doors to `gateway::Credits`. Every
//! form has a name of its own, so that one that is sent twice is booked once.

use domain::{
    credit::{Correction, GrantDraft},
    id::{CallId, LotId, UserId},
    ledger::{Effects, LossKind, LotKind, Outcome, Status},
    money::Amount,
    refusal::{Invalid, Thing},
    setting::Mode,
};
use leptos::prelude::*;

use super::{expiry, field, grant::KINDS, view::Whose};
use crate::{
    components::money::words,
    context::{address, gateway, missing, money, viewer},
    error::{AppError, MoneyProblem},
    form::{AtField, Back, Done, Fields, Refused, encode, submit},
    text::{Language, use_language},
};

/// Gives credit to somebody.
#[server]
pub async fn grant_credit(
    id: String,
    #[server(default)] once: String,
    #[server(default)] amount: String,
    #[server(default)] kind: String,
    #[server(default)] expires: String,
    #[server(default)] priority: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let back = back(&id, "/grant", &once, &reason)
        .keeping("amount", &amount)
        .keeping("kind", &kind)
        .keeping("expires", &expires)
        .keeping("priority", &priority);
    submit(back, async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let user = user_id(&id)?;
        let kind = LotKind::parse(&kind).filter(|kind| KINDS.contains(kind));
        let mut fields = Fields::default();
        let amount = fields.take(positive(&amount));
        let kind = fields.take(kind.ok_or(Invalid::Choice).at("kind"));
        let expires_at = fields.take(expiry::parse(&expires, gateway.now()).at("expires"));
        let priority = fields.take(priority_of(&priority));
        let reason = fields.take(field::reason(&reason));
        let draft = || {
            Some(GrantDraft {
                kind: kind?,
                amount: amount?,
                priority: priority?,
                expires_at: expires_at?,
                reason: reason?,
            })
        };
        let draft = fields.all(draft())?;
        let amount = draft.amount;
        let credits = gateway.credits().once(&once);
        let (lot, effects) = credits.grant(&money, address.origin(), user, draft).await?;
        let came = effects.lots.iter().find(|came| came.id == lot);
        let amount = words(came.map_or(amount, |came| came.amount));
        let repaid = repaid(&effects, language);
        let granted = match language {
            Language::En => format!("{amount} credits were granted{repaid}."),
            Language::Zh => format!("已授予 {amount} 额度{repaid}。"),
        };
        let use_of = use_of(
            effects.after.status,
            gateway.snapshot().mode(),
            repaid.is_empty(),
            language,
        );
        let told = [granted.as_str(), use_of].join(language.pick(" ", ""));
        Ok(Done::to(Whose::of(user).path()).saying(told_once(&effects, told.trim_end().to_owned(), language)))
    })
    .await
}

/// Adds or takes credit, or gives up debt.
#[server]
pub async fn adjust_credit(
    id: String,
    #[server(default)] once: String,
    #[server(default)] way: String,
    #[server(default)] amount: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let back = back(&id, "/adjust", &once, &reason)
        .keeping("way", &way)
        .keeping("amount", &amount);
    submit(back, async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let user = user_id(&id)?;
        let mut fields = Fields::default();
        let (amount, reason) = (fields.take(positive(&amount)), fields.take(field::reason(&reason)));
        let (amount, reason) = fields.all(amount.zip(reason))?;
        let (credits, here) = (gateway.credits().once(&once), address.origin());
        let effects = match way.as_str() {
            "add" => {
                credits
                    .adjust(&money, here, user, Correction::Add(amount), &reason)
                    .await
            }
            "take" => {
                credits
                    .adjust(&money, here, user, Correction::Take(amount), &reason)
                    .await
            }
            "write_off" => {
                let loss = LossKind::BadDebt;
                credits.write_off(&money, here, user, amount, loss, &reason).await
            }
            _ => return Err(Invalid::Choice).at("way"),
        };
        let effects = effects.at("amount")?;
        let (balance, repaid) = (words(effects.after.balance), repaid(&effects, language));
        let told = match language {
            Language::En => format!("Adjusted{repaid}. The balance after it is {balance}."),
            Language::Zh => format!("已调整{repaid}，调整后余额为 {balance}。"),
        };
        Ok(Done::to(Whose::of(user).path()).saying(told_once(&effects, told, language)))
    })
    .await
}

/// Lets a lot live longer.
#[server]
pub async fn extend_lot(
    id: String,
    lot: String,
    #[server(default)] once: String,
    #[server(default)] expires: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let back = back(&id, &format!("/lots/{}", encode(&lot)), &once, &reason).keeping("expires", &expires);
    submit(back, async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let (user, lot) = (user_id(&id)?, lot_id(&lot)?);
        let mut fields = Fields::default();
        let end = fields.take(expiry::said(&expires, gateway.now()).at("expires"));
        let reason = fields.take(field::reason(&reason));
        let (end, reason) = fields.all(end.zip(reason))?;
        let credits = gateway.credits().once(&once);
        let effects = credits
            .extend(&money, address.origin(), user, lot, end, &reason)
            .await
            .at("expires")?;
        // Sent again it tells the end that it got the first time.
        let extended = effects.lots.iter().find(|extended| extended.id == lot);
        let end = extended.map_or(end, |extended| extended.expires_at);
        let told = match (language, end) {
            (Language::En, Some(end)) => format!("The lot lives until {}.", expiry::date(end, language)),
            (Language::En, None) => "The lot never expires now.".to_owned(),
            (Language::Zh, Some(end)) => format!("该笔额度延期至 {}。", expiry::date(end, language)),
            (Language::Zh, None) => "该笔额度不再到期。".to_owned(),
        };
        Ok(Done::to(Whose::of(user).path()).saying(told_once(&effects, told, language)))
    })
    .await
}

/// Takes back what is left in a lot.
#[server]
pub async fn void_lot(
    id: String,
    lot: String,
    #[server(default)] once: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let back = back(&id, &format!("/lots/{}", encode(&lot)), &once, &reason);
    submit(back, async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let (user, lot) = (user_id(&id)?, lot_id(&lot)?);
        let reason = field::reason(&reason)?;
        let credits = gateway.credits().once(&once);
        let effects = credits.void(&money, address.origin(), user, lot, &reason).await?;
        let balance = words(effects.after.balance);
        // A void takes something, unless the lot was voided before.
        let again = matches!(effects.outcome, Outcome::Taken { amount } if amount.is_zero());
        let told = match language {
            Language::En => format!("The lot was voided. The balance after it is {balance}."),
            Language::Zh => format!("已作废该笔额度，作废后余额为 {balance}。"),
        };
        Ok(Done::to(Whose::of(user).path()).saying(match language {
            Language::En if again => "The lot was voided before; nothing more was taken.".to_owned(),
            Language::Zh if again => "该笔额度此前已作废，没有再收回额度。".to_owned(),
            _ => told_once(&effects, told, language),
        }))
    })
    .await
}

/// Admits no more calls of somebody, or admits them again.
#[server]
pub async fn set_account_status(
    id: String,
    #[server(default)] once: String,
    #[server(default)] status: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    submit(back(&id, "", &once, &reason), async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let user = user_id(&id)?;
        let status = Status::parse(&status).ok_or(Invalid::Choice)?;
        let reason = field::reason(&reason)?;
        let credits = gateway.credits().once(&once);
        let effects = credits
            .set_status(&money, address.origin(), user, status, &reason)
            .await?;
        let told = match effects.after.status {
            Status::Blocked => language.pick(
                "The account is blocked. New calls are refused from now on.",
                "账户已冻结，即刻起拒绝新的调用。",
            ),
            Status::Active => language.pick(
                "The account is unblocked. Calls are admitted again.",
                "账户已解冻，可以再次调用。",
            ),
        };
        Ok(Done::to(Whose::of(user).path()).saying(told_once(&effects, told.to_owned(), language)))
    })
    .await
}

/// Gives back what a call was charged, or a part.
#[server]
pub async fn correct_call(
    call: String,
    #[server(default)] once: String,
    #[server(default)] amount: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let page = format!("/calls/{}", encode(&call));
    let back = Back::to(page.clone())
        .keeping("once", &once)
        .keeping("amount", &amount)
        .keeping("reason", &reason);
    submit(back, async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let call: CallId = call.parse().map_err(|_| missing(Thing::Call))?;
        let detail = gateway.calls().detail(&viewer()?, call).await?;
        let user = detail.ok_or(missing(Thing::Call))?.call.payer();
        let mut fields = Fields::default();
        let (amount, reason) = (fields.take(positive(&amount)), fields.take(field::reason(&reason)));
        let (amount, reason) = fields.all(amount.zip(reason))?;
        let credits = gateway.credits().once(&once);
        let effects = credits
            .correct(&money, address.origin(), user, call, amount, &reason)
            .await
            .at("amount")?;
        let (amount, repaid) = (words(amount), repaid(&effects, language));
        let told = match language {
            Language::En => format!("{amount} credits were given back{repaid}."),
            Language::Zh => format!("已退回 {amount} 额度{repaid}。"),
        };
        Ok(Done::to(page).saying(told_once(&effects, told, language)))
    })
    .await
}

/// What credit that has come is good for, as a sentence. Nothing where not `all` of it is there: some has repaid debt.
const fn use_of(status: Status, mode: Mode, all: bool, language: Language) -> &'static str {
    match (status, mode) {
        (Status::Blocked, _) => language.pick(
            "They can be spent once the account is unblocked.",
            "账户已冻结，解冻后方可使用。",
        ),
        (Status::Active, Mode::Enterprise) => language.pick(
            "In enterprise mode nobody needs credit: they are used once the mode is service provider.",
            "企业模式下无需额度，切换到服务商模式后才会使用。",
        ),
        (Status::Active, Mode::ServiceProvider) if !all => "",
        (Status::Active, Mode::ServiceProvider) => language.pick("They can be spent from now on.", "现在即可使用。"),
    }
}

/// What was done, and that it was not done again where the form came twice.
fn told_once(effects: &Effects, told: String, language: Language) -> String {
    match (effects.booked_before, language) {
        (false, _) => told,
        (true, Language::En) => format!("{told} The form came before: this was booked then, and not again."),
        (true, Language::Zh) => format!("{told}此表单之前已提交并入账，本次未重复入账。"),
    }
}

/// What of it repaid debt, where some did.
fn repaid(effects: &Effects, language: Language) -> String {
    let amount = effects.repaid();
    if amount.is_zero() {
        return String::new();
    }
    let amount = words(amount);
    match language {
        Language::En => format!("; {amount} repaid debt"),
        Language::Zh => format!("，其中 {amount} 用于偿还欠款"),
    }
}

/// Back to a page about somebody's credit, with what all of its forms keep.
fn back(user: &str, page: &str, once: &str, reason: &str) -> Back {
    let path = match user.parse::<UserId>() {
        Ok(user) => Whose::of(user).path(),
        Err(_) => format!("/users/{}/credits", encode(user)),
    };
    Back::to(format!("{path}{page}"))
        .keeping("once", once)
        .keeping("reason", reason)
}

fn user_id(text: &str) -> Result<UserId, AppError> {
    text.parse().map_err(|_| missing(Thing::User))
}

fn lot_id(text: &str) -> Result<LotId, AppError> {
    text.parse().map_err(|_| missing(Thing::Lot))
}

/// An amount above zero.
fn positive(typed: &str) -> Result<Amount, Refused> {
    let amount: Amount = typed.trim().parse().at("amount")?;
    if amount.is_zero() {
        return Err(MoneyProblem::Number(domain::money::NumberProblem::TooSmall)).at("amount");
    }
    Ok(amount)
}

fn priority_of(typed: &str) -> Result<Option<i32>, Refused> {
    match typed.trim() {
        "" => Ok(None),
        text => {
            let priority = text.parse().ok().filter(|priority| (0..=1000).contains(priority));
            Ok(Some(priority.ok_or(MoneyProblem::Priority).at("priority")?))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{ledger::Status, setting::Mode};

    use super::use_of;
    use crate::text::Language::En;

    #[test]
    fn what_was_granted_is_called_spendable_where_it_is() {
        let said = |status, mode, all| use_of(status, mode, all, En);
        let provider = Mode::ServiceProvider;
        assert_eq!(said(Status::Active, provider, true), "They can be spent from now on.");
        assert_eq!(said(Status::Active, provider, false), "");
        for mode in [provider, Mode::Enterprise] {
            let blocked = said(Status::Blocked, mode, true);
            assert_eq!(blocked, "They can be spent once the account is unblocked.");
        }
        let enterprise = said(Status::Active, Mode::Enterprise, true);
        assert!(enterprise.contains("once the mode is service provider"), "{enterprise}");
    }
}
