//! Finds the members of a request that a provider refuses, as ranges of bytes to take away so that valid JSON stays.
//!
//! Only for providers that have such quirks: the request is walked once more to take them away, and once to name them. Called by `edit`.

use std::{collections::BTreeSet, ops::Range};

use domain::catalog::Field;

use super::{
    super::super::json::{self, Member, Value},
    Place,
};

/// What is to be taken away from `body`, whose JSON lies in `kept`. Ranges never overlap.
pub(super) fn removals(body: &[u8], kept: &Range<usize>, model: &Range<usize>, fields: &[Field]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if fields.is_empty() {
        return found;
    }
    let text = &body[kept.clone()];
    let is_named = |in_messages: bool, name: &str| {
        fields
            .iter()
            .any(|field| field.in_messages == in_messages && field.name == name)
    };
    // The text was read once without an error, so it is read again without one.
    let _ = json::read_object(text, |member| {
        if is_named(false, &member.name) {
            let mut place = Place::of(&member);
            place.shift(kept.start);
            found.push(place.removal(body, model));
        } else if member.name == "messages" {
            member.value.elements(|message| {
                let within = of_object(&message, |name| is_named(true, name));
                found.extend(
                    within
                        .into_iter()
                        .map(|span| span.start + kept.start..span.end + kept.start),
                );
            });
        }
    });
    found
}

/// Which of these fields say something, by name and each once.
pub(super) fn said(body: &[u8], kept: &Range<usize>, fields: &[Field]) -> BTreeSet<String> {
    let mut said = BTreeSet::new();
    if fields.is_empty() {
        return said;
    }
    let names = |in_messages: bool, member: &Member<'_>| {
        let says = !member.value.is_null();
        says && fields
            .iter()
            .any(|field| field.in_messages == in_messages && field.name == member.name)
    };
    // As above.
    let _ = json::read_object(&body[kept.clone()], |member| {
        if names(false, &member) {
            said.insert(member.name.to_string());
        } else if member.name == "messages" {
            member.value.elements(|message| {
                message.members(|member| {
                    if names(true, &member) {
                        said.insert(format!("messages[].{}", member.name));
                    }
                });
            });
        }
    });
    said
}

/// The members of an object that go. While none has stayed, one goes with what separates it from the next; after that, with
/// the comma before it. So neighbours never fight over a comma, and an object may lose all of its members.
fn of_object(object: &Value<'_>, goes: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut one_stayed = false;
    // The end of the range that was found last is still open: it ends where the next member begins.
    let mut open = false;
    object.members(|member| {
        if std::mem::take(&mut open)
            && let Some(last) = found.last_mut()
        {
            last.end = member.name_span.start;
        }
        if !goes(&member.name) {
            one_stayed = true;
            return;
        }
        let end = member.value.span().end;
        match member.comma_before.filter(|_| one_stayed) {
            Some(comma) => found.push(comma..end),
            None => {
                found.push(member.name_span.start..end);
                open = true;
            }
        }
    });
    found
}
