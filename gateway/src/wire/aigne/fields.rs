//! Members of a request's JSON, by one of their spellings, with a sentence for whoever sent the wrong type.
//!
//! `null` is the same as absent everywhere: the clients send both.

use serde_json::{Map, Value};

use super::super::RequestProblem;

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
        Ok(Value::Object(map)) => return Ok(map),
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
