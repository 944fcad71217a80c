//! A question before something is done: a native dialog over the page.
//!
//! Its button opens it by the browser's own means (`popovertarget`), so it needs no script. Older browsers show a link in
//! the button's place (`dialog.css` knows them), which leads to a page that asks the same. The newer `command` would make it
//! modal, but no style sheet can tell who knows that.

use leptos::prelude::*;

use super::icon::Icon;
use crate::text::use_language;

/// A button that asks before it acts, and the dialog that it opens. The dialog's own form posts to the function.
#[component]
pub fn AskButton(
    /// Tells the dialogs of a page apart; it becomes the id.
    #[prop(into)]
    id: String,
    /// The page that asks the same.
    #[prop(into)]
    page: String,
    /// The button's classes beside `btn`.
    class: &'static str,
    /// An icon before the words.
    #[prop(optional, into)]
    icon: Option<String>,
    /// What the button says to screen readers; it names the object.
    #[prop(into)]
    label: String,
    /// The words of the button; without any, the icon stands alone.
    #[prop(optional, into)]
    word: Option<String>,
    /// The question, with the name of the object.
    #[prop(into)]
    title: String,
    /// `form::action::<TheFunction>()`.
    action: &'static str,
    /// The function's arguments.
    fields: Vec<(&'static str, String)>,
    /// What the button that acts says.
    #[prop(into)]
    submit: String,
    /// What will happen.
    children: Children,
) -> impl IntoView {
    let cancel = use_language().pick("Cancel", "取消");
    let heading = format!("{id}-title");
    let resting = word.is_none().then(|| label.clone());
    let hidden: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    // A refusal is shown on top of the page: in here it would stand behind a closed door.
    view! {
        <button
            class=format!("btn dialog-button {class}")
            type="button"
            popovertarget=id.clone()
            aria-label=label.clone()
            title=resting.clone()
        >
            {icon.clone().map(|name| view! { <Icon name=name /> })}
            {word.clone()}
        </button>
        <a class=format!("btn dialog-page {class}") href=page aria-label=label title=resting>
            {icon.map(|name| view! { <Icon name=name /> })}
            {word}
        </a>
        <dialog class="dialog" popover="auto" id=id aria-labelledby=heading>
            <form method="post" action=action>
                {hidden}
                <div class="dialog-head"><h2 id=heading.clone()>{title}</h2></div>
                <div class="dialog-body">{children()}</div>
                <div class="dialog-foot">
                    <button
                        class="btn"
                        type="button"
                        popovertarget=id.clone()
                        popovertargetaction="hide"
                        autofocus=true
                    >
                        {cancel}
                    </button>
                    <button class="btn btn-danger" type="submit">{submit}</button>
                </div>
            </form>
        </dialog>
    }
}
