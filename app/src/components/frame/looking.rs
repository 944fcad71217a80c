//! On every page that an admin sees as somebody else sees it: as whom, that nothing can be changed, and the way back.

use leptos::prelude::*;

use crate::{
    components::{button::PostButton, icon::Icon},
    context,
    form::action,
    pages::users::viewing::LeaveView,
    text::{Language, use_language},
};

/// Nothing on other pages.
#[component]
pub fn LookingBanner() -> impl IntoView {
    let looking = context::visitor().ok()?.looking?;
    let language = use_language();
    let email = looking.as_whom.email.to_string();
    let role = language.role(looking.as_whom.role).to_lowercase();
    let sentence = match language {
        Language::En => {
            view! { "You see the console as "<strong>{email}</strong>{format!(" ({role}). Nothing can be changed.")} }
                .into_any()
        }
        Language::Zh => {
            view! { "你正在以 "<strong>{email}</strong>{format!("（{role}）的身份查看控制台，不能做任何更改。")} }
                .into_any()
        }
    };
    Some(view! {
        <div class="banner banner-warn" role="status">
            <Icon name="users" />
            <p class="break">{sentence}</p>
            <PostButton action={action::<LeaveView>()} class="btn-s" icon="x">{language.pick("Leave this view", "退出该视图")}</PostButton>
        </div>
    })
}
