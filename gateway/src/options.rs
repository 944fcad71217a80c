//! Settings that are changed while the hub runs: read, set, written down. All of them concern money; one that does not is for
//! admins ([`Setting::concerns_money`]).

use domain::{
    access::{Money, MoneyReader},
    setting::{InvalidSetting, Setting},
};
use serde_json::json;

use crate::{
    Error, Inner, Origin,
    store::{change::Subject, settings},
};

/// Use-cases about settings.
pub struct Options<'a>(pub(crate) &'a Inner);

impl Options<'_> {
    /// The value of a setting, its default when nobody has set it.
    ///
    /// # Errors
    /// The database's.
    pub async fn get(&self, _: &MoneyReader, setting: Setting) -> Result<String, Error> {
        let stored = self.stored(setting).await?;
        Ok(stored.unwrap_or_else(|| setting.default_value().to_owned()))
    }

    /// Every setting with what somebody has set; none where its default holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn all(&self, _: &MoneyReader) -> Result<Vec<(Setting, Option<String>)>, Error> {
        let mut all = Vec::new();
        for setting in Setting::ALL {
            all.push((setting, self.stored(setting).await?));
        }
        Ok(all)
    }

    async fn stored(&self, setting: Setting) -> Result<Option<String>, Error> {
        Ok(settings::get(&self.0.store, setting.as_str()).await?)
    }

    /// Sets a value that was looked at while the setting was `was`, and answers it as it is stored.
    ///
    /// # Errors
    /// As [`Options::set`]; [`InvalidSetting::Changed`] when it is something else by now.
    pub async fn set_from(
        &self,
        money: &Money,
        origin: Origin<'_>,
        setting: Setting,
        (was, value): (&str, &str),
    ) -> Result<String, Error> {
        self.write(money, origin, setting, (Some(was), value)).await
    }

    /// Sets a value, and answers it as it is stored.
    ///
    /// # Errors
    /// [`Error::Setting`] for a value that this setting cannot have; [`domain::refusal::Refusal::NotAllowed`] for one that does
    /// not concern money, unless an admin asks; [`IdentityRefusal::LastWayIn`] for passwords that are switched off while no
    /// admin can do without; the database's.
    ///
    /// [`IdentityRefusal::LastWayIn`]: domain::identity::IdentityRefusal::LastWayIn
    pub async fn set(&self, money: &Money, origin: Origin<'_>, setting: Setting, value: &str) -> Result<String, Error> {
        self.write(money, origin, setting, (None, value)).await
    }

    async fn write(
        &self,
        money: &Money,
        origin: Origin<'_>,
        setting: Setting,
        (was, value): (Option<&str>, &str),
    ) -> Result<String, Error> {
        if !setting.concerns_money() {
            money.admin()?;
        }
        let value = setting.read(value)?;
        let mut change = self.0.change(money.actor(), origin).await?;
        let before = settings::get_in(&mut change.tx, setting.as_str()).await?;
        let now = before.as_deref().unwrap_or(setting.default_value());
        if was.is_some_and(|was| was != now) {
            return Err(InvalidSetting::Changed.into());
        }
        settings::set_in(&mut change.tx, setting.as_str(), &value, change.at).await?;
        if setting == Setting::LocalPasswords {
            self.0.keep_a_way_in(&mut change.tx).await?;
        }
        let subject = Subject {
            action: "setting.change",
            id: setting.as_str().to_owned(),
            name: setting.as_str(),
        };
        let before = json!({ "value": now });
        change
            .audit(subject, Some(&before), Some(&json!({ "value": value })))
            .await?;
        // The request path reads it, so it counts for the next call.
        self.0.finish(change).await?;
        Ok(value)
    }
}
