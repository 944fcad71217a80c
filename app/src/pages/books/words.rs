//! The chart of accounts for people.

use domain::ledger::LedgerAccount;

use crate::text::Language;

/// An account of the chart: its name, and what stands there.
pub const fn account(account: LedgerAccount, language: Language) -> (&'static str, &'static str) {
    let (english, chinese) = match account {
        LedgerAccount::Credit => (
            ("Credit of accounts", "what we owe in service"),
            ("用户额度", "我们应提供的服务"),
        ),
        LedgerAccount::Receivable => (("Receivable", "what accounts owe us"), ("应收款", "用户欠款")),
        LedgerAccount::PromoExpense => (
            ("Gifts", "promotions, starter credit, grants"),
            ("赠送支出", "推广、新用户额度和授予"),
        ),
        LedgerAccount::ManualPayment => (
            ("Payments by hand", "money that admins say was paid"),
            ("手工收款", "管理员登记的付款"),
        ),
        LedgerAccount::Adjustment => (("Adjustments", "by hand, either way"), ("调整", "手工增减")),
        LedgerAccount::RevenueUsage => (
            ("Revenue of calls", "charges, paid or lost"),
            ("调用收入", "已付或损失的费用"),
        ),
        LedgerAccount::RevenueInternal => (
            ("Internal revenue", "charges in enterprise mode"),
            ("内部收入", "企业模式下的费用"),
        ),
        LedgerAccount::CostAllocation => (("Allocated cost", "its other side"), ("分摊成本", "内部收入的对应科目")),
        LedgerAccount::Breakage => (
            ("Breakage", "paid credit that expired"),
            ("过期收入", "已过期的付费额度"),
        ),
        LedgerAccount::BadDebt => (("Bad debt", "debt that was given up"), ("坏账", "已核销的欠款")),
        LedgerAccount::UsageLoss => (
            ("Loss on calls", "charges beyond hold and credit"),
            ("调用损失", "超出预占和额度的费用"),
        ),
        LedgerAccount::DisputeLoss => (
            ("Loss on disputes", "debt of lost disputes"),
            ("争议损失", "败诉争议的欠款"),
        ),
    };
    match language {
        Language::En => english,
        Language::Zh => chinese,
    }
}
