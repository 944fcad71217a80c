//! The list of API keys.

use domain::{
    access::{Capability, Viewer},
    id::ProjectId,
    key::{ApiKey, KeyState},
    time::Timestamp,
};
use leptos::prelude::*;

use super::{calls_of, connect, is_alive, page_of, project_in_words, revoke, standing, state_in_words};
use crate::{
    components::*,
    context,
    form::Query,
    text::{Language, use_language},
};

/// What the address of the list says.
struct Shown {
    all: bool,
    project: Option<ProjectId>,
    state: Option<KeyState>,
}

/// Everything that the address may hold.
const KNOWN: [&str; 3] = ["all", "project", "state"];

/// Whether a value of this name can be understood.
fn means(name: &str, value: &str) -> bool {
    match name {
        "all" => value == "1",
        "project" => value.parse::<ProjectId>().is_ok(),
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
        let shown = Shown {
            all: !own || query.get("all").is_some(),
            project: query.parsed("project"),
            state: query.get("state").and_then(|word| KeyState::parse(&word)),
        };
        let keys = if shown.all {
            gateway.keys().list_all(&context::reader()?).await?
        } else {
            gateway.keys().list(&viewer).await?
        };
        let title = language.pick("API keys", "API 密钥");
        let sub = language.pick(
            "One key for every model. Clients of OpenAI, Anthropic and AIGNE work as they are: change their base URL and their key.",
            "一个密钥即可使用所有模型。OpenAI、Anthropic 和 AIGNE 的客户端都可直接使用：只需更换基础 URL 和密钥。",
        );
        let actions = own.then(|| view! { <LinkButton href="/keys/new" class="btn-primary" icon="plus">{language.pick("New key", "新建密钥")}</LinkButton> });
        let content = if keys.is_empty() {
            nothing_yet(shown.all).into_any()
        } else {
            let filters = filters(&keys, &shown);
            view! { {filters}{table(&keys, &viewer, &shown, gateway.now())} }.into_any()
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

/// By project and state; nothing where there is nothing to choose from.
fn filters(keys: &[ApiKey], shown: &Shown) -> Option<impl IntoView + use<>> {
    let language = use_language();
    let mut projects: Vec<(ProjectId, String)> = Vec::new();
    for key in keys {
        if projects.iter().all(|(id, _)| *id != key.project_id) {
            let name = project_in_words(key, language);
            let personal = key.project_id == ProjectId::personal_of(key.user_id);
            let name = if personal && shown.all {
                format!("{name} ({})", key.user_email)
            } else {
                name
            };
            projects.push((key.project_id, name));
        }
    }
    let narrowed = shown.project.is_some() || shown.state.is_some();
    if !narrowed && keys.len() < 2 {
        return None;
    }
    let projects: Vec<_> = projects
        .into_iter()
        .map(|(id, name)| Choice::new(id.to_string(), name))
        .collect();
    let states = KeyState::ALL.map(|state| Choice::new(state.as_str(), state_in_words(state, language)));
    let (all, project, state) = (shown.all, shown.project, shown.state);
    let clear = narrowed.then(|| if all { "/keys?all=1" } else { "/keys" }.to_owned());
    Some(view! {
        <FilterForm action="/keys" label=language.pick("Filter keys", "筛选密钥") clear=clear>
            {all.then(|| view! { <Hidden name="all" value="1"/> })}
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

fn table(keys: &[ApiKey], viewer: &Viewer, shown: &Shown, now: Timestamp) -> impl IntoView + use<> {
    let language = use_language();
    let matches = |key: &&ApiKey| {
        let of_project = shown.project.is_none_or(|project| key.project_id == project);
        of_project && shown.state.is_none_or(|state| key.state(now) == state)
    };
    let listed: Vec<&ApiKey> = keys.iter().filter(matches).collect();
    let active = listed.iter().filter(|key| key.state(now) == KeyState::Active).count();
    let note = match language {
        Language::En => format!(
            "{} of {} active. “Last used” is up to a minute old.",
            active,
            listed.len()
        ),
        Language::Zh => format!(
            "共 {} 个，{} 个有效。“上次使用”最多有一分钟延迟。",
            listed.len(),
            active
        ),
    };
    let everything = if shown.all { "/keys?all=1" } else { "/keys" };
    let content = if listed.is_empty() {
        view! {
            <NoMatch
                title=language.pick("No key matches", "没有匹配的密钥")
                text=language.pick("No key of this project is in this state.", "没有符合条件的密钥。")
                all=everything
            />
        }
        .into_any()
    } else {
        let told = Told {
            owners: shown.all,
            projects: true,
            keeps: viewer.may(Capability::Administer),
        };
        rows(&listed, viewer, told, now).into_any()
    };
    view! {
        <section class="panel" aria-label=language.pick("API keys", "API 密钥")>
            {content}
            {(!listed.is_empty()).then(|| view! { <footer class="panel-foot"><span>{note}</span></footer> })}
        </section>
    }
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
pub fn rows(keys: &[&ApiKey], viewer: &Viewer, told: Told, now: Timestamp) -> impl IntoView + use<> {
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
