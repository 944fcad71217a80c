//! Saving a setting. A thin door to `gateway::Options`; what was shown before the change goes along, so that a page that was
//! opened long ago changes nothing that somebody else has changed since.

use domain::setting::Setting;
use leptos::prelude::*;

use super::{change::preview, words};
use crate::{
    context::{address, admin, gateway, money},
    error::{AppError, MoneyProblem},
    form::{AtField, Back, Done, submit},
    text::{Language, use_language},
};

/// Sets `name` to `value`, if it is still `was`.
#[server]
pub async fn save_setting(
    #[server(default)] name: String,
    #[server(default)] value: String,
    #[server(default)] was: String,
) -> Result<(), AppError> {
    submit(Back::to(preview(&name, &value)), async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let setting = Setting::parse(&name).map_err(MoneyProblem::Setting)?;
        if !setting.concerns_money() {
            admin()?;
        }
        let value = setting.read(value.trim()).map_err(MoneyProblem::Setting).at("value")?;
        let options = gateway.options();
        let saved = options
            .set_from(&money, address.origin(), setting, (was.trim(), &value))
            .await?;
        let (title, saved) = (words::title(setting, language), words::value(setting, &saved, language));
        Ok(Done::to("/settings").saying(match language {
            Language::En => format!("{title} is now: {saved}."),
            Language::Zh => format!("{title}现在是：{saved}。"),
        }))
    })
    .await
}
