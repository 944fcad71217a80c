//! Mail: how it is sent (`mail/settings`), what it says (`mail/letter`, `mail/words`), what waits and is tried again
//! (`mail/outbox`), and the way to the server (`mail/transport`).
//!
//! Whoever wants something sent adds a row (`Inner::post`). The row says what for and to whom; text and token are made when it
//! is sent, so that neither lies about meanwhile.

mod letter;
pub(crate) mod outbox;
mod settings;
mod transport;
mod words;

use std::path::PathBuf;

use domain::{
    access::{Admin, Owner, Reader},
    id::{InvitationId, MailId, UserId},
    mail::{MailKind, MailLanguage, MailRefusal, MailSettings, MailView, SendFault, Sender},
    name::Email,
    refusal::{Refusal, Thing},
};
use serde_json::json;
use tokio::sync::Notify;

pub use settings::MailSet;

use crate::{
    Error, Inner, Origin, SecretText,
    store::{Change, change::Subject, mails},
};

/// Use-cases about mail, for admins; how it goes, and what of it goes once more, is for owners.
pub struct Mail<'a>(pub(crate) &'a Inner);

/// How mail is sent as the configuration says, which wins over the console.
#[derive(Clone, Debug)]
pub struct FiledMail {
    /// The way.
    pub way: MailWay,
    /// Where it was said, as `config` prints it.
    pub said_by: String,
}

/// A way for mail to leave.
#[derive(Clone, Debug)]
pub enum MailWay {
    /// A server takes it.
    Server {
        /// Which, and from whom.
        settings: MailSettings,
        /// With which the hub signs in.
        password: Option<SecretText>,
    },
    /// It is written into a folder, one file each, for trials and tests.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// From whom.
        sender: Sender,
    },
}

/// What a process keeps for this.
pub(crate) struct Post {
    filed: Option<FiledMail>,
    wake: Notify,
}

impl Post {
    pub(crate) fn new(filed: Option<FiledMail>) -> Self {
        Self {
            filed,
            wake: Notify::new(),
        }
    }
}

/// Mail that waits at the most: whoever would fill the table is refused.
const WAITING: i64 = 10_000;
/// Mail that the page lists.
const LISTED: i64 = 100;

/// Somebody to write to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) kind: MailKind,
    pub(crate) recipient: &'a Email,
    pub(crate) person: Option<UserId>,
    pub(crate) invitation: Option<InvitationId>,
    pub(crate) language: MailLanguage,
}

impl Inner {
    /// Leaves a mail to be sent.
    ///
    /// # Errors
    /// [`MailRefusal::Full`]; the database's.
    pub(crate) async fn post(&self, origin: Origin<'_>, wanted: Wanted<'_>) -> Result<(), Error> {
        self.room().await?;
        let at = self.clock.now();
        let new = new_row(MailId::from_number(self.ids.next(at)), origin, wanted, at);
        mails::insert(&self.store, &new).await?;
        self.post.wake.notify_one();
        Ok(())
    }

    /// The same within a change. It is looked for when that is committed, within [`outbox::PAUSE`].
    pub(crate) async fn post_in(
        &self,
        change: &mut Change<'_>,
        origin: Origin<'_>,
        wanted: Wanted<'_>,
    ) -> Result<(), Error> {
        let new = new_row(MailId::from_number(change.next_id()), origin, wanted, change.at);
        Ok(mails::insert_in(&mut change.tx, &new).await?)
    }

    /// Whether there is room for one more.
    pub(crate) async fn room(&self) -> Result<(), Error> {
        if mails::waiting(&self.store).await? >= WAITING {
            return Err(MailRefusal::Full.into());
        }
        Ok(())
    }

    /// Something was left to be sent by a change that is committed now.
    pub(crate) fn wake_post(&self) {
        self.post.wake.notify_one();
    }
}

fn new_row<'a>(id: MailId, origin: Origin<'a>, wanted: Wanted<'a>, at: domain::time::Timestamp) -> mails::New<'a> {
    mails::New {
        id,
        kind: wanted.kind,
        recipient: wanted.recipient.as_str(),
        person: wanted.person,
        invitation: wanted.invitation,
        language: wanted.language,
        address: origin.address,
        at,
    }
}

impl Mail<'_> {
    /// Whether mail can be sent at all.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_set_up(&self) -> Result<bool, Error> {
        Ok(self.0.mail_way().await?.is_some())
    }

    /// Sends a mail now, past what waits, to see whether it works.
    ///
    /// # Errors
    /// [`MailRefusal::NotSetUp`]; [`MailRefusal::Fault`] with what went wrong; the database's.
    pub async fn test(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        to: &Email,
        language: MailLanguage,
    ) -> Result<(), Error> {
        let way = self.0.mail_way().await?.ok_or(MailRefusal::NotSetUp)?;
        let id = MailId::from_number(self.0.ids.next(self.0.clock.now()));
        let letter = words::test(language, &self.0.public_url);
        let outcome = self.0.deliver(&way, &letter, to.as_str(), id).await;
        let mut change = self.0.change(admin.actor(), origin).await?;
        let subject = Subject {
            action: "mail.test",
            id: id.to_string(),
            name: to.as_str(),
        };
        let after = json!({ "sent": outcome.is_ok(), "problem": outcome.as_ref().err().map(ToString::to_string) });
        change.audit::<(), _>(subject, None, Some(&after)).await?;
        change.commit().await?;
        Ok(outcome.map_err(MailRefusal::Fault)?)
    }

    /// What waits, failed, and was sent of late.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, _: &Reader) -> Result<Vec<MailView>, Error> {
        Ok(mails::newest(&self.0.store, LISTED).await?)
    }

    /// Tries a mail again at once that waits or was given up.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none, it was sent, or nobody is to get it any more.
    pub async fn again(&self, owner: &Owner, origin: Origin<'_>, id: MailId) -> Result<(), Error> {
        let mut change = self.0.change(owner.actor(), origin).await?;
        let at = change.at;
        if mails::again(&mut change.tx, id, at).await? == 0 {
            return Err(Refusal::NotFound { what: Thing::Mail }.into());
        }
        let subject = Subject {
            action: "mail.again",
            id: id.to_string(),
            name: "mail",
        };
        change.audit::<(), ()>(subject, None, None).await?;
        change.commit().await?;
        self.0.wake_post();
        Ok(())
    }
}

/// The error of a way that is not there.
pub(crate) const NO_WAY: SendFault = SendFault::NotSetUp;
