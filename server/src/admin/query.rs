//! What stands behind the question mark, and how what cannot be read there, or in a body, is told: by the name of the member. A name
//! that nobody knows is refused, so that a filter that was misspelt does not show everything.

use axum::extract::{FromRequestParts, Query};
use http::{StatusCode, request::Parts};
use serde::de::DeserializeOwned;

use super::AdminError;
use crate::state::HubState;

/// What was asked for.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<HubState> for Asked<T> {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, _: &HubState) -> Result<Self, AdminError> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(rejection) => Err(unreadable(&rejection.body_text())),
        }
    }
}

/// Characters of what was sent that come back in a sentence, at the most.
const LONGEST: usize = 300;

/// What axum says of a body or a query that is none of this type, as `…: member.of.it: what is wrong at line 1 column 2`. The
/// member is named by `serde_path_to_error` within axum.
pub(super) fn unreadable(told: &str) -> AdminError {
    let (_, told) = told.split_once(": ").unwrap_or(("", told));
    let (path, problem) = match told.split_once(": ") {
        Some((path, problem)) if is_path(path) => (Some(path), problem),
        _ => (None, told),
    };
    let problem = problem.split(" at line ").next().unwrap_or(problem);
    let (code, within) = if problem.starts_with("unknown field") {
        ("unknown_field", quoted(problem))
    } else if problem.starts_with("missing field") {
        ("missing_field", quoted(problem))
    } else if problem.starts_with("duplicate field") {
        ("invalid_field", quoted(problem))
    } else {
        ("invalid_field", None)
    };
    let error = AdminError::new(StatusCode::UNPROCESSABLE_ENTITY, code, sentence(problem));
    match (path, within) {
        // The path may lead to the member itself, or to what it is missing in.
        (Some(path), Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => {
            error.at(&format!("{path}.{name}"))
        }
        (Some(path), _) => error.at(path),
        (None, Some(name)) => error.at(name),
        (None, None) => error,
    }
}

fn is_path(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.[]-/".contains(&byte);
    (1..=200).contains(&text.len()) && text.bytes().all(letter)
}

/// What stands first between backticks.
fn quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1).filter(|name| is_path(name))
}

/// A problem as a sentence, cut where it quotes too much.
pub(super) fn sentence(problem: &str) -> String {
    let mut letters = problem.chars().filter(|letter| !letter.is_control());
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let mut text: String = first.chain(letters).take(LONGEST).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::admin::body::read;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "email")]
        _email: domain::name::Email,
        #[serde(default, rename = "inner")]
        _inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "count")]
        _count: u32,
    }

    #[test]
    fn the_member_that_is_wrong_is_named() {
        let told = |body: &str| {
            let error = read::<Outer>(body.as_bytes()).expect_err("not that");
            let body: serde_json::Value = serde_json::from_slice(&error.body()).expect("JSON");
            let text = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
            (text("code"), text("field"))
        };
        for (body, code, field) in [
            ("{", "invalid_json", ""),
            ("", "invalid_json", ""),
            (r#"{"email":"a@b.c"} {}"#, "invalid_json", ""),
            ("[]", "invalid_field", ""),
            (r#"["a@b.c",null]"#, "invalid_field", ""),
            ("{}", "missing_field", "email"),
            (r#"{"email":"a@b.c","role":"owner"}"#, "unknown_field", "role"),
            (r#"{"email":"a b"}"#, "invalid_field", "email"),
            (r#"{"email":7}"#, "invalid_field", "email"),
            (
                r#"{"email":"a@b.c","inner":{"count":-1}}"#,
                "invalid_field",
                "inner.count",
            ),
            (
                r#"{"email":"a@b.c","inner":{"count":1e99}}"#,
                "invalid_field",
                "inner.count",
            ),
            (
                r#"{"email":"a@b.c","inner":{"other":1}}"#,
                "unknown_field",
                "inner.other",
            ),
            (r#"{"email":"a@b.c","inner":{}}"#, "missing_field", "inner.count"),
            (r#"{"email":"a@b.c","email":"d@e.f"}"#, "invalid_field", "email"),
        ] {
            assert_eq!(told(body), (code.to_owned(), field.to_owned()), "{body}");
        }
    }

    #[test]
    fn what_is_quoted_is_cut_and_has_no_line_breaks() {
        let long = sentence(&format!("unknown variant `{}\r\nset-cookie: a=b`", "x".repeat(1000)));
        assert!(
            long.chars().count() <= LONGEST + 1 && !long.contains(['\r', '\n']),
            "{long}"
        );
        assert!(long.starts_with("Unknown variant"));
    }
}
