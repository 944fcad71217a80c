//! What a model reads beside the conversation: schemas, functions, documents. Every word of it is a part of the prompt, the
//! names of members too. Called by the scanners of every dialect; tools, which all of them know, they count themselves.

use super::json::Member;

/// The members whose words become tokens of the prompt.
const MEMBERS: [&str; 17] = [
    // OpenAI's old form of tools, and what shape the answer shall have: its chat, its responses, Anthropic's messages.
    "functions",
    "response_format",
    "text",
    "output_config",
    "output_format",
    // Of vLLM, llama.cpp and Ollama: shapes of the answer, documents, and what is put around the conversation.
    "documents",
    "chat_template",
    "chat_template_kwargs",
    "structured_outputs",
    "guided_json",
    "guided_grammar",
    "guided_regex",
    "guided_choice",
    "json_schema",
    "grammar",
    "regex",
    "format",
];

/// The bytes of this member that a model reads; none of a member that says nothing to it.
pub(super) fn bytes(member: &Member<'_>) -> u64 {
    if MEMBERS.contains(&&*member.name) {
        member.value.word_bytes()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use domain::call::Dialect;

    use crate::wire::speech::scan;

    #[test]
    fn a_prompt_counts_wherever_a_model_reads_it() {
        let big = "tell me everything ".repeat(1_600);
        let long = big.len() as u64;
        let (schema, named) = (
            format!(r#"{{"schema":{{"description":"{big}"}}}}"#),
            format!(r#"{{"schema":{{"properties":{{"{big}":{{}}}}}}}}"#),
        );
        let tool = |function: &str| format!(r#"[{{"type":"function","function":{{"name":"f",{function}}}}}]"#);
        let anthropic = |rest: &str| format!(r#"[{{"name":"f","input_schema":{{{rest}}}}}]"#);
        for (dialect, member, value) in [
            (
                Dialect::OpenaiChat,
                "functions",
                format!(r#"[{{"name":"f","description":"{big}"}}]"#),
            ),
            (
                Dialect::OpenaiChat,
                "functions",
                format!(r#"[{{"name":"f","parameters":{{"{big}":{{}}}}}}]"#),
            ),
            (Dialect::OpenaiChat, "response_format", schema.clone()),
            (Dialect::OpenaiChat, "response_format", named.clone()),
            (Dialect::OpenaiChat, "tools", tool(&format!(r#""description":"{big}""#))),
            (
                Dialect::OpenaiChat,
                "tools",
                tool(&format!(r#""parameters":{{"{big}":{{}}}}"#)),
            ),
            (Dialect::OpenaiChat, "documents", format!(r#"[{{"text":"{big}"}}]"#)),
            (Dialect::OpenaiCompletions, "guided_json", schema.clone()),
            (Dialect::OpenaiResponses, "text", format!(r#"{{"format":{named}}}"#)),
            (
                Dialect::OpenaiResponses,
                "tools",
                format!(r#"[{{"type":"function","parameters":{{"{big}":1}}}}]"#),
            ),
            (
                Dialect::AnthropicMessages,
                "output_config",
                format!(r#"{{"format":{schema}}}"#),
            ),
            (Dialect::AnthropicMessages, "output_format", named.clone()),
            (
                Dialect::AnthropicMessages,
                "tools",
                anthropic(&format!(r#""properties":{{"{big}":{{}}}}"#)),
            ),
        ] {
            let asked = match dialect {
                Dialect::OpenaiCompletions => r#""prompt":"x""#,
                _ => r#""messages":[{"role":"user","content":"hi"}]"#,
            };
            let body = format!(r#"{{"model":"m",{asked},"max_tokens":5,"{member}":{value}}}"#);
            let scanned = scan(dialect, body.as_bytes()).unwrap();
            let counted = scanned.prompt_bytes;
            assert!(
                (long..long + 100).contains(&counted),
                "{dialect:?} {member}: {counted} of {long}"
            );
        }
    }

    #[test]
    fn what_no_model_reads_counts_nothing() {
        let more = r#""metadata":{"a":"0123456789"},"user":"0123456789","stop":["0123456789"]"#;
        let body = format!(r#"{{"model":"m","messages":[{{"content":"abcd"}}],{more}}}"#);
        assert_eq!(scan(Dialect::OpenaiChat, body.as_bytes()).unwrap().prompt_bytes, 4);
    }
}
