//! What a stream must look like in each dialect, whoever wrote it: one checker per dialect. They read a whole stream and give back
//! what it says, or the first rule that it breaks. The suites here use them, and the writers' own tests in `gateway`
//! (`gateway/src/wire/grammar.rs`), so these files know nothing but JSON.

pub mod aigne;
pub mod aigne_old;
pub mod chat;
pub mod completions;
pub mod messages;
pub mod responses;
pub mod said;
