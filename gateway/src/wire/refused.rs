//! What a model refuses of a request whose bytes pass, by the table that requests are written anew by. Where nothing of the table
//! applies no byte is touched. Scanners note where such members stand; `speech` asks, and tells the client what was left out.

use domain::catalog::{Abilities, Parameter, ProviderKind, Quirks};

use super::{canonical::Dropped, json::Value};

/// What is to be edited for a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// These are left out.
    pub parameters: &'static [Parameter],
    /// Also those that say what any model does anyway.
    pub even_usual: bool,
    /// `max_tokens` is called `max_completion_tokens`.
    pub newer_limit: bool,
    /// What the hub itself wrote for another provider goes, see `traces`.
    pub traces: bool,
    /// The wish to think goes.
    pub thoughts: bool,
}

impl Refused {
    /// Nothing.
    pub const NOTHING: Self = Self {
        parameters: &[],
        even_usual: false,
        newer_limit: false,
        traces: false,
        thoughts: false,
    };

    /// By the table. `thinks` is what the request says of thinking, if anything.
    pub fn by(kind: ProviderKind, slug: &str, quirks: &Quirks, thinks: Option<bool>) -> Self {
        let abilities = Abilities::of(kind, slug);
        Self {
            parameters: abilities.refused(thinks == Some(true)),
            even_usual: abilities.refuses_usual,
            newer_limit: abilities.newer_limit && !quirks.max_tokens_only,
            ..Self::NOTHING
        }
    }

    /// What of these goes, each once and by its name.
    pub fn told<'a>(self, said: impl Iterator<Item = &'a Parameter> + Clone) -> impl Iterator<Item = Dropped> {
        let gone = self
            .parameters
            .iter()
            .filter(move |parameter| said.clone().any(|said| said == *parameter));
        gone.map(|parameter| Dropped(parameter.as_str().to_owned()))
    }
}

/// The parameter that a member of a request is, unless it says what any model does anyway, which hardly any refuses.
pub(super) fn of_member(name: &str, value: &Value<'_>) -> Option<Parameter> {
    Parameter::named(name).filter(|parameter| !value.is_null() && !is_usual(*parameter, value))
}

/// The parameter that a member is which says what any model does anyway.
pub(super) fn of_usual_member(name: &str, value: &Value<'_>) -> Option<Parameter> {
    Parameter::named(name).filter(|parameter| is_usual(*parameter, value))
}

fn is_usual(parameter: Parameter, value: &Value<'_>) -> bool {
    let usual = match parameter {
        Parameter::Temperature | Parameter::TopP => Some(1),
        Parameter::PresencePenalty | Parameter::FrequencyPenalty => Some(0),
        Parameter::TopK
        | Parameter::Stop
        | Parameter::ResponseFormat
        | Parameter::ParallelToolCalls
        | Parameter::ReasoningEffort => None,
    };
    usual.is_some() && value.as_whole() == usual
}

/// Whether a word for how hard to think says that the model should think at all.
pub(super) fn thinks(effort: &Value<'_>) -> Option<bool> {
    effort.as_str().map(|word| word != "none")
}
