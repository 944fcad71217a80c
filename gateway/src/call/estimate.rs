//! What a call consumed: the provider's report where it makes sense, else an estimate that is marked as one.
//!
//! The estimate is one token for four whole bytes of UTF-8, so that it is rounded for whoever pays. That is the usual figure for English
//! and near the truth for Chinese (three bytes and somewhat less than a token a character). What is sent as numbers of tokens is as many. A file
//! counts as 1,000 tokens; where a report is not believed that tells of more, for as many, but for no more than were held for it.

use domain::{
    catalog::PictureTokens,
    id::CallId,
    price::{Quantities, Tariff},
    usage::{Usage, UsageSource},
};

use super::{bounds, funds::Pictures};
use crate::wire::{
    Scanned,
    canonical::{Counted, Opening, Report},
    openai::usage::{self, Nonsense},
};

const BYTES_PER_TOKEN: u64 = 4;
const TOKENS_PER_FILE: u64 = 1_000;

/// What was consumed and how we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Consumed {
    pub usage: Usage,
    pub source: UsageSource,
    pub raw: Option<String>,
}

/// The tokens of a prompt.
pub(super) fn input_tokens(request: &Scanned) -> u64 {
    input_tokens_with(request, request.files.count.saturating_mul(TOKENS_PER_FILE))
}

fn input_tokens_with(request: &Scanned, files: u64) -> u64 {
    let text = request.prompt_bytes / BYTES_PER_TOKEN;
    text.saturating_add(request.token_numbers).saturating_add(files)
}

/// What an answer's writer tells at its beginning of a request of which this was left out.
pub(super) fn opening(request: &Scanned, dropped: &[String]) -> Opening {
    Opening {
        include_usage: request.include_usage,
        input_tokens: input_tokens(request),
        as_json: request.wants_json(),
        functions: request.wants_functions(),
        asked: request.asked.without(dropped),
    }
}

/// The tokens of a text of so many bytes.
pub(super) fn output_tokens(bytes: u64) -> u64 {
    bytes / BYTES_PER_TOKEN
}

/// The bytes of a text of so many tokens.
pub(super) fn output_bytes(tokens: u64) -> u64 {
    tokens.saturating_mul(BYTES_PER_TOKEN)
}

/// So many tokens more of an answer are believed than came over the wire, where nothing limits them: thoughts that a provider
/// does not show.
const UNSEEN: u64 = 200_000;
/// A provider may count the end of its answer beside the limit that it was told.
const TOKENS_AROUND: u64 = 16;

/// What a report is held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub request: &'a Scanned,
    /// The window of the model, where that is known.
    pub context_tokens: Option<u64>,
    /// The tokens of answer that the provider was told to keep to, for all its answers; where it was told none, none.
    pub told: Option<u64>,
    /// It thinks beside that.
    pub thinks_apart: bool,
    /// It counts all of a prompt, and not only what it had to read anew.
    pub counts_prompt: bool,
    /// By what the call is charged or allocated, where it is.
    pub sell: Option<&'a Tariff>,
}

impl Asked<'_> {
    /// There is a prompt, so its provider has read something. Of pictures some services count the drawing alone.
    fn is_read(&self) -> bool {
        let request = self.request;
        let has_prompt = request.prompt_bytes > 0 || request.token_numbers > 0;
        has_prompt && request.picture.is_none() && (self.counts_prompt || !request.chat)
    }

    /// The tokens of a prompt whose provider tells of so many and is not believed. Of its files nobody here knows better, so they count
    /// as it says, up to what was held for them: what was not small must not cost next to nothing.
    fn input_tokens(&self, told: u64) -> u64 {
        let (request, usual) = (self.request, input_tokens(self.request));
        let held = input_tokens_with(request, bounds::of_files(&request.files));
        let window = bounds::believed_in_all(request, self.context_tokens);
        told.min(held).min(window.unwrap_or(u64::MAX)).max(usual)
    }

    /// The first kind of token that is counted although nothing of it was sent or asked for. What the provider keeps, or finds by itself,
    /// may be anything.
    fn unasked(&self, usage: Usage) -> Option<&'static str> {
        let request = self.request;
        let unseen = request.continues || bounds::works_alone(request);
        let impossible = [
            (usage.input_audio, unseen || request.files.may_sound(), "audio_tokens"),
            (usage.input_image, unseen || request.files.count > 0, "image_tokens"),
            (usage.output_audio, request.audio, "audio_tokens"),
        ];
        let mut found = impossible
            .into_iter()
            .filter(|(tokens, may_be, _)| *tokens > 0 && !may_be);
        found.next().map(|(.., name)| name)
    }

    /// What was used has a price, or needs none.
    fn has_price(&self, usage: Usage) -> bool {
        let total = |sell: &Tariff| sell.total(&Quantities::of(usage));
        self.sell.is_none_or(|sell| total(sell).is_ok())
    }
}

/// A call cannot have used more than its model takes, for each of its answers. Texts that are embedded have no answer, and a window
/// each.
///
/// Nor can it have used much more than was asked and answered, or have written an answer without using anything. A provider that
/// was told a limit may not have known it, and then each token of what it wrote has come over the wire, in a byte at the least.
///
/// Nor what cannot be priced, where the estimate can be: else it would cost nothing.
fn believable(usage: Usage, asked: &Asked<'_>, answer_bytes: u64, counted: Counted) -> Result<Usage, Nonsense> {
    let request = asked.request;
    let (input, answer) = (usage.input_total(), usage.output_total());
    let used = input.saturating_add(answer);
    let window = bounds::believed_in_all(request, asked.context_tokens);
    let thought = if asked.thinks_apart { UNSEEN } else { 0 };
    let allowed = asked.told.map_or(UNSEEN, |told| {
        told.saturating_add(TOKENS_AROUND).saturating_add(thought)
    });
    if window.is_some_and(|window| used > window) {
        Err(Nonsense::BeyondContext(used))
    } else if read_too_much(request, input) || input == 0 && asked.is_read() {
        Err(Nonsense::Number("prompt_tokens"))
    } else if answer > 0 && !request.chat && request.picture.is_none() {
        // Texts were embedded, and nobody wrote anything.
        Err(Nonsense::Number("completion_tokens"))
    } else if let Some(name) = asked.unasked(usage) {
        Err(Nonsense::Unasked(name))
    } else if answer > answer_bytes.saturating_add(allowed)
        || counted == Counted::All && answer == 0 && answer_bytes > 0
    {
        Err(Nonsense::Number("completion_tokens"))
    } else if !asked.has_price(usage) && asked.has_price(unreported(request, answer_bytes).usage) {
        Err(Nonsense::Unpriced)
    } else {
        Ok(usage)
    }
}

/// It reports more input than it can have read.
fn read_too_much(request: &Scanned, input: u64) -> bool {
    !request.continues && input > bounds::believed_input(request)
}

/// What was consumed of which nothing was reported.
pub(super) fn unreported(request: &Scanned, answer_bytes: u64) -> Consumed {
    Consumed {
        usage: Usage {
            input_uncached: input_tokens(request),
            output_text: output_tokens(answer_bytes),
            ..Usage::default()
        },
        source: UsageSource::Estimated,
        raw: None,
    }
}

/// What so many pictures that came are charged as: no more of them than were asked for, and nothing where none came. Of those that
/// are billed by the piece nobody counts anything; of others an estimate stands in for a report that is missing, or nonsense.
pub(super) fn drawn(
    call: CallId,
    report: Option<&Report>,
    asked: &Asked<'_>,
    pictures: &Pictures,
    came: u64,
) -> Consumed {
    let by_piece = pictures.tokens == PictureTokens::NONE;
    let too_many = came > pictures.asked.count;
    if too_many {
        let asked = pictures.asked.count;
        tracing::warn!(%call, came, asked, "more pictures came than were asked for; those beyond are not charged");
    }
    let asked = Asked {
        told: Some(pictures.most_tokens()),
        context_tokens: None,
        // By the piece nobody pays for tokens.
        sell: asked.sell.filter(|sell| !sell.sells_pictures()),
        ..*asked
    };
    // What is counted in tokens has some: a picture is an answer, though without a text.
    let weight = u64::from(came > 0 && !by_piece);
    let counted = consumed(call, report, &asked, weight, Counted::All);
    if counted.source == UsageSource::Provider {
        return counted;
    }
    let usage = match by_piece || came == 0 {
        true => Usage::default(),
        false => Usage {
            input_uncached: counted.usage.input_uncached,
            output_image: pictures.usual_tokens(came),
            ..Usage::default()
        },
    };
    let source = match by_piece && report.is_none() && !too_many {
        true => UsageSource::Provider,
        false => UsageSource::Estimated,
    };
    // By what was told the books find a call that was not believed.
    let told = || too_many.then(|| format!(r#"{{"pictures":{came}}}"#));
    Consumed {
        usage,
        source,
        raw: counted.raw.or_else(told),
    }
}

/// The tokens of an answer beyond those that were reported: what came after the report, and no less than what came in all.
fn uncounted(reported: u64, counted: Counted, answer_bytes: u64) -> u64 {
    let after = match counted {
        Counted::All => return 0,
        // Before the first word nearly everybody's number is a placeholder.
        Counted::UpTo(0) | Counted::Part => 0,
        Counted::UpTo(bytes) => output_tokens(answer_bytes.saturating_sub(bytes)),
    };
    output_tokens(answer_bytes).saturating_sub(reported).max(after)
}

/// Takes the provider's report, which counts so much of the answer, or estimates from the sizes of prompt and answer.
pub(super) fn consumed(
    call: CallId,
    report: Option<&Report>,
    asked: &Asked<'_>,
    answer_bytes: u64,
    counted: Counted,
) -> Consumed {
    let raw = report.map(|report| usage::keep(&report.raw));
    let normalise = |report: &Report| {
        let usage = report.usage.clone()?;
        believable(usage, asked, answer_bytes, counted).map_err(|nonsense| nonsense.to_string())
    };
    let mut estimated = unreported(asked.request, answer_bytes);
    match report.map(normalise) {
        Some(Ok(mut usage)) => {
            usage.output_text += uncounted(usage.output_total(), counted, answer_bytes);
            return Consumed {
                usage,
                source: match counted {
                    Counted::All => UsageSource::Provider,
                    Counted::UpTo(_) | Counted::Part => UsageSource::Mixed,
                },
                raw,
            };
        }
        Some(Err(nonsense)) => {
            tracing::warn!(%call, %nonsense, "the provider reported nonsense as usage; the call's usage is estimated");
            if let Some(usage) = report.and_then(|report| report.usage.as_ref().ok()) {
                estimated.usage.input_uncached = asked.input_tokens(usage.input_total());
            }
        }
        None => {}
    }
    Consumed { raw, ..estimated }
}

#[cfg(test)]
mod tests {
    use domain::{call::Endpoint, price::Dimension};

    use super::*;
    use crate::wire::openai::request::scan;

    const CALL: CallId = CallId::from_number(1);

    fn asked(request: &Scanned, context_tokens: Option<u64>) -> Asked<'_> {
        Asked {
            request,
            context_tokens,
            told: request.output_limit,
            thinks_apart: false,
            counts_prompt: true,
            sell: None,
        }
    }

    fn report(raw: impl AsRef<[u8]>) -> Report {
        usage::report(raw.as_ref().to_vec(), &domain::catalog::Quirks::default())
    }

    #[test]
    fn reports_count_and_nonsense_is_estimated() {
        let body =
            br#"{"model":"x","messages":[{"content":"12345678"},{"content":[{"image_url":{"url":"data:image/png;base64,AAAA"}}]}]}"#;
        let request = scan(Endpoint::Chat, body).unwrap();
        let reported = consumed(
            CALL,
            Some(&report(br#"{"prompt_tokens":5,"completion_tokens":2}"#)),
            &asked(&request, None),
            999,
            Counted::All,
        );
        assert_eq!(
            (
                reported.usage.input_uncached,
                reported.usage.output_text,
                reported.source
            ),
            (5, 2, UsageSource::Provider)
        );

        let nonsense = consumed(
            CALL,
            Some(&report(br#"{"prompt_tokens":-5}"#)),
            &asked(&request, None),
            9,
            Counted::All,
        );
        assert_eq!(
            (
                nonsense.usage.input_uncached,
                nonsense.usage.output_text,
                nonsense.source
            ),
            (1_002, 2, UsageSource::Estimated)
        );
        assert_eq!(nonsense.raw.as_deref(), Some(r#"{"prompt_tokens":-5}"#));
        assert_eq!(consumed(CALL, None, &asked(&request, None), 0, Counted::All).raw, None);
    }

    #[test]
    fn more_than_the_model_takes_is_nonsense() {
        let source = |said: &str, window, body: &[u8]| {
            let request = scan(Endpoint::Chat, body).unwrap();
            consumed(
                CALL,
                Some(&report(said)),
                &asked(&request, Some(window)),
                9,
                Counted::All,
            )
            .source
        };
        let (one, two) = (
            br#"{"model":"x","messages":[]}"#.as_slice(),
            br#"{"model":"x","n":2,"messages":[]}"#.as_slice(),
        );
        let full = r#"{"prompt_tokens":1000,"completion_tokens":100}"#;
        let more = r#"{"prompt_tokens":1000,"completion_tokens":101}"#;
        assert_eq!(source(full, 1_000, one), UsageSource::Provider);
        assert_eq!(source(more, 1_000, one), UsageSource::Estimated);
        assert_eq!(source(more, 1_000, two), UsageSource::Provider);
        let silent = r#"{"prompt_tokens":20000,"total_tokens":20000}"#;
        let of = |said: &str, answer_bytes| {
            let request = scan(Endpoint::Chat, one).unwrap();
            consumed(
                CALL,
                Some(&report(said)),
                &asked(&request, None),
                answer_bytes,
                Counted::All,
            )
            .source
        };
        assert_eq!(of(silent, 0), UsageSource::Provider);
        // Far from what was asked and answered, or an answer that took nothing.
        for (report, answer_bytes) in [
            (r#"{"prompt_tokens":99999999,"completion_tokens":1}"#, 9),
            (r#"{"prompt_tokens":9,"completion_tokens":99999999}"#, 9),
            (r#"{"prompt_tokens":0,"completion_tokens":0}"#, 5_000),
            (r#"{"prompt_tokens":9}"#, 5_000),
        ] {
            assert_eq!(of(report, answer_bytes), UsageSource::Estimated, "{report}");
        }
        // A chat without a word is one all the same. Only texts that are embedded have a window each.
        assert_eq!(source(silent, 1_000, one), UsageSource::Estimated);
        let embedded = scan(Endpoint::Embeddings, br#"{"model":"x","input":["a"]}"#).unwrap();
        let consumed = consumed(
            CALL,
            Some(&report(silent)),
            &asked(&embedded, Some(1_000)),
            0,
            Counted::All,
        );
        assert_eq!(consumed.source, UsageSource::Provider);
    }

    /// What a provider was told is held against what it says, and against what came.
    #[test]
    fn more_than_the_provider_was_told_has_come_over_the_wire() {
        let request = scan(Endpoint::Chat, br#"{"model":"x","max_tokens":20,"messages":[]}"#).unwrap();
        let of = |answer: u64, answer_bytes, thinks_apart, told| {
            let asked = Asked {
                thinks_apart,
                told,
                ..asked(&request, None)
            };
            let said = format!(r#"{{"prompt_tokens":9,"completion_tokens":{answer}}}"#);
            consumed(CALL, Some(&report(said)), &asked, answer_bytes, Counted::All).source
        };
        assert_eq!(of(36, 0, false, Some(20)), UsageSource::Provider);
        assert_eq!(of(37, 0, false, Some(20)), UsageSource::Estimated);
        assert_eq!(of(199_000, 11, false, Some(20)), UsageSource::Estimated);
        // It did not know the limit.
        assert_eq!(of(1_000, 4_000, false, Some(20)), UsageSource::Provider);
        // It thinks beside it, or was told none.
        assert_eq!(of(199_000, 11, true, Some(20)), UsageSource::Provider);
        assert_eq!(of(199_000, 11, false, None), UsageSource::Provider);
        let looked_up = |input: u64| {
            let said = format!(r#"{{"prompt_tokens":{input},"completion_tokens":9}}"#);
            consumed(CALL, Some(&report(said)), &asked(&request, None), 9, Counted::All).source
        };
        assert_eq!(looked_up(20_000), UsageSource::Provider);
        assert_eq!(looked_up(200_000), UsageSource::Estimated);
    }

    /// Whoever searches by itself may look at pictures that nobody sent.
    #[test]
    fn what_a_provider_finds_by_itself_may_be_anything() {
        let said = r#"{"prompt_tokens":500,"prompt_tokens_details":{"image_tokens":300},"completion_tokens":2}"#;
        let source = |tools: &str| {
            let body = format!(r#"{{"model":"x","messages":[]{tools}}}"#);
            let request = scan(Endpoint::Chat, body.as_bytes()).unwrap();
            consumed(CALL, Some(&report(said)), &asked(&request, None), 9, Counted::All).source
        };
        assert_eq!(source(""), UsageSource::Estimated);
        assert_eq!(source(r#","tools":[{"type":"web_search"}]"#), UsageSource::Provider);
    }

    #[test]
    fn texts_that_were_embedded_have_tokens() {
        let embedded = scan(Endpoint::Embeddings, br#"{"model":"x","input":["abcdefgh"]}"#).unwrap();
        let of = |said: &str| consumed(CALL, Some(&report(said)), &asked(&embedded, None), 0, Counted::All);
        let nothing = of(r#"{"prompt_tokens":0,"total_tokens":0}"#);
        assert_eq!(
            (nothing.usage.input_uncached, nothing.source),
            (2, UsageSource::Estimated)
        );
        assert_eq!(
            of(r#"{"prompt_tokens":3,"total_tokens":3}"#).source,
            UsageSource::Provider
        );
        // Nobody writes anything there.
        let written = of(r#"{"prompt_tokens":3,"completion_tokens":100000,"total_tokens":100003}"#);
        assert_eq!(
            (
                written.usage.input_uncached,
                written.usage.output_total(),
                written.source
            ),
            (2, 0, UsageSource::Estimated)
        );
    }

    #[test]
    fn each_number_of_a_token_is_one() {
        for (input, tokens) in [("[1,22,333]", 3), ("[[1,2],[3]]", 3), (r#"["abcd",""]"#, 1), ("[]", 0)] {
            let body = format!(r#"{{"model":"x","input":{input}}}"#);
            let embedded = scan(Endpoint::Embeddings, body.as_bytes()).unwrap();
            let of = |report: Option<&Report>| consumed(CALL, report, &asked(&embedded, None), 0, Counted::All);
            assert_eq!(of(None).usage.input_uncached, tokens, "{input}");
            let unread = of(Some(&report(r#"{"prompt_tokens":0}"#)));
            assert_eq!(unread.usage.input_uncached, tokens, "{input}");
            assert_eq!(unread.source == UsageSource::Provider, tokens == 0, "{input}");
        }
    }

    /// What was not small must not come out cheaper than what was held for it, because its report was not believed.
    #[test]
    fn of_files_a_report_that_is_not_believed_counts_up_to_what_was_held() {
        let with = |part: &str| format!(r#"{{"model":"x","messages":[{{"content":[{part}]}}]}}"#);
        let picture = with(r#"{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}"#);
        let sound = with(r#"{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}"#);
        let film = with(r#"{"type":"video_url","video_url":"data:video/mp4;base64,AAAA"}"#);
        let text = with(r#"{"type":"text","text":"12345678"}"#);
        let estimate = |body: &str, window, input: u64, output: u64| {
            let request = scan(Endpoint::Chat, body.as_bytes()).unwrap();
            let said = format!(r#"{{"prompt_tokens":{input},"completion_tokens":{output}}}"#);
            let consumed = consumed(CALL, Some(&report(said)), &asked(&request, window), 8, Counted::All);
            assert_eq!(consumed.source, UsageSource::Estimated);
            let few = 1_000 * request.files.count;
            consumed.usage.input_uncached - unreported(&request, 8).usage.input_uncached + few
        };
        for (body, held) in [(&picture, 50_000), (&sound, 50_000), (&film, 200_000), (&text, 0)] {
            assert_eq!(estimate(body, None, 900_000, 2), held, "{body}");
            // No more than the model takes is held for.
            assert!(estimate(body, Some(20_000), 900_000, 2) <= 22_000, "{body}");
        }
        // What is wrong with it is something else.
        assert!((29_990..=30_000).contains(&estimate(&picture, None, 30_000, 900_000)));
        assert_eq!(estimate(&picture, None, 300, 900_000), 1_000);
        assert!((21_990..=22_000).contains(&estimate(&picture, Some(20_000), 40_000, 2)));
    }

    /// What a provider has in its memory it counts as cached, but for those that leave it out.
    #[test]
    fn nobody_answers_a_prompt_without_reading_it() {
        let of = |said: &str, content: &str, counts_prompt| {
            let body = format!(r#"{{"model":"x","messages":[{{"content":"{content}"}}]}}"#);
            let request = scan(Endpoint::Chat, body.as_bytes()).unwrap();
            let asked = Asked {
                counts_prompt,
                ..asked(&request, None)
            };
            let consumed = consumed(CALL, Some(&report(said)), &asked, 8, Counted::All);
            (consumed.source, consumed.usage.input_total())
        };
        let unread = r#"{"prompt_tokens":0,"completion_tokens":2}"#;
        assert_eq!(of(unread, "12345678", true), (UsageSource::Estimated, 2));
        assert_eq!(of(unread, "12345678", false), (UsageSource::Provider, 0));
        assert_eq!(of(unread, "", true), (UsageSource::Provider, 0));
        let cached = r#"{"prompt_tokens":1,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1}}"#;
        assert_eq!(of(cached, "12345678", true), (UsageSource::Provider, 1));
    }

    #[test]
    fn what_cannot_be_priced_is_estimated_where_that_can_be() {
        let body = br#"{"model":"x","messages":[{"content":"12345678"}]}"#;
        let request = scan(Endpoint::Chat, body).unwrap();
        let of = |prices: &[(Dimension, &str)], answer: u64| {
            let price = |(dimension, text): &(Dimension, &str)| (dimension.clone(), text.parse().unwrap());
            let sell = Tariff::flat(prices.iter().map(price).collect());
            let asked = Asked {
                sell: Some(&sell),
                ..asked(&request, None)
            };
            let said = format!(r#"{{"prompt_tokens":9,"completion_tokens":{answer}}}"#);
            consumed(CALL, Some(&report(said)), &asked, 8, Counted::All).source
        };
        let dearest = [(Dimension::Input, "1"), (Dimension::Output, "2000000000")];
        assert_eq!(of(&dearest, 400), UsageSource::Provider);
        // More than a call may come to.
        assert_eq!(of(&dearest, 600), UsageSource::Estimated);
        assert_eq!(of(&dearest[..1], 2), UsageSource::Provider);
    }
}
