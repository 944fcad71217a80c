//! Whether a conversation asks anything. Texts without a letter are left out where a provider takes none; where the question itself
//! is one, there would be no question, or the model would go on with its own last words.

use super::{Part, Request, Role, Unspeakable};

/// The person was heard last, and said nothing: the model would be asked nothing, or what it has answered already.
#[must_use]
pub fn nothing_by(request: &Request) -> bool {
    let is_silent = |part: &Part| match part {
        Part::Text { text, .. } | Part::Refusal(text) => text.is_empty(),
        _ => false,
    };
    let mut heard = request
        .messages
        .iter()
        .rev()
        .filter(|message| matches!(message.role, Role::User | Role::Assistant));
    let mut silent = false;
    loop {
        match heard.next() {
            Some(message) if message.role == Role::User && message.parts.iter().all(is_silent) => silent = true,
            // What was said just before it is still to be answered.
            Some(message) => return silent && message.role == Role::Assistant,
            None => return silent,
        }
    }
}

/// The refusal.
#[must_use]
pub fn nothing() -> Unspeakable {
    Unspeakable {
        message: "The last message of the user is empty, and the provider of this model takes no empty messages. Say something in it, or leave it out."
            .to_owned(),
        param: "messages".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Message, *};

    fn asks_nothing(turns: &[(Role, &str)]) -> bool {
        let message = |(role, text): &(Role, &str)| Message {
            role: *role,
            name: None,
            parts: vec![Part::Text {
                text: (*text).to_owned(),
                cache: None,
            }],
        };
        nothing_by(&Request {
            messages: turns.iter().map(message).collect(),
            ..Request::default()
        })
    }

    #[test]
    fn only_who_is_heard_last_and_says_nothing_asks_nothing() {
        use Role::{Assistant, System, User};
        for (turns, nothing) in [
            (&[(User, "")][..], true),
            (&[(System, "Be brief."), (User, "")], true),
            (&[(User, "Hello"), (Assistant, "Hi."), (User, "")], true),
            (&[(User, "Hello"), (Assistant, "Hi."), (User, ""), (System, "x")], true),
            (&[(User, "Hello"), (User, "")], false),
            (&[(User, ""), (Assistant, "Hi.")], false),
            (&[(User, ""), (User, "Hello")], false),
            (&[(System, "Be brief.")], false),
            (&[(User, " ")], false),
            (&[], false),
        ] {
            assert_eq!(asks_nothing(turns), nothing, "{turns:?}");
        }
    }
}
