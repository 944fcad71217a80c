//! Leaves out of a request what its model refuses, by the table of abilities; whoever asked is told so in a header. Only where
//! a request is written anew: where bytes pass, the provider's own refusal passes too.

use std::borrow::Cow;

use domain::catalog::{Abilities, Parameter};

use super::super::canonical::{Dropped, Request};

/// The request as this model takes it, and what was left out.
pub(super) fn fitting<'a>(request: &'a Request, abilities: &Abilities) -> (Cow<'a, Request>, Vec<Dropped>) {
    let left: Vec<Parameter> = abilities
        .refuses
        .iter()
        .copied()
        .filter(|one| says(request, *one))
        .collect();
    if left.is_empty() {
        return (Cow::Borrowed(request), Vec::new());
    }
    let mut request = request.clone();
    for parameter in &left {
        leave_out(&mut request, *parameter);
    }
    let dropped = left.iter().map(|parameter| Dropped(parameter.as_str().to_owned()));
    (Cow::Owned(request), dropped.collect())
}

fn says(request: &Request, parameter: Parameter) -> bool {
    match parameter {
        Parameter::Temperature => request.temperature.is_some(),
        Parameter::TopP => request.top_p.is_some(),
        Parameter::TopK => request.top_k.is_some(),
        Parameter::PresencePenalty => request.presence_penalty.is_some(),
        Parameter::FrequencyPenalty => request.frequency_penalty.is_some(),
        Parameter::Stop => !request.stop.is_empty(),
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
    }
}

#[cfg(test)]
mod tests {
    use domain::catalog::ProviderKind;

    use super::*;

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
        let (fit, dropped) = of("gpt-5");
        assert_eq!((fit.temperature, fit.top_k, fit.stop.len()), (None, Some(3), 1));
        assert_eq!(dropped, [Dropped("temperature".to_owned())]);
        assert_eq!(
            of("o3").1,
            [Dropped("temperature".to_owned()), Dropped("stop".to_owned())]
        );
    }
}
