//! Embeddings and pictures as AIGNE's clients ask for them: the call is an ordinary one in OpenAI's words, and its answer is told
//! anew with what the call came to, which stands in its row by then.

use bytes::Bytes;
use domain::{
    call::{Dialect, Fault},
    id::{CallId, KeyId},
    time::Timestamp,
};

use super::{AnswerBody, CallAnswer, CallError, CallRequest, Passing, heavy::heavy, room};
use crate::{
    Gateway,
    wire::{
        RequestProblem,
        aigne::{embeddings, images},
        canonical::{End, Finish, Ids},
    },
};

pub use crate::wire::aigne::images::Shape as PictureShape;

/// A call in OpenAI's words.
struct Translated {
    dialect: Dialect,
    /// As the client names it.
    model: String,
    body: Vec<u8>,
    /// What OpenAI has no word for.
    dropped: Vec<String>,
    /// In so many copies the answer stands in the memory, beside what it is made of.
    copies: usize,
}

impl Gateway {
    /// Runs a call whose body is the framework's request for embeddings.
    ///
    /// # Errors
    /// [`CallError`], with the answer for the client.
    pub async fn embed_for_framework(&self, request: CallRequest) -> Result<CallAnswer, CallError> {
        let asked = heavy(request.body.len(), || {
            room::for_values(&request.room, &request.body)?;
            embeddings::read(&request.body).map_err(unread)
        })?;
        let translated = Translated {
            dialect: Dialect::OpenaiEmbeddings,
            model: asked.model,
            body: asked.body,
            dropped: asked.dropped,
            // The numbers are told twice.
            copies: 2,
        };
        self.translated(request, translated, embeddings::answer).await
    }

    /// Runs a call whose body asks for pictures in one of AIGNE's shapes.
    ///
    /// # Errors
    /// [`CallError`], with the answer for the client.
    pub async fn draw_for_framework(&self, shape: PictureShape, request: CallRequest) -> Result<CallAnswer, CallError> {
        let asked = heavy(request.body.len(), || {
            room::for_values(&request.room, &request.body)?;
            images::read(shape, &request.body).map_err(unread)
        })?;
        let translated = Translated {
            dialect: Dialect::OpenaiImages,
            model: asked.model,
            body: asked.body,
            // What it has no word for goes on all the same.
            dropped: Vec::new(),
            copies: images::copies(shape),
        };
        let tell = |body: &[u8], end: &End, ids: &Ids| images::answer(shape, body, end, ids);
        self.translated(request, translated, tell).await
    }

    async fn translated(
        &self,
        mut request: CallRequest,
        translated: Translated,
        tell: impl Fn(&[u8], &End, &Ids) -> Option<Vec<u8>>,
    ) -> Result<CallAnswer, CallError> {
        let (id, key, arrived_at) = (request.id, request.caller.key, request.arrived_at);
        // What the client sent, and what that was read into, is gone; what stands for it has its room, and is read and counted anew.
        let (sent, written) = (request.body.len(), translated.body.len());
        request.body = translated.body.into();
        request.room.shrink(sent.min(written));
        request.room.grow(written.saturating_sub(sent))?;
        request.dialect = translated.dialect;
        let room = request.room.clone();
        request.room = request.room.told_anew(translated.copies);
        // What a client of this dialect sends is nothing for a provider of another.
        request.headers = Passing::default();
        // The provider's body is in OpenAI's words, which were never this client's.
        let mut answer = self.call(request).await.map_err(|error| CallError {
            upstream_body: None,
            ..error
        })?;
        answer.dropped.extend(translated.dropped);
        let AnswerBody::Whole(body) = &answer.body else {
            return Ok(answer);
        };
        let (end, ids) = self.ended(id, key, arrived_at, translated.model).await;
        let body = match heavy(body.len(), || tell(body, &end, &ids)) {
            Some(told) => {
                answer.headers.remove(::http::header::CONTENT_TYPE);
                Bytes::from(told)
            }
            None => body.clone(),
        };
        answer.body = AnswerBody::Whole(room.hand_over(body));
        Ok(answer)
    }

    /// What a call came to, by its row.
    async fn ended(&self, id: CallId, key: Option<KeyId>, arrived_at: Timestamp, model: String) -> (End, Ids) {
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
            model,
            created: arrived_at.seconds(),
        };
        (end, ids)
    }
}

fn unread(problem: RequestProblem) -> CallError {
    CallError {
        param: problem.param.map(std::borrow::Cow::into_owned),
        ..CallError::new(Fault::Caller, 400, problem.code, problem.message)
    }
}
