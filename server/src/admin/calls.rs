//! `/api/admin/calls`: the log of everybody's calls. Credentials, and what a provider says of them, are for those who read
//! everything. What is given back of a charge stands in `credits/change.rs`.

mod entry;

use axum::{Json, extract::State};
use domain::{
    access::MoneyReader,
    call::{CallFilter, CallState, Concern, Endpoint},
    id::{CallId, KeyId, ProjectId, ProviderId, UserId},
    refusal::{Refusal, Thing},
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::entry::{CallEntry, DetailEntry};
use super::{AdminError, Asked, At, By, Listed, Moment, cursor, operation, words};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

const MISSING: Refusal = Refusal::NotFound { what: Thing::Call };

/// Which calls to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallQuery {
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    user: Option<UserId>,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    key: Option<KeyId>,
    /// Of a project that people share; whoever wants those of a personal one asks for its person.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    project: Option<ProjectId>,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    provider: Option<ProviderId>,
    #[serde(default)]
    #[schemars(schema_with = "words::call_state")]
    state: Option<CallState>,
    #[serde(default)]
    #[schemars(schema_with = "words::endpoint")]
    endpoint: Option<Endpoint>,
    /// Only what should be looked at for this reason.
    #[serde(default)]
    #[schemars(schema_with = "words::concern")]
    concern: Option<Concern>,
    /// Part of the model's name, asked or served. Every character stands for itself.
    #[serde(default)]
    model: Option<String>,
    /// From this moment on.
    #[serde(default)]
    from: Option<Moment>,
    /// Before this moment.
    #[serde(default)]
    until: Option<Moment>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// 25, 50 or 100.
    #[serde(default)]
    limit: Option<u32>,
}

/// Calls, newest first.
pub async fn list(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    Asked(asked): Asked<CallQuery>,
) -> Result<Json<Listed<CallEntry>>, AdminError> {
    let (place, size) = (cursor::by_id(asked.cursor.as_deref())?, cursor::size(asked.limit)?);
    let model = asked.model.map(|text| text.trim().chars().take(200).collect());
    let filter = CallFilter {
        user: asked.user,
        key: asked.key,
        project: asked.project,
        provider: asked.provider,
        state: asked.state,
        endpoint: asked.endpoint,
        concern: asked.concern,
        model: model.filter(|text: &String| !text.is_empty()),
        from: asked.from.map(|at| at.0),
        until: asked.until.map(|at| at.0),
    };
    let page = state.gateway().calls().page(&by.viewer, &filter, place, size).await?;
    Ok(Json(Listed::by_id(page, CallEntry::from)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Everybody's calls, newest first")
        .about(
            "A page looks at so many calls at the most: under filters that match little it may hold few rows, or none, and still say \
where to go on.",
        )
        .asks::<CallQuery>(book)
        .tells::<Listed<CallEntry>>(book)
}

/// One call with its attempts and its money.
pub async fn show(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(id): At<CallId>,
) -> Result<Json<DetailEntry>, AdminError> {
    let gateway = state.gateway();
    let detail = gateway.calls().detail(&by.viewer, id).await?.ok_or(MISSING)?;
    let charge = gateway.credits().of_call(&by.viewer, &detail).await?;
    Ok(Json(DetailEntry::of(detail, charge)))
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("A call with its attempts and how its charge came about")
        .about("Prompts and answers are never stored.")
        .tells::<DetailEntry>(book)
}
