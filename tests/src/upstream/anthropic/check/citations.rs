//! Checks the sources beside what the model said: Anthropic named them itself, so they point at what it knows.
//!
//! That a citation must point at a document of the request, and what a search found is recognised by `encrypted_index`, which "must be
//! passed back", is said by <https://platform.claude.com/docs/en/build-with-claude/citations> and
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool>; the words of the refusals are this fake's own.

use serde_json::Value;

use super::super::refusal::Refusal;
use super::fields::invalid;

/// Checks all that were named by the model in these turns.
pub(super) fn check(turns: &[(String, Vec<Value>)]) -> Result<(), Refusal> {
    let mut documents = 0;
    for (at, (role, blocks)) in turns.iter().enumerate() {
        for (index, block) in blocks.iter().enumerate() {
            documents += documents_of(block);
            let listed = block["citations"].as_array().filter(|_| role == "assistant");
            for (number, citation) in listed.into_iter().flatten().enumerate() {
                let place = format!("messages.{at}.content.{index}.text.citations.{number}");
                one(citation, &place, documents)?;
            }
        }
    }
    Ok(())
}

/// Documents in a block of the user's, or in the result of a tool.
fn documents_of(block: &Value) -> u64 {
    let within = block["content"].as_array().into_iter().flatten().map(documents_of);
    u64::from(block["type"] == "document") + within.sum::<u64>()
}

fn one(citation: &Value, place: &str, documents: u64) -> Result<(), Refusal> {
    let number = |name: &str| citation[name].as_u64();
    match citation["type"].as_str() {
        Some("web_search_result_location") => match citation["encrypted_index"].as_str() {
            Some(index) if !index.is_empty() => Ok(()),
            _ => Err(invalid(
                &format!("{place}.encrypted_index"),
                "Invalid encrypted content",
            )),
        },
        Some("char_location" | "page_location" | "content_block_location") => {
            if number("document_index").is_none_or(|index| index >= documents) {
                return Err(invalid(
                    &format!("{place}.document_index"),
                    "Citation refers to a document that is not there",
                ));
            }
            let (start, end) = (number("start_char_index"), number("end_char_index"));
            if citation["type"] == "char_location" && start.zip(end).is_none_or(|(start, end)| start >= end) {
                return Err(invalid(&format!("{place}.end_char_index"), "Citation is empty"));
            }
            Ok(())
        }
        Some("search_result_location") => Ok(()),
        _ => Err(invalid(
            place,
            "Input tag found using 'type' does not match any of the expected tags",
        )),
    }
}
