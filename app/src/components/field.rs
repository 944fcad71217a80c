//! Labelled controls. Within a [`super::Form`] each shows the refusal that concerns it and what had been typed.

mod choice;
mod text;

pub use choice::{CheckField, Choice, ChoiceField, SelectField, options};
pub use text::{TextArea, TextField};

use leptos::prelude::*;

use super::icon::Icon;
use crate::{form::FormScope, text::use_language};

/// The parts that every labelled control shares.
struct Frame {
    id: String,
    error: Option<String>,
    hint: Option<String>,
}

impl Frame {
    fn new(scope: &FormScope, name: &str, hint: Option<String>) -> Self {
        Self {
            id: scope.id(name),
            error: scope.error(name),
            hint,
        }
    }

    /// What describes the control: its error and its hint, by their ids.
    fn described_by(&self) -> Option<String> {
        let mut ids = Vec::new();
        if self.error.is_some() {
            ids.push(format!("{}-error", self.id));
        }
        if self.hint.is_some() {
            ids.push(format!("{}-hint", self.id));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.is_some().then_some("true")
    }

    /// Typing goes on where something was wrong; else where the page says it begins.
    fn takes_focus(&self, scope: &FormScope, usual: bool) -> bool {
        if scope.refused() { self.error.is_some() } else { usual }
    }

    /// Label, control, hint and error, one under the other.
    fn around(self, label: String, optional: bool, control: AnyView) -> impl IntoView {
        let language = use_language();
        let (hint_id, error_id) = (format!("{}-hint", self.id), format!("{}-error", self.id));
        view! {
            <div class="field">
                <label class="label" for=self.id>
                    {label}
                    {optional.then(|| view! { " "<span class="optional">{language.pick("optional", "选填")}</span> })}
                </label>
                {control}
                {self.hint.map(|hint| view! { <p class="help" id=hint_id>{hint}</p> })}
                {self.error.map(|error| view! { <p class="error" id=error_id><Icon name="warn" />{error}</p> })}
            </div>
        }
    }
}
