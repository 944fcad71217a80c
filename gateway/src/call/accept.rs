//! The way in: who calls, what is asked, which model serves. Ends with the call on its way, which nobody can drop any more.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use domain::{
    access::KeyHolder,
    call::{CallState, Fault},
    id::CallId,
};
use tokio::sync::{mpsc, oneshot};

use super::{
    AnswerBody, CallAnswer, CallError, CallRequest, Caller,
    carried::Carried,
    files,
    funds::Pictures,
    heavy::heavy,
    record::Record,
    refused, room,
    task::{self, Answer, Client, Head, Task},
    unfit::unfit,
};
use crate::{
    Gateway, Snapshot, VisibleModel,
    wire::{
        RequestProblem,
        speech::{self, Speech},
    },
};

/// Batches of events between the task and the client. A slow client stops the provider through it.
const CHANNEL: usize = 64;

/// What runs a call, and what records it.
type Accepted = (Box<Task>, Box<Record>);

/// The row of what is refused, and why.
type Refused = Box<(Record, CallError)>;

impl Gateway {
    /// Every model that can be called, in the order of providers.
    #[must_use]
    pub fn visible_models(&self) -> Vec<VisibleModel> {
        self.0.snapshot.load().models().cloned().collect()
    }

    /// Those of them that a key may ask.
    #[must_use]
    pub fn models_for(&self, caller: Caller) -> Vec<VisibleModel> {
        let snapshot = self.0.snapshot.load();
        let may_ask = |model: &&VisibleModel| snapshot.may_ask(caller.key, &model.provider, &model.public_name);
        snapshot.models().filter(may_ask).cloned().collect()
    }

    /// Stops a running call, for its owner or an admin. `false` when there is no such call any more, or it is not theirs.
    #[must_use]
    pub fn stop_call(&self, holder: &KeyHolder, id: CallId) -> bool {
        let viewer = holder.viewer();
        self.0.calls.stop(id, viewer.admin().is_err().then_some(viewer.id))
    }

    /// Runs a call. Returns with the whole answer, or with the first piece of a stream. The call goes on when this future
    /// is dropped: it notices that the client has left, and ends as the provider's policy says.
    ///
    /// # Errors
    /// [`CallError`], with the answer for the client.
    pub async fn call(&self, request: CallRequest) -> Result<CallAnswer, CallError> {
        if !self.0.recorder.accepts() {
            tracing::error!(
                "the rows of calls wait for the database, which is too slow or does not take them; refusing new calls"
            );
            let sentence = "The hub cannot write its log fast enough at the moment. Try again in a few seconds.";
            return Err(CallError {
                retry_after: Some(2),
                ..CallError::new(Fault::Hub, 503, "journal_behind", sentence)
            });
        }
        let accepted = heavy(request.body.len(), || self.accept(request));
        let (task, record) = match accepted {
            Ok(accepted) => accepted,
            Err(refused) => return Err(Box::pin(self.refuse(*refused)).await),
        };
        let (head, receiver) = if task.scanned.stream {
            let (sender, receiver) = mpsc::channel(CHANNEL);
            (self.stream(task, record, sender).await?, Some(receiver))
        } else {
            (Carried::new(&self.0, task, record).await?, None)
        };
        let Head {
            status,
            headers,
            timing,
            max_tokens,
            dropped,
            body,
        } = head;
        let body = match (body, receiver) {
            (None, Some(receiver)) => AnswerBody::Stream(receiver),
            (body, _) => AnswerBody::Whole(body.unwrap_or_default()),
        };
        Ok(CallAnswer {
            status,
            headers,
            timing,
            max_tokens,
            dropped,
            body,
        })
    }

    /// A stream goes on when its head is there, in a task of its own.
    async fn stream(&self, mut task: Box<Task>, record: Box<Record>, sender: mpsc::Sender<Bytes>) -> Answer {
        let (head, answered) = oneshot::channel();
        task.client = Some(Client {
            head: Some(head),
            sender,
        });
        let inner = Arc::clone(&self.0);
        self.0.tasks.spawn(async move { task.run_beside(&inner, record).await });
        // The task ends without a word only when the process does.
        answered.await.unwrap_or_else(|_| Err(task::internal_error()))
    }

    /// Reads a request and finds who serves it. What is refused has a row. Nothing is waited for here, or a client that leaves
    /// meanwhile would leave no trace: what has to be had first the call gets when it runs (`before`).
    ///
    /// Both are boxed: whoever runs them hands them on several times.
    fn accept(&self, request: CallRequest) -> Result<Accepted, Refused> {
        let inner = &self.0;
        let refuse = |record, error| Err(Box::new((record, error)));
        let read_at_once = speech::is_read_at_once(request.dialect);
        if read_at_once && let Err(error) = room::for_values(&request.room, &request.body) {
            return refuse(Record::new(inner, &request, None), error);
        }
        let mut scanned = match speech::scan(request.dialect, &request.body) {
            Ok(scanned) => scanned,
            Err(problem) => return refuse(Record::new(inner, &request, None), unread(problem)),
        };
        if request.stream {
            scanned.streamed();
        }
        let mut record = Record::new(inner, &request, Some(&scanned));
        let snapshot = inner.snapshot.load_full();
        let Some(candidate) = snapshot.resolve(&scanned.model) else {
            return refuse(record, snapshot.unknown_model(&scanned.model));
        };
        record.serve(&candidate);
        if let Err(error) = snapshot.check_allowed(request.caller.key, &candidate.provider, &candidate.public_name) {
            return refuse(record, error);
        }
        let kind = candidate.provider.kind;
        if let Some(error) = unfit(request.dialect, kind, &candidate.slug, &candidate.abilities) {
            return refuse(record, error);
        }
        let speech = Speech::between(request.dialect, kind, &candidate.slug);
        if speech.reads_whole()
            && !read_at_once
            && let Err(error) = room::for_values(&request.room, &request.body)
        {
            return refuse(record, error);
        }
        if let Err(problem) = speech.prepare(&mut scanned, &request.body, &candidate.slug) {
            return refuse(record, unread(problem));
        }
        if let Some(member) = &scanned.files.kept {
            let error = unknown_reference(member);
            return refuse(record, error);
        }
        let pictures = Pictures::of(&scanned, &candidate);
        record.draws(pictures.map(|pictures| pictures.charged(0)));
        if snapshot.is_blocked(request.caller.account()) {
            return refuse(record, refused::blocked());
        }
        let named = match files::named(&scanned, speech, &candidate.slug) {
            Ok(named) => named,
            Err(error) => return refuse(record, error),
        };
        let mut task = Box::new(Task {
            scanned,
            speech,
            candidate,
            named,
            place: None,
            request,
            client: None,
            is_funded: false,
        });
        if !task.has_to_wait()
            && let Err(error) = task.fund(inner, &mut record)
        {
            return refuse(record, error);
        }
        Ok((task, Box::new(record)))
    }

    /// Writes a call that is refused at once. The row is written although the client may have left.
    async fn refuse(&self, (mut record, error): (Record, CallError)) -> CallError {
        record.fail(&error);
        let (done, settled) = oneshot::channel();
        let owner = Arc::clone(&self.0);
        self.0.tasks.spawn(async move {
            record.settle_unsent(&owner, CallState::Failed).await;
            // Nobody waits any more when the client has left.
            let _ = done.send(());
        });
        let _ = settled.await;
        error
    }
}

/// A request that names what the provider keeps for whoever put it there: with the operator's credential everybody could read it.
pub(super) fn unknown_reference(member: &str) -> CallError {
    CallError {
        param: Some(member.to_owned()),
        ..CallError::new(
            Fault::Caller,
            400,
            "unknown_reference",
            format!(
                "'{member}' names what the provider keeps, and this hub cannot tell whose that is. Put the content itself into the request."
            ),
        )
    }
}

/// A request that cannot be understood.
pub(super) fn unread(problem: RequestProblem) -> CallError {
    CallError {
        param: problem.param.map(Cow::into_owned),
        ..CallError::new(Fault::Caller, 400, problem.code, problem.message)
    }
}

impl Snapshot {
    /// The answer to whoever names a model that does not exist or is switched off.
    #[must_use]
    pub fn unknown_model(&self, asked: &str) -> CallError {
        let shown: String = asked.chars().take(200).collect();
        let sentence = if self.models().next().is_none() {
            format!(
                "The model `{shown}` does not exist: this hub has no models yet. An admin connects a provider in the console."
            )
        } else {
            format!(
                "The model `{shown}` does not exist here, or it is disabled. `GET /v1/models` lists the models that can be called."
            )
        };
        CallError {
            param: Some("model".to_owned()),
            ..CallError::new(Fault::Caller, 404, "model_not_found", sentence)
        }
    }
}
