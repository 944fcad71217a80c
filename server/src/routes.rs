//! Every path of the product. `/v1` is for machines, the rest for browsers and for whoever watches the process.

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{any, get, post},
};
use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::{arrival, assets, console, health, state::HubState, v1};

/// The whole product over HTTP.
///
/// Layers, from the outside in: stamping, logging and the net under panics ([`arrival::observe`]); then CORS on `/v1`, or
/// headers, CSRF, session and guard on the console.
pub fn router(state: HubState) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .merge(files())
        .nest("/v1", api(&state))
        // The nest above does not take its own root with a slash.
        .route("/v1/", any(v1::not_found))
        .merge(console::router(&state))
        .layer(from_fn_with_state(state.clone(), arrival::observe))
        .with_state(state)
}

/// Static files. The pages themselves are declared in `app::root`.
fn files() -> Router<HubState> {
    Router::new()
        .route("/pkg/{*path}", get(assets::serve))
        .route("/logos/{*path}", get(assets::serve))
        .route("/fonts/{*path}", get(assets::serve))
        .route("/favicon.svg", get(assets::serve))
        .route("/icons.svg", get(assets::serve))
        .route("/mark.svg", get(assets::serve))
        .route("/robots.txt", get(assets::serve))
}

/// OpenAI's dialect. Answers in JSON, whatever is asked.
fn api(state: &HubState) -> Router<HubState> {
    let routes = Router::new()
        .route("/chat/completions", post(v1::create_chat))
        .route("/embeddings", post(v1::create_embeddings))
        .route("/models", get(v1::list_models))
        .route("/models/{*id}", get(v1::show_model))
        .route("/calls/{id}", get(v1::show_call))
        .fallback(v1::not_found)
        .method_not_allowed_fallback(v1::method_not_allowed);
    match cors(&state.settings().cors_origins) {
        Some(cors) => routes.layer(cors),
        None => routes,
    }
}

/// Lets the configured web origins call `/v1` from browsers. Keys are sent by hand, never by cookie.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    let origin = match origins {
        [] => return None,
        [all] if all == "*" => AllowOrigin::any(),
        some => AllowOrigin::list(some.iter().filter_map(|origin| HeaderValue::from_str(origin).ok())),
    };
    let exposed = ["x-request-id", "server-timing", "retry-after"].map(HeaderName::from_static);
    let layer = CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed)
        .max_age(std::time::Duration::from_secs(3600));
    Some(layer.vary([header::ORIGIN]))
}

#[cfg(test)]
mod tests;
