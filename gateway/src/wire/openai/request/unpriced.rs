//! What a request may ask for that costs something no price version knows of: another tier of the service, searches in the web, tools
//! that the provider runs itself, another model than the one that is named. Where calls are paid from credit such a request is
//! refused, as neither the hold nor the charge would count it.
//!
//! Called by the scanners of every dialect; `call::funds` refuses.

use std::borrow::Cow;

use super::super::super::{
    json::{Member, Value},
    spelling,
};

/// A member, and the texts that change nothing of the price. `null`, `false` and an empty list never do, nor does an empty object but
/// for [`SWITCHES`].
const MEMBERS: [(&str, &[&str]); 34] = [
    // Tiers with prices of their own: OpenAI, Groq; Anthropic's fast mode.
    (
        "service_tier",
        &["auto", "default", "standard", "standard_only", "on_demand"],
    ),
    ("speed", &["standard"]),
    ("inference_geo", &[]),
    // Searches: OpenAI and Perplexity, xAI, OpenRouter, DashScope, Z.ai and others.
    ("web_search_options", &[]),
    ("search_parameters", &[]),
    ("plugins", &[]),
    ("enable_search", &[]),
    ("search_options", &[]),
    ("web_search", &[]),
    ("enable_web_search", &[]),
    ("search_settings", &[]),
    ("search", &[]),
    ("use_search", &[]),
    // Work that the provider does for the answer.
    ("mcp_servers", &[]),
    ("connectors", &[]),
    ("builtin_tools", &[]),
    ("container", &[]),
    ("compound_custom", &[]),
    ("extra_body", &[]),
    ("enable_code_interpreter", &[]),
    ("web_fetch", &[]),
    // Azure reads texts in pictures; guards are models, too: NVIDIA, LiteLLM.
    ("enhancements", &[]),
    ("safety_model", &[]),
    ("guardrails", &[]),
    // An answer that is fetched later, of which the hub hears nothing: xAI, OpenAI.
    ("deferred", &[]),
    ("background", &[]),
    // Another model than the one that is named, or another price of it: OpenRouter, LiteLLM.
    ("models", &[]),
    ("route", &[]),
    ("provider", &[]),
    ("fallbacks", &[]),
    ("preset", &[]),
    ("deployment_id", &[]),
    // A picture becomes a series, whatever `n` says: Doubao's Seedream.
    ("sequential_image_generation", &["disabled"]),
    // Content that lies at the provider and is charged when it is read.
    ("cached_content", &[]),
];
/// Members that an empty object switches on: all that it could say has a usual value. `web_search_options: {}` is how a search is asked
/// for (https://platform.openai.com/docs/guides/tools-web-search?api-mode=chat); of the others it is not known to ask for nothing.
const SWITCHES: [&str; 7] = [
    "web_search_options",
    "search_parameters",
    "search_options",
    "web_search",
    "search_settings",
    "search",
    "compound_custom",
];
/// Other ways to write names of [`MEMBERS`].
const SPELLINGS: [(&str, &str); 1] = [("cachedContent", "cached_content")];
/// Members that name what the operator keeps at a service: Azure's stores of documents, LiteLLM's stores and prompts.
const KEPT: [&str; 3] = ["data_sources", "vector_store_ids", "prompt_id"];
/// Tools that the client runs itself. All others run at the provider, which charges for them.
const OWN_TOOLS: [&str; 2] = ["function", "custom"];

/// The names of all members that may ask for something without a price, or name what is kept.
pub(in crate::wire) fn names() -> impl Iterator<Item = &'static str> {
    MEMBERS.iter().map(|(name, _)| *name).chain(KEPT)
}

fn row(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    let spelling = SPELLINGS.iter().find(|(other, _)| *other == name);
    let name = spelling.map_or(name, |(_, usual)| usual);
    MEMBERS.iter().find(|(known, _)| *known == name).copied()
}

/// The name of this member when it names what the operator keeps: whose that is nobody here knows.
pub(in crate::wire) fn kept(member: &Member<'_>) -> Option<&'static str> {
    let says_nothing = member.value.is_null() || member.value.is_empty_array();
    KEPT.into_iter().find(|name| *name == member.name && !says_nothing)
}

/// The same of a member as a reader of another dialect keeps it.
pub(in crate::wire) fn kept_in_extra(name: &str, value: &serde_json::Value) -> Option<&'static str> {
    let says_nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    KEPT.into_iter().find(|known| *known == name && !says_nothing)
}

/// The name of this member when it asks for something without a price.
pub(in crate::wire) fn of(member: &Member<'_>) -> Option<&'static str> {
    if member.name == "tools" {
        let own = |tool: &Value<'_>| matches!(kind(tool), Kind::Told(kind) if OWN_TOOLS.contains(&&*kind));
        return (!are_all(&member.value, own)).then_some("tools");
    }
    let (name, harmless) = row(&member.name)?;
    let value = &member.value;
    let says_nothing = matches!(value.raw(), b"null" | b"false")
        || value.is_empty_array()
        || is_empty(member) && !SWITCHES.contains(&name)
        || value.as_str().is_some_and(|text| harmless.contains(&&*text));
    (!says_nothing).then_some(name)
}

/// What a tool says that it is.
pub(in crate::wire) enum Kind<'a> {
    /// This.
    Told(Cow<'a, str>),
    /// Nothing.
    Untold,
    /// Readers disagree: it is no object, or says it twice, in other letters or in no word.
    Unclear,
}

/// What a tool says that it is.
pub(in crate::wire) fn kind<'a>(tool: &Value<'a>) -> Kind<'a> {
    let (mut kind, mut times) = (None, 0);
    tool.members(|member| {
        if member.name == "type" {
            times += 1;
            kind = Some(member.value);
        }
    });
    match kind.filter(|kind| !kind.is_null()) {
        _ if !tool.is_object() || times > 1 || spelling::mistaken_within(tool, "type") => Kind::Unclear,
        None => Kind::Untold,
        Some(kind) => kind.as_str().map_or(Kind::Unclear, Kind::Told),
    }
}

/// It is a list of such tools, or of none, or nothing. In any other shape a server may see a tool of its own.
pub(in crate::wire) fn are_all<'a>(tools: &Value<'a>, such: impl Fn(&Value<'a>) -> bool) -> bool {
    let mut all = tools.is_null() || tools.is_array();
    tools.elements(|tool| all &= such(&tool));
    all
}

/// The same of a member without a word that all dialects share, as a reader of another dialect keeps it.
pub(in crate::wire) fn of_extra(name: &str, value: &serde_json::Value) -> Option<&'static str> {
    let (name, harmless) = row(name)?;
    let says_nothing = match value {
        serde_json::Value::Null | serde_json::Value::Bool(false) => true,
        serde_json::Value::Array(list) => list.is_empty(),
        serde_json::Value::Object(members) => members.is_empty() && !SWITCHES.contains(&name),
        serde_json::Value::String(text) => harmless.contains(&text.as_str()),
        _ => false,
    };
    (!says_nothing).then_some(name)
}

/// An object with nothing in it.
pub(super) fn is_empty(member: &Member<'_>) -> bool {
    let mut empty = member.value.is_object();
    member.value.members(|_| empty = false);
    empty
}
