//! Takes members out of a request's JSON, one by one, with the place of each for the sentence that refuses it. What nobody took
//! is left for [`crate::wire::canonical::Request::extra`]. `null` counts as absent. Used by the readers of OpenAI's dialects.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::wire::{RequestProblem, responses::names::is_marked};

/// An object of a request, and where it stands.
#[derive(Debug)]
pub(in crate::wire) struct Fields {
    path: String,
    members: Map<String, Value>,
}

/// A member that is wrong.
pub(in crate::wire) fn problem(
    param: impl Into<String>,
    code: &'static str,
    message: impl Into<String>,
) -> RequestProblem {
    RequestProblem {
        message: message.into(),
        param: Some(Cow::Owned(param.into())),
        code,
    }
}

/// A member of the wrong type.
pub(in crate::wire) fn wrong_type(param: &str, wanted: &str) -> RequestProblem {
    problem(
        param,
        "invalid_type",
        format!("Invalid type for '{param}': expected {wanted}."),
    )
}

/// A value that the hub does not know.
pub(in crate::wire) fn wrong_value(param: &str, value: &str, known: &str) -> RequestProblem {
    let value: String = value.chars().take(100).collect();
    problem(
        param,
        "invalid_value",
        format!("Invalid value for '{param}': '{value}'. Known are {known}."),
    )
}

/// A member that must be there.
pub(in crate::wire) fn missing(param: &str) -> RequestProblem {
    problem(
        param,
        "missing_required_parameter",
        format!("Missing required parameter: '{param}'."),
    )
}

/// A list that must not be empty, and what it is a list of.
pub(in crate::wire) fn empty(param: &str, of: &str) -> RequestProblem {
    problem(
        param,
        "empty_array",
        format!("'{param}' is empty: send at least one {of}."),
    )
}

impl Fields {
    /// The body of a request.
    pub(in crate::wire) fn of_body(body: &[u8]) -> Result<Self, RequestProblem> {
        let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        match serde_json::from_slice(text) {
            Ok(members) => Ok(Self {
                path: String::new(),
                members,
            }),
            Err(error) => Err(RequestProblem::no_object(text, format_args!(" ({error})"))),
        }
    }

    /// The object at `path`.
    pub(in crate::wire) fn of(path: impl Into<String>, value: Value) -> Result<Self, RequestProblem> {
        let path = path.into();
        match value {
            Value::Object(members) => Ok(Self { path, members }),
            _ => Err(wrong_type(&path, "an object")),
        }
    }

    /// Where the member stands.
    pub(in crate::wire) fn path(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Where the object stands.
    pub(in crate::wire) fn place(&self) -> &str {
        &self.path
    }

    /// The member, which stays.
    pub(in crate::wire) fn peek(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    pub(in crate::wire) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.shift_remove(name).filter(|value| !value.is_null())
    }

    pub(in crate::wire) fn text(&mut self, name: &str) -> Result<Option<String>, RequestProblem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(&self.path(name), "a string")),
        }
    }

    pub(in crate::wire) fn needed_text(&mut self, name: &str) -> Result<String, RequestProblem> {
        self.text(name)?.ok_or_else(|| missing(&self.path(name)))
    }

    pub(in crate::wire) fn switch(&mut self, name: &str) -> Result<Option<bool>, RequestProblem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(on)),
            Some(_) => Err(wrong_type(&self.path(name), "a boolean")),
        }
    }

    /// The name of a tool or of a namespace. It may not hold the signs that the hub puts into names.
    pub(in crate::wire) fn name(&mut self, name: &str) -> Result<Option<String>, RequestProblem> {
        match self.text(name)? {
            Some(text) if is_marked(&text) => {
                let known = "letters, digits, '_' and '-'";
                Err(wrong_value(&self.path(name), &text.escape_default().to_string(), known))
            }
            text => Ok(text),
        }
    }

    /// The same, which must be there.
    pub(in crate::wire) fn needed_name(&mut self, name: &str) -> Result<String, RequestProblem> {
        self.name(name)?.ok_or_else(|| missing(&self.path(name)))
    }

    /// A whole number that is not negative, in whichever way it is written: `5`, `5.0`, `1e3`.
    pub(in crate::wire) fn whole(&mut self, name: &str) -> Result<Option<u64>, RequestProblem> {
        /// Up to here every whole number has a floating-point number of its own.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let exact = |number: &f64| number.fract() == 0.0 && (0.0..EXACT).contains(number);
        let number = value
            .as_u64()
            .or_else(|| value.as_f64().filter(exact).map(|number| number as u64));
        number
            .map(Some)
            .ok_or_else(|| wrong_type(&self.path(name), "a whole number that is not negative"))
    }

    pub(in crate::wire) fn signed(&mut self, name: &str) -> Result<Option<i64>, RequestProblem> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| wrong_type(&self.path(name), "a whole number")),
        }
    }

    pub(in crate::wire) fn decimal(&mut self, name: &str) -> Result<Option<f64>, RequestProblem> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value
                .as_f64()
                .map(Some)
                .ok_or_else(|| wrong_type(&self.path(name), "a number")),
        }
    }

    pub(in crate::wire) fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, RequestProblem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => Ok(Some(values)),
            Some(_) => Err(wrong_type(&self.path(name), "an array")),
        }
    }

    pub(in crate::wire) fn object(&mut self, name: &str) -> Result<Option<Self>, RequestProblem> {
        let path = self.path(name);
        self.take(name).map(|value| Self::of(path, value)).transpose()
    }

    /// A text, or a list of texts.
    pub(in crate::wire) fn texts(&mut self, name: &str) -> Result<Vec<String>, RequestProblem> {
        let path = self.path(name);
        let wrong = || wrong_type(&path, "a string or an array of strings");
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(Vec::from([text])),
            Some(Value::Array(values)) => values
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text),
                    _ => Err(wrong()),
                })
                .collect(),
            Some(_) => Err(wrong()),
        }
    }

    /// What nobody took and is not `null`.
    pub(in crate::wire) fn rest(self) -> Map<String, Value> {
        self.members.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}
