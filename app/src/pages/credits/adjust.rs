//! `/users/{id}/credits/adjust`: who keeps money adds or takes credit without a kind or an end, or gives up debt.

use domain::{id::UserId, refusal::Thing};
use leptos::prelude::*;

use super::{OnceField, ReasonField, actions::AdjustCredit, admin::crumbs, view::Whose};
use crate::{
    components::{money::words, *},
    context,
    form::{self, path_id},
    text::{Language, use_language},
};

/// The page.
#[component]
pub fn AdjustPage() -> impl IntoView {
    page(async move {
        let (money, viewer) = (context::money()?, context::viewer()?);
        let id = path_id::<UserId>("id", Thing::User)?;
        let gateway = context::gateway()?;
        let user = gateway
            .users()
            .get(&money.reader(), id)
            .await?
            .ok_or(context::missing(Thing::User))?;
        let balance = gateway.credits().balance(&viewer, id).await?;
        let language = use_language();
        let title = language.pick("Adjust credit", "调整额度");
        let spendable = words(balance.spendable.or_zero());
        let mut ways = vec![
            Choice::new("add", language.pick("Add", "增加"))
                .note(language.pick("A new lot that never expires", "新增一笔永不到期的额度")),
            Choice::new("take", language.pick("Take", "扣减")).note(match language {
                Language::En => format!("Up to {spendable}, in the order of use"),
                Language::Zh => format!("最多 {spendable}，按使用顺序扣减"),
            }),
        ];
        if !balance.debt.is_zero() {
            let debt = words(balance.debt);
            ways.push(
                Choice::new("write_off", language.pick("Write off debt", "核销欠款")).note(match language {
                    Language::En => format!("Up to {debt} is owed"),
                    Language::Zh => format!("欠款 {debt}"),
                }),
            );
        }
        Ok(view! {
            <Page title=title place=Place::Users narrow=true>
                <PageHead title=title crumbs=crumbs(&user, true)/>
                <Panel title=user.email.to_string() id="adjust" body=true>
                    <Form action={form::action::<AdjustCredit>()}>
                        <Hidden name="id" value=id.to_string()/>
                        <OnceField/>
                        <ChoiceField name="way" label=language.pick("Which way", "方向") choices=ways value="add"/>
                        <TextField
                            name="amount"
                            label=language.pick("Amount, credits", "金额（额度）")
                            autocomplete="off"
                            short=true
                            placeholder="0.25"
                            hint=language.pick("Without a sign. Up to 9 decimals.", "不带正负号，最多 9 位小数。")
                        />
                        <ReasonField/>
                        <FormFoot submit=language.pick("Adjust credit", "调整额度") cancel=Whose::of(id).path()/>
                    </Form>
                </Panel>
            </Page>
        })
    })
}
