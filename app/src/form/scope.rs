//! What a field needs to know of the form around it: a prefix for ids, the refusal that concerns it, what was typed.

use std::collections::BTreeMap;

use leptos::prelude::use_context;

use crate::{
    error::AppError,
    flash::{self, Problem},
    text::use_language,
};

/// Provided by `components::Form` to the fields within it.
#[derive(Clone, Debug, Default)]
pub struct FormScope {
    id: String,
    problem: Option<Problem>,
}

impl FormScope {
    /// The scope of the form that posts to `action`; `part` tells several such forms on one page apart. A refusal comes
    /// back to the part that caused it.
    #[must_use]
    pub fn of(action: &str, part: Option<&str>) -> Self {
        let name = action.rsplit('/').next().unwrap_or("form");
        let id = part.map_or_else(|| name.to_owned(), |part| format!("{name}-{part}"));
        let ours = |problem: &Problem| problem.action == action && problem.typed.get(PART).map(String::as_str) == part;
        let problem = flash::take().problem.filter(ours);
        if problem.is_some() {
            flash::problem_is_shown();
        }
        Self { id, problem }
    }

    /// The scope of a form whose values stand in the address: what its page found to be wrong with a field.
    #[must_use]
    pub fn finding(id: &str, field: &str, error: Option<AppError>) -> Self {
        let problem = error.map(|error| Problem {
            action: String::new(),
            field: Some(field.to_owned()),
            error,
            also: Vec::new(),
            typed: BTreeMap::new(),
        });
        Self {
            id: id.to_owned(),
            problem,
        }
    }

    /// The scope around the present component; fields outside any form get an empty one.
    #[must_use]
    pub fn current() -> Self {
        use_context::<Self>().unwrap_or_default()
    }

    /// The id of a field's control.
    #[must_use]
    pub fn id(&self, field: &str) -> String {
        if self.id.is_empty() {
            field.to_owned()
        } else {
            format!("{}-{field}", self.id)
        }
    }

    /// What was typed into the field before it was refused.
    #[must_use]
    pub fn typed(&self, field: &str) -> Option<String> {
        self.problem.as_ref()?.typed.get(field).cloned()
    }

    /// The form was refused: its checkboxes show what was sent, not what was stored.
    #[must_use]
    pub const fn refused(&self) -> bool {
        self.problem.is_some()
    }

    /// Why it was refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&AppError> {
        self.problem.as_ref().map(|problem| &problem.error)
    }

    /// The sentence for this field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        let problem = self.problem.as_ref()?;
        let also = problem.also.iter().find(|(name, _)| name == field);
        let error = match problem.field.as_deref() == Some(field) {
            true => &problem.error,
            false => &also?.1,
        };
        Some(error.sentence(use_language()))
    }

    /// The sentence for the form as a whole.
    #[must_use]
    pub fn general_error(&self) -> Option<String> {
        let problem = self.problem.as_ref()?;
        problem.field.is_none().then(|| problem.error.sentence(use_language()))
    }
}

/// The typed value that names the part, see [`FormScope::of`].
const PART: &str = "_part";

impl super::Back {
    /// For a form that stands several times on its page: which of them it was (the id of its row).
    #[must_use]
    pub fn part(self, part: &str) -> Self {
        self.keeping(PART, part)
    }
}
