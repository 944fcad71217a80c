//! What the pages about identity providers can do. Thin doors to `gateway::IdentityProviders`. A provider is tested before it
//! is saved: one that does not answer is not added, unless that is wanted.

use domain::{
    access::Admin,
    identity::{IdentityDraft, Typed},
    refusal::Thing,
};
use gateway::{Gateway, SecretText};
use leptos::prelude::*;

use super::{LIST, page_of, words};
use crate::{
    components::Tone,
    context::{address, admin, gateway, missing},
    error::AppError,
    form::{AtField, Back, Done, Refused, encode, submit},
    pages::providers::press::press,
    text::{Language, use_language},
};

/// The field about which a test that fails speaks.
fn asked_field(draft: &IdentityDraft) -> &'static str {
    if draft.way.kind() == "oidc" {
        "issuer"
    } else {
        "token_url"
    }
}

/// Everything typed, to come back with a refusal. The secret is not among it.
fn keeping(path: String, typed: &Typed, untested: &str) -> Back {
    let fields = [
        ("slug", &typed.slug),
        ("title", &typed.title),
        ("issuer", &typed.issuer),
        ("authorize_url", &typed.authorize_url),
        ("token_url", &typed.token_url),
        ("userinfo_url", &typed.userinfo_url),
        ("emails_url", &typed.emails_url),
        ("subject_field", &typed.subject_field),
        ("email_field", &typed.email_field),
        ("verified_field", &typed.verified_field),
        ("name_field", &typed.name_field),
        ("client_id", &typed.client_id),
        ("scopes", &typed.scopes),
        ("domains", &typed.domains),
        ("roles", &typed.roles),
        ("trusts_mail", &typed.trusts_mail),
    ];
    let back = Back::to(path).keeping("untested", untested);
    fields
        .into_iter()
        .fold(back, |back, (name, value)| back.keeping(name, value))
}

/// The draft that was typed, asked live unless `untested`; and what to say of it.
async fn tested(
    gateway: &Gateway,
    admin: &Admin,
    typed: &Typed,
    untested: bool,
) -> Result<(IdentityDraft, Option<String>), Refused> {
    let draft = match typed.draft() {
        Ok(draft) => draft,
        Err((field, problem)) => return Err(problem).at(field),
    };
    if untested {
        return Ok((draft, None));
    }
    let report = gateway.identity_providers().test(admin, &draft).await;
    let report = report.at(asked_field(&draft))?;
    let said = words::report(&draft, &report, use_language());
    Ok((draft, Some(said)))
}

fn secret_of(typed: &str) -> Option<SecretText> {
    Some(typed.trim())
        .filter(|typed| !typed.is_empty())
        .map(|typed| SecretText::from(typed.to_owned()))
}

/// Adds a provider.
#[server]
pub async fn create_identity_provider(
    #[server(flatten)] typed: Typed,
    #[server(default)] offer: String,
    #[server(default)] secret: String,
    #[server(default)] untested: String,
) -> Result<(), AppError> {
    let back = keeping(format!("{LIST}/new?kind={}", encode(&offer)), &typed, &untested);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let (draft, said) = tested(&gateway, &admin, &typed, untested == "true").await?;
        gateway
            .identity_providers()
            .create(&admin, address.origin(), &draft, secret_of(&secret).as_ref())
            .await
            .at("slug")?;
        let said = said.unwrap_or_else(|| {
            language
                .pick("It was added and has not been tested.", "已添加，尚未测试。")
                .to_owned()
        });
        Ok(Done::to(page_of(draft.slug.as_str())).saying(said))
    })
    .await
}

/// Changes a provider. Moved to another host, it has lost its secret, and the next page says so.
#[server]
pub async fn update_identity_provider(
    #[server(flatten)] typed: Typed,
    #[server(default)] secret: String,
    #[server(default)] untested: String,
) -> Result<(), AppError> {
    let page = page_of(&typed.slug);
    submit(keeping(page.clone(), &typed, &untested), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let (draft, said) = tested(&gateway, &admin, &typed, untested == "true").await?;
        let dropped = gateway
            .identity_providers()
            .update(&admin, address.origin(), &draft, secret_of(&secret).as_ref())
            .await?;
        if dropped {
            return Ok(Done::to(page).noticing(
                Tone::Warning,
                language.pick(
                    "It was saved, and stands at another host now: its client secret was removed. Enter it again.",
                    "已保存。由于主机已更改，客户端密钥已被移除，请重新输入。",
                ),
            ));
        }
        Ok(Done::to(page).saying(match said {
            Some(said) => match language {
                Language::En => format!("Saved. {said}"),
                Language::Zh => format!("已保存。{said}"),
            },
            None => language.pick("Saved.", "已保存。").to_owned(),
        }))
    })
    .await
}

/// Asks a provider whether it answers.
#[server]
pub async fn test_identity_provider(slug: String) -> Result<(), AppError> {
    press(page_of(&slug), async move {
        let (admin, gateway, language) = (admin()?, gateway()?, use_language());
        let provider = gateway.identity_providers().get(&admin.reader(), &slug).await?;
        let draft = provider.ok_or_else(|| missing(Thing::IdentityProvider))?.draft;
        let report = gateway.identity_providers().test(&admin, &draft).await?;
        Ok(Done::to(page_of(&slug)).saying(words::report(&draft, &report, language)))
    })
    .await
}

/// Lets people sign in by a provider, or not.
#[server]
pub async fn switch_identity_provider(slug: String, enabled: bool, next: String) -> Result<(), AppError> {
    press(next.clone(), async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        gateway
            .identity_providers()
            .set_enabled(&admin, address.origin(), &slug, enabled)
            .await?;
        let sentence = match enabled {
            true => language.pick(
                "It is enabled: its button stands on the sign-in page.",
                "已启用，登录页上会显示它的按钮。",
            ),
            false => language.pick(
                "It is disabled: nobody signs in by it. Sessions that run go on.",
                "已停用，不能再用它登录。现有会话不受影响。",
            ),
        };
        Ok(Done::to(next).saying(sentence))
    })
    .await
}

/// Removes a provider, when its name was typed.
#[server]
pub async fn delete_identity_provider(id: String, #[server(default)] typed: String) -> Result<(), AppError> {
    let back = Back::to(format!("{LIST}/{}/delete", encode(&id))).keeping("typed", &typed);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        gateway
            .identity_providers()
            .delete(&admin, address.origin(), &id, &typed)
            .await
            .at("typed")?;
        let sentence = language.pick(
            "The identity provider was deleted, and its client secret destroyed.",
            "已删除该身份提供方，并销毁其客户端密钥。",
        );
        Ok(Done::to(LIST).saying(sentence))
    })
    .await
}
