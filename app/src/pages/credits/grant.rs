//! `/users/{id}/credits/grant`: who keeps money gives credit.

use domain::{id::UserId, ledger::LotKind, refusal::Thing};
use leptos::prelude::*;

use super::{OnceField, ReasonField, actions::GrantCredit, admin::crumbs, view::Whose};
use crate::{
    components::*,
    context,
    form::{self, path_id},
    text::{Language, use_language},
};

/// Kinds that an admin may choose.
pub const KINDS: [LotKind; 4] = [LotKind::Admin, LotKind::Promo, LotKind::Paid, LotKind::Correction];

/// The page.
#[component]
pub fn GrantPage() -> impl IntoView {
    page(async move {
        let money = context::money()?;
        let id = path_id::<UserId>("id", Thing::User)?;
        let user = context::gateway()?
            .users()
            .get(&money.reader(), id)
            .await?
            .ok_or(context::missing(Thing::User))?;
        let language = use_language();
        let title = language.pick("Grant credit", "授予额度");
        let back = Whose::of(id).path();
        let priority = match language {
            Language::En => {
                "Lots with a lower number are used first. Empty: by its kind (promotion 20, correction 30, granted 40, paid 50)."
            }
            Language::Zh => "数字小的先使用。留空则按类型（赠送 20、更正 30、授予 40、付费 50）。",
        };
        Ok(view! {
            <Page title=title place=Place::Users narrow=true>
                <PageHead title=title crumbs=crumbs(&user, true)/>
                <Panel title=user.email.to_string() id="grant" body=true>
                    <Form action={form::action::<GrantCredit>()}>
                        <Hidden name="id" value=id.to_string()/>
                        <OnceField/>
                        <TextField
                            name="amount"
                            label=language.pick("Amount, credits", "金额（额度）")
                            autocomplete="off"
                            short=true
                            focus=true
                            placeholder="25.00"
                            hint=language.pick("1 credit is 1 USD. Up to 9 decimals.", "1 额度等于 1 美元，最多 9 位小数。")
                        />
                        <ChoiceField name="kind" label=language.pick("Kind", "类型") choices=kinds(language) value=LotKind::Admin.as_str()/>
                        <TextField
                            name="expires"
                            label=language.pick("Expires", "到期")
                            optional=true
                            autocomplete="off"
                            short=true
                            placeholder="90"
                            hint=language.pick(
                                "Days from now, or a moment in UTC such as 2027-01-31T00:00. Empty: never.",
                                "从现在起的天数，或 UTC 时间，例如 2027-01-31T00:00。留空表示永不到期。",
                            )
                        />
                        <TextField
                            name="priority"
                            label=language.pick("Priority", "优先级")
                            optional=true
                            autocomplete="off"
                            short=true
                            hint=priority
                        />
                        <ReasonField/>
                        <FormFoot submit=language.pick("Grant credit", "授予额度") cancel=back/>
                    </Form>
                </Panel>
            </Page>
        })
    })
}

fn kinds(language: Language) -> Vec<Choice> {
    KINDS
        .into_iter()
        .map(|kind| {
            let (title, note) = match kind {
                LotKind::Promo => (
                    language.pick("Promotion", "赠送"),
                    language.pick("A gift; counts as marketing", "赠品，计入推广费用"),
                ),
                LotKind::Paid => (
                    language.pick("Paid", "付费"),
                    language.pick("Money came in some other way", "已通过其他方式收款"),
                ),
                LotKind::Correction => (
                    language.pick("Correction", "更正"),
                    language.pick("Makes up for a mistake", "弥补差错"),
                ),
                LotKind::Admin | LotKind::Starter => (
                    language.pick("Granted", "授予"),
                    language.pick("Given by the operator", "由运营方发放"),
                ),
            };
            Choice::new(kind.as_str(), title).note(note)
        })
        .collect()
}
