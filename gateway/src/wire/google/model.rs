//! What this wire alone must know of a Gemini model: how it is told to think, what it fetches, how a turn is written for it. Whatever clients
//! and the console are told, and what is left out of a request, says the table of all models (`Abilities`) by the same name; a test holds
//! one against the other. Names look like `gemini-2.5-flash-lite` or `gemini-3-pro-preview`.
//!
//! What is not known about a name is taken to be as with the newest models.

use domain::catalog::{Abilities, ProviderKind};

/// What differs between models on this wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    /// Generation, times ten: 25 for `gemini-2.5-pro`.
    generation: u32,
    thinks: bool,
    is_pro: bool,
    is_lite: bool,
}

/// Taken for models whose names hold no number, as `gemini-flash-latest`.
const NEWEST: u32 = 999;

impl Traits {
    pub(super) fn of(slug: &str) -> Self {
        let name = Abilities::name_of(slug);
        let generation = name.strip_prefix("gemini-").and_then(generation).unwrap_or(NEWEST);
        Self {
            generation,
            thinks: Abilities::of(ProviderKind::Google, slug).may_reason(),
            is_pro: name.contains("-pro"),
            is_lite: name.contains("-lite"),
        }
    }

    /// Others refuse `thinkingConfig`: so says the table of all models.
    pub(super) fn thinks(self) -> bool {
        self.thinks
    }

    /// From Gemini 3 on thinking has levels, calls of functions must carry their signatures, and the results of functions
    /// may hold files.
    pub(super) fn is_third(self) -> bool {
        self.generation >= 30
    }

    /// Files at `https` addresses are fetched by Google itself, but not for the models before 2.5.
    pub(super) fn fetches(self) -> bool {
        self.generation >= 25
    }

    /// The budgets for thoughts that it takes, without 0.
    pub(super) fn budgets(self) -> (u64, u64) {
        match (self.is_pro, self.is_lite) {
            (true, _) => (128, 32_768),
            (_, true) => (512, 24_576),
            _ => (1, 24_576),
        }
    }

    /// A Pro model always thinks.
    pub(super) fn always_thinks(self) -> bool {
        self.is_pro || self.is_third()
    }

    /// The lowest level, which comes nearest to not thinking.
    pub(super) fn lowest_level(self) -> &'static str {
        if self.is_pro { "LOW" } else { "MINIMAL" }
    }
}

/// `2.5-flash` is 25, `3-pro` is 30.
fn generation(text: &str) -> Option<u32> {
    let number = text.split('-').next()?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let whole: u32 = whole.parse().ok().filter(|whole| *whole < 90)?;
    let part: u32 = part.get(..1)?.parse().ok()?;
    Some(whole * 10 + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_all_models_knows_the_same_generations() {
        for slug in [
            "gemini-1.5-flash",
            "gemini-2.0-flash-lite",
            "models/Gemini-2.0-flash",
            "google/gemini-2.5-pro",
            "Gemini-2.5-Flash",
            "gemini-2.5-flash-lite-preview-09-2025",
            "gemini-3-pro-preview",
            "models/gemini-3.1-flash-lite",
            "GEMINI-3-FLASH",
            "gemini-flash-latest",
            "gemini-4-pro",
        ] {
            let (traits, table) = (Traits::of(slug), Abilities::of(ProviderKind::Google, slug));
            assert!(table.known, "{slug}");
            // From Gemini 3 on there is JSON beside tools; from 2.5 on they think, and know no penalties.
            assert_eq!(traits.is_third(), !table.json_or_tools, "{slug}");
            assert_eq!(traits.fetches(), table.reasoning, "{slug}");
            assert_eq!(traits.fetches(), !table.refuses.is_empty(), "{slug}");
        }
    }

    #[test]
    fn names_tell_generations() {
        for (slug, thinks, third) in [
            ("gemini-1.5-pro", false, false),
            ("gemini-2.0-flash-001", false, false),
            ("gemini-2.5-flash-lite", true, false),
            ("gemini-2.5-flash-image", false, false),
            ("models/gemini-2.5-pro", true, false),
            ("gemini-3-pro-preview", true, true),
            ("gemini-3.1-flash-lite", true, true),
            ("gemini-flash-latest", true, true),
            ("gemini-99999999999-x", true, true),
            ("gemini-é.é", true, true),
            ("", true, true),
        ] {
            let traits = Traits::of(slug);
            assert_eq!((traits.thinks(), traits.is_third()), (thinks, third), "{slug}");
        }
    }
}
