//! `/users`: everybody who can sign in. Adding and the page of one person lie beside this file. Only admins get here.

mod actions;
pub mod detail;
mod keys;
pub mod new;

use domain::{access::Role, account::User, id::UserId};
use leptos::prelude::*;

use self::actions::page_of;
use crate::{
    components::{
        Badge, Column, FilterForm, FilterText, LinkButton, Page, PageHead, Place, State, StateKind, Status, Table,
        Time, TimeStyle, Tone, format, page,
    },
    context,
    form::Query,
    text::{Language, use_language},
};

/// Everybody.
#[component]
pub fn UsersPage() -> impl IntoView {
    page(async move {
        let admin = context::admin()?;
        let me = context::viewer()?.id;
        let text = Query::current().get("q").unwrap_or_default();
        let users = context::gateway()?.users().list(&admin).await?;
        let language = use_language();
        let title = language.pick("Users", "用户");
        let (wanted, typed) = (text.to_lowercase(), Some(text.clone()));
        let clear = (!text.is_empty()).then(|| "/users".to_owned());
        let all = users.len();
        let found: Vec<User> = users
            .into_iter()
            .filter(|user| user.email.as_str().contains(&wanted))
            .collect();
        let note = match language {
            Language::En if all == 1 => "1 person".to_owned(),
            Language::En => format!("{} people", format::count(all as u64)),
            Language::Zh => format!("{} 人", format::count(all as u64)),
        };
        let add = view! { <LinkButton href="/users/new" class="btn-primary" icon="plus">{language.pick("Add user", "添加用户")}</LinkButton> };
        Ok(view! {
            <Page title=title place=Place::Users>
                <PageHead
                    title=title
                    note=note
                    sub=language.pick("Who may sign in. Admins run the hub; members make keys and see their own calls.", "可以登录的人。管理员管理系统；成员创建密钥并查看自己的调用。")
                    actions=add.into_any()
                />
                <FilterForm action="/users" label=language.pick("Filter users", "筛选用户") clear=clear>
                    <FilterText name="q" label=language.pick("Search users", "搜索用户") placeholder=language.pick("Part of an e-mail address", "邮箱片段") value=typed />
                </FilterForm>
                <section class="panel" aria-label=title><Listed found=found me=me /></section>
            </Page>
        })
    })
}

#[component]
fn Listed(found: Vec<User>, me: UserId) -> impl IntoView {
    let language = use_language();
    if found.is_empty() {
        return view! {
            <State
                kind=StateKind::NoMatch
                title=language.pick("Nobody matches", "没有匹配的用户")
                text=language.pick("No address contains this text.", "没有邮箱包含该文字。")
            >
                <LinkButton href="/users">{language.pick("Clear filters", "清除筛选")}</LinkButton>
            </State>
        }
        .into_any();
    }
    let columns = vec![
        Column::new(language.pick("E-mail", "邮箱")),
        Column::new(language.pick("Role", "角色")),
        Column::new(language.pick("State", "状态")),
        Column::new(language.pick("Last signed in", "上次登录")).leaves(2),
        Column::new(language.pick("Added, UTC", "添加时间（UTC）")).leaves(3),
    ];
    let rows: Vec<_> = found
        .into_iter()
        .map(|user| {
            let you = (user.id == me).then(|| view! { " "<Badge text=language.pick("you", "你") /> });
            view! {
                <tr class=user.suspended.then_some("is-off")>
                    <td class="cell-lead"><a class="row-link cell-main break" href=page_of(user.id)>{user.email.to_string()}</a>{you}</td>
                    <td data-label=language.pick("Role", "角色")>{role_in_words(user.role, language)}</td>
                    <td class="cell-end"><Standing suspended=user.suspended /></td>
                    <td class="col-2" data-label=language.pick("Last signed in", "上次登录")>{seen(&user, language)}</td>
                    <td class="col-3"><Time at=user.created_at style=TimeStyle::Short /></td>
                </tr>
            }
        })
        .collect();
    view! { <Table columns=columns>{rows}</Table> }.into_any()
}

#[component]
fn Standing(suspended: bool) -> impl IntoView {
    let language = use_language();
    if suspended {
        view! { <Status tone=Tone::Off text=language.pick("Suspended", "已停用") /> }
    } else {
        view! { <Status tone=Tone::Good text=language.pick("Active", "正常") /> }
    }
}

fn seen(user: &User, language: Language) -> AnyView {
    match user.last_seen_at {
        Some(at) => view! { <Time at=at style=TimeStyle::Ago /> }.into_any(),
        None => view! { <span class="muted">{language.pick("never", "从未")}</span> }.into_any(),
    }
}

/// The role for people.
const fn role_in_words(role: Role, language: Language) -> &'static str {
    match role {
        Role::Admin => language.pick("Admin", "管理员"),
        Role::Member => language.pick("Member", "成员"),
    }
}

/// What a role lets somebody do.
const fn role_explained(role: Role, language: Language) -> &'static str {
    match role {
        Role::Admin => language.pick(
            "Connects providers, manages people, sees every call",
            "连接提供商、管理用户、查看所有调用",
        ),
        Role::Member => language.pick("Makes keys and sees their own calls", "创建密钥并查看自己的调用"),
    }
}
