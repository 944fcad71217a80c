//! `/users/{id}/credits/lots/{lot}`: one lot of somebody; who keeps money prolongs it or takes it back.

use domain::{
    access::Capability,
    credit::LotView,
    id::{LotId, UserId},
    refusal::Thing,
};
use leptos::prelude::*;

use super::{
    OnceField, ReasonField,
    actions::{ExtendLot, VoidLot},
    admin::crumbs,
    words,
};
use crate::{
    components::{money::MoneyText, *},
    context,
    form::{self, path_id},
    text::{Language, use_language},
};

/// The page.
#[component]
pub fn LotPage() -> impl IntoView {
    page(async move {
        let (reader, viewer) = (context::money_reader()?, context::viewer()?);
        let id = path_id::<UserId>("id", Thing::User)?;
        let lot = path_id::<LotId>("lot", Thing::Lot)?;
        let gateway = context::gateway()?;
        let user = gateway
            .users()
            .get(&reader, id)
            .await?
            .ok_or(context::missing(Thing::User))?;
        let lots = gateway.credits().lots(&viewer, id).await?;
        let found = lots.into_iter().find(|view| view.lot.id == lot);
        let view = found.ok_or(context::missing(Thing::Lot))?;
        let language = use_language();
        let title = match &view.origin {
            Some(origin) => origin.reason.clone(),
            None => lot.to_string(),
        };
        let badge = view! { <Badge text=words::lot_kind(view.lot.kind, language)/> };
        let open = !view.lot.remaining.is_zero() && context::may(Capability::KeepMoney);
        let forms = open.then(|| {
            view! {
                <Prolong user=id lot=view.clone()/>
                <TakeBack user=id lot=lot/>
            }
        });
        Ok(view! {
            <Page title=title.clone() place=Place::Users narrow=true>
                <PageHead title=title crumbs=crumbs(&user, true) beside=badge.into_any()/>
                <Panel title=language.pick("Lot", "额度") id="lot" body=true><Facts of=facts(&view, id)/></Panel>
                {forms}
            </Page>
        })
    })
}

fn facts(view: &LotView, user: UserId) -> Vec<(String, AnyView)> {
    let language = use_language();
    let lot = &view.lot;
    let end = match lot.expires_at {
        Some(end) => view! { <Time at=end/> }.into_any(),
        None => language.pick("never", "永不").into_any(),
    };
    let mut facts = vec![
        fact(
            language.pick("Left / total", "剩余 / 总额"),
            view! { <MoneyText of=lot.remaining strong=true/>" / "<MoneyText of=lot.amount/> },
        ),
        fact(
            language.pick("Where it went", "去向"),
            match super::lots::went(view, language) {
                Some(went) => went.into_any(),
                None => language.pick("nothing was used yet", "尚未使用").into_any(),
            },
        ),
        fact(language.pick("Begins", "生效"), view! { <Time at=lot.effective_at/> }),
        fact(language.pick("Expires", "到期"), end),
        fact(language.pick("Priority", "优先级"), lot.priority.to_string()),
    ];
    if let Some(origin) = &view.origin {
        let by = words::actor(&origin.actor, false, language);
        let href = super::entry_link(user, false, origin.seq);
        facts.push(fact(
            language.pick("Made by", "创建者"),
            view! { {by}", "<a class="link" href=href>{language.pick("see it in the ledger", "在账本中查看")}</a> },
        ));
    }
    facts.push(fact(
        language.pick("Id", "标识"),
        view! { <span class="mono break">{lot.id.to_string()}</span> },
    ));
    facts
}

#[component]
fn Prolong(user: UserId, lot: LotView) -> impl IntoView {
    let language = use_language();
    let lot = lot.lot;
    let Some(end) = lot.expires_at else {
        return ().into_any();
    };
    let hint = match language {
        Language::En => format!(
            "Later than {}: days from now, a moment in UTC, or the word “never”. An end can only be put off.",
            time::moment(end, language)
        ),
        Language::Zh => format!(
            "须晚于 {}：从现在起的天数、UTC 时间，或“永不”。到期时间只能推后。",
            time::moment(end, language)
        ),
    };
    view! {
        <Panel title=language.pick("Prolong", "延期") id="prolong" body=true>
            <Form action={form::action::<ExtendLot>()} class="form form-tight">
                <Hidden name="id" value=user.to_string()/>
                <Hidden name="lot" value=lot.id.to_string()/>
                <OnceField/>
                <TextField
                    name="expires"
                    label=language.pick("New end", "新的到期时间")
                    short=true
                    autocomplete="off"
                    hint=hint
                />
                <ReasonField/>
                <div class="form-foot"><SubmitButton class="">{language.pick("Prolong lot", "延期额度")}</SubmitButton></div>
            </Form>
        </Panel>
    }
    .into_any()
}

#[component]
fn TakeBack(user: UserId, lot: LotId) -> impl IntoView {
    let language = use_language();
    view! {
        <Panel title=language.pick("Void", "作废") id="void" danger=true body=true>
            <Form action={form::action::<VoidLot>()} class="form form-tight">
                <Hidden name="id" value=user.to_string()/>
                <Hidden name="lot" value=lot.to_string()/>
                <OnceField/>
                <p class="measure">
                    {language.pick(
                        "Takes back what is left, except for what running calls may need. It cannot be undone; grant anew instead.",
                        "收回剩余额度，进行中的调用可能用到的部分除外。此操作无法撤销，但可以重新授予。",
                    )}
                </p>
                <ReasonField/>
                <div class="form-foot"><SubmitButton class="btn-danger">{language.pick("Void lot", "作废额度")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}
