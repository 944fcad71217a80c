//! Members of a request's JSON, by one of their spellings, with a sentence for whoever sent the wrong type.
//!
//! `null` is the same as absent everywhere: the clients send both.

use std::{borrow::Cow, collections::HashSet};

use serde_json::{Map, Value};

use super::super::{
    RequestProblem,
    json::{self, Member},
};

pub(super) type Read<T> = Result<T, RequestProblem>;

/// An object within a request, and where it stands there.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    /// The member that an error is about.
    pub param: &'static str,
}

/// Something is wrong with a member.
pub(super) fn problem(param: &'static str, code: &'static str, message: impl Into<String>) -> RequestProblem {
    RequestProblem {
        message: message.into(),
        param: Some(param.into()),
        code,
    }
}

/// A member has the wrong type.
pub(super) fn wrong(param: &'static str, name: &str, wanted: &str) -> RequestProblem {
    let place = if param.is_empty() || param == name {
        name.to_owned()
    } else {
        format!("{param}.{name}")
    };
    RequestProblem {
        message: format!("Invalid type for '{place}': expected {wanted}."),
        param: Some(place.into()),
        code: "invalid_type",
    }
}

/// Something that must be there is not.
pub(super) fn missing(param: &'static str, message: &str) -> RequestProblem {
    problem(param, "missing_field", message)
}

/// Reads a body as one object.
pub(super) fn parse(body: &[u8]) -> Read<Map<String, Value>> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let sentence = match serde_json::from_slice(text) {
        Ok(Value::Object(map)) => match twice(text) {
            Some(name) => {
                return Err(RequestProblem {
                    message: format!("The field '{name}' stands in the request more than once."),
                    param: Some(name.into()),
                    code: "duplicate_field",
                });
            }
            None => return Ok(map),
        },
        Ok(_) => "The body of the request is not a JSON object. Send one JSON object.".to_owned(),
        Err(error) => format!(
            "The body of the request is not valid JSON (line {}, column {}). Send one JSON object.",
            error.line(),
            error.column()
        ),
    };
    Err(RequestProblem {
        message: sentence,
        param: None,
        code: "invalid_json",
    })
}

/// Objects in which members decide something.
const DECIDING: [&str; 3] = ["input", "modelOptions", "options"];

/// A member that stands twice where members decide something: readers disagree about which one counts.
fn twice(text: &[u8]) -> Option<String> {
    let mut found = None;
    let mut names = HashSet::new();
    // It was read before, so it can be read again.
    json::read_object(text, |member| doubled(&member, &mut names, 2, &mut found)).ok();
    found
}

fn doubled<'a>(member: &Member<'a>, names: &mut HashSet<Cow<'a, str>>, levels: u32, found: &mut Option<String>) {
    if !names.insert(member.name.clone()) {
        found.get_or_insert_with(|| member.name.chars().take(40).collect());
    }
    if levels > 0 && DECIDING.contains(&&*member.name) {
        let mut within = HashSet::new();
        member
            .value
            .members(|inner| doubled(&inner, &mut within, levels - 1, found));
    }
}

impl<'a> Fields<'a> {
    /// The members of an object.
    pub fn of(map: &'a Map<String, Value>, param: &'static str) -> Self {
        Self { map, param }
    }

    /// The members of a value that must be an object.
    pub fn within(value: &'a Value, param: &'static str, name: &str) -> Read<Self> {
        let map = value.as_object().ok_or_else(|| wrong(param, name, "an object"))?;
        Ok(Self { map, param })
    }

    /// The value under the first of these names that has one.
    pub fn get(&self, names: &[&str]) -> Option<&'a Value> {
        names
            .iter()
            .find_map(|name| self.map.get(*name).filter(|value| !value.is_null()))
    }

    /// The names of all that has a value.
    pub fn names(self) -> impl Iterator<Item = &'a str> {
        let said = self.map.iter().filter(|(_, value)| !value.is_null());
        said.map(|(name, _)| name.as_str())
    }

    fn typed<T>(&self, names: &[&str], wanted: &str, read: impl Fn(&'a Value) -> Option<T>) -> Read<Option<T>> {
        let Some(value) = self.get(names) else { return Ok(None) };
        let name = names.first().copied().unwrap_or_default();
        read(value).map(Some).ok_or_else(|| wrong(self.param, name, wanted))
    }

    /// A text.
    pub fn text(&self, names: &[&str]) -> Read<Option<&'a str>> {
        self.typed(names, "a string", Value::as_str)
    }

    /// A text, owned.
    pub fn owned(&self, names: &[&str]) -> Read<Option<String>> {
        Ok(self.text(names)?.map(str::to_owned))
    }

    /// A truth value.
    pub fn flag(&self, names: &[&str]) -> Read<Option<bool>> {
        self.typed(names, "a boolean", Value::as_bool)
    }

    /// A number.
    pub fn number(&self, names: &[&str]) -> Read<Option<f64>> {
        self.typed(names, "a number", Value::as_f64)
    }

    /// A whole number, zero or more, also when it is written `1024.0`.
    pub fn whole(&self, names: &[&str]) -> Read<Option<u64>> {
        self.typed(names, "a whole number that is not negative", whole)
    }

    /// An array.
    pub fn list(&self, names: &[&str]) -> Read<Option<&'a Vec<Value>>> {
        self.typed(names, "an array", Value::as_array)
    }

    /// An object; errors within it are about `param`.
    pub fn object(&self, names: &[&str], param: &'static str) -> Read<Option<Self>> {
        let map = self.typed(names, "an object", Value::as_object)?;
        Ok(map.map(|map| Self { map, param }))
    }

    /// Every member that has a value.
    pub fn members(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.map.iter().filter(|(_, value)| !value.is_null())
    }
}

/// A whole number that is not negative.
pub(super) fn whole(value: &Value) -> Option<u64> {
    /// Up to here every whole number has a floating-point number of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        // Whole and within bounds, so the conversion changes nothing.
        (number.fract() == 0.0 && (0.0..EXACT).contains(&number)).then_some(number as u64)
    })
}

#[cfg(test)]
mod tests {
    use domain::call::Dialect;

    use crate::wire::speech::scan;

    #[test]
    fn what_decides_stands_there_once() {
        let chat = |input: &str, rest: &str| {
            format!(r#"{{"input":{{"messages":[{{"role":"user","content":"x"}}],{input}}}{rest}}}"#)
        };
        let older = |rest: &str| format!(r#"{{"messages":[{{"role":"user","content":"x"}}],{rest}}}"#);
        for (dialect, body, name) in [
            (
                Dialect::AigneChat,
                chat(r#""modelOptions":{"model":"a","model":"b"}"#, ""),
                Some("model"),
            ),
            (
                Dialect::AigneChat,
                chat(r#""modelOptions":{"model":"a","maxTokens":1,"max\u0054okens":9}"#, ""),
                Some("maxTokens"),
            ),
            (
                Dialect::AigneChat,
                chat(r#""modelOptions":{"model":"a"},"modelOptions":{}"#, ""),
                Some("modelOptions"),
            ),
            (
                Dialect::AigneChat,
                chat(
                    r#""modelOptions":{"model":"a"}"#,
                    r#","options":{"streaming":true,"streaming":false}"#,
                ),
                Some("streaming"),
            ),
            (
                Dialect::AigneChat,
                chat(r#""modelOptions":{"model":"a"}"#, r#","options":{"streaming":true}"#),
                None,
            ),
            (
                Dialect::AigneCompletions,
                older(r#""model":"a","model":"b""#),
                Some("model"),
            ),
            (
                Dialect::AigneCompletions,
                older(r#""model":"a","maxTokens":1,"maxTokens":2"#),
                Some("maxTokens"),
            ),
            (Dialect::AigneCompletions, older(r#""model":"a","maxTokens":1"#), None),
        ] {
            let problem = scan(dialect, body.as_bytes()).err();
            assert_eq!(
                problem.as_ref().and_then(|problem| problem.param.as_deref()),
                name,
                "{body}"
            );
            assert!(
                problem.is_none_or(|problem| problem.code == "duplicate_field"),
                "{body}"
            );
        }
    }
}
