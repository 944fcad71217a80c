//! An error as OpenAI sends it: a status and `{"error":{"message","type","param","code"}}` (schema `ErrorResponse`
//! of the openai-openapi description). The checks make them, the server sends them.

use http::StatusCode;
use serde_json::{Value, json};

/// One refusal, before it is put on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// `error.type`.
    pub kind: &'static str,
    /// `error.message`.
    pub message: String,
    /// `error.param`: the guilty field, where the provider names it.
    pub param: Option<String>,
    /// `error.code`.
    pub code: Option<&'static str>,
    /// As xAI sends it: `{"code","error"}`, both texts.
    pub is_flat: bool,
}

impl Refusal {
    /// A 400 of type `invalid_request_error`.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            message: message.into(),
            param: None,
            code: None,
            is_flat: false,
        }
    }

    /// A 400 of xAI's.
    #[must_use]
    pub fn flat(message: impl Into<String>) -> Self {
        Self {
            is_flat: true,
            ..Self::invalid(message).code("Client specified an invalid argument")
        }
    }

    /// The same with the guilty field.
    #[must_use]
    pub fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// The same with a code.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The same with another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same with another `type`.
    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// The body on the wire.
    #[must_use]
    pub fn body(&self) -> Value {
        if self.is_flat {
            return json!({"code": self.code, "error": self.message});
        }
        json!({"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}})
    }
}
