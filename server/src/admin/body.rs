//! Bodies: JSON of a type that knows each of its members. Whatever else stands in one is refused by its name, so nobody changes what
//! they were not asked for.

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
};
use domain::refusal::Refusal;
use gateway::SecretText;
use http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

use super::{AdminError, manager::LetIn, query::unreadable};
use crate::{
    state::HubState,
    v1::extract::{WholeBody, whole},
};

/// Bytes of a body at the most. The largest that makes sense is a price with many tiers.
const LIMIT: usize = 256 * 1024;

/// What was sent, by somebody who may still ask when all of it is there.
pub struct Given<T>(pub T);

impl<T: DeserializeOwned> FromRequest<HubState> for Given<T> {
    type Rejection = AdminError;

    async fn from_request(request: Request, state: &HubState) -> Result<Self, AdminError> {
        let settings = state.settings();
        let bounds = (settings.body_limit.min(LIMIT), settings.client_patience);
        // `By` stands before it in every handler.
        let let_in = request.extensions().get::<LetIn>().cloned();
        let let_in = let_in.ok_or(Refusal::Internal)?;
        // It takes nothing of what calls have: whoever manages the hub can, whatever models are asked meanwhile.
        let room = state.form_memory().of_keeper(let_in.user);
        let WholeBody(body, _room) = whole(request, bounds, room).await?;
        let_in.still(state).await?;
        read(&body).map(Self)
    }
}

/// Reads a body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, AdminError> {
    match Json::from_bytes(body) {
        Err(JsonRejection::JsonDataError(_)) | Ok(_) if !is_object(body) => Err(AdminError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_field",
            "The body must be a JSON object.",
        )),
        Ok(Json(given)) => Ok(given),
        Err(rejection @ JsonRejection::JsonDataError(_)) => Err(unreadable(&rejection.body_text())),
        Err(rejection) => {
            let told = rejection.body_text();
            let problem = told.split_once(": ").map_or(told.as_str(), |(_, problem)| problem);
            let message = super::query::sentence(&format!("the body is no JSON: {problem}"));
            Err(AdminError::new(StatusCode::BAD_REQUEST, "invalid_json", message))
        }
    }
}

/// Whether it begins like an object: a list of values in the order of a type's members is none.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

/// A password or credential on its way in. Nothing here ever writes one.
#[derive(Clone, Debug)]
pub struct Secret(pub SecretText);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretText::from(text)))
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "writeOnly": true })
    }
}

/// Reads a member that may be absent, which leaves things as they are, and is never null: there is nothing to take away.
pub(super) fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    // A choice that is null would pass for a body that is no JSON.
    match Option::deserialize(deserializer)? {
        Some(value) => Ok(Some(value)),
        None => Err(D::Error::custom("null takes nothing away here; leave the member out")),
    }
}

/// Reads a member that may be absent, which leaves things as they are, or null, which takes them away.
pub(super) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Why something about money is done.
pub(super) fn reason(given: &str) -> Result<String, AdminError> {
    domain::reason::read(given).ok_or_else(|| {
        AdminError::invalid(
            "reason",
            "Say why, on one line of at most 200 characters: it stands in the ledger.",
        )
    })
}
