//! Models of providers: listed by the provider or typed in, enabled and disabled.

use domain::{
    access::{Admin, Reader},
    id::{ModelId, ProviderId},
    name::ModelSlug,
    provider::{Model, ModelSource},
    refusal::{Refusal, Thing},
};
use serde_json::json;

use super::{Deleted, MISSING};
use crate::{
    Error, Inner, Limits, Origin,
    store::{Change, change::Subject, models as table, providers},
};

/// Use-cases about models.
pub struct Models<'a>(pub(crate) &'a Inner);

/// What a model is to be. Absent stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelEdit {
    /// Whether calls may use it.
    pub enabled: Option<bool>,
    /// What it takes in one call; inside, none where that is not known.
    pub context_tokens: Option<Option<u32>>,
}

const NO_MODEL: Refusal = Refusal::NotFound { what: Thing::Model };

impl Models<'_> {
    /// Every model, by the order of providers, then by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn list(&self, _: &Reader) -> Result<Vec<Model>, Error> {
        Ok(table::all(&self.0.store).await?)
    }

    /// Adds a model that the provider does not list.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without such a provider; [`Refusal::Taken`] when it has the model already.
    pub async fn add(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        provider: ProviderId,
        slug: &ModelSlug,
    ) -> Result<Model, Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        providers::get_in(&mut change.tx, provider).await?.ok_or(MISSING)?;
        let (id, at) = (ModelId::from_number(change.next_id()), change.at);
        if table::insert(&mut change.tx, id, provider, slug.as_str(), ModelSource::Typed, at).await? == 0 {
            return Err(Refusal::Taken { what: Thing::Model }.into());
        }
        let model = table::get_in(&mut change.tx, id).await?.ok_or(NO_MODEL)?;
        let name = model.public_name();
        let subject = Subject {
            action: "model.create",
            id: id.to_string(),
            name: &name,
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "model": name })))
            .await?;
        self.0.finish(change).await?;
        Ok(model)
    }

    /// Lets calls use a model, or not.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn set_enabled(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ModelId,
        enabled: bool,
    ) -> Result<(), Error> {
        let edit = ModelEdit {
            enabled: Some(enabled),
            context_tokens: None,
        };
        self.edit(admin, origin, id, edit).await.map(drop)
    }

    /// Changes a model: all that is asked, or nothing.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn edit(&self, admin: &Admin, origin: Origin<'_>, id: ModelId, edit: ModelEdit) -> Result<Model, Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let model = table::get_in(&mut change.tx, id).await?.ok_or(NO_MODEL)?;
        if let Some(tokens) = edit.context_tokens {
            set_context_in(&mut change, &model, tokens).await?;
        }
        if let Some(enabled) = edit.enabled {
            set_enabled_in(&mut change, &model, enabled).await?;
        }
        let after = table::get_in(&mut change.tx, id).await?.ok_or(NO_MODEL)?;
        if edit.enabled.is_some() || edit.context_tokens.is_some() {
            self.0.finish(change).await?;
        }
        Ok(after)
    }

    /// Says how many tokens a model takes in one call, prompt and answer together; nothing when that is not known.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn set_context(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ModelId,
        tokens: Option<u32>,
    ) -> Result<Model, Error> {
        let edit = ModelEdit {
            enabled: None,
            context_tokens: Some(tokens),
        };
        self.edit(admin, origin, id, edit).await
    }

    /// Lets calls use all models of a provider, or none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn set_all_enabled(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        provider: ProviderId,
        enabled: bool,
    ) -> Result<u64, Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let owner = providers::get_in(&mut change.tx, provider).await?.ok_or(MISSING)?;
        let changed = table::set_all_enabled(&mut change.tx, provider, enabled).await?;
        let action = if enabled {
            "model.enable_all"
        } else {
            "model.disable_all"
        };
        let subject = Subject {
            action,
            id: provider.to_string(),
            name: owner.draft.name.as_str(),
        };
        change
            .audit::<(), _>(subject, None, Some(&json!({ "changed": changed })))
            .await?;
        self.0.finish(change).await?;
        Ok(changed)
    }

    /// Removes a model with its limits. A listed one comes back with the next refresh.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn delete(&self, admin: &Admin, origin: Origin<'_>, id: ModelId) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let model = table::get_in(&mut change.tx, id).await?.ok_or(NO_MODEL)?;
        let limits = Limits::take_along(&mut change.tx, id.into()).await?;
        table::delete(&mut change.tx, id).await?;
        let name = model.public_name();
        let subject = Subject {
            action: "model.delete",
            id: id.to_string(),
            name: &name,
        };
        let before = Deleted {
            what: json!({ "model": name, "context_tokens": model.context_tokens }),
            enabled: model.enabled,
            limits,
        };
        change.audit::<_, ()>(subject, Some(&before), None).await?;
        self.0.finish(change).await
    }
}

async fn set_enabled_in(change: &mut Change<'_>, model: &Model, enabled: bool) -> Result<(), Error> {
    table::set_enabled(&mut change.tx, model.id, enabled).await?;
    let name = model.public_name();
    let subject = Subject {
        action: if enabled { "model.enable" } else { "model.disable" },
        id: model.id.to_string(),
        name: &name,
    };
    let told = |enabled: bool| json!({ "enabled": enabled });
    Ok(change
        .audit(subject, Some(&told(model.enabled)), Some(&told(enabled)))
        .await?)
}

async fn set_context_in(change: &mut Change<'_>, model: &Model, tokens: Option<u32>) -> Result<(), Error> {
    // None takes no tokens: that says nothing.
    let tokens = tokens.filter(|tokens| *tokens > 0);
    table::set_context(&mut change.tx, model.id, tokens.map(i64::from)).await?;
    let name = model.public_name();
    let subject = Subject {
        action: "model.context",
        id: model.id.to_string(),
        name: &name,
    };
    let told = |tokens: Option<u64>| json!({ "context_tokens": tokens });
    let (before, after) = (told(model.context_tokens), told(tokens.map(u64::from)));
    Ok(change.audit(subject, Some(&before), Some(&after)).await?)
}
