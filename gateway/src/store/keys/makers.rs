//! By which key another was made, and whose limits a key counts in by that. It is written once, with the key, so no chain of them is a
//! ring; rows of keys stay, so each ends at one that a person made.

use std::collections::HashMap;

use domain::{
    id::{KeyId, ProjectId, UserId},
    limit::Subject,
};

use crate::store::{Store, StoreError, Tx, fetch_all, tx_fetch_optional};

/// A key by which others were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Maker {
    /// Itself.
    pub key: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// Of which project.
    pub project: ProjectId,
}

impl Maker {
    /// Whose limits its calls count in, the nearest first.
    fn subjects(self) -> [Subject; 3] {
        [self.key.into(), self.project.into(), self.user.into()]
    }
}

/// Whose limits a key counts in, each once: its own, its project's and its owner's, and those of each by which it came to be, so nobody gets
/// out of a limit by making keys for others. `lineage`: the key, the one by which it was made, and so on. The request path asks this of
/// what is in memory (`snapshot::limits`), and whoever changes something of what is stored ([`counted`]).
pub(crate) fn counted_in(lineage: impl IntoIterator<Item = Maker>) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for subject in lineage.into_iter().flat_map(Maker::subjects) {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    subjects
}

/// The maker of each key that was made by one, also of those that were deleted.
pub(crate) async fn makers(store: &Store) -> Result<HashMap<KeyId, Maker>, StoreError> {
    let rows = fetch_all!(
        store,
        (i64, i64, i64, i64),
        "SELECT k.id, m.id, m.person_id, m.project_id FROM api_key k JOIN api_key m ON m.id = k.maker_id"
    )?;
    let known = |(key, maker, user, project)| (KeyId::from_number(key), maker_of(maker, user, project));
    Ok(rows.into_iter().map(known).collect())
}

/// Whether others were made by a key: they count in its limits for good.
pub(crate) async fn has_made(tx: &mut Tx, key: KeyId) -> Result<bool, StoreError> {
    let query = "SELECT id FROM api_key WHERE maker_id = $1 LIMIT 1";
    Ok(tx_fetch_optional!(tx, (i64,), query, key.number())?.is_some())
}

/// Whether somebody's keys have made any for others: they count in their maker's owner's limits for good.
pub(crate) async fn made_for_others(tx: &mut Tx, person: UserId) -> Result<bool, StoreError> {
    let query = "SELECT made.id FROM api_key made JOIN api_key maker ON maker.id = made.maker_id
        WHERE maker.person_id = $1 AND made.person_id <> $1 LIMIT 1";
    Ok(tx_fetch_optional!(tx, (i64,), query, person.number())?.is_some())
}

/// A key, the one by which it was made, the one by which that was made, and so on.
async fn lineage(tx: &mut Tx, key: KeyId) -> Result<Vec<Maker>, StoreError> {
    let mut keys: Vec<Maker> = Vec::new();
    let mut next = Some(key.number());
    while let Some(number) = next {
        let row = tx_fetch_optional!(
            tx,
            (i64, i64, i64, Option<i64>),
            "SELECT id, person_id, project_id, maker_id FROM api_key WHERE id = $1",
            number
        )?;
        let Some((id, user, project, maker)) = row else {
            break;
        };
        keys.push(maker_of(id, user, project));
        next = maker.filter(|maker| keys.iter().all(|known| known.key.number() != *maker));
    }
    Ok(keys)
}

/// Whose limits a key counts in, as it is stored ([`counted_in`]).
pub(crate) async fn counted(tx: &mut Tx, key: KeyId) -> Result<Vec<Subject>, StoreError> {
    Ok(counted_in(lineage(tx, key).await?))
}

const fn maker_of(key: i64, user: i64, project: i64) -> Maker {
    Maker {
        key: KeyId::from_number(key),
        user: UserId::from_number(user),
        project: ProjectId::from_number(project),
    }
}
