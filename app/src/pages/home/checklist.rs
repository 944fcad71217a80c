//! What is still to do before the hub is of use to anybody. It disappears when all of it is done; what the demo brings along
//! does not count, and a second person is advice.

use leptos::prelude::*;

use crate::{
    components::{Icon, Panel},
    text::{Language, use_language},
};

/// What people have done already, without what the demo brings along.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// A provider is connected and has a model that can be called.
    pub provider: bool,
    /// Somebody made a key.
    pub key: bool,
    /// A call stands in the log.
    pub call: bool,
    /// There is a second person. That is good, and nobody has to.
    pub people: bool,
}

impl Progress {
    /// What must be done.
    const fn needed(self) -> [bool; 3] {
        [self.provider, self.key, self.call]
    }

    /// Nothing is left that must be done.
    pub(super) fn done(self) -> bool {
        self.needed().iter().all(|done| *done)
    }
}

/// The steps in order; the first open one is marked.
#[component]
pub(super) fn Checklist(progress: Progress) -> impl IntoView {
    let language = use_language();
    let needed = progress.needed();
    let finished = needed.iter().filter(|done| **done).count();
    let next = needed.iter().position(|done| !done);
    let words = [
        (
            "/providers/new",
            language.pick("Connect a provider", "连接提供商"),
            language.pick("Where the models are", "模型的来源"),
        ),
        (
            "/keys/new",
            language.pick("Make an API key", "创建 API 密钥"),
            language.pick("What your programs sign in with", "程序用它来验证身份"),
        ),
        (
            "/playground",
            language.pick("Make a first call", "发出第一次调用"),
            language.pick("Here, or with any OpenAI client", "在此试用，或用任意 OpenAI 客户端"),
        ),
        (
            "/users/new",
            language.pick("Add a second person", "添加第二位用户"),
            language.pick("If you like: better two admins than none", "可选：多一位管理员更稳妥"),
        ),
    ];
    let steps: Vec<_> = needed
        .into_iter()
        .chain([progress.people])
        .zip(words)
        .enumerate()
        .map(|(index, (done, (href, title, help)))| {
            let state = if done {
                "done"
            } else if next == Some(index) {
                "next"
            } else {
                ""
            };
            let (icon, label) = if done {
                ("ok", language.pick("Done", "已完成"))
            } else {
                let optional = index >= needed.len();
                let word = if optional {
                    language.pick("Optional", "可选")
                } else {
                    language.pick("To do", "待办")
                };
                ("todo", word)
            };
            let title = if done {
                title.into_any()
            } else {
                view! { <a class="link" href=href>{title}</a> }.into_any()
            };
            view! {
                <li class="step" data-state=state>
                    <Icon name=icon label=label />
                    <p class="step-title">{title}</p>
                    <p class="help">{help}</p>
                </li>
            }
        })
        .collect();
    let note = match language {
        Language::En => format!("{finished} of {} done", needed.len()),
        Language::Zh => format!("已完成 {finished} / {}", needed.len()),
    };
    view! {
        <Panel title=language.pick("Set-up", "设置") id="setup" note=note>
            <ol class="steps">{steps}</ol>
        </Panel>
    }
}
