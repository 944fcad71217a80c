//! How each Claude is told to think, and what else differs by its name: as data. Called by `encode`. Whether it thinks at all and
//! which parameters it refuses stands in the table of all models (`domain::catalog::Abilities`), by which they are left out before.
//!
//! Sources: platform.claude.com, pages "Thinking", "Troubleshooting thinking", "Effort", "Structured outputs", "Mid-conversation
//! system messages" and the page of each model.
//!
//! | Claude | thinking | turned off by | sampling (in the other table) | effort | schema | longest answer |
//! |---|---|---|---|---|---|---|
//! | before 3.7 | none | | yes | none | no | 4,096, 8,192 (3.5) |
//! | 3.7 to 4.1 | a budget | leaving it out | without thinking | none | no | 64,000, 32,000 (Opus) |
//! | 4.5 | a budget | leaving it out | without thinking | Opus: to `high` | yes | 64,000 |
//! | 4.6 | adaptive | leaving it out | without thinking | to `max` | yes | 128,000 |
//! | 4.7, 4.8 | adaptive | leaving it out | none | to `xhigh` | yes | 128,000 |
//! | Sonnet 5 | adaptive, on | `disabled` | none | to `xhigh` | yes | 128,000 |
//! | Sonnet 5.5 | adaptive, on | `between_tools` | none | to `xhigh` | yes | 128,000 |
//! | other 5 and later, Mythos | adaptive, on | the lowest effort | none | to `xhigh` | yes | 128,000 |
//! | others that speak this wire | a budget | `disabled` | yes | none | yes | 8,192 |

use domain::catalog::{Parameter, ProviderKind};

/// How a model is told to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// It cannot.
    None,
    /// `enabled`, with a number of tokens.
    Budget,
    /// `adaptive`, with an effort.
    Adaptive,
}

/// How a model is told not to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Off {
    /// By saying nothing.
    Silence,
    /// By a `type` of `thinking`.
    Word(&'static str),
    /// Not at all; the lowest effort comes nearest.
    LowEffort,
}

/// Which efforts a model knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Efforts {
    /// None.
    None,
    /// `low`, `medium`, `high`, and this for more.
    UpTo(&'static str),
}

/// What a model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abilities {
    pub thinking: Thinking,
    pub off: Off,
    pub efforts: Efforts,
    /// It takes `temperature` and `top_p` together.
    pub both_samplings: bool,
    /// It takes `temperature`, `top_p` and `top_k`, as long as it does not think: so says the table of all models.
    pub sampling: bool,
    /// It takes a schema of its answer: so says the table of all models.
    pub schema: bool,
    /// It takes instructions in the middle of the conversation.
    pub instructions_anywhere: bool,
    /// The tokens that an answer may have at the most.
    pub longest_answer: u64,
}

/// Whatever is no Claude, behind the same wire.
const OTHER: Abilities = Abilities {
    sampling: true,
    thinking: Thinking::Budget,
    off: Off::Word("disabled"),
    efforts: Efforts::None,
    both_samplings: true,
    schema: true,
    instructions_anywhere: false,
    longest_answer: 8_192,
};

/// The newest, and those whose name has no number.
const NEWEST: Abilities = Abilities {
    sampling: false,
    thinking: Thinking::Adaptive,
    off: Off::LowEffort,
    efforts: Efforts::UpTo("xhigh"),
    both_samplings: false,
    schema: true,
    instructions_anywhere: true,
    longest_answer: 128_000,
};

/// What the model with this name takes. Prefixes and endings of resellers do no harm: `anthropic/claude-opus-4.6`,
/// `us.anthropic.claude-sonnet-4-20250514-v1:0`.
pub(super) fn abilities(slug: &str) -> Abilities {
    let slug = slug.to_ascii_lowercase();
    let Some(at) = slug.find("claude") else { return OTHER };
    let name = &slug[at..];
    let known = match version(name) {
        None => NEWEST,
        Some(version) => of_version(name, version),
    };
    let table = domain::catalog::Abilities::of(ProviderKind::Anthropic, name);
    let thinking = if table.may_reason() {
        known.thinking
    } else {
        Thinking::None
    };
    Abilities {
        sampling: !table.refuses.contains(&Parameter::Temperature),
        schema: table.json_schema,
        thinking,
        ..known
    }
}

fn of_version(name: &str, version: (u32, u32)) -> Abilities {
    let (opus, sonnet) = (name.contains("opus"), name.contains("sonnet"));
    let early = Abilities {
        off: Off::Silence,
        ..OTHER
    };
    match version {
        (0..=2, _) | (3, 0..=4) => Abilities {
            longest_answer: 4_096,
            ..early
        },
        (3, 5 | 6) => early,
        (3, _) | (4, 0..=4) => Abilities {
            both_samplings: version < (4, 1),
            longest_answer: if opus { 32_000 } else { 64_000 },
            ..early
        },
        (4, 5) => Abilities {
            efforts: if opus { Efforts::UpTo("high") } else { Efforts::None },
            both_samplings: false,
            longest_answer: 64_000,
            ..early
        },
        (4, 6) => Abilities {
            off: Off::Silence,
            efforts: Efforts::UpTo("max"),
            instructions_anywhere: false,
            ..NEWEST
        },
        (4, minor) => Abilities {
            off: Off::Silence,
            instructions_anywhere: minor >= 8,
            ..NEWEST
        },
        (5, 0) if sonnet => Abilities {
            off: Off::Word("disabled"),
            instructions_anywhere: false,
            ..NEWEST
        },
        (5, _) if sonnet => Abilities {
            off: Off::Word("between_tools"),
            ..NEWEST
        },
        _ => NEWEST,
    }
}

/// The numbers in a name: `claude-3-5-haiku-20241022` is 3.5, `claude-opus-4-20250514` is 4.0. Dates are longer than versions.
fn version(name: &str) -> Option<(u32, u32)> {
    let parts = name.split(['-', '.', '@', ':', '_', '/']);
    let mut numbers = parts
        .skip_while(|part| part.parse::<u32>().is_err())
        .map_while(|part| part.parse::<u32>().ok().filter(|_| part.len() <= 2));
    let major = numbers.next()?;
    Some((major, numbers.next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_versions() {
        let cases = [
            ("claude-3-haiku-20240307", Some((3, 0))),
            ("claude-3-5-sonnet-20241022", Some((3, 5))),
            ("claude-3-7-sonnet-latest", Some((3, 7))),
            ("claude-sonnet-4-20250514", Some((4, 0))),
            ("claude-opus-4.6", Some((4, 6))),
            ("claude-haiku-4-5-20251001", Some((4, 5))),
            ("claude-opus-4-6-v1", Some((4, 6))),
            ("claude-opus-4-1@20250805", Some((4, 1))),
            ("claude-mythos-preview", None),
        ];
        for (name, wanted) in cases {
            assert_eq!(version(name), wanted, "{name}");
        }
    }

    #[test]
    fn each_generation_takes_its_own() {
        let thinking = |slug| abilities(slug).thinking;
        assert_eq!(thinking("claude-3-5-haiku-20241022"), Thinking::None);
        assert_eq!(thinking("claude-haiku-4-5"), Thinking::Budget);
        assert_eq!(thinking("anthropic/claude-opus-4.6"), Thinking::Adaptive);
        assert_eq!(thinking("deepseek-chat"), Thinking::Budget);
        assert!(abilities("claude-sonnet-4-6").sampling && !abilities("claude-opus-4-7").sampling);
        assert_eq!(abilities("claude-sonnet-5-5").off, Off::Word("between_tools"));
        assert_eq!(abilities("claude-opus-5-5"), NEWEST);
        assert_eq!(
            abilities("us.anthropic.claude-opus-4-20250514-v1:0").longest_answer,
            32_000
        );
        assert_eq!(abilities("claude-3-opus-20240229").longest_answer, 4_096);
    }
}
