//! How many tokens a request may be read as at the most: so many a hold covers (`funds`), and a few more are believed of a report
//! (`estimate`). A text has no more tokens than bytes; what a file counts for is not told by its bytes.

use crate::wire::{Files, Scanned};

/// What the wire adds around a prompt.
pub(super) const AROUND: u64 = 64;
/// What it adds where tools are named. Anthropic's documents have the largest number, 804 for one of its models.
const AROUND_TOOLS: u64 = 1_000;
/// More than any image counts for. The largest number in public documents is that of OpenAI's gpt-4o-mini with high detail:
/// 2,833, and 5,667 for each of at most eight tiles, 48,169. Others are far below it (Qwen-VL 16,384, Gemini 258 a tile,
/// Claude some 5,000). Sounds count it beside their bytes.
const PER_FILE: u64 = 50_000;
/// Documents count by their pages and films by their seconds: a hundred pages at 2,000 tokens (Anthropic names 1,500 to 3,000,
/// <https://docs.anthropic.com/en/docs/build-with-claude/pdf-support>), eleven minutes at 300. Their bytes say nothing of it.
const PER_PAGED_FILE: u64 = 200_000;
/// So many more are believed than were sent: what a provider adds to a prompt.
const ADDED: u64 = 20_000;
/// And so many where it was asked to search or to work by itself, which may take several rounds.
const LOOKED_UP: u64 = 10_000_000;

/// Tokens of everything in a prompt that is no text.
pub(super) fn of_files(files: &Files) -> u64 {
    let others = files.count.saturating_sub(files.paged).saturating_mul(PER_FILE);
    others.saturating_add(files.paged.saturating_mul(PER_PAGED_FILE))
}

/// Tokens of a request that goes on with nothing.
pub(super) fn of_input(request: &Scanned) -> u64 {
    let around = AROUND + if request.tools { AROUND_TOOLS } else { 0 };
    (request.bytes + around).saturating_add(of_files(&request.files))
}

/// More than that was not read, whatever a report says.
pub(super) fn believed_input(request: &Scanned) -> u64 {
    let added = if works_alone(request) { LOOKED_UP } else { ADDED };
    let sent = request.bytes.saturating_add(of_files(&request.files));
    sent.saturating_add(added)
}

/// The most tokens that a chat can have used, by the size of its model's window. Some services count a little that is not in the
/// window, such as what they add themselves, so a tenth more is believed. None: each round of its provider's own work has that window.
pub(super) fn believed_in_all(request: &Scanned, window: Option<u64>) -> Option<u64> {
    let window = window.filter(|_| request.chat && !works_alone(request))?;
    let window = window.saturating_mul(request.choices.max(1));
    Some(window.saturating_add(window / 10))
}

/// The provider may search, or run tools of its own. Where credit counts that is refused (`measurable`).
pub(super) fn works_alone(request: &Scanned) -> bool {
    request.unpriced.is_some()
}

#[cfg(test)]
mod tests {
    use domain::call::Endpoint;

    use super::*;
    use crate::wire::openai::request::scan;

    fn read(body: &str) -> Scanned {
        scan(Endpoint::Chat, body.as_bytes()).unwrap()
    }

    /// What is held for is believed as well, and a little more.
    #[test]
    fn a_report_of_what_was_held_for_is_believed() {
        let with = |part: &str| read(&format!(r#"{{"model":"x","messages":[{{"content":[{part}]}}]}}"#));
        let document =
            with(r#"{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}}"#);
        let picture = with(r#"{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}"#);
        let sound = with(r#"{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}"#);
        let film = with(r#"{"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA"}}"#);
        for (request, files) in [(document, 200_000), (picture, 50_000), (sound, 50_000), (film, 200_000)] {
            assert_eq!(of_files(&request.files), files, "{:?}", request.files);
            let held = of_input(&request);
            assert!(held > files && believed_input(&request) > held);
        }
    }

    #[test]
    fn a_provider_that_searches_reads_more_than_it_was_sent() {
        let plain = read(r#"{"model":"x","messages":[]}"#);
        let searches = read(r#"{"model":"x","messages":[],"web_search_options":{}}"#);
        assert_eq!(believed_in_all(&plain, Some(1_000)), Some(1_100));
        assert_eq!(believed_in_all(&searches, Some(1_000)), None);
        assert!(believed_input(&plain) < 21_000 && believed_input(&searches) > 1_000_000);
    }
}
