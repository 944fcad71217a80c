//! Keys as the request path knows them, and the applications of projects.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

use domain::{
    id::{AccountId, KeyId, ProjectId, UserId},
    key::{Addresses, Allowed, Scope, Scopes},
    project::ProjectRole,
    time::{Micros, Timestamp},
};

use crate::{
    Error,
    call::{Asking, KeyProblem, Payer, Withdrawn},
    secrets::{KeyHash, parse_hash},
    store::{self, Store, keys::Access},
};

/// So long whoever still sends a secret that was replaced, or that of a key that was revoked, deleted or has expired, is told so. Then
/// it is unknown, and not read any more; of an expired one that is given more time, it is read again.
const TOLD_FOR: Micros = Micros::from_days(1);

/// An API key, or an earlier secret of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// The key's id, also where this is an earlier secret.
    pub id: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// Of which project.
    pub project: ProjectId,
    /// Who pays for the project.
    pub account: AccountId,
    /// Why it is refused, whoever asks for what.
    refused: Option<KeyProblem>,
    /// Its owner is an auditor, who calls no model: what they made before rests, like a suspended person's, and a key that manages
    /// reads what they may read.
    auditor: bool,
    /// Nobody pays for the project's calls.
    unpaid: bool,
    /// The time of this secret, where another one took its place.
    replaced: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    addresses: Option<Addresses>,
    scopes: Scopes,
}

impl KeyEntry {
    /// Whether it may be used for this, from here, now.
    ///
    /// # Errors
    /// [`KeyProblem`].
    pub fn admits(&self, wanted: Scope, from: IpAddr, now: Timestamp) -> Result<(), KeyProblem> {
        let over = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
        let is_elsewhere = |bound: &Addresses| !bound.contain(from);
        if let Some(problem) = self.refused {
            Err(problem)
        } else if self.auditor && wanted != Scope::Manage {
            Err(KeyProblem::Suspended)
        } else if over(self.replaced) {
            Err(KeyProblem::Replaced)
        } else if over(self.expires_at) {
            Err(KeyProblem::Expired)
        } else if self.addresses.as_ref().is_some_and(is_elsewhere) {
            Err(KeyProblem::WrongAddress)
        } else if !self.scopes.has(wanted) {
            Err(KeyProblem::WrongScope(wanted))
        } else if self.unpaid && wanted == Scope::Inference {
            Err(KeyProblem::Unpaid)
        } else {
            Ok(())
        }
    }

    /// As it is stored.
    pub(crate) fn of(row: &Access) -> Self {
        let role = row.role.as_deref().and_then(ProjectRole::parse);
        let refused = [
            (row.revoked != 0, KeyProblem::Revoked),
            (row.suspended != 0, KeyProblem::Suspended),
            (row.disabled != 0, KeyProblem::Disabled),
            (row.archived != 0, KeyProblem::Archived),
            (role.is_none(), KeyProblem::NotMember),
            (role.is_some_and(|role| !role.has_keys()), KeyProblem::Reader),
        ];
        Self {
            id: KeyId::from_number(row.id),
            user: UserId::from_number(row.person_id),
            project: ProjectId::from_number(row.project_id),
            account: AccountId::from_number(row.account_id),
            refused: refused.into_iter().find(|(so, _)| *so).map(|(_, problem)| problem),
            auditor: row.auditor != 0,
            unpaid: row.unpaid != 0,
            replaced: None,
            expires_at: row.expires_at.map(Timestamp),
            addresses: row.addresses.as_deref().map(Addresses::stored),
            scopes: Scopes::stored(&row.scopes),
        }
    }
}

/// All keys, what each may ask, and who calls by which application.
#[derive(Debug, Default)]
pub(super) struct KeyBook {
    by_hash: HashMap<KeyHash, KeyEntry>,
    /// Of keys that may not ask everything.
    allowed: HashMap<KeyId, Allowed>,
    /// Of keys that are refused whatever is asked: why.
    refused: HashMap<KeyId, KeyProblem>,
    /// Of keys that call no models, or not from everywhere: from where they do, if from anywhere.
    narrow: HashMap<KeyId, Narrow>,
    /// Who may ask no models, with a key or without; and whether they pay for nobody either.
    kept_out: HashMap<UserId, bool>,
    applications: HashMap<String, Named>,
}

/// Which calls a key may make.
#[derive(Debug)]
struct Narrow {
    calls: bool,
    addresses: Option<Addresses>,
}

/// An application's project.
#[derive(Debug)]
struct Named {
    project: ProjectId,
    payer: Option<AccountId>,
    /// Who has keys in the project.
    people: HashSet<UserId>,
}

impl KeyBook {
    /// Reads them. A damaged row is left out and told in the log.
    pub(super) async fn load(store: &Store, now: Timestamp) -> Result<Self, Error> {
        let mut book = Self::default();
        let since = now.plus(Micros(-TOLD_FOR.0));
        let mut keys = HashMap::new();
        for row in store::keys::access(store, since).await? {
            let entry = KeyEntry::of(&row);
            let refused = entry.refused.or(entry.auditor.then_some(KeyProblem::Suspended));
            book.refused.extend(refused.map(|problem| (entry.id, problem)));
            let calls = entry.scopes.has(Scope::Inference);
            if !calls || entry.addresses.is_some() {
                let addresses = entry.addresses.clone();
                book.narrow.insert(entry.id, Narrow { calls, addresses });
            }
            book.know(&row.token_hash, entry.clone());
            keys.insert(row.id, entry);
        }
        for (id, hash, until) in store::keys::earlier_of_all(store, since).await? {
            if let Some(key) = keys.get(&id) {
                let replaced = Some(Timestamp(until));
                book.know(
                    &hash,
                    KeyEntry {
                        replaced,
                        ..key.clone()
                    },
                );
            }
        }
        book.kept_out = store::people::kept_out(store).await?;
        book.allowed = store::keys::allowed(store).await?;
        book.allowed.retain(|key, _| keys.contains_key(&key.number()));
        for row in store::projects::named_people(store).await? {
            let named = book.applications.entry(row.application).or_insert_with(|| Named {
                project: ProjectId::from_number(row.project_id),
                payer: (row.pays != 0).then(|| AccountId::from_number(row.account_id)),
                people: HashSet::new(),
            });
            named.people.insert(UserId::from_number(row.person_id));
        }
        Ok(book)
    }

    fn know(&mut self, hash: &str, entry: KeyEntry) {
        match parse_hash(hash) {
            Some(hash) => drop(self.by_hash.insert(hash, entry)),
            None => tracing::error!(key = %entry.id, "a stored key hash is unreadable; the key is refused"),
        }
    }

    pub(super) fn key(&self, hash: &KeyHash) -> Option<&KeyEntry> {
        self.by_hash.get(hash)
    }

    /// Why a call ends that has begun, where whoever called may not any more. That a key's time is over, or that its payer has withdrawn from the
    /// project, ends none that was let in before; that its payer was suspended or deleted does.
    pub(super) fn withdrawn(&self, Asking { caller, from, .. }: &Asking) -> Option<Withdrawn> {
        let Some(key) = caller.key else {
            return self.kept_out.contains_key(&caller.user).then_some(Withdrawn::Person);
        };
        let elsewhere = |bound: &Addresses| from.is_some_and(|from| !bound.contain(from));
        let problem = match (self.refused.get(&key), self.narrow.get(&key)) {
            (Some(problem), _) => *problem,
            (_, Some(narrow)) if narrow.addresses.as_ref().is_some_and(elsewhere) => KeyProblem::WrongAddress,
            (_, Some(narrow)) if !narrow.calls => KeyProblem::WrongScope(Scope::Inference),
            _ if self.pays_nothing(caller.payer) => KeyProblem::Unpaid,
            _ => return None,
        };
        Some(Withdrawn::Key(problem))
    }

    /// Whose account pays is suspended or deleted.
    fn pays_nothing(&self, payer: Payer) -> bool {
        match payer {
            // They are refused themselves.
            Payer::Themselves => false,
            Payer::Another(account) => self.kept_out.get(&UserId::from_number(account.number())) == Some(&true),
        }
    }

    pub(super) fn allowed(&self, key: KeyId) -> Option<&Allowed> {
        self.allowed.get(&key)
    }

    pub(super) fn application(&self, name: &str, user: UserId) -> Option<(ProjectId, Option<AccountId>)> {
        let named = self.applications.get(name)?;
        named.people.contains(&user).then_some((named.project, named.payer))
    }
}
