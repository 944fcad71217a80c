//! `/api/admin/settings`: what is changed while the hub runs. What concerns money is for whoever keeps it, the rest for admins.

use axum::{Json, extract::State};
use domain::{
    access::{Money, MoneyReader},
    setting::Setting,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AdminError, At, By, Given, Listed, operation, words};
use crate::{
    contract::{Book, Operation},
    state::HubState,
};

/// A setting.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Setting")]
pub struct SettingEntry {
    #[schemars(schema_with = "words::setting")]
    name: &'static str,
    value: String,
    /// Its value until somebody sets it.
    default: &'static str,
    /// Whoever keeps money may change it; others are for admins.
    concerns_money: bool,
}

impl SettingEntry {
    fn of(setting: Setting, value: String) -> Self {
        Self {
            name: setting.as_str(),
            value,
            default: setting.default_value(),
            concerns_money: setting.concerns_money(),
        }
    }
}

/// Every setting.
pub async fn list(
    State(state): State<HubState>,
    by: By<MoneyReader>,
) -> Result<Json<Listed<SettingEntry>>, AdminError> {
    let options = state.gateway().options();
    let mut all = Vec::new();
    for setting in Setting::ALL {
        all.push(SettingEntry::of(setting, options.get(&by.proof, setting).await?));
    }
    Ok(Json(Listed::whole(all)))
}

/// What is said of it.
pub fn list_described(book: &mut Book) -> Operation {
    operation("Settings").tells::<Listed<SettingEntry>>(book)
}

/// One setting.
pub async fn show(
    State(state): State<HubState>,
    by: By<MoneyReader>,
    At(name): At<String>,
) -> Result<Json<SettingEntry>, AdminError> {
    let setting = Setting::parse(&name)?;
    let value = state.gateway().options().get(&by.proof, setting).await?;
    Ok(Json(SettingEntry::of(setting, value)))
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
    if options.get(&by.proof.reader(), setting).await? != value {
        options.set(&by.proof, by.origin(), setting, &value).await?;
    }
    Ok(Json(SettingEntry::of(setting, value)))
}

/// What is said of it.
pub fn update_described(book: &mut Book) -> Operation {
    operation("Change a setting")
        .about("It acts on what begins from now on. Whatever is wrong with a value is told with those that there are.")
        .takes::<SettingChange>(book)
        .example(&serde_json::json!({ "value": "service-provider" }))
        .tells::<SettingEntry>(book)
}
