//! A call as a page of its own, with everything that is known of it.

use domain::{id::CallId, refusal::Thing};
use leptos::prelude::*;

use super::{
    attempts,
    charge::{self, Bill},
    parts,
    peek::in_playground,
};
use crate::{components::*, context, form, text::use_language};

/// `/calls/{id}`.
#[component]
pub fn CallPage() -> impl IntoView {
    page(async move {
        let (viewer, language) = (context::viewer()?, use_language());
        let id: CallId = form::path_id("id", Thing::Call)?;
        let detail = context::gateway()?
            .calls()
            .detail(&viewer, id)
            .await?
            .ok_or(context::missing(Thing::Call))?;
        let bill = Bill::read(&viewer, &detail).await?;
        let title = language.pick("Call", "调用");
        let note = language.pick(
            "The id is also the x-request-id of the answer.",
            "编号也是回答的 x-request-id。",
        );
        let crumbs = vec![("/calls".to_owned(), language.pick("Calls", "调用").to_owned())];
        let actions = view! {
            {in_playground(&detail.call)}
            <LinkButton href=format!("/calls/{id}") icon="rotate">{language.pick("Refresh", "刷新")}</LinkButton>
        };
        Ok(view! {
            <Page title=format!("{title} {id}") place=Place::Calls>
                <PageHead title=title crumbs=crumbs sub=note beside=view! { <CopyLine text=id.to_string()/> }.into_any() actions=actions.into_any()/>
                <div class="cols cols-main">
                    <div class="stack">
                        <section class="panel" aria-labelledby="summary-title">
                            <h2 class="visually-hidden" id="summary-title">{language.pick("Summary", "概要")}</h2>
                            {parts::summary(&detail, bill.remedy.clone())}
                            {parts::times(&detail)}
                        </section>
                        <section class="panel" aria-labelledby="attempts-title">
                            <header class="panel-head"><h2 id="attempts-title">{language.pick("Attempts", "尝试")}</h2></header>
                            {attempts::table(&detail)}
                        </section>
                    </div>
                    <div class="stack">
                        <section class="panel" aria-labelledby="usage-title">
                            <h2 class="visually-hidden" id="usage-title">{language.pick("Consumption", "消耗")}</h2>
                            {charge::part(&bill)}
                            {parts::consumption(&detail)}
                        </section>
                        {charge::give_back(&bill)}
                    </div>
                </div>
            </Page>
        })
    })
}
