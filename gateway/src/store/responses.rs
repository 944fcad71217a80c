//! Table `response_place`: which provider and which of its credentials keep an answer, and whose it is. Rows live as long as
//! OpenAI keeps answers: thirty days.

use domain::{
    id::{CredentialId, ProviderId, UserId},
    time::{Micros, Timestamp},
};

use super::{Store, StoreError, execute, fetch_optional};

/// How long a place is remembered.
const DAYS: i64 = 30;
/// Old places go in small pieces.
const PIECE: i64 = 100;

/// Where an answer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Whose answer it is.
    pub person: UserId,
    /// Who keeps it.
    pub provider: ProviderId,
    /// With which credential it was asked for; absent where none is needed.
    pub credential: Option<CredentialId>,
    /// Tokens of the conversation with its answer, where the provider has counted them.
    pub tokens: Option<u64>,
}

/// Remembers a place, and forgets a few that are too old.
pub(crate) async fn remember(store: &Store, id: &str, place: Place, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "INSERT INTO response_place (id, person_id, provider_id, credential_id, created_at, tokens) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO NOTHING",
        id,
        place.person.number(),
        place.provider.number(),
        place.credential.map(CredentialId::number),
        now.microseconds(),
        place.tokens.and_then(|tokens| i64::try_from(tokens).ok()),
    )?;
    let oldest = now.plus(Micros(-Micros::from_days(DAYS).0)).microseconds();
    execute!(
        store,
        "DELETE FROM response_place WHERE id IN
            (SELECT id FROM response_place WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
        oldest,
        PIECE,
    )?;
    Ok(())
}

/// Finds a place.
pub(crate) async fn find(store: &Store, id: &str) -> Result<Option<Place>, StoreError> {
    let row = fetch_optional!(
        store,
        (i64, i64, Option<i64>, Option<i64>),
        "SELECT person_id, provider_id, credential_id, tokens FROM response_place WHERE id = $1",
        id,
    )?;
    Ok(row.map(|(person, provider, credential, tokens)| Place {
        person: UserId::from_number(person),
        provider: ProviderId::from_number(provider),
        credential: credential.map(CredentialId::from_number),
        tokens: tokens.and_then(|tokens| u64::try_from(tokens).ok()),
    }))
}
