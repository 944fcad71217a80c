//! The time zone of an account, by which the days, weeks and months of limits begin: on one's own page, and on somebody's for
//! whoever keeps money.

use domain::{id::UserId, refusal::Thing};
use leptos::prelude::*;

use crate::{
    components::{Form, Hidden, Panel, SubmitButton, TextField},
    context,
    error::AppError,
    form::{self, AtField, Back, Done},
    text::use_language,
};

/// A small form.
#[component]
pub fn TimeZonePanel(
    /// As it is.
    zone: String,
    /// Whose, where it is not one's own.
    #[prop(optional_no_strip)]
    user: Option<UserId>,
) -> impl IntoView {
    let language = use_language();
    let hint = language.pick(
        "Days, weeks and months of limits begin by it. Written as Europe/Berlin, Asia/Shanghai or UTC.",
        "限额的天、周和月按此时区开始。写作 Europe/Berlin、Asia/Shanghai 或 UTC。",
    );
    view! {
        <Panel title=language.pick("Time zone", "时区") id="time-zone" body=true>
            <Form action={form::action::<SetTimeZone>()} class="form form-tight measure">
                {user.map(|user| view! { <Hidden name="user" value=user.to_string() /> })}
                <TextField
                    name="zone"
                    label=language.pick("Time zone of the account", "账户时区")
                    value=zone
                    hint=hint
                    mono=true
                    autocomplete="off"
                    max_length=64_u32
                />
                <div class="form-foot"><SubmitButton class="">{language.pick("Set time zone", "设置时区")}</SubmitButton></div>
            </Form>
        </Panel>
    }
}

/// Sets the time zone of one's own account, or of somebody's.
#[server]
pub async fn set_time_zone(
    /// Whose; empty for one's own.
    #[server(default)]
    user: String,
    /// Its name.
    #[server(default)]
    zone: String,
) -> Result<(), AppError> {
    let of = user.parse::<UserId>().ok();
    let page = of.map_or_else(|| "/account".to_owned(), |id| format!("/users/{id}"));
    form::submit(Back::to(page.clone()).keeping("zone", &zone), async move {
        let (address, gateway, language) = (context::address()?, context::gateway()?, use_language());
        let users = gateway.users();
        match of {
            Some(id) => {
                let money = context::money()?;
                users
                    .set_time_zone(&money, address.origin(), id, &zone)
                    .await
                    .at("zone")?;
            }
            None if user.is_empty() => {
                let holder = context::viewer()?.key_holder()?;
                users
                    .set_own_time_zone(&holder, address.origin(), &zone)
                    .await
                    .at("zone")?;
            }
            None => return Err(context::missing(Thing::User).into()),
        }
        Ok(Done::to(page).saying(language.pick(
            "The time zone is set. It holds from the next call on.",
            "时区已设置，从下一次调用起生效。",
        )))
    })
    .await
}
