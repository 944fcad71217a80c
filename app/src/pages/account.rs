//! One's own account: password, where one is signed in, language and theme.

pub mod actions;
mod address;
mod appearance;
pub mod identities;
mod password;
mod sessions;
pub mod zone;

use domain::access::Capability;
use leptos::prelude::*;

use self::{
    address::AddressPanel, appearance::Appearance, identities::IdentitiesPanel, password::PasswordPanel,
    sessions::SessionsPanel, zone::TimeZonePanel,
};
use crate::{
    components::{LimitsPanel, Page, PageHead, Place, page},
    context,
    error::AppError,
    text::use_language,
};

/// Everything about oneself on one page.
#[component]
pub fn AccountPage() -> impl IntoView {
    page(async move {
        let (viewer, visitor) = (context::viewer()?, context::visitor()?);
        let gateway = context::gateway()?;
        let sessions = gateway.sessions().list(&viewer, visitor.session).await?;
        let linked = gateway.identities().list(&viewer).await?;
        let buttons = gateway.identities().buttons().await?;
        // Without one there is nothing to change, and only an admin sets the first.
        let password =
            gateway.identities().has_password(&viewer).await? && gateway.identities().passwords_are_on().await?;
        let limits = gateway.limits().of(&viewer, viewer.id.into()).await?;
        let zone = gateway.users().own_time_zone(&viewer).await?;
        let mailed = gateway.mail().is_set_up().await?;
        let verified = gateway.door().is_verified(&viewer).await?;
        let title = use_language().pick("Account", "账号");
        let email = viewer.email.to_string();
        Ok::<_, AppError>(view! {
            <Page title=title place=Place::Account narrow=true>
                <PageHead title=title note=email.clone() />
                <Appearance theme=visitor.theme />
                {(!(linked.is_empty() && buttons.is_empty()))
                    .then(|| view! { <IdentitiesPanel linked=linked buttons=buttons has_password=password /> })}
                {mailed.then(|| view! { <AddressPanel email=email.clone() verified=verified has_password=password /> })}
                {password.then(|| view! { <PasswordPanel email=email /> })}
                <LimitsPanel of=limits />
                {context::may(Capability::Call).then(|| view! { <TimeZonePanel zone=zone user=None /> })}
                <SessionsPanel sessions=sessions />
            </Page>
        })
    })
}
