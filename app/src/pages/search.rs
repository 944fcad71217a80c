//! `/search?q=`: what the palette finds, as a page, for whoever runs no scripts. What is typed is looked for among pages, people,
//! keys, models, providers and the ids of calls.

pub mod hits;

use leptos::prelude::*;

use crate::{
    components::*,
    context,
    error::AppError,
    form::Query,
    islands::palette::hit::{Hit, HitKind},
    text::{Language, use_language},
};

const PATH: &str = "/search";

/// The page.
#[component]
pub fn SearchPage() -> impl IntoView {
    page(async move {
        let viewer = context::viewer()?;
        let (gateway, language) = (context::gateway()?, use_language());
        let words = Query::current().get("q").unwrap_or_default();
        let mut found: Vec<Hit> = Place::hits(language)
            .into_iter()
            .filter(|page| page.matches(&words))
            .collect();
        found.extend(hits::found(&gateway, &viewer, &words).await?);
        let title = language.pick("Search", "搜索");
        let label = language.pick("Search everything", "搜索全部");
        let placeholder = language.pick("Name, address, model or id", "名称、邮箱、模型或编号");
        let clear = (!words.is_empty()).then(|| PATH.to_owned());
        let value = (!words.is_empty()).then(|| words.clone());
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Nowhere narrow=true>
                <PageHead title=title/>
                <FilterForm action=PATH label=label clear=clear>
                    <FilterText name="q" label=label placeholder=placeholder value=value/>
                </FilterForm>
                {if found.is_empty() { nothing(&words, language).into_any() } else { groups(&found, language).into_any() }}
            </Page>
        })
    })
}

fn nothing(words: &str, language: Language) -> impl IntoView {
    let title = match language {
        Language::En => format!("Nothing is called “{words}”"),
        Language::Zh => format!("没有找到“{words}”"),
    };
    let text = language.pick(
        "Or nothing that you may see. Search for a part of a name or address, or for a whole id.",
        "也可能是你无权查看。请搜索名称或邮箱的一部分，或完整的编号。",
    );
    view! {
        <State kind=StateKind::NoMatch title=title text=text>
            <a class="btn" href=PATH>{language.pick("Clear the search", "清除搜索")}</a>
        </State>
    }
}

/// A panel for each kind.
fn groups(found: &[Hit], language: Language) -> impl IntoView {
    HitKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let rows: Vec<_> = found.iter().filter(|hit| hit.kind == kind).cloned().map(row).collect();
            let id = format!("found-{}", kind.icon());
            (!rows.is_empty()).then(
                || view! { <Panel title=kind.title(language) id=id><ul class="list" role="list">{rows}</ul></Panel> },
            )
        })
        .collect_view()
}

fn row(hit: Hit) -> impl IntoView {
    view! {
        <li>
            <Icon name=hit.icon/>
            <div class="list-main">
                <a class="link" href=hit.href>{hit.title}</a>
                {(!hit.note.is_empty()).then(|| view! { <p class="list-note">{hit.note}</p> })}
            </div>
        </li>
    }
}
