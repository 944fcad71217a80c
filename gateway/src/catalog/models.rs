//! Models of providers: listed by the provider or typed in, enabled and disabled.

use domain::{
    access::{Admin, Reader},
    id::{ModelId, ProviderId},
    name::ModelSlug,
    provider::{Model, ModelSource},
    refusal::{Refusal, Thing},
};
use serde_json::json;

use super::MISSING;
use crate::{
    Error, Inner, Origin,
    store::{change::Subject, models as table, providers},
};

/// Use-cases about models.
pub struct Models<'a>(pub(crate) &'a Inner);

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
        let mut change = self.0.change(admin.actor(), origin).await?;
        let model = table::get_in(&mut change.tx, id).await?.ok_or(NO_MODEL)?;
        table::set_enabled(&mut change.tx, id, enabled).await?;
        let action = if enabled { "model.enable" } else { "model.disable" };
        let name = model.public_name();
        let subject = Subject {
            action,
            id: id.to_string(),
            name: &name,
        };
        change
            .audit(
                subject,
                Some(&json!({ "enabled": model.enabled })),
                Some(&json!({ "enabled": enabled })),
            )
            .await?;
        self.0.finish(change).await
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
        let mut change = self.0.change(admin.actor(), origin).await?;
        let before = table::get_in(&mut change.tx, id).await?.ok_or(NO_MODEL)?;
        // None takes no tokens: that says nothing.
        let tokens = tokens.filter(|tokens| *tokens > 0);
        table::set_context(&mut change.tx, id, tokens.map(i64::from)).await?;
        let name = before.public_name();
        let subject = Subject {
            action: "model.context",
            id: id.to_string(),
            name: &name,
        };
        let told = |tokens: Option<u64>| json!({ "context_tokens": tokens });
        let after = table::get_in(&mut change.tx, id).await?.ok_or(NO_MODEL)?;
        change
            .audit(
                subject,
                Some(&told(before.context_tokens)),
                Some(&told(after.context_tokens)),
            )
            .await?;
        self.0.finish(change).await?;
        Ok(after)
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

    /// Removes a model. A listed one comes back with the next refresh.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn delete(&self, admin: &Admin, origin: Origin<'_>, id: ModelId) -> Result<(), Error> {
        let mut change = self.0.change(admin.actor(), origin).await?;
        let model = table::get_in(&mut change.tx, id).await?.ok_or(NO_MODEL)?;
        table::delete(&mut change.tx, id).await?;
        let name = model.public_name();
        let subject = Subject {
            action: "model.delete",
            id: id.to_string(),
            name: &name,
        };
        change
            .audit::<_, ()>(subject, Some(&json!({ "model": name })), None)
            .await?;
        self.0.finish(change).await
    }
}
