//! How large a strict schema may be: "A schema may have up to 5000 object properties total, with up to 10 levels of nesting", "total string
//! length of all property names, definition names, enum values, and const values cannot exceed 120,000 characters", "up to 1000 enum
//! values across all enum properties", and of one with more than 250 texts no more than 15,000 characters (OpenAI's guide "Structured
//! outputs", "Supported schemas").

use serde_json::Value;

const MOST_PROPERTIES: usize = 5_000;
/// The guide does not say whether a list is a level; here it is one.
const MOST_LEVELS: usize = 10;
const MOST_LETTERS: usize = 120_000;
const MOST_LITERALS: usize = 1_000;
/// So many texts of one `enum`, and their letters when there are more.
const MANY_TEXTS: usize = 250;
const MOST_LETTERS_OF_MANY: usize = 15_000;

/// OpenAI takes it.
pub(super) fn fits(schema: &Value) -> bool {
    let mut size = Size::default();
    size.measure(schema, 0);
    !size.too_much
        && size.properties <= MOST_PROPERTIES
        && size.letters <= MOST_LETTERS
        && size.literals <= MOST_LITERALS
}

#[derive(Default)]
struct Size {
    properties: usize,
    letters: usize,
    literals: usize,
    /// One place alone is too much.
    too_much: bool,
}

impl Size {
    fn measure(&mut self, schema: &Value, above: usize) {
        let holds = schema.get("properties").is_some() || schema.get("items").is_some();
        let level = above + usize::from(holds);
        self.too_much |= level > MOST_LEVELS;
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            self.properties += 1;
            self.letters += name.chars().count();
            self.measure(inner, level);
        }
        for kinds in ["$defs", "definitions"] {
            for (name, inner) in schema[kinds].as_object().into_iter().flatten() {
                self.letters += name.chars().count();
                self.measure(inner, 0);
            }
        }
        self.literals(schema["enum"].as_array().map(Vec::as_slice).unwrap_or_default());
        self.letters += schema["const"].as_str().map_or(0, |text| text.chars().count());
        for inner in schema["anyOf"].as_array().into_iter().flatten() {
            self.measure(inner, level);
        }
        if let Some(items) = schema.get("items") {
            self.measure(items, level);
        }
    }

    fn literals(&mut self, literals: &[Value]) {
        let texts = literals.iter().filter_map(Value::as_str);
        let letters: usize = texts.clone().map(|text| text.chars().count()).sum();
        self.literals += literals.len();
        self.letters += letters;
        self.too_much |= texts.count() > MANY_TEXTS && letters > MOST_LETTERS_OF_MANY;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties(count: usize, letters: usize) -> Value {
        let all = (0..count).map(|at| (format!("{at:0letters$}"), json!({"type": "string"})));
        json!({"type": "object", "properties": all.collect::<serde_json::Map<_, _>>()})
    }

    fn literals(count: usize, letters: usize) -> Value {
        let texts: Vec<String> = (0..count).map(|at| format!("{at:0letters$}")).collect();
        json!({"type": "string", "enum": texts})
    }

    fn deep(levels: usize) -> Value {
        let one = |inner: Value, at: usize| match at % 2 {
            0 => json!({"type": "array", "items": inner}),
            _ => json!({"type": "object", "properties": {"a": {"anyOf": [inner, {"type": "null"}]}}}),
        };
        (0..levels).fold(json!({"type": "string"}), one)
    }

    #[test]
    fn each_limit_is_kept() {
        for (schema, taken) in [
            (properties(5_000, 4), true),
            (properties(5_001, 4), false),
            (properties(4_000, 30), true),
            (properties(4_001, 30), false),
            (literals(1_000, 4), true),
            (literals(1_001, 4), false),
            (literals(250, 100), true),
            (literals(251, 100), false),
            (deep(10), true),
            (deep(11), false),
            (json!({"$defs": {"D": deep(11)}}), false),
        ] {
            let text = schema.to_string();
            assert_eq!(fits(&schema), taken, "{}", text.get(..200).unwrap_or(&text));
        }
    }
}
