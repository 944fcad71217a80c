//! Whether a call would be let in, asked beforehand: what the way in would refuse of any request for a model. What only the request
//! itself decides (its size, its limits, what its model lacks) shows when it comes.

use domain::{call::Fault, money::Money};
use tokio::time::Instant;

use super::{CallError, Caller, refused};
use crate::{Gateway, VisibleModel};

impl Gateway {
    /// Whether whoever calls, or anybody, could ask this model now. Reads memory only.
    ///
    /// # Errors
    /// [`CallError`]: their key is bound to others, or their account is blocked, as the call would be told; or 503 while every credential
    /// of the provider rests after a failure. A call would still be tried then, with little hope.
    pub fn admits(&self, caller: Option<Caller>, model: &VisibleModel) -> Result<(), CallError> {
        let provider = &model.provider;
        if let Some(caller) = caller {
            let snapshot = self.0.snapshot.load();
            snapshot.check_allowed(caller.key, provider, &model.public_name)?;
            if snapshot.is_blocked(caller.account()) {
                return Err(refused::blocked());
            }
        }
        match self.0.calls.rotation.all_rest(&provider.credentials, Instant::now()) {
            true => Err(CallError::new(
                Fault::Operator,
                503,
                "provider_credentials_resting",
                format!(
                    "{} has just refused every credential that this hub has for it. Try again in a minute, or ask whoever runs this hub.",
                    // Strangers need not hear by whom the hub is served.
                    caller.map_or("The provider of this model", |_| &provider.title)
                ),
            )),
            false => Ok(()),
        }
    }

    /// What whoever calls could spend.
    ///
    /// # Errors
    /// [`CallError`] where their account is out of service, or the ledger does not answer, as the call would be told.
    pub async fn could_spend(&self, caller: Caller) -> Result<Money, CallError> {
        let credit = self.usage().credit_of(caller).await;
        let credit = credit.map_err(|error| refused::refused(&self.0, caller, error))?;
        Ok(credit.spendable)
    }
}
