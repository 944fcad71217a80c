//! What every dialect can say, in words of our own: a request, the events of an answer, and the answer as a whole.
//!
//! Used only where the client's dialect is not the provider's wire; where both are the same, bytes pass. Each dialect and
//! each wire has its folder beside this one and turns its own JSON into these types or these types into its own JSON. Readers
//! are tolerant: what they do not know they skip, or carry along in [`Request::extra`]. Writers are strict: what they write
//! is what the official SDKs accept.
//!
//! `request` is what a client asks; `event` is what a provider answers, piece by piece; `sequence` puts pieces into blocks
//! that never overlap; `answer` is all of it at once; `defect` is what keeps it from being a success; `counts` is what a stream's reports come to; `door` is what each dialect and each wire must be able to do.

pub mod answer;
pub mod asked;
pub mod counts;
pub mod defect;
pub mod door;
pub mod embedding;
pub mod event;
pub mod picture;
pub mod request;
pub mod sequence;

pub use answer::Answer;
pub use counts::{Counted, Counts, Moment};
pub use defect::Defect;
pub use door::{
    Dropped, End, Failing, Frame, Ids, Opening, ReadProblem, Report, RequestWriter, StreamReader, StreamWriter, Target,
    Unspeakable,
};
pub use event::{Citation, Event, Finish, ToolStart};
pub use request::{
    CacheMark, Effort, File, FileKind, Format, Message, Part, Reasoning, Request, Role, Source, Thought, Tool,
    ToolCall, ToolChoice, ToolResult, leave_out,
};
pub use sequence::{Block, Delta, Sequencer, Step};
