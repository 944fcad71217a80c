//! `/api/admin/limits`: how much keys, projects, people, models and providers may use, and how that stands. Limits of people are read
//! by whoever reads what concerns money, the others by whoever reads everything; admins change them.

use axum::{Json, extract::State};
use domain::{
    access::{Admin, MoneyReader, Viewer},
    id::LimitId,
    limit::{Measure, Span, Standing, Subject, Window},
    money::Amount,
};
use gateway::{
    Gateway, LimitDraft,
    call::{Figure, window},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{AdminError, Asked, At, By, Given, Moment, operation, words};
use crate::{
    contract::{Book, Operation, shapes::figure},
    state::HubState,
};

/// A limit as it stands.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminLimit")]
pub struct LimitEntry {
    #[schemars(with = "String")]
    id: LimitId,
    /// The id of what it is on.
    #[schemars(with = "String")]
    subject: Subject,
    #[schemars(schema_with = "words::measure")]
    measure: Measure,
    /// `day`, `rolling day`, `total` and others; null for calls at the same time.
    window: Option<String>,
    #[schemars(schema_with = "figure")]
    limit: Value,
    /// What calls that have ended used.
    #[schemars(schema_with = "figure")]
    used: Value,
    /// What running calls may still use.
    #[schemars(schema_with = "figure")]
    reserved: Value,
    #[schemars(schema_with = "figure")]
    remaining: Value,
    /// When nothing of that counts any more; null for what has no window.
    resets_at: Option<Moment>,
}

impl From<Standing> for LimitEntry {
    fn from(standing: Standing) -> Self {
        let limit = standing.limit;
        let figure = |count| json!(Figure::of(limit.measure, count));
        Self {
            id: limit.id,
            subject: limit.subject,
            measure: limit.measure,
            window: window(&limit),
            limit: figure(limit.most),
            used: figure(standing.used),
            reserved: figure(standing.reserved),
            remaining: figure(standing.remaining()),
            resets_at: match limit.window {
                Window::Running | Window::Ever => None,
                Window::Calendar(_) | Window::Rolling(_) => standing.resets_at.map(Moment),
            },
        }
    }
}

/// The limits of one thing.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "AdminLimits")]
pub struct LimitsEntry {
    #[schemars(with = "String")]
    subject: Subject,
    #[schemars(schema_with = "words::subject")]
    kind: &'static str,
    /// What people call it.
    name: String,
    /// None where nothing is limited.
    data: Vec<LimitEntry>,
}

/// Of what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitQuery {
    /// The id of a key, a project, a person, a model or a provider.
    #[schemars(with = "String")]
    subject: Subject,
}

/// The limits of one thing as they stand.
pub async fn list(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    Asked(asked): Asked<LimitQuery>,
) -> Result<Json<LimitsEntry>, AdminError> {
    Ok(Json(find(state.gateway(), &by.viewer, asked.subject).await?))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("The limits of a key, a project, a person, a model or a provider")
        .about("With what was used of each, and what the calls that run have reserved.")
        .asks::<LimitQuery>(book)
        .tells::<LimitsEntry>(book)
        .fails(book, &[404])
}

async fn find(gateway: &Gateway, viewer: &Viewer, subject: Subject) -> Result<LimitsEntry, AdminError> {
    let limits = gateway.limits().of(viewer, subject).await?;
    Ok(LimitsEntry {
        subject,
        kind: subject.kind.as_str(),
        name: limits.name,
        data: limits.standings.into_iter().map(LimitEntry::from).collect(),
    })
}

/// How much it allows: a whole number, or an amount of money.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a limit is a whole number, or an amount of credit such as \"12.50\""
)]
pub enum Most {
    /// Of requests, tokens or calls.
    Count(i64),
    /// Of spend, as an exact decimal string.
    Amount(#[schemars(with = "String")] Amount),
}

/// A limit to set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLimit {
    /// The id of what it is on: a key, a project, a person, a model or a provider.
    #[schemars(with = "String")]
    subject: Subject,
    #[schemars(schema_with = "words::measure")]
    measure: Measure,
    /// `minute`, `hour` or `day` of requests and tokens; `day`, `week`, `month` or `total` of spend; all but `total` also with
    /// `rolling` before, as `rolling day`. Absent for calls at the same time.
    #[serde(default)]
    window: Option<String>,
    /// So much: a number of requests, tokens or calls, or an amount of spend as a string. Zero refuses everything.
    limit: Most,
}

impl NewLimit {
    /// What it comes to.
    ///
    /// # Errors
    /// The member that is wrong.
    fn draft(&self) -> Result<LimitDraft, AdminError> {
        let most = match (self.measure, &self.limit) {
            (Measure::Spend, Most::Amount(amount)) => amount.nano(),
            (Measure::Spend, Most::Count(_)) => {
                let sentence = "A limit of spend is an amount in a string, such as \"12.50\".";
                return Err(AdminError::invalid("limit", sentence));
            }
            (_, Most::Count(count)) => *count,
            (_, Most::Amount(_)) => {
                return Err(AdminError::invalid(
                    "limit",
                    "A limit of that is a whole number from 0 on.",
                ));
            }
        };
        Ok(LimitDraft {
            subject: self.subject,
            measure: self.measure,
            window: self.within()?,
            most,
        })
    }

    fn within(&self) -> Result<Window, AdminError> {
        let found = match self.window.as_deref() {
            None if self.measure == Measure::Concurrent => Some(Window::Running),
            None => None,
            Some("total") => Some(Window::Ever),
            Some(text) => match text.strip_prefix("rolling ") {
                Some(span) => Span::parse(span).map(Window::Rolling),
                None => Span::parse(text).map(Window::Calendar),
            },
        };
        found.ok_or_else(|| {
            let sentence =
                "Say within which time: minute, hour, day, week, month, the same with `rolling` before, or total.";
            AdminError::invalid("window", sentence)
        })
    }
}

/// Sets a limit, or changes how much one allows.
pub async fn set(
    State(state): State<HubState>,
    by: By<Admin>,
    Given(new): Given<NewLimit>,
) -> Result<Json<LimitsEntry>, AdminError> {
    let (gateway, draft) = (state.gateway(), new.draft()?);
    gateway.limits().set_by(&by.viewer, by.origin(), draft).await?;
    Ok(Json(find(gateway, &by.viewer, draft.subject).await?))
}

/// What is said of it.
pub fn set_described(book: &mut Book) -> Operation {
    operation("Set a limit, or change how much one allows")
        .about(
            "A thing has one limit of each measure and window: another amount for one that is there keeps its count. Answers all \
             limits of that thing. It acts on calls that begin from now on.",
        )
        .takes::<NewLimit>(book)
        .example(&json!({ "subject": "key_…", "measure": "spend", "window": "day", "limit": "5.00" }))
        .tells::<LimitsEntry>(book)
        .fails(book, &[404])
}

/// Removes a limit.
pub async fn remove(
    State(state): State<HubState>,
    by: By<Admin>,
    At(id): At<LimitId>,
) -> Result<StatusCode, AdminError> {
    state.gateway().limits().remove_by(&by.viewer, by.origin(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of it.
pub fn remove_described(_: &mut Book) -> Operation {
    operation("Remove a limit").leads(StatusCode::NO_CONTENT, "Done.")
}
