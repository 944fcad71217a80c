//! `/invitations`: who was asked to come, the page that asks, and the page of one, which shows its link once.

pub(super) mod actions;
mod detail;
mod new;

use domain::{
    access::Capability,
    id::InvitationId,
    invitation::{Invitation, InvitationState},
    time::Timestamp,
};
use leptos::prelude::*;

pub use detail::InvitationPage;
pub use new::NewInvitationPage;

use crate::{
    components::*,
    context,
    error::AppError,
    text::{Language, use_language},
};

/// Where the list stands.
const LIST: &str = "/invitations";

/// The page of one.
fn page_of(id: InvitationId) -> String {
    format!("{LIST}/{id}")
}

/// The list.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    page(async move {
        let reader = context::reader()?;
        let (gateway, language) = (context::gateway()?, use_language());
        let found = gateway.invitations().list(&reader).await?;
        let now = gateway.now();
        let title = language.pick("Invitations", "邀请");
        let invite = move || {
            context::may(Capability::Administer).then(|| {
                view! { <LinkButton href="/invitations/new" class="btn-primary" icon="plus">{language.pick("Invite somebody", "邀请用户")}</LinkButton> }
            })
        };
        let crumbs = vec![("/users".to_owned(), language.pick("Users", "用户").to_owned())];
        let empty = found.is_empty();
        let list = if empty {
            view! {
                <State
                    kind=StateKind::NothingYet
                    title=language.pick("Nobody was invited yet", "还没有邀请过任何人")
                    text=language.pick(
                        "An invitation is a link that works once: by it somebody chooses a password, or comes by an identity provider.",
                        "邀请是一次性链接：对方通过它设置密码，或使用身份提供方加入。",
                    )
                >{invite()}</State>
            }
            .into_any()
        } else {
            let columns = vec![
                Column::new(language.pick("Who", "用户")),
                Column::new(language.pick("Role", "角色")),
                Column::new(language.pick("State", "状态")),
                Column::new(language.pick("Until, UTC", "有效期至（UTC）")).leaves(2),
            ];
            let rows: Vec<_> = found
                .into_iter()
                .map(|one| view! { <Row invitation=one now=now /> })
                .collect();
            view! { <Table columns=columns>{rows}</Table> }.into_any()
        };
        let actions = if empty { None } else { invite() };
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Users>
                <PageHead title=title crumbs=crumbs actions=actions.into_any() />
                <section class="panel" aria-label=title>{list}</section>
            </Page>
        })
    })
}

#[component]
fn Row(invitation: Invitation, now: Timestamp) -> impl IntoView {
    let language = use_language();
    let state = invitation.state(now);
    view! {
        <tr class=(state != InvitationState::Open).then_some("is-off")>
            <td class="cell-lead"><a class="row-link cell-main break" href=page_of(invitation.id)>{invitation.email.to_string()}</a></td>
            <td data-label=language.pick("Role", "角色")>{language.role(invitation.role)}</td>
            <td class="cell-end"><Standing state=state /></td>
            <td class="col-2" data-label=language.pick("Until", "有效期至")><Time at=invitation.expires_at style=TimeStyle::Short /></td>
        </tr>
    }
}

#[component]
fn Standing(state: InvitationState) -> impl IntoView {
    let (tone, word) = in_words(state, use_language());
    view! { <Status tone=tone text=word /> }
}

const fn in_words(state: InvitationState, language: Language) -> (Tone, &'static str) {
    match state {
        InvitationState::Open => (Tone::Busy, language.pick("Open", "待接受")),
        InvitationState::Accepted => (Tone::Good, language.pick("Accepted", "已接受")),
        InvitationState::Revoked => (Tone::Off, language.pick("Revoked", "已撤销")),
        InvitationState::Expired => (Tone::Off, language.pick("Expired", "已过期")),
    }
}
