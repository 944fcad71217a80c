//! What stands in a request, member by member, and what comes of it when all are read. Called by `scan`.

use std::{borrow::Cow, ops::Range};

use domain::catalog::Parameter;

use super::{
    super::{
        super::{
            RequestProblem,
            json::{Member, Value},
            openai::{self, request::Place},
            read_along, refused,
            scanned::{self, Files, Scanned},
            spelling,
        },
        echo::Repeated,
        read::in_background,
    },
    LIMIT, Places, choice, files, is_clients, kept, of_provider, strange,
};

/// What was read so far. Of what decides something the first that was found counts.
#[derive(Default)]
pub(super) struct Reading<'a> {
    model: Option<Value<'a>>,
    stream: Option<Value<'a>>,
    limit: Option<Value<'a>>,
    previous: Option<Value<'a>>,
    /// Of two the later one is looked at; a provider refuses both.
    choice: Option<Member<'a>>,
    tools: Tools,
    files: Files,
    prompt_bytes: u64,
    /// Thoughts of other providers.
    strange: Vec<Range<usize>>,
    /// What the provider keeps under a name: within the request, and as an item of its input.
    found: kept::Found,
    recalled: Option<String>,
    /// The client wants the answer not to be kept.
    unstored: bool,
    /// Parameters that some models refuse, and where they stand in the text.
    sampling: Vec<(Parameter, Place)>,
    thinks: Option<bool>,
    /// Members by which a request is refused: one that stands there twice, one in another spelling, one that names what is
    /// somebody else's.
    twice: Option<&'static str>,
    mistaken: Option<&'static str>,
    others: Option<&'static str>,
    /// The answer is wanted later.
    background: bool,
    /// Members that no hold can cover, or no price counts.
    unlimited: Option<&'static str>,
    unpriced: Option<&'static str>,
}

#[derive(Default)]
struct Tools {
    /// There are any.
    any: bool,
    /// The client runs one of them.
    own: bool,
    /// Those that the provider runs.
    hosted: Vec<(Range<usize>, String)>,
}

impl<'a> Reading<'a> {
    /// Takes the next member.
    pub fn take(&mut self, member: &Member<'a>) {
        let value = member.value;
        match &*member.name {
            "model" => self.once("model", value, |read| &mut read.model),
            "stream" => self.once("stream", value, |read| &mut read.stream),
            LIMIT => self.once(LIMIT, value, |read| &mut read.limit),
            "previous_response_id" => self.once("previous_response_id", value, |read| &mut read.previous),
            "tools" => self.tools(&value),
            "input" | "instructions" => self.input(&value),
            "tool_choice" => self.choice = Some(member.clone()),
            "store" => self.unstored |= value.as_bool() == Some(false),
            // Whatever else a service takes for a yes.
            "background" => self.background |= !value.is_null() && value.as_bool() != Some(false),
            _ => self.other(member),
        }
        self.unpriced = self.unpriced.or_else(|| unpriced(member));
        self.others = self.others.or_else(|| of_others(member));
    }

    fn once(&mut self, name: &'static str, value: Value<'a>, place: impl Fn(&mut Self) -> &mut Option<Value<'a>>) {
        if place(self).replace(value).is_some() {
            self.twice.get_or_insert(name);
        }
    }

    fn tools(&mut self, tools: &Value<'a>) {
        self.tools.any |= !tools.is_null();
        kept::look(tools, &mut self.found);
        self.prompt_bytes += tools.word_bytes();
        self.tools.hosted.extend(of_provider(tools));
        tools.elements(|tool| self.tools.own |= is_clients(&tool));
        // In another shape there is nothing to leave out.
        let listed = tools.is_null() || tools.is_array();
        self.unpriced = self.unpriced.or((!listed).then_some("tools"));
    }

    fn input(&mut self, input: &Value<'a>) {
        files::read(input, &mut self.files);
        kept::look(input, &mut self.found);
        self.strange.extend(strange::thoughts(input));
        self.recalled = self.recalled.take().or_else(|| kept::recalled(input));
        self.prompt_bytes += input.text_bytes;
        self.unpriced = self.unpriced.or_else(|| of_items(input));
    }

    fn other(&mut self, member: &Member<'a>) {
        let (name, value) = (&*member.name, &member.value);
        self.prompt_bytes += read_along::bytes(member);
        self.files.note_kept(openai::request::unpriced::kept(member));
        self.mistaken = self.mistaken.or_else(|| spelling::mistaken(name));
        // Refused by chats alone: here OpenAI's own agent sends it to all of them.
        let of_chats = name == "parallel_tool_calls";
        if let Some(parameter) = refused::of_member(name, value).filter(|_| !of_chats) {
            self.sampling.push((parameter, Place::of(member)));
        } else if name == "reasoning" {
            self.thinks = value.member("effort").and_then(|effort| refused::thinks(&effort));
        }
    }

    /// Why such a request is not sent at all.
    pub fn problem(&self) -> Option<RequestProblem> {
        let twice = |message: String, name: &'static str| RequestProblem {
            message,
            param: Some(name.into()),
            code: "duplicate_field",
        };
        if let Some(name) = self.twice {
            return Some(twice(
                format!("The field '{name}' stands in the request more than once."),
                name,
            ));
        }
        if let Some(name) = self.mistaken {
            return Some(spelling::refusal(name));
        }
        if self.found.ambiguous {
            let message = "The field 'type' stands in an object of the request more than once.";
            return Some(twice(message.to_owned(), "type"));
        }
        let of_others = self.others.map(|name| RequestProblem {
            message: format!(
                "'{name}' names what the provider keeps, and this hub cannot tell whose that is. Send the content itself, or go on with 'previous_response_id'."
            ),
            param: Some(name.into()),
            code: "unknown_reference",
        });
        of_others.or_else(|| self.background.then(in_background))
    }

    /// What comes of it all. The text lies `shift` bytes behind the beginning of the body.
    ///
    /// # Errors
    /// [`RequestProblem`] where the model is missing, or something has the wrong type.
    pub fn scanned(mut self, text: &[u8], shift: usize) -> Result<Scanned, RequestProblem> {
        let model = model(self.model.as_ref())?;
        let stream = match self.stream.filter(|value| !value.is_null()) {
            None => false,
            Some(value) => value.as_bool().ok_or_else(|| wrong_type("stream", "a boolean"))?,
        };
        let tokens = self.limit.and_then(|value| value.as_whole());
        let tokens = tokens.filter(|tokens| *tokens > 0);
        if tokens.is_none() && self.limit.is_some_and(|value| !value.is_null()) {
            self.unlimited = Some(LIMIT);
        }
        if self.files.kept.is_none() {
            self.files.kept = self.found.named.take();
        }
        Ok(Scanned {
            model,
            stream,
            include_usage: true,
            chat: true,
            prompt_bytes: u64::saturating_sub(self.prompt_bytes, self.files.bytes),
            token_numbers: 0,
            bytes: (text.len() as u64).saturating_sub(self.files.image_bytes),
            tools: self.tools.any,
            output_limit: tokens,
            least_output: 0,
            choices: 1,
            picture: None,
            audio: false,
            predicted: 0,
            unlimited: self.unlimited,
            unpriced: self.unpriced,
            foreign: None,
            continues: self.previous.is_some_and(|value| !value.is_null()),
            before: None,
            asked: Repeated::NOTHING,
            files: std::mem::take(&mut self.files),
            places: scanned::Places::Responses(self.places(text, shift)),
        })
    }

    fn places(self, text: &[u8], shift: usize) -> Places {
        let moved = |span: Range<usize>| span.start + shift..span.end + shift;
        let place = |value: Value<'_>| moved(value.span());
        let choice = match (&self.choice, &self.model) {
            (Some(choice), Some(model)) if !self.tools.hosted.is_empty() => {
                choice::gone(choice, text, &model.span(), self.tools.own)
            }
            _ => Vec::new(),
        };
        // What is no text: the provider says what it thinks of that, and nothing is found under it.
        let id = |value: Value<'_>| {
            let text = value.as_str().map(Cow::into_owned);
            text.unwrap_or_else(|| String::from_utf8_lossy(value.raw()).into_owned())
        };
        let sampling = self.sampling.into_iter().map(|(parameter, mut place)| {
            place.shift(shift);
            (parameter, place)
        });
        let hosted = self.tools.hosted.into_iter();
        Places {
            body: shift..text.len() + shift,
            model: self.model.map(place).unwrap_or_default(),
            limit: self.limit.map(place),
            sampling: sampling.collect(),
            thinks: self.thinks,
            previous: self.previous.filter(|value| !value.is_null()).map(id),
            stored: !self.unstored,
            recalled: self.recalled,
            counted: false,
            strange: self.strange.into_iter().map(moved).collect(),
            choice: choice.into_iter().map(moved).collect(),
            hosted: hosted.map(|(span, kind)| (moved(span), kind)).collect(),
        }
    }
}

/// The text without a byte order mark, and the bytes of that.
///
/// # Errors
/// It is not UTF-8.
pub(super) fn text(body: &[u8]) -> Result<(&[u8], usize), RequestProblem> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    match std::str::from_utf8(text) {
        Ok(_) => Ok((text, body.len() - text.len())),
        Err(error) => Err(RequestProblem::no_object(
            text,
            format_args!(": byte {} is not UTF-8", error.valid_up_to()),
        )),
    }
}

/// The model that is named.
///
/// # Errors
/// There is none, or it is no text.
fn model(value: Option<&Value<'_>>) -> Result<String, RequestProblem> {
    let missing = |message: &str| RequestProblem {
        message: message.to_owned(),
        param: Some("model".into()),
        code: "missing_model",
    };
    let value = value.ok_or_else(|| missing("You must name a model: set the field 'model'."))?;
    let model = value.as_str().ok_or_else(|| wrong_type("model", "a string"))?;
    if model.is_empty() {
        return Err(missing("You must name a model: the field 'model' is empty."));
    }
    Ok(model.into_owned())
}

fn wrong_type(param: &'static str, wanted: &str) -> RequestProblem {
    RequestProblem {
        message: format!("Invalid type for '{param}': expected {wanted}."),
        param: Some(param.into()),
        code: "invalid_type",
    }
}

/// What has a price of its own. Tools that the provider runs are left out instead, see [`of_provider`].
fn unpriced(member: &Member<'_>) -> Option<&'static str> {
    (member.name != "tools").then(|| openai::request::unpriced::of(member))?
}

/// Tools that come with an item of the input, and that the provider would run.
fn of_items(input: &Value<'_>) -> Option<&'static str> {
    let mut found = false;
    input.elements(|item| {
        if let Some(tools) = item.member("tools") {
            found |= !openai::request::unpriced::are_all(&tools, is_clients);
        }
    });
    found.then_some("input.tools")
}

/// What the provider keeps under a name that anybody may write, see [`kept`].
fn of_others(member: &Member<'_>) -> Option<&'static str> {
    match &*member.name {
        "conversation" if !member.value.is_null() => Some("conversation"),
        // Whoever has the operator's account has made it, and its words may be for others.
        "prompt" if !member.value.is_null() => Some("prompt"),
        "input" => files::refers(&member.value).then_some("input"),
        "tools" => files::any_keeps(&member.value).then_some("tools"),
        _ => None,
    }
}
