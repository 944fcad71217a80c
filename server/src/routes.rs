//! Every path of the product and who may come there. `/v1` is for machines, the rest for browsers and for whoever watches
//! the process.

use axum::{
    Router,
    handler::Handler,
    routing::{MethodRouter, any, delete, get, post},
};
use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::{
    aigne, arrival, assets,
    authority::Authority::{self, Key, Public},
    console, health,
    state::HubState,
    v1,
};

/// A route for machines or of a file: how and where it is asked for, who may come, and who answers.
struct Door {
    method: Method,
    path: &'static str,
    authority: Authority,
    answer: MethodRouter<HubState>,
}

impl Door {
    fn get<T: 'static>(path: &'static str, authority: Authority, handler: impl Handler<T, HubState>) -> Self {
        Self {
            method: Method::GET,
            path,
            authority,
            answer: get(handler),
        }
    }

    fn post<T: 'static>(path: &'static str, authority: Authority, handler: impl Handler<T, HubState>) -> Self {
        Self {
            method: Method::POST,
            path,
            authority,
            answer: post(handler),
        }
    }

    fn delete<T: 'static>(path: &'static str, authority: Authority, handler: impl Handler<T, HubState>) -> Self {
        Self {
            method: Method::DELETE,
            path,
            authority,
            answer: delete(handler),
        }
    }
}

/// Whether the process lives, and static files. The pages themselves are declared in `app::pages`, and who may come to
/// them in `console::authority`.
fn open_doors() -> [Door; 10] {
    [
        Door::get("/healthz", Public, health::alive),
        Door::get("/readyz", Public, health::ready),
        Door::get("/pkg/{*path}", Public, assets::serve),
        Door::get("/logos/{*path}", Public, assets::serve),
        Door::get("/fonts/{*path}", Public, assets::serve),
        Door::get("/favicon.svg", Public, assets::serve),
        Door::get("/icons.svg", Public, assets::serve),
        Door::get("/mark.svg", Public, assets::serve),
        Door::get("/robots.txt", Public, assets::serve),
        Door::get("/licenses.txt", Public, assets::serve),
    ]
}

/// OpenAI's dialect and Anthropic's.
fn api_doors() -> [Door; 11] {
    [
        Door::post("/v1/chat/completions", Key, v1::create_chat),
        Door::post("/v1/completions", Key, v1::create_completions),
        Door::post("/v1/responses", Key, v1::create_responses),
        Door::post("/v1/messages", Key, v1::create_messages),
        Door::post("/v1/messages/count_tokens", Key, v1::count_tokens),
        Door::post("/v1/embeddings", Key, v1::create_embeddings),
        Door::get("/v1/models", Key, v1::list_models),
        Door::get("/v1/models/{*id}", Key, v1::show_model),
        Door::get("/v1/calls/{id}", Key, v1::show_call),
        Door::get("/v1/credits", Key, v1::show_credits),
        Door::get("/v1/usage", Key, v1::show_usage),
    ]
}

/// AIGNE Hub's own surface.
fn aigne_doors() -> [Door; 31] {
    const SESSION: &str = "/.well-known/service/api/access-key/session";
    [
        Door::post("/api/v2/chat", Key, aigne::create_chat),
        Door::post("/api/v2/completions", Key, aigne::create_completions),
        Door::post("/api/v2/chat/completions", Key, aigne::create_completions),
        Door::post("/api/v2/embeddings", Key, aigne::create_embeddings),
        Door::post("/api/v2/image", Key, aigne::no_images),
        Door::post("/api/v2/image/generations", Key, aigne::no_images),
        Door::post("/api/v2/video", Key, aigne::no_videos),
        // Tells of a key's credit only to whoever sends it.
        Door::get("/api/v2/status", Public, aigne::show_status),
        Door::get("/api/ai/models", Public, aigne::list_models),
        Door::get("/api/ai-providers/models", Public, aigne::list_models),
        Door::get("/api/ai", Key, aigne::list_providers),
        Door::get("/api/ai-providers", Key, aigne::list_providers),
        Door::get("/api/ai/chat/models", Key, aigne::models_by_name),
        Door::get("/api/ai-providers/chat/models", Key, aigne::models_by_name),
        Door::get("/api/ai/model-rates", Key, aigne::list_rates),
        Door::get("/api/ai-providers/model-rates", Key, aigne::list_rates),
        Door::get("/api/ai/{id}/model-rates", Key, aigne::rates_of_provider),
        Door::get("/api/ai-providers/{id}/model-rates", Key, aigne::rates_of_provider),
        // A key of an admin: the handler asks whose it is.
        Door::get("/api/ai/health", Key, aigne::health),
        Door::get("/api/ai-providers/health", Key, aigne::health),
        Door::get("/api/user/info", Key, aigne::show_user),
        Door::get("/api/user/credit/balance", Key, aigne::balance),
        Door::get("/api/user/credit/grants", Key, aigne::grants),
        Door::get("/api/user/credit/transactions", Key, aigne::transactions),
        Door::get("/api/user/credit/payment-link", Key, aigne::payment_link),
        Door::get("/__blocklet__.js", Public, aigne::document),
        // The session's id is its own key.
        Door::post(SESSION, Public, aigne::begin),
        Door::get(SESSION, Public, aigne::fetch),
        Door::delete(SESSION, Public, aigne::end),
        Door::get("/.well-known/service/gen-simple-access-key", Public, aigne::approve),
        // AIGNE's client speaks OpenAI's dialect to a hub that is named without `/v1`.
        Door::post("/chat/completions", Key, v1::create_chat),
    ]
}

/// The whole product over HTTP.
///
/// Layers, from the outside in: stamping, logging and the net under panics ([`arrival::Observe`]); then CORS where machines are answered, or
/// headers, CSRF, session and guard on the console.
pub fn router(state: HubState) -> Router {
    mount(open_doors())
        .merge(api(&state))
        .merge(console::router(&state))
        .layer(arrival::Observe(state.clone()))
        .with_state(state)
}

/// A router of these doors.
fn mount(doors: impl IntoIterator<Item = Door>) -> Router<HubState> {
    doors.into_iter().fold(Router::new(), |router, door| {
        tracing::debug!(method = %door.method, path = door.path, authority = ?door.authority, "route");
        router.route(door.path, door.answer)
    })
}

/// Answers in JSON whatever is asked where machines are answered. Not nested: a nest takes each path apart and puts it
/// together again.
fn api(state: &HubState) -> Router<HubState> {
    let mut routes = mount(api_doors().into_iter().chain(aigne_doors()));
    for unknown in ["/v1", "/v1/", "/v1/{*path}", "/api", "/api/", "/api/{*path}"] {
        routes = routes.route(unknown, any(v1::not_found));
    }
    let routes = routes.method_not_allowed_fallback(v1::method_not_allowed);
    match cors(&state.settings().cors_origins) {
        Some(cors) => routes.layer(cors),
        None => routes,
    }
}

/// Lets the configured web origins call what machines call from browsers. Keys are sent by hand, never by cookie.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    let origin = match origins {
        [] => return None,
        [all] if all == "*" => AllowOrigin::any(),
        some => AllowOrigin::list(some.iter().filter_map(|origin| HeaderValue::from_str(origin).ok())),
    };
    let exposed = ["x-request-id", "server-timing", "retry-after"].map(HeaderName::from_static);
    let layer = CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed)
        .max_age(std::time::Duration::from_secs(3600));
    Some(layer.vary([header::ORIGIN]))
}

#[cfg(test)]
mod tests;
