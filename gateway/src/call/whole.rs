//! Carries an answer that comes as a whole: reads it within its limits, checks that it is one, and reads its usage.

use std::time::Duration;

use ::http::{HeaderMap, header::CONTENT_TYPE};
use bytes::{Bytes, BytesMut};
use domain::{price::Tariff, provider::Timeouts, usage::UsageSource};
use tokio::time::{Instant, timeout_at};

use super::{
    CallError,
    attempt::{Reached, secret_of},
    estimate::{self, Asked, Consumed},
    fault,
    funds::Pictures,
    heavy::heavy,
    record::Record,
    room::Growing,
    task::Context,
};
use crate::{
    providers::Body,
    wire::{
        json,
        speech::{Content, Speech, Unheard},
    },
};

/// Largest answer that is carried. A thousand embeddings of 3,072 numbers as text are about 40 MB.
const LIMIT: usize = 64 << 20;

/// When the next piece of an answer must have come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadlines {
    first: Instant,
    gap: Duration,
    total: Instant,
}

impl Deadlines {
    /// For a stream or for an answer that comes as a whole.
    pub fn new(limits: &Timeouts, stream: bool, sent: Instant) -> Self {
        let span = |milliseconds: u32| Duration::from_millis(milliseconds.into());
        Self {
            first: sent + span(limits.to_first_byte_ms(stream)),
            gap: span(limits.gap_ms),
            total: sent + span(limits.total_ms),
        }
    }

    /// For the next piece, and what to say when it does not come.
    pub fn next(&self, first: bool) -> (Instant, &'static str) {
        let (piece, what) = match first {
            true => (self.first, "nothing came after the head of the answer"),
            false => (Instant::now() + self.gap, "the answer stalled"),
        };
        if self.total < piece {
            (self.total, "the answer took longer than the whole call may")
        } else {
            (piece, what)
        }
    }

    pub fn total(&self) -> Instant {
        self.total
    }
}

/// Whether the content type is this one, whatever parameters follow.
pub(super) fn is_type(headers: &HeaderMap, wanted: impl Fn(&str) -> bool) -> Option<bool> {
    let value = headers.get(CONTENT_TYPE)?.to_str().unwrap_or("unreadable");
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(wanted(&essence))
}

/// Reads the answer to its end. The row knows then what it cost.
pub(super) async fn read(
    context: &Context<'_>,
    record: &mut Record,
    reached: Reached,
) -> Result<(Bytes, Content), CallError> {
    let (provider, speech) = (&context.candidate.provider, context.speech);
    let Reached {
        mut incoming,
        credential,
        sent,
        kept,
        ..
    } = reached;
    let streams = came_as_stream(&incoming.headers, speech);
    if !streams && is_type(&incoming.headers, is_json) == Some(false) {
        return Err(fault::unreadable(&provider.title, "it is not JSON by its content type"));
    }
    let mut growing = Growing::of(context.room, speech.copies(&kept));
    let deadlines = Deadlines::new(&provider.timeouts, false, sent);
    let body = received(context, &mut incoming.body, &deadlines, &mut growing).await?;
    record.waited_until_now();
    let heard = heavy(body.len(), || {
        if streams || speech.builds(&kept) {
            growing.branch(&body)?;
        }
        Ok::<_, CallError>(match streams {
            true => speech.gather(&body, &provider.quirks, &kept, LIMIT),
            false => speech.hear(&body, &provider.quirks, &kept),
        })
    })?;
    let mut heard = heard.map_err(|problem| match problem {
        Unheard::Malformed(reason) => fault::unreadable(&provider.title, &reason),
        Unheard::Reported(said) => fault::reported(speech, &said, secret_of(credential.as_deref()), &provider.title),
    })?;
    let (asked, report) = (context.asked(record), heard.report.as_ref());
    let consumed = match Pictures::of(context.scanned, context.candidate) {
        Some(pictures) => {
            let consumed = estimate::drawn(context.call, report, &asked, &pictures, heard.pictures);
            let beyond = heard.pictures > pictures.asked.count && record.funds().is_counted();
            if beyond && !is_paid(&consumed, &asked) {
                heard.content = heard.content.with_pictures(&body, pictures.asked.count);
            }
            record.draws(Some(pictures.charged(heard.pictures)));
            consumed
        }
        None => estimate::consumed(context.call, report, &asked, heard.text_bytes, heard.counted),
    };
    record.consumed(consumed, heard.finish_reason.as_deref());
    if let Some(defect) = heard.defect {
        return Err(fault::defective(&provider.title, &defect));
    }
    Ok(match heard.content {
        Content::Instead(body) => (body, Content::Passes),
        content => (body, content),
    })
}

/// All of the body, as far as there is room for it.
async fn received(
    context: &Context<'_>,
    body: &mut Body,
    deadlines: &Deadlines,
    growing: &mut Growing<'_>,
) -> Result<Bytes, CallError> {
    let provider = &context.candidate.provider;
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    loop {
        let (deadline, what) = deadlines.next(first.is_empty());
        let piece = match timeout_at(deadline, body.next()).await {
            Ok(Ok(Some(piece))) => piece,
            Ok(Ok(None)) => break,
            Ok(Err(broken)) => {
                tracing::warn!(call = %context.call, provider = &*provider.title, %broken, "an answer broke off");
                return Err(fault::interrupted(&provider.title));
            }
            Err(_) => return Err(fault::timed_out(&provider.title, what)),
        };
        let size = first.len().max(joined.len()) + piece.len();
        if size > LIMIT {
            return Err(fault::unreadable(&provider.title, "it is larger than 64 MB"));
        }
        growing.reach(size)?;
        // An answer that comes in one piece is never copied.
        if first.is_empty() {
            first = piece;
        } else {
            if joined.is_empty() {
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&piece);
        }
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

/// Each picture that came is paid, for its tokens are.
fn is_paid(consumed: &Consumed, asked: &Asked<'_>) -> bool {
    let by_piece = asked.sell.is_some_and(Tariff::sells_pictures);
    !by_piece && consumed.source == UsageSource::Provider
}

/// JSON by its content type.
pub(super) fn is_json(kind: &str) -> bool {
    kind == "application/json" || kind.ends_with("+json")
}

/// The provider streams, as its content type says, though a whole answer was asked for. That is put together again.
pub(super) fn came_as_stream(headers: &HeaderMap, speech: Speech) -> bool {
    is_type(headers, |kind| speech.wire.streams_as(kind)) == Some(true)
}

/// The provider's name for an answer.
pub(super) fn id(body: &[u8]) -> Option<String> {
    let id = json::read(body).ok()?.member("id")?.as_str()?;
    Some(id.into_owned())
}

#[cfg(test)]
mod tests {
    use ::http::HeaderValue;

    use super::*;

    #[test]
    fn the_total_limit_wins_over_the_others() {
        let limits = Timeouts {
            connect_ms: 100,
            first_byte_ms: 500,
            gap_ms: 200,
            total_ms: 1_000,
        };
        let sent = Instant::now();
        let deadlines = Deadlines::new(&limits, true, sent);
        assert_eq!(deadlines.next(true).0, sent + Duration::from_millis(500));
        assert!(deadlines.next(false).0 < deadlines.total());
        let late = Deadlines::new(&limits, true, sent - Duration::from_millis(900));
        assert_eq!(late.next(false).0, late.total());
    }

    #[test]
    fn content_types_are_compared_without_parameters() {
        let is_json = |value: &'static str| {
            is_type(
                &HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]),
                |kind| kind == "application/json",
            )
        };
        assert_eq!(is_json("Application/JSON; charset=utf-8"), Some(true));
        assert_eq!(is_json("text/html"), Some(false));
        assert_eq!(is_type(&HeaderMap::new(), |_| true), None);
    }
}
