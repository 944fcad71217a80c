//! The dialog that lists the keys, and the switch for those of one letter (WCAG 2.1.4).

use leptos::{html, prelude::*};

use super::browser;
use crate::text::Language;

/// Every key: what is pressed, what it does.
fn keys(language: Language) -> [(&'static [&'static str], &'static str); 6] {
    [
        (
            &["Ctrl", "K"],
            language.pick("Search or jump to anything", "搜索或跳转"),
        ),
        (&["/"], language.pick("Into the search of this page", "聚焦本页搜索框")),
        (&["?"], language.pick("This list", "显示此列表")),
        (&["↑", "↓"], language.pick("Move in the palette", "在面板中移动")),
        (&["↵"], language.pick("Open what is chosen", "打开所选项")),
        (&["Esc"], language.pick("Close what lies on top", "关闭最上层")),
    ]
}

/// The dialog.
#[component]
pub(super) fn Shortcuts(dialog: NodeRef<html::Dialog>, language: Language) -> impl IntoView {
    let title = language.pick("Keyboard shortcuts", "键盘快捷键");
    let rows = keys(language)
        .map(|(pressed, does)| {
            let pressed = pressed.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view();
            view! { <tr><th scope="row">{pressed}</th><td>{does}</td></tr> }
        })
        .collect_view();
    let act = RwSignal::new(true);
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| act.set(super::recent::letters_act()));
    let switch = move |event| {
        act.set(event_target_checked(&event));
        #[cfg(feature = "hydrate")]
        super::recent::let_letters_act(act.get_untracked());
    };
    view! {
        <dialog class="dialog" aria-label=title node_ref=dialog on:click=move |event| browser::close_outside(&event, dialog)>
            <div class="dialog-head"><h2>{title}</h2></div>
            <div class="dialog-body">
                <table class="shortcuts"><tbody>{rows}</tbody></table>
                <label class="switch-row">
                    <span>{language.pick("Keys of a single letter act", "启用单键快捷键")}</span>
                    <input class="switch" type="checkbox" role="switch" prop:checked=act on:change=switch/>
                </label>
            </div>
            <div class="dialog-foot">
                <button class="btn" type="button" on:click=move |_| browser::close(dialog)>{language.pick("Close", "关闭")}</button>
            </div>
        </dialog>
    }
}
