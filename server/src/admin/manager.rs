//! Who asks: whoever a key that may manage belongs to, with the role that they have now, and the proof of what that role lets them
//! do. What lets people in, gives rights or lifts limits is for keys that nothing ties (`domain::key::Tie`): [`Freely`].

use axum::extract::FromRequestParts;
use domain::{
    access::{Admin, Money, MoneyReader, Owner, Reader, Viewer},
    refusal::Refusal,
};
use gateway::Origin;
use http::request::Parts;

use super::AdminError;
use crate::{state::HubState, v1::extract::Proof};

/// What somebody who asks must be able to prove.
pub trait Demand: Sized + Send {
    /// The proof, of somebody whose role has it.
    ///
    /// # Errors
    /// Why it has not.
    fn of(viewer: &Viewer) -> Result<Self, Refusal>;
}

macro_rules! demands {
    ($($witness:ident = $of:ident;)+) => {$(
        impl Demand for $witness {
            fn of(viewer: &Viewer) -> Result<Self, Refusal> {
                viewer.$of()
            }
        }
    )+};
}

demands! {
    Owner = owner;
    Admin = admin;
    Money = money;
    MoneyReader = money_reader;
    Reader = reader;
}

/// Who asks, with the proof of what they may do. `FREELY`: by a key that nothing ties.
pub struct By<Of, const FREELY: bool = false> {
    /// What their use-cases demand; whatever is changed by it names the key.
    pub proof: Of,
    /// The person.
    pub viewer: Viewer,
    address: String,
}

/// Who asks by a key that nothing ties.
pub type Freely<Of> = By<Of, true>;

impl<Of, const FREELY: bool> By<Of, FREELY> {
    /// From where they ask. What they change by it asks again, within the change, that nothing ties their key, where `FREELY`.
    pub fn origin(&self) -> Origin<'_> {
        Origin {
            freely: FREELY,
            ..Origin::at(Some(&self.address))
        }
    }

    /// The same for what is only now known to be for keys that nothing ties.
    pub fn freely(&self) -> Origin<'_> {
        Origin {
            freely: true,
            ..self.origin()
        }
    }
}

impl<Of: Demand, const FREELY: bool> FromRequestParts<HubState> for By<Of, FREELY> {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, state: &HubState) -> Result<Self, AdminError> {
        let Proof { key, from } = Proof::of(parts)?;
        let viewer = state.gateway().manager(key, from).await?;
        let proof = Of::of(&viewer)?;
        if FREELY {
            state.gateway().manages_freely(&viewer).await?;
        }
        Ok(Self {
            proof,
            viewer,
            address: from.to_string(),
        })
    }
}
