//! Table `response_place`: which provider and which of its credentials keep an answer, and whose it is. A row is written with the end
//! of its call (`calls::write`) and lives as long as OpenAI keeps answers: thirty days. Read by `call::pinned`.

use domain::{
    id::{CredentialId, ProviderId, UserId},
    time::{Micros, Timestamp},
};
use sqlx::{Database, Encode, Type, query::Query};

use super::{
    Store, StoreError, Tx,
    calls::{CallRow, KeptAnswer},
    execute, fetch_optional,
    insert::{Insert, pieces},
};

/// How long a place is remembered.
const LIFE: Micros = Micros::from_days(30);
/// Old places go in small pieces.
const PIECE: u64 = 100;

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

/// A provider may have been removed while it answered: what it keeps is out of reach then.
static PLACES: Insert = Insert::from_values(
    "INSERT INTO response_place (id, person_id, provider_id, credential_id, created_at, tokens)
     SELECT n.column1, n.column2, n.column3, n.column4, n.column5, n.column6 FROM (",
    &["TEXT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "BIGINT"],
    ") AS n WHERE EXISTS (SELECT 1 FROM provider p WHERE p.id = n.column3) ON CONFLICT (id) DO NOTHING",
);

/// Remembers where the answers of these calls lie, as far as a provider keeps them.
pub(super) async fn remember<'a>(tx: &mut Tx, calls: impl Iterator<Item = &'a CallRow>) -> Result<(), StoreError> {
    let places: Vec<(&CallRow, &KeptAnswer, ProviderId)> = calls
        .filter_map(|call| Some((call, call.kept.as_ref()?, call.provider_id?)))
        .collect();
    match tx {
        Tx::Sqlite(tx) => {
            for piece in pieces(&places) {
                PLACES.of(&piece, bind).execute(&mut **tx).await?;
            }
        }
        Tx::Postgres(tx) => {
            for piece in pieces(&places) {
                PLACES.of(&piece, bind).execute(&mut **tx).await?;
            }
        }
    }
    Ok(())
}

fn bind<'q, DB: Database>(
    query: Query<'q, DB, DB::Arguments>,
    (call, kept, provider): &'q (&'q CallRow, &'q KeptAnswer, ProviderId),
) -> Query<'q, DB, DB::Arguments>
where
    i64: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    &'q str: Encode<'q, DB> + Type<DB>,
{
    query
        .bind(kept.id.as_str())
        .bind(call.user.number())
        .bind(provider.number())
        .bind(kept.credential.map(CredentialId::number))
        .bind(call.started_at.microseconds())
        .bind(kept.tokens.and_then(|tokens| i64::try_from(tokens).ok()))
}

/// Forgets places that are too old.
pub(crate) async fn forget_old(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let oldest = now.plus(Micros(-LIFE.0)).microseconds();
    loop {
        let forgotten = execute!(
            store,
            "DELETE FROM response_place WHERE id IN
                (SELECT id FROM response_place WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
            oldest,
            PIECE as i64,
        )?;
        if forgotten < PIECE {
            return Ok(());
        }
    }
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
