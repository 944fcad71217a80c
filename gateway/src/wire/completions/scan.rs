//! Reads from a request what routing and holds need. It is built as a chat's, but for the prompt: several texts, or numbers of
//! tokens, and each of them is answered on its own.

use domain::call::Endpoint;

use super::read::USUAL_LIMIT;
use crate::wire::{RequestProblem, Scanned, json, openai::request};

/// Reads a request in two passes.
///
/// # Errors
/// [`RequestProblem`] as for a chat.
pub fn scan(body: &[u8]) -> Result<Scanned, RequestProblem> {
    let mut scanned = request::scan(Endpoint::Chat, body)?;
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let (mut bytes, mut numbers, mut prompts) = (0_u64, 0_u64, 1_u64);
    // It was read before, so it can be read again.
    json::read_object(text, |member| match &*member.name {
        "prompt" => {
            bytes += member.value.text_bytes;
            numbers += member.value.numbers();
            let (mut count, mut texts) = (0, true);
            member.value.elements(|one| {
                count += 1;
                texts &= !one
                    .raw()
                    .first()
                    .is_some_and(|first| first.is_ascii_digit() || *first == b'-');
            });
            // A list of numbers is one prompt.
            prompts = prompts.max(if texts { count } else { 1 });
        }
        "suffix" => bytes += member.value.text_bytes,
        _ => {}
    })
    .ok();
    scanned.prompt_bytes = scanned.prompt_bytes.saturating_add(bytes);
    scanned.token_numbers = numbers;
    scanned.choices = scanned.choices.saturating_mul(prompts);
    if scanned.unlimited.is_none() {
        scanned.output_limit = scanned.output_limit.or(Some(USUAL_LIMIT));
    }
    Ok(scanned)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use domain::catalog::Quirks;

    use super::*;

    fn scanned(body: &str) -> Scanned {
        scan(body.as_bytes()).unwrap()
    }

    #[test]
    fn prompts_are_counted_and_measured() {
        for (members, bytes, numbers, choices) in [
            (r#""prompt":"abcd""#, 4, 0, 1),
            (r#""prompt":"abcd","suffix":"ef","n":3"#, 6, 0, 3),
            (r#""prompt":["ab","cd","ef"],"n":2"#, 6, 0, 6),
            (r#""prompt":[1,22,333]"#, 0, 3, 1),
            (r#""prompt":[[1],[2]]"#, 0, 2, 2),
            (r#""prompt":[]"#, 0, 0, 1),
        ] {
            let scanned = scanned(&format!(r#"{{"model":"m",{members}}}"#));
            let measured = (scanned.prompt_bytes, scanned.token_numbers, scanned.choices);
            assert_eq!(measured, (bytes, numbers, choices), "{members}");
        }
    }

    #[test]
    fn the_answer_is_limited_as_openai_limits_it() {
        assert_eq!(scanned(r#"{"model":"m","prompt":"x"}"#).output_limit, Some(16));
        assert_eq!(
            scanned(r#"{"model":"m","prompt":"x","max_tokens":5}"#).output_limit,
            Some(5)
        );
        assert_eq!(
            scanned(r#"{"model":"m","prompt":"x","best_of":2}"#).unlimited,
            Some("best_of")
        );
    }

    #[test]
    fn a_cap_has_the_only_name_that_this_dialect_knows() {
        let body = Bytes::from_static(br#"{"model":"p/m","prompt":"x","max_tokens":50}"#);
        let quirks = Quirks {
            max_tokens_only: true,
            ..Quirks::default()
        };
        let capped = scan(&body).unwrap().rewrite(&body, "m", &quirks, Some(9));
        assert_eq!(&capped[..], br#"{"model":"m","prompt":"x","max_tokens":9}"#);
    }
}
