//! How hard to think, in a word that the model takes.

use domain::catalog::EffortWord;

use crate::wire::{
    canonical::{Effort, Reasoning},
    openai::encode::by_budget,
};

/// The wish in the nearest of the words that the model knows, and whether nothing of it is lost: who must think is told to do so as
/// little as can be. None where it may stay as it is.
pub(super) fn fitting(wish: &Reasoning, known: &[EffortWord]) -> Option<(Reasoning, bool)> {
    let (first, wanted) = (*known.first()?, word(wish)?);
    let off = wanted == EffortWord::None && first == EffortWord::None;
    let nearest = effort(wanted.nearest(known));
    let fitting = Reasoning {
        off,
        effort: nearest.filter(|_| !off),
        ..wish.clone()
    };
    (fitting != *wish).then_some((fitting, wanted != EffortWord::None))
}

fn word(wish: &Reasoning) -> Option<EffortWord> {
    if wish.off {
        return Some(EffortWord::None);
    }
    Some(match wish.effort.or(wish.budget.map(by_budget))? {
        Effort::Minimal => EffortWord::Minimal,
        Effort::Low => EffortWord::Low,
        Effort::Medium => EffortWord::Medium,
        Effort::High => EffortWord::High,
        Effort::Most => EffortWord::Xhigh,
    })
}

const fn effort(word: EffortWord) -> Option<Effort> {
    Some(match word {
        EffortWord::None => return None,
        EffortWord::Minimal => Effort::Minimal,
        EffortWord::Low => Effort::Low,
        EffortWord::Medium => Effort::Medium,
        EffortWord::High => Effort::High,
        EffortWord::Xhigh => Effort::Most,
    })
}

#[cfg(test)]
mod tests {
    use domain::catalog::{Abilities, ProviderKind};

    use super::*;

    #[test]
    fn the_nearest_word_is_said_and_who_must_think_does_so_a_little() {
        let said = |effort| Reasoning {
            effort: Some(effort),
            ..Reasoning::default()
        };
        let off = || Reasoning {
            off: true,
            ..Reasoning::default()
        };
        let tokens = Reasoning {
            budget: Some(20_000),
            ..Reasoning::default()
        };
        for (slug, wish, wanted) in [
            ("o3", said(Effort::Minimal), Some((Some(Effort::Low), true))),
            ("o4-mini", said(Effort::Most), Some((Some(Effort::High), true))),
            ("o3", off(), Some((Some(Effort::Low), false))),
            ("o3", said(Effort::Medium), None),
            ("o3", tokens.clone(), Some((Some(Effort::High), true))),
            ("gpt-5", off(), Some((Some(Effort::Minimal), false))),
            ("gpt-5", said(Effort::Minimal), None),
            ("gpt-5.1", said(Effort::Minimal), Some((Some(Effort::Low), true))),
            ("gpt-5.1", off(), None),
            ("gpt-5.2", said(Effort::Most), None),
            ("gpt-5-pro", said(Effort::Low), Some((Some(Effort::High), true))),
            ("grok-3-mini", said(Effort::Medium), Some((Some(Effort::Low), true))),
            ("somebody/something", said(Effort::Minimal), None),
            ("claude-opus-4-6", off(), None),
        ] {
            let known = Abilities::of(ProviderKind::OpenaiCompatible, slug).efforts;
            let found = fitting(&wish, known).map(|(wish, whole)| (wish.effort, whole));
            assert_eq!(found, wanted, "{slug} {wish:?}");
        }
    }
}
