//! Controls that offer something: selects, radio choices, checkboxes and switches.

use leptos::prelude::*;

use super::Frame;
use crate::form::FormScope;

/// One thing on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    value: String,
    title: String,
    note: Option<String>,
}

impl Choice {
    /// The value that is sent, and what people read.
    #[must_use]
    pub fn new(value: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            title: title.into(),
            note: None,
        }
    }

    /// A quiet line under the title; only radio choices show it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// The `<option>`s of a select, one of them selected. For selects outside forms, such as filters.
#[must_use]
pub fn options(choices: Vec<Choice>, selected: &str) -> Vec<AnyView> {
    choices
        .into_iter()
        .map(|choice| {
            let chosen = choice.value == selected;
            view! { <option value=choice.value selected=chosen>{choice.title}</option> }.into_any()
        })
        .collect()
}

/// A list to choose one from.
#[component]
pub fn SelectField(
    /// The argument of the server function.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What is on offer.
    choices: Vec<Choice>,
    /// What is chosen at first.
    #[prop(optional, into)]
    value: Option<String>,
    /// What to know before choosing.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let scope = FormScope::current();
    let frame = Frame::new(&scope, name, hint);
    let selected = scope.typed(name).or(value).unwrap_or_default();
    let control = view! {
        <span class="select">
            <select id=frame.id.clone() name=name aria-invalid=frame.invalid() aria-describedby=frame.described_by()>
                {options(choices, &selected)}
            </select>
        </span>
    };
    frame.around(label, false, control.into_any())
}

/// A few choices side by side, each with room for a note.
#[component]
pub fn ChoiceField(
    /// The argument of the server function.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What is on offer.
    choices: Vec<Choice>,
    /// What is chosen at first.
    #[prop(optional, into)]
    value: Option<String>,
    /// Always three columns.
    #[prop(optional)]
    three: bool,
) -> impl IntoView {
    let scope = FormScope::current();
    let selected = scope.typed(name).or(value).unwrap_or_default();
    let error = scope.error(name);
    let offers: Vec<_> = choices
        .into_iter()
        .map(|choice| {
            let chosen = choice.value == selected;
            view! {
                <label class="choice">
                    <input type="radio" name=name value=choice.value checked=chosen required=true />
                    <span class="choice-value">{choice.title}</span>
                    {choice.note.map(|note| view! { <span class="choice-note">{note}</span> })}
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="fieldset">
            <legend class="label">{label}</legend>
            <div class=if three { "choices choices-3" } else { "choices" }>{offers}</div>
            {error.map(|error| view! { <p class="error">{error}</p> })}
        </fieldset>
    }
}

/// A box to tick. Sends `true`, or nothing: the argument is `#[server(default)] name: bool`.
#[component]
pub fn CheckField(
    /// The argument of the server function.
    name: &'static str,
    /// What ticking it means.
    #[prop(into)]
    label: String,
    /// What to know before ticking.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Ticked at first.
    #[prop(optional)]
    checked: bool,
) -> impl IntoView {
    let scope = FormScope::current();
    let checked = if scope.refused() {
        scope.typed(name).as_deref() == Some("true")
    } else {
        checked
    };
    view! {
        <label class="check">
            <input type="checkbox" id=scope.id(name) name=name value="true" checked=checked />
            <span class="check-text">{label}{hint.map(|hint| view! { <span class="help">{hint}</span> })}</span>
        </label>
    }
}
