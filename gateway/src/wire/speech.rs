//! How a client and a provider understand each other: which reader and which writer stand between a dialect and a wire. The
//! only place that knows them all by name; `call` drives what it gets from here.
//!
//! `asking` is the way to the provider, `telling` the way back. To add a dialect: a variant in `domain::call::Dialect`; to add
//! a wire: one in `domain::catalog::Wire`. The compiler names the lines here.

mod asking;
mod gathering;
mod lacking;
mod parameters;
#[cfg(test)]
pub(in crate::wire) mod pieces;
mod telling;
pub(in crate::wire) mod tool_names;
#[cfg(test)]
mod torn;

use domain::{
    call::{Dialect, Fault},
    catalog::{ProviderKind, Wire},
};

pub(crate) use asking::{Asked, Kept, Unasked, is_read_at_once, scan, values};
pub use telling::error_body;
pub(crate) use telling::{Content, Unheard, last_words};
pub(crate) use tool_names::ToolNames;

use super::canonical::Failing;
use crate::call::Facts;

/// What one call is spoken in, on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Speech {
    /// By the client.
    pub dialect: Dialect,
    /// What kind of provider it is.
    pub kind: ProviderKind,
    /// By the provider.
    pub wire: Wire,
}

impl Speech {
    /// Between a client of this dialect and a provider of this kind, about its model `slug`.
    pub fn between(dialect: Dialect, kind: ProviderKind, slug: &str) -> Self {
        Self {
            dialect,
            kind,
            wire: Wire::of(kind, slug, dialect),
        }
    }

    /// OpenAI's chat on both sides.
    #[cfg(test)]
    pub const OPENAI: Self = Self {
        dialect: Dialect::OpenaiChat,
        kind: ProviderKind::Openai,
        wire: Wire::OpenaiChat,
    };

    /// The last word of a stream that passes and whose provider forgot it.
    pub const fn last_frame(self) -> &'static [u8] {
        match (self.passes(), self.dialect) {
            (true, Dialect::OpenaiChat | Dialect::OpenaiCompletions) => b"data: [DONE]\n\n",
            (true, Dialect::AnthropicMessages) => b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
            _ => b"",
        }
    }

    /// Both sides speak the same: bytes pass.
    pub const fn passes(self) -> bool {
        self.wire.is(self.dialect)
    }

    /// In how many copies a whole answer stands in the memory at the most, beside what came: what it is read into, and what is told.
    pub fn copies(self, kept: &Kept) -> usize {
        match kept {
            // A number of two letters takes four bytes and more.
            Kept::Embedding { .. } => 3,
            _ if self.passes() => 0,
            Kept::Pictures | Kept::Tools(_) | Kept::Nothing => 2,
        }
    }

    /// A whole answer is read into a tree, one value after the other.
    pub fn builds(self, kept: &Kept) -> bool {
        match kept {
            Kept::Embedding { .. } | Kept::Pictures => false,
            Kept::Tools(_) | Kept::Nothing => !(self.passes() && self.wire.is_openais()),
        }
    }

    /// The request is read into a tree: to be written anew, or because its provider is the hub itself.
    pub fn reads_whole(self) -> bool {
        !self.passes() || self.kind == ProviderKind::Simulated
    }
}

/// An error that is told to a client.
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a> {
    /// A sentence.
    pub message: &'a str,
    /// Whose fault it is.
    pub fault: Fault,
    /// The status that goes with it.
    pub status: u16,
    /// Stable word for programs.
    pub code: &'a str,
    /// The member of the request that is wrong.
    pub param: Option<&'a str>,
    /// What the credit came to, when it is too little, or a limit.
    pub facts: Facts<'a>,
    /// What the client knows the request by.
    pub request_id: Option<&'a str>,
    /// When, as `2027-01-31T12:00:00.000Z`, for dialects that tell it.
    pub at: Option<&'a str>,
}

impl<'a> Problem<'a> {
    /// As far as it is told within a stream.
    pub(crate) const fn within(&self) -> Failing<'a> {
        Failing {
            message: self.message,
            code: self.code,
            status: self.status,
            facts: self.facts,
        }
    }
}

#[cfg(test)]
mod tests;
