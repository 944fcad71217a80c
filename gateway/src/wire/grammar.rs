//! The checkers of streams that the suites use, for tests of the writers: the same files.

#[path = "../../../tests/src/grammar/chat.rs"]
pub(crate) mod chat;
#[path = "../../../tests/src/grammar/completions.rs"]
pub(crate) mod completions;
#[path = "../../../tests/src/grammar/messages.rs"]
pub(crate) mod messages;
#[path = "../../../tests/src/grammar/responses.rs"]
pub(crate) mod responses;
#[path = "../../../tests/src/grammar/said.rs"]
pub(crate) mod said;
