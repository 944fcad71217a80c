//! One change beside the list: who, when, from where, and before and after field by field.

use domain::{access::Actor, audit::AuditEntry};
use leptos::prelude::*;

use super::{
    difference::{FieldChange, compare},
    parties::{actor_in_words, page_of_subject},
    words::action_in_words,
};
use crate::{
    components::{CopyLine, Facts, IconLink, Time, fact},
    text::use_language,
};

/// The open row of the list.
#[component]
pub fn Peek(
    /// The change.
    entry: AuditEntry,
    /// The list without it.
    close: String,
    /// The change above it in the list.
    #[prop(optional_no_strip)]
    newer: Option<String>,
    /// The change below it.
    #[prop(optional_no_strip)]
    older: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let title = action_in_words(&entry.action, language);
    let actor = actor_in_words(&entry.actor, language);
    let actor = match &entry.actor {
        Actor::User { id, .. } => view! { <a class="link break" href=format!("/users/{id}")>{actor}</a> }.into_any(),
        Actor::CommandLine | Actor::System => actor.into_any(),
    };
    let key = match &entry.actor {
        Actor::User { key, .. } => *key,
        Actor::CommandLine | Actor::System => None,
    };
    let gone = entry.action.ends_with(".delete");
    let subject = match page_of_subject(&entry.subject).filter(|_| !gone) {
        Some(page) => view! { <a class="link break" href=page>{entry.subject_name.clone()}</a> }.into_any(),
        None => view! { <span class="break">{entry.subject_name.clone()}</span> }.into_any(),
    };
    let from = entry.address.clone().map_or_else(
        || view! { <span class="muted">{language.pick("not over the network", "非网络请求")}</span> }.into_any(),
        |address| view! { <span class="mono">{address}</span> }.into_any(),
    );
    let mut facts = vec![
        fact(language.pick("When", "时间"), view! { <Time at=entry.at /> }),
        fact(language.pick("Who", "执行者"), actor),
        fact(language.pick("From", "来源地址"), from),
        fact(language.pick("To what", "对象"), subject),
        fact(
            language.pick("Its id", "对象标识"),
            view! { <span class="mono break">{entry.subject.clone()}</span> },
        ),
        fact(
            language.pick("Action", "动作"),
            view! { <span class="mono">{entry.action.clone()}</span> },
        ),
    ];
    if let Some(key) = key {
        // Beside whose it is.
        facts.insert(
            2,
            fact(
                language.pick("By which key", "所用密钥"),
                view! { <span class="mono break">{key.to_string()}</span> },
            ),
        );
    }
    let changes = compare(entry.before.as_deref(), entry.after.as_deref());
    view! {
        <aside class="peek" aria-labelledby="peek-title">
            <header class="peek-head">
                <h2 id="peek-title">{title}</h2>
                {newer.map(|href| view! { <IconLink href=href icon="up" label=language.pick("Newer change", "较新的更改") /> })}
                {older.map(|href| view! { <IconLink href=href icon="down" label=language.pick("Older change", "较早的更改") /> })}
                <IconLink href=close icon="x" label=language.pick("Close", "关闭") />
            </header>
            <div class="peek-body" tabindex="0" role="region" aria-labelledby="peek-title">
                <section class="peek-part">
                    <Facts of=facts />
                    <CopyLine text=entry.id.to_string() label=language.pick("entry", "条目") />
                </section>
                <section class="peek-part">
                    <h3>{language.pick("What changed", "变更内容")}</h3>
                    <Difference changes=changes />
                </section>
            </div>
        </aside>
    }
}

#[component]
fn Difference(changes: Vec<FieldChange>) -> impl IntoView {
    let language = use_language();
    if changes.is_empty() {
        return view! { <p class="muted">{language.pick("Nothing was written down beyond the act itself.", "除操作本身外没有其他记录。")}</p> }.into_any();
    }
    let (before, after) = (language.pick("Before", "之前"), language.pick("After", "之后"));
    // What was made or lost has one side only.
    let (lost, made) = (
        changes.iter().all(|change| change.after.is_none()),
        changes.iter().all(|change| change.before.is_none()),
    );
    let rows: Vec<_> = changes
        .into_iter()
        .map(|change| {
            let same = change.same();
            // What an admin said of a provider lies one level deeper when other facts stand beside it.
            let field = change.field.strip_prefix("draft.").unwrap_or(&change.field);
            let name = if field.is_empty() {
                language.pick("value", "值").to_owned()
            } else {
                field.to_owned()
            };
            let old = side(change.before, |text| {
                if same {
                    text.into_any()
                } else {
                    view! { <del>{text}</del> }.into_any()
                }
            });
            let new = side(change.after, |text| {
                if same {
                    text.into_any()
                } else {
                    view! { <ins>{text}</ins> }.into_any()
                }
            });
            view! {
                <tr class=same.then_some("diff-same")>
                    <th scope="row">{name}</th>
                    {(!made).then(|| view! { <td class="diff-old" data-label=before>{old}</td> })}
                    {(!lost).then(|| view! { <td class="diff-new" data-label=after>{new}</td> })}
                </tr>
            }
        })
        .collect();
    view! {
        <table class="diff">
            <thead>
                <tr>
                    <th scope="col">{language.pick("Field", "字段")}</th>
                    {(!made).then(|| view! { <th scope="col">{before}</th> })}
                    {(!lost).then(|| view! { <th scope="col">{after}</th> })}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// A value, or a dash where there is none.
fn side(value: Option<String>, shown: impl FnOnce(String) -> AnyView) -> AnyView {
    value.map_or_else(|| view! { <span class="muted">"–"</span> }.into_any(), shown)
}
