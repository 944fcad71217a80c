//! What admins can do with people: add, name, change the role, suspend, delete, set a password, revoke a key. Thin doors to
//! `gateway::Users`. A refusal (such as the last admin's) appears beside the form that caused it.

use domain::{
    access::Role,
    id::{KeyId, UserId},
    name::{Email, Label},
    refusal::{Invalid, Refusal, Thing},
};
use leptos::prelude::*;

use crate::{
    context::{address, admin, gateway, missing},
    error::AppError,
    form::{AtField, Back, Done, Refused, encode, parse, submit},
    pages::providers::press::press,
    text::{Language, use_language},
};

/// Adds a person, who can sign in at once.
#[server]
pub async fn create_user(
    #[server(default)] email: String,
    #[server(default)] name: String,
    #[server(default)] role: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    let back = Back::to("/users/new")
        .keeping("email", &email)
        .keeping("name", &name)
        .keeping("role", &role);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let email = parse::<Email>("email", &email)?;
        let name = optional_name(&name)?;
        let role = Role::parse(&role).ok_or(Invalid::Choice).at("role")?;
        let created = gateway
            .users()
            .create_named(&admin, address.origin(), (&email, name.as_ref()), role, Some(&password))
            .await;
        let user = match created {
            Err(error) if error.refusal() == Invalid::PasswordLength.into() => return Err(error).at("password"),
            Err(error) if error.refusal() == Refusal::OwnersOnly => return Err(error).at("role"),
            created => created.at("email")?,
        };
        let sentence = match language {
            Language::En => format!(
                "{} can sign in now. Tell them the password in person or over a safe line: it is not shown again.",
                user.email
            ),
            Language::Zh => format!(
                "{} 现在可以登录。请当面或通过安全渠道告知密码：它不会再次显示。",
                user.email
            ),
        };
        Ok(Done::to(page_of(user.id)).saying(sentence))
    })
    .await
}

/// Changes what a person may do.
#[server]
pub async fn set_user_role(id: String, #[server(default)] role: String) -> Result<(), AppError> {
    submit(Back::to(back_to(&id)).keeping("role", &role), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = user_id(&id)?;
        let role = Role::parse(&role).ok_or(Invalid::Choice).at("role")?;
        gateway
            .users()
            .set_role(&admin, address.origin(), id, role)
            .await
            .at("role")?;
        Ok(Done::to(page_of(id)).saying(language.pick(
            "The role was changed. It acts on their next request.",
            "角色已更改，将在其下一次请求时生效。",
        )))
    })
    .await
}

/// Suspends a person, or lets them in again.
#[server]
pub async fn suspend_user(id: String, suspended: bool) -> Result<(), AppError> {
    submit(Back::to(back_to(&id)), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = user_id(&id)?;
        gateway
            .users()
            .set_suspended(&admin, address.origin(), id, suspended)
            .await?;
        let sentence = match suspended {
            true => language.pick(
                "The user is suspended: signed out everywhere, and their keys are refused from now on.",
                "已停用该用户：其所有会话已退出，密钥即刻起被拒绝。",
            ),
            false => language.pick(
                "The user is active again. Their keys work as before.",
                "已重新启用该用户，其密钥恢复可用。",
            ),
        };
        Ok(Done::to(page_of(id)).saying(sentence))
    })
    .await
}

/// Replaces a person's password and ends their sessions.
#[server]
pub async fn set_user_password(id: String, #[server(default)] password: String) -> Result<(), AppError> {
    submit(Back::to(back_to(&id)), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = user_id(&id)?;
        gateway
            .users()
            .set_password(&admin, address.origin(), id, &password)
            .await
            .at("password")?;
        let sentence = language.pick(
            "The password was set and all their sessions ended. Tell them the new one in person or over a safe line.",
            "密码已设置，其所有会话均已结束。请当面或通过安全渠道告知新密码。",
        );
        Ok(Done::to(page_of(id)).saying(sentence))
    })
    .await
}

/// Changes what people call somebody; nothing takes the name away.
#[server]
pub async fn set_user_name(id: String, #[server(default)] name: String) -> Result<(), AppError> {
    submit(Back::to(back_to(&id)).keeping("name", &name), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = user_id(&id)?;
        let name = optional_name(&name)?;
        gateway
            .users()
            .set_name(&admin, address.origin(), id, name.as_ref())
            .await?;
        Ok(Done::to(page_of(id)).saying(language.pick("The name was saved.", "姓名已保存。")))
    })
    .await
}

/// Deletes a person, when their address was typed.
#[server]
pub async fn delete_user(id: String, #[server(default)] typed: String) -> Result<(), AppError> {
    let back = Back::to(format!("{}/delete", back_to(&id))).keeping("typed", &typed);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let id = user_id(&id)?;
        gateway
            .users()
            .delete(&admin, address.origin(), id, &typed)
            .await
            .at("typed")?;
        Ok(Done::to(page_of(id)).saying(language.pick(
            "The user was deleted. Their calls and their books stay.",
            "已删除该用户，其调用记录和账目会保留。",
        )))
    })
    .await
}

/// Revokes a key of a person; it is refused from the next request on.
#[server]
pub async fn revoke_user_key(user: String, key: String) -> Result<(), AppError> {
    press(back_to(&user), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let key: KeyId = key.parse().map_err(|_| missing(Thing::Key))?;
        gateway.keys().revoke_any(&admin, address.origin(), key).await?;
        Ok(Done::to(back_to(&user)).saying(language.pick(
            "The key is revoked. It is refused from the next request on.",
            "密钥已吊销，从下一次请求起将被拒绝。",
        )))
    })
    .await
}

/// The page of one person.
pub fn page_of(id: UserId) -> String {
    format!("/users/{id}")
}

/// A name, or none.
pub fn optional_name(typed: &str) -> Result<Option<Label>, Refused> {
    match typed.trim() {
        "" => Ok(None),
        typed => parse::<Label>("name", typed).map(Some),
    }
}

fn user_id(text: &str) -> Result<UserId, AppError> {
    text.parse().map_err(|_| missing(Thing::User))
}

fn back_to(user: &str) -> String {
    user.parse()
        .map_or_else(|_| format!("/users/{}", encode(user)), page_of)
}
