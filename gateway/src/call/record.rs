//! The row of one call while it runs: what is known so far, which attempts were made, where the time went. `admission` lets
//! the call begin and grow, `settlement` ends it.

mod admission;
mod settlement;

use std::{borrow::Cow, sync::Arc, time::Duration};

use ::http::HeaderMap;
use domain::{
    call::{CallState, Failure},
    id::{AttemptId, CallId},
    price::Drawn,
    time::{Micros, Timestamp},
    usage::UsageSource,
};
use tokio::{sync::oneshot, time::Instant};

use super::{CallError, CallRequest, Caller, Timing, estimate::Consumed, funds::Funds, limited::Limits};
use crate::{
    AttemptRow, CallMoney, CallRow, Candidate, CredentialEntry, Inner, KeptAnswer,
    http::Sent,
    ledger::Done,
    limits::{Applying, Claim},
    secrets::Marks,
    wire::{
        Scanned,
        canonical::{self, Dropped, Finish},
    },
};
pub(super) use settlement::Logged;

/// The last byte waits for its row no longer than this.
const SETTLE_LIMIT: Duration = Duration::from_secs(10);
/// Longest name of a model in the log.
const NAME_LIMIT: usize = 200;

/// The row of one call.
pub(super) struct Record {
    row: CallRow,
    funds: Funds,
    /// The limits that it counts against.
    limits: Option<Box<Limits>>,
    /// The hold is asked to grow, with what it claims of limits.
    growing: Option<(oneshot::Receiver<Done>, Option<Claim>)>,
    attempts: Vec<AttemptRow>,
    arrived: Instant,
    current: Option<Current>,
    /// The credential of the last attempt: what its provider says is kept without it.
    credential: Option<Arc<CredentialEntry>>,
    /// Time that was spent waiting for providers, in attempts that are over and in the one that is being made.
    waited: Duration,
    waiting: Duration,
    upstream_first_byte: Duration,
    /// A failed attempt may have been worked on, and billed.
    maybe_billed: bool,
    /// Bytes of the answer's text that went to the client of a stream so far.
    delivered: u64,
    /// Whether the last attempt is on its way.
    sent: Sent,
    /// Its row was handed to the log before it was admitted.
    listed: bool,
    settled: bool,
    /// The end is in the log.
    written: bool,
}

/// The attempt that is being made.
struct Current {
    row: AttemptRow,
    sent: Instant,
}

pub(super) fn micros(span: Duration) -> Micros {
    Micros(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
}

/// What goes into the log: cut to length, and without control characters. PostgreSQL refuses a NUL in text, and one row
/// that it refuses holds up all others.
fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= NAME_LIMIT && text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let visible = |letter: char| if letter.is_control() { '\u{fffd}' } else { letter };
    Cow::Owned(text.chars().take(NAME_LIMIT).map(visible).collect())
}

/// A failure whose texts PostgreSQL takes, too.
fn clean(failure: Failure) -> Failure {
    let visible = |text: String| text.replace(char::is_control, "\u{fffd}");
    Failure {
        code: cut(&failure.code).into_owned(),
        message: visible(failure.message),
        ..failure
    }
}

impl Record {
    /// The row of a request that has just been read (or could not be).
    pub fn new(inner: &Inner, request: &CallRequest, scanned: Option<&Scanned>) -> Self {
        let row = CallRow {
            id: request.id,
            process: inner.process,
            started_at: request.arrived_at,
            endpoint: request.dialect.endpoint(),
            dialect: request.dialect,
            dropped: None,
            door: request.door,
            streamed: scanned.is_some_and(|scanned| scanned.stream),
            state: CallState::Open,
            status: None,
            user: request.caller.user,
            key: request.caller.key,
            project: request.caller.project,
            account: request.caller.account(),
            model_asked: scanned.map_or_else(|| "".into(), |scanned| cut(&scanned.model).into()),
            model_served: None,
            provider_id: None,
            provider: None,
            provider_kind: None,
            finish_reason: None,
            usage: domain::usage::Usage::default(),
            drawn: None,
            usage_source: UsageSource::None,
            raw_usage: None,
            first_byte: None,
            duration: None,
            overhead: None,
            failure: None,
            agent: request.agent.as_deref().map(|agent| cut(agent).into()),
            attempts: 0,
            money: CallMoney::default(),
            limited: None,
            kept: None,
        };
        let arrived = Instant::from_std(request.arrived);
        Self {
            row,
            funds: Funds::default(),
            limits: None,
            growing: None,
            attempts: Vec::new(),
            arrived,
            current: None,
            credential: None,
            waited: Duration::ZERO,
            waiting: Duration::ZERO,
            upstream_first_byte: Duration::ZERO,
            maybe_billed: false,
            delivered: 0,
            sent: Sent::default(),
            listed: false,
            settled: false,
            written: false,
        }
    }

    /// The model was found.
    pub fn serve(&mut self, candidate: &Candidate) {
        self.row.model_served = Some(Arc::clone(&candidate.public_name));
        self.row.provider_id = Some(candidate.provider.id);
        self.row.provider = Some(Arc::clone(&candidate.provider.title));
        self.row.provider_kind = Some(candidate.provider.kind);
    }

    /// These pictures are charged, where it draws; none before it is known.
    pub fn draws(&mut self, drawn: Option<Drawn>) {
        self.row.drawn = drawn;
    }

    /// What of the request the provider is not told.
    pub fn drops(&mut self, names: &[Dropped]) {
        let names: Vec<&str> = names.iter().map(|dropped| dropped.0.as_str()).collect();
        self.row.dropped = (!names.is_empty()).then(|| cut(&names.join(", ")).into_owned());
    }

    /// The call.
    pub fn id(&self) -> CallId {
        self.row.id
    }

    /// How it is paid, by the prices of this moment.
    pub fn fund(&mut self, funds: Funds, now: Timestamp) {
        self.row.money.price = funds.price_id();
        self.row.money.priced_at = funds.is_allocated().then_some(now);
        self.row.money.estimate = funds.estimate();
        self.funds = funds;
    }

    /// Which limits it counts against.
    pub fn limit(&mut self, limits: Option<Applying>, caller: Caller) {
        self.limits = limits.map(|applying| Box::new(Limits::new(applying, caller)));
    }

    /// What headers say of its limits.
    pub fn limit_headers(&self, inner: &Inner) -> Option<HeaderMap> {
        let limits = self.limits.as_ref()?;
        Some(limits.headers(self.row.dialect, inner.clock.now()))
    }

    /// How it is paid.
    pub fn funds(&self) -> &Funds {
        &self.funds
    }

    /// What the credential is known by in what its provider says; none where there is no credential.
    pub fn marks(&self) -> Option<&Marks> {
        self.credential.as_ref().map(|credential| &credential.marks)
    }

    /// A provider's word as it is kept.
    fn masked<'a>(&self, word: &'a str) -> Cow<'a, str> {
        self.marks().map_or(Cow::Borrowed(word), |marks| marks.mask(word))
    }

    /// How many attempts were made.
    pub fn attempts(&self) -> usize {
        self.attempts.len()
    }

    /// An attempt is sent now. Whoever sends it notes when it is on its way.
    pub fn begin_attempt(
        &mut self,
        inner: &Inner,
        candidate: &Candidate,
        credential: Option<&Arc<CredentialEntry>>,
    ) -> Sent {
        let started_at = inner.clock.now();
        let row = AttemptRow {
            id: AttemptId::from_number(inner.ids.next(started_at)),
            call: self.row.id,
            number: i64::try_from(self.attempts.len() + 1).unwrap_or(i64::MAX),
            provider_id: candidate.provider.id,
            provider: Arc::clone(&candidate.provider.title),
            credential_id: credential.map(|credential| credential.id),
            credential: credential.map(|credential| Arc::clone(&credential.label)),
            model: Arc::clone(&candidate.slug),
            started_at,
            status: None,
            first_byte: None,
            duration: Micros(0),
            upstream_request_id: None,
            failure: None,
        };
        self.credential = credential.map(Arc::clone);
        self.current = Some(Current {
            row,
            sent: Instant::now(),
        });
        self.sent = Sent::default();
        self.sent.clone()
    }

    /// The head of the answer is here.
    pub fn answered(&mut self, status: u16, upstream_request_id: Option<String>) {
        let id = upstream_request_id.map(|id| cut(&self.masked(&id)).into());
        if let Some(current) = &mut self.current {
            current.row.status = Some(status);
            current.row.upstream_request_id = id;
        }
        self.first_byte_of_provider();
    }

    /// The provider's first byte (or a better claim to be it) has come.
    pub fn first_byte_of_provider(&mut self) {
        if let Some(current) = &mut self.current {
            self.upstream_first_byte = current.sent.elapsed();
            current.row.first_byte = Some(micros(self.upstream_first_byte));
        }
    }

    /// Up to now we waited for the provider of the current attempt; what follows is our own time.
    pub fn waited_until_now(&mut self) {
        if let Some(current) = &self.current {
            self.waiting = current.sent.elapsed();
        }
    }

    /// So long other servers than the provider were waited for.
    pub fn waited_for(&mut self, span: Duration) {
        self.waited += span;
    }

    /// The last attempt was taken by a connection, and has not failed.
    pub fn is_on_its_way(&self) -> bool {
        self.sent.is_true()
    }

    /// The current attempt is over.
    pub fn end_attempt(&mut self, failure: Option<Failure>) {
        if let Some(mut current) = self.current.take() {
            if failure.is_some() {
                // Asked in vain: whoever leaves before the next attempt owes nothing for this one.
                self.sent = Sent::default();
            }
            current.row.duration = micros(current.sent.elapsed());
            current.row.failure = failure.map(clean);
            self.waited += std::mem::take(&mut self.waiting);
            self.attempts.push(current.row);
        }
    }

    /// The first byte goes to the client, with this status.
    pub fn first_byte_to_client(&mut self, status: u16) -> Timing {
        let passed = self.arrived.elapsed();
        let overhead = passed.saturating_sub(self.waited + self.waiting);
        self.row.status = Some(status);
        self.row.first_byte = Some(micros(passed));
        self.row.overhead = Some(micros(overhead));
        Timing {
            overhead,
            upstream_first_byte: self.upstream_first_byte,
        }
    }

    /// So much text of the answer went to its client up to now.
    pub fn delivers(&mut self, text_bytes: u64) {
        self.delivered = text_bytes;
    }

    /// How much of it did.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// What was consumed, and why the model stopped.
    pub fn consumed(&mut self, consumed: Consumed, finish_reason: Option<&str>) {
        let consumed = self.funds.within(consumed);
        self.row.usage = consumed.usage;
        self.row.usage_source = consumed.source;
        let raw = consumed.raw.map(|raw| match self.marks() {
            Some(marks) => marks.mask_json(raw),
            None => raw,
        });
        self.row.raw_usage = raw.map(Into::into);
        self.row.finish_reason = finish_reason.map(|reason| cut(&self.masked(reason)).into());
    }

    /// How many tokens the conversation has with its answer, where the provider has counted them.
    pub fn counted(&self) -> Option<u64> {
        let usage = &self.row.usage;
        (self.row.usage_source == UsageSource::Provider)
            .then(|| usage.input_total().saturating_add(usage.output_total()))
    }

    /// What the provider keeps of the answer; where it lies is remembered with the call's end.
    pub fn keep(&mut self, kept: Option<KeptAnswer>) {
        self.row.kept = kept;
    }

    /// How the answer ends, for whoever tells it anew. Why, they know themselves.
    pub fn end(&self) -> canonical::End {
        canonical::End {
            finish: Finish::Stop,
            usage: self.row.usage,
            charge: self.row.money.charge.map(|charge| charge.to_string()),
        }
    }

    /// The attempt that has just failed may have been worked on.
    pub fn may_be_billed(&mut self) {
        self.maybe_billed = true;
    }

    /// Something was sent to a provider that may have been worked on.
    pub fn reached_provider(&self) -> bool {
        self.current.is_some() || self.maybe_billed
    }

    /// The call has failed.
    pub fn fail(&mut self, error: &CallError) {
        self.row.failure = Some(clean(error.failure()));
        self.row.status.get_or_insert(error.status);
    }

    /// The client gets this error instead of the answer whose row could not be written.
    pub fn answer_instead(&mut self, error: &CallError) {
        self.row.failure = Some(clean(error.failure()));
        self.row.status = Some(error.status);
    }

    /// What was consumed is known, or estimated already.
    pub fn knows_usage(&self) -> bool {
        self.row.usage_source != UsageSource::None
    }

    /// The end of the call was handed to the log.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// The end of the call is in the log.
    pub fn is_written(&self) -> bool {
        self.written
    }

    /// Where the time went, up to now.
    pub fn timing(&self) -> Timing {
        Timing {
            overhead: self.arrived.elapsed().saturating_sub(self.waited),
            upstream_first_byte: self.upstream_first_byte,
        }
    }
}
