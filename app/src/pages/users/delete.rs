//! `/users/:id/delete`: what is lost and what stays, before somebody is deleted; their address is typed.

use domain::{id::UserId, refusal::Thing};
use leptos::prelude::*;

use super::{
    actions::{DeleteUser, page_of},
    panels::may_change,
};
use crate::{
    components::{DeletePage, Place, page},
    context,
    form::{self, path_id},
    text::{Language, use_language},
};

/// Deletes somebody, when their address is typed.
#[component]
pub fn DeleteUserPage() -> impl IntoView {
    page(async move {
        let admin = context::admin()?;
        let id = path_id::<UserId>("id", Thing::User)?;
        let gateway = context::gateway()?;
        let user = gateway
            .users()
            .get(&admin.money_reader(), id)
            .await?
            .filter(|user| user.deleted_at.is_none())
            .ok_or(context::missing(Thing::User))?;
        if !may_change(&context::viewer()?, &user) {
            admin.owner()?;
        }
        let working = gateway.keys().of_person(&admin.reader(), id).unrevoked().await?;
        let language = use_language();
        let email = user.email.to_string();
        let consequences = match language {
            Language::En => vec![
                "They are signed out everywhere and cannot sign in again.".to_owned(),
                format!("Their keys ({working}) are revoked; the next request with one is refused."),
                "Their address is free: somebody else may be added with it.".to_owned(),
                "Their calls, their credit and their ledger stay, under their id.".to_owned(),
                "Suspending them instead can be undone.".to_owned(),
            ],
            Language::Zh => vec![
                "该用户的所有会话会立即退出，并且无法再次登录。".to_owned(),
                format!("其 {working} 个密钥会被吊销，下一次请求即被拒绝。"),
                "其邮箱可供其他人使用。".to_owned(),
                "其调用记录、额度和账本会以其标识保留。".to_owned(),
                "也可以改为停用，停用可以撤销。".to_owned(),
            ],
        };
        Ok(view! {
            <DeletePage
                place=Place::Users
                list=("/users", language.pick("Users", "用户"))
                title=email.clone()
                page=page_of(id)
                action={form::action::<DeleteUser>()}
                id=id.to_string()
                name=email
                consequences=consequences
                submit=language.pick("Delete user", "删除用户")
            />
        })
    })
}
