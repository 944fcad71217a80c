//! What the file above is proved by. Here stands what the files below share.

mod answers;
mod masked;
mod refused;
mod streams;

use super::*;

const SECRET: &str = "sk-secret-0123456789-abcdefgh";

fn judged(status: u16, body: &str) -> Verdict {
    of_answer(
        Speech::OPENAI,
        status,
        &Bytes::copy_from_slice(body.as_bytes()),
        None,
        SECRET,
        "Acme",
        "m",
    )
}
