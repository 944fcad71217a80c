//! Buttons: links that look like one, buttons of a form, and forms that are nothing but a button.

use leptos::prelude::*;

use super::icon::Icon;
use crate::text::{Language, use_language};

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// `btn-primary`, `btn-quiet`, `btn-s` and so on, beside `btn`.
    #[prop(optional, into)]
    class: Option<String>,
    /// An icon before the words.
    #[prop(optional, into)]
    icon: Option<String>,
    /// The words; they name the object.
    children: Children,
) -> impl IntoView {
    view! { <a class=button_class(class) href=href>{icon.map(|name| view! { <Icon name=name /> })}{children()}</a> }
}

/// A small link that is only an icon; its words are for screen readers and for the pointer that rests on it.
#[component]
pub fn IconLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// The icon.
    icon: &'static str,
    /// The words.
    label: &'static str,
) -> impl IntoView {
    view! { <a class="btn btn-icon btn-quiet btn-s" href=href aria-label=label title=label><Icon name=icon /></a> }
}

/// The button that sends the form around it.
#[component]
pub fn SubmitButton(
    /// Instead of `btn-primary`.
    #[prop(optional, into)]
    class: Option<String>,
    /// An icon before the words.
    #[prop(optional, into)]
    icon: Option<String>,
    /// The words; they name the object.
    children: Children,
) -> impl IntoView {
    let class = button_class(Some(class.unwrap_or_else(|| "btn-primary".to_owned())));
    view! { <button class=class type="submit">{icon.map(|name| view! { <Icon name=name /> })}{children()}</button> }
}

/// A form that is only a button: switches, deletes, moves. What cannot be undone is asked first: by
/// `AskButton`, or by `ConfirmForm` where a name must be typed.
#[component]
pub fn PostButton(
    /// `form::action::<TheFunction>()`.
    action: &'static str,
    /// The function's arguments.
    #[prop(optional)]
    fields: Vec<(&'static str, String)>,
    /// Beside `btn`.
    #[prop(optional, into)]
    class: Option<String>,
    /// An icon before the words.
    #[prop(optional, into)]
    icon: Option<String>,
    /// What the button says to screen readers, where its words alone do not name the object.
    #[prop(optional, into)]
    label: Option<String>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let hidden: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    view! {
        <form class="inline-form" method="post" action=action>
            {hidden}
            <button class=button_class(class) type="submit" aria-label=label.clone() title=label>
                {icon.map(|name| view! { <Icon name=name /> })}
                {children()}
            </button>
        </form>
    }
}

/// The button that enables or disables something. The function gets `enabled` beside its other arguments.
#[component]
pub fn SwitchButton(
    /// `form::action::<TheFunction>()`.
    action: &'static str,
    /// The function's other arguments.
    fields: Vec<(&'static str, String)>,
    /// It is enabled now.
    enabled: bool,
    /// What it is called.
    #[prop(into)]
    title: String,
    /// Low, for rows.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let (word, label) = match (use_language(), enabled) {
        (Language::En, true) => ("Disable", format!("Disable {title}")),
        (Language::En, false) => ("Enable", format!("Enable {title}")),
        (Language::Zh, true) => ("停用", format!("停用 {title}")),
        (Language::Zh, false) => ("启用", format!("启用 {title}")),
    };
    let mut fields = fields;
    fields.push(("enabled", (!enabled).to_string()));
    let class = if small { "btn-s" } else { "" };
    view! { <PostButton action=action fields=fields class=class label=label>{word}</PostButton> }
}

/// A class that already names another component, such as `menu-item`, stands alone.
fn button_class(class: Option<String>) -> String {
    match class {
        None => "btn".to_owned(),
        Some(class) if class.is_empty() => "btn".to_owned(),
        Some(class) if class.starts_with("menu-item") => class,
        Some(class) => format!("btn {class}"),
    }
}
