//! `/users/:id`: one person whole: role, access and password, what they have, in which lots and how it came about, their keys and
//! calls. Of long lists the first rows, with the way to all. Who keeps money sees the money side; who is no admin sees no form.

use domain::{
    access::{Capability, Role},
    id::UserId,
    ledger::Status,
    refusal::Thing,
};
use leptos::prelude::*;

use super::{
    Blocked, Standing,
    keys::UserKeys,
    panels::{AccessPanel, CreditPanel, FarewellPanel, NamePanel, PasswordPanel, RolePanel, ViewingPanel, may_change},
    seen,
};
use crate::{
    components::{Badge, Banner, Facts, LimitsPanel, LinkButton, Page, PageHead, Panel, Place, Time, Tone, fact, page},
    context,
    form::{Query, path_id},
    pages::{
        account::zone::TimeZonePanel,
        calls,
        credits::{self, brief::Brief},
        keys::paged::Paged,
    },
    text::use_language,
};

/// One person.
#[component]
pub fn UserPage() -> impl IntoView {
    page(async move {
        let reader = context::money_reader()?;
        let id = path_id::<UserId>("id", Thing::User)?;
        let viewer = context::viewer()?;
        let me = viewer.id == id;
        let gateway = context::gateway()?;
        let user = gateway
            .users()
            .get(&reader, id)
            .await?
            .ok_or(context::missing(Thing::User))?;
        // Keys are no matter of who only keeps money.
        let keys = match context::reader() {
            Ok(reader) => Some(Paged::read(gateway.keys().of_person(&reader, id), &Query::current()).await?),
            Err(_) => None,
        };
        let change = may_change(&viewer, &user);
        let limits = gateway.limits().of(&viewer, id.into()).await.ok();
        let zone = gateway.users().time_zone(&reader, id).await?;
        let above = user.role == Role::Owner && !viewer.may(Capability::Own);
        let zoned = context::may(Capability::KeepMoney) && user.deleted_at.is_none() && !above;
        let credit = gateway.credits().balance(&viewer, id).await;
        // Where rows of the account cannot be read, the panel above says so, and the rest of the page stays.
        let books = Brief::read(&gateway, &viewer, id).await.ok();
        let latest = calls::brief::read(&gateway, &viewer, id).await?;
        let (now, language) = (gateway.now(), use_language());
        let title = user.email.to_string();
        let crumbs = vec![("/users".to_owned(), language.pick("Users", "用户").to_owned())];
        let blocked = credit.as_ref().is_ok_and(|credit| credit.status == Status::Blocked);
        let beside = view! {
            <Standing user=user.clone() />
            <Blocked shown=blocked />
            {me.then(|| view! { <Badge text=language.pick("you", "你") /> })}
        };
        let actions = view! {
            <LinkButton href=format!("/users/{id}/credits") icon="credits">{language.pick("Credit and ledger", "额度与账本")}</LinkButton>
            <LinkButton href=format!("/calls?user={id}") icon="calls">{language.pick("Calls of this user", "该用户的调用")}</LinkButton>
        };
        let mut facts = vec![
            fact(language.pick("Role", "角色"), language.role(user.role)),
            fact(language.pick("Last signed in", "上次登录"), seen(&user, language)),
            fact(
                language.pick("Added", "添加时间"),
                view! { <Time at=user.created_at /> },
            ),
            fact(
                language.pick("Id", "标识"),
                view! { <span class="mono break">{id.to_string()}</span> },
            ),
        ];
        if let Some(name) = &user.name {
            facts.insert(0, fact(language.pick("Name", "姓名"), name.to_string()));
        }
        let gone = user.deleted_at.map(|at| {
            let sentence = language.pick(
                "This user was deleted. Their calls and their books stay. ",
                "该用户已被删除，其调用记录和账目会保留。",
            );
            view! { <Banner tone=Tone::Off>{sentence}<Time at=at /></Banner> }
        });
        // Owners are for owners, and nobody deletes themselves.
        let theirs = (viewer.may(Capability::Administer) && !change && user.deleted_at.is_none()).then(|| {
            view! { <Banner>{language.pick("Only an owner may change an owner.", "只有所有者可以更改所有者。")}</Banner> }
        });
        let forms = change.then(|| {
            view! {
                <div class="stack">
                    <RolePanel user=user.clone() viewer=viewer.clone() />
                    <NamePanel user=user.clone() />
                    <PasswordPanel user=user.clone() />
                </div>
            }
        });
        Ok(view! {
            <Page title=title.clone() place=Place::Users>
                <PageHead title=title crumbs=crumbs beside=beside.into_any() actions=actions.into_any() />
                {gone}
                {theirs}
                <div class=if change { "cols cols-2" } else { "cols" }>
                    <div class="stack">
                        <Panel title=language.pick("About", "概况") id="about" body=true><Facts of=facts /></Panel>
                        <CreditPanel user=id credit=credit.ok() />
                        {zoned.then(|| view! { <TimeZonePanel zone=zone user=Some(id) /> })}
                        {change.then(|| view! { <AccessPanel user=user.clone() /> })}
                        <ViewingPanel user=user.clone() viewer=viewer />
                    </div>
                    {forms}
                </div>
                {limits.map(|limits| view! { <LimitsPanel of=limits /> })}
                {books.map(credits::brief::panels)}
                {keys.map(|keys| view! { <UserKeys user=id keys=keys now=now /> })}
                {calls::brief::panel(&latest, id, now)}
                {(change && !me).then(|| view! { <FarewellPanel user=user /> })}
            </Page>
        })
    })
}
