//! Somebody's newest calls, for their page. All of them are in the list of calls.

use domain::{
    access::Viewer,
    call::{Call, CallFilter},
    id::UserId,
    page::{Cursor, PageSize},
    time::Timestamp,
};
use gateway::Gateway;
use leptos::prelude::*;

use super::rows;
use crate::{components::*, error::AppError, form::Query, text::use_language};

/// Rows that are shown.
const ROWS: usize = 5;

/// The newest calls of somebody, for whoever may see everybody's.
pub async fn read(gateway: &Gateway, viewer: &Viewer, user: UserId) -> Result<Vec<Call>, AppError> {
    let filter = CallFilter {
        user: Some(user),
        ..CallFilter::default()
    };
    let size = PageSize::nearest(0);
    let mut calls = gateway.calls().page(viewer, &filter, Cursor::Newest, size).await?.rows;
    calls.truncate(ROWS);
    Ok(calls)
}

/// The panel. Each call opens beside the list of all of theirs.
pub fn panel(calls: &[Call], user: UserId, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let theirs = Query::of([("range", "all".to_owned()), ("user", user.to_string())]);
    let content = if calls.is_empty() {
        view! {
            <Nothing
                title=language.pick("No calls", "没有调用")
                text=language.pick("Each call with one of their keys stands here.", "使用其密钥的每次调用都会显示在这里。")
            />
        }
        .into_any()
    } else {
        rows::table(calls, &theirs, None, false, now).into_any()
    };
    let all = rows::with_open(&theirs, None);
    let link = view! {
        <LinkButton href=all class="btn-quiet btn-s">{language.pick("All their calls", "全部调用")}<Icon name="right"/></LinkButton>
    };
    view! { <Panel title=language.pick("Calls", "调用") note=language.pick("the newest", "最新") id="calls" actions=link.into_any()>{content}</Panel> }
}
