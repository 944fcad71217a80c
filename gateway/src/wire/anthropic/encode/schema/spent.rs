//! How much of what Claude's grammars have room for a request has spent: "Strict tools per request: 20", "Optional parameters: 24 […] each
//! parameter not listed in `required`", "Parameters with union types: 16 […] that use `anyOf` or type arrays", in all strict schemas of a
//! request together (platform.claude.com, page "Structured outputs", "Schema complexity limits"; what is answered beyond that stands in
//! <https://github.com/elie222/inbox-zero/issues/2323>).

use std::collections::HashSet;

use serde_json::Value;

use crate::wire::pointer;

const MOST_TOOLS: usize = 20;
const MOST_OPTIONAL: usize = 24;
const MOST_UNIONS: usize = 16;
/// Most schemas and names of required members that are looked at in one: definitions may refer to each other, and then a few bytes stand
/// for very many.
const MOST_LOOKS: usize = 20_000;

/// What strict schemas hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Spent {
    tools: usize,
    optional: usize,
    unions: usize,
}

impl Spent {
    /// Of the schema of an answer, closed. Whatever is referred to counts wherever that happens.
    pub fn by_answer(schema: &Value) -> Self {
        let mut counter = Counter {
            root: schema,
            spent: Self::default(),
            left: MOST_LOOKS,
        };
        counter.count(schema);
        counter.spent
    }

    /// With a strict tool of this schema more, closed; none where there is no room for it.
    pub fn with_tool(self, schema: &Value) -> Option<Self> {
        let more = Self::by_answer(schema);
        let all = Self {
            tools: self.tools + 1,
            optional: self.optional.saturating_add(more.optional),
            unions: self.unions + more.unions,
        };
        let fits = all.tools <= MOST_TOOLS && all.optional <= MOST_OPTIONAL && all.unions <= MOST_UNIONS;
        fits.then_some(all)
    }
}

struct Counter<'a> {
    root: &'a Value,
    spent: Spent,
    left: usize,
}

impl Counter<'_> {
    fn count(&mut self, schema: &Value) {
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(left) = self.left.checked_sub(1 + required.len()) else {
            self.spent.optional = usize::MAX / 2;
            return;
        };
        self.left = left;
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = reference.and_then(|reference| pointer::target(self.root, reference)) {
            return self.count(target);
        }
        self.spent.unions += usize::from(schema.get("anyOf").is_some() || schema["type"].is_array());
        let required: HashSet<&str> = required.iter().filter_map(Value::as_str).collect();
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            self.spent.optional += usize::from(!required.contains(name.as_str()));
            self.count(inner);
        }
        schema["anyOf"]
            .as_array()
            .into_iter()
            .flatten()
            .for_each(|inner| self.count(inner));
        schema.get("items").into_iter().for_each(|inner| self.count(inner));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(optional: usize, unions: usize) -> Value {
        let plain = (0..optional).map(|at| (format!("o{at}"), json!({"type": "string"})));
        let either = (0..unions).map(|at| (format!("u{at}"), json!({"type": ["string", "null"]})));
        let properties: serde_json::Map<_, _> = plain.chain(either).collect();
        let required: Vec<String> = (0..unions).map(|at| format!("u{at}")).collect();
        json!({"type": "object", "properties": properties, "required": required})
    }

    #[test]
    fn what_is_within_counts_as_well_wherever_it_is_used() {
        let inner = with(2, 1);
        let schema = json!({"properties": {"a": {"$ref": "#/$defs/I"}, "b": {"type": "array", "items": {"$ref": "#/$defs/I"}},
            "c": {"anyOf": [inner, {"type": "null"}]}}, "required": ["a", "c"], "$defs": {"I": inner, "unused": inner}});
        let wanted = Spent {
            tools: 0,
            optional: 1 + 3 * 2,
            unions: 1 + 3,
        };
        assert_eq!(Spent::by_answer(&schema), wanted);
    }

    #[test]
    fn there_is_room_for_so_much_and_no_more() {
        let none = Spent::default();
        assert!(none.with_tool(&with(24, 16)).is_some());
        assert_eq!(none.with_tool(&with(25, 0)), None);
        assert_eq!(none.with_tool(&with(0, 17)), None);
        // All tools and the answer share it.
        assert_eq!(Spent::by_answer(&with(20, 0)).with_tool(&with(5, 0)), None);
        let twenty = (0..20).try_fold(none, |spent, _| spent.with_tool(&with(1, 0)));
        assert_eq!(twenty.and_then(|spent| spent.with_tool(&with(0, 0))), None);
        let definitions: serde_json::Map<_, _> = (0..30)
            .map(|at| {
                (
                    format!("D{at}"),
                    json!({"properties": {"a": {"$ref": format!("#/$defs/D{}", at + 1)},
                "b": {"$ref": format!("#/$defs/D{}", at + 1)}}, "required": ["a", "b"]}),
                )
            })
            .collect();
        assert_eq!(
            none.with_tool(&json!({"$ref": "#/$defs/D0", "$defs": definitions})),
            None
        );
        // Long lists are not read for each of many references.
        let items: Vec<Value> = (0..100_000).map(|_| json!({"$ref": "#/$defs/a"})).collect();
        let named = json!({"required": vec!["x"; 100_000]});
        assert_eq!(none.with_tool(&json!({"anyOf": items, "$defs": {"a": named}})), None);
    }
}
