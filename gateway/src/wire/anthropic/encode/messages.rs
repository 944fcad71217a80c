//! Makes turns of messages: instructions to the top, one turn for consecutive messages of one speaker, a tool's answers first.

use std::collections::HashSet;

use serde::Serialize;

use super::{
    super::super::canonical::{Message, Part, Request, Role, Unspeakable, asked},
    super::{models::Abilities, tool_id::Valid},
    Losses,
    content::{self, Block},
};

/// One turn.
#[derive(Serialize)]
pub(super) struct Turn<'a> {
    pub role: &'static str,
    pub content: Vec<Block<'a>>,
}

/// A conversation as Anthropic takes it.
pub(super) struct Written<'a> {
    pub system: Vec<Block<'a>>,
    pub turns: Vec<Turn<'a>>,
    /// The last turn answers calls whose turn does not begin with a thought and its proof.
    pub unproven_call: bool,
}

/// Writes the conversation.
pub(super) fn write<'a>(
    request: &'a Request,
    abilities: &Abilities,
    losses: &mut Losses,
) -> Result<Written<'a>, Unspeakable> {
    let mut ids = Valid::default();
    let mut system = Vec::new();
    let mut turns: Vec<Turn<'a>> = Vec::new();
    // The person was heard last, and said nothing.
    let mut silent = false;
    for (place, message) in request.messages.iter().enumerate() {
        if message.name.is_some() {
            losses.add("messages[].name");
        }
        let mut blocks = Vec::with_capacity(message.parts.len());
        for part in &message.parts {
            blocks.extend(content::part(part, &mut ids, losses)?);
        }
        if message.role == Role::User {
            silent = blocks.is_empty();
        }
        if blocks.is_empty() {
            continue;
        }
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => {
                silent = false;
                "assistant"
            }
            Role::System | Role::Developer => {
                let next = request.messages.get(place + 1);
                if !abilities.instructions_anywhere || !may_stand(&turns, next) {
                    system.append(&mut blocks);
                    continue;
                }
                "system"
            }
        };
        match turns.last_mut().filter(|turn| turn.role == role) {
            Some(turn) => turn.content.append(&mut blocks),
            None => turns.push(Turn { role, content: blocks }),
        }
    }
    let last = turns.iter().rev().find(|turn| turn.role != "system");
    if silent && last.is_none_or(|turn| turn.role == "assistant") || turns.is_empty() && system.is_empty() {
        // Anthropic takes no empty texts. One that can be left out is.
        return Err(asked::nothing());
    }
    if turns.is_empty() {
        // Somebody must ask: instructions alone are the question.
        let content = std::mem::take(&mut system);
        turns.push(Turn { role: "user", content });
    }
    for turn in turns.iter_mut().filter(|turn| turn.role == "user") {
        turn.content.sort_by_key(|block| !block.is_result());
    }
    if let Some(last) = turns.last_mut().filter(|turn| turn.role == "assistant") {
        trim_end(last);
    }
    let unproven_call = unproven_call(&turns);
    Ok(Written {
        system,
        turns,
        unproven_call,
    })
}

/// Instructions may stand between a person's turn and the model's, or at the end.
fn may_stand(turns: &[Turn<'_>], next: Option<&Message>) -> bool {
    turns.last().is_some_and(|turn| turn.role == "user") && next.is_none_or(|next| next.role == Role::Assistant)
}

/// An answer that the model is to go on with must not end with white space.
fn trim_end(turn: &mut Turn<'_>) {
    if let Some(Block::Text { text, .. }) = turn.content.last_mut() {
        let end = text.trim_end().len();
        match text {
            std::borrow::Cow::Borrowed(text) => *text = &text[..end],
            std::borrow::Cow::Owned(text) => text.truncate(end),
        }
    }
}

fn unproven_call(turns: &[Turn<'_>]) -> bool {
    let [.., call, answer] = turns else { return false };
    let proven = matches!(
        call.content.first(),
        Some(Block::Thinking { .. } | Block::RedactedThinking { .. })
    );
    answer.content.iter().any(Block::is_result) && !proven
}

/// The names of all tools that were called before, in order, each once.
pub(super) fn called(request: &Request) -> Vec<&str> {
    let (mut names, mut known) = (Vec::new(), HashSet::new());
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        if let Part::ToolCall(call) = part
            && known.insert(call.name.as_str())
        {
            names.push(call.name.as_str());
        }
    }
    names
}
