//! Reading the log of calls: members see their own, everybody else all. What belongs to the operator (credentials, and what a
//! provider says of them) is for those who read everything.

use domain::{
    access::{Capability, Viewer},
    call::{Call, CallDetail, CallFilter, Fault},
    id::{CallId, KeyId, ProjectId, UserId},
    page::{Cursor, Page, PageSize, Tally},
    project::InProject,
};

use crate::{
    Error, Inner, Projects,
    store::{calls, people, projects},
};

/// No person has this number.
const NOBODY: UserId = UserId::from_number(0);

/// Use-cases about the log.
pub struct Calls<'a>(pub(crate) &'a Inner);

impl Calls<'_> {
    /// One page, newest first. Under filters that match little it may hold fewer rows than fit, or none, and still say
    /// where to continue: no page looks at more than a fixed number of calls.
    ///
    /// # Errors
    /// The database's.
    pub async fn page(
        &self,
        viewer: &Viewer,
        filter: &CallFilter,
        cursor: Cursor,
        size: PageSize,
    ) -> Result<Page<Call>, Error> {
        let filter = self.visible(viewer, filter).await?;
        let mut found = calls::page(&self.0.store, &filter, cursor, size).await?;
        if !viewer.may(Capability::ReadMoney) {
            found.calls.iter_mut().for_each(without_estimate);
        }
        let mut page = page_of(found.calls, cursor, size, |call| call.id.number());
        if let Some(id) = found.looked_until {
            // Few matched among the calls that were looked at: the next page looks on from there.
            let further = Some(id.to_string());
            match cursor {
                Cursor::Newest | Cursor::Before(_) => page.older = further,
                Cursor::After(_) => page.newer = further,
            }
        }
        Ok(page)
    }

    /// How many calls match, counted up to `cap` and among the newest that a page would look at.
    ///
    /// # Errors
    /// The database's.
    pub async fn count(&self, viewer: &Viewer, filter: &CallFilter, cap: i64) -> Result<Tally, Error> {
        let filter = self.visible(viewer, filter).await?;
        Ok(calls::count(&self.0.store, &filter, cap).await?)
    }

    /// Everything about one call.
    ///
    /// # Errors
    /// The database's.
    pub async fn detail(&self, viewer: &Viewer, id: CallId) -> Result<Option<CallDetail>, Error> {
        let detail = calls::detail(&self.0.store, id).await?;
        if viewer.may(Capability::ReadAll) {
            return Ok(detail);
        }
        let bills = viewer.may(Capability::ReadMoney);
        let Some(detail) = detail else { return Ok(None) };
        let sees = self.sees(viewer, &detail.call).await?;
        Ok(sees.then(|| without_operators_matters(detail, bills)))
    }

    /// Whether somebody sees a call: their own, those of projects that they keep, and all for whoever reads what concerns money.
    pub(crate) async fn sees(&self, viewer: &Viewer, call: &Call) -> Result<bool, Error> {
        let own = viewer.may(Capability::ReadMoney) || call.user_id == viewer.id;
        Ok(own || self.keeps(viewer, call.project_id).await?)
    }

    /// Whether somebody keeps a project, and so sees all of its calls.
    async fn keeps(&self, viewer: &Viewer, project: Option<ProjectId>) -> Result<bool, Error> {
        let Some(project) = project else { return Ok(false) };
        match Projects(self.0).standing(viewer, project).await {
            Ok(standing) => Ok(standing.may(InProject::Manage)),
            Err(Error::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Members see their own calls, and whoever keeps a project all of it when they ask for that.
    async fn visible(&self, viewer: &Viewer, filter: &CallFilter) -> Result<CallFilter, Error> {
        let mut filter = filter.clone();
        let reads_all = viewer.may(Capability::ReadMoney);
        if !reads_all && !self.keeps(viewer, filter.project).await? {
            filter.user = Some(viewer.id);
        }
        if let Some(project) = filter.project
            && let Some(person) = projects::get(&self.0.store, project)
                .await?
                .and_then(|project| project.personal_of)
        {
            // Found by its person, as most calls are personal ones.
            filter.user = match filter.user {
                Some(other) if other != person => {
                    return Ok(CallFilter {
                        user: Some(NOBODY),
                        ..filter
                    });
                }
                _ => Some(person),
            };
        }
        Ok(filter)
    }

    /// Everything about one call, for the key that made it.
    ///
    /// # Errors
    /// The database's.
    pub async fn detail_for_key(&self, key: KeyId, id: CallId) -> Result<Option<CallDetail>, Error> {
        let detail = calls::detail(&self.0.store, id).await?;
        let Some(detail) = detail.filter(|detail| detail.call.key_id == Some(key)) else {
            return Ok(None);
        };
        // The estimate of a lost call is for whoever sees it in the console: the key's owner, by their role of now.
        let estimate = match detail.call.unbilled {
            Some(unbilled) if self.reads_money(detail.call.user_id).await? => Some(unbilled),
            _ => None,
        };
        let mut detail = without_operators_matters(detail, false);
        detail.call.unbilled = estimate.or(detail.call.unbilled);
        Ok(Some(detail))
    }

    async fn reads_money(&self, user: UserId) -> Result<bool, Error> {
        let user = people::get(&self.0.store, user).await?;
        Ok(user.is_some_and(|user| user.role.may(Capability::ReadMoney)))
    }
}

/// What a provider bills is not for everybody, nor is what it probably does.
fn without_estimate(call: &mut Call) {
    if let Some(unbilled) = &mut call.unbilled {
        unbilled.estimated_cost = None;
    }
}

/// Which credential was used and what a provider says about the operator's account is for those who read everything. What it
/// bills, also for those who keep money.
fn without_operators_matters(mut detail: CallDetail, bills: bool) -> CallDetail {
    if !bills {
        without_estimate(&mut detail.call);
        detail.raw_usage = detail.raw_usage.as_deref().and_then(without_cost);
    }
    for attempt in &mut detail.attempts {
        attempt.credential_id = None;
        attempt.credential = None;
        if let Some(failure) = &mut attempt.failure
            && matches!(failure.fault, Fault::Operator | Fault::Limit)
        {
            failure.message = "Only admins see what the provider said.".to_owned();
        }
    }
    detail
}

/// A provider's report without what it says of its own bill, as OpenRouter's `cost` and `cost_details` do.
fn without_cost(raw: &str) -> Option<String> {
    let mut usage: serde_json::Value = serde_json::from_str(raw).ok().filter(serde_json::Value::is_object)?;
    match remove_cost(&mut usage) {
        true => Some(usage.to_string()),
        false => Some(raw.to_owned()),
    }
}

/// Whether anything was removed.
fn remove_cost(value: &mut serde_json::Value) -> bool {
    let or = |removed, value| remove_cost(value) | removed;
    match value {
        serde_json::Value::Object(members) => {
            let all = members.len();
            members.retain(|name, _| !name.to_ascii_lowercase().contains("cost"));
            let removed = members.len() < all;
            members.values_mut().fold(removed, or)
        }
        serde_json::Value::Array(values) => values.iter_mut().fold(false, or),
        _ => false,
    }
}

/// Makes a page of what storage read: one row more than fits, ascending after an id, else descending.
pub(crate) fn page_of<T>(mut rows: Vec<T>, cursor: Cursor, size: PageSize, id: impl Fn(&T) -> i64) -> Page<T> {
    let more = rows.len() > usize::from(size.rows());
    rows.truncate(usize::from(size.rows()));
    if matches!(cursor, Cursor::After(_)) {
        rows.reverse();
    }
    let (has_newer, has_older) = match cursor {
        Cursor::Newest => (false, more),
        Cursor::Before(_) => (true, more),
        Cursor::After(_) => (more, true),
    };
    let edge = |row: Option<&T>, wanted: bool| row.filter(|_| wanted).map(|row| id(row).to_string());
    Page {
        older: edge(rows.last(), has_older),
        newer: edge(rows.first(), has_newer),
        rows,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_report_is_shown_without_what_the_provider_bills_however_deep() {
        for (raw, shown) in [
            (
                r#"{"prompt_tokens":5,"cost":0.01,"cost_details":{"upstream":1},"prompt_tokens_details":{"cached_tokens":2,"Cost":1,"by":[{"total_cost":3,"n":1}]}}"#,
                r#"{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":2,"by":[{"n":1}]}}"#,
            ),
            (r#"{"details":{"cost_usd":1}}"#, r#"{"details":{}}"#),
            (r#"{ "prompt_tokens": 5 }"#, r#"{ "prompt_tokens": 5 }"#),
        ] {
            assert_eq!(without_cost(raw).as_deref(), Some(shown));
        }
        assert_eq!(without_cost("[]"), None);
    }

    /// What storage does: rows by the cursor, one more than a page.
    fn read(all: &[i64], cursor: Cursor, size: PageSize) -> Vec<i64> {
        let limit = usize::from(size.rows()) + 1;
        match cursor {
            Cursor::Newest => all.iter().rev().copied().take(limit).collect(),
            Cursor::Before(id) => all.iter().rev().copied().filter(|row| *row < id).take(limit).collect(),
            Cursor::After(id) => all.iter().copied().filter(|row| *row > id).take(limit).collect(),
        }
    }

    proptest! {
        #[test]
        fn walking_old_and_back_meets_every_row_once(count in 0_i64..260) {
            let all: Vec<i64> = (1..=count).collect();
            let size = PageSize::nearest(25);
            let mut cursor = Cursor::Newest;
            let mut seen = Vec::new();
            let last = loop {
                let page = page_of(read(&all, cursor, size), cursor, size, |row| *row);
                seen.extend(page.rows.clone());
                match &page.older {
                    Some(id) => cursor = Cursor::Before(id.parse().unwrap_or_default()),
                    None => break page,
                }
            };
            prop_assert_eq!(seen, all.iter().rev().copied().collect::<Vec<_>>());
            let mut back = last.rows.clone();
            let mut newer = last.newer;
            while let Some(id) = newer {
                let cursor = Cursor::After(id.parse().unwrap_or_default());
                let page = page_of(read(&all, cursor, size), cursor, size, |row| *row);
                back.splice(0..0, page.rows.clone());
                newer = page.newer;
            }
            prop_assert_eq!(back, all.iter().rev().copied().collect::<Vec<_>>());
        }
    }
}
