//! The page behind the link that proves an address. It asks for a press of its button: some mailboxes open every link that
//! comes in, and a link that was opened must not be used up.

use leptos::prelude::*;

use super::behind::{Another, behind, token, with_token};
use crate::{
    components::{Form, Hidden, SubmitButton, page},
    context,
    error::AppError,
    form::{self, Back, Done},
    text::{Language, use_language},
};

/// The address is theirs.
#[server]
pub async fn confirm_address(
    /// Out of the link.
    #[server(default)]
    token: String,
) -> Result<(), AppError> {
    form::submit(Back::to(with_token("/confirm", &token)), async {
        let (gateway, visitor, address) = (context::gateway()?, context::visitor()?, context::address()?);
        let proved = gateway.door().confirm(address.origin(), &token).await?;
        let email = &proved.email;
        let words = match (visitor.language, proved.instead_of.is_some()) {
            (Language::En, false) => format!("{email} is verified."),
            (Language::En, true) => format!("{email} is your address from now on. You sign in with it."),
            (Language::Zh, false) => format!("{email} 已验证。"),
            (Language::Zh, true) => format!("今后你的邮箱是 {email}，请用它登录。"),
        };
        // Whoever is signed in goes on from there to where they were.
        let next = if visitor.viewer.is_some() {
            "/account"
        } else {
            "/sign-in"
        };
        Ok(Done::to(next).saying(words))
    })
    .await
}

/// `/confirm?token=…`.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    page(async move {
        let (language, token) = (use_language(), token());
        let looked = context::gateway()?.door().check_confirm(&token).await;
        let another = Another {
            text: language.pick(
                "A link that proves an address works once and for 24 hours. Ask for another one on your account page.",
                "确认地址的链接只能使用一次，24 小时内有效。请在账号页面重新申请。",
            ),
            href: "/account",
            word: language.pick("To my account", "前往账号"),
        };
        behind(
            looked,
            language.pick("Confirm your address", "确认邮箱地址"),
            another,
            |email| {
                let form = view! {
                    <Form action={form::action::<ConfirmAddress>()} class="form form-tight">
                        <Hidden name="token" value=token />
                        <SubmitButton class="btn-primary btn-wide">{language.pick("This address is mine", "这个地址是我的")}</SubmitButton>
                    </Form>
                };
                (email, form)
            },
        )
    })
}
