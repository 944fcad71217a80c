//! The live test: whether a provider answers, and what it says of itself, before anybody depends on it.

use domain::{
    access::Admin,
    identity::{IdentityDraft, IdentityRefusal, Way},
};
use http::Method;

use super::{IdentityProviders, oidc};

/// What a provider said of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityReport {
    /// The public keys that it signs with; none of plain OAuth 2.
    pub keys: usize,
    /// It ends sessions on request.
    pub signs_out: bool,
    /// It was only reached, as there is nothing more to ask.
    pub only_reached: bool,
}

impl IdentityProviders<'_> {
    /// Asks a provider as it was typed; nothing of it need be stored.
    ///
    /// # Errors
    /// [`IdentityRefusal::Unreachable`], with what it said.
    pub async fn test(&self, _: &Admin, draft: &IdentityDraft) -> Result<IdentityReport, IdentityRefusal> {
        match &draft.way {
            Way::Oidc { issuer } => {
                let metadata = oidc::discover(self.0, draft, issuer).await?;
                Ok(IdentityReport {
                    keys: metadata.jwks().keys().len(),
                    signs_out: metadata.additional_metadata().end_session_endpoint.is_some(),
                    only_reached: false,
                })
            }
            Way::Oauth2(plain) => {
                let addresses = [Some(&plain.token), Some(&plain.userinfo), plain.emails.as_ref()];
                for address in addresses.into_iter().flatten() {
                    let request = http::Request::builder().method(Method::GET).uri(address.as_str());
                    let request = request
                        .body(Vec::new())
                        .map_err(|_| oidc::unreachable(draft, &super::egress::EgressError::Shape))?;
                    // Any answer will do: without a token it is a refusal.
                    let answer = self.0.identities.egress.ask(request).await;
                    answer.map_err(|error| oidc::unreachable(draft, &error))?;
                }
                Ok(IdentityReport {
                    only_reached: true,
                    ..IdentityReport::default()
                })
            }
        }
    }
}
