//! The console's search: a few of everything that these words find and the asker may see. Called by the palette and by the page
//! that does the same without scripts.

use domain::{
    access::{Capability, Viewer},
    id::{CallId, KeyId, ModelId, ProviderId, UserId},
};

use crate::{
    Error, Inner,
    store::{calls, filtered::can_match, search},
};

/// The most words of a search that are looked for, in characters.
const LONGEST: usize = 200;

/// The use-case.
pub struct Search<'a>(pub(crate) &'a Inner);

/// One thing that was found: its id, what it is called, what else tells it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<Id> {
    /// Its id.
    pub id: Id,
    /// A person's address, a key's name, `provider/model`, a provider's title.
    pub name: String,
    /// A person's name, a key's hint and owner, a model's provider, a provider's name in models; may be empty.
    pub note: String,
}

/// What a search found, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The call whose id was asked for, and its model.
    pub call: Option<Named<CallId>>,
    /// People; for those who may read about money.
    pub people: Vec<Named<UserId>>,
    /// Keys that work: one's own, or everybody's for those who read everything.
    pub keys: Vec<Named<KeyId>>,
    /// Every model for those who read about money, else those that can be called.
    pub models: Vec<Named<ModelId>>,
    /// Providers; for those who read everything.
    pub providers: Vec<Named<ProviderId>>,
}

impl Search<'_> {
    /// Looks for `words`, at most `each` of a kind.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(&self, viewer: &Viewer, words: &str, each: u8) -> Result<Findings, Error> {
        let words: String = words.trim().chars().take(LONGEST).collect();
        if words.is_empty() || !can_match(&words) {
            return Ok(Findings::default());
        }
        let (store, limit, pattern) = (&self.0.store, i64::from(each), search::pattern(&words));
        let (reads_money, reads_all) = (viewer.may(Capability::ReadMoney), viewer.may(Capability::ReadAll));
        let mut found = Findings {
            call: self.call(viewer, &words).await?,
            ..Findings::default()
        };
        if reads_money {
            let rows = search::people(store, &pattern, words.parse().ok(), limit).await?;
            found.people = named(rows, UserId::from_number);
            let rows = search::models(store, &pattern, words.parse().ok(), limit).await?;
            found.models = named(rows, ModelId::from_number);
        } else {
            found.models = self.callable(&words, each);
        }
        let owner = (!reads_all).then_some(viewer.id);
        let rows = search::keys(store, owner, (&pattern, words.parse().ok()), limit).await?;
        found.keys = named(rows, KeyId::from_number);
        if reads_all {
            let rows = search::providers(store, &pattern, words.parse().ok(), limit).await?;
            found.providers = named(rows, ProviderId::from_number);
        }
        Ok(found)
    }

    /// The call with this id, if the viewer may see it.
    async fn call(&self, viewer: &Viewer, words: &str) -> Result<Option<Named<CallId>>, Error> {
        let Ok(id) = words.parse::<CallId>() else {
            return Ok(None);
        };
        let detail = calls::detail(&self.0.store, id).await?;
        let seen = detail.filter(|detail| viewer.may(Capability::ReadMoney) || detail.call.user_id == viewer.id);
        Ok(seen.map(|detail| Named {
            id,
            name: id.to_string(),
            note: detail.call.model_asked,
        }))
    }

    /// Models that can be called, as everybody may know them.
    fn callable(&self, words: &str, each: u8) -> Vec<Named<ModelId>> {
        let (words, snapshot) = (words.to_lowercase(), self.0.snapshot.load());
        let matching = snapshot
            .models()
            .filter(|model| model.public_name.to_lowercase().contains(&words));
        matching
            .take(usize::from(each))
            .map(|model| Named {
                id: model.id,
                name: model.public_name.to_string(),
                note: model.provider.title.to_string(),
            })
            .collect()
    }
}

fn named<Id>(rows: Vec<(i64, String, String)>, id: impl Fn(i64) -> Id) -> Vec<Named<Id>> {
    let each = |(number, name, note)| Named {
        id: id(number),
        name,
        note,
    };
    rows.into_iter().map(each).collect()
}
