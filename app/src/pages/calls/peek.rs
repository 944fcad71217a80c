//! A call beside the list. Its neighbours in the list are a link away, and so is the page of its own.

use domain::call::{Call, CallDetail, Endpoint};
use leptos::prelude::*;

use super::{
    charge::{self, Bill},
    parts,
    rows::with_open,
};
use crate::{components::*, form, form::Query, islands::copy::CopyButton, text::use_language};

/// The panel. `rows` are what the list shows.
pub fn peek(detail: Option<CallDetail>, bill: Option<&Bill>, rows: &[Call], query: &Query) -> AnyView {
    let language = use_language();
    let close = with_open(query, None);
    let Some(detail) = detail else {
        let title = language.pick("No such call", "没有这个调用");
        return view! {
            <aside class="peek" aria-labelledby="peek-title">
                <header class="peek-head"><h2 id="peek-title">{title}</h2><IconLink href=close icon="x" label=language.pick("Close", "关闭")/></header>
                <div class="peek-body" tabindex="0" role="region" aria-label=title>
                    <State
                        kind=StateKind::NoMatch
                        level=3
                        small=true
                        title=title
                        text=language.pick("It may not be yours, or the address is cut off.", "它可能不属于你，或者地址不完整。")
                    />
                </div>
            </aside>
        }
        .into_any();
    };
    let id = detail.call.id;
    let place = rows.iter().position(|row| row.id == id);
    let neighbour = |row: Option<&Call>| row.map(|row| with_open(query, Some(row.id)));
    let newer = neighbour(
        place
            .and_then(|place| place.checked_sub(1))
            .and_then(|place| rows.get(place)),
    );
    let older = neighbour(place.and_then(|place| rows.get(place + 1)));
    view! {
        <aside class="peek" aria-labelledby="peek-title">
            <header class="peek-head">
                <h2 id="peek-title" class="mono">{id.to_string()}</h2>
                <CopyButton
                    text=id.to_string()
                    class="btn btn-icon btn-quiet btn-s"
                    label=language.pick("Copy id", "复制编号")
                    language=language
                />
                <IconLink href=format!("/calls/{id}") icon="external" label=language.pick("Open as a page", "在单独页面打开")/>
                {newer.map(|href| view! { <IconLink href=href icon="up" label=language.pick("Newer call", "较新的调用")/> })}
                {older.map(|href| view! { <IconLink href=href icon="down" label=language.pick("Older call", "较早的调用")/> })}
                <IconLink href=close icon="x" label=language.pick("Close", "关闭")/>
            </header>
            <div class="peek-body" tabindex="0" role="region" aria-label=language.pick("Details of the call", "调用详情")>
                {parts::summary(&detail, bill.and_then(|bill| bill.remedy.clone()))}
                {parts::times(&detail)}
                {bill.map(charge::part)}
                {parts::consumption(&detail)}
                {(detail.attempts.len() > 1).then(|| parts::attempts(&detail))}
            </div>
            <footer class="peek-foot">
                <LinkButton href=format!("/calls/{id}")>{language.pick("All details", "全部详情")}</LinkButton>
                {in_playground(&detail.call)}
            </footer>
        </aside>
    }
    .into_any()
}

/// The way to try the same model, for what the playground can ask.
pub fn in_playground(call: &Call) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let model = call.model_served.as_ref().filter(|_| call.endpoint == Endpoint::Chat)?;
    let href = format!("/playground?model={}", form::encode(model));
    Some(view! { <LinkButton href=href icon="play-chat">{language.pick("Try the model", "试用此模型")}</LinkButton> })
}
