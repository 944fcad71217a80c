//! Why an answer ends, in Anthropic's words and in ours.

use super::super::canonical::Finish;

/// What Anthropic's word says. `sequence` is the client's text that came up.
pub(super) fn read(reason: &str, sequence: Option<&str>) -> Finish {
    match reason {
        "end_turn" => Finish::Stop,
        "stop_sequence" => Finish::StopSequence(sequence.map(str::to_owned)),
        "max_tokens" => Finish::Length,
        "model_context_window_exceeded" => Finish::ContextFull,
        "tool_use" => Finish::ToolCalls,
        "refusal" => Finish::Refusal,
        "pause_turn" => Finish::Pause,
        other => Finish::Other(other.to_owned()),
    }
}

/// Anthropic's word, and the client's text that came up. An answer that calls tools says so, whatever its provider says:
/// clients run their tools by this word.
pub(super) fn word(finish: &Finish, calls_tools: bool) -> (&'static str, Option<&str>) {
    match finish {
        Finish::Stop | Finish::Broken(_) | Finish::Other(_) if calls_tools => ("tool_use", None),
        Finish::Stop | Finish::Broken(_) | Finish::Other(_) => ("end_turn", None),
        Finish::StopSequence(sequence) => ("stop_sequence", sequence.as_deref()),
        Finish::Length => ("max_tokens", None),
        Finish::ContextFull => ("model_context_window_exceeded", None),
        Finish::ToolCalls => ("tool_use", None),
        Finish::ContentFilter | Finish::Refusal => ("refusal", None),
        Finish::Pause => ("pause_turn", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_theirs_comes_back() {
        for reason in [
            "end_turn",
            "stop_sequence",
            "max_tokens",
            "model_context_window_exceeded",
            "tool_use",
            "refusal",
            "pause_turn",
        ] {
            assert_eq!(word(&read(reason, Some("END")), false).0, reason);
        }
        assert_eq!(
            word(&read("stop_sequence", Some("END")), true),
            ("stop_sequence", Some("END"))
        );
    }

    #[test]
    fn an_answer_with_calls_says_so() {
        assert_eq!(word(&Finish::Stop, true).0, "tool_use");
        assert_eq!(word(&Finish::Other("unheard".into()), true).0, "tool_use");
        assert_eq!(word(&Finish::Length, true).0, "max_tokens");
    }
}
