//! Saving settings. Thin doors to `gateway::Options`; what is as it was is not written again.

use domain::{access::Money, setting::Setting};
use gateway::Gateway;
use leptos::prelude::*;

use crate::{
    context::{Address, address, admin, gateway, money},
    error::{AppError, MoneyProblem},
    form::{AtField, Back, Done, Refused, submit},
    text::use_language,
};

const PAGE: &str = "/settings";

/// Changes what the hub is for.
#[server]
pub async fn save_mode(#[server(default)] mode: String) -> Result<(), AppError> {
    submit(Back::to(PAGE).keeping("mode", &mode), async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let changed = save(&gateway, &money, &address, &[(Setting::Mode, "mode", mode)]).await?;
        Ok(Done::to(PAGE).saying(match changed {
            true => language.pick(
                "The mode was changed. It concerns calls that begin from now on.",
                "模式已更改，作用于此后开始的调用。",
            ),
            false => language.pick("Nothing was changed.", "没有更改。"),
        }))
    })
    .await
}

/// Changes everything else.
#[server]
pub async fn save_settings(
    #[server(default)] starter_credit: String,
    #[server(default)] starter_days: String,
    #[server(default)] hold_output_tokens: String,
) -> Result<(), AppError> {
    let back = Back::to(PAGE)
        .keeping("starter_credit", &starter_credit)
        .keeping("starter_days", &starter_days)
        .keeping("hold_output_tokens", &hold_output_tokens);
    submit(back, async move {
        let (money, address, gateway, language) = (money()?, address()?, gateway()?, use_language());
        let wanted = [
            (Setting::StarterCredit, "starter_credit", starter_credit),
            (Setting::StarterDays, "starter_days", starter_days),
            (Setting::HoldOutputTokens, "hold_output_tokens", hold_output_tokens),
        ];
        let changed = save(&gateway, &money, &address, &wanted).await?;
        Ok(Done::to(PAGE).saying(match changed {
            true => language.pick("The settings were saved.", "设置已保存。"),
            false => language.pick("Nothing was changed.", "没有更改。"),
        }))
    })
    .await
}

/// Changes who may register, and whether passwords work.
#[server]
pub async fn save_sign_in(
    #[server(default)] registration: String,
    #[server(default)] domains: String,
    #[server(default)] passwords: String,
) -> Result<(), AppError> {
    let back = Back::to(PAGE)
        .keeping("registration", &registration)
        .keeping("domains", &domains)
        .keeping("passwords", &passwords);
    submit(back, async move {
        let (admin, address, gateway, language) = (admin()?, address()?, gateway()?, use_language());
        let money = admin.money();
        let wanted = [
            (Setting::Registration, "registration", registration),
            (Setting::RegistrationDomains, "domains", domains),
            (Setting::LocalPasswords, "passwords", passwords),
        ];
        let changed = save(&gateway, &money, &address, &wanted).await?;
        Ok(Done::to(PAGE).saying(match changed {
            true => language.pick("The settings were saved.", "设置已保存。"),
            false => language.pick("Nothing was changed.", "没有更改。"),
        }))
    })
    .await
}

/// Reads all values before any is written. True when one was.
async fn save(
    gateway: &Gateway,
    money: &Money,
    address: &Address,
    wanted: &[(Setting, &'static str, String)],
) -> Result<bool, Refused> {
    let mut values = Vec::new();
    for (setting, field, typed) in wanted {
        let value = setting.read(typed.trim()).map_err(MoneyProblem::Setting).at(field)?;
        values.push((*setting, *field, value));
    }
    let mut changed = false;
    for (setting, field, value) in values {
        if gateway.options().get(&money.reader(), setting).await? != value {
            let origin = address.origin();
            gateway.options().set(money, origin, setting, &value).await.at(field)?;
            changed = true;
        }
    }
    Ok(changed)
}
