//! What a path names: one thing, or one within another. A text that is no id names nothing, which is a 404 like any other.

use axum::extract::{FromRequestParts, Path};
use domain::{
    id::{CallId, CredentialId, InvitationId, KeyId, LimitId, LotId, MailId, ModelId, ProjectId, ProviderId, UserId},
    refusal::{Refusal, Thing},
};
use http::request::Parts;

use super::AdminError;
use crate::{state::HubState, v1::ApiError};

/// Something that a path can name.
pub trait Named: Sized {
    /// What this text names.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    fn read(text: &str) -> Result<Self, Refusal>;
}

macro_rules! named {
    ($($id:ident = $thing:ident;)+) => {$(
        impl Named for $id {
            fn read(text: &str) -> Result<Self, Refusal> {
                text.parse().map_err(|_| Refusal::NotFound { what: Thing::$thing })
            }
        }
    )+};
}

named! {
    CallId = Call;
    CredentialId = Credential;
    InvitationId = Invitation;
    KeyId = Key;
    LimitId = Limit;
    LotId = Lot;
    MailId = Mail;
    ModelId = Model;
    ProjectId = Project;
    ProviderId = Provider;
    UserId = User;
}

/// A name that is none of our ids, as an identity provider's.
impl Named for String {
    fn read(text: &str) -> Result<Self, Refusal> {
        Ok(text.to_owned())
    }
}

/// The one thing that the path names.
pub struct At<Id>(pub Id);

/// A thing within another: `/users/{id}/credits/lots/{lot}`.
pub struct Within<Outer, Id>(pub Outer, pub Id);

impl<Id: Named> FromRequestParts<HubState> for At<Id> {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, state: &HubState) -> Result<Self, AdminError> {
        let Ok(Path(text)) = Path::<String>::from_request_parts(parts, state).await else {
            return Err(ApiError::unreadable_path().into());
        };
        Ok(Self(Id::read(&text)?))
    }
}

impl<Outer: Named, Id: Named> FromRequestParts<HubState> for Within<Outer, Id> {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, state: &HubState) -> Result<Self, AdminError> {
        let Ok(Path((outer, inner))) = Path::<(String, String)>::from_request_parts(parts, state).await else {
            return Err(ApiError::unreadable_path().into());
        };
        Ok(Self(Outer::read(&outer)?, Id::read(&inner)?))
    }
}
