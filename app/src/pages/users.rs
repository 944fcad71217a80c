//! `/users`: everybody who can sign in, in pages by keyset. Adding, the page of one person, deleting, and looking at the console
//! as somebody else lie beside this file. Who reads what concerns money gets here; changes are for admins.

mod actions;
pub mod delete;
pub mod detail;
mod keys;
pub mod new;
mod panels;
pub mod viewing;

use std::collections::HashMap;

use domain::{
    access::{Capability, MoneyReader, Role},
    account::{User, UserFilter, UserState},
    id::UserId,
    ledger,
    name::Email,
    page::{Page as Rows, PageSize},
};
use gateway::{Gateway, Purse};
use leptos::prelude::*;

pub use self::actions::optional_name;
use self::actions::page_of;
use crate::{
    components::{
        Badge, Choice, Column, FilterForm, FilterSelect, FilterText, LinkButton, MoneyText, NoMatch, Page, PageHead,
        Pager, Place, Status, Table, Time, TimeStyle, Tone, format, page,
    },
    context,
    error::AppError,
    form::Query,
    pages::keys::paged::place,
    text::{Language, use_language},
};

/// The values of the address that stay when a page of the list is turned.
const KEPT: [&str; 4] = ["q", "role", "state", "size"];
/// Everything that the address may hold.
const KNOWN: [&str; 6] = ["q", "role", "state", "size", "before", "after"];
/// Matches beyond this are not counted.
const CAP: i64 = 10_000;

/// Whether a value of this name can be understood.
fn means(name: &str, value: &str) -> bool {
    match name {
        "role" => Role::parse(value).is_some(),
        "state" => state_of(value).is_some(),
        "size" => value.parse::<u32>().is_ok(),
        "before" | "after" => value.parse::<i64>().is_ok(),
        _ => true,
    }
}

fn state_of(word: &str) -> Option<UserState> {
    UserState::ALL.into_iter().find(|state| state.as_str() == word)
}

/// Who has a typed address or id. One that nobody has is nobody's, rather than everybody's.
pub async fn named(gateway: &Gateway, reader: &MoneyReader, typed: &str) -> Result<UserId, AppError> {
    let found = match typed.parse::<Email>() {
        Ok(email) => gateway.users().find_by_email(reader, &email).await?.map(|user| user.id),
        Err(_) => typed.parse::<UserId>().ok(),
    };
    Ok(found.unwrap_or(UserId::from_number(0)))
}

/// Everybody.
#[component]
pub fn UsersPage() -> impl IntoView {
    page(async move {
        let reader = context::money_reader()?;
        let me = context::viewer()?.id;
        let query = Query::current();
        if let Some(tidy) = query.tidied("/users", &KNOWN, means) {
            context::redirect(&tidy);
            return Ok(().into_any());
        }
        let filter = UserFilter {
            search: query.get("q").map(|text| text.chars().take(254).collect()),
            role: query.get("role").and_then(|word| Role::parse(&word)),
            state: query.get("state").and_then(|word| state_of(&word)),
        };
        let cursor = place(&query);
        let size = query.parsed("size").map(PageSize::nearest).unwrap_or_default();
        let gateway = context::gateway()?;
        let found = gateway.users().page(&reader, &filter, cursor, size).await?;
        let shown: Vec<UserId> = found.rows.iter().map(|user| user.id).collect();
        let purses = gateway.credits().purses(&reader, &shown).await?;
        let matching = gateway.users().count(&reader, &filter, CAP).await?;
        let all = gateway.users().count(&reader, &UserFilter::default(), CAP).await?;
        let language = use_language();
        let title = language.pick("Users", "用户");
        let capped = |count: i64| {
            let more = if count >= CAP { "+" } else { "" };
            format!("{}{more}", format::count(count.unsigned_abs()))
        };
        let note = match language {
            Language::En if all == 1 => "1 person".to_owned(),
            Language::En => format!("{} people", capped(all)),
            Language::Zh => format!("{} 人", capped(all)),
        };
        let add = context::may(Capability::Administer).then(|| {
            view! {
                <LinkButton href="/invitations">{language.pick("Invitations", "邀请")}</LinkButton>
                <LinkButton href="/users/new" class="btn-primary" icon="plus">{language.pick("Add user", "添加用户")}</LinkButton>
            }
        });
        let foot = match language {
            Language::En => format!("{} of {}", found.rows.len(), capped(matching)),
            Language::Zh => format!("共 {} 人，本页 {} 人", capped(matching), found.rows.len()),
        };
        Ok(view! {
            <Page title=title place=Place::Users>
                <PageHead
                    title=title
                    note=note
                    sub=language.pick(
                        "Who may sign in, and what their role lets them do.",
                        "可以登录的人，以及其角色的权限。",
                    )
                    actions=add.into_any()
                />
                <Filters filter=filter query=query.clone() />
                <section class="panel" aria-label=title><Listed found=found purses=purses me=me query=query foot=foot /></section>
            </Page>
        }
        .into_any())
    })
}

#[component]
fn Filters(filter: UserFilter, query: Query) -> impl IntoView {
    let language = use_language();
    let narrowed = filter.search.is_some() || filter.role.is_some() || filter.state.is_some();
    let clear = narrowed.then(|| query.link("/users", &["size"], &[]));
    let roles = Role::ALL.map(|role| Choice::new(role.as_str(), language.role(role)));
    let states = UserState::ALL.map(|state| Choice::new(state.as_str(), state_in_words(state, language)));
    view! {
        <FilterForm action="/users" label=language.pick("Filter users", "筛选用户") clear=clear>
            <FilterText name="q" label=language.pick("Search users", "搜索用户") placeholder=language.pick("E-mail, name or id", "邮箱、姓名或标识") value=filter.search />
            <FilterSelect
                name="role"
                label=language.pick("Role", "角色")
                any=language.pick("Any role", "任意角色")
                choices=roles.to_vec()
                chosen=filter.role.map(|role| role.as_str().to_owned())
            />
            <FilterSelect
                name="state"
                label=language.pick("State", "状态")
                any=language.pick("Not deleted", "未删除")
                choices=states.to_vec()
                chosen=filter.state.map(|state| state.as_str().to_owned())
            />
        </FilterForm>
    }
}

#[component]
fn Listed(found: Rows<User>, purses: HashMap<UserId, Purse>, me: UserId, query: Query, foot: String) -> impl IntoView {
    let language = use_language();
    if found.rows.is_empty() {
        return view! {
            <NoMatch
                title=language.pick("Nobody matches", "没有匹配的用户")
                text=language.pick("No address, name or id is like this.", "没有邮箱、姓名或标识符合条件。")
                all="/users"
            />
        }
        .into_any();
    }
    let columns = vec![
        Column::new(language.pick("Who", "用户")),
        Column::new(language.pick("Role", "角色")),
        Column::new(language.pick("State", "状态")),
        Column::new(language.pick("Can be spent", "可用额度")).number(),
        Column::new(language.pick("Last signed in", "上次登录")).leaves(2),
        Column::new(language.pick("Added, UTC", "添加时间（UTC）")).leaves(3),
    ];
    let turn = |name: &str, id: Option<&String>| id.map(|id| query.link("/users", &KEPT, &[(name, Some(id))]));
    let (newer, older) = (
        turn("after", found.newer.as_ref()),
        turn("before", found.older.as_ref()),
    );
    let rows: Vec<_> = found
        .rows
        .into_iter()
        .map(|user| {
            let you = (user.id == me).then(|| view! { " "<Badge text=language.pick("you", "你") /> });
            let purse = purses.get(&user.id).copied();
            let blocked = purse.is_some_and(|purse| purse.status == ledger::Status::Blocked);
            let name = user.name.clone().map(|name| view! { <small class="break">{name.to_string()}</small> });
            view! {
                <tr class=(!user.is_active()).then_some("is-off")>
                    <td class="cell-lead two-line">
                        <span><a class="row-link cell-main break" href=page_of(user.id)>{user.email.to_string()}</a>{you}" "<Blocked shown=blocked /></span>
                        {name}
                    </td>
                    <td data-label=language.pick("Role", "角色")>{language.role(user.role)}</td>
                    <td class="cell-end"><Standing user=user.clone() /></td>
                    <td class="num two-line" data-label=language.pick("Can be spent", "可用额度")>{spendable(purse, language)}</td>
                    <td class="col-2" data-label=language.pick("Last signed in", "上次登录")>{seen(&user, language)}</td>
                    <td class="col-3"><Time at=user.created_at style=TimeStyle::Short /></td>
                </tr>
            }
        })
        .collect();
    view! {
        <Table columns=columns>{rows}</Table>
        <Pager newer=newer older=older note=foot />
    }
    .into_any()
}

const fn state_in_words(state: UserState, language: Language) -> &'static str {
    match state {
        UserState::Active => language.pick("Active", "正常"),
        UserState::Suspended => language.pick("Suspended", "已停用"),
        UserState::Deleted => language.pick("Deleted", "已删除"),
    }
}

#[component]
fn Standing(user: User) -> impl IntoView {
    let (tone, state) = match (user.deleted_at, user.suspended) {
        (Some(_), _) => (Tone::Off, UserState::Deleted),
        (None, true) => (Tone::Off, UserState::Suspended),
        (None, false) => (Tone::Good, UserState::Active),
    };
    view! { <Status tone=tone text=state_in_words(state, use_language()) /> }
}

/// That calls are refused, beside a state that says nothing of it.
#[component]
fn Blocked(shown: bool) -> impl IntoView {
    shown.then(|| view! { <Badge tone=Tone::Bad text=use_language().pick("calls blocked", "调用已冻结") /> })
}

/// What they can spend, and what they owe.
fn spendable(purse: Option<Purse>, language: Language) -> AnyView {
    let Some(purse) = purse else {
        return view! { <span class="muted" aria-label=language.pick("none", "无")>"–"</span> }.into_any();
    };
    if purse.quarantined {
        return view! { <span class="delta-bad">{language.pick("out of service", "已停用")}</span> }.into_any();
    }
    let owed = (!purse.debt.is_zero()).then(|| {
        view! { <small><span class="delta-bad">{language.pick("owed ", "欠款 ")}<MoneyText of=purse.debt /></span></small> }
    });
    view! { <span><MoneyText of=purse.spendable.or_zero() /></span>{owed} }.into_any()
}

fn seen(user: &User, language: Language) -> AnyView {
    match user.last_seen_at {
        Some(at) => view! { <Time at=at style=TimeStyle::Ago /> }.into_any(),
        None => view! { <span class="muted">{language.pick("never", "从未")}</span> }.into_any(),
    }
}
