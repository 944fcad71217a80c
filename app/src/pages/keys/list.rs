//! The list of API keys.

use domain::{
    access::{Capability, Viewer},
    id::{ProjectId, UserId},
    key::{ApiKey, KeyFilter, KeyState},
    project::Project,
    time::Timestamp,
};
use leptos::prelude::*;

use super::{calls_of, connect, is_alive, page_of, paged::Paged, project_in_words, revoke, standing, state_in_words};
use crate::{
    components::*,
    context,
    form::Query,
    pages::{projects::name_of, users},
    text::{Language, use_language},
};

/// What the address of the list says.
struct Shown {
    all: bool,
    /// An owner's address as typed.
    user: Option<String>,
    project: Option<ProjectId>,
    state: Option<KeyState>,
}

impl Shown {
    const fn is_narrowed(&self) -> bool {
        self.user.is_some() || self.project.is_some() || self.state.is_some()
    }

    /// The list without filters.
    const fn everything(&self) -> &'static str {
        if self.all { "/keys?all=1" } else { "/keys" }
    }
}

/// The values of the address that stay when a page of the list is turned.
const KEPT: [&str; 4] = ["all", "user", "project", "state"];
/// Everything that the address may hold.
const KNOWN: [&str; 6] = ["all", "user", "project", "state", "before", "after"];

/// Whether a value of this name can be understood.
fn means(name: &str, value: &str) -> bool {
    match name {
        "all" => value == "1",
        "user" => true,
        "project" => value.parse::<ProjectId>().is_ok(),
        "before" | "after" => value.parse::<i64>().is_ok(),
        _ => KeyState::parse(value).is_some(),
    }
}

/// `/keys`, and `/keys?all=1` for whoever reads everything. Auditors have none of their own, and see everybody's.
#[component]
pub fn KeysPage() -> impl IntoView {
    page(async move {
        let (viewer, gateway, language) = (context::viewer()?, context::gateway()?, use_language());
        let query = Query::current();
        if let Some(tidy) = query.tidied("/keys", &KNOWN, means) {
            context::redirect(&tidy);
            return Ok(().into_any());
        }
        let own = viewer.may(Capability::Call);
        let all = !own || query.get("all").is_some();
        let shown = Shown {
            all,
            user: query
                .get("user")
                .filter(|_| all)
                .map(|text| text.chars().take(254).collect()),
            project: query.parsed("project"),
            state: query.get("state").and_then(|word| KeyState::parse(&word)),
        };
        let (listing, user) = if all {
            let reader = context::reader()?;
            let user = match &shown.user {
                Some(typed) => Some(users::named(&gateway, &reader.money(), typed).await?),
                None => None,
            };
            (gateway.keys().everybodys(&reader), user)
        } else {
            (gateway.keys().own(&viewer), None::<UserId>)
        };
        let filter = KeyFilter {
            user,
            project: shown.project,
            state: shown.state,
        };
        let keys = Paged::narrowed(listing, &filter, &query).await?;
        // Whoever reads everything may ask for any shared project; of their own keys, for those that they are in.
        let projects = gateway.projects().list(&viewer).await?.into_iter();
        let projects = projects.filter(|listed| all || listed.role.is_some());
        let projects: Vec<Project> = projects.map(|listed| listed.project).collect();
        let title = language.pick("API keys", "API 密钥");
        let sub = language.pick(
            "One key for every model. Clients of OpenAI, Anthropic and AIGNE work as they are: change their base URL and their key.",
            "一个密钥即可使用所有模型。OpenAI、Anthropic 和 AIGNE 的客户端都可直接使用：只需更换基础 URL 和密钥。",
        );
        let actions = own.then(|| view! { <LinkButton href="/keys/new" class="btn-primary" icon="plus">{language.pick("New key", "新建密钥")}</LinkButton> });
        let content = if keys.matching() == 0 && !shown.is_narrowed() {
            nothing_yet(shown.all).into_any()
        } else {
            let filters = filters(&keys, projects, &shown);
            view! { {filters}{table(&keys, &viewer, (&shown, &query), gateway.now())} }.into_any()
        };
        Ok(view! {
            <Page title=title place=Place::Keys>
                <PageHead title=title sub=sub actions=actions.into_any()/>
                {(own && viewer.may(Capability::ReadAll)).then(|| whose(shown.all))}
                {content}
                {own.then(|| connect::section(&gateway, None))}
            </Page>
        }
        .into_any())
    })
}

/// Mine or everybody's.
fn whose(all: bool) -> impl IntoView {
    let language = use_language();
    let chip = |href: &'static str, word: &'static str, current: bool| {
        view! { <a class="chip" href=href aria-current=current.then_some("page")>{word}</a> }
    };
    view! {
        <nav class="chips" aria-label=language.pick("Whose keys", "谁的密钥")>
            {chip("/keys", language.pick("Mine", "我的"), !all)}
            {chip("/keys?all=1", language.pick("Everybody's", "所有人的"), all)}
        </nav>
    }
}

/// By owner, project and state; nothing where there is nothing to choose from.
fn filters(keys: &Paged, projects: Vec<Project>, shown: &Shown) -> Option<impl IntoView + use<>> {
    let language = use_language();
    if !shown.is_narrowed() && keys.matching() < 2 {
        return None;
    }
    let choice = |project: Project| Choice::new(project.id.to_string(), name_of(&project, language));
    let projects: Vec<_> = projects.into_iter().map(choice).collect();
    let states = KeyState::ALL.map(|state| Choice::new(state.as_str(), state_in_words(state, language)));
    let (all, user, project, state) = (shown.all, shown.user.clone(), shown.project, shown.state);
    let clear = shown.is_narrowed().then(|| shown.everything().to_owned());
    Some(view! {
        <FilterForm action="/keys" label=language.pick("Filter keys", "筛选密钥") clear=clear>
            {all.then(|| view! {
                <Hidden name="all" value="1"/>
                <FilterText
                    name="user"
                    icon="user"
                    label=language.pick("E-mail of the owner", "所有者邮箱")
                    placeholder=language.pick("Anyone", "任何人")
                    value=user
                />
            })}
            <FilterSelect
                name="project"
                label=language.pick("Project", "项目")
                any=language.pick("Any project", "任意项目")
                choices=projects
                chosen=project.map(|id| id.to_string())
            />
            <FilterSelect
                name="state"
                label=language.pick("State", "状态")
                any=language.pick("Any state", "任意状态")
                choices=states.to_vec()
                chosen=state.map(|state| state.as_str().to_owned())
            />
        </FilterForm>
    })
}

fn nothing_yet(all: bool) -> impl IntoView {
    let language = use_language();
    let (title, text) = if all {
        (
            language.pick("Nobody has a key yet", "还没有任何密钥"),
            language.pick("Keys that people make show up here.", "用户创建的密钥会显示在这里。"),
        )
    } else {
        (
            language.pick("You have no key yet", "你还没有密钥"),
            language.pick(
                "Make one, and your first call is a copied line away.",
                "创建一个密钥，复制一行命令就能完成第一次调用。",
            ),
        )
    };
    view! {
        <section class="panel" aria-label=language.pick("API keys", "API 密钥")>
            <State kind=StateKind::NothingYet title=title text=text>
                {context::may(Capability::Call).then(|| view! {
                    <LinkButton href="/keys/new" class="btn-primary" icon="plus">{language.pick("Create a key", "创建密钥")}</LinkButton>
                })}
            </State>
        </section>
    }
}

fn table(keys: &Paged, viewer: &Viewer, (shown, query): (&Shown, &Query), now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let turned = keys.turned(|name, id| query.link("/keys", &KEPT, &[(name, Some(id))]));
    let content = if keys.rows().is_empty() {
        view! {
            <NoMatch
                title=language.pick("No key matches", "没有匹配的密钥")
                text=language.pick("No key of this owner, project and state is here.", "没有符合条件的密钥。")
                all=shown.everything()
            />
        }
        .into_any()
    } else {
        let told = Told {
            owners: shown.all,
            projects: true,
            keeps: viewer.may(Capability::Administer),
        };
        let late = language.pick("“Last used” is up to a minute old.", "“上次使用”最多有一分钟延迟。");
        let foot = turned.unwrap_or_else(|| {
            let note = match language {
                Language::En => format!("{}. {late}", keys.note()),
                Language::Zh => format!("{}。{late}", keys.note()),
            };
            view! { <footer class="panel-foot"><span>{note}</span></footer> }.into_any()
        });
        view! { {rows(keys.rows(), viewer, told, now)}{foot} }.into_any()
    };
    view! { <section class="panel" aria-label=language.pick("API keys", "API 密钥")>{content}</section> }
}

/// What a table of keys tells besides name, state and times.
#[derive(Clone, Copy)]
pub struct Told {
    /// Whose each is.
    pub owners: bool,
    /// In which project it is.
    pub projects: bool,
    /// Whether the viewer may revoke those of others.
    pub keeps: bool,
}

/// The table itself, also on the page of a project.
pub fn rows(keys: &[ApiKey], viewer: &Viewer, told: Told, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let mut columns = vec![
        Column::new(language.pick("Key", "密钥")),
        Column::new(language.pick("State", "状态")),
    ];
    if told.owners {
        columns.push(Column::new(language.pick("Owner", "所有者")));
    }
    if told.projects {
        columns.push(Column::new(language.pick("Project", "项目")).leaves(2));
    }
    columns.extend([
        Column::new(language.pick("Last used", "上次使用")).leaves(2),
        Column::new(language.pick("Created, UTC", "创建时间（UTC）")).leaves(3),
    ]);
    if viewer.may(Capability::Call) {
        columns.push(Column::actions(language.pick("Actions", "操作")).class("tight"));
    }
    let rows: Vec<_> = keys.iter().map(|key| row(key, viewer, told, now)).collect();
    view! { <Table columns=columns>{rows}</Table> }
}

fn row(key: &ApiKey, viewer: &Viewer, told: Told, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let state = key.state(now);
    let owner = told.owners.then(|| {
        let owner = if key.user_id == viewer.id {
            language.pick("you", "你").to_owned()
        } else {
            key.user_email.to_string()
        };
        view! { <td class="ellipsis" data-label=language.pick("Owner", "所有者")>{owner}</td> }
    });
    let used = match key.last_used_at {
        Some(at) => view! { <Time at=at style=TimeStyle::Ago/> }.into_any(),
        None => view! { <span class="muted">{language.pick("never", "从未")}</span> }.into_any(),
    };
    let name = key.name.to_string();
    // A revoked key has nothing left to change, but its calls.
    let href = if is_alive(key) {
        page_of(key.id)
    } else {
        calls_of(key.id)
    };
    let what = match (language, is_alive(key)) {
        (Language::En, true) => format!("Key “{name}”"),
        (Language::En, false) => format!("Calls of key “{name}”"),
        (Language::Zh, true) => format!("密钥“{name}”"),
        (Language::Zh, false) => format!("密钥“{name}”的调用"),
    };
    let project = told.projects.then(|| {
        let name = project_in_words(key, language);
        view! { <td class="col-2 ellipsis" data-label=language.pick("Project", "项目")>{name}</td> }
    });
    let revocable = is_alive(key) && (told.keeps || key.user_id == viewer.id);
    view! {
        <tr class=(state != KeyState::Active).then_some("is-off")>
            <td class="cell-lead two-line">
                <a class="row-link cell-main" href=href aria-label=what>{name}</a>
                <small class="mono">{key.hint.clone()}</small>
            </td>
            <td class="cell-end">{standing(key, now)}</td>
            {owner}
            {project}
            <td class="col-2" data-label=language.pick("Last used", "上次使用")>{used}</td>
            <td class="col-3"><Time at=key.created_at style=TimeStyle::Short/></td>
            {viewer.may(Capability::Call).then(|| view! {
                <td class="tight cell-actions">{revocable.then(|| revoke::button(key))}</td>
            })}
        </tr>
    }
}
