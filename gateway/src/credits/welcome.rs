//! The credit that new people get.

use domain::{
    account::User,
    id::LotId,
    ledger::{Command, Grant, LotKind},
    money::Amount,
    setting::Setting,
    time::Micros,
};

use crate::{
    Error, Inner,
    ledger::{self, Order},
    store::{Change, settings},
};

impl Inner {
    /// Gives a person who is being added the credit that the settings say, in the same transaction. Its source is unique, so
    /// nobody gets it twice.
    pub(crate) async fn welcome(&self, change: &mut Change<'_>, user: &User) -> Result<(), Error> {
        let mut value = async |setting: Setting| {
            let stored = settings::get_in(&mut change.tx, setting.as_str()).await?;
            Ok::<_, Error>(stored.unwrap_or_else(|| setting.default_value().to_owned()))
        };
        let amount: Amount = value(Setting::StarterCredit).await?.parse().unwrap_or_default();
        let days: i64 = value(Setting::StarterDays).await?.parse().unwrap_or_default();
        if amount.is_zero() {
            return Ok(());
        }
        let at = change.at;
        let grant = Grant {
            lot: LotId::from_number(change.next_id()),
            kind: LotKind::Starter,
            amount,
            priority: LotKind::Starter.default_priority(),
            effective_at: at,
            expires_at: (days > 0).then(|| at.plus(Micros::from_days(days))),
            source: format!("starter:{}", user.id),
            reason: "starter credit".to_owned(),
        };
        let order = Order {
            // In the list of changes as well, like all credit that is granted: the proof misses it there when it is gone.
            name: Some(user.email.to_string()),
            ..ledger::order(ledger::account_of(user.id), Command::Grant(grant))
        };
        self.book_within(change, order).await?;
        Ok(())
    }
}
