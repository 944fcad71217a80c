//! Fields that every form about money has: why, and a name of its own, so that a form that is sent twice is booked once.

use domain::ledger::Refusal;
use leptos::prelude::*;

use crate::{
    components::{Hidden, TextField},
    context,
    error::{AppError, MoneyProblem},
    form::{AtField as _, FormScope, Refused},
    text::use_language,
};

/// The form's own name. After a refusal it stays the same: should the first try have been booked after all, the second one
/// is not booked again. But a name that something else was booked under is of no use any more.
#[component]
pub fn OnceField() -> impl IntoView {
    let fresh = || context::gateway().map(|gateway| gateway.credits().new_form());
    let scope = FormScope::current();
    let used = AppError::Money(MoneyProblem::Ledger(Refusal::OtherUnderName));
    let name = scope.typed("once").filter(|_| scope.refusal() != Some(&used));
    let name = name.or_else(|| fresh().ok()).unwrap_or_default();
    view! { <Hidden name="once" value=name/> }
}

/// Why.
#[component]
pub fn ReasonField(
    /// What to know before typing.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let usual = language.pick(
        "Stands in the ledger and in the list of changes. The user can read it.",
        "会记入账本和审计列表，用户可以看到。",
    );
    view! {
        <TextField
            name="reason"
            label=language.pick("Reason", "原因")
            autocomplete="off"
            max_length=200_u32
            hint=hint.unwrap_or_else(|| usual.to_owned())
        />
    }
}

/// Reads it.
pub fn reason(typed: &str) -> Result<String, Refused> {
    domain::reason::read(typed).ok_or(MoneyProblem::Reason).at("reason")
}
