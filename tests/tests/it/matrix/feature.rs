//! What is asked for, and how a provider breaks meanwhile.

use tests::upstream::Fault;

use super::ask::Dialect;
use super::hall::Provider;

/// What a cell is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    Plain,
    Tools,
    ParallelTools,
    ToolResult,
    JsonSchema,
    Image,
    Reasoning,
    /// The model is asked to think, and does not.
    Unthinking,
    /// A part of the prompt is to be kept in a cache, for five minutes or for an hour.
    Cache {
        hour: bool,
    },
    /// Nothing comes but an error.
    Fails(Fault),
    /// The answer ends in its middle.
    Breaks(Fault),
    /// The answer comes oddly, and whole.
    Odd(Fault),
    /// The client leaves, in the middle of a stream or while a whole answer is on its way.
    Leaving {
        whole: bool,
    },
}

const ASKED: [Feature; 10] = [
    Feature::Plain,
    Feature::Tools,
    Feature::ParallelTools,
    Feature::ToolResult,
    Feature::JsonSchema,
    Feature::Image,
    Feature::Reasoning,
    Feature::Unthinking,
    Feature::Cache { hour: false },
    Feature::Cache { hour: true },
];

const FAILS: [Fault; 7] = [
    Fault::Overloaded,
    Fault::RateLimited,
    Fault::RateLimitedBare,
    Fault::StallBefore,
    Fault::CutBefore,
    Fault::ResetBefore,
    Fault::WrongType,
];

const BREAKS: [Fault; 9] = [
    Fault::ErrorFrame,
    Fault::BareError,
    Fault::StallMid,
    Fault::CutMid,
    Fault::ResetMid,
    Fault::MalformedFrame,
    Fault::EndsEarly,
    Fault::ArgumentsCut,
    Fault::NoFinish,
];

const ODD: [Fault; 12] = [
    Fault::Drip,
    // What keeps a connection alive.
    Fault::Comments,
    Fault::UsageMissing,
    Fault::UsageEarly,
    Fault::UsageDoubled,
    // Counters that grow from report to report.
    Fault::UsageRepeatsChoice,
    Fault::HugeEvent,
    Fault::UsageMissingAtTheEnd,
    Fault::TextWithinArguments,
    Fault::SameId,
    Fault::AlwaysWhole,
    Fault::AlwaysStreams,
];

impl Feature {
    /// Every one.
    pub fn all() -> Vec<Self> {
        let mut all = ASKED.to_vec();
        all.extend(FAILS.map(Self::Fails));
        all.extend(BREAKS.map(Self::Breaks));
        all.extend(ODD.map(Self::Odd));
        all.extend([false, true].map(|whole| Self::Leaving { whole }));
        all
    }

    /// One of each way in which a call can end.
    pub fn endings() -> Vec<Self> {
        vec![
            Self::Plain,
            Self::Tools,
            Self::Cache { hour: true },
            Self::Fails(Fault::Overloaded),
            Self::Breaks(Fault::CutMid),
            Self::Odd(Fault::UsageMissing),
            Self::Leaving { whole: false },
            Self::Leaving { whole: true },
        ]
    }

    /// Whether a client of this dialect can ask this provider for it.
    pub fn concerns(self, dialect: Dialect, provider: &Provider) -> bool {
        match self {
            // Marks for a cache are Anthropic's.
            Self::Cache { .. } => dialect == Dialect::Messages && provider.name == "anthropic",
            // Where bytes pass, what the provider says of that is its own and the client's business.
            Self::Unthinking => {
                dialect != Dialect::Completions && provider.unthinking.is_some() && !provider.passes(dialect)
            }
            Self::Breaks(fault) | Self::Odd(fault) if !provider.shows(fault, dialect) => false,
            Self::Breaks(Fault::ArgumentsCut) | Self::Odd(Fault::TextWithinArguments | Fault::SameId) => {
                dialect != Dialect::Completions
            }
            Self::Plain | Self::Fails(_) | Self::Breaks(_) | Self::Odd(_) | Self::Leaving { .. } => true,
            // Legacy completions know texts alone.
            _ => dialect != Dialect::Completions,
        }
    }

    /// Whether it is asked for whole, in a stream, or both ways.
    pub fn streams(self) -> &'static [bool] {
        match self {
            Self::Breaks(_) | Self::Leaving { whole: false } => &[true],
            Self::Leaving { whole: true } => &[false],
            Self::Odd(Fault::Drip | Fault::UsageMissing) => &[false, true],
            Self::Odd(Fault::AlwaysStreams) => &[false],
            Self::Odd(_) => &[true],
            _ => &[false, true],
        }
    }

    /// The model is asked to think.
    pub fn is_for_thoughts(self) -> bool {
        matches!(self, Self::Reasoning | Self::Unthinking)
    }

    /// How many tools the model calls.
    pub fn calls(self) -> usize {
        match self {
            Self::Tools | Self::Breaks(Fault::ArgumentsCut) => 1,
            Self::ParallelTools | Self::Odd(Fault::TextWithinArguments | Fault::SameId) => 2,
            _ => 0,
        }
    }

    /// What the provider does to the answer.
    pub fn fault(self) -> Option<Fault> {
        match self {
            Self::Fails(fault) | Self::Breaks(fault) | Self::Odd(fault) => Some(fault),
            _ => None,
        }
    }

    /// Its name in reports.
    pub fn name(self) -> String {
        let word = match self {
            Self::Plain => "plain",
            Self::Tools => "tools",
            Self::ParallelTools => "parallel tools",
            Self::ToolResult => "tool results",
            Self::JsonSchema => "JSON schema",
            Self::Image => "image in",
            Self::Reasoning => "reasoning",
            Self::Unthinking => "asked to think, does not",
            Self::Cache { hour: false } => "cache write, 5 minutes",
            Self::Cache { hour: true } => "cache write, 1 hour",
            Self::Leaving { .. } => "client leaves",
            Self::Fails(fault) => return format!("fails: {}", fault.name()),
            Self::Breaks(fault) => return format!("breaks: {}", fault.name()),
            Self::Odd(fault) => return format!("odd: {}", fault.name()),
        };
        word.to_owned()
    }
}
