//! The time zone of an account: where the days, weeks and months of its limits begin. Everybody has their own account, and sets it
//! there; for others whoever keeps money does. It acts on the next call, in other processes within a second.

use domain::{
    access::{KeyHolder, Money, MoneyReader, Role, Viewer},
    account::User,
    id::UserId,
    refusal::{Invalid, Refusal},
};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Users, about, edit::Did, present};
use crate::{
    Error, Origin,
    store::{Change, limits as table},
};

/// Longer than the name of any zone.
const LONGEST: usize = 64;

impl Users<'_> {
    /// The time zone of one's own account.
    ///
    /// # Errors
    /// The database's.
    pub async fn own_time_zone(&self, viewer: &Viewer) -> Result<String, Error> {
        Ok(table::zone_of(&self.0.store, viewer.id).await?)
    }

    /// The time zone of somebody's account.
    ///
    /// # Errors
    /// The database's.
    pub async fn time_zone(&self, _: &MoneyReader, id: UserId) -> Result<String, Error> {
        Ok(table::zone_of(&self.0.store, id).await?)
    }

    /// Sets the time zone of one's own account.
    ///
    /// # Errors
    /// [`Invalid::TimeZone`]; the database's.
    pub async fn set_own_time_zone(&self, holder: &KeyHolder, origin: Origin<'_>, zone: &str) -> Result<(), Error> {
        let viewer = holder.viewer();
        let actor = viewer.actor();
        let mut change = self.0.change(&actor, origin).await?;
        let user = present(&mut change, viewer.id).await?;
        self.zoned(change, &user, zone).await
    }

    /// Sets the time zone of somebody's account; an owner's only by an owner.
    ///
    /// # Errors
    /// [`Invalid::TimeZone`]; [`Refusal::NotFound`]; [`Refusal::OwnersOnly`]; the database's.
    pub async fn set_time_zone(
        &self,
        money: &Money,
        origin: Origin<'_>,
        id: UserId,
        zone: &str,
    ) -> Result<User, Error> {
        let mut change = self.0.change(money.actor(), origin).await?;
        let user = present(&mut change, id).await?;
        if user.role == Role::Owner && money.owner().is_err() {
            return Err(Refusal::OwnersOnly.into());
        }
        self.zoned(change, &user, zone).await?;
        Ok(user)
    }

    async fn zoned(&self, mut change: Change<'_>, user: &User, zone: &str) -> Result<(), Error> {
        if set_in(&mut change, user, zone).await? != Did::Nothing {
            self.0.finish(change).await?;
        }
        Ok(())
    }
}

/// Sets it within a change.
pub(super) async fn set_in(change: &mut Change<'_>, user: &User, zone: &str) -> Result<Did, Error> {
    let zone = zone.trim();
    if zone.is_empty() || zone.len() > LONGEST || TimeZone::get(zone).is_err() {
        return Err(Invalid::TimeZone.into());
    }
    let before = table::zone_in(&mut change.tx, user.id).await?;
    if before == zone {
        return Ok(Did::Nothing);
    }
    table::set_zone(&mut change.tx, user.id, zone).await?;
    let (before, after) = (json!({ "time_zone": before }), json!({ "time_zone": zone }));
    change
        .audit(about("account.time_zone", user), Some(&before), Some(&after))
        .await?;
    Ok(Did::ChangedKeys)
}
