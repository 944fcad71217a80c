//! Where identity providers send browsers back to. What came is handed to the engine, and the browser is led on at once, so
//! that a code stands in no address that is shown, kept or sent on. Beginning is a form of the sign-in page (`app`).

use app::{
    components::Tone,
    context::{Visitor, carried_no_longer, local_path, recalled},
    error::AppError,
    flash::{Flash, Notice, Problem},
    text::Language,
};
use axum::{
    Extension, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use gateway::{Answer, Finished, Outcome, Stopped};
use http::{Method, StatusCode, header};
use serde::Deserialize;

use super::{authority::demanded, local_path as paths, plain_page, visit::Visit};
use crate::{
    contract::{Book, Entry, Operation, Tag},
    state::HubState,
};

/// The address that each provider knows.
pub const CALLBACK: &str = "/sign-in/{provider}/callback";

/// The route; who may come stands in `authority`.
pub fn routes() -> Router<HubState> {
    Router::new().route(CALLBACK, get(come_back))
}

/// What the document says of it.
pub fn entry() -> Entry {
    let describe = |_: &mut Book| {
        let text = serde_json::json!({ "type": "string" });
        Operation::new(Tag::Console, "Where an identity provider sends a browser back to")
            .about("The address to tell the provider. It leads on at once, signed in or with a sentence why not.")
            .query("state", &text, "What the sign-in was begun with.")
            .query("code", &text, "What proves the person, by OAuth.")
            .query("error", &text, "Why there is none.")
            .query("iss", &text, "Who answers.")
            .leads(StatusCode::SEE_OTHER, "On, to a page of the console.")
            .leads(StatusCode::METHOD_NOT_ALLOWED, "Looking ahead uses no sign-in up.")
    };
    Entry {
        method: Method::GET,
        path: CALLBACK,
        authority: demanded(CALLBACK),
        describe: Box::new(describe),
    }
}

/// What may stand in the address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Returned {
    state: String,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

async fn come_back(
    State(state): State<HubState>,
    Extension(visit): Extension<Visit>,
    method: Method,
    Path(provider): Path<String>,
    returned: Result<Query<Returned>, QueryRejection>,
) -> Response {
    // Whoever only looks ahead must not use the sign-in up.
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Returned {
        state: begun,
        code,
        error,
        iss,
    } = returned.map_or_else(|_| Returned::default(), |Query(returned)| returned);
    let answer = Answer {
        state: begun,
        code,
        error,
        issuer: iss,
    };
    let visitor = &visit.visitor;
    let from = visitor.came_from();
    let finished = state
        .gateway()
        .identities()
        .finish(from.origin(), &provider, visitor.browser(), &answer)
        .await;
    let (ended, mut response) = match finished {
        Ok(finished) => (Some(finished.ended.clone()), enter(&state, &visit, finished).await),
        Err(stopped) => (stopped.ended.clone(), turned_away(&visit, stopped).await),
    };
    // It took the place of one that the browser can begin.
    if let Some(line) = ended.and_then(|name| carried_no_longer(visitor, &name)) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

/// Begins the session of whoever was proved, and leads them on.
async fn enter(state: &HubState, visit: &Visit, finished: Finished) -> Response {
    let (session, visitor) = (&visit.session.0, &visit.visitor);
    if finished.outcome != Outcome::Linked {
        if let Err(error) = session.sign_in(finished.viewer.id, finished.secured).await {
            tracing::error!(%error, "a session could not begin");
            return to("/sign-in");
        }
        if let Some(address) = &finished.sign_out
            && let Err(error) = session.keep_provider_sign_out(address.expose().to_owned()).await
        {
            tracing::error!(%error, "where a provider's session ends could not be kept");
        }
    }
    if let Some(text) = welcome(&finished, visitor.language) {
        let notice = Notice { tone: Tone::Good, text };
        leave(
            visit,
            &Flash {
                notice: Some(notice),
                ..Flash::default()
            },
        )
        .await;
    }
    let next = local_path(Some(&finished.next));
    let next = match app::pages::welcome::first(state.gateway(), &finished.viewer, next).await {
        Ok(first) => first,
        Err(error) => {
            tracing::error!(%error, "whether somebody is new could not be read");
            next.to_owned()
        }
    };
    let mut response = to(&next);
    if finished.outcome != Outcome::Linked {
        add_choices(state, visitor, &finished, &mut response).await;
    }
    response
}

/// Language and theme that the account remembers.
async fn add_choices(state: &HubState, visitor: &Visitor, finished: &Finished, response: &mut Response) {
    match recalled(state.gateway(), visitor, &finished.viewer).await {
        Ok(lines) => {
            for line in lines {
                response.headers_mut().append(header::SET_COOKIE, line);
            }
        }
        Err(error) => tracing::error!(%error, "language and theme of an account could not be read"),
    }
}

fn welcome(finished: &Finished, language: Language) -> Option<String> {
    let title = &finished.title;
    match (finished.outcome, language) {
        (Outcome::SignedIn, _) => None,
        (Outcome::Registered, Language::En) => Some(format!(
            "Welcome. Your account was made, and you sign in to it by {title} from now on."
        )),
        (Outcome::Registered, Language::Zh) => Some(format!("欢迎。你的账号已创建，今后可通过 {title} 登录。")),
        (Outcome::Linked, Language::En) => Some(format!("{title} is linked. You can sign in by it from now on.")),
        (Outcome::Linked, Language::Zh) => Some(format!("已关联 {title}，今后可通过它登录。")),
    }
}

/// Back to where it began, with the reason.
async fn turned_away(visit: &Visit, stopped: Stopped) -> Response {
    let page = match (stopped.linking, visit.visitor.viewer.is_some()) {
        (true, true) => "/account".to_owned(),
        // Somebody who is signed in already is led on from the sign-in page, past the sentence.
        (false, true) => "/".to_owned(),
        _ => paths::sign_in(&stopped.next),
    };
    let error = AppError::from(stopped.error);
    let problem = Problem {
        action: String::new(),
        field: None,
        error: error.clone(),
        also: Vec::new(),
        typed: Default::default(),
    };
    let flash = Flash {
        problem: Some(problem),
        ..Flash::default()
    };
    if leave(visit, &flash).await {
        return to(&page);
    }
    // So many strangers of their network have begun a session that this one begins none.
    let language = visit.visitor.language;
    let heading = language.pick("You are not signed in", "你尚未登录");
    plain_page(StatusCode::FORBIDDEN, language, heading, &error.sentence(language))
}

/// Leaves this for the next page, if the session takes it.
async fn leave(visit: &Visit, flash: &Flash) -> bool {
    let json = serde_json::to_string(flash).unwrap_or_default();
    let kept = visit.session.0.put_flash(json).await;
    kept.inspect_err(|error| tracing::warn!(%error, "a sentence for the next page could not be kept"))
        .is_ok()
}

fn to(path: &str) -> Response {
    Redirect::to(path).into_response()
}
