//! Every path of the product, who may come there, and what the document (`contract`) says of it. `/v1` is for machines, the
//! rest for browsers and for whoever watches the process. Those of the admin API stand in `routes/admin.rs`.

mod admin;
mod cors;

use axum::{
    Router,
    handler::Handler,
    routing::{MethodRouter, any, delete, get, post},
};
use domain::{call::Dialect, key::Scope};
use gateway::call::PictureShape;
use http::Method;

use crate::{
    aigne, arrival, assets,
    authority::Authority::{self, Key, Public},
    console,
    contract::{self, Book, Entry, Operation},
    health,
    state::HubState,
    v1,
};

/// A route for machines or of a file: how and where it is asked for, who may come, who answers, and what the document says of
/// it. There is no way to make one without the last.
struct Door {
    method: Method,
    path: &'static str,
    authority: Authority,
    answer: MethodRouter<HubState>,
    said: Said,
}

/// What the document says of a door.
enum Said {
    Route(Box<dyn Fn(&mut Book) -> Operation>),
    /// Nothing: a file for browsers.
    File,
}

impl Door {
    fn get<T: 'static>(
        path: &'static str,
        authority: Authority,
        handler: impl Handler<T, HubState>,
        describe: impl Fn(&mut Book) -> Operation + 'static,
    ) -> Self {
        Self::told(Method::GET, path, authority, get(handler), describe)
    }

    fn post<T: 'static>(
        path: &'static str,
        authority: Authority,
        handler: impl Handler<T, HubState>,
        describe: impl Fn(&mut Book) -> Operation + 'static,
    ) -> Self {
        Self::told(Method::POST, path, authority, post(handler), describe)
    }

    fn delete<T: 'static>(
        path: &'static str,
        authority: Authority,
        handler: impl Handler<T, HubState>,
        describe: impl Fn(&mut Book) -> Operation + 'static,
    ) -> Self {
        Self::told(Method::DELETE, path, authority, delete(handler), describe)
    }

    fn told(
        method: Method,
        path: &'static str,
        authority: Authority,
        answer: MethodRouter<HubState>,
        describe: impl Fn(&mut Book) -> Operation + 'static,
    ) -> Self {
        Self {
            method,
            path,
            authority,
            answer,
            said: Said::Route(Box::new(describe)),
        }
    }

    /// Where calls in this dialect are made.
    fn call(path: &'static str, dialect: Dialect) -> Self {
        let create = move |asked: v1::Asked| v1::create(dialect, asked);
        Self::post(path, Key(Scope::Inference), create, contract::call(dialect))
    }

    /// Where AIGNE's clients ask for pictures in this shape.
    fn drawing(path: &'static str, shape: PictureShape) -> Self {
        let draw = move |asked: v1::Asked| v1::draw_for_framework(shape, asked);
        Self::post(
            path,
            Key(Scope::Inference),
            draw,
            contract::drawing_for_framework(shape),
        )
    }

    /// A static file, or a folder of them.
    fn file(path: &'static str) -> Self {
        Self {
            method: Method::GET,
            path,
            authority: Public,
            answer: get(assets::serve),
            said: Said::File,
        }
    }
}

/// Whether the process lives, what it answers, and static files. The pages themselves are declared in `app::pages`, and who may
/// come to them in `console::authority`.
fn open_doors() -> [Door; 11] {
    [
        Door::get("/healthz", Public, health::alive, health::alive_described),
        Door::get("/readyz", Public, health::ready, health::ready_described),
        Door::get("/openapi.json", Public, contract::serve, contract::described),
        Door::file("/pkg/{*path}"),
        Door::file("/logos/{*path}"),
        Door::file("/fonts/{*path}"),
        Door::file("/favicon.svg"),
        Door::file("/icons.svg"),
        Door::file("/mark.svg"),
        Door::file("/robots.txt"),
        Door::file("/licenses.txt"),
    ]
}

/// OpenAI's dialect and Anthropic's.
fn api_doors() -> [Door; 13] {
    use v1::{calls, count_tokens, credits, limits, models, usage};
    [
        Door::call("/v1/chat/completions", Dialect::OpenaiChat),
        Door::call("/v1/completions", Dialect::OpenaiCompletions),
        Door::call("/v1/responses", Dialect::OpenaiResponses),
        Door::call("/v1/embeddings", Dialect::OpenaiEmbeddings),
        Door::call("/v1/images/generations", Dialect::OpenaiImages),
        Door::call("/v1/messages", Dialect::AnthropicMessages),
        Door::post(
            "/v1/messages/count_tokens",
            Key(Scope::Inference),
            count_tokens::count,
            contract::counting,
        ),
        Door::get(
            "/v1/models",
            Key(Scope::Inference),
            models::list,
            models::list_described,
        ),
        Door::get(
            "/v1/models/{*id}",
            Key(Scope::Inference),
            models::show,
            models::show_described,
        ),
        Door::get("/v1/calls/{id}", Key(Scope::Usage), calls::show, calls::described),
        Door::get("/v1/credits", Key(Scope::Usage), credits::show, credits::described),
        Door::get("/v1/limits", Key(Scope::Usage), limits::show, limits::described),
        Door::get("/v1/usage", Key(Scope::Usage), usage::show, usage::described),
    ]
}

/// AIGNE Hub's own surface.
fn aigne_doors() -> [Door; 31] {
    use aigne::{blocklet, connect, credit, models, providers, rates, status, unsupported, user};
    const SESSION: &str = "/.well-known/service/api/access-key/session";
    const APPROVE: &str = "/.well-known/service/gen-simple-access-key";
    [
        Door::call("/api/v2/chat", Dialect::AigneChat),
        Door::call("/api/v2/completions", Dialect::AigneCompletions),
        Door::call("/api/v2/chat/completions", Dialect::AigneCompletions),
        Door::post(
            "/api/v2/embeddings",
            Key(Scope::Inference),
            v1::embed_for_framework,
            contract::embedding_for_framework,
        ),
        Door::drawing("/api/v2/image", PictureShape::Framework),
        Door::drawing("/api/v2/image/generations", PictureShape::Generations),
        Door::post(
            "/api/v2/video",
            Key(Scope::Inference),
            unsupported::no_videos,
            unsupported::described,
        ),
        // Tells of a key's credit only to whoever sends it.
        Door::get("/api/v2/status", Public, status::show, status::described),
        Door::get("/api/ai/models", Public, models::list, models::list_described),
        Door::get("/api/ai-providers/models", Public, models::list, models::list_described),
        Door::get(
            "/api/ai",
            Key(Scope::Inference),
            providers::list,
            providers::list_described,
        ),
        Door::get(
            "/api/ai-providers",
            Key(Scope::Inference),
            providers::list,
            providers::list_described,
        ),
        Door::get(
            "/api/ai/chat/models",
            Key(Scope::Inference),
            models::by_name,
            models::by_name_described,
        ),
        Door::get(
            "/api/ai-providers/chat/models",
            Key(Scope::Inference),
            models::by_name,
            models::by_name_described,
        ),
        Door::get(
            "/api/ai/model-rates",
            Key(Scope::Inference),
            rates::list,
            rates::list_described,
        ),
        Door::get(
            "/api/ai-providers/model-rates",
            Key(Scope::Inference),
            rates::list,
            rates::list_described,
        ),
        Door::get(
            "/api/ai/{id}/model-rates",
            Key(Scope::Inference),
            rates::of_provider,
            rates::of_provider_described,
        ),
        Door::get(
            "/api/ai-providers/{id}/model-rates",
            Key(Scope::Inference),
            rates::of_provider,
            rates::of_provider_described,
        ),
        // A key of an admin: the handler asks whose it is.
        Door::get(
            "/api/ai/health",
            Key(Scope::Usage),
            providers::health,
            providers::health_described,
        ),
        Door::get(
            "/api/ai-providers/health",
            Key(Scope::Usage),
            providers::health,
            providers::health_described,
        ),
        Door::get("/api/user/info", Key(Scope::Usage), user::show, user::described),
        Door::get(
            "/api/user/credit/balance",
            Key(Scope::Usage),
            credit::balance,
            credit::balance_described,
        ),
        Door::get(
            "/api/user/credit/grants",
            Key(Scope::Usage),
            credit::grants,
            credit::grants_described,
        ),
        Door::get(
            "/api/user/credit/transactions",
            Key(Scope::Usage),
            credit::transactions,
            credit::transactions_described,
        ),
        Door::get(
            "/api/user/credit/payment-link",
            Key(Scope::Usage),
            credit::payment_link,
            credit::payment_link_described,
        ),
        Door::get("/__blocklet__.js", Public, blocklet::document, blocklet::described),
        // The session's id is its own key.
        Door::post(SESSION, Public, connect::begin, connect::begin_described),
        Door::get(SESSION, Public, connect::fetch, connect::fetch_described),
        Door::delete(SESSION, Public, connect::end, connect::end_described),
        Door::get(APPROVE, Public, connect::approve, connect::approve_described),
        // AIGNE's client speaks OpenAI's dialect to a hub that is named without `/v1`.
        Door::call("/chat/completions", Dialect::OpenaiChat),
    ]
}

/// Every route for machines, and what the console answers beside its pages, with what is said of it, for the document.
pub fn described() -> Vec<Entry> {
    let doors = api_doors()
        .into_iter()
        .chain(aigne_doors())
        .chain(admin::doors())
        .chain(open_doors());
    let entries = doors.filter_map(|door| match door.said {
        Said::File => None,
        Said::Route(describe) => Some(Entry {
            method: door.method,
            path: door.path,
            authority: door.authority,
            describe,
        }),
    });
    entries
        .chain(console::download::entries())
        .chain([console::identity::entry()])
        .collect()
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

/// Answers in JSON whatever is asked where machines are answered. Pages of other origins may come to `/v1` and no further.
fn api(state: &HubState) -> Router<HubState> {
    let v1 = for_machines(api_doors(), ["/v1", "/v1/", "/v1/{*path}"]);
    let v1 = match cors::allow(&state.settings().cors_origins) {
        Some(cors) => v1.layer(cors),
        None => v1,
    };
    let doors = aigne_doors().into_iter().chain(admin::doors());
    v1.merge(for_machines(doors, ["/api", "/api/", "/api/{*path}"]))
}

/// These doors, and what is said below their paths where there is no door. Not nested: a nest takes each path apart and puts it together
/// again.
fn for_machines(doors: impl IntoIterator<Item = Door>, unknown: [&'static str; 3]) -> Router<HubState> {
    let routes = mount(doors).method_not_allowed_fallback(v1::method_not_allowed);
    unknown
        .into_iter()
        .fold(routes, |routes, path| routes.route(path, any(v1::not_found)))
}

#[cfg(test)]
mod tests;
