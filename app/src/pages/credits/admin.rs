//! `/users/{id}/credits`: somebody's credit, for whoever reads what concerns money, with the ways to change it for those who keep it.

use domain::{access::Capability, account::User, id::UserId, ledger::Status, refusal::Thing};
use leptos::prelude::*;

use super::{
    OnceField, ReasonField,
    actions::SetAccountStatus,
    banners,
    view::{self, Shown, Whose},
};
use crate::{
    components::*,
    context,
    form::{self, path_id},
    text::use_language,
};

/// The pages above those about somebody's credit: users, the person, and where `deeper` their credit.
pub fn crumbs(user: &User, deeper: bool) -> Vec<(String, String)> {
    let language = use_language();
    let mut crumbs = vec![
        ("/users".to_owned(), language.pick("Users", "用户").to_owned()),
        (format!("/users/{}", user.id), user.email.to_string()),
    ];
    if deeper {
        crumbs.push((Whose::of(user.id).path(), language.pick("Credits", "额度").to_owned()));
    }
    crumbs
}

/// The page.
#[component]
pub fn UserCreditsPage() -> impl IntoView {
    page(async move {
        let (reader, viewer) = (context::money_reader()?, context::viewer()?);
        let may = context::may(Capability::KeepMoney);
        let id = path_id::<UserId>("id", Thing::User)?;
        let user = context::gateway()?
            .users()
            .get(&reader, id)
            .await?
            .ok_or(context::missing(Thing::User))?;
        let shown = Shown::read(&viewer, Whose::of(id)).await?;
        let status = shown.balance.status;
        let language = use_language();
        let path = shown.whose.path();
        let title = language.pick("Credits", "额度");
        let actions = view! {
            <LinkButton href=format!("/calls?range=all&user={id}") icon="calls">{language.pick("Calls", "调用")}</LinkButton>
            {may.then(|| view! {
                <LinkButton href=format!("{path}/adjust") icon="edit">{language.pick("Adjust", "调整")}</LinkButton>
                <LinkButton href=format!("{path}/grant") class="btn-primary" icon="grant">{language.pick("Grant credit", "授予额度")}</LinkButton>
            })}
        };
        Ok(view! {
            <Page title=format!("{title}, {}", user.email) place=Place::Users>
                <PageHead title=title note=user.email.to_string() crumbs=crumbs(&user, false) actions=actions.into_any()/>
                {banners::banners(&shown)}
                {view::view(shown)}
                {may.then(|| view! { <StatusPanel user=id status=status/> })}
            </Page>
        })
    })
}

#[component]
fn StatusPanel(user: UserId, status: Status) -> impl IntoView {
    let language = use_language();
    let blocked = status == Status::Blocked;
    let (sentence, word, class) = if blocked {
        (
            language.pick(
                "Blocked: every new call is refused, whatever credit there is.",
                "已冻结：无论有多少额度，所有新的调用都会被拒绝。",
            ),
            language.pick("Unblock account", "解冻账户"),
            "btn-primary",
        )
    } else {
        (
            language.pick(
                "Blocking refuses every new call, whatever credit there is. Calls that are running are finished and charged. Keys and sign-in stay as they are.",
                "冻结后，无论有多少额度，所有新的调用都会被拒绝；进行中的调用会完成并计费，密钥和登录不受影响。",
            ),
            language.pick("Block account", "冻结账户"),
            "btn-danger",
        )
    };
    let next = if blocked { Status::Active } else { Status::Blocked };
    view! {
        <Panel title=language.pick("Admission of calls", "调用准入") id="status" body=true>
            <Form action={form::action::<SetAccountStatus>()} class="form form-tight">
                <Hidden name="id" value=user.to_string()/>
                <Hidden name="status" value=next.as_str()/>
                <OnceField/>
                <p class="measure">{sentence}</p>
                <ReasonField/>
                <div class="form-foot"><SubmitButton class=class>{word}</SubmitButton></div>
            </Form>
        </Panel>
    }
}
