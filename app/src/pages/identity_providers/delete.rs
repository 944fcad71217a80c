//! `/identity-providers/:slug/delete`: what will happen, and its name to type.

use leptos::prelude::*;

use super::{LIST, actions::DeleteIdentityProvider, edit::of_path, page_of};
use crate::{
    components::{DeletePage, Place, page},
    context,
    error::AppError,
    form,
    text::{Language, use_language},
};

/// Deletes an identity provider, when its name is typed.
#[component]
pub fn DeleteIdentityProviderPage() -> impl IntoView {
    page(async move {
        context::admin()?;
        let provider = of_path().await?;
        let language = use_language();
        let (slug, title) = (provider.draft.slug.to_string(), provider.draft.title.to_string());
        let people = provider.people;
        let consequences = match language {
            Language::En => vec![
                format!("{people} people are linked to its issuer; who has no other way can no longer sign in."),
                "Its client secret is destroyed and cannot be read back.".to_owned(),
                "Accounts, links and calls stay: with the same issuer added again, people sign in as before."
                    .to_owned(),
                "Disabling it instead can be undone.".to_owned(),
            ],
            Language::Zh => vec![
                format!("已有 {people} 人关联到它的签发者；没有其他登录方式的人将无法登录。"),
                "其客户端密钥将被销毁，无法恢复。".to_owned(),
                "账号、关联和调用记录均会保留：重新添加同一签发者后，可照常登录。".to_owned(),
                "也可以改为停用，停用可以撤销。".to_owned(),
            ],
        };
        Ok::<_, AppError>(view! {
            <DeletePage
                place=Place::IdentityProviders
                list=(LIST, language.pick("Sign-in", "登录方式"))
                title=title
                page=page_of(&slug)
                action={form::action::<DeleteIdentityProvider>()}
                id=slug.clone()
                name=slug.clone()
                consequences=consequences
                submit=language.pick("Delete provider", "删除提供方")
            />
        })
    })
}
