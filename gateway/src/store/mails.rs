//! Table `mail`: what is to be sent and what became of it. Holds neither texts nor tokens.

use domain::{
    id::{InvitationId, MailId, UserId},
    mail::{MailKind, MailLanguage, MailState, MailView, SendFault},
    time::Timestamp,
};

use super::{Store, StoreError, Tx, execute, fetch_all, fetch_optional, tx_execute, tx_fetch_optional};

/// A mail to be sent.
#[derive(Clone, Debug)]
pub(crate) struct New<'a> {
    pub(crate) id: MailId,
    pub(crate) kind: MailKind,
    pub(crate) recipient: &'a str,
    pub(crate) person: Option<UserId>,
    pub(crate) invitation: Option<InvitationId>,
    pub(crate) language: MailLanguage,
    /// From where it was asked for.
    pub(crate) address: Option<&'a str>,
    pub(crate) at: Timestamp,
}

/// A mail that is due.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Due {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) recipient: String,
    pub(crate) person_id: Option<i64>,
    pub(crate) invitation_id: Option<i64>,
    pub(crate) language: String,
    pub(crate) address: Option<String>,
    pub(crate) attempts: i64,
    pub(crate) created_at: i64,
}

const INSERT: &str =
    "INSERT INTO mail (id, kind, state, recipient, person_id, invitation_id, language, address, created_at, due_at)
     VALUES ($1, $2, 'waiting', $3, $4, $5, $6, $7, $8, $8)";

/// Adds a mail.
pub(crate) async fn insert(store: &Store, new: &New<'_>) -> Result<(), StoreError> {
    execute!(
        store,
        INSERT,
        new.id.number(),
        new.kind.as_str(),
        new.recipient,
        new.person.map(UserId::number),
        new.invitation.map(InvitationId::number),
        new.language.tag(),
        new.address,
        new.at.microseconds(),
    )?;
    Ok(())
}

/// The same within a change.
pub(crate) async fn insert_in(tx: &mut Tx, new: &New<'_>) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        INSERT,
        new.id.number(),
        new.kind.as_str(),
        new.recipient,
        new.person.map(UserId::number),
        new.invitation.map(InvitationId::number),
        new.language.tag(),
        new.address,
        new.at.microseconds(),
    )?;
    Ok(())
}

/// How many wait.
pub(crate) async fn waiting(store: &Store) -> Result<i64, StoreError> {
    let row = fetch_optional!(store, (i64,), "SELECT COUNT(*) FROM mail WHERE state = 'waiting'")?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Those that are due, the oldest first.
pub(crate) async fn due(store: &Store, now: Timestamp, most: i64) -> Result<Vec<Due>, StoreError> {
    Ok(fetch_all!(
        store,
        Due,
        "SELECT id, kind, recipient, person_id, invitation_id, language, address, attempts, created_at FROM mail
         WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT $2",
        now.microseconds(),
        most
    )?)
}

/// When the next one is due.
pub(crate) async fn next_due(store: &Store) -> Result<Option<Timestamp>, StoreError> {
    let row = fetch_optional!(
        store,
        (Option<i64>,),
        "SELECT MIN(due_at) FROM mail WHERE state = 'waiting'"
    )?;
    Ok(row.and_then(|(at,)| at).map(Timestamp))
}

/// Takes a mail to try it: nobody else does until `until`. False when somebody else was faster.
pub(crate) async fn claim(store: &Store, id: i64, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    let rows = execute!(
        store,
        "UPDATE mail SET attempts = attempts + 1, due_at = $3 WHERE id = $1 AND state = 'waiting' AND due_at <= $2",
        id,
        now.microseconds(),
        until.microseconds()
    )?;
    Ok(rows == 1)
}

/// It was sent, or given up.
pub(crate) async fn end(
    store: &Store,
    id: i64,
    state: MailState,
    problem: Option<&SendFault>,
    now: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE mail SET state = $2, problem = $3, ended_at = $4 WHERE id = $1 AND state = 'waiting'",
        id,
        state.as_str(),
        problem.and_then(|problem| serde_json::to_string(problem).ok()),
        now.microseconds()
    )?;
    Ok(())
}

/// It is tried again then.
pub(crate) async fn postpone(store: &Store, id: i64, problem: &SendFault, due: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "UPDATE mail SET problem = $2, due_at = $3 WHERE id = $1 AND state = 'waiting'",
        id,
        serde_json::to_string(problem).ok(),
        due.microseconds()
    )?;
    Ok(())
}

/// Whether one still waits, within a change: what was ended meanwhile gets no link.
pub(crate) async fn still_waits(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let found = tx_fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM mail WHERE id = $1 AND state = 'waiting'",
        id
    )?;
    Ok(found.is_some())
}

/// Ends for good what would bring somebody a link. The rows stay, as they count how much was asked for; those about a lost
/// password name an address and no person, and count nothing.
pub(crate) async fn end_of_person(
    tx: &mut Tx,
    person: UserId,
    recipient: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx_execute!(
        tx,
        "DELETE FROM mail WHERE kind = 'reset' AND state <> 'sent' AND recipient = $1",
        recipient
    )?;
    tx_execute!(
        tx,
        "UPDATE mail SET state = 'failed', problem = $2, ended_at = $3
         WHERE person_id = $1 AND kind = 'confirm' AND state <> 'sent'",
        person.number(),
        serde_json::to_string(&SendFault::Nobody).ok(),
        now.microseconds()
    )?;
    Ok(())
}

/// Removes one that has nobody to go to.
pub(crate) async fn delete(store: &Store, id: i64) -> Result<(), StoreError> {
    execute!(store, "DELETE FROM mail WHERE id = $1", id)?;
    Ok(())
}

/// Removes those that ended long ago.
pub(crate) async fn delete_ended(store: &Store, before: Timestamp) -> Result<u64, StoreError> {
    Ok(execute!(
        store,
        "DELETE FROM mail WHERE ended_at <= $1",
        before.microseconds()
    )?)
}

/// Tries one again at once, also one that was given up, but for those that nobody is to get. The number of rows.
pub(crate) async fn again(tx: &mut Tx, id: MailId, now: Timestamp) -> Result<u64, StoreError> {
    Ok(tx_execute!(
        tx,
        "UPDATE mail SET state = 'waiting', due_at = $2, created_at = $2, ended_at = NULL
         WHERE id = $1 AND state <> 'sent' AND (problem IS NULL OR problem <> $3)",
        id.number(),
        now.microseconds(),
        serde_json::to_string(&SendFault::Nobody).ok()
    )?)
}

/// How many of a kind somebody was sent since a moment, and when the last one was asked for.
pub(crate) async fn of_person(
    store: &Store,
    person: UserId,
    kind: MailKind,
    since: Timestamp,
) -> Result<(i64, Option<Timestamp>), StoreError> {
    let row = fetch_optional!(
        store,
        (i64, Option<i64>),
        "SELECT COUNT(*), MAX(created_at) FROM mail WHERE person_id = $1 AND kind = $2 AND created_at > $3",
        person.number(),
        kind.as_str(),
        since.microseconds()
    )?;
    Ok(row.map_or((0, None), |(count, last)| (count, last.map(Timestamp))))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    state: String,
    recipient: String,
    attempts: i64,
    problem: Option<String>,
    created_at: i64,
    due_at: i64,
}

impl Row {
    fn view(self) -> Result<MailView, StoreError> {
        let unknown = |column| StoreError::Row { table: "mail", column };
        Ok(MailView {
            id: MailId::from_number(self.id),
            kind: MailKind::parse(&self.kind).ok_or_else(|| unknown("kind"))?,
            state: MailState::parse(&self.state).ok_or_else(|| unknown("state"))?,
            recipient: self.recipient,
            attempts: self.attempts,
            problem: self.problem.and_then(|text| serde_json::from_str(&text).ok()),
            created_at: Timestamp(self.created_at),
            due_at: Timestamp(self.due_at),
        })
    }
}

/// The newest: those that wait and failed before those that were sent.
pub(crate) async fn newest(store: &Store, most: i64) -> Result<Vec<MailView>, StoreError> {
    let rows = fetch_all!(
        store,
        Row,
        "SELECT id, kind, state, recipient, attempts, problem, created_at, due_at FROM mail
         ORDER BY CASE state WHEN 'sent' THEN 1 ELSE 0 END, id DESC LIMIT $1",
        most
    )?;
    rows.into_iter().map(Row::view).collect()
}
