//! What owners, and admins where it is a test, do about mail. Thin doors to `gateway::Mail`.

use domain::{
    id::MailId,
    mail::{MailLanguage, MailRefusal, TypedMail},
    name::Email,
    refusal::Thing,
};
use gateway::SecretText;
use leptos::prelude::*;

use super::PAGE;
use crate::{
    components::Tone,
    context::{address, admin, gateway, missing, owner},
    error::AppError,
    form::{AtField as _, Back, Done, parse, submit},
    pages::providers::press::press,
    text::{Language, use_language},
};

/// Says how mail is sent.
#[server]
pub async fn save_mail(
    #[server(default)] host: String,
    #[server(default)] port: String,
    #[server(default)] security: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
    #[server(default)] from: String,
    #[server(default)] from_name: String,
) -> Result<(), AppError> {
    let back = [
        ("host", &host),
        ("port", &port),
        ("security", &security),
        ("user", &user),
        ("from", &from),
        ("from_name", &from_name),
    ]
    .into_iter()
    .fold(Back::to(PAGE), |back, (field, typed)| back.keeping(field, typed));
    submit(back, async move {
        let (owner, address, gateway, language) = (owner()?, address()?, gateway()?, use_language());
        let typed = TypedMail {
            host,
            port,
            security,
            user,
            from,
            from_name,
        };
        let settings = typed.settings().map_err(|(field, problem)| {
            crate::form::Refused::saying(field, AppError::Mail(MailRefusal::Invalid(problem)))
        })?;
        let password = (!password.is_empty()).then(|| SecretText::from(password));
        let dropped = gateway
            .mail()
            .save(&owner, address.origin(), &settings, password.as_ref())
            .await
            .at("password")?;
        Ok(if dropped {
            let words = language.pick(
                "Mail is set up. The stored password was for another server or user and is dropped: type the new one.",
                "邮件已设置。原密码属于其他服务器或用户，已清除：请输入新密码。",
            );
            Done::to(PAGE).noticing(Tone::Warning, words)
        } else {
            Done::to(PAGE).saying(language.pick("Mail is set up. Send a test.", "邮件已设置，请发送测试邮件。"))
        })
    })
    .await
}

/// Sends no mail any more.
#[server]
pub async fn forget_mail() -> Result<(), AppError> {
    press(PAGE, async {
        let (owner, address, gateway, language) = (owner()?, address()?, gateway()?, use_language());
        gateway.mail().forget(&owner, address.origin()).await?;
        Ok(Done::to(PAGE).saying(language.pick("No mail is sent any more.", "不再发送邮件。")))
    })
    .await
}

/// Sends a mail at once.
#[server]
pub async fn test_mail(#[server(default)] to: String) -> Result<(), AppError> {
    submit(Back::to(PAGE).keeping("to", &to), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let to = parse::<Email>("to", &to)?;
        let tongue = MailLanguage::of_tag(language.tag());
        gateway
            .mail()
            .test(&admin, address.origin(), &to, tongue)
            .await
            .at("to")?;
        let words = match language {
            Language::En => format!("The server has taken the mail to {to}. Look whether it has come."),
            Language::Zh => format!("服务器已接收发往 {to} 的邮件，请查看是否收到。"),
        };
        Ok(Done::to(PAGE).saying(words))
    })
    .await
}

/// Tries a mail again at once.
#[server]
pub async fn mail_again(id: String) -> Result<(), AppError> {
    press(PAGE, async move {
        let (owner, address, gateway, language) = (owner()?, address()?, gateway()?, use_language());
        let id: MailId = id.parse().map_err(|_| missing(Thing::Mail))?;
        gateway.mail().again(&owner, address.origin(), id).await?;
        Ok(Done::to(PAGE).saying(language.pick("It is tried again now.", "正在重新发送。")))
    })
    .await
}
