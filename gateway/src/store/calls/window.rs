//! Which calls a list looks at: never more than a window of them, however many there are.
//!
//! One condition of the filter leads: it has an index in the order of ids, so that the rows it admits are read in order and
//! no others. The other conditions have no index together with it. They are applied to the first so many of those rows; a
//! page that is not full by then says how far was looked, and the next page goes on from there. Used by `read`.

use domain::{
    call::{CallFilter, CallState},
    page::Cursor,
};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::concern::{concern, condition};
use crate::store::filtered::matches_nothing;

/// The most calls that are looked at for a page or a count.
pub(crate) const WINDOW: i64 = 20_000;
/// Looked at first: mostly that is enough to fill a page.
pub(super) const GLANCE: i64 = 500;

/// The condition whose index is walked. Those that admit few calls lead those that admit many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Key(i64),
    User(i64),
    /// One that people share: those calls have an index of their own.
    Project(i64),
    Provider(i64),
    /// Whatever should be looked at, for any reason: rarest of all, and in an index of its own.
    Concern,
    /// Not succeeded, which most have: that index holds the rare ones only.
    State(CallState),
    /// The primary key.
    Nothing,
}

/// A filter and a place in the list, as conditions.
pub(super) struct Window<'a> {
    filter: &'a CallFilter,
    cursor: Cursor,
    lead: Lead,
    size: i64,
}

impl<'a> Window<'a> {
    pub(super) fn of(filter: &'a CallFilter, cursor: Cursor, size: i64) -> Self {
        let key = filter.key.map(|key| Lead::Key(key.number()));
        let user = filter.user.map(|user| Lead::User(user.number()));
        let provider = filter.provider.map(|provider| Lead::Provider(provider.number()));
        let state = filter.state.filter(|state| *state != CallState::Succeeded);
        let concern = filter.concern.map(|_| Lead::Concern);
        let project = filter.project.map(|project| Lead::Project(project.number()));
        let lead = concern
            .or(key)
            .or(user)
            .or(project)
            .or(state.map(Lead::State))
            .or(provider);
        Self {
            filter,
            cursor,
            lead: lead.unwrap_or(Lead::Nothing),
            size,
        }
    }

    /// There are conditions beside the one that leads, so the number of calls to look at must be limited.
    pub(super) fn is_bounded(&self) -> bool {
        let filter = self.filter;
        let conditions = [
            filter.key.is_some(),
            filter.user.is_some(),
            filter.project.is_some(),
            filter.provider.is_some(),
            filter.state.is_some(),
            filter.endpoint.is_some(),
        ];
        let leading = usize::from(self.lead != Lead::Nothing);
        // That index holds every reason, and one is asked for.
        filter.concern.is_some()
            || filter.model.is_some()
            || conditions.into_iter().filter(|given| *given).count() > leading
    }

    /// The order of the cursor.
    fn order(&self) -> &'static str {
        match self.cursor {
            Cursor::Newest | Cursor::Before(_) => "DESC",
            Cursor::After(_) => "ASC",
        }
    }

    /// `ORDER BY` and `LIMIT`.
    pub(super) fn push_end<DB>(&self, query: &mut QueryBuilder<DB>, column: &'static str, limit: i64)
    where
        DB: Database,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
    {
        let order = self.order();
        query
            .push(format_args!(" ORDER BY {column} {order} LIMIT "))
            .push_bind(limit);
    }

    /// What stands after `FROM`: the table, or the window of it.
    pub(super) fn push_source<DB>(&self, query: &mut QueryBuilder<DB>)
    where
        DB: Database,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
        for<'q> String: Encode<'q, DB> + Type<DB>,
    {
        if !self.is_bounded() {
            query.push("call");
            return;
        }
        query.push("(SELECT * FROM call WHERE 1 = 1");
        self.push_range(query, "");
        self.push_end(query, "id", self.size);
        query.push(")");
    }

    /// The conditions on the source, which is called `c`.
    pub(super) fn push_conditions<DB>(&self, query: &mut QueryBuilder<DB>)
    where
        DB: Database,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
        for<'q> String: Encode<'q, DB> + Type<DB>,
    {
        if self.is_bounded() {
            self.push_others(query);
        } else {
            self.push_range(query, "c.");
        }
    }

    /// Finds the last call of the window; none when the window holds them all.
    pub(super) fn edge_query<DB>(&self) -> QueryBuilder<DB>
    where
        DB: Database,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
        for<'q> String: Encode<'q, DB> + Type<DB>,
    {
        let mut query = QueryBuilder::new("SELECT id FROM call WHERE 1 = 1");
        self.push_range(&mut query, "");
        self.push_end(&mut query, "id", 1);
        query.push(" OFFSET ").push_bind(self.size - 1);
        query
    }

    /// The leading condition, the time and the place in the list: what one index answers.
    fn push_range<DB>(&self, query: &mut QueryBuilder<DB>, table: &'static str)
    where
        DB: Database,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
        for<'q> String: Encode<'q, DB> + Type<DB>,
    {
        let mut number = |condition: &'static str, value: i64| {
            query.push(format_args!(" AND {table}{condition} ")).push_bind(value);
        };
        match self.lead {
            Lead::Key(key) => number("key_id =", key),
            Lead::User(user) => number("person_id =", user),
            Lead::Project(project) => number("project_id =", project),
            Lead::Provider(provider) => number("provider_id =", provider),
            Lead::Concern | Lead::State(_) | Lead::Nothing => {}
        }
        // Ids begin with the time, so a range of time is a range of ids.
        if let Some(from) = self.filter.from {
            number("id >=", domain::id::pack(from.milliseconds(), 0, 0));
        }
        if let Some(until) = self.filter.until {
            number("id <", domain::id::pack(until.milliseconds(), 0, 0));
        }
        match self.cursor {
            Cursor::Newest => {}
            Cursor::Before(id) => number("id <", id),
            Cursor::After(id) => number("id >", id),
        }
        if matches!(self.lead, Lead::Project(_)) {
            // The index's own condition, word for word: else it would not be used.
            query.push(format_args!(" AND {table}project_id <> {table}person_id"));
        }
        if self.lead == Lead::Concern {
            query.push(concat!(" AND ", concern!(any)));
        }
        if let Lead::State(state) = self.lead {
            // The first condition is the index's own, word for word: else it would not be used.
            query
                .push(format_args!(" AND {table}state <> 'succeeded' AND {table}state = "))
                .push_bind(state.as_str().to_owned());
        }
    }

    /// Every condition beside the leading one. Values are always bound.
    fn push_others<DB>(&self, query: &mut QueryBuilder<DB>)
    where
        DB: Database,
        for<'q> i64: Encode<'q, DB> + Type<DB>,
        for<'q> String: Encode<'q, DB> + Type<DB>,
    {
        let (filter, lead) = (self.filter, self.lead);
        if let Some(concern) = filter.concern {
            query.push(" AND ").push(condition(concern));
        }
        if let Some(key) = filter.key.filter(|_| !matches!(lead, Lead::Key(_))) {
            query.push(" AND c.key_id = ").push_bind(key.number());
        }
        if let Some(user) = filter.user.filter(|_| !matches!(lead, Lead::User(_))) {
            query.push(" AND c.person_id = ").push_bind(user.number());
        }
        if let Some(project) = filter.project.filter(|_| !matches!(lead, Lead::Project(_))) {
            // Calls of before there were projects are their person's own.
            query
                .push(" AND COALESCE(c.project_id, c.person_id) = ")
                .push_bind(project.number());
        }
        if let Some(provider) = filter.provider.filter(|_| !matches!(lead, Lead::Provider(_))) {
            query.push(" AND c.provider_id = ").push_bind(provider.number());
        }
        if let Some(state) = filter.state.filter(|_| !matches!(lead, Lead::State(_))) {
            query.push(" AND c.state = ").push_bind(state.as_str().to_owned());
        }
        if let Some(endpoint) = filter.endpoint {
            query.push(" AND c.endpoint = ").push_bind(endpoint.as_str().to_owned());
        }
        if matches_nothing(query, &[filter.model.as_deref()]) {
            return;
        }
        if let Some(model) = &filter.model {
            let pattern = format!("%{}%", escape_like(model));
            query
                .push(" AND (c.model_asked LIKE ")
                .push_bind(pattern.clone())
                .push(" ESCAPE '\\' OR c.model_served LIKE ");
            query.push_bind(pattern).push(" ESCAPE '\\')");
        }
    }
}

/// Makes a text match itself in LIKE … ESCAPE '\'.
pub(in crate::store) fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::escape_like;

    #[test]
    fn wildcards_match_themselves() {
        assert_eq!(escape_like(r"50%_of\all"), r"50\%\_of\\all");
    }
}
