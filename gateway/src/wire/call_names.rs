//! The names of tools by the ids of their calls. Results have the id alone in some dialects and on some wires, and others must be told
//! the name. A conversation may hold very many of both.

use std::collections::HashMap;

use super::canonical::{Part, ToolCall};

/// Which tool each call of a conversation was for.
#[derive(Debug, Default)]
pub(super) struct CallNames(HashMap<String, String>);

impl CallNames {
    /// Notes a call. Of several with one id the last counts.
    pub fn note(&mut self, call: &ToolCall) {
        self.0.insert(call.id.clone(), call.name.clone());
    }

    /// Notes the calls among these parts.
    pub fn note_all(&mut self, parts: &[Part]) {
        for part in parts {
            if let Part::ToolCall(call) = part {
                self.note(call);
            }
        }
    }

    /// The tool that the call of this id was for.
    pub fn of(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_call_of_an_id_counts() {
        let call = |id: &str, name: &str| ToolCall {
            id: id.to_owned(),
            name: name.to_owned(),
            arguments: String::new(),
            signature: None,
        };
        let mut names = CallNames::default();
        names.note(&call("1", "a"));
        names.note_all(&[
            Part::text("x"),
            Part::ToolCall(call("2", "b")),
            Part::ToolCall(call("1", "c")),
        ]);
        assert_eq!(
            [names.of("1"), names.of("2"), names.of("3")],
            [Some("c"), Some("b"), None]
        );
    }
}
