//! Every page of the console, and the address at which it stands. To add one: a file under `pages/<area>/` and a line here.

pub mod account;
pub mod audit;
pub mod books;
pub mod calls;
pub mod connect;
pub mod credits;
pub mod gate;
pub mod home;
pub mod identity_providers;
pub mod invitations;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod missing;
pub mod models;
pub mod playground;
pub mod prices;
pub mod pricing;
pub mod projects;
pub mod providers;
pub mod search;
pub mod settings;
pub mod users;
pub mod welcome;

use leptos::{IntoView, tachys::view::iterators::StaticVec};
use leptos_router::{
    NestedRoute, PossibleRouteMatch, SsrMode,
    any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute},
    path,
};

/// The site map.
#[must_use]
pub fn routes() -> StaticVec<AnyNestedRoute> {
    vec![
        at(path!("/setup"), gate::setup::SetupPage),
        at(path!("/sign-in"), gate::sign_in::SignInPage),
        at(path!("/forgot"), gate::reset::ForgotPage),
        at(path!("/reset"), gate::reset::ResetPage),
        at(path!("/register"), gate::register::RegisterPage),
        at(path!("/register/complete"), gate::register::CompleteRegisterPage),
        at(path!("/confirm"), gate::confirm::ConfirmPage),
        at(path!("/invite"), gate::invite::InvitePage),
        at(path!("/welcome"), welcome::WelcomePage),
        at(path!("/"), home::HomePage),
        at(path!("/account"), account::AccountPage),
        at(path!("/search"), search::SearchPage),
        at(path!("/providers"), providers::ProvidersPage),
        at(path!("/providers/new"), providers::new::NewProviderPage),
        at(path!("/providers/:id"), providers::detail::ProviderPage),
        at(path!("/providers/:id/edit"), providers::edit::EditProviderPage),
        at(path!("/providers/:id/delete"), providers::delete::DeleteProviderPage),
        at(
            path!("/providers/:id/credentials/:credential/delete"),
            providers::delete::DeleteCredentialPage,
        ),
        at(path!("/models"), models::ModelsPage),
        at(path!("/prices"), prices::PricesPage),
        at(path!("/prices/:id"), prices::model::ModelPricePage),
        at(path!("/pricing"), pricing::PricingPage),
        at(path!("/keys"), keys::KeysPage),
        at(path!("/keys/new"), keys::NewKeyPage),
        at(path!("/keys/:id/created"), keys::KeyCreatedPage),
        at(path!("/keys/:id"), keys::KeyPage),
        at(path!("/keys/:id/revoke"), keys::RevokeKeyPage),
        at(path!("/keys/:id/delete"), keys::DeleteKeyPage),
        at(path!("/projects"), projects::ProjectsPage),
        at(path!("/projects/new"), projects::new::NewProjectPage),
        at(path!("/projects/:id"), projects::detail::ProjectPage),
        at(path!("/projects/:id/edit"), projects::edit::EditProjectPage),
        at(path!("/projects/:id/archive"), projects::archive::ArchiveProjectPage),
        at(path!("/limits/:kind/:id"), limits::LimitsPage),
        at(path!("/connect"), connect::ConnectPage),
        at(path!("/calls"), calls::CallsPage),
        at(path!("/calls/:id"), calls::CallPage),
        at(path!("/credits"), credits::CreditsPage),
        at(path!("/users"), users::UsersPage),
        at(path!("/users/new"), users::new::NewUserPage),
        at(path!("/users/:id"), users::detail::UserPage),
        at(path!("/users/:id/delete"), users::delete::DeleteUserPage),
        at(path!("/users/:id/credits"), credits::admin::UserCreditsPage),
        at(path!("/users/:id/credits/grant"), credits::grant::GrantPage),
        at(path!("/users/:id/credits/adjust"), credits::adjust::AdjustPage),
        at(path!("/users/:id/credits/lots/:lot"), credits::lot::LotPage),
        at(path!("/invitations"), invitations::InvitationsPage),
        at(path!("/invitations/new"), invitations::NewInvitationPage),
        at(path!("/invitations/:id"), invitations::InvitationPage),
        at(path!("/settings"), settings::SettingsPage),
        at(path!("/settings/mail"), mail::MailPage),
        at(path!("/settings/change/:name"), settings::change::ChangeSettingPage),
        at(path!("/identity-providers"), identity_providers::IdentityProvidersPage),
        at(
            path!("/identity-providers/new"),
            identity_providers::new::NewIdentityProviderPage,
        ),
        at(
            path!("/identity-providers/:slug/edit"),
            identity_providers::edit::EditIdentityProviderPage,
        ),
        at(
            path!("/identity-providers/:slug/delete"),
            identity_providers::delete::DeleteIdentityProviderPage,
        ),
        at(path!("/books"), books::BooksPage),
        at(path!("/audit"), audit::AuditPage),
        at(path!("/playground"), playground::PlaygroundPage),
    ]
    .into()
}

/// A page at a path. The whole of it is rendered before the first byte leaves: it needs no script, and its status is right.
fn at<Segments, View, Component>(path: Segments, component: Component) -> AnyNestedRoute
where
    Segments: PossibleRouteMatch + std::fmt::Debug + Clone + Send + 'static,
    View: IntoView + 'static,
    Component: Fn() -> View + Send + Clone + 'static,
{
    NestedRoute::new(path, component)
        .ssr_mode(SsrMode::Async)
        .into_any_nested_route()
}
