//! Reaches the provider: picks a credential, sends, and tries again where that is provably free of cost (see `fault`).

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use ::http::HeaderMap;
use bytes::Bytes;
use domain::{
    call::{Dialect, Failure, Fault},
    id::CallId,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{
    CallError,
    accept::unread,
    fault::{self, Again, Verdict},
    pinned, quoted,
    record::Record,
    task::Context,
};
use crate::{
    Candidate, CredentialEntry, Inner, http,
    providers::{self, Incoming, Outgoing},
    step::{self, Step},
    wire::{
        Scanned,
        canonical::Dropped,
        speech::{Asked, Kept, Speech, Unasked},
    },
};

/// No headers of the client.
static NONE: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);
/// Attempts a call at the most.
const ATTEMPTS: usize = 3;
/// Pause before the same way is tried again.
const PAUSE: Duration = Duration::from_millis(150);
/// Largest error body that is read.
const ERROR_LIMIT: usize = 256 << 10;
/// How long the body of an error may take.
const ERROR_TIME: Duration = Duration::from_secs(5);

/// An answer with a status of success.
pub(super) struct Reached {
    pub incoming: Incoming,
    /// The credential that was used, so that it can be masked in what the provider says.
    pub credential: Option<Arc<CredentialEntry>>,
    /// When the request was handed over.
    pub sent: Instant,
    /// What the answer's reader must know of the request.
    pub kept: Kept,
    /// What of the request the provider could not be told.
    pub dropped: Vec<String>,
}

/// What must not show in anything that the provider says; empty without a credential.
pub(super) fn secret_of(credential: Option<&CredentialEntry>) -> &str {
    credential.map_or("", |credential| credential.secret.expose())
}

/// Tries until a provider answers with success or nothing more may be tried. The request's body lives no longer than this:
/// after the first byte of an answer nothing is sent again, and a stream may run for long.
pub(super) async fn reach(context: &Context<'_>, original: Bytes, record: &mut Record) -> Result<Reached, CallError> {
    let Context {
        inner,
        speech,
        scanned,
        candidate,
        ..
    } = *context;
    let provider = &candidate.provider;
    let asked = written(context, &original, record)?;
    drop(original);
    let body = asked.body;
    let pin = pinned::credential(provider, context.place, scanned.previous())?;
    let mut tried = Vec::new();
    let mut once_more = true;
    loop {
        let rotation = &inner.calls.rotation;
        let credential = match &pin {
            Some(pin) => pin.0.clone(),
            None => rotation.pick(&provider.credentials, &tried, Instant::now()),
        };
        if credential.is_none() && !provider.works_without_credential {
            return Err(without_credential(record.id(), &provider.title));
        }
        let on_its_way = record.begin_attempt(inner, candidate, credential.as_ref());
        let sent = Instant::now();
        let outgoing = Outgoing {
            wire: speech.wire,
            stream: scanned.stream,
            slug: &candidate.slug,
            headers: if speech.passes() { context.headers.sent() } else { &NONE },
            query: context.headers.query().filter(|_| speech.passes()),
            body: body.clone(),
            sent: on_its_way,
        };
        let verdict = match try_once(speech, candidate, credential.as_deref(), outgoing, record).await {
            Ok(incoming) => {
                step::reached(Step::Sent);
                let used = credential.as_ref().map(|credential| credential.id);
                if let Some(used) = used {
                    rotation.served(used);
                }
                inner
                    .last_used
                    .note_provider(provider.id, used, Ok(()), inner.clock.now());
                return Ok(Reached {
                    incoming,
                    credential,
                    sent,
                    kept: asked.kept,
                    dropped: asked.dropped.into_iter().map(|dropped| dropped.0).collect(),
                });
            }
            Err(verdict) => verdict,
        };
        record.waited_until_now();
        let verdict = discreet(*verdict, &body);
        note(inner, record.id(), candidate, credential.as_deref(), &verdict);
        let attempt_failure = Failure {
            fault: verdict.error.fault,
            code: verdict.error.code.to_string(),
            message: verdict.words.clone(),
        };
        record.end_attempt(Some(attempt_failure));
        if let "provider_timeout" | "provider_disconnected" | fault::UNREADABLE = &*verdict.error.code {
            record.may_be_billed();
        }
        let another =
            |tried: &[_]| pin.is_none() && provider.credentials.iter().any(|known| !tried.contains(&known.id));
        let try_again = record.attempts() < ATTEMPTS
            && match verdict.again {
                Again::No => false,
                Again::OtherCredential(_) => {
                    tried.extend(credential.as_ref().map(|credential| credential.id));
                    another(&tried)
                }
                Again::Once => std::mem::take(&mut once_more),
                Again::NothingSent => true,
            };
        if !try_again {
            return Err(verdict.error);
        }
        if !matches!(verdict.again, Again::OtherCredential(_)) {
            sleep(PAUSE).await;
        }
    }
}

/// The request as its provider gets it.
fn written(context: &Context<'_>, original: &Bytes, record: &mut Record) -> Result<Asked, CallError> {
    let Context {
        inner,
        speech,
        scanned,
        candidate,
        ..
    } = *context;
    let cap = record.funds().cap();
    let mut asked = speech
        .ask(scanned, original, &candidate.slug, &candidate.provider.quirks, cap)
        .map_err(unasked)?;
    if speech.passes() {
        let held_back = context.headers.held_back();
        asked.dropped.extend(held_back.map(|name| Dropped(name.to_owned())));
    }
    may_be_told(inner, scanned, speech.dialect)?;
    record.drops(&asked.dropped);
    Ok(asked)
}

/// The provider may be told of every address in the request.
pub(super) fn may_be_told(inner: &Inner, scanned: &Scanned, dialect: Dialect) -> Result<(), CallError> {
    for address in &scanned.files.addresses {
        let may = inner.fetcher.may_be_told(address);
        may.map_err(|_| untold(dialect, address))?;
    }
    Ok(())
}

/// An address that the provider would look at, from a place where there may be more to see than the caller should.
fn untold(dialect: Dialect, address: &str) -> CallError {
    let shown: String = address.chars().take(200).collect();
    let param = match dialect {
        Dialect::OpenaiResponses => "input",
        Dialect::OpenaiImages => "image",
        _ => "messages",
    };
    CallError {
        param: Some(param.to_owned()),
        kept: Some("A file's address is none that a provider is told.".into()),
        ..CallError::new(
            Fault::Caller,
            400,
            "address_not_allowed",
            format!(
                "The address '{shown}' is none that this hub tells a provider: files lie at public http or https addresses. Send the content as base64."
            ),
        )
    }
}

/// One attempt. The head of a successful answer, or a verdict on why there is none.
async fn try_once(
    speech: Speech,
    candidate: &Candidate,
    credential: Option<&CredentialEntry>,
    outgoing: Outgoing<'_>,
    record: &mut Record,
) -> Result<Incoming, Box<Verdict>> {
    let provider = &candidate.provider;
    let secret = secret_of(credential);
    let limit = Duration::from_millis(provider.timeouts.to_first_byte_ms(outgoing.stream).into());
    let incoming = match timeout(limit, providers::send(provider, credential, outgoing)).await {
        Ok(Ok(incoming)) => incoming,
        Ok(Err(problem)) => return Err(Box::new(fault::of_problem(&problem, secret, &provider.title))),
        Err(_) => {
            let words = format!("no first byte within {} ms", limit.as_millis());
            let error = fault::timed_out(&provider.title, &words);
            return Err(Box::new(Verdict {
                error,
                words,
                again: Again::No,
            }));
        }
    };
    let status = incoming.status.as_u16();
    record.answered(status, http::upstream_request_id(&incoming.headers));
    if incoming.status.is_success() {
        return Ok(incoming);
    }
    let retry_after = http::retry_after(&incoming.headers);
    let body = Box::pin(read_error(incoming)).await;
    Err(Box::new(fault::of_answer(
        speech,
        status,
        &body,
        retry_after,
        secret,
        &provider.title,
        &candidate.slug,
    )))
}

/// A request that cannot be written for its provider.
fn unasked(problem: Unasked) -> CallError {
    match problem {
        Unasked::Unread(problem) => unread(problem),
        Unasked::Unspeakable(problem) => CallError {
            param: Some(problem.param),
            ..CallError::new(Fault::Caller, 400, "unsupported_by_provider", problem.message)
        },
    }
}

/// The body of an error answer, as far as it comes in time and fits.
async fn read_error(mut incoming: Incoming) -> Bytes {
    let deadline = Instant::now() + ERROR_TIME;
    let mut body = Vec::new();
    while let Ok(Ok(Some(piece))) = timeout_at(deadline, incoming.body.next()).await {
        body.extend_from_slice(&piece);
        if body.len() > ERROR_LIMIT {
            body.truncate(ERROR_LIMIT);
            break;
        }
    }
    body.into()
}

/// The verdict with words that can be kept: they quote nothing of the request. What the caller is told stays whole.
fn discreet(verdict: Verdict, request: &[u8]) -> Verdict {
    let words = quoted::hide(&verdict.words, request);
    let mut error = verdict.error;
    if error.kept.is_some() {
        error.kept = Some(match words.as_str() {
            "" => "The provider refused the request.".into(),
            words => words.into(),
        });
    }
    Verdict {
        error,
        words,
        ..verdict
    }
}

fn without_credential(call: CallId, provider: &str) -> CallError {
    tracing::error!(
        %call,
        provider,
        "a call needs a credential, and the provider has none that is enabled"
    );
    let sentence = format!("{provider} has no enabled credential. Ask whoever runs this hub to add one.");
    CallError::new(Fault::Operator, 502, "provider_credential_missing", sentence)
}

/// Remembers how the provider fared with the credential (or without one), and wakes the operator where it is for the operator to act.
fn note(inner: &Inner, call: CallId, candidate: &Candidate, credential: Option<&CredentialEntry>, verdict: &Verdict) {
    let (provider, code, words) = (&*candidate.provider.title, &*verdict.error.code, verdict.words.as_str());
    let label = credential.map(|credential| &*credential.label);
    match verdict.error.fault {
        Fault::Operator => tracing::error!(
            %call,
            provider,
            credential = label,
            model = &*candidate.slug,
            code,
            words,
            "a provider needs the operator"
        ),
        Fault::Provider | Fault::Limit => tracing::warn!(
            %call,
            provider,
            credential = label,
            model = &*candidate.slug,
            code,
            words,
            "an attempt failed"
        ),
        Fault::Caller | Fault::Key | Fault::Credit | Fault::Hub => {}
    }
    let used = credential.map(|credential| credential.id);
    if let (Some(used), Again::OtherCredential(rest)) = (used, &verdict.again) {
        inner.calls.rotation.rest(used, *rest, Instant::now());
    }
    let outcome = if fault::accepts_credential(&verdict.error) {
        Ok(())
    } else if words.is_empty() {
        Err(code)
    } else {
        Err(words)
    };
    inner
        .last_used
        .note_provider(candidate.provider.id, used, outcome, inner.clock.now());
}
