//! Leaves out of a request what its model refuses, by the table of abilities, and what has lost its meaning on the way; whoever
//! asked is told so in a header. Where a request is written anew; where bytes pass, `wire::refused` does the same by the same table.

mod efforts;
mod either;

use std::borrow::Cow;

use domain::{
    call::Dialect,
    catalog::{Abilities, Parameter, Wire},
};

use super::super::canonical::{Dropped, Format, Request, Role, ToolChoice, Unspeakable};

/// The request as this model takes it, and what was left out.
pub(super) fn fitting<'a>(request: &'a Request, abilities: &Abilities) -> (Cow<'a, Request>, Vec<Dropped>) {
    let aimless = chooses_nothing(request);
    let instructed = abilities.no_instructions && request.messages.iter().any(|message| instructs(message.role));
    let unthinking = request.reasoning.as_ref().filter(|wish| match wish.off {
        true => !abilities.may_rest(),
        false => !abilities.may_reason(),
    });
    let left: Vec<Parameter> = abilities
        .refused(request.reasoning.as_ref().is_some_and(|reasoning| !reasoning.off))
        .iter()
        .copied()
        .filter(|one| says(request, *one))
        .collect();
    let worded = request
        .reasoning
        .as_ref()
        .filter(|_| unthinking.is_none())
        .and_then(|wish| efforts::fitting(wish, abilities.efforts));
    let (json, functions) = (request.format != Format::Text, !request.tools.is_empty());
    let either = abilities.json_or_tools && json && functions;
    if left.is_empty() && !aimless && unthinking.is_none() && !instructed && worded.is_none() && !either {
        return (Cow::Borrowed(request), Vec::new());
    }
    let said = request;
    let mut request = request.clone();
    if aimless {
        request.tool_choice = None;
    }
    if unthinking.is_some() {
        request.reasoning = None;
    }
    if instructed {
        // In its place and in the same words: nothing is lost.
        for message in request.messages.iter_mut().filter(|message| instructs(message.role)) {
            message.role = Role::User;
        }
    }
    for parameter in &left {
        leave_out(&mut request, *parameter);
    }
    let mut dropped_too = Vec::new();
    if let Some((wish, told)) = worded {
        request.reasoning = Some(wish);
        dropped_too.extend((!told).then(|| Dropped("reasoning".to_owned())));
    }
    if either {
        dropped_too.extend(either::one(&mut request));
    }
    let told = left.iter().filter(|parameter| !said_anyway(said, **parameter));
    let dropped = told.map(|parameter| Dropped(parameter.as_str().to_owned()));
    let choice = aimless.then(|| Dropped("tool_choice".to_owned()));
    // Who asks for no thoughts gets none.
    let thoughts = unthinking.filter(|wish| !wish.off);
    let thoughts = thoughts.map(|_| Dropped("reasoning".to_owned()));
    let dropped = dropped.chain(choice).chain(thoughts).chain(dropped_too);
    (Cow::Owned(request), dropped.collect())
}

const fn instructs(role: Role) -> bool {
    matches!(role, Role::System | Role::Developer)
}

/// The model must use a tool that is not among those which it is told of: one that runs at another provider was left out.
/// Providers refuse such a choice.
fn chooses_nothing(request: &Request) -> bool {
    match &request.tool_choice {
        Some(ToolChoice::Named(name)) => request.tools.iter().all(|tool| tool.name != *name),
        Some(ToolChoice::Required) => request.tools.is_empty(),
        Some(ToolChoice::Auto | ToolChoice::None) | None => false,
    }
}

/// More texts to stop at than this provider takes. To leave some out would change where the answer ends, so it is refused.
pub(super) fn too_many_stops(request: &Request, most: Option<usize>, dialect: Dialect) -> Option<Unspeakable> {
    let most = most.filter(|most| request.stop.len() > *most)?;
    let name = match dialect {
        Dialect::AnthropicMessages => "stop_sequences",
        _ => "stop",
    };
    Some(Unspeakable {
        message: format!(
            "The provider of this model stops at {most} texts at the most, and '{name}' names {}. Send fewer.",
            request.stop.len()
        ),
        param: name.to_owned(),
    })
}

/// A limit of the answer below the least that this wire takes. To raise it would make somebody pay for words that they did not want.
pub(super) fn too_short_an_answer(request: &Request, wire: Wire, dialect: Dialect) -> Option<Unspeakable> {
    let least = wire.least_answer();
    let limit = request.max_tokens.filter(|limit| *limit < least)?;
    let name = match dialect {
        Dialect::OpenaiResponses => "max_output_tokens",
        Dialect::AigneChat => "input.modelOptions.maxTokens",
        Dialect::AigneCompletions => "maxTokens",
        _ => "max_tokens",
    };
    Some(Unspeakable {
        message: format!(
            "'{name}' is {limit}, and the provider of this model takes no limit below {least}. Set it to {least} or more."
        ),
        param: name.to_owned(),
    })
}

/// A tool that is called nothing. Its call could be told to nobody.
pub(super) fn nameless_tool(request: &Request) -> Option<Unspeakable> {
    let at = request.tools.iter().position(|tool| tool.name.is_empty())?;
    Some(Unspeakable {
        message: format!("The tool at place {at} of 'tools' has an empty name. Give it one."),
        param: "tools".to_owned(),
    })
}

fn says(request: &Request, parameter: Parameter) -> bool {
    match parameter {
        Parameter::Temperature => request.temperature.is_some(),
        Parameter::TopP => request.top_p.is_some(),
        Parameter::TopK => request.top_k.is_some(),
        Parameter::PresencePenalty => request.presence_penalty.is_some(),
        Parameter::FrequencyPenalty => request.frequency_penalty.is_some(),
        Parameter::Stop => !request.stop.is_empty(),
        Parameter::ResponseFormat => request.format != Format::Text,
        Parameter::ParallelToolCalls => request.parallel_tools.is_some(),
        // Of wishes to think `may_reason` decides.
        Parameter::ReasoningEffort => false,
    }
}

/// It says what any model does anyway, so that nobody misses it.
fn said_anyway(request: &Request, parameter: Parameter) -> bool {
    match parameter {
        Parameter::Temperature => request.temperature == Some(1.0),
        Parameter::TopP => request.top_p == Some(1.0),
        Parameter::PresencePenalty => request.presence_penalty == Some(0.0),
        Parameter::FrequencyPenalty => request.frequency_penalty == Some(0.0),
        // Who speaks of functions never said it.
        Parameter::ParallelToolCalls => request.functions,
        Parameter::TopK | Parameter::Stop | Parameter::ResponseFormat | Parameter::ReasoningEffort => false,
    }
}

fn leave_out(request: &mut Request, parameter: Parameter) {
    match parameter {
        Parameter::Temperature => request.temperature = None,
        Parameter::TopP => request.top_p = None,
        Parameter::TopK => request.top_k = None,
        Parameter::PresencePenalty => request.presence_penalty = None,
        Parameter::FrequencyPenalty => request.frequency_penalty = None,
        Parameter::Stop => request.stop.clear(),
        Parameter::ResponseFormat => request.format = Format::Text,
        Parameter::ParallelToolCalls => request.parallel_tools = None,
        Parameter::ReasoningEffort => {}
    }
}

#[cfg(test)]
mod tests {
    use domain::catalog::ProviderKind;

    use super::*;
    use crate::wire::canonical::{Effort, Reasoning};

    #[test]
    fn more_texts_to_stop_at_than_a_provider_takes_are_refused() {
        let refused = |stops: usize, wire: Wire, kind| {
            let request = Request {
                stop: vec!["x".to_owned(); stops],
                ..Request::default()
            };
            too_many_stops(&request, wire.most_stops(kind), Dialect::OpenaiChat)
                .map(|problem| (problem.param, problem.message))
        };
        let (param, words) = refused(5, Wire::OpenaiChat, ProviderKind::Openai).unwrap();
        assert!(
            param == "stop" && words.contains("4 texts") && words.contains("names 5"),
            "{words}"
        );
        let (_, words) = refused(6, Wire::GoogleGenerate, ProviderKind::Google).unwrap();
        assert!(words.contains("5 texts"), "{words}");
        let request = Request {
            stop: vec!["x".to_owned(); 6],
            ..Request::default()
        };
        let anthropics = too_many_stops(&request, Some(5), Dialect::AnthropicMessages);
        assert_eq!(
            anthropics.map(|problem| problem.param).as_deref(),
            Some("stop_sequences")
        );
        for (stops, wire, kind) in [
            (4, Wire::OpenaiChat, ProviderKind::Openai),
            (5, Wire::GoogleGenerate, ProviderKind::Google),
            // Services of its dialect differ; each says itself what it takes.
            (9, Wire::OpenaiChat, ProviderKind::OpenaiCompatible),
            (9, Wire::AnthropicMessages, ProviderKind::Anthropic),
            (9, Wire::OllamaChat, ProviderKind::Ollama),
        ] {
            assert_eq!(refused(stops, wire, kind), None, "{stops} {wire:?}");
        }
    }

    #[test]
    fn a_limit_below_what_a_wire_takes_is_refused_in_the_callers_word() {
        let refused = |max_tokens, wire, dialect| {
            let request = Request {
                max_tokens,
                ..Request::default()
            };
            too_short_an_answer(&request, wire, dialect).map(|problem| (problem.param, problem.message))
        };
        for (limit, wire, dialect, name) in [
            (0, Wire::OpenaiChat, Dialect::AnthropicMessages, "max_tokens"),
            (0, Wire::OllamaChat, Dialect::OpenaiChat, "max_tokens"),
            (0, Wire::GoogleGenerate, Dialect::OpenaiResponses, "max_output_tokens"),
            (0, Wire::AnthropicMessages, Dialect::AigneCompletions, "maxTokens"),
            (
                15,
                Wire::OpenaiResponses,
                Dialect::AigneChat,
                "input.modelOptions.maxTokens",
            ),
        ] {
            let (param, words) = refused(Some(limit), wire, dialect).unwrap();
            assert!(
                param == name && words.contains(name) && words.contains(&wire.least_answer().to_string()),
                "{words}"
            );
        }
        for (limit, wire) in [
            (None, Wire::OpenaiResponses),
            (Some(16), Wire::OpenaiResponses),
            (Some(1), Wire::OpenaiChat),
            (Some(1), Wire::AnthropicMessages),
        ] {
            assert_eq!(refused(limit, wire, Dialect::OpenaiChat), None, "{limit:?} {wire:?}");
        }
    }

    #[test]
    fn a_choice_among_tools_that_are_not_there_is_left_out_and_told() {
        use crate::wire::canonical::Tool;
        let tool = |name: &str| Tool {
            name: name.to_owned(),
            description: None,
            schema: serde_json::json!({}),
            strict: None,
            cache: None,
        };
        let chosen = |tools: &[&str], choice: ToolChoice| {
            let request = Request {
                tools: tools.iter().map(|name| tool(name)).collect(),
                tool_choice: Some(choice),
                ..Request::default()
            };
            let (request, dropped) = fitting(&request, &Abilities::of(ProviderKind::Openai, "gpt-4o"));
            (request.tool_choice.clone(), dropped)
        };
        let gone = (None, vec![Dropped("tool_choice".to_owned())]);
        let named = || ToolChoice::Named("web_search".to_owned());
        assert_eq!(chosen(&["f"], named()), gone);
        assert_eq!(chosen(&[], named()), gone);
        assert_eq!(chosen(&[], ToolChoice::Required), gone);
        for (tools, choice) in [
            (&["f", "web_search"][..], named()),
            (&["f"], ToolChoice::Required),
            (&[], ToolChoice::Auto),
            (&[], ToolChoice::None),
        ] {
            assert_eq!(chosen(tools, choice.clone()), (Some(choice), vec![]));
        }
    }

    #[test]
    fn who_is_known_not_to_think_is_not_told_to() {
        let wish = Reasoning {
            effort: Some(Effort::High),
            ..Reasoning::default()
        };
        let of = |kind, slug, wish: &Reasoning| {
            let request = Request {
                reasoning: Some(wish.clone()),
                ..Request::default()
            };
            let (request, dropped) = fitting(&request, &Abilities::of(kind, slug));
            (request.into_owned().reasoning, dropped)
        };
        let gone = (None, vec![Dropped("reasoning".to_owned())]);
        for (kind, slug) in [
            (ProviderKind::Openai, "gpt-4o-mini"),
            (ProviderKind::OpenaiCompatible, "openai/gpt-4.1"),
            (ProviderKind::Ollama, "llama3.2"),
            (ProviderKind::Anthropic, "claude-3-5-haiku-20241022"),
            (ProviderKind::Google, "gemini-2.0-flash"),
        ] {
            assert_eq!(of(kind, slug, &wish), gone, "{slug}");
            let none = Reasoning {
                off: true,
                ..Reasoning::default()
            };
            // Nobody misses what would change nothing.
            assert_eq!(of(kind, slug, &none), (None, Vec::new()), "{slug}");
        }
        for slug in ["o4-mini", "somebody/something-new"] {
            assert_eq!(
                of(ProviderKind::Openai, slug, &wish),
                (Some(wish.clone()), Vec::new()),
                "{slug}"
            );
        }
        // Ollama refuses the wish of who cannot, and nobody's wish for no thoughts.
        assert_eq!(of(ProviderKind::Ollama, "devstral", &wish), gone);
        let none = Reasoning {
            off: true,
            ..Reasoning::default()
        };
        assert_eq!(
            of(ProviderKind::Ollama, "devstral", &none),
            (Some(none.clone()), Vec::new())
        );
    }

    #[test]
    fn instructions_to_a_model_that_knows_none_are_said_by_the_user() {
        use crate::wire::canonical::{Message, Part};
        let message = |role, text: &str| Message {
            role,
            parts: vec![Part::text(text)],
            name: None,
        };
        let request = Request {
            messages: vec![
                message(Role::System, "Be brief."),
                message(Role::User, "Hello"),
                message(Role::Assistant, "Hi."),
                message(Role::Developer, "In French."),
            ],
            ..Request::default()
        };
        let of = |kind, slug| {
            let (request, dropped) = fitting(&request, &Abilities::of(kind, slug));
            assert_eq!(dropped, [], "{slug}");
            let said = request.messages.iter();
            said.map(|message| (message.role, message.parts.clone()))
                .collect::<Vec<_>>()
        };
        for (kind, slug) in [
            (ProviderKind::Openai, "o1-mini"),
            (ProviderKind::Google, "gemma-3-27b-it"),
        ] {
            let roles: Vec<Role> = of(kind, slug).iter().map(|(role, _)| *role).collect();
            assert_eq!(roles, [Role::User, Role::User, Role::Assistant, Role::User], "{slug}");
        }
        let stays = of(ProviderKind::Openai, "o1");
        assert_eq!((stays[0].0, stays[3].0), (Role::System, Role::Developer));
        assert_eq!(of(ProviderKind::Openai, "o1-mini")[3].1, [Part::text("In French.")]);
    }

    #[test]
    fn only_what_is_refused_and_said_is_left_out() {
        let request = Request {
            temperature: Some(0.5),
            top_k: Some(3),
            stop: vec!["x".to_owned()],
            ..Request::default()
        };
        let of = |slug| {
            let (request, dropped) = fitting(&request, &Abilities::of(ProviderKind::Openai, slug));
            (request.into_owned(), dropped)
        };
        assert_eq!(of("gpt-4o"), (request.clone(), Vec::new()));
        let (fit, dropped) = of("gpt-5.1-codex");
        assert_eq!((fit.temperature, fit.top_k, fit.stop.len()), (None, Some(3), 1));
        assert_eq!(dropped, [Dropped("temperature".to_owned())]);
        // What any model does anyway is left out as well, and nobody needs to hear of it.
        let usual = Request {
            temperature: Some(1.0),
            presence_penalty: Some(0.0),
            ..Request::default()
        };
        let (fit, dropped) = fitting(&usual, &Abilities::of(ProviderKind::Anthropic, "claude-opus-4-7"));
        assert_eq!(
            (fit.temperature, fit.presence_penalty, dropped),
            (None, None, Vec::new())
        );
        assert_eq!(
            of("o3").1,
            [Dropped("temperature".to_owned()), Dropped("stop".to_owned())]
        );
    }
}
