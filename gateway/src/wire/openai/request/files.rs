//! Finds what stands in a prompt beside its text: images, sound, documents, and what is only named. Called by `scan`.
//!
//! Only where OpenAI's wire has a place for one: a part of a message's content, and an input of embeddings. Anywhere else `data:` is
//! text like any other, and a model reads it.

use super::{
    super::super::{json::Value, parts},
    Files,
};

impl Files {
    /// Reads the messages of a chat.
    pub(super) fn read(&mut self, messages: &Value<'_>) {
        if !may_hold(messages) {
            return;
        }
        messages.elements(|message| {
            message.members(|member| match &*member.name {
                "content" => parts::read(&member.value, self),
                // An answer of before that was spoken. By its number anybody could have it told again.
                "audio" if member.value.is_object() => {
                    self.count += 1;
                    self.sound = true;
                    member.value.members(|inner| {
                        if inner.name == "id" && !inner.value.is_null() {
                            self.kept.get_or_insert_with(|| "messages.audio.id".to_owned());
                        }
                    });
                }
                _ => {}
            });
        });
    }

    /// Reads what is to be embedded.
    pub(super) fn read_input(&mut self, input: &Value<'_>) {
        parts::read_input(input, self);
    }
}

/// Whether any member of a message is more than a text. Only such a value begins with a bracket behind a colon, so no message of texts alone
/// is walked, however long it is; what looks so within a text is walked in vain.
fn may_hold(messages: &Value<'_>) -> bool {
    let raw = messages.raw();
    memchr::memchr2_iter(b'[', b'{', raw).any(|at| raw[..at].trim_ascii_end().last() == Some(&b':'))
}
