//! The playground's two doors into the hub: ask a question, stop an answer. The engine behind both is the API's own.

use domain::id::CallId;
use leptos::{prelude::*, server};
use server_fn::codec::{ByteStream, Json, Streaming};

use super::{frame::Question, unheard::Unheard};

/// Asks a model. The answer comes as lines of JSON, each a [`super::frame::Frame`]. Who stops reading stops the model.
///
/// # Errors
/// When nobody is signed in. Everything that happens to the call itself is told by its last line.
#[server(input = Json, output = Streaming)]
pub async fn ask(question: Question) -> Result<ByteStream<Unheard>, Unheard> {
    use crate::{context, pages::playground::answer};
    let viewer = context::key_holder()?.viewer().clone();
    let session = context::visitor()?.session;
    Ok(ByteStream::new(answer::stream(
        context::gateway()?,
        viewer,
        session,
        question,
    )))
}

/// Stops an answer of one's own; its last line then tells what it came to. `false` when it had ended before, or runs in
/// another process: then it ends as soon as nobody reads it any more.
///
/// # Errors
/// When nobody is signed in.
#[server(input = Json)]
pub async fn stop(call: CallId) -> Result<bool, Unheard> {
    use crate::context;
    let holder = context::key_holder()?;
    Ok(context::gateway()?.stop_call(&holder, call))
}
