//! Who asks: whoever a key that may manage belongs to, with the role that they have now, and the proof of what that role lets them
//! do. What lets people in, gives rights or lifts limits is for keys that nothing ties (`domain::key::Tie`): [`Freely`].

use axum::extract::{FromRequestParts, State};
use domain::{
    access::{Admin, Capability, Money, MoneyReader, Owner, Reader, Role, Viewer},
    id::UserId,
    refusal::Refusal,
};
use gateway::{Origin, Seen};
use http::request::Parts;

use super::AdminError;
use crate::{authority::Authority, console::presence::Presence, state::HubState, v1::extract::Proof};

/// What somebody who asks must be able to prove.
pub trait Demand: Sized + Send {
    /// What their role must let them do.
    const NEEDS: Capability;

    /// The proof, of somebody whose role has it.
    ///
    /// # Errors
    /// Why it has not.
    fn of(viewer: &Viewer) -> Result<Self, Refusal>;
}

macro_rules! demands {
    ($($witness:ident = $of:ident;)+) => {$(
        impl Demand for $witness {
            const NEEDS: Capability = $witness::NEEDS;

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

/// Who was let in, for whoever then waits for their body: not all that is done is a change, which would look at them by itself.
#[derive(Clone)]
pub(super) struct LetIn {
    /// Who it is.
    pub(super) user: UserId,
    presence: Presence,
    role: Role,
}

impl LetIn {
    /// Whether they may still ask.
    ///
    /// # Errors
    /// Why they may not; the database's.
    pub(super) async fn still(&self, state: &HubState) -> Result<(), AdminError> {
        let now = self.presence.now(state.gateway()).await?;
        if now.role == self.role {
            Ok(())
        } else {
            Err(Refusal::NotAllowed.into())
        }
    }
}

/// What a handler demands of who asks: it takes the state, and then [`By`]. So what a door demands stands in one place, its handler's
/// signature, and the router, the document and the tests read it there.
pub trait Asks {
    /// What it is.
    const AUTHORITY: Authority;
}

macro_rules! asks {
    ($($rest:ident)*) => {
        impl<M, S, Of: Demand, const FREELY: bool, $($rest,)*> Asks for (M, State<S>, By<Of, FREELY>, $($rest,)*) {
            const AUTHORITY: Authority = Authority::of_manager(Of::NEEDS, FREELY);
        }
    };
}

asks!();
asks!(A);
asks!(A B);
asks!(A B C);
asks!(A B C D);

/// Who asks by a key that nothing ties.
pub type Freely<Of> = By<Of, true>;

impl<Of, const FREELY: bool> By<Of, FREELY> {
    /// From where they ask. What they change by it asks again, within the change, that nothing ties their key, where `FREELY`.
    pub fn origin(&self) -> Origin<'_> {
        Origin {
            freely: FREELY,
            seen: Some(Seen::new(&self.viewer, None)),
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
        let Proof { key, from } = Proof::of_parts(parts)?;
        let viewer = state.gateway().manager(key, from).await?;
        let proof = Of::of(&viewer)?;
        if FREELY {
            state.gateway().manages_freely(&viewer).await?;
        }
        let by = Self {
            proof,
            address: from.to_string(),
            viewer,
        };
        parts.extensions.insert(LetIn {
            user: by.viewer.id,
            presence: Presence::by_key(&by.viewer, by.origin()),
            role: by.viewer.role,
        });
        Ok(by)
    }
}
