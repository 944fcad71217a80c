//! Whether a conversation asks anything. Texts without a letter are left out where a provider takes none; where the question itself
//! is one, there would be no question, or the model would go on with its own last words.

use super::{Message, Part, Request, Role, Unspeakable};

/// The person was heard last, and said nothing: the model would be asked nothing, or what it has answered already.
#[must_use]
pub fn nothing_by(request: &Request) -> bool {
    let is_silent = |part: &Part| match part {
        Part::Text { text, .. } | Part::Refusal(text) => text.is_empty(),
        _ => false,
    };
    heard_last_and(request, |message| message.parts.iter().all(is_silent))
}

/// The person was heard last, and of what they said nothing can be told to anybody but the provider whose it is: results of what
/// ran there, and the like. The model would be asked nothing, or go on with its own last words.
#[must_use]
pub fn untold_by(request: &Request) -> bool {
    heard_last_and(request, |message| message.parts.is_empty())
}

fn heard_last_and(request: &Request, is_silent: impl Fn(&Message) -> bool) -> bool {
    let mut heard = request
        .messages
        .iter()
        .rev()
        .filter(|message| matches!(message.role, Role::User | Role::Assistant));
    let mut silent = false;
    loop {
        match heard.next() {
            Some(message) if message.role == Role::User && is_silent(message) => silent = true,
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

/// The refusal of a conversation of which nothing is left that could be answered.
#[must_use]
pub fn untold() -> Unspeakable {
    Unspeakable {
        message: "Nothing in this conversation, or in the user's last message, can be told to the provider of this model: what there is \
belongs to another provider. Say something in words."
            .to_owned(),
        param: "messages".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_empty_text_can_be_told_and_nothing_cannot() {
        let turn = |role, parts| Message {
            role,
            name: None,
            parts,
        };
        let untold = |messages: Vec<Message>| {
            untold_by(&Request {
                messages,
                ..Request::default()
            })
        };
        let (hello, empty) = (|| vec![Part::text("Hi")], || vec![Part::text("")]);
        assert!(untold(vec![turn(Role::User, vec![])]));
        assert!(untold(vec![
            turn(Role::User, hello()),
            turn(Role::Assistant, hello()),
            turn(Role::User, vec![])
        ]));
        assert!(!untold(vec![turn(Role::User, hello()), turn(Role::User, vec![])]));
        assert!(!untold(vec![turn(Role::User, empty())]));
        assert!(!untold(vec![turn(Role::User, vec![]), turn(Role::Assistant, hello())]));
        assert!(!untold(vec![]));
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
