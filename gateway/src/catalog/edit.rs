//! Changes of a provider that is there: what it is, whether calls may use it, its place in the order. What comes together is one
//! change: all of it, or nothing.

use domain::{
    access::Admin,
    id::ProviderId,
    provider::{Provider, ProviderDraft},
};
use serde_json::json;

use super::{MISSING, Providers, checked, taken};
use crate::{
    Error, Origin,
    store::{Change, change::Subject, credentials, providers as table},
};

/// What a provider is to be. Absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ProviderEdit {
    /// How it is reached, and what it is called.
    pub draft: Option<ProviderDraft>,
    /// Whether calls may use it.
    pub enabled: Option<bool>,
    /// Its place in the order, counted from 1; the others close up.
    pub position: Option<i64>,
}

impl Providers<'_> {
    /// Changes a provider: all that is asked, or nothing. Another scheme, host or port drops its credentials: a secret belongs to the
    /// place it was entered for, and whoever may edit an address must not thereby learn it.
    ///
    /// # Errors
    /// As [`Self::create`], and [`domain::refusal::Refusal::NotFound`].
    pub async fn edit(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ProviderId,
        edit: &ProviderEdit,
    ) -> Result<(), Error> {
        let draft = edit.draft.as_ref().map(checked).transpose()?;
        let mut change = self.0.change(admin.actor(), origin).await?;
        let mut provider = table::get_in(&mut change.tx, id).await?.ok_or(MISSING)?;
        if let Some(draft) = draft {
            redraft(&mut change, &provider, &draft).await?;
            provider.draft = draft;
        }
        if let Some(enabled) = edit.enabled {
            let action = if enabled { "provider.enable" } else { "provider.disable" };
            table::set_enabled(&mut change.tx, id, enabled).await?;
            let told = |enabled: bool| json!({ "enabled": enabled });
            change
                .audit(
                    about(action, &provider),
                    Some(&told(provider.enabled)),
                    Some(&told(enabled)),
                )
                .await?;
        }
        if let Some(position) = edit.position {
            shift(&mut change, &provider, position).await?;
        }
        self.0.finish(change).await
    }

    /// Changes how a provider is reached, and what it is called.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub async fn update(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ProviderId,
        draft: &ProviderDraft,
    ) -> Result<Provider, Error> {
        let edit = ProviderEdit {
            draft: Some(draft.clone()),
            ..ProviderEdit::default()
        };
        self.edit(admin, origin, id, &edit).await?;
        Ok(table::get(&self.0.store, id).await?.ok_or(MISSING)?)
    }

    /// Lets calls use a provider, or not.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub async fn set_enabled(
        &self,
        admin: &Admin,
        origin: Origin<'_>,
        id: ProviderId,
        enabled: bool,
    ) -> Result<(), Error> {
        let edit = ProviderEdit {
            enabled: Some(enabled),
            ..ProviderEdit::default()
        };
        self.edit(admin, origin, id, &edit).await
    }

    /// Gives a provider another place in the order, counted from 1; the others close up.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub async fn move_to(&self, admin: &Admin, origin: Origin<'_>, id: ProviderId, position: i64) -> Result<(), Error> {
        let edit = ProviderEdit {
            position: Some(position),
            ..ProviderEdit::default()
        };
        self.edit(admin, origin, id, &edit).await
    }
}

async fn redraft(change: &mut Change<'_>, before: &Provider, draft: &ProviderDraft) -> Result<(), Error> {
    table::update(&mut change.tx, before.id, draft).await.map_err(taken)?;
    let moved = place(&before.draft) != place(draft);
    let dropped = if moved {
        table::forget_health(&mut change.tx, before.id).await?;
        credentials::delete_of_provider(&mut change.tx, before.id).await?
    } else {
        0
    };
    let after = json!({ "draft": draft, "credentials_dropped": dropped });
    let subject = Subject {
        action: "provider.update",
        id: before.id.to_string(),
        name: draft.name.as_str(),
    };
    Ok(change
        .audit(subject, Some(&json!({ "draft": before.draft })), Some(&after))
        .await?)
}

async fn shift(change: &mut Change<'_>, provider: &Provider, position: i64) -> Result<(), Error> {
    let mut order = table::order(&mut change.tx).await?;
    let from = order.iter().position(|known| *known == provider.id).unwrap_or_default();
    order.retain(|known| *known != provider.id);
    let to = usize::try_from(position.saturating_sub(1))
        .unwrap_or_default()
        .min(order.len());
    order.insert(to, provider.id);
    for (place, known) in (1_i64..).zip(&order) {
        table::set_position(&mut change.tx, *known, place).await?;
    }
    let told = |place: usize| json!({ "position": place + 1 });
    Ok(change
        .audit(about("provider.move", provider), Some(&told(from)), Some(&told(to)))
        .await?)
}

/// How the list of changes names a provider.
fn about<'a>(action: &'a str, provider: &'a Provider) -> Subject<'a> {
    Subject {
        action,
        id: provider.id.to_string(),
        name: provider.draft.name.as_str(),
    }
}

/// Scheme, host and port with the scheme's default, in lower case: the place a credential belongs to.
fn place(draft: &ProviderDraft) -> Option<(String, String, u16)> {
    let url = reqwest::Url::parse(draft.base_url.as_ref()?.as_str()).ok()?;
    Some((
        url.scheme().to_owned(),
        url.host_str()?.to_owned(),
        url.port_or_known_default()?,
    ))
}

#[cfg(test)]
mod tests {
    use domain::{
        catalog::ProviderKind,
        provider::{DisconnectPolicy, Timeouts},
    };

    use super::*;

    fn draft(url: &str) -> ProviderDraft {
        ProviderDraft {
            name: "p".parse().expect("name"),
            title: "P".parse().expect("title"),
            kind: ProviderKind::OpenaiCompatible,
            preset: None,
            base_url: Some(url.parse().expect("url")),
            timeouts: Timeouts::DEFAULT,
            disconnect: DisconnectPolicy::Cancel,
            quirks: None,
        }
    }

    #[test]
    fn a_place_is_scheme_host_and_port() {
        let same = [
            ("https://a.b/v1", "https://A.b:443/v2"),
            ("http://a.b", "http://a.b:80/x"),
        ];
        let other = [
            ("https://a.b", "http://a.b"),
            ("https://a.b", "https://a.b.c"),
            ("https://a.b", "https://a.b:8443"),
        ];
        for (one, two) in same {
            assert_eq!(place(&draft(one)), place(&draft(two)), "{one} {two}");
        }
        for (one, two) in other {
            assert_ne!(place(&draft(one)), place(&draft(two)), "{one} {two}");
        }
    }
}
