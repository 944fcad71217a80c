//! What a page shows instead of itself: not signed in, not allowed, not there, failed.

use domain::refusal::Refusal;
use http::StatusCode;
use leptos::prelude::*;

use super::{Page, Place};
use crate::{
    components::{
        button::LinkButton,
        code::CopyLine,
        gate::GatePage,
        state::{State, StateKind},
    },
    context,
    error::AppError,
    form,
    text::use_language,
};

/// The page for an error, with its status. Whoever is not signed in is led to the sign-in page and back.
pub fn failure(error: &AppError) -> impl IntoView + use<> {
    let refusal = error.refusal();
    let visitor = context::visitor().ok();
    let signed_in = visitor.as_ref().is_some_and(|visitor| visitor.viewer.is_some());
    if refusal == Refusal::NotSignedIn
        || !signed_in && matches!(refusal, Refusal::NotAllowed | Refusal::NotFound { .. })
    {
        let here = visitor.map(|visitor| visitor.path).unwrap_or_default();
        context::redirect(&match here.as_str() {
            "" | "/" => "/sign-in".to_owned(),
            path => format!("/sign-in?next={}", form::encode(path)),
        });
        return ().into_any();
    }
    context::set_status(status(error));
    let title = title(&refusal).to_owned();
    let error = error.clone();
    if signed_in {
        view! { <Page title=title place=Place::Nowhere><Explanation error=error /></Page> }.into_any()
    } else {
        view! { <GatePage title=title wide=true><Explanation error=error /></GatePage> }.into_any()
    }
}

fn status(error: &AppError) -> StatusCode {
    if let AppError::Undelivered(delivery) = error {
        return StatusCode::from_u16(delivery.status()).unwrap_or(StatusCode::BAD_REQUEST);
    }
    match error.refusal() {
        Refusal::NotAllowed | Refusal::OwnersOnly => StatusCode::FORBIDDEN,
        Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
        Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn title(refusal: &Refusal) -> &'static str {
    let language = use_language();
    match refusal {
        Refusal::NotAllowed => language.pick("Your role does not show this", "你的角色无权查看"),
        Refusal::NotFound { .. } => language.pick("There is nothing here", "这里什么也没有"),
        Refusal::Internal => language.pick("The hub could not make this page", "Hub 无法生成此页面"),
        _ => language.pick("This did not work", "操作未成功"),
    }
}

#[component]
fn Explanation(error: AppError) -> impl IntoView {
    let language = use_language();
    let refusal = error.refusal();
    let internal = refusal == Refusal::Internal;
    let kind = match refusal {
        Refusal::NotAllowed => StateKind::Forbidden,
        Refusal::NotFound { .. } => StateKind::NoMatch,
        _ => StateKind::Failed,
    };
    let text = match (&refusal, internal) {
        (_, true) => language
            .pick(
                "This is our fault, not yours. Calls through the gateway go on; only this page could not be made.",
                "这是我们的问题，与你无关。经过网关的调用不受影响，只是这个页面没能生成。",
            )
            .to_owned(),
        _ => error.sentence(language),
    };
    let (request, here) = context::visitor()
        .map(|visitor| (visitor.request_id, visitor.path))
        .unwrap_or_default();
    view! {
        <State kind=kind level=1 code=status(&error).as_str().to_owned() title=title(&refusal) text=text>
            {internal.then(|| view! { <LinkButton href=here class="btn-primary" icon="rotate">{language.pick("Try again", "重试")}</LinkButton> })}
            <LinkButton href="/" icon="overview">{language.pick("Overview", "概览")}</LinkButton>
        </State>
        <p class="state-id"><CopyLine text=request label=language.pick("Request id, for your admin", "请求编号，供管理员查询") /></p>
    }
}
