//! Settings that are changed while the hub runs: read, set, written down. All of them concern money; one that does not is for
//! admins ([`Setting::concerns_money`]).

use domain::{
    access::{Money, MoneyReader},
    setting::Setting,
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
        let stored = settings::get(&self.0.store, setting.as_str()).await?;
        Ok(stored.unwrap_or_else(|| setting.default_value().to_owned()))
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
        if !setting.concerns_money() {
            money.admin()?;
        }
        let value = setting.read(value)?;
        let mut change = self.0.change(money.actor(), origin).await?;
        let before = settings::get_in(&mut change.tx, setting.as_str()).await?;
        settings::set_in(&mut change.tx, setting.as_str(), &value, change.at).await?;
        if setting == Setting::LocalPasswords {
            self.0.keep_a_way_in(&mut change.tx).await?;
        }
        let subject = Subject {
            action: "setting.change",
            id: setting.as_str().to_owned(),
            name: setting.as_str(),
        };
        let before = before.map(|value| json!({ "value": value }));
        change
            .audit(subject, before.as_ref(), Some(&json!({ "value": value })))
            .await?;
        // The request path reads it, so it counts for the next call.
        self.0.finish(change).await?;
        Ok(value)
    }
}
