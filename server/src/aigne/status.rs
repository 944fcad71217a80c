//! `GET /api/v2/status?model=`: whether a call would be let in, always answered 200. For everybody; whoever sends a key hears of
//! its credit too.

use axum::{Json, extract::State};
use domain::money::Money;
use gateway::{Gateway, call::Caller};
use http::header;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    credit_page,
    models::{Status as Health, is_sold},
    query::Asked,
    user::is_billed,
};
use crate::{
    contract::{Book, Errors, Operation, Tag},
    state::HubState,
    v1::{ApiError, extract::Authenticated},
};

/// Which model is asked about.
#[derive(Debug, Deserialize)]
pub struct About {
    model: Option<String>,
}

/// The answer.
#[derive(Debug, Default, JsonSchema, Serialize)]
#[schemars(rename = "AigneStatus")]
pub struct Status {
    available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The status that a call would get.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

impl Status {
    fn no(code: u16, error: impl Into<String>) -> Self {
        Self {
            error: Some(error.into()),
            code: Some(code),
            ..Self::default()
        }
    }
}

/// Whether a call would be let in.
pub async fn show(
    State(state): State<HubState>,
    Asked(about): Asked<About>,
    headers: http::HeaderMap,
    caller: Result<Authenticated, ApiError>,
) -> Result<Json<Status>, ApiError> {
    let gateway = state.gateway();
    let caller = match caller {
        Ok(Authenticated(caller)) => Some(caller),
        Err(_) if !headers.contains_key(header::AUTHORIZATION) => None,
        Err(problem) => return Ok(Json(Status::no(problem.status(), problem.message()))),
    };
    if let Some(caller) = caller.filter(|_| is_billed(gateway))
        && let Some(refusal) = without_credit(gateway, caller).await?
    {
        return Ok(Json(refusal));
    }
    Ok(Json(of_model(
        gateway,
        about.model.as_deref().filter(|name| !name.is_empty()),
    )))
}

async fn without_credit(gateway: &Gateway, caller: Caller) -> Result<Option<Status>, ApiError> {
    let balance = gateway.usage().credit_of(caller).await?;
    Ok((balance.spendable <= Money::ZERO).then(|| Status {
        link: Some(credit_page(gateway)),
        kind: Some("NOT_ENOUGH"),
        ..Status::no(
            402,
            format!("There is no credit left. Add credit at {}.", credit_page(gateway)),
        )
    }))
}

fn of_model(gateway: &Gateway, name: Option<&str>) -> Status {
    let (snapshot, now) = (gateway.snapshot(), gateway.now());
    let Some(name) = name else {
        return match snapshot
            .models()
            .any(|model| Health::of(model).is_available() && is_sold(&snapshot, model, now))
        {
            true => Status {
                available: true,
                ..Status::default()
            },
            false => Status::no(
                503,
                "No model can be called yet. An admin connects a provider in the console.",
            ),
        };
    };
    let Some(model) = snapshot.model(name) else {
        return Status::no(404, snapshot.unknown_model(name).message);
    };
    if !is_sold(&snapshot, model, now) {
        return Status::no(
            400,
            format!(
                "The model {} has no price yet, so it cannot be called.",
                model.public_name
            ),
        );
    }
    if !Health::of(model).is_available() {
        return Status::no(
            503,
            format!(
                "The provider of {} has no credential that is enabled.",
                model.public_name
            ),
        );
    }
    Status {
        available: true,
        ..Status::default()
    }
}

/// What is said of it.
pub fn described(book: &mut Book) -> Operation {
    Operation::new(Tag::Aigne, "Whether a call would be let in")
        .about("Always answered 200. For everybody; whoever sends a key hears of its credit too.")
        .shaped(Errors::Aigne)
        .query(
            "model",
            &json!({ "type": "string" }),
            "`provider/model`; any unless said.",
        )
        .tells::<Status>(book)
        .fails(book, &[400, 500])
}
