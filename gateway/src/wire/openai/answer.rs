//! Reads a whole answer: is it one, what did it cost, why did it stop. The bytes themselves go to the client as they came.

use domain::call::Endpoint;

use super::{
    super::json::{self, Malformed},
    error::{self, Said},
    stream::Form,
};

/// What was read from an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The usage object.
    pub usage: Option<Vec<u8>>,
    /// Why the first choice ended.
    pub finish_reason: Option<String>,
    /// Bytes of text in the answer, for an estimate.
    pub text_bytes: u64,
    /// Pictures in its `data`: what has bytes or an address.
    pub pictures: u64,
    /// It is an error in spite of its status.
    pub error: Option<Said>,
    /// In which form its choices say something, if in one alone.
    pub form: Option<Form>,
    /// It has what an answer must have: choices, or a list of embeddings or pictures.
    pub answers: bool,
}

/// Reads an answer. White space around it, as DeepSeek sends while a request waits, is part of JSON.
///
/// # Errors
/// [`Malformed`] when it is not one JSON object in UTF-8.
pub fn read(endpoint: Endpoint, body: &[u8]) -> Result<Answer, Malformed> {
    std::str::from_utf8(body).map_err(|error| Malformed {
        offset: error.valid_up_to(),
    })?;
    let mut answer = Answer::default();
    let (mut choices, mut data) = (None, None);
    let mut has_error = false;
    json::read_object(body, |member| match &*member.name {
        "usage" if member.value.is_object() => answer.usage = Some(member.value.raw().to_vec()),
        "x_groq" if answer.usage.is_none() => {
            answer.usage = member
                .value
                .member("usage")
                .filter(json::Value::is_object)
                .map(|usage| usage.raw().to_vec());
        }
        "choices" => choices = Some(member.value),
        "data" => data = Some(member.value),
        "error" => has_error = !member.value.is_null(),
        _ => {}
    })?;
    let is_list = |value: Option<json::Value<'_>>| value.is_some_and(|value| value.raw().starts_with(b"["));
    answer.answers = match endpoint {
        Endpoint::Chat => is_list(choices),
        _ => is_list(data),
    };
    if let (Endpoint::Images, Some(data)) = (endpoint, data) {
        data.elements(|entry| answer.pictures += u64::from(is_picture(&entry)));
    }
    if has_error && let Ok(whole) = json::read(body) {
        answer.error = error::read_value(&whole);
    }
    if let (Endpoint::Chat, Some(choices)) = (endpoint, choices) {
        choices.elements(|choice| {
            let (mut reason, mut message, mut is_text) = (None, None, false);
            choice.members(|member| match &*member.name {
                "finish_reason" => reason = Some(member.value),
                "message" => message = Some(member.value),
                // Of a legacy completion.
                "text" => {
                    is_text = member.value.raw().starts_with(b"\"");
                    answer.text_bytes += member.value.text_bytes;
                }
                _ => {}
            });
            answer.form = answer.form.or(Form::of(message.is_some(), is_text));
            if answer.finish_reason.is_none() {
                answer.finish_reason = reason.and_then(|reason| Some(reason.as_str()?.into_owned()));
            }
            answer.text_bytes += message.map_or(0, |message| super::stream::text_bytes(&message));
        });
    }
    Ok(answer)
}

/// An entry that shows something. Some services tell in its place why there is nothing.
pub(super) fn is_picture(entry: &json::Value<'_>) -> bool {
    let mut shows = false;
    entry.members(|member| {
        if let "b64_json" | "url" = &*member.name {
            shows |= member.value.raw().starts_with(b"\"") && member.value.text_bytes > 0;
        }
    });
    shows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_no_picture() {
        let body =
            br#"{"data":[null,{},7,"x",[],{"b64_json":""},{"url":null,"b64_json":{"a":"b"}},{"error":{"code":"x"}},
            {"b64_json":"AAAA"},{"url":"https://a.example/b.png"},{"b64_json":"","url":"https://a.example/b.png"}]}"#;
        assert_eq!(read(Endpoint::Images, body).unwrap().pictures, 3);
    }

    #[test]
    fn usage_and_reason_are_read_from_where_services_put_them() {
        let answer = read(Endpoint::Chat, include_bytes!("../../../fixtures/openai/chat.json")).unwrap();
        assert_eq!(answer.finish_reason.as_deref(), Some("stop"));
        assert_eq!(answer.text_bytes, "Hello! How can I assist you today?".len() as u64);
        assert!(answer.usage.unwrap().starts_with(b"{"));

        let body = b"\n\n {\"usage\":null,\"choices\":[{\"finish_reason\":null},{\"finish_reason\":\"tool_calls\"}],\"x_groq\":{\"usage\":{\"prompt_tokens\":1}}}";
        let answer = read(Endpoint::Chat, body).unwrap();
        assert_eq!(answer.finish_reason.as_deref(), Some("tool_calls"));
        assert_eq!(answer.usage.as_deref(), Some(&b"{\"prompt_tokens\":1}"[..]));
    }

    #[test]
    fn the_last_of_two_reports_counts() {
        let answer = read(
            Endpoint::Chat,
            br#"{"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}}"#,
        )
        .unwrap();
        assert_eq!(answer.usage.as_deref(), Some(&b"{\"prompt_tokens\":2}"[..]));
    }

    #[test]
    fn an_error_with_status_200_is_one() {
        let answer = read(Endpoint::Chat, br#"{"error":{"message":"m","code":502}}"#).unwrap();
        assert_eq!(answer.error.map(|said| said.code).as_deref(), Some("502"));
        assert!(read(Endpoint::Chat, br#"{"error":null}"#).unwrap().error.is_none());
    }

    #[test]
    fn an_answer_has_what_it_must_have() {
        for (endpoint, body, answers) in [
            (Endpoint::Chat, "{}", false),
            (Endpoint::Chat, r#"{"choices":null}"#, false),
            (Endpoint::Chat, r#"{"data":[]}"#, false),
            (Endpoint::Chat, r#"{"choices":[]}"#, true),
            (Endpoint::Embeddings, "{}", false),
            (Endpoint::Embeddings, r#"{"choices":[]}"#, false),
            (Endpoint::Embeddings, r#"{"data":[]}"#, true),
        ] {
            assert_eq!(read(endpoint, body.as_bytes()).unwrap().answers, answers, "{body}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for body in [
            &b""[..],
            b"null",
            b"[]",
            b"<html>",
            b"{\"a\":1",
            b"{} {}",
            b"{\"a\":\"\xff\"}",
        ] {
            assert!(read(Endpoint::Chat, body).is_err());
        }
    }
}
