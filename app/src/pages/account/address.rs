//! One's address of mail: whether it is proved, and changing it, which a link in the new mailbox completes.

use domain::{mail::MailLanguage, name::Email, refusal::Refusal};
use leptos::prelude::*;

use crate::{
    components::{Form, Panel, PostButton, Status, SubmitButton, TextField, Tone},
    context,
    error::AppError,
    form::{self, AtField as _, Back, Done, Refused},
    text::{Language, use_language},
};

const PAGE: &str = "/account";

/// Has a link sent to the present address.
#[server]
pub async fn verify_address() -> Result<(), AppError> {
    form::submit(Back::to(PAGE), async {
        let email = context::viewer()?.email;
        ask(&email, "").await?;
        Ok(on_its_way(&email))
    })
    .await
}

/// Has a link sent to another address, which becomes one's own when it is used.
#[server]
pub async fn change_address(
    /// The other address.
    #[server(default)]
    email: String,
    /// The present password, where there is one.
    #[server(default)]
    current: String,
) -> Result<(), AppError> {
    form::submit(Back::to(PAGE).keeping("email", &email), async {
        let email = form::parse::<Email>("email", &email)?;
        match ask(&email, &current).await {
            Err(AppError::Refused(Refusal::WrongCredentials)) => {
                return Err(Refused::saying("current", AppError::WrongPassword));
            }
            Err(error @ AppError::Refused(Refusal::TryLater { .. })) => return Err(error).at("current"),
            asked => asked.at("email")?,
        }
        Ok(on_its_way(&email))
    })
    .await
}

async fn ask(email: &Email, password: &str) -> Result<(), AppError> {
    let (viewer, visitor, address) = (context::viewer()?, context::visitor()?, context::address()?);
    let language = MailLanguage::of_tag(visitor.language.tag());
    let gateway = context::gateway()?;
    Ok(gateway
        .door()
        .ask_confirm(&viewer, address.origin(), email, password, language)
        .await?)
}

fn on_its_way(email: &Email) -> Done {
    Done::to(PAGE).saying(match use_language() {
        Language::En => format!("A mail to {email} is on its way. Open its link to confirm that the address is yours."),
        Language::Zh => format!("确认邮件正在发往 {email}。请打开其中的链接，确认地址属于你。"),
    })
}

/// Only where mail is set up.
#[component]
pub(super) fn AddressPanel(email: String, verified: bool, has_password: bool) -> impl IntoView {
    let language = use_language();
    let state = if verified {
        view! { <Status tone=Tone::Good text=language.pick("Verified", "已验证") /> }
    } else {
        view! { <Status tone=Tone::Warning text=language.pick("Not verified", "未验证") /> }
    };
    view! {
        <Panel title=language.pick("E-mail", "邮箱") id="address" body=true>
            <div class="stack">
                <div class="row between">
                    <span class="row"><span class="break">{email}</span>{state}</span>
                    {(!verified).then(|| view! {
                        <PostButton action={form::action::<VerifyAddress>()}>{language.pick("Send a mail to verify it", "发送验证邮件")}</PostButton>
                    })}
                </div>
                <Form action={form::action::<ChangeAddress>()} class="form form-tight measure">
                    <TextField
                        name="email"
                        kind="email"
                        label=language.pick("Another address", "更换邮箱")
                        autocomplete="email"
                        max_length=254_u32
                        hint=language.pick("A link goes there; until it is used, nothing changes.", "我们会向新地址发送链接；在使用链接之前不会有任何变化。")
                    />
                    {has_password.then(|| view! {
                        <TextField name="current" kind="password" label=language.pick("Your password", "你的密码") autocomplete="current-password" max_length=200_u32 />
                    })}
                    <div class="form-foot"><SubmitButton>{language.pick("Change address", "更换邮箱")}</SubmitButton></div>
                </Form>
            </div>
        </Panel>
    }
}
