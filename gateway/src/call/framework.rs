//! Embeddings as the AIGNE framework asks for them: the call is an ordinary one in OpenAI's words, and its answer is told anew
//! with what the call came to, which stands in its row by then.

use bytes::Bytes;
use domain::call::{Dialect, Fault};

use super::{AnswerBody, CallAnswer, CallError, CallRequest, Passing};
use crate::{
    Gateway,
    wire::{
        aigne::embeddings,
        canonical::{End, Finish, Ids},
    },
};

impl Gateway {
    /// Runs a call whose body is the framework's request for embeddings.
    ///
    /// # Errors
    /// [`CallError`], with the answer for the client.
    pub async fn embed_for_framework(&self, mut request: CallRequest) -> Result<CallAnswer, CallError> {
        let asked = embeddings::read(&request.body).map_err(|problem| CallError {
            param: problem.param.map(std::borrow::Cow::into_owned),
            ..CallError::new(Fault::Caller, 400, problem.code, problem.message)
        })?;
        let (id, key, created) = (request.id, request.caller.key, request.arrived_at.seconds());
        request.body = asked.body.into();
        request.dialect = Dialect::OpenaiEmbeddings;
        // What a client of this dialect sends is nothing for a provider of another.
        request.headers = Passing::default();
        let mut answer = self.call(request).await?;
        let AnswerBody::Whole(body) = &answer.body else {
            return Ok(answer);
        };
        let row = match key {
            Some(key) => self.calls().detail_for_key(key, id).await.ok().flatten(),
            None => None,
        };
        let billed = self.snapshot().mode() == domain::setting::Mode::ServiceProvider;
        let charge = row.as_ref().and_then(|row| row.call.charge).filter(|_| billed);
        let end = End {
            finish: Finish::Stop,
            usage: row.as_ref().map(|row| row.call.usage).unwrap_or_default(),
            charge: charge.map(|charge| charge.to_string()),
        };
        let ids = Ids {
            call: id.to_string(),
            model: asked.model,
            created,
        };
        if let Some(told) = embeddings::answer(body, &end, &ids) {
            answer.headers.remove(::http::header::CONTENT_TYPE);
            answer.body = AnswerBody::Whole(Bytes::from(told));
        }
        Ok(answer)
    }
}
