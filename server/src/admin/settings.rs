//! `/api/admin/settings`: every setting with its value and where that comes from, as the console's page shows them. What is changed while the
//! hub runs is for whoever keeps money, or for admins; what only the configuration sets is told to those who read everything.

use app::context::{Configured, ValueSource};
use axum::{Json, extract::State};
use domain::{
    access::{Money, MoneyReader},
    setting::Setting,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdminError, At, By, Given, Listed, operation};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

/// A setting.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Setting")]
pub struct SettingEntry {
    /// What it is called here; of one that only the configuration sets its environment variable.
    name: String,
    /// What holds. Secrets are masked.
    value: String,
    /// Its value until somebody sets it; absent where only the configuration sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'static str>,
    source: SourceEntry,
    /// Its key in the configuration file, where only the configuration sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_key: Option<String>,
    /// It is changed while the hub runs, by `PATCH`.
    changeable: bool,
    /// Whoever keeps money may change it; others are for admins.
    concerns_money: bool,
}

/// Where a value was set: nowhere, in a file, by a variable, by an argument, or while the hub runs.
#[derive(Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schemars(rename = "SettingSource")]
pub enum SourceEntry {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File {
        /// Its path on the hub's machine.
        path: String,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// An argument of `aigne-hub serve`.
    CommandLine,
    /// Set while the hub runs: in the console, by this API, or by `aigne-hub settings set`.
    Console,
}

impl From<&ValueSource> for SourceEntry {
    fn from(source: &ValueSource) -> Self {
        match source {
            ValueSource::Default => Self::Default,
            ValueSource::File(path) => Self::File { path: path.clone() },
            ValueSource::Environment(name) => Self::Environment { variable: name.clone() },
            ValueSource::CommandLine => Self::CommandLine,
            ValueSource::Console => Self::Console,
        }
    }
}

impl SettingEntry {
    fn of(setting: Setting, stored: Option<String>) -> Self {
        let source = match stored {
            Some(_) => SourceEntry::Console,
            None => SourceEntry::Default,
        };
        Self {
            name: setting.as_str().to_owned(),
            value: stored.unwrap_or_else(|| setting.default_value().to_owned()),
            default: Some(setting.default_value()),
            source,
            file_key: None,
            changeable: true,
            concerns_money: setting.concerns_money(),
        }
    }

    fn configured(of: &Configured) -> Self {
        Self {
            name: of.name.to_owned(),
            value: of.value.clone(),
            default: None,
            source: (&of.source).into(),
            file_key: Some(of.file_key.clone()),
            changeable: false,
            concerns_money: false,
        }
    }
}

/// Everything that the asker may see: those that are changed while the hub runs, and for readers of everything the configured ones.
async fn entries(state: &HubState, by: &By<MoneyReader>) -> Result<Vec<SettingEntry>, AdminError> {
    let stored = state.gateway().options().all(&by.proof).await?;
    let mut all: Vec<_> = stored
        .into_iter()
        .map(|(setting, stored)| SettingEntry::of(setting, stored))
        .collect();
    if by.viewer.reader().is_ok() {
        all.extend(state.configuration().iter().map(SettingEntry::configured));
    }
    Ok(all)
}

/// Every setting.
pub async fn list(
    State(state): State<HubState>,
    by: By<MoneyReader>,
) -> Result<Json<Listed<SettingEntry>>, AdminError> {
    Ok(Json(Listed::whole(entries(&state, &by).await?)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Settings")
        .about("Each with its value and where that comes from. What only the configuration sets is told to those who read everything.")
        .tells::<Listed<SettingEntry>>(book)
}

/// One setting.
pub async fn show(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(name): At<String>,
) -> Result<Json<SettingEntry>, AdminError> {
    let found = entries(&state, &by).await?.into_iter().find(|entry| entry.name == name);
    match found {
        Some(entry) => Ok(Json(entry)),
        // What there is not is told with those that there are.
        None => Ok(Json(SettingEntry::of(Setting::parse(&name)?, None))),
    }
}

/// What is said of it.
pub fn show_described(book: &mut Book) -> Operation {
    operation("A setting").tells::<SettingEntry>(book)
}

/// Another value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingChange {
    value: String,
}

/// Changes a setting. What is as it was is not written again.
pub async fn update(
    State(state): State<HubState>,
    by: By<Money>,
    At(name): At<String>,
    Given(change): Given<SettingChange>,
) -> Result<Json<SettingEntry>, AdminError> {
    let setting = Setting::parse(&name)?;
    let options = state.gateway().options();
    if !setting.concerns_money() {
        by.proof.admin()?;
        // They say who gets in.
        state.gateway().manages_freely(&by.viewer).await?;
    }
    let value = setting.read(change.value.trim())?;
    let reader = by.proof.reader();
    if options.get(&reader, setting).await? != value {
        let origin = if setting.concerns_money() {
            by.origin()
        } else {
            by.freely()
        };
        options.set(&by.proof, origin, setting, &value).await?;
    }
    let stored = options
        .all(&reader)
        .await?
        .into_iter()
        .find(|(known, _)| *known == setting);
    Ok(Json(SettingEntry::of(setting, stored.and_then(|(_, stored)| stored))))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change a setting")
        .about("It acts on what begins from now on. Whatever is wrong with a value is told with those that there are.")
        .takes::<SettingChange>(book)
        .example(&serde_json::json!({ "value": "service-provider" }))
        .tells::<SettingEntry>(book)
}
