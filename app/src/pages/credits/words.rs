//! Kinds of lots and of lines of the ledger, and who stands behind them, for people.

use domain::{
    access::Actor,
    ledger::{CommandKind, LotKind},
};

use crate::text::Language;

/// Where the credit of a lot comes from.
pub const fn lot_kind(kind: LotKind, language: Language) -> &'static str {
    match kind {
        LotKind::Promo => language.pick("promotion", "赠送"),
        LotKind::Starter => language.pick("starter", "新用户"),
        LotKind::Admin => language.pick("granted", "授予"),
        LotKind::Correction => language.pick("correction", "更正"),
        LotKind::Paid => language.pick("paid", "付费"),
    }
}

/// What a line of the ledger is.
pub const fn kind(kind: CommandKind, language: Language) -> &'static str {
    match kind {
        CommandKind::Grant => language.pick("Granted", "授予"),
        CommandKind::Hold | CommandKind::Extend => language.pick("Held", "预占"),
        CommandKind::Settle => language.pick("Call", "调用"),
        CommandKind::Release => language.pick("Call, not charged", "调用，未收费"),
        CommandKind::Late => language.pick("Call, charged late", "调用，延后收费"),
        CommandKind::Allocate => language.pick("Call, allocated", "调用，内部分摊"),
        CommandKind::Expire => language.pick("Expired", "到期"),
        CommandKind::Void => language.pick("Voided", "作废"),
        CommandKind::ExtendLot => language.pick("Prolonged", "延期"),
        CommandKind::Adjust => language.pick("Adjusted", "调整"),
        CommandKind::Correct => language.pick("Given back", "退回"),
        CommandKind::Block => language.pick("Blocked", "冻结"),
        CommandKind::Unblock => language.pick("Unblocked", "解冻"),
        CommandKind::WriteOff => language.pick("Written off", "核销"),
        CommandKind::Debit => language.pick("Payment taken back", "付款被撤回"),
    }
}

/// Who did it. Members need not know which admin it was, nor that there is a command line.
pub fn actor(actor: &Actor, mine: bool, language: Language) -> String {
    match actor {
        Actor::User { .. } if mine => language.pick("an admin", "管理员").to_owned(),
        Actor::User { email, .. } => email.to_string(),
        Actor::CommandLine if mine => language.pick("an operator", "运维人员").to_owned(),
        Actor::CommandLine => language.pick("command line", "命令行").to_owned(),
        Actor::System => language.pick("the hub", "系统").to_owned(),
    }
}
