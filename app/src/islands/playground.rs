//! The playground: a conversation with one model at a time, answered piece by piece, stopped at will.
//!
//! Everything is drawn and kept in the browser; `ask` is the only way to the hub. The page around it, and what works without
//! scripts, is `pages::playground`.
#![expect(missing_docs, reason = "the island macro makes structs of its own")]

pub mod ask;
mod composer;
mod conversation;
pub mod copy;
mod files;
pub mod frame;
pub mod lines;
mod message;
mod pick;
mod reader;
mod scroll;
mod settings;
mod tools;
mod turn;
pub mod unheard;
pub mod unread;
pub mod words;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::text::Language;
use composer::Composer;
use conversation::Conversation;
use files::Tray;
use message::{Message, Sign};
use scroll::Follow;
use settings::{Settings, SettingsPanel};
use unread::ModelChoice;

/// A provider and its models, as the list of models groups them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelGroup {
    /// What people call the provider.
    pub title: String,
    /// Its answers come from the hub itself.
    pub simulated: bool,
    /// In the order in which they are offered.
    pub models: Vec<ModelChoice>,
}

/// The whole of the page's main part. There is at least one model.
#[island]
pub fn Playground(
    /// What can be asked.
    groups: Vec<ModelGroup>,
    /// The model that is chosen at first.
    model: String,
    /// In which language to speak.
    language: Language,
) -> impl IntoView {
    let settings = Settings::new(model);
    let conversation = Conversation::new(language);
    let follow = Follow::new(conversation.grown);
    let draft = RwSignal::new(String::new());
    let tray = Tray::new(language);
    let simulated: Vec<String> = groups
        .iter()
        .filter(|group| group.simulated)
        .flat_map(|group| group.models.iter().map(|model| model.name.clone()))
        .collect();
    let simulated = Signal::stored(simulated);
    let models = StoredValue::new(groups.iter().flat_map(|group| group.models.clone()).collect::<Vec<_>>());
    let empty = move || conversation.turns.with(Vec::is_empty);
    let (adjust, anew) = (
        language.pick("Settings", "设置"),
        language.pick("New conversation", "新对话"),
    );
    view! {
        <header class="bench-head">
            <h1>{language.pick("Playground", "试用")}</h1>
            <ModelSelect groups settings language/>
            <div class="btn-row push">
                <button class="btn btn-s bench-toggle" type="button" popovertarget="settings" aria-label=adjust title=adjust>
                    <Sign name="settings"/><span class="wide-only">{adjust}</span>
                </button>
                <button class="btn btn-s" type="button" disabled=empty aria-label=anew title=anew on:click=move |_| conversation.clear()>
                    <Sign name="plus"/><span class="wide-only">{anew}</span>
                </button>
            </div>
        </header>
        <div class="bench">
            <div class="bench-main" on:dragover=move |event| pick::hovering(&event) on:drop=move |event| pick::dropped(&event, tray, conversation.weight())>
                <div class="chat" role="log" aria-live="off" tabindex="0" aria-label=language.pick("Conversation", "对话")
                    aria-busy=move || conversation.running.get().to_string()>
                    <Show when=empty><Welcome draft language/></Show>
                    <For each=move || conversation.turns.get() key=|turn| turn.number
                        children=move |turn| view! { <Message turn conversation settings simulated language/> }/>
                </div>
                <p class="visually-hidden" role="status">{conversation.announcement}</p>
                <Composer models conversation settings follow draft tray language/>
            </div>
            <SettingsPanel settings language/>
        </div>
    }
}

/// The list of models, grouped by provider.
#[component]
fn ModelSelect(groups: Vec<ModelGroup>, settings: Settings, language: Language) -> impl IntoView {
    let chosen = settings.model.get_untracked();
    let lists = groups
        .into_iter()
        .map(|group| {
            let title = if group.simulated {
                format!("{} ({})", group.title, language.pick("simulated", "模拟"))
            } else {
                group.title
            };
            let options = group
                .models
                .into_iter()
                .map(|ModelChoice { name, .. }| view! { <option value=name.clone() selected=name == chosen>{name.clone()}</option> })
                .collect_view();
            view! { <optgroup label=title>{options}</optgroup> }
        })
        .collect_view();
    view! {
        <span class="select">
            <select aria-label=language.pick("Model", "模型") autocomplete="off" on:change=move |event| settings.model.set(event_target_value(&event))>{lists}</select>
        </span>
    }
}

/// Nothing said yet: three ways to begin.
#[component]
fn Welcome(draft: RwSignal<String>, language: Language) -> impl IntoView {
    let ideas = [
        language.pick(
            "Explain how HTTP streaming works, in five sentences.",
            "用五句话解释 HTTP 流式传输的原理。",
        ),
        language.pick(
            "Write a SQL query that finds duplicate e-mail addresses.",
            "写一条查找重复邮箱的 SQL。",
        ),
        language.pick(
            "Compare three ways to store passwords, as a table.",
            "用表格比较三种密码存储方式。",
        ),
    ];
    let buttons = ideas
        .map(|idea| view! { <button class="idea" type="button" on:click=move |_| draft.set(idea.to_owned())>{idea}</button> })
        .collect_view();
    view! {
        <div class="chat-empty">
            <div class="state state-s">
                <Sign name="play-chat"/>
                <h2>{language.pick("Ask a model something", "向模型提问")}</h2>
                <p>{language.pick("The answer comes word by word, with its tokens and times under it.", "回答会逐字显示，下方附有 token 数和用时。")}</p>
            </div>
            <div class="ideas">{buttons}</div>
        </div>
    }
}
