//! Controls that take typed text.

use leptos::prelude::*;

use super::Frame;
use crate::form::FormScope;

/// One line of text. What was typed before a refusal stands in it again, except in password fields.
#[component]
pub fn TextField(
    /// The argument of the server function.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// `text` (the default), `email`, `password`, `url`, `number`, `search`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: Option<String>,
    /// What to know before typing.
    #[prop(optional, into)]
    hint: Option<String>,
    /// May stay empty; the label says so.
    #[prop(optional)]
    optional: bool,
    /// The browser's hint for filling in, such as `username`.
    #[prop(optional, into)]
    autocomplete: Option<String>,
    /// An example within the empty field.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// In letters of one width, for names and addresses that machines read.
    #[prop(optional)]
    mono: bool,
    /// Ten rem wide, for numbers.
    #[prop(optional)]
    short: bool,
    /// The fewest characters.
    #[prop(optional, into)]
    min_length: Option<u32>,
    /// The most characters.
    #[prop(optional, into)]
    max_length: Option<u32>,
    /// Typing may begin at once. One field on a page.
    #[prop(optional)]
    focus: bool,
    /// What it may be completed to, by any part of it.
    #[prop(optional)]
    offers: Vec<String>,
) -> impl IntoView {
    let scope = FormScope::current();
    let frame = Frame::new(&scope, name, hint);
    let list = (!offers.is_empty()).then(|| format!("{}-offers", frame.id));
    let offers = list.clone().map(|id| {
        let offers: Vec<_> = offers
            .into_iter()
            .map(|offer| view! { <option value=offer></option> })
            .collect();
        view! { <datalist id=id>{offers}</datalist> }
    });
    let secret = kind == "password";
    let value = if secret { None } else { scope.typed(name).or(value) };
    let mut class = "input".to_owned();
    for (applies, word) in [
        (mono, " input-mono"),
        (short, " input-short"),
        (kind == "number", " input-num"),
    ] {
        if applies {
            class.push_str(word);
        }
    }
    let control = view! {
        <input
            class=class
            id=frame.id.clone()
            name=name
            type=kind
            value=value
            list=list
            required=!optional
            autocomplete=autocomplete
            placeholder=placeholder
            minlength=min_length
            maxlength=max_length
            autofocus=frame.takes_focus(&scope, focus)
            spellcheck=(mono || secret || kind != "text").then_some("false")
            aria-invalid=frame.invalid()
            aria-describedby=frame.described_by()
        />
        {offers}
    };
    frame.around(label, optional, control.into_any())
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// The argument of the server function.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: Option<String>,
    /// What to know before typing.
    #[prop(optional, into)]
    hint: Option<String>,
    /// May stay empty; the label says so.
    #[prop(optional)]
    optional: bool,
    /// How many lines are seen at first.
    #[prop(default = 4)]
    rows: u32,
    /// In letters of one width.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let scope = FormScope::current();
    let frame = Frame::new(&scope, name, hint);
    let value = scope.typed(name).or(value).unwrap_or_default();
    let control = view! {
        <textarea
            class=if mono { "textarea mono" } else { "textarea" }
            id=frame.id.clone()
            name=name
            rows=rows
            required=!optional
            aria-invalid=frame.invalid()
            aria-describedby=frame.described_by()
        >
            {value}
        </textarea>
    };
    frame.around(label, optional, control.into_any())
}
