//! Finds thoughts of other providers in the hub's own writing: OpenAI can read none of them, and looks for their ids among what it
//! keeps. Called by `scan`.

use std::ops::Range;

use domain::id::CallId;

use super::super::{
    super::{json::Value, traces},
    sealed,
};

/// The items of the input that go, as cuts.
pub(super) fn thoughts(input: &Value<'_>) -> Vec<Range<usize>> {
    match memchr::memmem::find(input.raw(), b"\"reasoning\"") {
        Some(_) => traces::taken_out(input, is_strange),
        None => Vec::new(),
    }
}

fn is_strange(item: &Value<'_>) -> bool {
    let word = |name| item.member(name).and_then(|value| value.as_str());
    if word("type").as_deref() != Some("reasoning") {
        return false;
    }
    match word("encrypted_content") {
        Some(cipher) => sealed::is_ours(&cipher),
        None => word("id").is_some_and(|id| is_our_name(&id)),
    }
}

/// `rs_`, the letters of one of our calls, and a number: see `object::Names`.
fn is_our_name(id: &str) -> bool {
    let parts = id.strip_prefix("rs_").and_then(|rest| rest.rsplit_once('_'));
    parts.is_some_and(|(call, index)| {
        index.parse::<u32>().is_ok() && format!("{}{call}", CallId::PREFIX).parse::<CallId>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use domain::{call::Dialect, catalog::ProviderKind};

    use super::*;
    use crate::wire::speech::{Speech, scan};

    fn asked(body: &str) -> (String, Vec<String>) {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        let scanned = scan(Dialect::OpenaiResponses, &body).unwrap();
        let speech = Speech::between(Dialect::OpenaiResponses, ProviderKind::Openai, "o4-mini");
        let asked = speech
            .ask(&scanned, &body, "o4-mini", &Default::default(), None)
            .unwrap();
        let dropped = asked.dropped.into_iter().map(|dropped| dropped.0).collect();
        (String::from_utf8(asked.body.to_vec()).unwrap(), dropped)
    }

    #[test]
    fn only_thoughts_in_our_own_writing_go_and_only_our_long_ids_become_shorter() {
        let call = CallId::from_number(12_345).to_string();
        let call = call.strip_prefix(CallId::PREFIX).unwrap();
        let long = format!("call_0_0123456789abcdef__gemini__{}", "Ab-_".repeat(200));
        let body = |strange: [&str; 2], id: &str| {
            format!(
                r#"{{ "model":"o4-mini","input":[{}{{"role":"user","content":"1"}} ,{{"type":"reasoning","id":"rs_0a","summary":[],"encrypted_content":"gAAAA"}}{}, {{"type":"function_call","call_id":"{id}","name":"f","arguments":"{{}}"}},{{"type":"function_call_output","call_id" : "{id}","output":"{{\"call_id\":\"{long}\"}}"}},{{"type":"reasoning","id":"rs_0b","summary":[],"encrypted_content":null}}]}}"#,
                strange[0], strange[1],
            )
        };
        let ours = [
            r#"{"type":"reasoning","id":"rs_x","summary":[],"encrypted_content":"aigne1.sig.gemini:ab"}, "#,
            &format!(
                r#" , {{"id":"rs_{call}_3","type":"reasoning","summary":[{{"type":"summary_text","text":"Hm."}}]}}"#
            ),
        ];
        let short = crate::wire::openai::encode::short_id(&long, 64);
        assert_eq!(
            asked(&body(ours, &long)),
            (body(["", ""], &short), vec!["input.reasoning".to_owned()])
        );
        let clean = body(["", ""], "call_1");
        assert_eq!(asked(&clean), (clean, Vec::new()));
    }
}
