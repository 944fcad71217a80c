//! Tables `usage_limit`, `limit_count` and `limit_taking`: limits, what counts against them, and what running calls have
//! reserved of them where servers share the ledger. `counts` writes with the end of calls, `taken` is what servers tell each
//! other while they decide.

mod counts;
mod taken;

use domain::{
    id::{LimitId, UserId},
    key::Right,
    limit::{Limit, Measure, Span, Subject, SubjectKind, Window},
    time::Timestamp,
};

use super::{Store, StoreError, Tx, execute, fetch_all, fetch_optional, tx_execute, tx_fetch_all, tx_fetch_optional};

pub use counts::Limited;
pub(crate) use counts::{add, add_lost, add_request, all_counts, counts_of, open, take_back};
pub(crate) use taken::{Taken, load, write as write_taken};

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    subject_kind: String,
    subject_id: i64,
    measure: String,
    kind: String,
    span: String,
    most: i64,
}

impl Row {
    fn limit(self) -> Result<Limit, StoreError> {
        let unknown = |column| StoreError::Row {
            table: "usage_limit",
            column,
        };
        Ok(Limit {
            id: LimitId::from_number(self.id),
            subject: Subject {
                kind: SubjectKind::parse(&self.subject_kind).ok_or(unknown("subject_kind"))?,
                number: self.subject_id,
            },
            measure: Measure::parse(&self.measure).ok_or(unknown("measure"))?,
            window: Window::parse(&self.kind, &self.span).ok_or(unknown("span"))?,
            most: self.most,
        })
    }
}

/// A limit with the time zone that it goes by.
#[derive(sqlx::FromRow)]
struct Zoned {
    #[sqlx(flatten)]
    row: Row,
    time_zone: String,
}

/// Every limit, with the time zone of the account of whatever it is on.
pub(crate) async fn all(store: &Store) -> Result<Vec<(Limit, String)>, StoreError> {
    let rows: Vec<Zoned> = fetch_all!(
        store,
        Zoned,
        "SELECT l.id, l.subject_kind, l.subject_id, l.measure, l.kind, l.span, l.most,
            COALESCE(a.time_zone, 'UTC') AS time_zone
         FROM usage_limit l
         LEFT JOIN api_key k ON l.subject_kind = 'key' AND k.id = l.subject_id
         LEFT JOIN project p ON p.id = CASE l.subject_kind WHEN 'project' THEN l.subject_id WHEN 'key' THEN k.project_id END
         LEFT JOIN account a ON a.id = CASE l.subject_kind WHEN 'user' THEN l.subject_id ELSE p.account_id END
         ORDER BY l.id"
    )?;
    let zoned = |row: Zoned| Ok((row.row.limit()?, row.time_zone));
    rows.into_iter().map(zoned).collect()
}

/// The limits of one subject, in the order in which they were made.
pub(crate) async fn of_subject(store: &Store, subject: Subject) -> Result<Vec<Limit>, StoreError> {
    let rows: Vec<Row> = fetch_all!(
        store,
        Row,
        "SELECT id, subject_kind, subject_id, measure, kind, span, most FROM usage_limit
         WHERE subject_kind = $1 AND subject_id = $2 ORDER BY id",
        subject.kind.as_str(),
        subject.number
    )?;
    rows.into_iter().map(Row::limit).collect()
}

/// A limit with the right by which it was set.
#[derive(sqlx::FromRow)]
struct SetBy {
    #[sqlx(flatten)]
    row: Row,
    set_right: i64,
}

impl SetBy {
    fn limit(self) -> Result<(Limit, Right), StoreError> {
        Ok((self.row.limit()?, Right::from_number(self.set_right)))
    }
}

/// One limit, and by whose right it was set, for a change.
pub(crate) async fn get(tx: &mut Tx, id: LimitId) -> Result<Option<(Limit, Right)>, StoreError> {
    let row = tx_fetch_optional!(
        tx,
        SetBy,
        "SELECT id, subject_kind, subject_id, measure, kind, span, most, set_right FROM usage_limit WHERE id = $1",
        id.number()
    )?;
    row.map(SetBy::limit).transpose()
}

/// By whose right each limit of a subject was set.
pub(crate) async fn rights_of(tx: &mut Tx, subject: Subject) -> Result<Vec<(LimitId, Right)>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        (i64, i64),
        "SELECT id, set_right FROM usage_limit WHERE subject_kind = $1 AND subject_id = $2",
        subject.kind.as_str(),
        subject.number
    )?;
    let told = |(id, right)| (LimitId::from_number(id), Right::from_number(right));
    Ok(rows.into_iter().map(told).collect())
}

/// What a subject has of this measure and window already, for a change.
pub(crate) async fn alike(tx: &mut Tx, limit: &Limit) -> Result<Option<(Limit, Right)>, StoreError> {
    let (kind, span) = limit.window.words();
    let row = tx_fetch_optional!(
        tx,
        SetBy,
        "SELECT id, subject_kind, subject_id, measure, kind, span, most, set_right FROM usage_limit
         WHERE subject_kind = $1 AND subject_id = $2 AND measure = $3 AND kind = $4 AND span = $5",
        limit.subject.kind.as_str(),
        limit.subject.number,
        limit.measure.as_str(),
        kind,
        span
    )?;
    row.map(SetBy::limit).transpose()
}

/// Writes a limit, or how much one that stands allows from now on, and by whose right.
pub(crate) async fn put(tx: &mut Tx, limit: &Limit, set_by: Right, now: Timestamp) -> Result<(), StoreError> {
    let (kind, span) = limit.window.words();
    tx_execute!(
        tx,
        "INSERT INTO usage_limit (id, subject_kind, subject_id, measure, kind, span, most, created_at, set_right)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET most = excluded.most, set_right = excluded.set_right",
        limit.id.number(),
        limit.subject.kind.as_str(),
        limit.subject.number,
        limit.measure.as_str(),
        kind,
        span,
        limit.most,
        now.microseconds(),
        set_by.number()
    )?;
    Ok(())
}

/// Removes a limit with what counts against it. Gives how many there were.
pub(crate) async fn remove(tx: &mut Tx, id: LimitId) -> Result<u64, StoreError> {
    tx_execute!(tx, "DELETE FROM limit_count WHERE limit_id = $1", id.number())?;
    Ok(tx_execute!(tx, "DELETE FROM usage_limit WHERE id = $1", id.number())?)
}

/// Takes the limits along of what goes for good, with what counts against them, and gives them: of a provider those of its models, too. To be
/// called before it goes.
pub(crate) async fn take_along(tx: &mut Tx, subject: Subject) -> Result<Vec<Limit>, StoreError> {
    let rows = tx_fetch_all!(
        tx,
        Row,
        "SELECT id, subject_kind, subject_id, measure, kind, span, most FROM usage_limit
         WHERE (subject_kind = $1 AND subject_id = $2)
            OR ($1 = 'provider' AND subject_kind = 'model' AND subject_id IN (SELECT id FROM model WHERE provider_id = $2))
         ORDER BY id",
        subject.kind.as_str(),
        subject.number
    )?;
    let limits: Vec<Limit> = rows.into_iter().map(Row::limit).collect::<Result<_, _>>()?;
    for limit in &limits {
        remove(tx, limit.id).await?;
    }
    Ok(limits)
}

/// What a subject is called, as people see it; none when there is no such thing.
pub(crate) async fn name_in(tx: &mut Tx, subject: Subject) -> Result<Option<String>, StoreError> {
    let number = subject.number;
    let row: Option<(String,)> = match subject.kind {
        SubjectKind::Key => tx_fetch_optional!(
            tx,
            (String,),
            // Of one that is deleted, too, while keys count in its limits that it made.
            "SELECT name FROM api_key k WHERE id = $1 AND replaced_by IS NULL AND (deleted_at IS NULL
                OR EXISTS (SELECT 1 FROM api_key made WHERE made.maker_id = k.id AND made.deleted_at IS NULL))",
            number
        )?,
        SubjectKind::Project => tx_fetch_optional!(tx, (String,), "SELECT name FROM project WHERE id = $1", number)?,
        SubjectKind::User => tx_fetch_optional!(
            tx,
            (String,),
            "SELECT email FROM person WHERE id = $1 AND deleted_at IS NULL",
            number
        )?,
        SubjectKind::Model => tx_fetch_optional!(
            tx,
            (String,),
            "SELECT p.name || '/' || m.slug FROM model m JOIN provider p ON p.id = m.provider_id WHERE m.id = $1",
            number
        )?,
        SubjectKind::Provider => tx_fetch_optional!(tx, (String,), "SELECT title FROM provider WHERE id = $1", number)?,
    };
    Ok(row.map(|(name,)| name))
}

/// The time zone of somebody's own account. It has no part in the books.
pub(crate) async fn zone_of(store: &Store, person: UserId) -> Result<String, StoreError> {
    let query = "SELECT time_zone FROM account WHERE id = $1";
    let row = fetch_optional!(store, (String,), query, person.number())?;
    Ok(row.map_or_else(|| "UTC".to_owned(), |(zone,)| zone))
}

/// The same within a change.
pub(crate) async fn zone_in(tx: &mut Tx, person: UserId) -> Result<String, StoreError> {
    let query = "SELECT time_zone FROM account WHERE id = $1";
    let row = tx_fetch_optional!(tx, (String,), query, person.number())?;
    Ok(row.map_or_else(|| "UTC".to_owned(), |(zone,)| zone))
}

/// Sets it.
pub(crate) async fn set_zone(tx: &mut Tx, person: UserId, zone: &str) -> Result<(), StoreError> {
    let number = person.number();
    tx_execute!(tx, "UPDATE account SET time_zone = $2 WHERE id = $1", number, zone)?;
    Ok(())
}

/// Forgets what counts in no window any more, what calls have reserved that do not run, and limits of models and providers that went
/// before limits went with them: they limit nothing.
pub(crate) async fn tidy(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    execute!(
        store,
        "DELETE FROM usage_limit WHERE (subject_kind = 'model' AND NOT EXISTS (SELECT 1 FROM model m WHERE m.id = subject_id))
            OR (subject_kind = 'provider' AND NOT EXISTS (SELECT 1 FROM provider p WHERE p.id = subject_id))"
    )?;
    for span in Span::ALL {
        execute!(
            store,
            "DELETE FROM limit_count WHERE bucket < $1 AND EXISTS
                (SELECT 1 FROM usage_limit l WHERE l.id = limit_count.limit_id AND l.span = $2)",
            now.microseconds() - span.forgotten_after().0,
            span.as_str()
        )?;
    }
    execute!(
        store,
        "DELETE FROM limit_count WHERE NOT EXISTS (SELECT 1 FROM usage_limit l WHERE l.id = limit_count.limit_id)"
    )?;
    execute!(
        store,
        "DELETE FROM limit_taking WHERE NOT EXISTS
            (SELECT 1 FROM call c WHERE c.id = limit_taking.call_id AND c.state = 'open')"
    )?;
    Ok(())
}
