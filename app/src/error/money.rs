//! What can be wrong with money that somebody typed, and why the ledger does not book it: sentences in both languages.

use domain::{
    ledger::{Refusal, Shortage},
    money::{Amount, InvalidNumber, NumberProblem},
    setting::InvalidSetting,
};
use serde::{Deserialize, Serialize};

use crate::{components::money::words, text::Language};

/// Why a form about money was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MoneyProblem {
    /// The ledger refused it.
    Ledger(Refusal),
    /// The ledger did not answer in time.
    Behind,
    /// The account is out of service.
    OutOfService,
    /// Not a number that money can be.
    Number(NumberProblem),
    /// Nobody said why.
    Reason,
    /// Not a place among lots.
    Priority,
    /// Not a date that lies ahead.
    Date,
    /// Not so many days that something can live.
    Days,
    /// Nobody said when it ends, nor that it never does.
    NoEnd,
    /// Not a value of this setting.
    Setting(InvalidSetting),
}

impl From<InvalidNumber> for MoneyProblem {
    fn from(invalid: InvalidNumber) -> Self {
        Self::Number(invalid.problem)
    }
}

impl MoneyProblem {
    /// The sentence for the person.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let fixed = match self {
            Self::Ledger(refusal) => return refused(refusal, language),
            Self::Number(problem) => return number(*problem, language),
            Self::Setting(problem) => return setting(problem, language),
            Self::Behind => language.pick(
                "The ledger did not answer in time. It may still book this: look at the ledger before you try again.",
                "账本未能及时响应，但仍可能入账：重试前请先查看账本。",
            ),
            Self::OutOfService => language.pick(
                "This account is out of service until its books have been checked. See the page “Books”.",
                "此账户已停用，需先核对账目。请查看“账目”页面。",
            ),
            Self::Reason => language.pick("Say why: it stands in the ledger.", "请填写原因，它会记入账本。"),
            Self::Priority => language.pick(
                "A priority is a whole number from 0 to 1000.",
                "优先级是 0 到 1000 之间的整数。",
            ),
            Self::Date => language.pick(
                "Choose a moment that lies ahead, in UTC, before the last days of the year 9999.",
                "请选择一个将来的时间（UTC），且早于 9999 年的最后几天。",
            ),
            Self::NoEnd => language.pick(
                "Say when it ends, or write “never”: an end that was taken away does not come back.",
                "请填写到期时间，或填写“永不”：取消后无法再设置到期时间。",
            ),
            Self::Days => language.pick("A number of days is from 1 to 36500.", "天数应在 1 到 36500 之间。"),
        };
        fixed.to_owned()
    }
}

impl std::fmt::Display for MoneyProblem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.sentence(Language::En))
    }
}

fn number(problem: NumberProblem, language: Language) -> String {
    match (language, problem) {
        (Language::En, NumberProblem::Shape) => "Write a number like 12 or 0.25, without spaces or commas.".to_owned(),
        (Language::En, NumberProblem::TooFine { allowed }) => {
            format!("No more than {allowed} decimals can be booked.")
        }
        (Language::En, NumberProblem::TooLarge) => format!("No more than {} can be booked.", words(Amount::MAX)),
        (Language::En, NumberProblem::TooSmall) => "The amount must be more than zero.".to_owned(),
        (Language::Zh, NumberProblem::Shape) => "请填写数字，例如 12 或 0.25，不要使用空格或逗号。".to_owned(),
        (Language::Zh, NumberProblem::TooFine { allowed }) => format!("最多 {allowed} 位小数。"),
        (Language::Zh, NumberProblem::TooLarge) => format!("金额不能超过 {}。", words(Amount::MAX)),
        (Language::Zh, NumberProblem::TooSmall) => "金额必须大于零。".to_owned(),
    }
}

fn setting(problem: &InvalidSetting, language: Language) -> String {
    match language {
        Language::En => problem.to_string(),
        Language::Zh => match problem {
            InvalidSetting::Name(_) => "没有这个设置。",
            InvalidSetting::Mode => "模式只能是企业模式或服务商模式。",
            InvalidSetting::Amount => "请填写金额，例如 5 或 0.25，不能小于零。",
            InvalidSetting::Days => "天数应在 1 到 36500 之间。",
            InvalidSetting::Tokens => "令牌数应在 1 到 1000000 之间。",
            InvalidSetting::Registration => "注册方式只能是开放、邀请或关闭。",
            InvalidSetting::Domains => "域名写法如 example.com，以空格分隔，最多 50 个。",
            InvalidSetting::Switch => "本地密码只能是开启或关闭。",
            InvalidSetting::Changed => "在此期间有人更改了此设置。请查看当前值，如仍需要再更改一次。",
        }
        .to_owned(),
    }
}

fn refused(refusal: &Refusal, language: Language) -> String {
    if language == Language::En {
        return match refusal {
            Refusal::Shortage(Shortage { needed, spendable, .. }) => format!(
                "This needs {} credits and {} can be spent.",
                words(*needed),
                words(spendable.or_zero())
            ),
            Refusal::NothingToVoid { held, .. } => format!(
                "All of it may be needed by running calls ({} held) or is owed. Try again when they have ended.",
                words(*held)
            ),
            Refusal::BeyondDebt { debt } => format!(
                "The account owes {}; no more than that can be written off.",
                words(*debt)
            ),
            Refusal::BeyondCorrectable { correctable } => {
                format!("No more than {} of this call can be given back.", words(*correctable))
            }
            Refusal::TooLarge => format!(
                "The amount is too large: no sum of an account may exceed {}.",
                words(Amount::MAX)
            ),
            Refusal::NoLot { .. } => "Nothing is left in this lot.".to_owned(),
            Refusal::OtherUnderName => {
                "This form was sent before and booked with other values; this time nothing was booked. Look at the ledger, then send it again if you want this, too."
                    .to_owned()
            }
            other => other.to_string(),
        };
    }
    match refusal {
        Refusal::Shortage(Shortage { needed, spendable, .. }) => {
            format!(
                "需要 {} 额度，目前可用 {}。",
                words(*needed),
                words(spendable.or_zero())
            )
        }
        Refusal::Limit(over) => match over.retry_after() {
            Some(seconds) => format!("已达到限额，请在 {seconds} 秒后重试。"),
            None => "已达到限额，请联系设置限额的人。".to_owned(),
        },
        Refusal::Blocked => "此账户已被冻结，请联系管理员。".to_owned(),
        Refusal::HoldExists { call } => format!("{call} 已有预占。"),
        Refusal::NoHold { call } => format!("{call} 没有进行中的预占。"),
        Refusal::LotExists { .. } => "这笔额度已经存在。".to_owned(),
        Refusal::NoLot { .. } => "这笔额度已无剩余。".to_owned(),
        Refusal::NothingToVoid { held, .. } => {
            format!(
                "这笔额度可能被进行中的调用使用（预占 {}）或需用于抵扣欠款，请稍后重试。",
                words(*held)
            )
        }
        Refusal::NotDue { .. } => "这笔额度尚未到期。".to_owned(),
        Refusal::Period => "到期时间必须晚于生效时间，且在将来。".to_owned(),
        Refusal::NotLater { .. } => "到期时间只能延后，请选择更晚的时间。".to_owned(),
        Refusal::ZeroAmount => "金额必须大于零。".to_owned(),
        Refusal::BeyondDebt { debt } => format!("欠款为 {}，核销不能超过它。", words(*debt)),
        Refusal::BeyondCorrectable { correctable } => format!("此调用最多还能退回 {}。", words(*correctable)),
        Refusal::WrongParts { .. } => "此调用的结算记录不一致，请核对账目。".to_owned(),
        Refusal::OtherUnderName => {
            "此表单之前已用其他内容提交并入账，本次未入账。请先查看账本，如仍需要，再提交一次。".to_owned()
        }
        Refusal::TooLarge => format!("金额过大：账户的任何合计都不能超过 {}。", words(Amount::MAX)),
        Refusal::Broken(_) => "此账户的账目已损坏，请核对账目。".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::ledger::{Refusal, Shortage};

    use super::MoneyProblem;
    use crate::text::Language::{En, Zh};

    #[test]
    fn refusals_print_money_as_pages_do() {
        let amount = |text: &str| text.parse().unwrap();
        let shortage = Refusal::Shortage(Shortage {
            needed: amount("99999"),
            spendable: "12356.99999836".parse().unwrap(),
            held: amount("0"),
            debt: amount("0"),
            waiting_helps: false,
        });
        let said = |refusal, language| MoneyProblem::Ledger(refusal).sentence(language);
        assert_eq!(
            said(shortage.clone(), En),
            "This needs 99,999.00 credits and 12,356.99999836 can be spent."
        );
        assert_eq!(said(shortage, Zh), "需要 99,999.00 额度，目前可用 12,356.99999836。");
        let debt = amount("1234.5");
        for refusal in [
            Refusal::BeyondDebt { debt },
            Refusal::BeyondCorrectable { correctable: debt },
            Refusal::NothingToVoid {
                lot: domain::id::LotId::from_number(1),
                held: debt,
            },
        ] {
            for language in [En, Zh] {
                let sentence = said(refusal.clone(), language);
                assert!(sentence.contains("1,234.50"), "{sentence}");
            }
        }
        for language in [En, Zh] {
            let sentence = said(Refusal::TooLarge, language);
            assert!(sentence.contains("4,611,686,018.427387904"), "{sentence}");
        }
    }
}
