//! `GET /api/ai/models` and, the same, `/api/ai-providers/models`: what can be called and what it costs, for everybody. And
//! `…/chat/models`: the same by the model's own name. Read from memory.

use axum::{Json, extract::State};
use domain::{
    catalog::{Abilities, Task, picture_kind},
    price::{Dimension, ImageKind, PriceVersion},
    setting::Mode,
    time::Timestamp,
};
use gateway::{Snapshot, VisibleModel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{query::Asked, rates::Rate};
use crate::{
    contract::{Book, Errors, Operation, Tag},
    state::HubState,
    v1::{ApiError, extract::Authenticated},
};

/// Which models are asked for.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// What a model does, in the words of AIGNE Hub.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AigneKind")]
pub enum Kind {
    /// Answers.
    Chat,
    /// Makes vectors.
    Embedding,
    /// Draws.
    #[serde(rename = "image_generation")]
    Image,
}

impl Kind {
    /// What a model is for; none where nothing that calls here can use it.
    pub(super) fn of(model: &VisibleModel) -> Option<Self> {
        let abilities = abilities(model);
        match abilities.task {
            _ if abilities.draws() => Some(Self::Image),
            Task::Chat => Some(Self::Chat),
            Task::Embeddings => Some(Self::Embedding),
            Task::Images | Task::Other => None,
        }
    }

    /// What its output rate is for: a token of an answer or of a picture, or a picture where those are sold by the piece.
    pub(super) fn written(self, model: &VisibleModel, price: Option<&PriceVersion>) -> Dimension {
        let by_piece = price.is_some_and(|price| price.sheet.sell().sells_pictures());
        match self {
            Self::Image if by_piece => Dimension::Image(picture_kind(&model.slug, &ImageKind::asked(None, None))),
            Self::Image => Dimension::OutputImage,
            Self::Chat | Self::Embedding => Dimension::Output,
        }
    }

    /// Whether somebody who wants this kind wants it. Words that are unknown leave nothing.
    fn is_wanted(self, wanted: Option<&str>) -> bool {
        match wanted {
            None | Some("") => true,
            Some("chat" | "chatCompletion") => self == Self::Chat,
            Some("embedding") => self == Self::Embedding,
            Some("image" | "imageGeneration" | "image_generation") => self == Self::Image,
            Some(_) => false,
        }
    }
}

fn abilities(model: &VisibleModel) -> Abilities {
    Abilities::of(model.provider.kind, &model.slug)
}

/// One model.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AigneModel")]
pub struct Entry {
    /// `provider/model`.
    key: String,
    model: String,
    #[serde(rename = "type")]
    kind: Kind,
    provider: String,
    #[serde(rename = "providerId")]
    provider_id: String,
    input_credits_per_token: String,
    output_credits_per_token: String,
    #[serde(rename = "modelMetadata")]
    metadata: Option<Metadata>,
    status: Option<Status>,
    #[serde(rename = "providerDisplayName")]
    title: String,
}

/// What is known of a model beside its price.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneMetadata")]
pub(super) struct Metadata {
    /// `tools`, `thinking`, `vision`.
    features: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_tokens: Option<u64>,
}

/// Whether a model can be called now.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AigneAvailability")]
pub(super) struct Status {
    available: bool,
}

impl Metadata {
    pub fn of(model: &VisibleModel) -> Option<Self> {
        let abilities = abilities(model);
        let features = [
            (abilities.tools, "tools"),
            (abilities.reasoning, "thinking"),
            (abilities.reads.image, "vision"),
        ];
        let features: Vec<_> = features
            .into_iter()
            .filter_map(|(there, word)| there.then_some(word))
            .collect();
        let said = abilities.known || model.context_tokens.is_some();
        said.then_some(Self {
            features,
            context_tokens: model.context_tokens,
        })
    }
}

impl Status {
    pub const fn is_available(&self) -> bool {
        self.available
    }

    /// Nobody can call a provider that needs a credential and has none.
    pub fn of(model: &VisibleModel) -> Self {
        let provider = &model.provider;
        Self {
            available: !provider.credentials.is_empty() || provider.works_without_credential,
        }
    }
}

/// Whether calls of this model can be let in: where they cost credit, only what has a price.
pub(super) fn is_sold(snapshot: &Snapshot, model: &VisibleModel, now: Timestamp) -> bool {
    snapshot.mode() == Mode::Enterprise || snapshot.price_at(model.id, now).is_some()
}

/// Credits for one token of this dimension, in a call with a short prompt; what has no price of its own is sold at that of what
/// it falls back to. Where calls cost nothing, or nothing like it is sold, zero.
pub(super) fn per_token(snapshot: &Snapshot, price: Option<&PriceVersion>, dimension: &Dimension) -> String {
    let price = price.filter(|_| snapshot.mode() == Mode::ServiceProvider);
    let quote = price.and_then(|price| price.sheet.sell().quote(dimension, 0));
    quote.map_or_else(|| "0".to_owned(), |quote| quote.price.per_unit())
}

/// Every model that can be called.
pub async fn list(State(state): State<HubState>, Asked(wanted): Asked<Wanted>) -> Json<Vec<Entry>> {
    let (snapshot, now) = (state.gateway().snapshot(), state.gateway().now());
    let entries = snapshot.models().filter_map(|model| {
        let kind = Kind::of(model).filter(|kind| kind.is_wanted(wanted.kind.as_deref()))?;
        let price = snapshot.price_at(model.id, now);
        is_sold(&snapshot, model, now).then(|| Entry {
            key: model.public_name.to_string(),
            model: model.slug.to_string(),
            kind,
            provider: model.provider.name.clone(),
            provider_id: model.provider.id.to_string(),
            input_credits_per_token: per_token(&snapshot, price.as_deref(), &Dimension::Input),
            output_credits_per_token: per_token(&snapshot, price.as_deref(), &kind.written(model, price.as_deref())),
            metadata: Metadata::of(model),
            status: Some(Status::of(model)),
            title: model.provider.title.to_string(),
        })
    });
    Json(entries.collect())
}

/// One name, wherever it is served.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AigneModelByName")]
pub struct Named {
    model: String,
    description: Option<String>,
    rates: Vec<Rate>,
    providers: Vec<Server>,
}

/// Who serves it.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneModelServer")]
struct Server {
    id: String,
    name: String,
    display_name: String,
}

/// Every model by its own name.
pub async fn by_name(
    State(state): State<HubState>,
    Authenticated(caller): Authenticated,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Vec<Named>>, ApiError> {
    let (snapshot, now) = (state.gateway().snapshot(), state.gateway().now());
    let mut all: Vec<Named> = Vec::new();
    for model in &state.gateway().models_for(caller) {
        let kind = Kind::of(model).filter(|kind| kind.is_wanted(wanted.kind.as_deref()));
        let Some(rate) = kind.and_then(|_| Rate::of(&snapshot, model, now)) else {
            continue;
        };
        let server = Server {
            id: model.provider.id.to_string(),
            name: model.provider.name.clone(),
            display_name: model.provider.title.to_string(),
        };
        match all.iter_mut().find(|named| *named.model == *model.slug) {
            Some(named) => {
                named.rates.push(rate);
                named.providers.push(server);
            }
            None => all.push(Named {
                model: model.slug.to_string(),
                description: None,
                rates: vec![rate],
                providers: vec![server],
            }),
        }
    }
    Ok(Json(all))
}

fn of_models(summary: &'static str) -> Operation {
    Operation::new(Tag::Aigne, summary).shaped(Errors::Aigne).query(
        "type",
        &json!({ "type": "string" }),
        "Only `chat` (or `chatCompletion`), only `embedding`, or only `image` (or `imageGeneration`).",
    )
}

/// What is said of the list.
pub fn list_described(book: &mut Book) -> Operation {
    of_models("What can be called and what it costs")
        .tells::<Vec<Entry>>(book)
        .fails(book, &[400, 500])
}

/// What is said of models by their own names.
pub fn by_name_described(book: &mut Book) -> Operation {
    of_models("The same by the model's own name").tells::<Vec<Named>>(book)
}
