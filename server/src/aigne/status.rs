//! `GET /api/v2/status?model=`: whether a call would be let in, always answered 200. For everybody; whoever sends a key hears of
//! its credit and of what it may ask too.

use axum::{Json, extract::State};
use domain::money::Money;
use gateway::{
    Gateway, Snapshot, VisibleModel,
    call::{CallError, Caller},
};
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
    v1::{
        ApiError,
        create::APPLICATION,
        extract::{API_KEY, Authenticated},
    },
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

impl From<CallError> for Status {
    fn from(refusal: CallError) -> Self {
        Self::no(refusal.status, refusal.message)
    }
}

impl Status {
    const YES: Self = Self {
        available: true,
        error: None,
        code: None,
        link: None,
        kind: None,
    };

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
) -> Json<Status> {
    let gateway = state.gateway();
    let sends_key = headers.contains_key(header::AUTHORIZATION) || headers.contains_key(API_KEY);
    let caller = match caller {
        Ok(Authenticated(caller)) => Some(attributed(gateway, caller, &headers)),
        Err(_) if !sends_key => None,
        Err(problem) => return Json(Status::no(problem.status(), problem.message())),
    };
    if let Some(caller) = caller.filter(|_| is_billed(gateway))
        && let Some(refusal) = without_credit(gateway, caller).await
    {
        return Json(refusal);
    }
    let name = about.model.as_deref().filter(|name| !name.is_empty());
    let snapshot = gateway.snapshot();
    Json(match name {
        Some(name) => match snapshot.model(name) {
            Some(model) => of_model(gateway, &snapshot, caller, model),
            None => snapshot.unknown_model(name).into(),
        },
        None => of_any(gateway, &snapshot, caller),
    })
}

/// Whose call it would be, as the call itself says it.
fn attributed(gateway: &Gateway, caller: Caller, headers: &http::HeaderMap) -> Caller {
    let application = headers.get(APPLICATION).and_then(|name| name.to_str().ok());
    application.map_or(caller, |name| gateway.attributed(caller, name.trim()))
}

async fn without_credit(gateway: &Gateway, caller: Caller) -> Option<Status> {
    match gateway.could_spend(caller).await {
        Ok(spendable) if spendable > Money::ZERO => None,
        Ok(_) => Some(Status {
            link: Some(credit_page(gateway)),
            kind: Some("NOT_ENOUGH"),
            ..Status::no(
                402,
                format!("There is no credit left. Add credit at {}.", credit_page(gateway)),
            )
        }),
        Err(refusal) => Some(refusal.into()),
    }
}

/// Of all models together.
fn of_any(gateway: &Gateway, snapshot: &Snapshot, caller: Option<Caller>) -> Status {
    let told = |caller: Option<Caller>, model: &VisibleModel| of_model(gateway, snapshot, caller, model);
    if snapshot.models().any(|model| told(caller, model).available) {
        return Status::YES;
    }
    // What keeps whoever calls from a model that others could ask.
    let others = snapshot.models().find(|model| told(None, model).available);
    match others {
        Some(model) => match gateway.admits(caller, model) {
            // No name that they never said, and may not know.
            Err(refusal) if refusal.code == "model_not_allowed" => Status::no(
                refusal.status,
                "This API key may not ask any of the models that can be called at the moment.",
            ),
            _ => told(caller, model),
        },
        None => Status::no(
            503,
            "No model can be called at the moment. An admin connects a provider in the console.",
        ),
    }
}

fn of_model(gateway: &Gateway, snapshot: &Snapshot, caller: Option<Caller>, model: &VisibleModel) -> Status {
    let admitted = gateway.admits(caller, model);
    match admitted {
        // Who may not ask it at all need not hear what is wrong with it.
        Err(refusal) if refusal.status == 403 => refusal.into(),
        _ if !is_sold(snapshot, model, gateway.now()) => Status::no(
            400,
            format!(
                "The model {} has no price yet, so it cannot be called.",
                model.public_name
            ),
        ),
        _ if !Health::of(model).is_available() => Status::no(
            503,
            format!(
                "The provider of {} has no credential that is enabled.",
                model.public_name
            ),
        ),
        Err(refusal) => refusal.into(),
        Ok(()) => Status::YES,
    }
}

/// What is said of it.
pub fn described(book: &mut Book) -> Operation {
    Operation::new(Tag::Aigne, "Whether a call would be let in")
        .about(
            "Always answered 200. For everybody; whoever sends a key hears of its credit and of what it may ask too.",
        )
        .shaped(Errors::Aigne)
        .query(
            "model",
            &json!({ "type": "string" }),
            "`provider/model`; any unless said.",
        )
        .tells::<Status>(book)
        .fails(book, &[400, 500])
}
