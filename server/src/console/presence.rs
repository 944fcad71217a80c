//! Who asks, looked at again after they were let in: before each page of a file that they download, and when all of a form is there that came
//! slowly.

use app::context::Visitor;
use domain::{access::Viewer, id::UserId, refusal::Refusal};
use gateway::{Error, Gateway, Origin, Seen};

/// Who asks, and as whom they were let in.
#[derive(Clone)]
pub struct Presence {
    who: Viewer,
    seen: Seen,
    address: Option<String>,
    /// As whom an admin looks who looks as somebody else.
    as_whom: Option<UserId>,
}

impl Presence {
    /// Whoever is signed in; nobody else.
    pub fn of(visitor: &Visitor) -> Option<Self> {
        let viewer = visitor.viewer.as_ref()?;
        let looking = visitor.looking.as_ref();
        // Whoever leaves that view does so as themselves.
        let looking = looking.filter(|looking| looking.as_whom.id == viewer.id);
        let who = looking.map_or(viewer, |looking| &looking.who);
        Some(Self {
            seen: Seen::new(who, visitor.session),
            who: who.clone(),
            address: visitor.address.clone(),
            as_whom: looking.map(|looking| looking.as_whom.id),
        })
    }

    /// Whoever asks by a key that may manage, from this address.
    pub fn by_key(who: &Viewer, origin: Origin<'_>) -> Self {
        Self {
            seen: Seen::new(who, None),
            who: who.clone(),
            address: origin.address.map(str::to_owned),
            as_whom: None,
        }
    }

    /// As whom they ask at this moment: their role is the one that they have now.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::NotAllowed`], [`Error::Key`]; the database's.
    pub async fn now(&self, gateway: &Gateway) -> Result<Viewer, Error> {
        let origin = Origin {
            seen: Some(self.seen),
            ..Origin::at(self.address.as_deref())
        };
        let who = gateway.look_again(&self.who, origin).await?;
        match self.as_whom {
            None => Ok(who),
            Some(as_whom) => {
                let viewed = gateway.users().viewed(&who, as_whom).await?;
                Ok(viewed.ok_or(Refusal::NotAllowed)?)
            }
        }
    }
}
