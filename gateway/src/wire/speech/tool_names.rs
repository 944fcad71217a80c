//! Names of tools on their way to a provider that takes fewer letters, or not all of them: each becomes one that it takes, the
//! same for the same name, and comes back in the answer as its client wrote it. So do names that say more than a name
//! (`responses::names`). Only where a request is written anew.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::catalog::Wire;
use sha2::{Digest, Sha256};

use super::super::{
    canonical::{Event, Part, Request, ToolChoice},
    responses::names::{in_words, is_marked},
};

/// The longest name that every provider takes which has a limit: OpenAI's, Gemini's, and Anthropic's by its guide to tools.
const LONGEST: usize = 64;
/// Letters of a hash that make two names with one beginning differ.
const HASH: usize = 16;

/// The client's names, by what the provider was told instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ToolNames(Option<Arc<HashMap<String, String>>>);

impl ToolNames {
    /// What calls of these tools are called in an answer: as the client knows them.
    pub(in crate::wire) fn put_back(&self, events: &mut [Event]) {
        let Some(names) = &self.0 else { return };
        for event in events {
            if let Event::ToolCall(start) = event
                && let Some(own) = names.get(&start.name)
            {
                start.name.clone_from(own);
            }
        }
    }
}

/// The request with names that this wire takes, and the way back.
pub(in crate::wire) fn fitting(request: Cow<'_, Request>, wire: Wire) -> (Cow<'_, Request>, ToolNames) {
    if names(&request).all(|name| takes(wire, name)) {
        return (request, ToolNames::default());
    }
    let mut told: HashMap<String, String> = HashMap::new();
    let (fit, unfit): (Vec<&str>, Vec<&str>) = names(&request).partition(|name| takes(wire, name));
    let mut taken: HashSet<String> = fit.into_iter().map(str::to_owned).collect();
    for name in unfit {
        if told.contains_key(name) {
            continue;
        }
        let words = in_words(name);
        // Nobody meets a name that is taken by chance; whoever makes one up gets another hash.
        let mut candidates = std::iter::once(words.clone().into_owned())
            .filter(|words| takes(wire, words))
            .chain((0_u32..).map(|turn| short(&words, turn)));
        let free = candidates.find(|name| !taken.contains(name)).unwrap_or_default();
        taken.insert(free.clone());
        told.insert(name.to_owned(), free);
    }
    let mut request = request.into_owned();
    rename(&mut request, &told);
    let back = told.into_iter().map(|(own, told)| (told, own)).collect();
    (Cow::Owned(request), ToolNames(Some(Arc::new(back))))
}

/// Every name of a tool in it, in order.
fn names(request: &Request) -> impl Iterator<Item = &str> {
    let tools = request.tools.iter().map(|tool| tool.name.as_str());
    let chosen = match &request.tool_choice {
        Some(ToolChoice::Named(name)) => Some(name.as_str()),
        _ => None,
    };
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let used = parts.filter_map(|part| match part {
        Part::ToolCall(call) => Some(call.name.as_str()),
        Part::ToolResult(result) => result.name.as_deref(),
        _ => None,
    });
    tools.chain(chosen).chain(used)
}

fn rename(request: &mut Request, told: &HashMap<String, String>) {
    let change = |name: &mut String| {
        if let Some(short) = told.get(name) {
            name.clone_from(short);
        }
    };
    request.tools.iter_mut().for_each(|tool| change(&mut tool.name));
    if let Some(ToolChoice::Named(name)) = &mut request.tool_choice {
        change(name);
    }
    for part in request.messages.iter_mut().flat_map(|message| &mut message.parts) {
        match part {
            Part::ToolCall(call) => change(&mut call.name),
            Part::ToolResult(result) => result.name.iter_mut().for_each(change),
            _ => {}
        }
    }
}

/// A provider of this wire takes the name as it is. OpenAI and Anthropic: letters, digits, `_` and `-`
/// (<https://platform.openai.com/docs/api-reference/chat/create>, <https://docs.anthropic.com/en/docs/build-with-claude/tool-use>);
/// Gemini: dots as well, and no digit at the beginning (<https://ai.google.dev/api/caching#FunctionDeclaration>).
fn takes(wire: Wire, name: &str) -> bool {
    if is_marked(name) {
        return false;
    }
    let plain = |dots: bool| {
        let fits =
            |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-') || dots && letter == b'.';
        (1..=LONGEST).contains(&name.len()) && name.bytes().all(fits)
    };
    match wire {
        Wire::OpenaiChat
        | Wire::OpenaiCompletions
        | Wire::OpenaiEmbeddings
        | Wire::OpenaiImages
        | Wire::OpenaiResponses
        | Wire::AnthropicMessages => plain(false),
        Wire::GoogleGenerate | Wire::GoogleEmbed => {
            plain(true) && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        }
        // Names stand in a prompt there, whatever they are.
        Wire::OllamaChat | Wire::OllamaEmbed => !name.is_empty(),
    }
}

/// A name that every provider takes: what can stay of it, and a hash of all of it.
fn short(name: &str, turn: u32) -> String {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    if turn > 0 {
        hash.update(turn.to_be_bytes());
    }
    let hash: String = hash
        .finalize()
        .iter()
        .take(HASH / 2)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let mut kept: String = name
        .chars()
        .map(|letter| if fits(letter) { letter } else { '_' })
        .take(LONGEST - HASH - 1)
        .collect();
    if !kept.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        kept.insert(0, '_');
        kept.truncate(LONGEST - HASH - 1);
    }
    format!("{kept}_{hash}")
}

#[cfg(test)]
mod tests;
