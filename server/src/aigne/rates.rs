//! `GET /api/ai-providers/model-rates` and `/{id}/model-rates`, and the same under `/api/ai`: what a model is sold for. What it
//! costs the operator is told to nobody here.

use axum::{Json, extract::State};
use domain::{id::ProviderId, price::Dimension, time::Timestamp};
use gateway::{Snapshot, VisibleModel};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    models::{Kind, Metadata, Status, is_sold, per_token},
    paging::{Paging, Turned},
    query::Asked,
};
use crate::{
    contract::{Book, Errors, Operation, Tag},
    state::HubState,
    v1::{
        ApiError,
        extract::{Authenticated, Named},
    },
};

/// What one model is sold for. Rates are credits for one token; where pictures are sold by the piece, `outputRate` is for one.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneRate")]
pub struct Rate {
    id: String,
    provider_id: String,
    model: String,
    model_display: String,
    #[serde(rename = "type")]
    kind: &'static str,
    input_rate: String,
    output_rate: String,
    caching: Caching,
    model_metadata: Option<Metadata>,
    deprecated: bool,
    provider: Provider,
    status: Status,
}

#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneCaching")]
struct Caching {
    read_rate: String,
    write_rate: String,
}

#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AigneServer")]
struct Provider {
    id: String,
    name: String,
    display_name: String,
}

impl Rate {
    /// What this model is sold for; none where it is not sold.
    pub(super) fn of(snapshot: &Snapshot, model: &VisibleModel, now: Timestamp) -> Option<Self> {
        let kind = Kind::of(model).filter(|_| is_sold(snapshot, model, now))?;
        let price = snapshot.price_at(model.id, now);
        let rate = |dimension| per_token(snapshot, price.as_deref(), &dimension);
        Some(Self {
            id: model.id.to_string(),
            provider_id: model.provider.id.to_string(),
            model: model.slug.to_string(),
            model_display: model.slug.to_string(),
            kind: match kind {
                Kind::Chat => "chatCompletion",
                Kind::Embedding => "embedding",
                Kind::Image => "imageGeneration",
            },
            input_rate: rate(Dimension::Input),
            output_rate: rate(kind.written(model, price.as_deref())),
            caching: Caching {
                read_rate: rate(Dimension::CacheRead),
                write_rate: rate(Dimension::CacheWrite5m),
            },
            model_metadata: Metadata::of(model),
            deprecated: false,
            provider: Provider {
                id: model.provider.id.to_string(),
                name: model.provider.name.clone(),
                display_name: model.provider.title.to_string(),
            },
            status: Status::of(model),
        })
    }
}

/// Which rates are asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    page: Option<String>,
    page_size: Option<String>,
    /// Ids with commas between them.
    provider_id: Option<String>,
    model: Option<String>,
    q: Option<String>,
    o: Option<String>,
}

/// A page of rates, by the model's name.
pub async fn list(
    State(state): State<HubState>,
    Authenticated(caller): Authenticated,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Turned<Rate>>, ApiError> {
    let paging = Paging::read(wanted.page.as_deref(), wanted.page_size.as_deref(), 50)?;
    let (snapshot, now) = (state.gateway().snapshot(), state.gateway().now());
    let providers: Vec<&str> = wanted
        .provider_id
        .iter()
        .flat_map(|ids| ids.split(','))
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .collect();
    let words = [wanted.model.as_deref(), wanted.q.as_deref()];
    let shows = |model: &VisibleModel| {
        let of_provider = providers.is_empty() || providers.contains(&model.provider.id.to_string().as_str());
        let named = words
            .iter()
            .flatten()
            .all(|word| model.public_name.to_lowercase().contains(&word.to_lowercase()));
        of_provider && named
    };
    let mut shown = state.gateway().models_for(caller);
    shown.retain(shows);
    let rates = shown.iter().filter_map(|model| Rate::of(&snapshot, model, now));
    let mut rates: Vec<Rate> = rates.collect();
    rates.sort_by(|one, other| (&one.model, &one.provider.name).cmp(&(&other.model, &other.provider.name)));
    if wanted.o.as_deref() == Some("desc") {
        rates.reverse();
    }
    Ok(Json(paging.turn(rates)))
}

/// All rates of one provider, of the models which this key may ask.
pub async fn of_provider(
    State(state): State<HubState>,
    Authenticated(caller): Authenticated,
    Named(id): Named,
) -> Result<Json<Vec<Rate>>, ApiError> {
    let (snapshot, now) = (state.gateway().snapshot(), state.gateway().now());
    let id = id
        .parse::<ProviderId>()
        .ok()
        .filter(|id| snapshot.provider(*id).is_some());
    let id = id.ok_or_else(|| ApiError::no_such("provider"))?;
    let models = state.gateway().models_for(caller);
    let of_it = models.iter().filter(|model| model.provider.id == id);
    Ok(Json(
        of_it.filter_map(|model| Rate::of(&snapshot, model, now)).collect(),
    ))
}

/// What is said of the pages of rates.
pub fn list_described(book: &mut Book) -> Operation {
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer", "minimum": 1 }));
    Operation::new(Tag::Aigne, "What models are sold for")
        .about("Rates are credits for one token. By the model's name.")
        .shaped(Errors::Aigne)
        .query("page", &number, "From 1 on.")
        .query("pageSize", &number, "Up to 100; 50 unless said.")
        .query("providerId", &text, "Ids with commas between.")
        .query("model", &text, "A part of the model's name.")
        .query("q", &text, "The same.")
        .query("o", &text, "`desc` turns the order round.")
        .tells::<Turned<Rate>>(book)
}

/// What is said of one provider's rates.
pub fn of_provider_described(book: &mut Book) -> Operation {
    Operation::new(Tag::Aigne, "What the models of a provider are sold for")
        .shaped(Errors::Aigne)
        .tells::<Vec<Rate>>(book)
        .fails(book, &[404])
}
