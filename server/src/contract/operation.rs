//! What is said of one route.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Book, Errors, errors};

/// The part of the document in which a route stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Calls in OpenAI's dialects.
    Openai,
    /// Calls in Anthropic's dialect.
    Anthropic,
    /// AIGNE Hub's own surface.
    Aigne,
    /// What a key may know of its calls, its credit and the models.
    Key,
    /// Everything that the console lets admins, billing and auditors do.
    Admin,
    /// `aigne hub connect`.
    Connect,
    /// What the console answers beside its pages.
    Console,
    /// The process.
    Process,
}

impl Tag {
    /// Every part.
    pub const ALL: [Self; 8] = [
        Self::Openai,
        Self::Anthropic,
        Self::Aigne,
        Self::Key,
        Self::Admin,
        Self::Connect,
        Self::Console,
        Self::Process,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "OpenAI",
            Self::Anthropic => "Anthropic",
            Self::Aigne => "AIGNE Hub",
            Self::Key => "Models, calls and credit",
            Self::Admin => "Admin",
            Self::Connect => "Connect",
            Self::Console => "Console",
            Self::Process => "Process",
        }
    }

    /// One sentence about it.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Openai => "Calls in OpenAI's dialects: chat completions, legacy completions, responses, embeddings.",
            Self::Anthropic => "Calls in Anthropic's dialect: messages, and how many tokens they have.",
            Self::Aigne => {
                "What the clients of AIGNE Hub ask: calls, models, prices, credit. `/api/ai` and `/api/ai-providers` are the same."
            }
            Self::Key => {
                "What a key may know of the models that it can call, of its calls and of its account's credit."
            }
            Self::Admin => {
                "Everything that the console lets admins, billing and auditors do, for keys with the scope `manage`: such a key acts as its \
owner, with the role that they have when it is used."
            }
            Self::Connect => "`aigne hub connect`: a program asks for a key, and a person approves it in the console.",
            Self::Console => {
                "What the console answers beside its pages: files for whoever is signed in, and where identity providers send browsers back."
            }
            Self::Process => "Whether the process lives and can serve, and what it answers.",
        }
    }
}

/// What is said of one route. Path parameters, security and the errors that every such route has are added by `document`.
#[derive(Debug)]
pub struct Operation {
    pub(super) tag: Tag,
    pub(super) summary: &'static str,
    pub(super) about: &'static str,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    pub(super) responses: Map<String, Value>,
    pub(super) errors: Errors,
}

impl Operation {
    /// A route of which nothing else is known yet.
    pub fn new(tag: Tag, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            about: "",
            parameters: Vec::new(),
            body: None,
            responses: Map::new(),
            errors: Errors::Openai,
        }
    }

    /// With more sentences.
    pub fn about(mut self, text: &'static str) -> Self {
        self.about = text;
        self
    }

    /// With a parameter behind the question mark, which may be left out.
    pub fn query(mut self, name: &str, schema: &Value, about: &str) -> Self {
        self.parameters
            .push(json!({ "name": name, "in": "query", "required": false, "schema": schema, "description": about }));
        self
    }

    /// With a header that decides something, which may be left out.
    pub fn header(mut self, name: &str, about: &str) -> Self {
        self.parameters.push(
            json!({ "name": name, "in": "header", "required": false, "schema": { "type": "string" }, "description": about }),
        );
        self
    }

    /// With what this type reads behind the question mark.
    pub fn asks<T: schemars::JsonSchema>(mut self, book: &mut Book) -> Self {
        let schema = book.read_as::<T>();
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let mut member = member.clone();
            let about = member.as_object_mut().and_then(|member| member.remove("description"));
            // Absent is how a parameter says null.
            if let Some(kinds) = member["type"].as_array_mut() {
                kinds.retain(|kind| kind != "null");
            }
            let about = about.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
            self = self.query(name, &member, &about);
            let demanded = schema["required"]
                .as_array()
                .is_some_and(|all| all.contains(&json!(name)));
            if let (true, Some(parameter)) = (demanded, self.parameters.last_mut()) {
                parameter["required"] = true.into();
            }
        }
        self
    }

    /// With a body that this type reads. Nothing else may stand in it.
    pub fn takes<T: schemars::JsonSchema>(self, book: &mut Book) -> Self {
        let schema = book.taken::<T>();
        self.body(&schema)
    }

    /// With an example of that body.
    pub fn example(mut self, example: &Value) -> Self {
        if let Some(body) = &mut self.body {
            body["content"]["application/json"]["example"] = example.clone();
        }
        self
    }

    /// With a body of JSON.
    pub fn body(mut self, schema: &Value) -> Self {
        self.body = Some(json!({ "required": true, "content": { "application/json": { "schema": schema } } }));
        self
    }

    /// Answers 200 with a body of this kind.
    pub fn answers(self, kind: &str, schema: &Value) -> Self {
        self.content(StatusCode::OK, "Done.", kind, &json!({ "schema": schema }))
    }

    /// Answers 200 with what this type is written as.
    pub fn tells<T: schemars::JsonSchema>(self, book: &mut Book) -> Self {
        let schema = book.of::<T>();
        self.answers("application/json", &schema)
    }

    /// Answers 201 with what this type is written as.
    pub fn makes<T: schemars::JsonSchema>(self, book: &mut Book) -> Self {
        let schema = book.of::<T>();
        let media = json!({ "schema": schema });
        self.content(StatusCode::CREATED, "Made.", "application/json", &media)
    }

    /// Answers 202 with what this type is written as.
    pub fn accepts<T: schemars::JsonSchema>(self, book: &mut Book) -> Self {
        let schema = book.of::<T>();
        let media = json!({ "schema": schema });
        self.content(StatusCode::ACCEPTED, "Begun.", "application/json", &media)
    }

    /// Answers 200 with a stream of events. Each event's data is JSON as `schema` says; `last` is the data of an event that
    /// closes the stream and is none.
    pub fn streams(self, schema: &Value, last: Option<&str>) -> Self {
        let mut media = json!({
            "schema": { "type": "string", "description": "Server-sent events; `x-event-schema` describes the data of each." },
            "x-event-schema": schema,
        });
        if let Some(last) = last {
            media["x-last-event"] = last.into();
        }
        self.content(StatusCode::OK, "Done.", "text/event-stream", &media)
    }

    /// Answers with a sentence in plain text.
    pub fn says(self, status: StatusCode, about: &str) -> Self {
        self.content(status, about, "text/plain", &json!({ "schema": { "type": "string" } }))
    }

    /// Answers with a page that says why there is nothing else.
    pub fn shows(self, status: StatusCode, about: &str) -> Self {
        self.content(status, about, "text/html", &json!({ "schema": { "type": "string" } }))
    }

    /// Answers with a status and nothing else to read.
    pub fn leads(mut self, status: StatusCode, about: &str) -> Self {
        self.responses
            .insert(status.as_str().to_owned(), json!({ "description": about }));
        self
    }

    fn content(mut self, status: StatusCode, about: &str, kind: &str, media: &Value) -> Self {
        let response = self
            .responses
            .entry(status.as_str())
            .or_insert_with(|| json!({ "description": about, "content": {} }));
        response["content"][kind] = media.clone();
        self
    }

    /// Errors are in this shape from here on.
    pub fn shaped(mut self, errors: Errors) -> Self {
        self.errors = errors;
        self
    }

    /// May answer with these errors.
    pub fn fails(mut self, book: &mut Book, statuses: &[u16]) -> Self {
        for status in statuses {
            let key = status.to_string();
            if !self.responses.contains_key(&key) {
                let response = errors::response(book, self.errors, *status);
                self.responses.insert(key, response);
            }
        }
        self
    }

    /// May answer with whatever a provider says of the request, its status included.
    pub fn passes_refusals(mut self, book: &mut Book) -> Self {
        self.responses
            .insert("4XX".to_owned(), errors::passed(book, self.errors));
        self
    }
}
