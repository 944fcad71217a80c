//! Mounts the console (`app`): its pages and server functions, and the layers around them.
//!
//! API keys mean nothing here; a person is who their session says. `visit` finds that out once a request, and the one
//! closure below hands it to pages and server functions alike.

mod asker;
pub mod authority;
pub mod download;
mod foreign;
mod forms;
mod headers;
pub mod identity;
mod local_path;
mod place;
mod plain;
pub mod presence;
mod seat;
mod visit;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{from_fn, from_fn_with_state, map_response},
    response::Response,
};
use http::{HeaderMap, StatusCode, header, request::Parts};
use leptos::{config::LeptosOptions, context::use_context, nonce::Nonce, prelude::provide_context};
use leptos_axum::LeptosRoutes as _;
use tower_http::{CompressionLevel, compression::CompressionLayer, compression::Predicate};

use crate::{session, state::HubState};

pub use forms::Memory as FormMemory;
pub use plain::plain_page;

/// Pages, server functions and the page for everything unknown.
///
/// Layers, from the outside in: compression, headers and nonce, CSRF, session, who visits, forms, what is no page. Those
/// that may refuse stand within the headers, so that refusals carry them too.
pub fn router(state: &HubState) -> Router<HubState> {
    let options: LeptosOptions = axum::extract::FromRef::from_ref(state);
    let context = provide(state);
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    let pages = leptos_axum::generate_route_list(app::App);
    let render = leptos_axum::render_app_async_with_context(context.clone(), shell.clone());
    let unknown = {
        let render = render.clone();
        move |request: Request| {
            let page = render(request);
            async move { not_found(page.await) }
        }
    };
    let settings = state.settings();
    let forms = forms::Forms {
        render: Arc::new(move |request| Box::pin(render(request))),
        patience: settings.client_patience,
        public_url: settings.public_url.as_str().into(),
        gateway: state.gateway().clone(),
        memory: state.form_memory().clone(),
    };
    download::routes()
        .merge(identity::routes())
        .leptos_routes_with_context(state, pages, context, shell)
        // `place` has told it that there is nothing here.
        .fallback(unknown)
        // `forms` has read every body by then, and says how large each may be.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(place::find))
        .layer(from_fn(move |request, next| forms.clone().pass(request, next)))
        .layer(from_fn_with_state(state.clone(), visit::resolve))
        .layer(session::layer(state.gateway().clone(), settings.is_https()))
        .layer(map_response(session::complete_cookies))
        .layer(foreign::layer(&settings.public_url))
        .layer(from_fn(foreign::explain))
        .layer(from_fn_with_state(state.clone(), headers::secure))
        .layer(compression())
}

/// The page for unknown paths never looks like a success, whatever it shows.
fn not_found(mut page: Response) -> Response {
    if page.status().is_success() {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}

/// The closure that gives pages and server functions their engine, their visitor and the nonce of their scripts.
fn provide(state: &HubState) -> impl Fn() + Clone + Send + Sync + 'static {
    let (gateway, configuration) = (state.gateway().clone(), state.configuration().clone());
    move || {
        // While the list of routes is made there is no request, and nobody asks for any of this.
        let Some(parts) = use_context::<Parts>() else { return };
        if let Some(nonce) = parts.extensions.get::<headers::PageNonce>() {
            provide_context(Nonce::from_value(nonce.0.clone()));
        }
        if let Some(stranded) = parts.extensions.get::<app::context::Stranded>() {
            provide_context(stranded.clone());
        }
        if let Some(visit) = parts.extensions.get::<visit::Visit>() {
            app::context::provide(gateway.clone(), visit.visitor.clone(), visit.session.clone());
            provide_context(configuration.clone());
        }
    }
}

/// Compresses pages, quickly rather than well. Nothing else: streams must not wait, files come compressed already, and a
/// page that holds a secret asks to be left as it is (`app::context::keep_plain`).
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(
            |_: StatusCode, _: http::Version, headers: &HeaderMap, _: &http::Extensions| {
                let holds = |name, word: &str| {
                    let value = headers
                        .get(name)
                        .and_then(|value: &http::HeaderValue| value.to_str().ok());
                    value.is_some_and(|value| value.contains(word))
                };
                holds(header::CONTENT_TYPE, "text/html") && !holds(header::CACHE_CONTROL, "no-transform")
            },
        )
}
