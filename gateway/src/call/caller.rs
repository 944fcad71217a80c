//! Who calls, by an API key. Everything that is asked here lies in memory: what a key may do, from where and until when, whether
//! its owner still belongs to its project, and who pays.

use std::net::IpAddr;

use domain::{
    access::Viewer,
    call::Fault,
    id::{AccountId, KeyId, ProjectId, UserId},
    key::{KEY_PREFIX, Scope},
    limit::{Subject, SubjectKind},
};

use super::CallError;
use crate::{Error, Gateway, Keys, ledger::account_of, snapshot::KeyEntry};

/// Longest API key that is looked at.
const KEY_LENGTH: usize = 200;

/// Who calls, of which project the call is, and who pays for it. The last two are said apart: a call that names an application is the
/// project's that it belongs to, and may be paid by whoever's key it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// Their key; absent in the playground.
    pub key: Option<KeyId>,
    /// Of which project the call is: whose limits it counts against, and where it is listed. Who pays is not worked out from it.
    pub project: ProjectId,
    /// Whose credit it takes.
    pub payer: Payer,
}

/// Whose credit a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// That of the person who calls, whichever project the call is of.
    Themselves,
    /// Somebody else's, who pays for the project.
    Another(AccountId),
}

impl Payer {
    /// Who pays for this person's call, where it takes this account's credit.
    #[must_use]
    pub const fn of(user: UserId, account: AccountId) -> Self {
        if account.number() == account_of(user).number() {
            Self::Themselves
        } else {
            Self::Another(account)
        }
    }
}

impl Caller {
    /// Somebody who calls without a key: within their personal project, on their own account.
    #[must_use]
    pub const fn of_person(user: UserId) -> Self {
        Self {
            user,
            key: None,
            project: ProjectId::personal_of(user),
            payer: Payer::Themselves,
        }
    }

    /// Whether whoever calls may know how the limits of this stand: of their key and of those by which it was made, of its project, and their
    /// own. All others are made of the calls of others.
    #[must_use]
    pub fn may_know(&self, subject: Subject) -> bool {
        match subject.kind {
            SubjectKind::Key => true,
            SubjectKind::User => subject == self.user.into(),
            SubjectKind::Project => subject == self.project.into(),
            SubjectKind::Model | SubjectKind::Provider => false,
        }
    }

    /// Whether it takes the person's own credit.
    #[must_use]
    pub const fn pays_own(&self) -> bool {
        matches!(self.payer, Payer::Themselves)
    }

    /// The account whose credit it takes.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        match self.payer {
            Payer::Themselves => account_of(self.user),
            Payer::Another(account) => account,
        }
    }
}

/// Why a request is not let in. The sentence says what to do. Every dialect takes them from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// There is none.
    #[error("You sent no API key. Send one as `Authorization: Bearer sk-hub-…`.")]
    Missing,
    /// It is none of ours.
    #[error("This is not an API key of this hub: they begin with sk-hub-. Check the key and the base URL.")]
    Malformed,
    /// It looks like ours, and we never made it.
    #[error("Incorrect API key provided. Make one in the console under API keys.")]
    Unknown,
    /// It was revoked.
    #[error("This API key was revoked. Make a new one in the console under API keys.")]
    Revoked,
    /// Its owner is suspended, or an auditor.
    #[error("The owner of this API key is suspended, or has a role without keys. Ask an admin of this hub.")]
    Suspended,
    /// It is switched off.
    #[error("This API key is disabled. Enable it in the console under API keys.")]
    Disabled,
    /// Its time is over.
    #[error("This API key has expired. Make a new one in the console under API keys.")]
    Expired,
    /// Another secret took its place, and the time for both is over.
    #[error("This secret was replaced when its API key was rotated. Use the new one.")]
    Replaced,
    /// Its owner has no keys in its project any more.
    #[error("The owner of this API key is no longer a member of its project. Make a key in another project.")]
    NotMember,
    /// Its owner only reads in its project by now, and readers have no keys.
    #[error(
        "The owner of this API key is only a reader of its project now, and readers have no keys. A project admin can make them a member again; or make a key in another project."
    )]
    Reader,
    /// Its project is archived.
    #[error("The project of this API key is archived. Make a key in another project.")]
    Archived,
    /// Nobody pays for its project.
    #[error(
        "Nobody pays for the project of this API key: whoever did withdrew, is suspended or left. A project admin can name another payer on the project's page."
    )]
    Unpaid,
    /// It may not be used for that.
    #[error(
        "This API key may not do this: it lacks the scope `{0}`. Use another key, or give it the scope in the console under API keys."
    )]
    WrongScope(Scope),
    /// It may not be used from there.
    #[error(
        "This API key may not be used from your address. Whoever keeps it can allow the address in the console under API keys."
    )]
    WrongAddress,
}

impl KeyProblem {
    /// Stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing_api_key",
            Self::Malformed | Self::Unknown => "invalid_api_key",
            Self::Revoked => "revoked_api_key",
            Self::Suspended => "suspended_user",
            Self::Disabled => "disabled_api_key",
            Self::Expired => "expired_api_key",
            Self::Replaced => "rotated_api_key",
            Self::NotMember => "not_a_project_member",
            Self::Reader => "project_reader",
            Self::Archived => "archived_project",
            Self::Unpaid => "unpaid_project",
            Self::WrongScope(_) => "scope_not_allowed",
            Self::WrongAddress => "address_not_allowed",
        }
    }

    /// 403 for a key that is good, but not for this.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::WrongScope(_) | Self::WrongAddress | Self::Unpaid => 403,
            Self::Missing
            | Self::Malformed
            | Self::Unknown
            | Self::Revoked
            | Self::Suspended
            | Self::Disabled
            | Self::Expired
            | Self::Replaced
            | Self::NotMember
            | Self::Reader
            | Self::Archived => 401,
        }
    }

    /// The same as an error of a call.
    #[must_use]
    pub fn error(self) -> CallError {
        CallError::new(Fault::Key, self.status(), self.code(), self.to_string())
    }
}

impl Gateway {
    /// Who is behind an API key that is used for `wanted`, from this address. Reads memory only.
    ///
    /// # Errors
    /// [`KeyProblem`].
    pub fn authenticate(&self, bearer: &str, wanted: Scope, from: IpAddr) -> Result<Caller, KeyProblem> {
        let key = bearer.trim();
        if key.is_empty() {
            return Err(KeyProblem::Missing);
        }
        if !key.starts_with(KEY_PREFIX) || key.len() > KEY_LENGTH {
            return Err(KeyProblem::Malformed);
        }
        let snapshot = self.0.snapshot.load();
        let entry: &KeyEntry = snapshot
            .key(&self.0.keys.api_key_hash(key))
            .ok_or(KeyProblem::Unknown)?;
        let now = self.0.clock.now();
        entry.admits(wanted, from, now)?;
        self.0.last_used.note_key(entry.id, now);
        Ok(Caller {
            user: entry.user,
            key: Some(entry.id),
            project: entry.project,
            payer: Payer::of(entry.user, entry.account),
        })
    }

    /// The same for a call that names the application which it is made by. Where its person has keys in the project that the
    /// application belongs to, the call is that project's, and its account pays if one of its admins has said so. Whatever
    /// else is named changes nothing: what stands in a header proves nothing.
    #[must_use]
    pub fn attributed(&self, caller: Caller, application: &str) -> Caller {
        // A key of a shared project is that project's, with its limits and its payer, whatever stands in a header.
        if caller.project != ProjectId::personal_of(caller.user) {
            return caller;
        }
        let snapshot = self.0.snapshot.load();
        match snapshot.application(application, caller.user) {
            Some((project, account)) => Caller {
                project,
                payer: account.map_or(caller.payer, |account| Payer::of(caller.user, account)),
                ..caller
            },
            None => caller,
        }
    }

    /// Who manages by an API key: its owner, who is read anew each time, with the role that they have now.
    ///
    /// # Errors
    /// [`Error::Key`]; the database's.
    pub async fn manager(&self, bearer: &str, from: IpAddr) -> Result<Viewer, Error> {
        let caller = self.authenticate(bearer, Scope::Manage, from)?;
        let viewer = self.sessions().viewer(caller.user).await?;
        let viewer = viewer.ok_or(KeyProblem::Suspended)?;
        // Whatever they change names the key.
        Ok(Viewer {
            key: caller.key,
            ..viewer
        })
    }

    /// Whether nothing ties the key by which somebody manages, so that they may do all that their role lets them do.
    ///
    /// # Errors
    /// [`domain::refusal::Refusal::TiedKey`]; the database's.
    pub async fn manages_freely(&self, viewer: &Viewer) -> Result<(), Error> {
        let Some(key) = viewer.key else { return Ok(()) };
        let mut tx = self.0.store.begin_read().await?;
        Keys::is_untied(&mut tx, key).await
    }
}
