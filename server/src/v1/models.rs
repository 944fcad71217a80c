//! `GET /v1/models` and `GET /v1/models/{id}`: what a key can call, in the caller's shape. Read from memory.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::{
    call::Dialect,
    catalog::{Abilities, ProviderKind, Task, Wire, WireFacts},
};
use gateway::VisibleModel;
use http::{HeaderMap, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    ApiError,
    extract::{Authenticated, Named},
    usage::moment,
};
use crate::{
    contract::{
        Book, Errors, Operation, Tag,
        shapes::{AbilitiesShape, StreamsShape},
    },
    state::HubState,
};

/// All models.
#[derive(Debug, JsonSchema, Serialize)]
pub struct ModelList {
    object: &'static str,
    data: Vec<ModelEntry>,
}

/// One model.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Model")]
pub struct ModelEntry {
    /// `provider/model`.
    id: String,
    object: &'static str,
    /// Seconds since 1970.
    created: i64,
    owned_by: String,
    /// Ours: what it can do.
    #[schemars(with = "AbilitiesShape")]
    abilities: Abilities,
    /// Ours: what a stream of it tells and costs, asked for as this list's own dialect asks.
    #[schemars(with = "StreamsShape")]
    streams: WireFacts,
    /// Ours: how many tokens it takes in one call, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    context_tokens: Option<u64>,
}

/// What is known of its streams. A provider that bills on does so by whichever wire.
fn streams(model: &VisibleModel, chat: Dialect) -> WireFacts {
    let (kind, slug) = (model.provider.kind, &model.slug);
    let dialect = match model.abilities.task {
        Task::Embeddings => Dialect::OpenaiEmbeddings,
        Task::Images => Dialect::OpenaiImages,
        Task::Chat | Task::Other => chat,
    };
    let facts = Wire::of(kind, slug, dialect).facts();
    WireFacts {
        cancel_stops_billing: facts.cancel_stops_billing && !model.provider.bills_on,
        ..facts
    }
}

impl ModelEntry {
    fn of(model: &VisibleModel) -> Self {
        let owner = match model.provider.kind {
            // Whatever an admin calls it: nobody shall take it for a real one.
            ProviderKind::Simulated => ProviderKind::Simulated.as_str(),
            _ => &model.provider.name,
        };
        Self {
            id: model.public_name.to_string(),
            object: "model",
            created: model.created_at.seconds(),
            owned_by: owner.to_owned(),
            abilities: model.abilities,
            streams: streams(model, Dialect::OpenaiChat),
            context_tokens: model.context_tokens,
        }
    }
}

/// A page of the models, in Anthropic's shape.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AnthropicModelList")]
pub struct AnthropicList {
    data: Vec<AnthropicModel>,
    has_more: bool,
    first_id: Option<String>,
    last_id: Option<String>,
}

/// One model, in Anthropic's shape.
#[derive(Debug, JsonSchema, Serialize)]
pub struct AnthropicModel {
    #[serde(rename = "type")]
    kind: &'static str,
    /// `provider/model`.
    id: String,
    display_name: String,
    /// RFC 3339.
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_input_tokens: Option<u64>,
    /// Ours: what it can do.
    #[schemars(with = "AbilitiesShape")]
    abilities: Abilities,
    /// Ours: what a stream of it tells and costs, asked for as this list's own dialect asks.
    #[schemars(with = "StreamsShape")]
    streams: WireFacts,
}

impl AnthropicModel {
    fn of(model: &VisibleModel) -> Self {
        Self {
            kind: "model",
            id: model.public_name.to_string(),
            display_name: model.public_name.to_string(),
            created_at: moment(model.created_at),
            max_input_tokens: model.context_tokens,
            abilities: model.abilities,
            streams: streams(model, Dialect::AnthropicMessages),
        }
    }
}

/// The page that a client of Anthropic asks for. OpenAI's list has no pages.
#[derive(Debug, Default, Deserialize)]
pub struct Page {
    limit: Option<String>,
    after_id: Option<String>,
    before_id: Option<String>,
}

/// The most models of a page, which is also what comes unless somebody says how many: Anthropic gives 20 then, and who does not
/// turn the page must not miss any here.
const MOST: usize = 1_000;

impl AnthropicList {
    /// Of all models, in their order.
    ///
    /// # Errors
    /// 400: the limit is none, both ends are named, or a model that is not there.
    fn page(all: Vec<AnthropicModel>, page: &Page) -> Result<Self, ApiError> {
        let wrong = |message: &str| Err(ApiError::invalid(StatusCode::BAD_REQUEST, "invalid_paging", message));
        let limit = match page.limit.as_deref().map(str::parse) {
            None => MOST,
            Some(Ok(limit)) if (1..=MOST).contains(&limit) => limit,
            Some(_) => return wrong("'limit' is a number from 1 to 1000."),
        };
        let place = |id: &str| all.iter().position(|model| model.id == id);
        let span = match (&page.after_id, &page.before_id) {
            (Some(_), Some(_)) => return wrong("Take 'after_id' or 'before_id', not both."),
            (None, None) => Some(0..all.len()),
            (Some(id), None) => place(id).map(|at| at + 1..all.len()),
            (None, Some(id)) => place(id).map(|at| 0..at),
        };
        let Some(span) = span else {
            return wrong("'after_id' and 'before_id' are ids of models of this list. Begin again without them.");
        };
        let has_more = span.len() > limit;
        // Before a model: the nearest ones.
        let start = match page.before_id {
            Some(_) => span.end - span.len().min(limit),
            None => span.start,
        };
        let data: Vec<AnthropicModel> = all.into_iter().skip(start).take(span.len().min(limit)).collect();
        Ok(Self {
            has_more,
            first_id: data.first().map(|model| model.id.clone()),
            last_id: data.last().map(|model| model.id.clone()),
            data,
        })
    }
}

/// A list or a model, in the caller's shape.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Told<O, A> {
    /// OpenAI's.
    Openai(O),
    /// Anthropic's.
    Anthropic(A),
}

fn for_anthropic(headers: &HeaderMap) -> bool {
    super::dialect("/v1/models", headers) == Dialect::AnthropicMessages
}

/// Every model that may be called, in order of providers; for clients of Anthropic in pages.
pub async fn list(
    State(state): State<HubState>,
    Authenticated(caller): Authenticated,
    headers: HeaderMap,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Told<ModelList, AnthropicList>>, ApiError> {
    let models = state.gateway().models_for(caller);
    if for_anthropic(&headers) {
        let Ok(Query(page)) = page else {
            let message = "'limit', 'after_id' and 'before_id' may stand in the address once each.";
            return Err(ApiError::invalid(StatusCode::BAD_REQUEST, "invalid_paging", message));
        };
        let all = models.iter().map(AnthropicModel::of).collect();
        return Ok(Json(Told::Anthropic(AnthropicList::page(all, &page)?)));
    }
    Ok(Json(Told::Openai(ModelList {
        object: "list",
        data: models.iter().map(ModelEntry::of).collect(),
    })))
}

/// The model that a call for this name would get; bare names are looked up as calls do.
pub async fn show(
    State(state): State<HubState>,
    Authenticated(caller): Authenticated,
    Named(asked): Named,
    headers: HeaderMap,
) -> Result<Json<Told<ModelEntry, AnthropicModel>>, ApiError> {
    let snapshot = state.gateway().snapshot();
    let model = snapshot.model(&asked).ok_or_else(|| snapshot.unknown_model(&asked))?;
    snapshot.check_allowed(caller.key, &model.provider, &model.public_name)?;
    Ok(Json(match for_anthropic(&headers) {
        true => Told::Anthropic(AnthropicModel::of(model)),
        false => Told::Openai(ModelEntry::of(model)),
    }))
}

const SHAPES: &str = "In OpenAI's shape, and in Anthropic's for whoever sends `anthropic-version`.";

/// What is said of the list.
pub fn list_described(book: &mut Book) -> Operation {
    let either = json!({ "anyOf": [book.of::<ModelList>(), book.of::<AnthropicList>()] });
    let text = json!({ "type": "string" });
    Operation::new(Tag::Key, "What a key can call")
        .about("In OpenAI's shape whole, and in Anthropic's in pages for whoever sends `anthropic-version`.")
        .shaped(Errors::Either)
        .query(
            "limit",
            &json!({ "type": "integer", "minimum": 1, "maximum": MOST }),
            "Of a page, in Anthropic's shape.",
        )
        .query("after_id", &text, "The models behind this one, in Anthropic's shape.")
        .query("before_id", &text, "The models before this one, in Anthropic's shape.")
        .answers("application/json", &either)
}

/// What is said of one model.
pub fn show_described(book: &mut Book) -> Operation {
    let either = json!({ "anyOf": [book.of::<ModelEntry>(), book.of::<AnthropicModel>()] });
    Operation::new(Tag::Key, "The model that a call for this name would get")
        .about(SHAPES)
        .shaped(Errors::Either)
        .answers("application/json", &either)
        .fails(book, &[404])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(id: &str) -> AnthropicModel {
        AnthropicModel {
            kind: "model",
            id: id.to_owned(),
            display_name: id.to_owned(),
            created_at: String::new(),
            max_input_tokens: None,
            abilities: Abilities::of(ProviderKind::Anthropic, id),
            streams: Wire::AnthropicMessages.facts(),
        }
    }

    fn page(limit: Option<&str>, after: Option<&str>, before: Option<&str>) -> Result<(String, bool), ApiError> {
        let all = ["a", "b", "c", "d", "e"].map(model).into();
        let asked = Page {
            limit: limit.map(str::to_owned),
            after_id: after.map(str::to_owned),
            before_id: before.map(str::to_owned),
        };
        let list = AnthropicList::page(all, &asked)?;
        let ids: Vec<&str> = list.data.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(list.first_id.as_deref(), ids.first().copied());
        assert_eq!(list.last_id.as_deref(), ids.last().copied());
        Ok((ids.concat(), list.has_more))
    }

    #[test]
    fn pages_follow_and_precede_each_other() {
        let is = |ids: &str, more| Some((ids.to_owned(), more));
        assert_eq!(page(None, None, None).ok(), is("abcde", false));
        assert_eq!(page(Some("2"), None, None).ok(), is("ab", true));
        assert_eq!(page(Some("2"), Some("b"), None).ok(), is("cd", true));
        assert_eq!(page(Some("2"), Some("d"), None).ok(), is("e", false));
        assert_eq!(page(Some("2"), Some("e"), None).ok(), is("", false));
        assert_eq!(page(Some("2"), None, Some("d")).ok(), is("bc", true));
        assert_eq!(page(Some("3"), None, Some("d")).ok(), is("abc", false));
        assert_eq!(page(Some("3"), None, Some("a")).ok(), is("", false));
        for (limit, after, before) in [
            (Some("0"), None, None),
            (Some("1001"), None, None),
            (Some("x"), None, None),
            (None, Some("z"), None),
            (None, Some("a"), Some("b")),
        ] {
            assert!(page(limit, after, before).is_err(), "{limit:?} {after:?} {before:?}");
        }
    }
}
