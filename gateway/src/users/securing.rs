//! What ends when an account is secured: whoever had got in, or was about to, is out. Used wherever a password is replaced or
//! sessions end, here, in `sessions` and in `door`, so that no way out leaves something behind that another one ends.

use domain::{
    id::{SessionId, UserId},
    mail::{MailKind, MailLanguage},
    name::Email,
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Inner, Origin,
    mail::Wanted,
    store::{Change, StoreError, links, mails, people, sessions},
};

/// How often somebody's account had been secured when they signed in. Their session is good as long as that is so, whenever it
/// is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secured(pub i64);

impl Secured {
    /// Of an account that was just made.
    pub const NEVER: Self = Self(0);
}

/// Ends somebody's sessions (all but `keep`), their links, and the mails that would bring one: for a new password, and for
/// another address, which somebody else may have wished. Sessions that are about to be stored are not good any more. Gives the
/// number of sessions.
pub(crate) async fn secure(
    change: &mut Change<'_>,
    id: UserId,
    email: &Email,
    keep: Option<SessionId>,
) -> Result<u64, StoreError> {
    end_links(change, id, email).await?;
    people::raise_secured(&mut change.tx, id).await?;
    if let Some(keep) = keep {
        sessions::keep(&mut change.tx, id, keep).await?;
    }
    sessions::delete_of_person(&mut change.tx, id, keep).await
}

/// The same without the sessions.
pub(crate) async fn end_links(change: &mut Change<'_>, id: UserId, email: &Email) -> Result<(), StoreError> {
    let at = change.at;
    links::delete_of_person(&mut change.tx, id).await?;
    mails::end_of_person(&mut change.tx, id, email.as_str(), at).await
}

impl Inner {
    /// Tells somebody by mail what has changed about their account, where mail is set up. Asked before the change begins, which
    /// would hold a connection meanwhile.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn tells(&self, id: UserId) -> Result<Option<MailLanguage>, Error> {
        if self.mail_way().await?.is_none() {
            return Ok(None);
        }
        let (chosen, _) = people::preferences(&self.store, id).await?;
        Ok(Some(MailLanguage::of_tag(chosen.as_deref().unwrap_or_default())))
    }

    /// Leaves that mail, within the change.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn tell(
        &self,
        change: &mut Change<'_>,
        origin: Origin<'_>,
        kind: MailKind,
        (id, email): (UserId, &Email),
        language: Option<MailLanguage>,
    ) -> Result<(), Error> {
        let Some(language) = language else { return Ok(()) };
        let wanted = Wanted {
            kind,
            recipient: email,
            person: Some(id),
            invitation: None,
            language,
        };
        self.post_in(change, origin, wanted).await
    }
}
