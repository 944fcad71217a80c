//! Signing in by an identity provider: a button for each, and the form behind it.

use domain::identity::IdentityButton;
use gateway::Purpose;
use leptos::prelude::*;

use crate::{
    components::{Hidden, Icon, SubmitButton},
    context,
    error::AppError,
    form::{self, Back, Done},
    text::{Language, use_language},
};

/// Leads the browser to a provider; it carries along that it was this one.
#[server]
pub async fn begin_sign_in(
    /// The provider.
    provider: String,
    /// The page that was asked for first.
    #[server(default)]
    next: String,
) -> Result<(), AppError> {
    let next = context::local_path(Some(&next)).to_owned();
    let back = if next == "/" {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?next={}", form::encode(&next))
    };
    form::submit(Back::to(back.clone()), async {
        let (gateway, visitor, address) = (context::gateway()?, context::visitor()?, context::address()?);
        let begun = gateway
            .identities()
            .begin(address.origin(), &provider, Purpose::SignIn(&next), visitor.browser())
            .await?;
        context::carry(&visitor, &begun);
        Ok(Done::away(begun.url, back))
    })
    .await
}

/// The buttons, one under the other.
#[component]
pub fn ProviderButtons(
    /// Which there are.
    buttons: Vec<IdentityButton>,
    /// `form::action::<TheFunction>()`; it gets `provider` and what is carried.
    action: &'static str,
    /// What goes along: the argument and its value.
    carried: (&'static str, String),
) -> impl IntoView {
    let (name, value) = carried;
    let buttons: Vec<_> = buttons
        .into_iter()
        .map(|button| {
            let label = continue_with(button.title.as_str(), use_language());
            view! {
                <form method="post" action=action>
                    <Hidden name="provider" value=button.slug.to_string() />
                    <Hidden name=name value=value.clone() />
                    <SubmitButton class="btn-wide">{label}<Icon name="right" /></SubmitButton>
                </form>
            }
        })
        .collect();
    view! { <div class="gate-providers">{buttons}</div> }
}

/// What stands on the button of a provider.
fn continue_with(title: &str, language: Language) -> String {
    match language {
        Language::En => format!("Continue with {title}"),
        Language::Zh => format!("使用 {title} 登录"),
    }
}
