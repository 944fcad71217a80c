//! `/invitations/{id}`: one invitation. Its link lies in the sealed flash of the session and is gone with this answer.

use domain::{
    access::{Capability, Reader},
    id::UserId,
    invitation::InvitationState,
    refusal::Thing,
};
use gateway::Gateway;
use leptos::prelude::*;

use super::{
    LIST, Standing,
    actions::{ONCE, ResendInvitation, RevokeInvitation},
};
use crate::{components::*, context, error::AppError, flash, form, pages::projects::role_in_words, text::use_language};

/// The page.
#[component]
pub fn InvitationPage() -> impl IntoView {
    page(async move {
        let reader = context::reader()?;
        let (gateway, language) = (context::gateway()?, use_language());
        let id = form::path_id("id", Thing::Invitation)?;
        let invitation = gateway
            .invitations()
            .get(&reader, id)
            .await?
            .ok_or(context::missing(Thing::Invitation))?;
        let state = invitation.state(gateway.now());
        let by = match invitation.invited_by {
            Some(by) => address_of(&gateway, &reader, by).await?,
            None => Some(language.pick("the command line", "命令行").to_owned()),
        };
        let title = invitation.email.to_string();
        let crumbs = vec![
            ("/users".to_owned(), language.pick("Users", "用户").to_owned()),
            (LIST.to_owned(), language.pick("Invitations", "邀请").to_owned()),
        ];
        let secret = flash::once(ONCE).map(|secret| {
            view! {
                <SecretBox
                    title=language.pick("The link, once", "邀请链接（仅显示一次）")
                    label=language.pick("The link of the invitation", "邀请链接")
                    secret=secret
                    note=language.pick(
                        "Whoever has it comes in as this person. The hub keeps only a fingerprint of it; if it is lost, send the invitation again.",
                        "持有此链接的人即可以该用户身份加入。Hub 只保存其指纹；如果丢失，请重新发送邀请。",
                    )
                />
            }
        });
        let mut facts = vec![
            fact(language.pick("State", "状态"), view! { <Standing state=state /> }),
            fact(language.pick("Role", "角色"), language.role(invitation.role)),
            fact(language.pick("Invited by", "邀请人"), by.unwrap_or_default()),
            fact(
                language.pick("Invited", "邀请时间"),
                view! { <Time at=invitation.created_at /> },
            ),
            fact(
                language.pick("Works until", "有效期至"),
                view! { <Time at=invitation.expires_at /> },
            ),
        ];
        if let Some(into) = &invitation.project {
            let (href, name) = (format!("/projects/{}", into.id), into.name.to_string());
            let role = role_in_words(into.role, language);
            let link = view! { <a class="link" href=href>{name}</a>" · "{role} };
            facts.insert(2, fact(language.pick("Project", "项目"), link));
        }
        if let Some(user) = invitation.accepted_by {
            let name = address_of(&gateway, &reader, user)
                .await?
                .unwrap_or_else(|| user.to_string());
            let link = view! { <a class="link break" href=format!("/users/{user}")>{name}</a> };
            facts.push(fact(language.pick("Came as", "用户"), link));
        }
        let fields = move || vec![("id", id.to_string())];
        let may = context::may(Capability::Administer);
        let open = state == InvitationState::Open;
        let again = may && (open || state == InvitationState::Expired);
        Ok::<_, AppError>(view! {
            <Page title=title.clone() place=Place::Users narrow=true>
                <PageHead title=title crumbs=crumbs />
                {secret}
                <Panel title=language.pick("Invitation", "邀请") id="invitation" body=true>
                    <div class="stack">
                        <Facts of=facts />
                        <div class="btn-row">
                            {again.then(|| view! {
                                <PostButton action={form::action::<ResendInvitation>()} fields=fields()>
                                    {language.pick("Send again, with a new link", "用新链接重新发送")}
                                </PostButton>
                            })}
                            {(may && open).then(|| view! {
                                <PostButton action={form::action::<RevokeInvitation>()} fields=fields() class="btn-quiet btn-quiet-danger">
                                    {language.pick("Revoke", "撤销")}
                                </PostButton>
                            })}
                        </div>
                    </div>
                </Panel>
            </Page>
        })
    })
}

/// How somebody signs in who may be gone by now.
async fn address_of(gateway: &Gateway, reader: &Reader, user: UserId) -> Result<Option<String>, AppError> {
    let found = gateway.users().get(&reader.money(), user).await?;
    Ok(found.map(|found| found.email.to_string()))
}
