//! Signing in by identity providers: which there are, the way of a browser to one and back, and what becomes of whoever
//! comes. Password and set-up link stand elsewhere (`sign_in`, `setup`) and need none of this to work.
//!
//! A sign-in is two visits: [`Identities::begin`] makes the address that the browser goes to, [`Identities::finish`] takes
//! what it brings back. Between them the browser carries what was begun, sealed (`carried`); it is good once, which a row says (`identity_attempt`).

mod admit;
mod begin;
mod carried;
mod claims;
mod configured;
mod egress;
mod finish;
mod links;
mod oauth2;
mod oidc;
mod probe;
mod refused;
mod way_in;

use std::sync::Arc;

use domain::{
    id::IdentityProviderId,
    identity::{IdentityButton, IdentityDraft, IdentityRefusal, Way},
    setting::Setting,
};

pub use begin::{Begun, Purpose};
pub use carried::{Browser, Carried};
pub use finish::{Answer, Finished, Outcome, Stopped};
pub use probe::IdentityReport;

use self::{egress::Egress, oidc::Discovered, refused::Refusals};
use crate::{
    Error, Inner, SecretText,
    door::pace::Pace,
    http::ClientError,
    store::{
        Store, StoreError, Tx, identities as table_of_people,
        identity_providers::{self as table, Stored},
        settings,
    },
};

/// Use-cases of people who sign in.
pub struct Identities<'a>(pub(crate) &'a Inner);

/// Use-cases about the providers themselves, for admins.
pub struct IdentityProviders<'a>(pub(crate) &'a Inner);

/// A provider that the configuration file made.
#[derive(Clone, Debug)]
pub struct FiledProvider {
    /// What it says of it.
    pub draft: IdentityDraft,
    /// The client's secret.
    pub secret: Option<SecretText>,
    /// People may sign in by it.
    pub enabled: bool,
}

/// What a process keeps for this: the way out, what it has discovered, and what its file says.
pub(crate) struct Agent {
    egress: Egress,
    /// Sign-ins that came to nothing.
    refused: Refusals,
    /// Codes that were exchanged, by the site that they came from.
    exchanged: Pace,
    discovered: Discovered,
    filed: Arc<[FiledProvider]>,
}

impl Agent {
    pub(crate) fn new(filed: Vec<FiledProvider>) -> Result<Self, ClientError> {
        Ok(Self {
            egress: Egress::new()?,
            refused: Refusals::default(),
            exchanged: Pace::default(),
            discovered: Discovered::default(),
            filed: filed.into(),
        })
    }

    /// Moves people who came by a provider of the file when the address alone named its issuer; those of providers in the
    /// database were moved by migration 0022.
    pub(crate) async fn move_people(&self, store: &Store) -> Result<(), StoreError> {
        for filed in &*self.filed {
            if let Way::Oauth2(plain) = &filed.draft.way {
                let issuer = filed.draft.way.issuer();
                let moved = table_of_people::rename_issuer(store, plain.userinfo.as_str(), &issuer).await?;
                if moved > 0 {
                    tracing::info!(provider = %filed.draft.slug, moved, "linked identities carry the whole name of their issuer now");
                }
            }
        }
        Ok(())
    }

    fn of_file(&self, slug: &str) -> Option<&FiledProvider> {
        self.filed.iter().find(|filed| filed.draft.slug.as_str() == slug)
    }
}

/// A provider with its secret, ready to be asked.
struct Known {
    draft: IdentityDraft,
    secret: Option<SecretText>,
}

/// What a secret is sealed for.
fn binding(id: IdentityProviderId) -> String {
    format!("identity_provider:{}", id.number())
}

/// What providers are told to send browsers back to. Never made of `Host`.
fn callback(public_url: &str, slug: &str) -> String {
    format!("{public_url}/sign-in/{slug}/callback")
}

impl Identities<'_> {
    /// The buttons of the sign-in page: those of the file first. Reads the database alone, so no provider can keep the page
    /// from coming.
    ///
    /// # Errors
    /// The database's.
    pub async fn buttons(&self) -> Result<Vec<IdentityButton>, Error> {
        let drafts = self.0.enabled_drafts(table::all(&self.0.store).await?);
        let button = |draft: IdentityDraft| IdentityButton {
            slug: draft.slug,
            title: draft.title,
        };
        Ok(drafts.into_iter().map(button).collect())
    }

    /// Whether people may sign in by password.
    ///
    /// # Errors
    /// The database's.
    pub async fn passwords_are_on(&self) -> Result<bool, Error> {
        passwords_are_on(&self.0.store).await
    }
}

/// Whether people may sign in by password.
pub(crate) async fn passwords_are_on(store: &Store) -> Result<bool, Error> {
    let stored = settings::get(store, Setting::LocalPasswords.as_str()).await?;
    Ok(stored.as_deref() != Some("off"))
}

/// The same within a change.
pub(crate) async fn passwords_are_on_in(tx: &mut Tx) -> Result<bool, StoreError> {
    let stored = settings::get_in(tx, Setting::LocalPasswords.as_str()).await?;
    Ok(stored.as_deref() != Some("off"))
}

/// For what takes a while after the first look, such as a password that is hashed.
///
/// # Errors
/// [`IdentityRefusal::PasswordsOff`]; the database's.
pub(crate) async fn passwords_are_still_on(tx: &mut Tx) -> Result<(), Error> {
    match passwords_are_on_in(tx).await? {
        true => Ok(()),
        false => Err(IdentityRefusal::PasswordsOff.into()),
    }
}

impl Inner {
    /// Whether people may still come by a provider as it was when it was asked who they are: it takes its time to say so, and may have been
    /// switched off or narrowed meanwhile.
    ///
    /// # Errors
    /// [`IdentityRefusal::Provider`], [`IdentityRefusal::State`]; the database's.
    pub(crate) async fn still_comes_by(&self, tx: &mut Tx, asked: &IdentityDraft) -> Result<(), Error> {
        let enabled = self.enabled_drafts(table::all_in(tx).await?);
        match enabled.iter().find(|draft| draft.slug == asked.slug) {
            None => Err(IdentityRefusal::Provider.into()),
            Some(draft) if draft != asked => Err(IdentityRefusal::State.into()),
            Some(_) => Ok(()),
        }
    }

    /// What may be signed in by: those of the file, then those of the console that none of the file stands for.
    fn enabled_drafts(&self, stored: Vec<Stored>) -> Vec<IdentityDraft> {
        let filed = self.identities.filed.iter().filter(|filed| filed.enabled);
        let stored = stored
            .into_iter()
            .filter(|row| row.enabled && self.identities.of_file(row.draft.slug.as_str()).is_none());
        filed
            .map(|filed| filed.draft.clone())
            .chain(stored.map(|row| row.draft))
            .collect()
    }

    /// The enabled provider with this slug.
    async fn identity_provider(&self, slug: &str) -> Result<Known, Error> {
        if let Some(filed) = self.identities.of_file(slug) {
            return filed
                .enabled
                .then(|| known_of_file(filed))
                .ok_or(IdentityRefusal::Provider.into());
        }
        let stored = table::all(&self.store).await?;
        let found = stored
            .into_iter()
            .find(|row| row.enabled && row.draft.slug.as_str() == slug);
        self.opened(found.ok_or(IdentityRefusal::Provider)?)
    }

    fn opened(&self, stored: Stored) -> Result<Known, Error> {
        let open = |sealed: String| {
            let bytes = self.keys.credential.open(&sealed, &binding(stored.id))?;
            Ok::<_, Error>(SecretText::from(String::from_utf8_lossy(&bytes).into_owned()))
        };
        Ok(Known {
            secret: stored.sealed.map(open).transpose()?,
            draft: stored.draft,
        })
    }
}

fn known_of_file(filed: &FiledProvider) -> Known {
    Known {
        draft: filed.draft.clone(),
        secret: filed.secret.clone(),
    }
}

/// A unique violation on providers is a known slug.
fn taken(error: StoreError) -> Error {
    if error.is_unique_violation() {
        domain::refusal::Refusal::Taken {
            what: domain::refusal::Thing::IdentityProvider,
        }
        .into()
    } else {
        error.into()
    }
}
