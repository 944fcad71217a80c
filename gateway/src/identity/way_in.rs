//! While passwords are off, at least one active admin must be linked to a provider that is enabled. Asked within each change
//! that could end that; the command line can switch passwords on whatever happened.

use domain::{identity::IdentityRefusal, setting::Setting};

use crate::{
    Error, Inner,
    store::{Tx, identities, identity_providers, settings},
};

impl Inner {
    /// Refuses the change unless passwords are on or an admin can sign in without one.
    ///
    /// # Errors
    /// [`IdentityRefusal::LastWayIn`]; the database's.
    pub(crate) async fn keep_a_way_in(&self, tx: &mut Tx) -> Result<(), Error> {
        let stored = settings::get_in(tx, Setting::LocalPasswords.as_str()).await?;
        if stored.as_deref() != Some("off") {
            return Ok(());
        }
        let enabled = self.enabled_drafts(identity_providers::all_in(tx).await?);
        let issuers = identities::issuers_of_admins(tx).await?;
        let works = |(issuer,): &(String,)| enabled.iter().any(|draft| draft.way.issuer() == *issuer);
        if issuers.iter().any(works) {
            Ok(())
        } else {
            Err(IdentityRefusal::LastWayIn.into())
        }
    }
}
