//! Live tests: whether a provider accepts a credential, and which models it lists.

use std::{sync::Arc, time::Instant};

use domain::{
    access::Admin,
    id::{CredentialId, ModelId, ProviderId},
    provider::{Health, ModelSource, TestReport},
    refusal::{Refusal, Thing},
};
use serde_json::json;

use super::{MISSING, Providers};
use crate::{
    CredentialEntry, Error, Origin, ProviderEntry,
    providers::{self, Listed},
    snapshot::open_credential,
    store::{change::Subject, credentials as credential_table, models as model_table, providers as provider_table},
};

impl Providers<'_> {
    /// Asks the provider for its models with one credential; without `id` with the first enabled one, or none.
    /// What it answers is kept as the credential's health, or as the provider's own where it was asked without one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]. A provider that refuses is a report, not an error.
    pub async fn test_credential(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        provider: ProviderId,
        id: Option<CredentialId>,
    ) -> Result<TestReport, Error> {
        let entry = self.entry(provider).await?;
        let credential = match id {
            Some(id) => Some(self.credential(provider, id).await?),
            None => entry.credentials.first().cloned(),
        };
        let (report, _) = self.probe(&entry, credential.as_deref()).await?;
        let mut change = self.0.change(admin.actor(), origin).await?;
        let (subject_id, name) = match &credential {
            Some(credential) => (credential.id.to_string(), &*credential.label),
            None => (provider.to_string(), &*entry.title),
        };
        let after = json!({ "health": report.health, "listed": report.listed, "status": report.status, "message": report.message, "models": report.models.len() });
        change
            .audit::<(), _>(
                Subject {
                    action: "credential.test",
                    id: subject_id,
                    name,
                },
                None,
                Some(&after),
            )
            .await?;
        change.commit().await?;
        Ok(report)
    }

    /// Adds the models that a provider lists; new ones may be called at once. None is removed: a provider that forgets to
    /// list a model must not take it from people who use it. Credentials that it refuses give way to the next.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]. A provider that refuses is a report, not an error.
    pub async fn refresh_models(&self, admin: &Admin, origin: Origin<'_>, id: ProviderId) -> Result<TestReport, Error> {
        let entry = self.entry(id).await?;
        let (mut report, mut listed) = self.probe(&entry, entry.credentials.first().map(Arc::as_ref)).await?;
        for credential in entry.credentials.iter().skip(1) {
            // Without a status the provider was not reached, and would not be with another credential.
            if report.health != Health::Failing || report.status.is_none() {
                break;
            }
            (report, listed) = self.probe(&entry, Some(credential)).await?;
        }
        if !report.listed {
            return Ok(report);
        }
        let mut change = self.0.change(admin.actor(), origin).await?;
        let provider = provider_table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        let mut added = Vec::new();
        let usable = |model: &&Listed| model.slug.parse::<domain::name::ModelSlug>().is_ok();
        for Listed { slug, context_tokens } in listed.iter().filter(usable) {
            let model = ModelId::from_number(change.next_id());
            let at = change.at;
            if model_table::insert(&mut change.tx, model, id, slug, ModelSource::Listed, at).await? > 0 {
                added.push(slug.as_str());
            }
            if let Some(tokens) = context_tokens {
                model_table::learn_context(&mut change.tx, id, slug, i64::from(*tokens)).await?;
            }
        }
        let after = json!({ "listed": report.models.len(), "added": added });
        let subject = Subject {
            action: "provider.refresh_models",
            id: id.to_string(),
            name: provider.draft.name.as_str(),
        };
        change.audit::<(), _>(subject, None, Some(&after)).await?;
        self.0.finish(change).await?;
        Ok(report)
    }

    async fn probe(
        &self,
        entry: &ProviderEntry,
        credential: Option<&CredentialEntry>,
    ) -> Result<(TestReport, Vec<Listed>), Error> {
        let began = Instant::now();
        let found = providers::probe(entry, credential).await;
        let duration_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        // Refused without a credential where one is needed: that says nothing new, and nothing about the next one.
        if credential.is_some() || entry.works_without_credential {
            let words = Some(found.message.as_str()).filter(|_| found.health == Health::Failing);
            let (used, now) = (credential.map(|known| known.id), self.0.clock.now());
            self.0.last_used.note_test(entry.id, used, found.health, words, now);
            crate::last_used::flush(self.0).await;
        }
        let (is_listed, cut) = (found.models.is_some(), found.cut);
        let models = found.models.unwrap_or_default();
        let report = TestReport {
            health: found.health,
            listed: is_listed,
            status: found.status,
            message: found.message,
            models: models.iter().map(|model| model.slug.clone()).collect(),
            cut,
            duration_ms,
        };
        Ok((report, models))
    }

    /// The provider as calls would use it, enabled or not.
    async fn entry(&self, id: ProviderId) -> Result<Arc<ProviderEntry>, Error> {
        // Another process may have added it a moment ago.
        crate::snapshot::reload_if_changed(self.0).await?;
        Ok(self.0.snapshot.load().provider(id).cloned().ok_or(MISSING)?)
    }

    /// A credential, enabled or not.
    async fn credential(&self, provider: ProviderId, id: CredentialId) -> Result<Arc<CredentialEntry>, Error> {
        let rows = credential_table::sealed(&self.0.store).await?;
        let wanted = |row: &credential_table::Sealed| (row.provider_id, row.id) == (provider.number(), id.number());
        let row = rows.into_iter().find(wanted).ok_or(Refusal::NotFound {
            what: Thing::Credential,
        })?;
        Ok(Arc::new(open_credential(&self.0.keys, row)?))
    }
}
