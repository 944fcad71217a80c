//! The command palette: Ctrl-K or the button in the top bar, then letters, arrows and Enter. It lists pages at once and asks the
//! hub for people, keys, models, providers and a call by its id. Without scripts the button leads to `/search`, which finds the same.
//!
//! The dialogs are native: Escape closes them, and the browser gives the focus back to where it was.
#![expect(missing_docs, reason = "the island macro makes structs of its own")]

mod browser;
pub mod find;
pub mod hit;
#[cfg(feature = "hydrate")]
mod keyboard;
mod list;
#[cfg(feature = "hydrate")]
mod recent;
#[cfg(feature = "hydrate")]
mod returning;
mod shortcuts;

use leptos::{ev, html, prelude::*};

use self::{
    browser::Finder,
    hit::Hit,
    list::{Section, sections, step},
    shortcuts::Shortcuts,
};
use crate::text::Language;

/// The button and its dialog. `pages` are those that the viewer may see.
#[island]
pub fn Palette(
    /// Every page that the viewer may go to.
    pages: Vec<Hit>,
    /// Whose recent ones are shown.
    viewer: String,
    /// In which language to speak.
    language: Language,
) -> impl IntoView {
    let label = language.pick("Search or jump to", "搜索或跳转");
    let (dialog, field) = (NodeRef::<html::Dialog>::new(), NodeRef::<html::Input>::new());
    let keys = NodeRef::<html::Dialog>::new();
    let finder = Finder::new(viewer);
    let (words, chosen) = (finder.words, finder.chosen);
    let shown = Memo::new(move |_| {
        sections(
            &words.get(),
            &pages,
            &finder.recent.get(),
            &finder.found.get(),
            language,
        )
    });
    let count = move || shown.with(|all| all.iter().map(|section| section.hits.len()).sum::<usize>());
    let active = move || (count() > 0).then(|| format!("palette-{}", chosen.get().min(count() - 1)));
    finder.listen(dialog, field, keys);
    let press = move |event: ev::KeyboardEvent| match event.key().as_str() {
        key @ ("ArrowDown" | "ArrowUp") => {
            event.prevent_default();
            chosen.set(step(chosen.get_untracked(), key == "ArrowDown", count()));
            browser::show(chosen.get_untracked());
        }
        // A search field would first empty itself.
        "Escape" if !event.is_composing() => {
            event.prevent_default();
            browser::close(dialog);
        }
        "Enter" if !event.is_composing() => {
            event.prevent_default();
            let at = chosen.get_untracked();
            let hit = shown.with_untracked(|all| {
                all.iter()
                    .flat_map(|section| &section.hits)
                    .find(|(number, _)| *number == at)
                    .map(|(_, hit)| hit.clone())
            });
            if let Some(hit) = hit {
                finder.open(&hit);
            }
        }
        _ => {}
    };
    let said = move || said(language, &words.get(), finder.busy.get(), finder.failed.get(), count());
    view! {
        <form class="jump-form" method="get" action="/search">
            <button class="jump" type="submit" aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K"
                on:click=move |event| { event.prevent_default(); finder.show(dialog, field); }>
                <Sign name="search"/><span>{label}</span><kbd>"Ctrl K"</kbd>
            </button>
        </form>
        <dialog class="palette" aria-label=label node_ref=dialog on:click=move |event| browser::close_outside(&event, dialog)>
            <div class="palette-search">
                <Sign name="search"/>
                <input type="search" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
                    aria-label=label placeholder=label autocomplete="off" spellcheck="false" maxlength="200"
                    aria-activedescendant=active node_ref=field
                    on:input=move |event| finder.typed(event_target_value(&event)) on:keydown=press/>
            </div>
            <div class="palette-list" id="palette-list" role="listbox" aria-label=label aria-busy=move || finder.busy.get().to_string()>
                {move || shown.get().into_iter().map(|section| group(section, finder)).collect_view()}
            </div>
            <p class="palette-said" role="status">{said}</p>
            <div class="palette-foot">
                <span class="wide-only"><kbd>"↑"</kbd>" "<kbd>"↓"</kbd>" "{language.pick("Move", "移动")}</span>
                <span class="wide-only"><kbd>"↵"</kbd>" "{language.pick("Open", "打开")}</span>
                <button class="palette-keys" type="button" on:click=move |_| finder.swap(dialog, keys)>
                    {language.pick("Keyboard shortcuts", "键盘快捷键")}" "<kbd>"?"</kbd>
                </button>
                <button class="palette-keys" type="button" on:click=move |_| browser::close(dialog)>
                    <kbd>"Esc"</kbd>" "{language.pick("Close", "关闭")}
                </button>
            </div>
        </dialog>
        <Shortcuts dialog=keys language=language/>
    }
}

/// One heading with its options.
fn group(section: Section, finder: Finder) -> impl IntoView {
    let first = section.hits.first().map_or(0, |(number, _)| *number);
    let heading = format!("palette-head-{first}");
    let named = heading.clone();
    let options = section
        .hits
        .into_iter()
        .map(|(number, hit)| {
            let opened = hit.clone();
            let id = hit.title.starts_with("call_");
            view! {
                <div class="palette-item" role="option" id=format!("palette-{number}")
                    aria-selected=move || (finder.chosen.get() == number).to_string()
                    on:mousemove=move |_| if finder.chosen.get_untracked() != number { finder.chosen.set(number) }
                    on:click=move |_| finder.open(&opened)>
                    <Sign name=hit.icon.clone()/>
                    <span class="palette-name" class:mono=id>{hit.title.clone()}</span>
                    <small>{hit.note.clone()}</small>
                </div>
            }
        })
        .collect_view();
    view! {
        <div role="group" aria-labelledby=named>
            <p class="palette-title" id=heading>{section.title}</p>
            {options}
        </div>
    }
}

/// What stands under the list: that something is looked for, that nothing was found, how many were.
fn said(language: Language, words: &str, busy: bool, failed: bool, count: usize) -> String {
    match (failed, busy, count) {
        (true, ..) => language
            .pick(
                "The hub did not answer. Type on to try again.",
                "Hub 没有响应，继续输入即可重试。",
            )
            .to_owned(),
        (false, true, _) => language.pick("Searching …", "正在搜索…").to_owned(),
        (false, false, 0) => match language {
            Language::En => format!("Nothing is called “{}”, or nothing that you may see.", words.trim()),
            Language::Zh => format!("没有找到“{}”，或你无权查看。", words.trim()),
        },
        (false, false, _) if words.trim().is_empty() => language
            .pick(
                "Type a name, an address, a model or the id of a call.",
                "输入名称、邮箱、模型或调用编号。",
            )
            .to_owned(),
        (false, false, count) => match language {
            Language::En => format!("{count} found"),
            Language::Zh => format!("找到 {count} 项"),
        },
    }
}

/// An icon of the sprite.
#[component]
fn Sign(#[prop(into)] name: String) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use_ href=format!("/icons.svg#i-{name}")></use_></svg> }
}
