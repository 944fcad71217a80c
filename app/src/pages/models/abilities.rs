//! What a model can do beside text, in words: the badges of the list of models and its filter. The table itself is
//! `domain::catalog::Abilities`; a model that no row of it knows says nothing here.

use domain::{catalog::Abilities, provider::Model};

use self::Ability::{Audio, Documents, Drawing, Reasoning, Schema, Tools, Vision};
use crate::text::Language;

/// One thing that a model can do beside text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// Sees images.
    Vision,
    /// Calls tools.
    Tools,
    /// Thinks before it answers.
    Reasoning,
    /// Answers by a JSON schema.
    Schema,
    /// Hears sound.
    Audio,
    /// Reads PDFs.
    Documents,
    /// Draws.
    Drawing,
}

impl Ability {
    /// Every ability, in the order of badges and of the filter.
    pub const ALL: [Self; 7] = [Vision, Tools, Reasoning, Schema, Audio, Documents, Drawing];

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Vision => "vision",
            Tools => "tools",
            Reasoning => "reasoning",
            Schema => "json-schema",
            Audio => "audio",
            Documents => "documents",
            Drawing => "drawing",
        }
    }

    /// The ability that this word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ability| ability.as_str() == word)
    }

    /// The word for people.
    pub const fn word(self, language: Language) -> &'static str {
        match self {
            Vision => language.pick("vision", "视觉"),
            Tools => language.pick("tools", "工具"),
            Reasoning => language.pick("reasoning", "推理"),
            Schema => language.pick("JSON schema", "JSON 模式"),
            Audio => language.pick("audio", "音频"),
            Documents => language.pick("documents", "文档"),
            Drawing => language.pick("drawing", "绘图"),
        }
    }

    const fn is_in(self, all: &Abilities) -> bool {
        match self {
            Vision => all.reads.image,
            Tools => all.tools,
            Reasoning => all.reasoning,
            Schema => all.json_schema,
            Audio => all.reads.audio,
            Documents => all.reads.document,
            Drawing => all.draws(),
        }
    }
}

/// What a model is known to do.
pub fn of(model: &Model) -> Vec<Ability> {
    let all = Abilities::of(model.kind, model.slug.as_str());
    Ability::ALL.into_iter().filter(|ability| ability.is_in(&all)).collect()
}

#[cfg(test)]
mod tests {
    use super::Ability;

    #[test]
    fn abilities_are_read_as_they_are_written() {
        for ability in Ability::ALL {
            assert_eq!(Ability::parse(ability.as_str()), Some(ability));
        }
        assert_eq!(Ability::parse("flying"), None);
    }
}
