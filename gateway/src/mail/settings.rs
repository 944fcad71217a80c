//! How mail is sent: by the configuration, which wins, or as an owner has set it: who controls the server that takes mail reads
//! the links by which everybody gets a new password, so this is no admin's to change. The password is sealed like a provider's
//! credential, shown nowhere, and goes to no other server than the one it was given for.

use domain::{
    access::{Owner, Reader},
    mail::{InvalidMail, MailRefusal, MailSecurity, MailSettings, Sender},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Mail, MailWay};
use crate::{
    Error, Inner, Origin, SecretText,
    store::{change::Subject, settings},
};

/// Where it stands among the settings.
const SETTING: &str = "mail";
/// What the password is sealed for.
const BINDING: &str = "mail:password";

/// What the console has set.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    settings: MailSettings,
    sealed: Option<String>,
}

/// How mail is sent, as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailSet {
    /// Nobody has said.
    Nowhere,
    /// An owner has said so in the console.
    Console {
        /// The server and the sender.
        settings: MailSettings,
        /// A password is stored.
        has_password: bool,
    },
    /// The configuration says so.
    Configured {
        /// The server and the sender.
        settings: MailSettings,
        /// A password is known.
        has_password: bool,
        /// Where it was said.
        said_by: String,
    },
    /// The configuration names a folder.
    Folder {
        /// The folder.
        folder: String,
        /// From whom.
        sender: Sender,
        /// Where it was said.
        said_by: String,
    },
}

impl Inner {
    /// The way for mail to leave; none when nobody has said one.
    pub(crate) async fn mail_way(&self) -> Result<Option<MailWay>, Error> {
        if let Some(filed) = &self.post.filed {
            return Ok(Some(filed.way.clone()));
        }
        let Some(stored) = read(settings::get(&self.store, SETTING).await?) else {
            return Ok(None);
        };
        let open = |sealed: &String| {
            let bytes = self.keys.credential.open(sealed, BINDING)?;
            Ok::<_, Error>(SecretText::from(String::from_utf8_lossy(&bytes).into_owned()))
        };
        Ok(Some(MailWay::Server {
            password: stored.sealed.as_ref().map(open).transpose()?,
            settings: stored.settings,
        }))
    }
}

impl Mail<'_> {
    /// How mail is sent now.
    ///
    /// # Errors
    /// The database's.
    pub async fn shown(&self, _: &Reader) -> Result<MailSet, Error> {
        if let Some(filed) = &self.0.post.filed {
            let said_by = filed.said_by.clone();
            return Ok(match &filed.way {
                MailWay::Server { settings, password } => MailSet::Configured {
                    settings: settings.clone(),
                    has_password: password.is_some(),
                    said_by,
                },
                MailWay::Folder { folder, sender } => MailSet::Folder {
                    folder: folder.display().to_string(),
                    sender: sender.clone(),
                    said_by,
                },
            });
        }
        Ok(match read(settings::get(&self.0.store, SETTING).await?) {
            None => MailSet::Nowhere,
            Some(stored) => MailSet::Console {
                settings: stored.settings,
                has_password: stored.sealed.is_some(),
            },
        })
    }

    /// Says how mail is sent. Without a password the stored one stays, as long as it goes to the same server by a way no worse;
    /// else it is dropped, and the answer is true.
    ///
    /// # Errors
    /// [`MailRefusal::Configured`], [`InvalidMail::Password`], [`InvalidMail::InTheOpen`]; the database's.
    pub async fn save(
        &self,
        owner: &Owner,
        origin: Origin<'_>,
        wanted: &MailSettings,
        password: Option<&SecretText>,
    ) -> Result<bool, Error> {
        if self.0.post.filed.is_some() {
            return Err(MailRefusal::Configured.into());
        }
        let server = &wanted.server;
        if server.user.is_some() && server.security == MailSecurity::None && !server.is_here() {
            return Err(MailRefusal::from(InvalidMail::InTheOpen).into());
        }
        let typed = password.map(|password| self.seal(password)).transpose()?;
        let mut change = self.0.change(owner.actor(), origin).await?;
        let before = read(settings::get_in(&mut change.tx, SETTING).await?);
        let kept = before.as_ref().and_then(|before| before.sealed.clone());
        let trusted = before
            .as_ref()
            .is_some_and(|before| before.settings.server.trusts_like(server));
        let dropped = typed.is_none() && kept.is_some() && !trusted;
        let sealed = typed.clone().or(kept.filter(|_| trusted));
        let stored = Stored {
            settings: wanted.clone(),
            sealed,
        };
        let text = serde_json::to_string(&stored).unwrap_or_default();
        let at = change.at;
        settings::set_in(&mut change.tx, SETTING, &text, at).await?;
        let mut after = told(&stored);
        after["password_replaced"] = typed.is_some().into();
        after["password_dropped"] = dropped.into();
        let before = before.as_ref().map(told);
        change.audit(subject("mail.set"), before.as_ref(), Some(&after)).await?;
        change.commit().await?;
        // What waits may go now.
        self.0.wake_post();
        Ok(dropped)
    }

    /// Takes back what the console says: no mail is sent any more.
    ///
    /// # Errors
    /// [`MailRefusal::Configured`]; the database's.
    pub async fn forget(&self, owner: &Owner, origin: Origin<'_>) -> Result<(), Error> {
        if self.0.post.filed.is_some() {
            return Err(MailRefusal::Configured.into());
        }
        let mut change = self.0.change(owner.actor(), origin).await?;
        let Some(before) = read(settings::get_in(&mut change.tx, SETTING).await?) else {
            return Err(MailRefusal::NotSetUp.into());
        };
        settings::remove(&mut change.tx, SETTING).await?;
        change
            .audit::<_, ()>(subject("mail.forget"), Some(&told(&before)), None)
            .await?;
        change.commit().await?;
        Ok(())
    }

    fn seal(&self, password: &SecretText) -> Result<String, Error> {
        let text = password.expose();
        if !(1..=400).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            return Err(MailRefusal::from(InvalidMail::Password).into());
        }
        Ok(self.0.keys.credential.seal(text.as_bytes(), BINDING)?)
    }
}

fn read(stored: Option<String>) -> Option<Stored> {
    serde_json::from_str(&stored?).ok()
}

/// What is written down of it.
fn told(stored: &Stored) -> Value {
    json!({ "server": stored.settings.server, "sender": stored.settings.sender, "has_password": stored.sealed.is_some() })
}

const fn subject(action: &str) -> Subject<'_> {
    Subject {
        action,
        id: String::new(),
        name: SETTING,
    }
}
