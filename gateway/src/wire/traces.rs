//! What the hub itself wrote into a conversation while another provider answered: ids of calls that hold Gemini's signature, and
//! thoughts without a proof that the next provider could check. It would refuse them where bytes pass, so these alone are
//! shortened or taken out, as they are where a request is written anew. Called by the scanners of dialects and their edits.

use std::{borrow::Cow, ops::Range};

use super::{edits::Edit, google::SIGNED_ID, json::Value};

/// A model that may have written them itself, by way of another hub: to it they go back as they are.
pub(super) fn may_be_its_own(slug: &str) -> bool {
    slug.to_ascii_lowercase().contains("gemini")
}

/// Shortens the ids that hold a signature and stand under one of these names; `body` is JSON in its `kept` part. The same id
/// always becomes the same.
pub(super) fn ids(body: &[u8], kept: &Range<usize>, names: &[&str], short: impl Fn(&str) -> String) -> Vec<Edit> {
    let text = body.get(kept.clone()).unwrap_or_default();
    let within = |byte: &u8| !matches!(byte, b'"' | b'\\');
    let (mut edits, mut done) = (Vec::new(), 0);
    for at in memchr::memmem::find_iter(text, SIGNED_ID) {
        // Of the string that was looked at last.
        if at < done {
            continue;
        }
        let start = at - text[done..at].iter().rev().take_while(|byte| within(byte)).count();
        done = at + text[at..].iter().take_while(|byte| within(byte)).count();
        let whole = text.get(done) == Some(&b'"');
        let Some(id) = std::str::from_utf8(&text[start..done]).ok().filter(|_| whole) else {
            continue;
        };
        if is_called(&text[..start], names) {
            let short = short(id);
            if short != id {
                let span = start + kept.start..done + kept.start;
                edits.push((span, Cow::Owned(short.into_bytes())));
            }
        }
    }
    edits
}

/// A string that begins after these bytes is the value of a member with one of these names.
fn is_called(before: &[u8], names: &[&str]) -> bool {
    let member = before
        .strip_suffix(b"\"")
        .map(<[u8]>::trim_ascii_end)
        .and_then(|before| before.strip_suffix(b":"))
        .map(<[u8]>::trim_ascii_end)
        .and_then(|before| before.strip_suffix(b"\""));
    member.is_some_and(|before| {
        names.iter().any(|name| {
            let quote = before.strip_suffix(name.as_bytes());
            quote.is_some_and(|before| before.ends_with(b"\""))
        })
    })
}

/// The elements of a list that go, as ranges of bytes that may be cut so that JSON stays. While none has stayed, one goes with
/// what separates it from the next; after that, with the comma before it. So neighbours never fight over a comma.
pub(super) fn taken_out(list: &Value<'_>, mut goes: impl FnMut(&Value<'_>) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut one_stayed, mut last_end, mut open) = (false, 0, false);
    list.elements(|element| {
        let span = element.span();
        if std::mem::take(&mut open)
            && let Some(last) = found.last_mut()
        {
            last.end = span.start;
        }
        if !goes(&element) {
            one_stayed = true;
        } else if one_stayed {
            found.push(last_end..span.end);
        } else {
            open = true;
            found.push(span.clone());
        }
        last_end = span.end;
    });
    found
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{edits::apply, json, openai::encode::short_id};

    fn shortened(body: &str) -> String {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let all = 0..body.len();
        let mut edits = ids(&body, &all, &["id", "tool_call_id"], |id| short_id(id, 40));
        String::from_utf8(apply(&body, &all, &mut edits).to_vec()).unwrap()
    }

    #[test]
    fn only_long_ids_of_ours_in_their_own_members_become_shorter() {
        let long = format!("call_0_0123456789abcdef__gemini__{}", "Ab-_".repeat(200));
        let short = short_id(&long, 40);
        assert_eq!(short.len(), 40);
        let body = |id: &str| {
            format!(r#"[{{ "tool_calls":[{{"id" : "{id}","x":1.50}}]}}, {{"tool_call_id":"{id}", "content":"é"}}]"#)
        };
        assert_eq!(shortened(&body(&long)), body(&short));
        for stays in [
            body("call_1__gemini__ab"),
            body(&"x".repeat(60)),
            format!(r#"{{"content":"{long}"}}"#),
            format!(r#"{{"xid":"{long}"}}"#),
            format!(r#"{{"arguments":"{{\"id\":\"{long}\"}}"}}"#),
            format!(r#"["id","{long}"]"#),
        ] {
            assert_eq!(shortened(&stays), stays);
        }
    }

    #[test]
    fn a_list_stays_a_list_whatever_goes() {
        for mask in 0..16_u32 {
            let body = Bytes::from_static(b"[ 0 , 1,2 ,3 ]");
            let list = json::read(&body).unwrap();
            let goes = |one: &Value<'_>| one.as_u64().is_some_and(|one| mask & (1 << one) != 0);
            let cuts = taken_out(&list, goes);
            let mut edits: Vec<Edit> = cuts.into_iter().map(|span| (span, Cow::Borrowed(&b""[..]))).collect();
            let left = apply(&body, &(0..body.len()), &mut edits);
            let left: Vec<u32> = serde_json::from_slice(&left).unwrap();
            let wanted: Vec<u32> = (0..4).filter(|one| mask & (1 << one) == 0).collect();
            assert_eq!(left, wanted, "{mask:b}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"(id|"|:| |\\|__gemini__|é|a){0,40}"#) {
            let _ = ids(text.as_bytes(), &(0..text.len()), &["id"], |id| short_id(id, 1));
        }
    }
}
