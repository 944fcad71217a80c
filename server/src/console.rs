//! Mounts the console (`app`): its pages and server functions, and the layers around them.
//!
//! API keys mean nothing here; a person is who their session says. `visit` finds that out once a request, and the one
//! closure below hands it to pages and server functions alike.

mod authority;
mod headers;
mod local_path;
mod plain;
mod seat;
mod visit;

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header, request::Parts};
use http_body_util::Limited;
use leptos::{config::LeptosOptions, context::use_context, nonce::Nonce, prelude::provide_context};
use leptos_axum::LeptosRoutes as _;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::{session, state::HubState};

pub use plain::plain_page;

/// Forms are small; what is larger is no form of ours.
const FORM_LIMIT: usize = 1024 * 1024;

/// Pages, server functions and the page for everything unknown.
///
/// Layers, from the outside in: headers and nonce, size of forms, CSRF, session, who visits. Those that may refuse stand
/// within the headers, so that refusals carry them too.
pub fn router(state: &HubState) -> Router<HubState> {
    let options: LeptosOptions = axum::extract::FromRef::from_ref(state);
    let context = provide(state);
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    let pages = leptos_axum::generate_route_list(app::App);
    let render = leptos_axum::render_app_async_with_context(context.clone(), shell.clone());
    let unknown = move |request: Request| {
        let page = render(request);
        async move { not_found(page.await) }
    };
    let settings = state.settings();
    Router::new()
        .leptos_routes_with_context(state, pages, context, shell)
        .fallback(unknown)
        .layer(from_fn_with_state(state.clone(), visit::resolve))
        .layer(session::layer(state.gateway().clone(), settings.is_https()))
        .layer(map_response(session::complete_cookies))
        .layer(csrf(&settings.public_url))
        .layer(from_fn(limit_forms))
        .layer(from_fn_with_state(state.clone(), headers::secure))
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
    let gateway = state.gateway().clone();
    move || {
        // While the list of routes is made there is no request, and nobody asks for any of this.
        let Some(parts) = use_context::<Parts>() else { return };
        if let Some(nonce) = parts.extensions.get::<headers::PageNonce>() {
            provide_context(Nonce::from_value(nonce.0.clone()));
        }
        if let Some(visit) = parts.extensions.get::<visit::Visit>() {
            app::context::provide(gateway.clone(), visit.visitor.clone(), visit.session.clone());
        }
    }
}

/// Refuses changes that another site's page sends. Browsers say where a request comes from; no tokens are needed.
fn csrf(public_url: &str) -> CsrfLayer<impl Fn(ProtectionError) -> Response + Clone + use<>> {
    let refused = |_: ProtectionError| {
        plain_page(
            StatusCode::FORBIDDEN,
            "This request came from another site",
            "The hub only takes changes from its own pages. If this is its own page, HUB_PUBLIC_URL is not the address in your browser; ask your admin.",
        )
    };
    let layer = CsrfLayer::new();
    // A proxy may rewrite Host; the public address is ours whatever Host says.
    let layer = layer.add_trusted_origin(public_url).unwrap_or_default();
    layer.with_rejection_response(refused)
}

async fn limit_forms(request: Request, next: Next) -> Response {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > FORM_LIMIT) {
        return (StatusCode::PAYLOAD_TOO_LARGE, "This form is too large.\n").into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, FORM_LIMIT))))
        .await
}
